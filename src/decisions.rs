//! Every decision of the layer where the RFCs leave room, with its reason and
//! the test that holds it.
//!
//! The order of a request decides where several rows apply: head, body,
//! credentials, client, proof, grant, scope. A test is named by its function
//! in `tests/` of the repository; a text in quotes is a row of its table.
//!
//! Every error answer is JSON with `error`, `error_description` and, where it
//! is configured, `error_uri`, and carries `Cache-Control: no-store` and
//! `Pragma: no-cache` (RFC 6749 §5.2).
//!
//! # Head
//!
//! | situation | answer | reason | test |
//! |---|---|---|---|
//! | another path | passed through, without allocation | it is somebody else's; the path is compared byte for byte and never normalised, so any other spelling of it is another path | `head` "another path" |
//! | `OPTIONS` on the path | passed through | a browser's preflight is for the CORS layer | `head` "a preflight" |
//! | any other method than `POST` | 405, `Allow: POST`, `invalid_request`; to `HEAD` without a body | RFC 6749 §3.2 wants `POST`; RFC 9110 §9.3.2 | `head` "GET" |
//! | another media type than a form, or several | 400 `invalid_request` | RFC 6749 appendix B | `head` "JSON" |
//! | another charset than UTF-8 | 400 `invalid_request` | the same bytes would be another secret | `head` "charset=iso-8859-1" |
//! | `Content-Encoding` | 400 `invalid_request` | a small body could unpack to a large one | `head` "Content-Encoding: gzip" |
//! | `client_secret` or `client_assertion` in the query | 400 `invalid_request` | RFC 6749 §2.3.1: URIs end up in logs | `head` "client_secret in the query" |
//! | more than one `Authorization` | 400 `invalid_request` | two readers could take two of them | `head` "two Authorization headers" |
//! | another scheme than Basic | 401 `invalid_client` | RFC 6749 §5.2 | `head` "Bearer" |
//! | Basic: scheme in any case, one or more spaces, padding optional | read | RFC 9110 §11.4; clients differ | `head` "Basic without padding" |
//! | Basic that is not base64, has no colon, an empty id, or is not UTF-8 | 400 `invalid_request` saying which | it cannot be anybody's credentials, so it tells nothing about any client | `head` "Basic without a colon" |
//!
//! # Body
//!
//! | situation | answer | reason | test |
//! |---|---|---|---|
//! | above the limit, announced or read | 413 `invalid_request` | what is announced is not read | `a_content_length_above_the_limit_is_413_and_never_read` |
//! | the stream fails by a length limit of another layer | 413 `invalid_request` | it says the same | `a_length_limit_of_another_layer_is_413` |
//! | the stream fails otherwise | 400 `invalid_request` | half a request is none | `a_stream_that_fails_is_400` |
//! | unfinished at the deadline | 408 `invalid_request` | a slow sender must not hold a place | `a_body_unfinished_after_ten_seconds_is_408` |
//! | bad percent-escape, or not UTF-8 | 400 `invalid_request` | repaired, two secrets would become one | `body_of_a_request` "an escape that is not hexadecimal" |
//! | a parameter twice | 400 `invalid_request` naming it | RFC 6749 §3.2 | `body_of_a_request` "scope twice" |
//! | `resource` or `audience` twice | read | RFC 8707 §2, RFC 8693 §2.1 | `body_of_a_request` "resource twice" |
//! | a parameter without a value | as if omitted, after repetition was counted | RFC 6749 §3.2 | `body_of_a_request` "an empty scope is none" |
//!
//! # Credentials
//!
//! | situation | answer | reason | test |
//! |---|---|---|---|
//! | two mechanisms | 400 `invalid_request` | RFC 6749 §2.3 | `credentials` "Basic and client_secret" |
//! | `client_secret` without `client_id` | 400 `invalid_request` naming it | RFC 6749 §2.3.1 | `credentials` "client_secret without client_id" |
//! | `client_assertion` or its type alone | 400 `invalid_request` naming the other | RFC 7521 §4.2 | `credentials` "an assertion without its type" |
//! | an unknown `client_assertion_type` | 401 `invalid_client` | an authentication method that is not supported | `credentials` "an unknown assertion type" |
//! | Basic that decoding changes or that does not decode | both readings are tried, decoded first; none alone is an error | half of all clients do not form-urlencode | `credentials` "both readings authenticate" |
//! | the same, with `strict_basic` | the decoded reading alone; 400 where there is none | RFC 6749 §2.3.1 | `strict_basic` "an id that does not decode" |
//! | another `client_id` in the body than the one that authenticated, or that was presented | 400 `invalid_request` | two readers could take two clients | `credentials` "another client_id beside Basic" |
//! | an empty secret | mechanism `none`; a Basic header counts as a mechanism all the same | RFC 6749 §2.3.1: it may be omitted if empty | `credentials` "Basic with an empty secret" |
//! | no credentials and no `client_id` | 401 `invalid_client` | RFC 6749 §5.2 | `credentials` "nothing" |
//!
//! # Client and proof
//!
//! | situation | answer | reason | test |
//! |---|---|---|---|
//! | unknown client, wrong secret, expired secret, another method than registered | 401 `invalid_client`, byte for byte the same after the same work | an attacker must not learn which clients exist | `every_refused_secret_costs_one_comparison_a_reading` |
//! | a client assertion | 401 `invalid_client` | it counts as a mechanism; nothing verifies it yet | `client_and_proof` "an assertion of its client" |
//! | a client registered for a method that is not verified | 401 `invalid_client` | it loads, so that one registry serves several servers | `client_and_proof` "nothing where TLS is registered" |
//! | every 401 | `WWW-Authenticate: Basic realm="…", charset="UTF-8"` | RFC 9110 §15.5.2; RFC 7617 allows no other parameter | `the_401s_are_byte_identical_whatever_the_cause` |
//! | the same, with [`Challenge::OnlyForHeader`] and no header | 400 `invalid_client` | no browser asks its user for a password | `challenge_only_for_the_header_answers_the_others_with_400` |
//! | the store fails | 503 `temporarily_unavailable`, `Retry-After` | clients that are told 401 throw their registration away | `a_store_that_is_down_is_503_for_every_mechanism` |
//! | the store is undecided at the deadline | 503 `temporarily_unavailable`, `Retry-After` | as above | `a_store_that_hangs_is_503_at_the_deadline` |
//!
//! Too many failed authentications are not throttled so far; when they are, the
//! answer is 429 `temporarily_unavailable` with `Retry-After`.
//!
//! The realm is the issuer of the layer, also for a client that names an issuer
//! of its own: another realm would tell that the client exists.
//!
//! A feature of the crate changes none of this: the same tests run without any.
//!
//! # Grant and scope
//!
//! Always after authentication, so a stranger learns nothing.
//!
//! | situation | answer | reason | test |
//! |---|---|---|---|
//! | no `grant_type` | 400 `invalid_request` naming it | RFC 6749 §5.2 | `grant_and_scope` "no grant_type" |
//! | a grant that the server does not serve | 400 `unsupported_grant_type` | RFC 6749 §5.2 | `grant_and_scope` "an unknown grant" |
//! | a grant that the client is not registered for | 400 `unauthorized_client` | RFC 6749 §5.2 | `every_known_grant` "it by one not registered" |
//! | `client_credentials` by a public client | 400 `unauthorized_client` | RFC 6749 §4.4 | `grant_and_scope` "client_credentials, a public client" |
//! | a parameter that the grant needs is missing | 400 `invalid_request` naming it | RFC 6749 §5.2; `code_verifier` of a public client by RFC 9700 §2.1.1 | `every_known_grant` "no device_code" |
//! | a malformed scope | 400 `invalid_scope` | RFC 6749 §3.3 | `grant_and_scope` "a quotation mark" |
//! | a scope outside the registered one | 400 `invalid_scope` | RFC 6749 §5.2 | `grant_and_scope` "another scope" |
//! | a client registered without a scope | any scope of the grammar passes | RFC 7591 §2: the server decides | `grant_and_scope` "a URL as scope" |
//! | introspection or revocation without `token` | 400 `invalid_request` naming it | RFC 7662 §2.1, RFC 7009 §2.1 | `introspection` "no token" |
//! | a public client at introspection | 401 `invalid_client` | RFC 7662 §2.1 wants authorization | `introspection` "a public client" |
//!
//! # Inner service
//!
//! | situation | answer | reason | test |
//! |---|---|---|---|
//! | it answers | untouched, with `Cache-Control: no-store` and `Pragma: no-cache` where absent | RFC 6749 §5.1 | `the_inner_answer_is_untouched_but_for_two_headers` |
//! | it fails | its error is handed on | a layer outside knows what to do with it | `the_inner_error_is_handed_on_as_it_is` |
//!
//! # Loading clients
//!
//! | situation | answer | reason | test |
//! |---|---|---|---|
//! | bad JSON, a member twice or of the wrong type, no `client_id`, an id twice, an unknown method, a grant that is neither registered nor an absolute URI, a malformed or empty scope, a confidential client without a secret or key (a key in `jwks`, or a URL as `jwks_uri`) | refused, with entry and field | it could only be a mistake | `what_could_only_be_a_mistake_does_not_load` |
//! | an empty `grant_types`, a grant that is not served, an expired secret, unknown members, any Unicode, a method that is not verified, a member that is `null` | loads | it is refused when it asks for what it may not have | `everything_else_loads` |
//!
//! [`Challenge::OnlyForHeader`]: crate::Challenge::OnlyForHeader

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
//! | a client assertion where the layer takes none | 401 `invalid_client` | it counts as a mechanism all the same; `assertions` (feature `jwt`) switches them on | `client_and_proof` "an assertion of its client" |
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
//! # Client assertions
//!
//! `private_key_jwt` and `client_secret_jwt` (RFC 7521, RFC 7523, OpenID Connect
//! Core §9), where the layer takes them. Whatever is wrong is the same 401
//! `invalid_client` as any other. In this order: what the token itself decides,
//! the client, its key, the signature, the other claims, and at last whether it was
//! used before.
//!
//! One signature is verified, whoever the client is: with a decoy where there is no
//! key. What cannot be hidden is that a client has its keys at a URI: an assertion in
//! its name that is sound but for the signature may make the server fetch them.
//!
//! | situation | answer | reason | test |
//! |---|---|---|---|
//! | one that is refused, for a client of whatever kind or for none | as many verifications | the time must not tell which clients exist | `every_refused_assertion_costs_the_same_whoever_the_client_is` |
//! | not three parts in base64url without padding, or not JSON objects; a member twice, or of the wrong type | 401 | two readers could read two tokens (RFC 7515 §4, RFC 8725 §2.4) | `serialisations` "four parts" |
//! | over 8,192 characters, or over 64 members in a part | 401 | what comes from a stranger is bounded | `serialisations` "of 8,193 characters" |
//! | unknown members, nested however deep | ignored, without recursion | RFC 7515 §4, RFC 7519 §4 | `headers` "2,000 arrays, one in the other" |
//! | `alg` that is `none`, unknown, or not taken by the layer | 401 | RFC 8725 §3.1 | `headers` "alg none, unsigned" |
//! | `crit` or `b64`, whatever is in them | 401 | an extension that is not understood must be refused (RFC 7515 §4.1.11), and none is | `headers` "crit empty" |
//! | `typ` that is there and is neither `JWT` nor `client-authentication+jwt`, in any case, with or without `application/` | 401 | a token made for another purpose is no proof (RFC 8725 §3.11) | `types_of_tokens` "at+jwt" |
//! | `jwk`, `jku`, `x5c`, `x5u`, `x5t` | ignored | keys come from the registration, never from the token (RFC 8725 §3.10) | `headers` "jwk of the signer" |
//! | no `iss`, `sub`, `aud`, `exp` or `jti`, or an empty `iss`, `sub` or `jti` | 401 | RFC 7523 §3; without `jti` it could be used for as long as it is valid | `claims` "no claim at all" |
//! | `iss` that is not `sub` | 401 | RFC 7523 §3: both are the client | `claims` "iss that is not sub" |
//! | any of these | nobody is looked up | it depends on the request alone, so it tells nothing about any client | `nobody_is_looked_up_for_what_the_request_alone_decides` |
//! | no `client_id` in the body | the client is `sub` | RFC 7521 §4.2 | `credentials` "client_id of no characters" |
//! | signed by HMAC by a client of `private_key_jwt`, or by a key by one of `client_secret_jwt` | 401 | the two are different methods, and the token does not choose | `credentials` "a client of private_key_jwt, by HMAC" |
//! | another `alg` than the client's `token_endpoint_auth_signing_alg`, or than that of its key | 401 | RFC 8725 §3.1, RFC 7517 §4.4 | `keys` "another one, for which there is a key" |
//! | `EdDSA` and `Ed25519` | the same algorithm, also where the other is registered | RFC 9864 §2.2: the new name of what RFC 8037 calls `EdDSA` | `keys` "Ed25519 registered: EdDSA" |
//! | `kid` | the key with this `kid`; without one, the only key that fits; 401 where several do | OpenID Connect Core §10.1; to try them all would let a request choose how much work it makes | `keys` "two keys and no kid" |
//! | an HMAC with a secret that expired, or that is shorter than the hash | 401 | RFC 7591 §3.2.1, RFC 7518 §3.2 | `keys` "an expired secret" |
//! | `aud` that is the issuer, the URL of the token endpoint or of the endpoint in use | accepted, byte for byte | RFC 7523 §3; libraries send any of the three | `audiences` "the URL of the token endpoint" |
//! | the same, for a client with an issuer of its own | its issuer, alone or with the path of the endpoint | what is signed for a URL that tenants share could be used once at each of them | `audiences` "the tenant's issuer and /token" |
//! | the same, with `strict_audience` | the issuer alone | FAPI 2.0 Security Profile | `audiences_where_the_issuer_alone_does` "the token endpoint" |
//! | `aud` with more than one value | 401, also where all of them would do one by one | a server that gets it could pass it on to another that is named | `audiences` "issuer and token endpoint" |
//! | `exp` that has passed | 401, after 60 s for clocks that differ | RFC 7523 §3 | `times` "exp passed, beyond the skew" |
//! | `exp` more than an hour ahead | 401, with the same 60 s | what must be remembered is bounded by it | `times` "exp in an hour, beyond the skew" |
//! | `nbf` or `iat` that is still to come | 401, with the same 60 s | RFC 7523 §3 | `times` "nbf ahead, beyond the skew" |
//! | used before, at any endpoint | 401 | RFC 7523 §3; one store for all endpoints and machines | `assertion_that_was_used_is_refused_at_every_endpoint` |
//! | sent many times at once, also to several machines | one is accepted | the store remembers and tells in one step | `assertion_sent_by_200_tasks_at_once_to_two_servers_gets_one_token` |
//! | forged, or refused for what is above | the store is not asked | whoever cannot sign can spend nobody's `jti` | `a_failing_store_is_not_asked_for_what_is_refused_anyway` |
//! | accepted, and then the grant or the scope is refused | it is spent | a one-time value that comes back depending on the rest is none | `an_assertion_is_spent_by_a_scope_or_grant_that_the_client_may_not_have` |
//! | how long it is remembered | by issuer, client and `jti`, until 120 s after `exp` | it is accepted until 60 s after `exp`, and the clocks of machines differ | `a_value_is_remembered_by_issuer_client_and_jti_until_two_minutes_after_exp` |
//! | the replay store fails | 503 `temporarily_unavailable`, `Retry-After` | not knowing is no reason to accept, nor to say that the client is wrong | `a_failing_store_is_503_and_never_401` |
//! | the same assertion again, after such a 503 | accepted, or 401 | it may have been remembered after it was given up; the 503 asks for a new assertion | `a_failing_store_is_503_and_never_401` |
//! | the replay store is undecided at the deadline | 503 `temporarily_unavailable`, `Retry-After` | as above | `a_store_that_hangs_is_503_at_the_deadline` |
//! | Redis ends and comes back | 503 in between, no replay, and no restart | as above | `redis_killed_in_the_middle_is_503_without_a_replay_and_recovery_needs_no_restart` |
//! | a `jwks_uri`, and the layer has no source of keys | 401 | the client loads, so that one registry serves several servers | `keys` "keys at a URI, and no source" |
//! | the source fails, and no set is kept | 503 `temporarily_unavailable`, `Retry-After` | as for a store that fails | `keys_that_are_fetched` "a source that is down" |
//! | the source fails, and a set is kept | that set is used | an outage of one client's server is not to lock it out | `requests_get_what_the_table_says` |
//! | the same, and the set has not the key that is asked for | 503 `temporarily_unavailable`, `Retry-After` | the client may have rotated its keys meanwhile: not known is not wrong | `requests_get_what_the_table_says` |
//! | refused whatever the keys are: another audience, expired, an algorithm that is not registered | nothing is fetched | a stranger could make the server fetch, and see a 503 in place of the 401 | `keys_that_are_fetched` "a source that is down, another audience" |
//! | a set without a key that verifies | 401: the client took its keys back | to take a key out of use is what a set by URI is for | `a_client_takes_its_keys_back_by_a_set_without_them` |
//! | a `kid` or an algorithm that the kept set has no key for | fetched again, at most once a minute for each URI | keys rotate without a restart, and nobody makes the server fetch at will | `keys_rotate_at_their_jwks_uri_without_a_restart` |
//! | a `jwks_uri` that is not https, or leads to an address that is not public | not fetched by `JwksHttp`: 503 | a client's word must not reach into the server's network | `a_name_with_any_address_that_is_not_public_is_not_connected_to` |
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
//! | of a client of `private_key_jwt`: `jwks` and `jwks_uri` together, a `jwks_uri` that is not https (but for this machine), a set without a key that can verify, a key that is broken or weak (RSA of less than 2,048 bits or more than 8,192, an exponent of 1 or above 32 bits, a point off its curve or of small order); an algorithm that is unknown, `none`, or that fits neither method nor keys | refused, with entry and field | RFC 7591 §2, RFC 7518 §3.3, RFC 8725 §3.5; a weak key verifies what anybody can sign | `clients_load_or_are_refused_with_entry_and_field` |
//! | of a client of `client_secret_jwt`: a secret that is shorter than the hash, or known as a hash only | refused, with entry and field | RFC 7518 §3.2; the secret is the key of the HMAC | `a_secret_that_is_kept_as_a_hash_is_no_key` |
//! | keys for encryption, or of an unknown kind, beside one that can verify | loads; they verify nothing | RFC 7517 §5 | `keys` "a key for encryption" |
//! | an empty `grant_types`, a grant that is not served, an expired secret, unknown members, any Unicode, a method that is not verified, a member that is `null` | loads | it is refused when it asks for what it may not have | `everything_else_loads` |
//!
//! [`Challenge::OnlyForHeader`]: crate::Challenge::OnlyForHeader

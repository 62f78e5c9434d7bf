//! Every decision of the layer that the RFCs leave open, with its reason and its test.
//!
//! If several rows apply to a request, the earlier step decides: head, body,
//! credentials, throttle, client, proof, grant, scope. The last column names the function of the test,
//! which is in `tests/` of the repository. A text in quotes is a row of the table of that
//! test.
//!
//! Some terms:
//!
//! - A *mechanism* is how a request authenticates its client: by Basic, by `client_secret` in
//!   the body, by `client_assertion`, or by no proof (`none`).
//! - A *public client* is registered for `none`. Any other client is *confidential*.
//! - A *decoy* is a secret or a key that is verified for an unknown client, so that the time
//!   of the response does not tell that the client is unknown.
//! - To *pass through* means that the inner service gets the request unchanged and
//!   unauthenticated.
//!
//! Every error response is JSON with `error`, `error_description` and, if it is
//! configured, `error_uri`. It has the headers `Cache-Control: no-store` and
//! `Pragma: no-cache`, as the example of RFC 6749 §5.2 has.
//!
//! # Head
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | another path | passed through, without allocation | it belongs to another service; the path is compared byte for byte and never normalised, so another spelling of it is another path | `head` "another path" |
//! | [`path_where`](crate::layer::TokenEndpointLayerBuilder::path_where) is set | the predicate decides instead | only the server knows how it normalises paths | `paths_of_a_predicate` "the path in another case" |
//! | `OPTIONS` on the path | passed through | a browser's preflight is for the CORS layer | `head` "a preflight" |
//! | `OPTIONS` with a body: `Content-Length` that is not 0, `Transfer-Encoding`, or in HTTP/2 a stream that does not end with the head | 405, `Allow: POST`, `invalid_request` | a preflight has no body | `over_http_2_a_body_needs_no_length` |
//! | a method other than `POST` | 405, `Allow: POST`, `invalid_request`; to `HEAD` without a body | RFC 6749 §3.2 requires `POST`; RFC 9110 §15.5.6 and §9.3.2 | `head` "GET" |
//! | a `Content-Type` that is not a form | 400 `invalid_request` | RFC 6749 appendix B | `head` "JSON" |
//! | several `Content-Type` headers, or one with a list of types | 400 `invalid_request`, which says so | RFC 9110 §5.3: a proxy and the layer could each use another one | `head` "the same Content-Type twice" |
//! | the charset `utf-8` or `utf8`, in any case, with or without quotation marks | accepted | clients write both | `head` "charset=utf8" |
//! | another charset | 400 `invalid_request` | in another charset, the same bytes would be another secret | `head` "charset=iso-8859-1" |
//! | a charset in single quotes | 400 `invalid_request`, which says so | RFC 9110 §5.6.4: single quotes belong to the value | `head` "charset in single quotes" |
//! | `Content-Encoding` with another value than `identity` | 400 `invalid_request` | a small body could unpack to a large one | `head` "Content-Encoding: gzip" |
//! | `Content-Encoding: identity`, in any case, or without a value | accepted | it changes nothing (RFC 9110 §8.4.1) | `head` "Content-Encoding: identity" |
//! | `client_secret` or `client_assertion` in the query | 400 `invalid_request` | RFC 6749 §2.3.1: URIs end up in logs | `head` "client_secret in the query" |
//! | `client_id` in the query | 400 `invalid_request` that names it | RFC 6749 §2.3.1 | `head` "client_id in the query" |
//! | a parameter in the query and in the body | 400 `invalid_request` that names it; the names are compared as they are decoded | RFC 6749 §3.2: it is repeated. A server behind the layer may merge both, and would read another value than the one that was checked | `head` "scope in query and body" |
//! | `scope` in the query and not in the body | 400 `invalid_request` that says where to send it | a server behind the layer may merge both, and would read a scope that nobody checked | `head` "scope only in the query" |
//! | `grant_type` in the query and not in the body | 400 `invalid_request` that says where to send it | RFC 6749 §4.1.3: it is in the body | `head` "grant_type in the query" |
//! | any other parameter in the query | ignored, and handed on | the URL of an endpoint may have a query (RFC 6749 §3.2) | `head` "other parameters in the query" |
//! | more than one `Authorization` header | 400 `invalid_request` | a proxy and the layer could each use another one | `head` "two Authorization headers" |
//! | an `Authorization` header with a scheme other than Basic | 401 `invalid_client` | RFC 6749 §5.2 | `head` "Bearer" |
//! | Basic with the scheme in upper or lower case, with one or more spaces, with or without padding | accepted | RFC 9110 §11.1 and §11.4; clients differ | `head` "Basic without padding" |
//! | Basic credentials that are not base64 or not UTF-8, or that have no colon or an empty id | 400 `invalid_request`, which says what is wrong | no client has such credentials, so the response tells nothing about any client | `head` "Basic without a colon" |
//!
//! # Body
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | larger than the limit, by `Content-Length` or as it is read | 413 `invalid_request` | a body whose `Content-Length` is too large is not read | `a_content_length_above_the_limit_is_413_and_never_read` |
//! | the stream fails because of a length limit of another layer | 413 `invalid_request` | the cause is the same | `a_length_limit_of_another_layer_is_413` |
//! | the stream fails otherwise | 400 `invalid_request` | an incomplete request is not a request | `a_stream_that_fails_is_400` |
//! | not complete at the deadline | 408 `invalid_request` | a slow sender must not hold resources | `a_body_unfinished_after_ten_seconds_is_408` |
//! | a bad percent-escape, or text that is not UTF-8 | 400 `invalid_request` | if it were repaired, two secrets would become one | `body_of_a_request` "an escape that is not hexadecimal" |
//! | a parameter twice that a specification defines for one of these endpoints | 400 `invalid_request` that names it | RFC 6749 §3.2. The layer knows the parameters of token requests that IANA has registered, `auth_req_id`, `token` and `token_type_hint` | `body_of_a_request` "scope twice" |
//! | a parameter twice that the extension grant of the request defines | 400 `invalid_request` that names it, if it is not [repeatable](crate::grant::GrantParameters::repeatable) | as above | `every_known_grant` "its optional parameter twice" |
//! | any other parameter twice | ignored, and handed on in order | RFC 6749 §3.2 with erratum 5708: a server ignores parameters that it does not know | `body_of_a_request` "an unknown parameter twice" |
//! | `resource` or `audience` twice | accepted | RFC 8707 §2, RFC 8693 §2.1 | `body_of_a_request` "resource twice" |
//! | a parameter without a value | treated as if it were left out; but a second one is still a repetition | RFC 6749 §3.2 | `body_of_a_request` "an empty scope is none" |
//!
//! # Credentials
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | two mechanisms | 400 `invalid_request` | RFC 6749 §2.3 | `credentials` "Basic and client_secret" |
//! | `client_secret` without `client_id` | 400 `invalid_request` that names it | RFC 6749 §2.3.1 | `credentials` "client_secret without client_id" |
//! | `client_assertion` without `client_assertion_type`, or the type without the assertion | 400 `invalid_request` that names the missing one | RFC 7521 §4.2 | `credentials` "an assertion without its type" |
//! | an unknown `client_assertion_type` | 401 `invalid_client` | an authentication method that is not supported | `credentials` "an unknown assertion type" |
//! | Basic credentials that form-decoding would change, or that cannot be decoded | both readings are tried, first the decoded credentials, then the credentials as they were sent; it is enough if one of them is right | half of all clients do not form-urlencode | `credentials` "both readings authenticate" |
//! | the same, with `strict_basic` | only the decoded credentials are tried; 400 if they cannot be decoded | RFC 6749 §2.3.1 | `strict_basic` "an id that does not decode" |
//! | a `client_id` in the body that is not the client of the credentials | 400 `invalid_request` | a proxy and the layer could each see another client | `credentials` "another client_id beside Basic" |
//! | an empty secret | treated as `none`; but a Basic header still counts as a mechanism | RFC 6749 §2.3.1: it may be omitted if empty | `credentials` "Basic with an empty secret" |
//! | no credentials and no `client_id` | 401 `invalid_client` | RFC 6749 §5.2 | `credentials` "nothing" |
//!
//! # Throttle
//!
//! These hold if [`throttle`](crate::layer::TokenEndpointLayerBuilder::throttle) is set.
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | a failed authentication (`invalid_client`) of a request with credentials or a `client_id`, for any cause and at any endpoint | it counts for the source and for the client from that source | RFC 6749 §2.3.1 requires to stop those who guess | `failed_authentications_count_for_source_and_client` "a wrong secret" |
//! | only `client_id`, of a confidential or an unknown client | counts as well | it tells a stranger as much as a guess does | `failed_authentications_count_for_source_and_client` "client_id alone" |
//! | a method that the layer does not verify | counts as well, and over the limit it is a 429 | the response must not tell which requests count | `failed_authentications_count_for_source_and_client` "a method that is off" |
//! | an assertion that cannot be read | counts for the source, and for `client_id` if it is sent | it has credentials, but they name nobody | `failed_authentications_count_for_source_and_client` "what is no JWT" |
//! | an assertion that is used a second time | counts | as any 401 | `a_replayed_assertion_counts` |
//! | `invalid_request`: a 400, a 405 or a 413 | does not count | nothing was guessed | `failed_authentications_count_for_source_and_client` "two mechanisms" |
//! | no credentials, or a scheme other than Basic | does not count | nothing is guessed | `failed_authentications_count_for_source_and_client` "a bearer token" |
//! | Basic with two readings | counts once for the source, and once for each id that the readings name, whether or not they are registered | a guess is made at both | `one_request_counts_once_however_many_readings_it_has` |
//! | the same client by Basic, in the body, encoded or not, by an assertion | is one client | otherwise, each spelling would have guesses of its own | `one_client_is_one_however_it_is_sent` |
//! | the same client at another endpoint of the server | is one client | as above | `one_client_is_one_at_every_endpoint` |
//! | another source | has limits of its own | otherwise, a stranger could lock a client out | `an_honest_client_from_another_source_is_never_refused` |
//! | IPv6 addresses that share 64 bits; IPv4-mapped addresses | are one source; are IPv4 | one host has all of them | `sources_are_networks_of_one_host` |
//! | a source that is an address in a header | is the last element of the last line, with or without a port; anything else is no source | the elements before it may come from anybody | `the_last_element_is_an_address_or_there_is_none` |
//! | a request without the source that was chosen | counts for one common source, with a `WARN` event at most once a minute | to let it pass would open the limit to everybody who can leave the source out | `a_request_without_a_source_counts_for_a_common_one` |
//! | no source is chosen, or a limit of zero or without end | `ConfigError` | a wrong source locks out everybody or nobody | `a_wrong_throttle_is_named_with_its_value_and_what_is_wanted` |
//! | a request over the limit, also with the right secret | 429 `temporarily_unavailable`, `Retry-After`, the same bytes for all; it takes no slot | a 401 or a 200 would tell whether the guess was right | `over_the_limit_all_get_the_same_bytes` |
//! | the same | the client is not looked up, and no hash is computed | work that a stranger can cause is limited | `no_hash_is_computed` |
//! | `Retry-After` of a 429 | the seconds until one slot is free, rounded up, and up to a quarter more | clients that were refused together must not come back together | `retry_after_is_the_time_until_one_slot_is_free` |
//! | the event and the `Rejection` of a 429 | tell whether the limit of the source or of the client is exceeded, and the limit itself, but no client | an operator has to know what to change, and the id may be of nobody | `the_event_names_the_address_and_the_limit_and_no_client` |
//! | a store refuses, and names a counter that the request does not have | 429 at once, without a limit in the event | a wrong name tells nothing, and a refusal stays one | `a_counter_that_the_request_does_not_have_is_not_waited_for_and_not_told` |
//! | a client authenticates | its slots are given back before the inner service is called | success costs nothing | `slots_are_given_back_before_the_inner_service_is_called` |
//! | a 503 before the secret was compared with anything | its slots are given back | not knowing is never "wrong" | `what_is_503_gives_its_slots_back` |
//! | a 503 after the secret was compared: a slow hash said no, or there is a digest beside the slow hash | counts | who sent the right secret would have been accepted, so it was a wrong guess (RFC 6749 §2.3.1) | `a_503_counts_after_a_comparison_and_not_before` |
//! | the same, of an unknown client | counts if the hashes and digests of the decoy were compared | it must not tell which clients exist | `a_503_counts_for_an_unknown_client_as_for_a_known_one` |
//! | a 503 in place of a slow hash, with `remember_verified_secrets` | counts | the secret was compared with what is remembered | `a_guess_at_a_remembered_secret_counts_whoever_the_client_is` |
//! | guesses in parallel | no more than the burst are verified | each takes its slots before anything is verified, in one atomic call | `parallel_guesses_never_exceed_the_burst` |
//! | more requests of one source or client at once than the burst | they wait for one of their own in this process to end, for 50 ms at most | they may all have the right secret | `requests_with_the_right_secret_wait_for_their_own` |
//! | the same, in layers with clones of one `Throttling` | as above | the clones have one store | `requests_wait_for_those_of_another_layer_with_a_clone_of_the_settings` |
//! | a slot is given back after a request got none, and before that request waits | the request tries again | otherwise, it is a 429 while a slot is free | `no_slot_is_missed_that_is_given_back_meanwhile` |
//! | a client over its limit, while other clients of its source are under way | 429 at once | their slots are not what is missing | `nobody_waits_for_others_of_its_source_if_its_client_is_full` |
//! | a source over its limit, while any client of it is under way | it waits for the first of them to end | any of them gives back what is missing | `a_request_waits_for_any_other_of_its_source_if_the_source_is_full` |
//! | a source or client over its limit, and none of its own is under way | 429 at once | there is nothing to wait for | `nobody_waits_if_none_of_its_own_is_under_way` |
//! | the client goes away in the middle | its slots are kept | otherwise, whoever guesses could hang up before the failure counts | `a_client_that_goes_away_keeps_its_slots_but_is_not_under_way` |
//! | a store or a hash panics | the slots are given back | it says nothing about the secret | `a_panic_gives_the_slots_back` |
//! | the same, and others wait for these slots | they have their turn when the store has the slots again | earlier, they would find none | `others_wait_until_a_panic_has_given_back_its_slots` |
//! | more than 64 requests panic while their slots are given back | the slots of the further ones are free again after their periods | the work after a panic is limited as well | `no_more_than_64_give_back_after_a_panic_at_the_same_time` |
//! | the store of failed authentications fails, or is silent for 100 ms | this process goes on from what it has counted, with a `WARN` event at most once a minute | neither open nor closed to all | `what_was_counted_before_still_counts` |
//! | `dangerously_throttle_by_client` | failures from all sources count for a client together | it lets a stranger lock a client out, hence the name | `failures_from_all_sources_count_for_a_client_together` |
//! | the same, and a request takes a slot of its source while its client has none | it gives the slot back, and whoever waits for it has it | it is the only one that holds it | `no_slot_is_missed_that_a_request_gives_back_because_another_one_is_missing` |
//!
//! # Client and proof
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | an unknown client, a wrong or expired secret, a method that the client is not registered for | 401 `invalid_client`, the same bytes after the same work | an attacker must not learn which clients exist | `every_refused_secret_costs_one_comparison_a_reading` |
//! | the same, if the clients have several slow hashes | as many are computed as the client with the most has | as above | `every_refusal_costs_as_many_hashes_as_the_client_with_most_secrets_has` |
//! | the same, of a client with or without an expiry | the clock is read | to read it takes about 20 ns | `every_refused_secret_reads_the_clock_once_a_reading` |
//! | the same, with feature `tracing` | the events have the same fields, and those without a value are empty | each field takes its time | `the_event_of_every_refusal_of_a_secret_has_the_same_fields` |
//! | a secret that is right, of a method that the client is registered for | accepted, and nothing more is computed | only who has the secret can measure it | `the_secret_that_a_client_is_accepted_by_is_the_last_one` |
//! | a client assertion, but the layer does not accept assertions | 401 `invalid_client` | it still counts as a mechanism; `client_assertions` (feature `jwt`) turns assertions on | `client_and_proof` "an assertion of its client" |
//! | a method that [`auth_methods`](crate::layer::TokenEndpointLayerBuilder::auth_methods) leaves out | 401 `invalid_client`; nobody is looked up | it depends only on the request, so it tells nothing about any client | `a_method_that_is_switched_off_is_the_same_401` |
//! | a client registered only for methods that the layer does not verify | 401 `invalid_client`; the `Rejection` tells it apart from a client that used another method than its own, and names both | the client loads, so that one registry serves several servers | `client_and_proof` "nothing where TLS is registered" |
//! | every 401 | `WWW-Authenticate: Basic realm="…", charset="UTF-8"` | RFC 9110 §15.5.2; RFC 7617 §2 allows no other parameter | `the_401s_are_byte_identical_whatever_the_cause` |
//! | the same, with [`Challenge::OnlyForHeader`] and no header | 400 `invalid_client` | so that no browser asks its user for a password | `challenge_only_for_the_header_answers_the_others_with_400` |
//! | the store fails | 503 `temporarily_unavailable`, `Retry-After` | clients that get a 401 discard their registration | `a_store_that_is_down_is_503_for_every_mechanism` |
//! | `Retry-After` of a 429 or a 503 | the seconds that are meant, and up to a quarter more at random | clients that were refused together must not come back together | `retry_after_is_up_to_a_quarter_longer_at_random` |
//! | a [`SecretHash`](crate::client::SecretHash) cannot tell whether the secret matches, and no other secret matches | 503 `temporarily_unavailable`, `Retry-After` | not knowing is never "wrong" | `a_hash_that_cannot_be_asked_is_503_and_never_401` |
//! | the store has not answered at the deadline | 503 `temporarily_unavailable`, `Retry-After` | as above | `a_store_that_hangs_is_503_at_the_deadline` |
//!
//! The same work means one SHA-256 of the presented secret, or as many slow hashes, for each
//! reading of the credentials. Some differences remain:
//!
//! - All slow hashes must be of one [kind](crate::client::SecretHash::kind). A client with
//!   another kind than the decoy's, or one that has only a digest while the others have slow
//!   hashes, takes another time.
//! - To compare one more digest takes some nanoseconds. These are not made up for.
//! - A store that takes longer for an id that it does not have tells that by itself.
//!
//! The realm is the issuer of the layer, also for a client with an issuer of its own:
//! another realm would tell that the client exists.
//!
//! No feature of the crate changes any of this: the same tests run without features.
//!
//! ## Slow hashes
//!
//! These are hashes such as Argon2. The module [`hashing`](crate::hashing) says how they run.
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | a slow hash | it is computed on a blocking thread of the runtime | on the task that serves, it would stop all requests of that thread | `a_slow_hash_does_not_stop_the_thread_that_serves` |
//! | many requests at the same time | at most as many hashes run as the pool has permits, for all layers that share it | anybody can cause this work, so it is bounded: cores and memory | `by_default_the_layers_of_one_server_share_half_of_the_cores` |
//! | requests that are dropped while their hash runs | it runs to its end, and holds its permit until then | otherwise who goes away and comes back would start more work than is allowed | `no_more_hashes_run_than_there_are_permits_also_if_requests_are_dropped` |
//! | a request that waited two seconds for permits, in total, for any client and for none | 503 `temporarily_unavailable`, `Retry-After` | a client that has given up must not be worked for; not knowing is never "wrong" | `a_request_that_waited_two_seconds_is_503` |
//! | a request with several hashes | it waits two seconds for all of them together | as above | `a_request_waits_two_seconds_for_all_of_its_hashes` |
//! | more than 256 requests wait | 503 `temporarily_unavailable`, `Retry-After`, at once | a queue has an end | `a_request_behind_256_others_is_503_at_once` |
//! | the deadline passes while a request waits, or while its hash runs | 503 `temporarily_unavailable`, `Retry-After`; no other hash is started | the deadline is for the whole decision | `the_deadline_holds_while_a_request_waits_and_while_its_hash_runs` |
//! | a hash cannot be computed, and no other secret matches | 503 `temporarily_unavailable`, `Retry-After` | not knowing is never "wrong" | `a_hash_that_cannot_be_computed_is_not_a_wrong_secret` |
//! | a hash panics | the panic goes on in the task of the request; nothing is accepted, and the permit is given back | a layer outside can turn it into a response | `a_panic_of_a_slow_hash_reaches_catch_panic_and_gives_its_permit_back` |
//! | outside of a tokio runtime | the hash is computed in place | there are no threads for it | `outside_of_a_runtime_a_slow_hash_runs_in_place` |
//! | a secret that is verified elsewhere, such as at a vault | it takes no permit | it waits, and does not compute | `a_question_to_a_vault_takes_no_permit` |
//! | credentials with two readings | the second one is computed only if the first one does not match | a refusal costs the same number of hashes for every client and for none, and nothing costs more | `every_refusal_costs_the_same_number_of_hashes_and_nothing_costs_more` "accepted, by the second reading" |
//!
//! With [`remember_verified_secrets`](crate::layer::TokenEndpointLayerBuilder::remember_verified_secrets),
//! which is off by default:
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | the secret that a client was accepted by, again | accepted at once, without the hash | a hash for each token costs more than the token | `a_secret_that_was_accepted_is_accepted_again_without_its_hash` |
//! | one of several secrets of a client | the same, before any hash is computed | a rotation must not cost more | `in_a_rotation_each_secret_is_remembered_and_found_before_any_hash` |
//! | a wrong secret | never remembered; all hashes are computed each time | the time must not tell which clients exist | `a_wrong_secret_is_never_remembered` |
//! | a right secret that is expired, by another method, or with another `client_id` in the body | not remembered | the client was not accepted | `a_right_secret_of_a_refused_request_is_not_remembered` |
//! | a secret of the decoy | not remembered | nobody is accepted by it | `a_secret_of_the_decoy_is_never_remembered` |
//! | the stored secret is changed or removed, or expires | what was remembered is of no use from the next request on | a secret is revoked at once | `a_change_of_the_stored_secret_or_its_expiry_holds_at_once` |
//! | 10,000 entries, or one that is 10 minutes old | the oldest one is removed | memory is bounded, and so is the time in which it can be read | `an_entry_lasts_for_ten_minutes_from_when_it_was_kept` |
//! | strangers, or a client that sends many secrets | add no entries; there is one for each hash of a client | nobody can push out the entries of others | `a_full_table_removes_the_oldest_and_no_stranger_fills_it` |
//! | a client with the same id at another tenant | does not profit | it is another client | `a_tenant_does_not_profit_from_the_client_of_another` |
//! | two readings that name two clients with the same secret | the client is the same one as without | who a request is from must not depend on a cache | `two_clients_that_share_a_secret_are_told_apart_as_before` |
//!
//! # Client assertions
//!
//! These rows are for `private_key_jwt` and `client_secret_jwt` (RFC 7521, RFC 7523,
//! OpenID Connect Core §9), if the layer accepts them. Any failure gets the same 401
//! `invalid_client` as all others. The checks are in this order: the token itself, the
//! client, its key, the signature, the other claims, and last whether the assertion was
//! used before.
//!
//! For any client, one signature is verified. If there is no key, it is verified with a decoy.
//! As many HMACs are verified as the client with the most secrets has. A store that keeps its clients
//! prepares their RSA keys (`Client::prepare_keys`), so that the first use takes no longer than
//! the next. Some things cannot be hidden:
//!
//! - That a client has its keys at a URI. If everything but the signature of an assertion is
//!   right, the server may fetch the keys, and the response takes longer, or is a 503 instead of
//!   the 401. The first use of a fetched RSA key takes longer, too.
//! - An RSA key of another size than 2,048, 3,072, 4,096 or 8,192 bits, or with another exponent
//!   than 65537. It takes another time than a decoy.
//! - That an HMAC has a key of more than one block of its hash. It takes one more block.
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | a refused assertion, for a client of any kind or for an unknown one | the same number of verifications | the time must not tell which clients exist | `every_refused_assertion_costs_the_same_whoever_the_client_is` |
//! | a refused HMAC | as many HMACs as the client with the most secrets has: also for a client with fewer, and for one that does not exist | as above; a store that has no [decoy](crate::store::ClientStore::decoy) counts as one whose clients have two, or as many as one of its clients was found with | `a_refused_hmac_costs_as_many_as_the_client_with_most_secrets_has` |
//! | an HMAC that is right, and so is everything else | accepted, and no further secret is tried | only who has the secret can measure it | `an_accepted_hmac_is_the_last_one` |
//! | an assertion by RSA, for the first time since a `MemoryClientStore` has the client | nothing is parsed | the first response would take longer, only for a client that exists | `the_first_use_of_an_rsa_key_parses_nothing` |
//! | not three parts in base64url without padding, or not JSON objects; a member twice, or of the wrong type | 401 | two readers could see two different tokens (RFC 7515 §4 and §5.2, RFC 7519 §4) | `serialisations` "four parts" |
//! | more than 16,384 bytes, or more than 64 members in a part | 401 | input from strangers is bounded; a chain of three certificates in `x5c` is below the limit, which `assertion_limit` sets | `serialisations` "of 16,385 characters" |
//! | unknown members, at any depth of nesting | ignored, without recursion | RFC 7515 §4, RFC 7519 §4 | `headers` "2,000 arrays, one in the other" |
//! | `alg` that is `none`, unknown, or not accepted by the layer | 401 | RFC 7523 §3 requires a signature or a MAC; RFC 8725 §3.1 | `headers` "alg none, unsigned" |
//! | `crit` or `b64`, with any value | 401 | an extension that is not supported must be refused (RFC 7515 §4.1.11), and the layer supports none; RFC 7797 §7 forbids `b64` in a JWT | `headers` "crit empty" |
//! | `typ` that is there and is neither `JWT` nor `client-authentication+jwt`, in any case, with or without `application/` | 401 | a token made for another purpose proves nothing (RFC 8725 §3.11) | `types_of_tokens` "at+jwt" |
//! | `jwk`, `jku`, `x5c`, `x5u`, `x5t` | ignored | keys come from the registration, never from the token (RFC 8725 §3.8 and §3.10) | `headers` "jwk of the signer" |
//! | no `iss`, `sub`, `aud`, `exp` or `jti`, or an empty `iss`, `sub` or `jti` | 401 | RFC 7523 §3; `jti`, which is optional there, is required by OpenID Connect Core §9: without it, an assertion could be used many times until it expires | `claims` "no claim at all" |
//! | `iss` that is not `sub` | 401 | OpenID Connect Core §9: both are the `client_id`; RFC 7523 §3 says so only of `sub` | `claims` "iss that is not sub" |
//! | any of the refusals above | no client is looked up | it depends only on the request, so it tells nothing about any client | `nobody_is_looked_up_for_what_the_request_alone_decides` |
//! | no `client_id` in the body | the client is `sub` | RFC 7521 §4.2 | `credentials` "client_id of no characters" |
//! | an HMAC from a client of `private_key_jwt`, or a signature from a client of `client_secret_jwt` | 401 | the two are different methods, and the token does not choose | `credentials` "a client of private_key_jwt, by HMAC" |
//! | an `alg` that is not the client's `token_endpoint_auth_signing_alg`, or not that of its key | 401 | OpenID Connect Registration §2, RFC 8725 §3.1, RFC 7517 §4.4 | `keys` "another one, for which there is a key" |
//! | an RSA key with more bits than `max_rsa_bits` of the layer, 4,096 by default, registered or fetched | 401; the signature costs as much as one of the smallest key | the work that anybody can cause is bounded by the layer, for any registration | `an_rsa_key_verifies_up_to_the_limit_of_the_layer_and_at_every_endpoint` |
//! | `EdDSA` and `Ed25519` | the same algorithm, also if the client registered the other name | RFC 9864 §2.2: the new name of what RFC 8037 calls `EdDSA` | `keys` "Ed25519 registered: EdDSA" |
//! | `kid` | the key with this `kid`; without a `kid`, the only key that fits, or 401 if several fit | OpenID Connect Core §10.1; if all were tried, a request would choose how much work it causes | `keys` "two keys and no kid" |
//! | a `kid`, and the client's only key that fits has none | that key | nothing contradicts it; libraries send a `kid` that nobody registered | `keys` "the only key, without kid, kid sent" |
//! | a `kid`, and several keys fit, none of them with this `kid` | 401 | any of them would be a guess | `keys` "two keys without kid, kid sent" |
//! | an HMAC with a secret that expired, or that is shorter than the hash | 401 | RFC 7591 §3.2.1, RFC 7518 §3.2 | `keys` "an expired secret" |
//! | `aud` that is the issuer, as a string or as an array of that one string | accepted, byte for byte | RFC 10070, which updates RFC 7523 §3; RFC 7519 §4.1.3 for the array | `audiences` "the issuer in an array" |
//! | `aud` that is the URL of an endpoint | 401 | RFC 10070: a server of an attacker could claim the endpoint as its own, and get assertions for it | `audiences` "the URL of the token endpoint" |
//! | the same, with `accept_endpoint_audience`, of the layer or of the client | accepted if it is the token endpoint or the endpoint in use | some libraries cannot send the issuer | `audiences_where_endpoints_are_accepted` "the URL of the token endpoint" |
//! | the same, and `typ` is `client-authentication+jwt` | 401 | an assertion of this type is one of RFC 10070 | `audiences_where_endpoints_are_accepted` "that URL, of the type of RFC 10070" |
//! | `aud`, for a client with an issuer of its own | only that issuer or, with the exception, that issuer followed by the path of the endpoint | an assertion that is signed for a URL that tenants share could be used once at each tenant | `audiences` "the exception: a URL that tenants share" |
//! | an issuer of a client's own that is the layer's | treated as none | such a client is not one of a tenant | `audiences_where_introspection_is_elsewhere` "the same, the token endpoint" |
//! | `aud` that is the issuer, with `strict_audience` | accepted as a string; 401 as an array | FAPI 2.0 Security Profile §5.3.2.1 | `audiences_where_the_issuer_must_be_a_string` "the issuer in an array" |
//! | `aud` that is the URL of an endpoint, with `strict_audience` and the client's exception | 401 | a profile for all clients has no exception for one | `audiences_where_the_issuer_must_be_a_string` "a client's exception: the token endpoint" |
//! | `aud` with more than one value | 401, also if each value would be accepted by itself | if an assertion names two servers, each of them could use it at the other | `audiences` "issuer and token endpoint" |
//! | `exp` that has passed | 401, after 60 s of tolerance for clocks that differ | RFC 7523 §3 | `times` "exp passed, beyond the skew" |
//! | `exp` more than an hour ahead | 401, with the same tolerance | it bounds how much must be remembered | `times` "exp in an hour, beyond the skew" |
//! | `nbf` or `iat` in the future | 401, with the same tolerance | RFC 7523 §3 for `nbf`; no RFC speaks of such an `iat`, and only a wrong clock makes one | `times` "nbf ahead, beyond the skew" |
//! | used before, at any endpoint | 401 | OpenID Connect Core §9 (RFC 7523 §3 only allows it); one store for all endpoints and machines | `assertion_that_was_used_is_refused_at_every_endpoint` |
//! | sent many times at once, also to several machines | one is accepted | the store remembers and answers in one step | `assertion_sent_by_200_tasks_at_once_to_two_servers_gets_one_token` |
//! | forged, or refused by a row above | the store is not asked | somebody who cannot sign cannot use up the `jti` of a client | `a_failing_store_is_not_asked_for_what_is_refused_anyway` |
//! | accepted, and then the grant or the scope is refused | the assertion is used up | a value that may become unused again is not a one-time value | `an_assertion_is_spent_by_a_scope_or_grant_that_the_client_may_not_have` |
//! | what is remembered, and how long | issuer, client and `jti`, until 120 s after `exp` | it is accepted until 60 s after `exp`, and the clocks of machines differ | `a_value_is_remembered_by_issuer_client_and_jti_until_two_minutes_after_exp` |
//! | one client has used up its share of `MemoryReplayStore` | 503 for this client; all others are served | a client must not fill the store for the others, nor may a hundred clients | `a_hundred_clients_that_fill_their_shares_leave_room_for_all_others` |
//! | the system clock leaps ahead and is set back | `MemoryReplayStore` forgets nothing before its time by the clock that was set back | otherwise an assertion could be used twice | `a_clock_that_leaps_and_is_set_back_makes_no_value_new_twice` |
//! | the replay store fails | 503 `temporarily_unavailable`, `Retry-After` | if the store does not know, the layer can neither accept the assertion nor call it wrong | `a_failing_store_is_503_and_never_401` |
//! | the same assertion again, after such a 503 | accepted, or 401 | the store may have remembered it after the layer gave up; the 503 asks for a new assertion | `a_failing_store_is_503_and_never_401` |
//! | the replay store has not answered at the deadline | 503 `temporarily_unavailable`, `Retry-After` | as above | `a_store_that_hangs_is_503_at_the_deadline` |
//! | Redis stops and comes back | 503 in between, no replay, and no restart of the server | as above | `redis_killed_in_the_middle_is_503_without_a_replay_and_recovery_needs_no_restart` |
//! | a `jwks_uri`, and the layer has no source of keys | 401 | the client loads, so that one registry serves several servers | `keys` "keys at a URI, and no source" |
//! | the source fails, and no set is kept | 503 `temporarily_unavailable`, `Retry-After` | as for a store that fails | `keys_that_are_fetched` "a source that is down" |
//! | the source fails, and a set is kept | that set is used, for 24 hours after it was fresh or as long as `jwks_stale_if_error` says | an outage of its own server must not lock a client out, but a key that leaked must come to an end | `stale_keys_end_after_a_day_or_what_the_setting_says` |
//! | the same, and the set does not have the key | 503 `temporarily_unavailable`, `Retry-After` | the client may have rotated its keys in the meantime: unknown is not wrong | `requests_get_what_the_table_says` |
//! | refused with any key: another audience, expired, an algorithm that is not registered | nothing is fetched | otherwise a stranger could make the server fetch, and see a 503 instead of the 401 | `keys_that_are_fetched` "a source that is down, another audience" |
//! | a fetched set without a key that can verify, or a source that responds with 404 or 410 | 401 | a client takes its keys out of use by a set without them: its source has spoken, so this is not an outage | `a_client_takes_its_keys_back_by_a_set_without_them` |
//! | a key of a fetched set that is not valid | skipped, and told once for each set by a warning event | RFC 7517 §5; the other keys of the client go on | `a_skipped_key_is_a_warning_once_for_each_set` |
//! | a `kid` or an algorithm that the kept set has no key for | fetched again, at most five times a minute for each URI: twice at once, and then once in 15 s | keys rotate without a restart, and a stranger who invents keys causes no more fetches; a set that is no longer fresh is also fetched, and after a failure once in 5 s | `an_unknown_key_is_looked_for_five_times_a_minute_and_is_503_in_between` |
//! | a `kid` that the kept set does not have, and a key without `kid` that fits | fetched again, as often; in the pause, that key | a client may go from a key without `kid` to keys with one | `a_key_without_kid_is_used_and_still_looked_for` |
//! | a key that the kept set does not have, in the pause between two of these fetches | 503 `temporarily_unavailable`, `Retry-After` | the client may have rotated its keys in the meantime: unknown is not wrong, and a stranger who invents keys must not spoil a rotation | `a_stranger_who_invents_keys_cannot_spoil_a_rotation` |
//! | more than 64 key sets are wanted at the same time, or more than 4 from one host | the rest waits for 3 s, then 503 `temporarily_unavailable`, `Retry-After` | work that a stranger can cause is limited, and a host that hangs does not delay the others | `a_client_waits_for_its_own_fetch_while_another_host_hangs` |
//! | a `jwks_uri` that is not https, or leads to an address that is not public | not fetched by `HttpJwksSource`: 503 | a client must not reach into the server's network | `a_name_with_any_address_that_is_not_public_is_not_connected_to` |
//! | the same, with `for_internal_networks` | only the networks that the operator names, and a special range only by a network inside of it | a network that is too wide must not open loopback or the metadata of a cloud by mistake | `only_the_allowed_networks_are_connected_to` |
//! | the same, with a proxy | `https` with a name and the certificate are still checked, the addresses are not | the proxy resolves the name | `a_proxy_changes_nothing_about_the_uri` |
//!
//! # Stores of failed authentications
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | failures within a limit | as many at once as the burst, and then one more in each period | GCRA: all that is kept of a counter is one moment | `a_burst_is_free_at_once_and_then_one_slot_in_each_period` |
//! | a slot is given back, at any time and in any order | as if it had not been taken, but there are never more slots than the burst | otherwise an attacker could save slots up | `no_order_of_give_backs_allows_more_failures` |
//! | one of the counters of an attempt has no free slot | none is taken, and the time until each has one is told | a refused attempt costs nothing | `all_counters_of_an_attempt_have_a_slot_or_none_is_taken` |
//! | the same | the refusal names the counter that has to wait longest | an operator has to know which limit it was, and a request waits only for what helps | `a_refusal_names_the_counter_that_has_to_wait_longest` |
//! | many attempts at once | as many get a slot as there are | parallel guesses must not slip through together | `of_200_tasks_at_once_as_many_as_the_burst_fail` |
//! | `MemoryThrottle` is full | the counter that is free first leaves its place, and is counted in a bucket that it shares | those that are over their limits stay exact | `the_counter_that_is_free_first_leaves_its_place` |
//! | a source is over its limit, and many times more others come than `MemoryThrottle` has places | it stays refused | no limit in force is lost | `a_source_over_its_limit_stays_refused_while_many_times_the_capacity_come` |
//! | more sources than `MemoryThrottle` has places | all of them are counted | nothing is uncounted | `what_comes_beyond_the_capacity_is_counted` |
//! | a stranger fills `MemoryThrottle` with failures | honest sources are refused at most in the share that its documentation states | a bucket is full only after as many failures as the burst, and nobody can choose it | `a_stranger_who_fills_the_store_refuses_no_more_than_the_stated_share` |
//! | any number of sources and clients | `MemoryThrottle` takes no more memory | the memory is fixed when it is made | `no_number_of_sources_and_clients_takes_more_memory` |
//! | several machines with one `RedisThrottle` | they share one limit | one script in one step, by the clock of Redis | `two_machines_share_one_limit` |
//! | all slots of a source are free in Redis | its key has expired | Redis keeps nothing that does not matter any more | `a_key_expires_when_all_slots_are_free` |
//! | Redis does not know the script, as after a restart | it is sent again in the same call | it has run nothing, so nothing is taken twice | `a_script_that_redis_has_forgotten_is_sent_again` |
//! | Redis stops and comes back | an error in between, without a second try, and no restart of the server | a call that may have run must not take two slots | `a_server_that_is_killed_costs_errors_and_allows_nothing_more` |
//! | Redis is silent | an error before the layer drops the call after 100 ms, and the connection is replaced | otherwise it would be silent for as long as TCP waits | `a_connection_that_is_silent_is_an_error_and_is_replaced_although_calls_are_dropped` |
//! | Redis stops for a moment, and then runs the calls that were given up | their slots are given back | the requests counted in memory meanwhile, and an honest client would be locked out | `a_stall_of_redis_locks_nobody_out_afterwards` |
//! | the same, and the secret was wrong | the failure counts in the memory of the process | nothing is open | `wrong_guesses_during_a_stall_are_counted_in_the_process` |
//! | the reply of Redis is lost with the connection | the slots are given back if they were taken, and no others | the same | `a_call_whose_reply_was_lost_takes_nothing` |
//! | more calls than Redis can run in their time | the others count in memory, without waiting | what a stranger causes is bounded | `calls_that_were_given_up_take_nothing_and_are_bounded` |
//! | a cluster is sent a call twice | it takes one slot | the library sends a call again if a node closes the connection | `a_call_that_is_sent_twice_takes_one_slot` |
//! | the clock of Redis is set back | a full counter is full for no longer than its limit says | otherwise it would refuse for as long as the step | `a_clock_that_is_set_back_refuses_nobody_for_longer_than_the_limit` |
//! | a source failed at thousands of clients | a call reads its own counters, and at most 8 others | Redis does nothing else meanwhile | `a_source_with_many_clients_costs_a_call_no_more_than_one_with_few` |
//! | a store has forgotten what the memory of the process knows | a success frees no slot there that it did not take | otherwise each success would allow one more failure if the store fails again | `a_success_frees_no_slot_of_a_failure_in_this_process` |
//!
//! # Grant and scope
//!
//! These checks come after authentication, so a stranger learns nothing.
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | no `grant_type` | 400 `invalid_request` that names it | RFC 6749 §5.2 | `grant_and_scope` "no grant_type" |
//! | a grant that the server does not serve | 400 `unsupported_grant_type` | RFC 6749 §5.2 | `grant_and_scope` "an unknown grant" |
//! | a grant that the client is not registered for | 400 `unauthorized_client` | RFC 6749 §5.2 | `every_known_grant` "it by one not registered" |
//! | `client_credentials` by a public client | 400 `unauthorized_client` | RFC 6749 §4.4 | `grant_and_scope` "client_credentials, a public client" |
//! | a parameter that the grant needs is missing | 400 `invalid_request` that names it | RFC 6749 §5.2; `code_verifier` of a public client by RFC 9700 §2.1.1 | `every_known_grant` "no device_code" |
//! | a malformed scope | 400 `invalid_scope` | RFC 6749 §3.3 | `grant_and_scope` "a quotation mark" |
//! | a scope outside the registered one | 400 `invalid_scope` | RFC 6749 §5.2 | `grant_and_scope` "another scope" |
//! | a client registered without a scope | any well-formed scope is accepted | RFC 7591 §2: the server decides. The example `token_server` gives such a client no scope | `grant_and_scope` "a URL as scope" |
//! | a client registered with an empty scope | any scope is 400 `invalid_scope` | it may have no scope, which is not the same as no registered scope | `grant_and_scope` "an empty registration: a scope" |
//! | introspection or revocation without `token` | 400 `invalid_request` that names it | RFC 7662 §2.1, RFC 7009 §2.1 | `introspection` "no token" |
//! | a public client at introspection | 401 `invalid_client` | RFC 7662 §2.1 requires authorization | `introspection` "a public client" |
//!
//! # Inner service
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | a request that is accepted | one request type for each endpoint is in the extensions | a handler cannot take the request of another endpoint for its own | `each_endpoint_has_a_request_type_of_its_own` |
//! | an axum handler behind the layer of another endpoint, or behind one without a path around all routes | 500 `server_error` that names the endpoint of the layer | another endpoint may accept clients that this one must refuse | `a_handler_fails_closed_behind_the_layer_of_another_endpoint` |
//! | two layers accept a request, for one endpoint or for two | the service finds only the request of the inner layer | two clients in one request would be confused | `of_two_layers_the_inner_ones_client_holds` "Introspection inner" |
//! | an outer layer accepted the request, and it passes through the inner one | what the outer layer put into the extensions stays | it is untouched, and only a layer can make such a value | `of_two_layers_the_inner_ones_client_holds` "Token outer" |
//! | it responds | its response, with `Cache-Control: no-store` and `Pragma: no-cache` added if they are absent | RFC 6749 §5.1 | `the_inner_answer_is_untouched_but_for_two_headers` |
//! | it fails | its error, unchanged | an outer layer knows what to do with it | `the_inner_error_is_handed_on_as_it_is` |
//! | what it reserves when it is ready, such as a permit | is released before the body is read, and reserved again once the request is accepted | a slow sender must not hold what others need | `stalled_bodies_hold_no_permit_and_no_slot` |
//! | it takes time to be ready for an accepted request | the request waits, also beyond the deadline | as for the time of its response: how long is for an outer layer to decide | `an_accepted_request_waits_for_its_permit_beyond_the_deadline` |
//! | it fails to be ready for an accepted request | its error, unchanged | as above | `a_service_that_fails_to_be_ready_fails_the_request_with_its_error` |
//!
//! # Faults
//!
//! A store, a source of keys or a hash that fails or hangs is in the sections above.
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | a store or a hash panics | the panic reaches the layers outside, such as `CatchPanic`; nothing is accepted, and the next request is served | a panic is a mistake in the code of the server, and not an answer | `a_panic_of_what_the_layer_asks_reaches_catch_panic_and_nothing_is_accepted` |
//! | a store of failed authentications panics | the same; the slots of the request may stay taken | it may or may not have done what it was asked for | `a_panic_of_a_throttle_reaches_catch_panic_and_nothing_is_accepted` |
//! | a hash panics | the slots and the permit of the request are given back | it says nothing about the secret | `a_panic_of_a_hash_gives_its_slot_and_its_permit_back` |
//! | a store of failed authentications panics while it gives back slots after another panic | only the first panic goes on | two of them would end the process | `a_throttle_that_panics_after_another_panic_is_caught` |
//! | a source of keys panics | as if it failed: 503, or the last set | a task of its own fetches the keys, for all requests that wait for them | `a_panic_of_a_key_source_is_503_for_all_that_wait` |
//! | the client goes away, wherever the decision waits | the decision is dropped, with all that it asked and its copies of secrets; the inner service is not called | nobody waits for the response | `a_request_that_waits_for_everything_leaves_nothing` |
//! | the same, over a connection | the server drops the decision when the connection or the stream ends | as above | `a_client_that_goes_away_over_http_1_ends_what_was_asked_for_it` |
//! | the same, while an assertion is remembered | it may be used up | the store cannot take it back, and whoever goes away gets no token | `an_assertion_of_a_dropped_request_is_spent_if_it_was_remembered_and_works_again_if_not` |
//! | the same, while it waits for a slot, or for its turn to take one | at most its own slot stays taken, for its period | it may be a guess | `a_request_that_waits_for_its_turn_leaves_at_most_its_slot` |
//! | the same, while it waits for a permit | no place in the queue and no permit stays taken | others wait for them | `a_request_that_waits_for_a_permit_leaves_nothing` |
//! | the same, while keys are fetched | the fetch goes on | other requests may wait for it | `a_dropped_request_neither_stops_nor_repeats_its_fetch` |
//! | the body ends before its `Content-Length` | 400 `invalid_request` | an incomplete request is not a request | `a_body_that_ends_early_is_400_and_nothing_is_accepted` |
//! | the server is told to end, with requests in flight | in the examples that listen: requests whose head was read have 5 s to be answered; later ones are not answered | how a server ends is not up to the layer | `request_in_flight_is_answered_after_ctrl_c_and_no_other` |
//!
//! # Loading clients
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | bad JSON, a member twice or of the wrong type, no `client_id`, an id twice, an unknown method, a malformed scope, a confidential client without a secret or key (a key in `jwks`, or a URL as `jwks_uri`) | refused | it can only be a mistake | `what_could_only_be_a_mistake_does_not_load` |
//! | several mistakes, in one entry or in several | refused with all of them, one line each: the entry, the `client_id`, the member, in a key set the key and its member, what was found and what to write instead | nobody should have to load a file as often as it has mistakes | `every_mistake_of_a_file_is_told_at_once` |
//! | `null`, `""`, `[]`, `{}` or `{"keys": []}` as the value of an optional member | as if it were left out | RFC 7592 §2.2 | `members_that_are_null_or_empty_count_as_absent` |
//! | an empty `scope` that is not `null` | loads; the client may have no scope | no scope is not any scope | `an_empty_scope_is_none_and_not_any` |
//! | `jwks` and `jwks_uri` that are both there and not empty | refused | RFC 7591 §2 | `clients_load_or_are_refused_with_entry_and_field` |
//! | a grant that is neither registered nor an absolute URI, or that the server does not serve | loads, is never served, and is written as it was read; a warning if its name nearly is that of another grant | one registry serves several servers | `grants_of_other_servers_load_and_are_never_served` |
//! | a member whose name nearly is a registered one: `scopes`, `redirectUris`, `Scope` | loads, with a warning that names the member that was probably meant | unknown members must be ignored (RFC 7591 §2), and a client without its scope may ask for any | `a_name_that_nearly_is_a_member_is_known_as_it` |
//! | a warning | returned by [`MemoryClientStore::warnings`](crate::MemoryClientStore::warnings) and [`Client::warnings`](crate::Client::warnings), and logged with feature `tracing` when a layer is made | a program that does not ask for the warnings still shows them | `what_is_probably_a_mistake_in_a_client_is_logged_when_a_layer_is_made` |
//! | a `client_secret` that looks like a password hash: `$2b$…`, `$argon2id$…`, `{bcrypt}…`; or that starts with `{noop}` | refused | if it were the secret, everybody who reads the database could authenticate | `what_databases_keep_is_not_a_secret` |
//! | a hash of a secret: Argon2, bcrypt (`$2a$`, `$2b$`, `$2y$`) or PBKDF2 with SHA-2, as PHC or crypt strings | only its secret is accepted, for clients and for hashes that other implementations made | databases have them | `hashes_of_other_implementations_match_their_secret_and_no_other` |
//! | a hash of another dialect: Argon2 without `v`, PBKDF2 as passlib writes it | read as what it is: version 16; the base64 of passlib | otherwise the right secret would never match | `hashes_of_other_implementations_match_their_secret_and_no_other` |
//! | a hash that is malformed (no output, no `t`, `i=0`, a parameter twice, a salt under 8 bytes, an output under 16 bytes, `keyid` or `data`), or of another scheme (`$2x$`, PBKDF2 with SHA-1, scrypt, crypt) | refused, with entry, member and cause | a client that loads must be able to authenticate | `what_cannot_be_verified_is_refused_with_the_cause` |
//! | a hash whose feature is off | refused; the error names the feature | as above | `what_cannot_be_verified_is_refused_with_the_cause` |
//! | a hash that costs more than 256 MiB, 10 passes or 16 lanes of Argon2, the cost 16 of bcrypt or 10 million rounds of PBKDF2; or more than [`HashLimits`](crate::client::HashLimits) say | refused | anybody can make the server compute it | `limits_are_as_they_are_set` |
//! | bcrypt, and a presented secret that has more than 72 bytes or contains NUL | never matches, after the same work | bcrypt would cut it, and other secrets would match | `no_secret_that_is_cut_or_filled_up_matches` |
//! | PBKDF2, and a presented secret that ends in NUL | never matches, after the same work | HMAC fills up its key with NUL | `no_secret_that_is_cut_or_filled_up_matches` |
//! | `client_secrets`, an array of `{"hash": …}` or `{"secret": …}`, each with an `expires_at` or none; alone or beside `client_secret` | each is accepted until it expires; 0, `null` or none is never | RFC 7591 has one secret, and a rotation needs two | `in_a_rotation_both_secrets_are_accepted_until_the_old_one_expires` |
//! | an element with both or neither, with another member or one twice, with a hash as `secret`, or with milliseconds | refused, with entry, element, member and cause | a secret whose expiry is misspelt would never expire | `listed_secrets_load_or_are_refused_with_entry_and_member` |
//! | `client_secret_expires_at` beside `client_secrets`, without a `client_secret` | refused | it would have no effect | `listed_secrets_load_or_are_refused_with_entry_and_member` |
//! | clients with different hashes | the decoy is of the kind that most secrets have; it has the parameters of a client and nothing else of it | an unknown client costs the same as most others | `the_decoy_is_of_the_hash_that_most_clients_have` |
//! | `ClientSecret::generate` | 256 random bits in base64url, and their digest to register; an error if the system has none | a guess is hopeless, so a fast hash is enough | `a_generated_secret_has_256_bits_and_is_registered_by_its_digest` |
//! | a client that is written | has none of its secrets and hashes | the file may be shown | `listed_secrets_are_not_written_nor_shown` |
//! | `client_secret_expires_at` with a fraction or an exponent, or as the largest integer of a language | that time; never | languages write numbers in different forms | `numbers_of_every_form` |
//! | a `client_secret_expires_at` that can only be milliseconds, below zero, or not a number | refused | a secret that should have expired would be valid for 50,000 years | `numbers_of_every_form` |
//! | a file in UTF-8 with a byte order mark, or in UTF-16 | read | RFC 8259 §8.1 allows to ignore the mark; editors write it | `utf_8_and_utf_16_with_and_without_a_mark` |
//! | a file in another encoding | refused, with line and column | the same bytes would be another secret | `another_encoding_is_named_with_its_place` |
//! | `redirect_uris` without a scheme, with a fragment, or with the scheme `javascript`, `data` or `vbscript` | refused | RFC 6749 §3.1.2, RFC 9700 §4.1 | `a_client_is_not_sent_back_to_a_script_a_fragment_or_half_a_uri` |
//! | `token_endpoint_auth_method` that is not among `token_endpoint_auth_methods` | refused | one of the two is wrong, and nobody knows which | `what_could_only_be_a_mistake_does_not_load` |
//! | of a client of `private_key_jwt`: a `jwks_uri` that is not https (http is accepted for loopback hosts), a set without a key that can verify; an algorithm that is unknown, `none`, or that fits neither method nor keys | refused, with the cause of each key | RFC 7591 §2, RFC 7518 §3.3, RFC 8725 §3.4; a weak key verifies signatures that anybody can make | `clients_load_or_are_refused_with_entry_and_field` |
//! | a key that is broken, weak (RSA of less than 2,048 bits, an exponent of 1 or above 32 bits, a point off its curve or of small order) or of an unknown kind, beside one that verifies | loads, with a warning that names the key, its member and the cause | RFC 7517 §5 | `a_broken_key_is_named_and_the_others_of_its_set_are_used` |
//! | an RSA key of more than 4,096 bits | refused, unless the registration has a number `max_rsa_bits`, an extension, of up to 8,192 | such a key takes four times as long to verify, and so does any signature that could be of it, since unknown clients cost the same; NIST SP 800-57 asks for 3,072 bits after 2030 | `clients_load_or_are_refused_with_entry_and_field` |
//! | a key for encryption, beside one that verifies | loads, without a warning | it is not a mistake | `keys_for_encryption_are_skipped_silently` |
//! | a member of a key that is `null` or empty | as if it were left out | as for the client | `null_and_empty_members_count_as_absent` |
//! | a private key in a set | loads, with a warning; the private members are never written | only the client should have it | `a_private_key_in_a_set_is_not_written_nor_shown` |
//! | two keys that are identical, also in `kid` | one key | nothing is ambiguous | `two_identical_keys_are_one` |
//! | two keys of one `kid` and algorithm, or both without `kid` | a warning for each; refused if no key of the set can be chosen | no assertion could be verified (OpenID Connect Core §10.1) | `keys_that_no_header_can_choose_are_named` |
//! | of a client of `client_secret_jwt`: a secret that is shorter than the hash, or known only as a hash | refused | RFC 7518 §3.2; the secret is the key of the HMAC | `a_secret_that_is_kept_as_a_hash_is_no_key` |
//! | secrets that have all expired | loads, also by the builder; the client never authenticates | it may get a new one | `a_client_whose_secrets_have_all_expired_loads_and_never_authenticates` |
//! | unknown members, any Unicode, a method that is not verified | loads | the client is refused when it asks for something that it may not have | `everything_else_loads` |
//! | a registration or a key set as Keycloak, Auth0, Okta, Entra, Hydra, a cloud, a tool or a library writes it | loads, or the error says what to write instead | registrations come from other systems | `clients_of_real_systems_load_or_say_what_to_write` |
//! | a row of a store that cannot be read | an error of the store, which names the client: 503 | the client exists, so a 401 would be wrong | `custom_store_example_names_the_row_that_it_cannot_read` |
//!
//! [`Challenge::OnlyForHeader`]: crate::layer::Challenge::OnlyForHeader

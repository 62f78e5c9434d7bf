//! Every decision of the layer that the RFCs leave open, with its reason and its test.
//!
//! If several rows apply to a request, the earlier step decides: head, body,
//! credentials, throttle, client, proof, grant, scope. The last column names the function of the test,
//! which is in `tests/` of the repository. A text in quotes is a row of the table of that
//! test.
//!
//! The decisions about [client assertions](assertions), about [DPoP](dpop), about [profiles], about
//! [clients by URL](client_documents) and about [loading clients](loading) are pages of their own.
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
//! | at the endpoints below, another parameter that the layer checks, such as `request_uri`, in the query and not in the body | 400 `invalid_request` that says where to send it | as for `scope` | `pushed_authorization` "request_uri in the query" |
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
//! | a parameter of authorization requests that IANA has registered twice in a pushed one, or one of CIBA Core §7.1 twice in a backchannel authentication request | 400 `invalid_request` that names it | RFC 6749 §3.1; the other endpoints do not know these parameters | `pushed_authorization` "state twice" |
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
//! | a 503 instead of a slow hash, with `remember_verified_secrets` | counts | the secret was compared with what is remembered | `a_guess_at_a_remembered_secret_counts_whoever_the_client_is` |
//! | guesses in parallel | no more than the burst are verified | each takes its slots before anything is verified, in one atomic call | `parallel_guesses_never_exceed_the_burst` |
//! | more requests of one source or client at once than the burst | they wait for one of their own in this process to end, for 50 ms at most | they may all have the right secret | `requests_with_the_right_secret_wait_for_their_own` |
//! | the same, and 1,024 requests wait already | 429 at once | each that waits keeps its connection and its parameters: a queue has an end | `a_bounded_number_waits_for_all_counters_together` |
//! | such requests in layers with clones of one `Throttling` | they wait for each other | the clones have one store | `requests_wait_for_those_of_another_layer_with_a_clone_of_the_settings` |
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
//! | a secret that would be right without the white space at its ends | the same 401; only the log and the `Rejection` tell | nobody sees white space, such as the line feed of a file | `client_and_proof` "a secret and a line break" |
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
//! These are hashes such as Argon2. The module [`client::hashing`](crate::client::hashing) says how they run.
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
//! | a token exchange with only one of `actor_token` and `actor_token_type` | 400 `invalid_request` that names the other | RFC 8693 §2.1 | `every_known_grant` "an actor without its type" |
//! | a malformed scope | 400 `invalid_scope` | RFC 6749 §3.3 | `grant_and_scope` "a quotation mark" |
//! | a scope outside the registered one | 400 `invalid_scope` | RFC 6749 §5.2 | `grant_and_scope` "another scope" |
//! | a client registered without a scope | any well-formed scope is accepted | RFC 7591 §2: the server decides. The example `token_server` gives such a client no scope | `grant_and_scope` "a URL as scope" |
//! | a client registered with an empty scope | any scope is 400 `invalid_scope` | it may have no scope, which is not the same as no registered scope | `grant_and_scope` "an empty registration: a scope" |
//! | introspection or revocation without `token` | 400 `invalid_request` that names it | RFC 7662 §2.1, RFC 7009 §2.1 | `introspection` "no token" |
//! | a public client at introspection | 401 `invalid_client` | RFC 7662 §2.1 requires authorization | `introspection` "a public client" |
//! | a public client at backchannel authentication | 401 `invalid_client` | OpenID Connect CIBA Core §7.1: the client authenticates | `backchannel_authentication` "a public client" |
//! | a pushed authorization request, or device authorization, by a public client | its `client_id` is enough | RFC 9126 §2, RFC 8628 §3.1 | `pushed_authorization` "a public client" |
//! | a pushed authorization request without `client_id`, of a client that authenticates otherwise | accepted | the client is known; RFC 9126 §2.1 requires it, but clients leave it out | `pushed_authorization` "no client_id beside Basic" |
//! | `request_uri` is pushed, also beside `request` | 400 `invalid_request` | RFC 9126 §2.1 | `pushed_authorization` "request_uri beside request" |
//! | a pushed authorization request with neither `response_type` nor `request` | 400 `invalid_request` that names `response_type` | RFC 6749 §4.1.1; with `request`, it is a claim (RFC 9126 §3) | `pushed_authorization` "no response_type" |
//! | a pushed authorization request without `code_challenge`, or with another method than `S256`, with [`require_pkce`](crate::layer::TokenEndpointLayerBuilder::require_pkce) | 400 `invalid_request`; with `request`, they are claims | RFC 9700 §2.1.1; without a method it is `plain` (RFC 7636 §4.3) | `pushed_with_pkce` "a challenge without a method" |
//! | any other parameter of a pushed authorization request, and the JWT in `request` | handed on | the server checks it as at its authorization endpoint (RFC 9126 §2.1) | `pushed_authorization` "request and no response_type" |
//! | device authorization or backchannel authentication by a client that is not registered for the grant that begins there | 400 `unauthorized_client`; the `Rejection` and the log name the grant | RFC 6749 §5.2, OpenID Connect CIBA Core §13 | `device_authorization` "the grant not registered" |
//! | the same, and the server does not serve the grant by `grant_types` | nothing changes | whoever has a layer for the endpoint serves the grant | `device_authorization` "a public client and a scope" |
//! | a backchannel authentication request with no or several of `login_hint_token`, `id_token_hint` and `login_hint` | 400 `invalid_request` | OpenID Connect CIBA Core §7.1 | `backchannel_authentication` "login_hint and id_token_hint" |
//! | the same without `scope` | 400 `invalid_request` that names it | OpenID Connect CIBA Core §7.1. Whether it has `openid`, the server checks | `backchannel_authentication` "no scope" |
//! | the same without `client_notification_token`, or with one of more than 1,024 characters or outside of the grammar of bearer tokens, by a client registered for `ping` or `push` | 400 `invalid_request` | OpenID Connect CIBA Core §7.1, RFC 6750 §2.1: the server sends it in a header | `backchannel_authentication` "a line break in the token" |
//! | the same by a client that is registered for `poll` or for no mode | `client_notification_token` is neither needed nor checked | it is not used | `backchannel_authentication` "a notification token that poll does not use" |
//! | the same with `request` | hint, scope and notification token may be missing | they are claims of the JWT (OpenID Connect CIBA Core §7.1.1), which the server verifies | `backchannel_authentication` "a request object" |
//! | a scope outside the registered one at these endpoints, also beside `request` | 400 `invalid_scope` | RFC 6749 §3.3; a server could use it instead of the claim | `pushed_authorization` "another scope beside request" |
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
//! # What an error response tells
//!
//! Of these settings, none is on by default.
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | with `trace_ids`, an error of the layer or a `TokenError` of the inner service | the member `trace_id`, also at the end of the description; the event and the `Rejection` have the same | whoever has the response finds the cause in the log | `every_error_response_its_rejection_and_its_event_have_the_same_id` |
//! | the identifier of the request is malformed, empty, or there twice | a new one is made | what was not checked is not repeated | `an_id_that_is_none_is_replaced_by_a_new_one` |
//! | with `trace_ids`, failed authentications with the same identifier | the same bytes | an identifier must not tell the cause | `every_401_with_the_same_id_is_the_same` |
//! | the inner service responds with something else than a `TokenError`, or a layer inside has compressed it | its response, unchanged | the layer does not know what it means | `what_is_no_error_of_this_crate_stays_as_it_is` |
//! | `on_error` adds a member or a header that the layer sends itself | it is ignored | status, code and challenge are those of RFC 6749 §5.2 | `it_cannot_change_what_a_client_relies_on` |
//! | with `error_uri_base` | `error_uri` has the code at its end | a page for each cause would tell the cause of a 401 | `each_code_has_its_page_and_no_cause_has_one` |
//! | invented ids, grants, scopes, methods and paths, with metrics | no new time series | labels are names of enums and of settings | `ten_thousand_invented_ids_grants_methods_and_paths_make_no_series` |
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
//! [`Challenge::OnlyForHeader`]: crate::layer::Challenge::OnlyForHeader

pub mod assertions;
pub mod certificates;
pub mod client_documents;
pub mod dpop;
pub mod loading;
pub mod profiles;

//! Decisions about client assertions.
//!
//! The columns are those of [`decisions`](super).
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
//! | a key that the kept set does not have, in the pause between two of these fetches | 503 `temporarily_unavailable`, `Retry-After`; the reason is `key_fetch_paused`, which is no outage | the client may have rotated its keys in the meantime: unknown is not wrong, and a stranger who invents keys must not spoil a rotation | `a_stranger_who_invents_keys_cannot_spoil_a_rotation` |
//! | more than 64 key sets are wanted at the same time, or more than 4 from one host | the rest waits for 3 s, then 503 `temporarily_unavailable`, `Retry-After` | work that a stranger can cause is limited, and a host that hangs does not delay the others | `a_client_waits_for_its_own_fetch_while_another_host_hangs` |
//! | a `jwks_uri` that is not https, or leads to an address that is not public | not fetched by `HttpJwksSource`: 503 | a client must not reach into the server's network | `a_name_with_any_address_that_is_not_public_is_not_connected_to` |
//! | the same, with `for_internal_networks` | only the networks that the operator names, and a special range only by a network inside of it | a network that is too wide must not open loopback or the metadata of a cloud by mistake | `only_the_allowed_networks_are_connected_to` |
//! | the same, with a proxy | `https` with a name and the certificate are still checked, the addresses are not | the proxy resolves the name | `a_proxy_changes_nothing_about_the_uri` |

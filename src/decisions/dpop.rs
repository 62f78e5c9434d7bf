//! Decisions about tokens that are bound to a key (DPoP, RFC 9449).
//!
//! The columns are those of [`decisions`](super).
//!
//! If a row does not name another endpoint, it is for the token endpoint of a layer with
//! [`dpop`](crate::layer::TokenEndpointLayerBuilder::dpop). A proof is checked after the client has
//! authenticated, so that a 401 is the same for everybody, and before anything is used up: neither an
//! assertion, nor a code, nor the proof itself.
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | no `DPoP` header | accepted, and not bound | RFC 9449 §5: the client decides | `headers` "no proof" |
//! | two headers, or one with a comma | 400 `invalid_dpop_proof` | RFC 9449 §4.3: there is not more than one | `headers` "a list of two" |
//! | an empty header | 400 `invalid_dpop_proof` | it is a proof that is malformed, not none | `headers` "an empty header" |
//! | not a compact JWS; JSON with a member twice or of the wrong type | 400 `invalid_dpop_proof` | RFC 9449 §4.3; two readers could see two different proofs | `headers` "four parts" |
//! | more than 8,192 bytes, more than 64 members in a part, or more than 16 levels of JSON | 400 `invalid_dpop_proof` | input is bounded | `headers` "of 8,193 bytes" |
//! | no `typ`, or another than `dpop+jwt` in any case, with or without `application/` | 400 `invalid_dpop_proof` | RFC 9449 §4.2: a token made for another purpose proves nothing | `headers_of_a_proof` "typ JWT" |
//! | `alg` that is `none`, an HMAC, unknown, or not accepted by the layer | 400 `invalid_dpop_proof` | RFC 9449 §4.2 | `headers_of_a_proof` "alg HS256" |
//! | `crit` or `b64`, with any value | 400 `invalid_dpop_proof` | RFC 7515 §4.1.11: the layer supports no extension | `headers_of_a_proof` "crit of nothing" |
//! | no `jwk`, or one with a private or symmetric member | 400 `invalid_dpop_proof` | RFC 9449 §4.2 | `headers_of_a_proof` "jwk with an empty d" |
//! | a weak key, a point off its curve or of small order, a key for another `alg` | 400 `invalid_dpop_proof` | anybody could sign with it, or nobody | `headers_of_a_proof` "a point of small order" |
//! | a signature that is not by `jwk` | 400 `invalid_dpop_proof` | RFC 9449 §4.3 | `every_algorithm` |
//! | no `jti`, `htm`, `htu` or `iat`; a `jti` that is empty or longer than 256 bytes | 400 `invalid_dpop_proof` that names it | RFC 9449 §4.2; a key of a store is bounded | `claims_of_a_proof` "jti of 257 bytes" |
//! | `htm` that is not `POST`, byte for byte | 400 `invalid_dpop_proof` | RFC 9110 §9.1: a method has a case | `claims_of_a_proof` "htm in lower case" |
//! | `htu` with another scheme, host, port or path than the URL of the endpoint | 400 `invalid_dpop_proof`; the log has both | RFC 9449 §4.3; the URL is that of the settings, never of `Host` or `X-Forwarded-*` | `urls_of_a_proof` "another port" |
//! | `htu` that differs in the case of scheme or host, the default port, escapes that need not be, or dot segments | accepted | RFC 9449 §4.3, RFC 3986 §6.2 | `urls_of_a_proof` "dot segments in escapes" |
//! | `htu` with a query or a fragment | accepted, without them | RFC 9449 §4.3 | `urls_of_a_proof` "a query" |
//! | `htu` with a user, a dot at the end of the host, white space or characters outside ASCII | 400 `invalid_dpop_proof` | two programs could read two different hosts | `urls_of_a_proof` "a user" |
//! | `htu` of another tenant | 400 `invalid_dpop_proof` | a proof is for one server | `urls_of_a_proof` "a client of a tenant at the URL of the layer" |
//! | `iat` older than the window and 60 seconds, or more than 60 seconds ahead | 400 `invalid_dpop_proof`; the log has both times | RFC 9449 §11.1; clocks differ | `times_of_a_proof` "iat 125 seconds ago" |
//! | `exp` that has passed, `nbf` ahead, by more than 60 seconds | 400 `invalid_dpop_proof` | RFC 7519 §4.1.4 and §4.1.5 | `times_of_a_proof` "exp 65 seconds ago" |
//! | nonces are required, and the proof has none | 400 `use_dpop_nonce` with `DPoP-Nonce`, without a challenge | RFC 9449 §8 | `nonces_of_a_proof` "a proof without a nonce" |
//! | a nonce that is unknown or older than four minutes | the same | RFC 9449 §8 | `nonces_of_a_proof` "the nonce of an hour ago" |
//! | a proof that is wrong also without its nonce | 400 `invalid_dpop_proof` | another nonce would not help | `nonces_of_a_proof` "no nonce, and a wrong URL" |
//! | a nonce, and the layer gives none | ignored | nobody has asked for it | `claims_of_a_proof` "nonce that nobody asked for" |
//! | a proof is accepted, and there is a newer nonce | `DPoP-Nonce` in the response, also in one about grant or scope; a nonce of the inner service stays | RFC 9449 §8.2 | `a_newer_nonce_is_offered_with_any_answer` |
//! | an assertion whose request got `use_dpop_nonce` | accepted when it is sent again | clients send the same request again | `a_challenge_uses_up_no_assertion` |
//! | a `jti` that was used before with this key, at any endpoint, by any client | 400 `invalid_dpop_proof` | RFC 9449 §11.1 | `the_key_and_the_jti_count_and_nothing_else` |
//! | an assertion and a proof | all else is checked, then the assertion is used up, then the proof | whoever has an old assertion cannot use up the proof of another request | `the_assertion_is_used_up_before_the_proof` |
//! | 200 equal proofs at once | one is accepted | the store decides in one step | `of_200_equal_proofs_at_once_one_is_accepted` |
//! | the store of used proofs is down or hangs | 503 `temporarily_unavailable` | not to know is not the same as new | `a_store_that_is_down_is_503` |
//! | the client has `dpop_bound_access_tokens`, or the layer requires a proof, and there is none | 400 `invalid_request` | RFC 9449 names no code, and with this one no client throws its registration away | `required_proofs` "no proof" |
//! | the client has `dpop_bound_access_tokens`, and the layer accepts no proofs | 400 `invalid_request` | RFC 9449 §5.2: it must not get a token that is not bound | `without_dpop_a_client_with_bound_tokens_gets_none` |
//! | authentication fails, and the proof is bad as well | 401 `invalid_client` without `DPoP-Nonce`: the same bytes as without a proof | a stranger learns nothing | `a_401_has_no_nonce_and_the_same_bytes` |
//! | `ath`, or members that are not known | ignored | RFC 9449 §4.2: `ath` is for protected resources | `claims_of_a_proof` "ath" |
//! | a pushed authorization request without a proof | accepted, also if proofs are required | RFC 9449 §10.1: the code can be bound to its key later | `keys_of_a_pushed_request` "neither" |
//! | a pushed authorization request with a proof | its key is handed on as if `dpop_jkt` had been sent | RFC 9449 §10.1 | `a_pushed_request_names_the_key_of_its_proof_or_its_dpop_jkt` |
//! | `dpop_jkt` that is not the thumbprint of the proof, or not 43 characters of base64url | 400 `invalid_request` | RFC 9449 §10.1 | `keys_of_a_pushed_request` "both, of two keys" |
//! | introspection, revocation, device authorization, backchannel authentication | the header is ignored | RFC 9449 §5 is about tokens that are issued | `other_endpoints_ignore_the_header` |
//! | a request with a bound token for a [protected resource](crate::dpop::Dpop::verify) | the same checks, and `ath` and the key are those of the token | RFC 9449 §7.1 | `what_is_not_for_this_request_is_refused` |

//! Decisions about profiles: OAuth 2.1 and the FAPI 2.0 Security Profile.
//!
//! The columns are those of [`decisions`](super). [`Profile`](crate::layer::Profile) lists the rules with
//! their sections, and the settings that they consist of.
//!
//! | situation | response | reason | test |
//! |---|---|---|---|
//! | FAPI 2.0: a public client, or a client with a secret | 401 `invalid_client`; nobody is looked up | FAPI 2.0 Security Profile §5.3.2.1 | `methods_of_a_profile` "a public client" |
//! | Basic credentials that are not form-urlencoded | 401 `invalid_client`; 400 `invalid_request` if they cannot be decoded | OAuth 2.1 §2.4.1 knows one reading | `methods_of_a_profile` "Basic that is not form-urlencoded" |
//! | FAPI 2.0: `aud` that is the issuer in an array | 401 `invalid_client` | FAPI 2.0 Security Profile §5.3.2.1 | `audiences_of_a_profile` "the issuer in an array" |
//! | `aud` that is the URL of an endpoint, by a client with the exception for it | 401 `invalid_client` | a profile has no exception for one client | `audiences_of_a_profile` "a client's exception" |
//! | FAPI 2.0: an assertion by another algorithm than PS256, ES256 or Ed25519 | 401 `invalid_client` | FAPI 2.0 Security Profile §5.4.1 | `conformance_of_assertions` "assertion by RS256" |
//! | FAPI 2.0: a proof by another algorithm | 400 `invalid_dpop_proof` | FAPI 2.0 Security Profile §5.4.1 | `conformance_of_proofs` "alg RS256" |
//! | `iat` or `nbf` that is ahead by 10 seconds; by more than 60 | accepted; refused | FAPI 2.0 Security Profile §5.3.2.1; the same without a profile | `times_of_a_profile` "iat of an assertion 10 seconds ahead" |
//! | FAPI 2.0: a token request with neither a DPoP proof nor a certificate that binds its tokens | 400 `invalid_request`, after authentication, and nothing is used up | FAPI 2.0 Security Profile §5.3.2.1 | `an_assertion_is_not_used_up_by_a_refused_proof` |
//! | FAPI 2.0: a pushed request, introspection or revocation without a proof | accepted | no token is issued there | `requests_of_a_profile` "no proof at revocation" |
//! | the grant `password` | 400 `unsupported_grant_type` | OAuth 2.1 §10, FAPI 2.0 Security Profile §5.3.2.1 | `requests_of_a_profile` "the grant password" |
//! | a client that is registered for `password` | loads | it may have other grants, and the grant is not served | `a_client_that_a_profile_does_not_accept_is_refused_with_its_member` "the grant password" |
//! | a pushed request without `code_challenge`, or not by `S256` | 400 `invalid_request` | OAuth 2.1 §4.1.1, FAPI 2.0 Security Profile §5.3.2.2 | `requests_of_a_profile` "no challenge" |
//! | a setting that contradicts the profile, in any order of the calls | [`ConfigError`](crate::layer::ConfigError) with setting, value and what is wanted | otherwise one of the two would be without effect, and nobody would know which | `what_contradicts_a_profile_is_named_with_its_value` |
//! | FAPI 2.0 with neither `client_assertions` nor `client_certificates`, or with neither `dpop` nor `client_certificates` | [`ConfigError`](crate::layer::ConfigError) | only the server can choose the store of used values | `fapi_needs_assertions_and_proofs` |
//! | the layer of another endpoint | has the same profile, and its settings are checked in the same way | one server has one profile | `the_layers_of_other_endpoints_are_held_to_the_profile` |
//! | a client of [`MemoryClientStore`](crate::MemoryClientStore) that can never be accepted: no method, algorithm or key of the profile, or an exception from it | [`ConfigError`](crate::layer::ConfigError) with entry, `client_id` and member | it would only ever get a 401 | `a_layer_names_each_client_of_its_store_that_is_not_accepted` |
//! | a client with a method of the profile and with others | loads, and may use the first | one registry serves several servers | `a_client_that_a_profile_does_not_accept_is_refused_with_its_member` "several methods, one of them accepted" |
//! | the same client in a later [`replace`](crate::MemoryClientStore::replace) | refused with entry and member; the clients stay as they are | a reload is held to what the start was held to | `clients_that_are_loaded_later_are_refused_and_nothing_changes` |
//! | the same client in a store of your own | 401 `invalid_client` | the layer sees a client only when it sends a request; [`Client::check_profile`](crate::Client::check_profile) tells it before | `methods_of_a_profile` "client_secret_basic" |

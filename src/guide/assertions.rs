//! Clients that sign: `private_key_jwt` and `client_secret_jwt` (feature `jwt`).
//!
//! A client of `private_key_jwt` has a private key, so your server keeps no secret that could leak. A client
//! of `client_secret_jwt` has a secret, but never sends it. Both sign a short JWT for each request, an
//! *assertion* (RFC 7523). It says who the client is, which server it is for, and until when it is valid. It
//! also has an identifier, so that it is accepted only once.
//!
//! ```no_run
//! # #[cfg(feature = "jwks-http")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use serde_json::json;
//! use tower_token_endpoint::{
//!     MemoryClientStore, TokenEndpointLayer,
//!     client::{AuthMethod, Client},
//!     jwks::HttpJwksSource,
//!     replay::MemoryReplayStore,
//! };
//!
//! let inline = Client::builder("s6BhdRkqt3")
//!     .auth_method(AuthMethod::PrivateKeyJwt)
//!     .metadata("jwks", json!({ "keys": [{
//!         "kty": "EC", "crv": "P-256",
//!         "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
//!         "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
//!     }] }))
//!     .build()?;
//! let by_uri = Client::builder("rotating")
//!     .auth_method(AuthMethod::PrivateKeyJwt)
//!     .metadata("jwks_uri", json!("https://client.example.org/jwks.json"))
//!     .build()?;
//!
//! let clients = MemoryClientStore::new([inline, by_uri])?;
//! let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
//!     .path("/token")
//!     .client_assertions(MemoryReplayStore::new()) // for one process; `RedisReplayStore` for several
//!     .jwks_source(HttpJwksSource::new()?) // for clients with a `jwks_uri`
//!     .build()?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "jwks-http"))]
//! # fn main() {}
//! ```
//!
//! An assertion has at most 16 KiB. Use
//! [`assertion_limit`](crate::layer::TokenEndpointLayerBuilder::assertion_limit) for another limit.
//!
//! # Algorithms and keys
//!
//! The algorithms are RS, PS, ES and HS with 256, 384 and 512, and Ed25519, also under its older name `EdDSA`.
//! Which of them a client may use is decided by its registration and its key, never by the assertion. Keys are
//! checked when the client is loaded: RSA keys have 2,048 to 4,096 bits, points are on their curve, and secrets
//! are at least as long as the hash.
//!
//! To hide which clients exist, the layer also verifies the assertions of unknown clients. So anybody can
//! choose the algorithm that takes the longest. ES384 takes 4 times as long as ES256, and ES512 takes 6 times
//! as long. RS256 with 2,048 bits takes about a third of ES256. If your clients do not use the slow algorithms,
//! [`signing_algorithms`](crate::layer::TokenEndpointLayerBuilder::signing_algorithms) saves that time: an
//! assertion with an algorithm that is not in the list is refused before anything is verified. RSA with 4,096
//! bits takes about as long as ES256, and with 8,192 bits four times as long as with 4,096. For a client with
//! such a key, set [`max_rsa_bits`](crate::layer::TokenEndpointLayerBuilder::max_rsa_bits) of the layer and of
//! the registration.
//!
//! # The audience
//!
//! The audience (`aud`) of an assertion must be the issuer, as RFC 10070 requires, which updates RFC 7523. An
//! array of this one value is also accepted, unless
//! [`strict_audience`](crate::layer::TokenEndpointLayerBuilder::strict_audience) is set (FAPI 2.0).
//! openid-client, oauth4webapi, huskarl and the MCP SDKs send the issuer. Some libraries send the URL of the
//! token endpoint by default, such as Authlib 1.9 and requests-oauth2client 1.8, and get a 401. Configure such
//! a client to send the issuer. If that is not possible,
//! [`accept_endpoint_audience`](crate::layer::TokenEndpointLayerBuilder::accept_endpoint_audience) accepts this
//! URL as well. It is a setting of the layer, and a member of the metadata of one client
//! (`"accept_endpoint_audience": true`). Prefer the exception for one client: the docs of the setting say what
//! it costs.
//!
//! Some older libraries send two values, the issuer and the token endpoint (oauth4webapi before 3,
//! openid-client before 5.7.1). The layer refuses every assertion with two values: if they name two servers,
//! each of them could use the assertion at the other. The log says what the audience was, and what it must be.
//!
//! # Where used assertions are remembered
//!
//! All endpoints and all machines must use one store. The layers that
//! [`for_endpoint`](crate::TokenEndpointLayer::for_endpoint) makes share it.
//!
//! | store | for | what it costs |
//! |---|---|---|
//! | [`MemoryReplayStore`](crate::replay::MemoryReplayStore) | one process | Its memory is bounded, and each client has a share of 1/128 of it, so that a hundred clients together cannot fill it (`client_share` changes the share). If the system clock is changed, a used assertion is still refused. The store forgets everything when the process ends. |
//! | [`RedisReplayStore`](crate::replay::RedisReplayStore) (feature `redis`) | several machines, with one Redis 7 or Valkey, or a cluster | One `SET` for each accepted assertion. A call takes at most 200 ms. |
//! | your own | any other database | [`ReplayStore`](crate::replay::ReplayStore) has one `async fn`. In one atomic step, it remembers a value until a given time and tells whether the value was new. Test it with `testing::replay_store`. |
//!
//! An assertion that cannot be remembered is not accepted: if the store is full, down or slow, the response is
//! a 503. Once the store is back, the server goes on without a restart. The store is asked last, after the
//! signature and all claims were checked. So somebody who cannot sign can neither fill the store nor make the
//! assertion of a client useless. What Redis needs is on the page [`deployment`](super::deployment#redis).
//!
//! # Keys by URI
//!
//! With a `jwks_uri`, a client can change its keys without your help. But the client chooses the URI, and your
//! server fetches it from inside your network. So [`HttpJwksSource`](crate::jwks::HttpJwksSource) (feature
//! `jwks-http`) is strict. It uses https and public addresses only, follows no redirect, and reads at most
//! 64 KiB; the docs of its [`GuardedFetch`](crate::jwks::fetch::GuardedFetch) list every check. For clients inside of
//! your own network, use
//! [`for_internal_networks`](crate::jwks::fetch::GuardedFetch::for_internal_networks), and pass the result to
//! [`with_fetch`](crate::jwks::HttpJwksSource::with_fetch). With `networks`, it fetches only from these
//! networks, and no longer from public addresses. With a `proxy`, the proxy resolves the names, so it must also
//! refuse the addresses that clients must not reach. Both can have a private certificate authority. The host
//! must still be a name.
//!
//! The layer keeps a fetched key set for as long as `Cache-Control` says, but at least one minute and at most
//! one day. Without `Cache-Control`, it keeps the set for 10 minutes.
//!
//! | situation | what the layer does |
//! |---|---|
//! | several requests wait for the same set | it is fetched once |
//! | a request names a key (`kid`) that the set does not have | the set is fetched again, at most five times a minute; in between, such a request gets a 503, because the client may have changed its keys in the meantime |
//! | the source is down | the last set is used, for 24 hours or for as long as [`jwks_stale_if_error`](crate::layer::TokenEndpointLayerBuilder::jwks_stale_if_error) says; if there is no last set, or if it does not have the key, the request gets a 503 |
//! | the client serves the set without a key | the key is revoked, once the layer fetches the set again |
//! | a 404 or 410 | the client has no keys, and its assertions get a 401 |
//! | a key of a set is not valid | the layer skips it and reports it as a warning |
//!
//! The layer fetches at most 64 sets at the same time, and at most 4 from the same host. Your own source of
//! keys implements [`JwksSource`](crate::jwks::JwksSource), which has one `async fn`. Test it with
//! `testing::jwks_source`.

//! OAuth 2.1 and FAPI 2.0: what a profile does, and what is left to the server.
//!
//! A [`Profile`](crate::layer::Profile) is a bundle of settings. It switches on what its specification
//! requires, and [`build`](crate::layer::TokenEndpointLayerBuilder::build) returns an error if another setting
//! contradicts it:
//!
//! ```
//! # #[cfg(feature = "jwt")] {
//! use tower_token_endpoint::{
//!     Endpoint, MemoryClientStore, TokenEndpointLayer, dpop::Dpop, layer::Profile,
//!     replay::MemoryReplayStore,
//! };
//!
//! let clients = MemoryClientStore::from_json(br#"[{
//!     "client_id": "s6BhdRkqt3",
//!     "token_endpoint_auth_method": "private_key_jwt",
//!     "jwks_uri": "https://client.example.org/jwks.json"
//! }]"#)?;
//! let token = TokenEndpointLayer::builder(clients, "https://as.example.com")
//!     .path("/token")
//!     .client_assertions(MemoryReplayStore::new())
//!     .dpop(Dpop::new())
//!     .profile(Profile::Fapi2)
//!     .build()?;
//! let par = token.for_endpoint(Endpoint::PushedAuthorization, "/par")?;
//!
//! let metadata = token.server_metadata();
//! assert_eq!(metadata["require_pushed_authorization_requests"], true);
//! # }
//! # Ok::<_, tower_token_endpoint::BoxError>(())
//! ```
//!
//! # Clients
//!
//! FAPI 2.0 accepts only clients that sign, or that have a certificate. If a
//! [`MemoryClientStore`](crate::MemoryClientStore) has others, `build` returns an error that names each of them,
//! and a later [`replace_from_json`](crate::MemoryClientStore::replace_from_json) with such a client changes
//! nothing. In a store of your own, they get a 401. Call
//! [`Client::check_profile`](crate::Client::check_profile) where clients are registered, so that nobody
//! registers a client that cannot be used.
//!
//! OAuth 2.1 accepts all methods. It has one reading of Basic credentials, so a client that does not
//! form-urlencode its secret gets a 401 if the secret has characters such as `+` or `%`.
//!
//! # What is left to the server
//!
//! The layer sees the requests of clients, and nothing of the users. These rules are for the server:
//!
//! | rule | OAuth 2.1 | FAPI 2.0 |
//! |---|---|---|
//! | The authorization endpoint refuses requests that were not pushed | | §5.3.2.2 |
//! | The authorization endpoint refuses requests without `code_challenge` by `S256` | §4.1.1 | §5.3.2.2 |
//! | The authorization response has `iss` | | §5.3.2.2 |
//! | Redirection URIs are compared byte for byte, and are https unless they are those of a native app | §2.3.1 | §5.3.2.2 |
//! | A code is good once, and for one minute at most | once | §5.3.2.1 |
//! | A refresh token of a public client is bound to a key, or used once | §4.3.1 | |
//! | A token is bound to the key in [`dpop_thumbprint`](crate::TokenRequest::dpop_thumbprint), and resources check proofs by [`Dpop::verify`](crate::dpop::Dpop::verify) of the [`dpop_settings`](crate::TokenEndpointLayer::dpop_settings) of the layer; or it is bound to the certificate of the client. [`confirmation`](crate::request::AuthenticatedRequest::confirmation) returns either | | §5.3.2.1 |
//! | TLS 1.2 or later | §1.5 | §5.2 |

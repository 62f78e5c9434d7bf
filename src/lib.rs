//! A tower middleware for the OAuth 2.0 token endpoint.
//!
//! [`TokenEndpointLayer`] wraps any service, here called the inner service. It intercepts
//! token requests ([RFC 6749 §3.2]), authenticates the client (§2.3), and checks everything
//! that can be checked before a token is issued. It responds to every failure itself, with
//! the status, the JSON body and the challenge (`WWW-Authenticate`) of §5.2. Only an
//! authenticated, well-formed token request reaches the inner service, which then has one
//! thing to do: issue a token.
//!
//! # The order of a request
//!
//! 1. **Path.** Requests for another path, and `OPTIONS` requests without a body, pass
//!    through untouched.
//! 2. **Head.** The request is a `POST` of a form, without a secret or `client_id` in the
//!    URI. It has at most one `Authorization` header, with the scheme Basic.
//! 3. **Body.** The body is within the limit and the deadline, and is decoded strictly. No
//!    parameter that a specification defines is there twice, and none is also in the query.
//! 4. **Credentials.** The client uses one authentication method: `client_secret_basic`,
//!    `client_secret_post`, an assertion, which is a signed JWT (`private_key_jwt`,
//!    `client_secret_jwt`), a certificate (`tls_client_auth`, `self_signed_tls_client_auth`), or `none`, for a public client.
//! 5. **Throttle.** If [`throttle`] is set, there were not too many failed authentications from
//!    the same source, or for this client from that source. Otherwise, the response is a 429, also if the secret is right.
//! 6. **Client and proof.** The client exists, is registered for the method, and sent
//!    the right secret or an assertion that it signed, or presented its certificate. An assertion is accepted only once.
//!    Every failed authentication gets the same 401. If the store of clients or of used assertions
//!    is down, the response is a 503.
//! 7. **Key.** If [`dpop`](layer::TokenEndpointLayerBuilder::dpop) is set and the request has a DPoP proof, the
//!    proof is right, and was not used before. A client whose tokens must be bound has sent what they are bound to.
//! 8. **Grant and scope.** The server serves the grant, the client is registered for
//!    the grant and the scope, and the request has the parameters that the grant requires.
//!
//! The module [`decisions`] lists every case, with its reason and its test.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tower::{BoxError, Layer, ServiceExt, service_fn};
//! use tower_token_endpoint::{
//!     MemoryClientStore, TokenEndpointLayer, TokenRequest, TokenResponse, body::RequestBody,
//! };
//!
//! type Body = Full<Bytes>;
//!
//! async fn issue(request: Request<RequestBody<Body>>) -> Result<Response<Body>, BoxError> {
//!     let request = request.extensions().get::<TokenRequest>().ok_or("no layer in front")?;
//!     let token = format!("token-of-{}", request.client().client_id());
//!     Ok(TokenResponse::bearer(token).into_http())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), BoxError> {
//! let clients = MemoryClientStore::from_json(br#"[{
//!     "client_id": "s6BhdRkqt3",
//!     "client_secret": "gX1fBat3bV",
//!     "grant_types": ["client_credentials"]
//! }]"#)?;
//! let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
//!     .path("/token")
//!     .build()?;
//! let service = layer.layer(service_fn(issue));
//!
//! let request = Request::post("/token")
//!     .header("authorization", "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW")
//!     .header("content-type", "application/x-www-form-urlencoded")
//!     .body(Body::from("grant_type=client_credentials"))?;
//! let response = service.oneshot(request).await?;
//!
//! assert_eq!(response.status(), 200);
//! # Ok(())
//! # }
//! ```
//!
//! With axum, a handler takes a [`TokenRequest`] as its argument: see the example there. The [`guide`] shows
//! how to compose the layer with others, and what to think of before a server goes live.
//!
//! # Features
//!
//! By default, no feature is on.
//!
//! | feature | what it adds |
//! |---|---|
//! | `argon2`, `bcrypt`, `pbkdf2` | [hashed secrets](client::ClientSecret::from_hash) of this kind; without it, loading them is an error |
//! | `axum` | [`axum_body`](TokenEndpointLayer::axum_body), extractors and `IntoResponse` for axum 0.8 |
//! | `client-documents` | [`client::documents::ClientDocuments`]: clients whose `client_id` is the URL of their registration; enables `jwks-http` |
//! | `jwt` | [`client_assertions`]: the methods `private_key_jwt` and `client_secret_jwt`; tokens that are bound to a key ([`dpop`]); the modules [`jwks`] and [`replay`] |
//! | `jwks-http` | [`jwks::HttpJwksSource`]: key sets from the `jwks_uri` of a client, over https; the module [`jwks::fetch`], which limits what is fetched; enables `jwt` |
//! | `mtls` | [`client::certificates`]: the methods `tls_client_auth` and `self_signed_tls_client_auth`, and tokens that are bound to a certificate; enables `jwt` |
//! | `pages` | [`rejection::pages`]: a page for each error code, with its causes and what to do about them |
//! | `redis` | [`replay::RedisReplayStore`] and [`throttle::RedisThrottle`]: remember used assertions and count failures for several machines; enables `jwt` |
//! | `metrics` | [`rejection::metrics`]: a counter, a histogram and gauges |
//! | `testing` | [`testing`]: tests for a store or a source of keys of your own |
//! | `tracing` | one [`tracing` event](rejection#events-feature-tracing) for each decision, without secrets |
//!
//! A feature adds types and methods. It never changes what a request gets.
//!
//! [`client_assertions`]: layer::TokenEndpointLayerBuilder::client_assertions
//! [`throttle`]: layer::TokenEndpointLayerBuilder::throttle
//!
//! [RFC 6749 §3.2]: https://www.rfc-editor.org/rfc/rfc6749#section-3.2
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "axum")]
mod axum;
// Without `jwt` the layer accepts no assertions, and without `mtls` no certificates, so nothing calls what
// reads them.
#[cfg_attr(
    not(feature = "jwt"),
    expect(unreachable_pub, unused_imports, reason = "see above")
)]
#[cfg_attr(not(feature = "mtls"), expect(dead_code, reason = "see above"))]
mod crypto;
mod error;
#[cfg(feature = "pages")]
mod pages;
#[cfg_attr(
    not(feature = "mtls"),
    expect(dead_code, unreachable_pub, reason = "see above")
)]
mod protocol;
#[cfg_attr(not(feature = "jwt"), expect(dead_code, reason = "see above"))]
mod service;
mod verify;

pub mod decisions;
pub mod guide;
pub mod rejection;
#[cfg_attr(
    not(feature = "jwt"),
    expect(dead_code, unreachable_pub, reason = "see above")
)]
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod throttle;

#[doc(inline)]
pub use self::{
    client::Client,
    grant::GrantType,
    layer::{Endpoint, TokenEndpointLayer},
    request::TokenRequest,
    store::MemoryClientStore,
};
pub use self::{
    error::BoxError,
    protocol::outgoing::{
        error_code::ErrorCode, token_error::TokenError, token_response::TokenResponse,
    },
};

pub mod body {
    //! Request and response bodies of the layer.
    //!
    //! The inner service gets a [`RequestBody`], with the bytes as they were sent. The
    //! layer responds with a [`ResponseBody`]. With feature `axum`,
    //! [`axum_body`](crate::TokenEndpointLayer::axum_body) makes both of them
    //! `axum::body::Body`.

    #[cfg(feature = "axum")]
    pub use crate::service::body::AxumBody;
    pub use crate::service::body::{
        LayerBody, RequestBody, ResponseBody, WrapRequestBody, WrapResponseBody,
    };
}

pub mod client {
    //! Registered clients, their secrets and their authentication methods.
    //!
    //! A [`Client`] is read from client metadata (RFC 7591), as JSON or as a map, or
    //! built with a [`ClientBuilder`]. Each of its secrets is a [`ClientSecret`]: a
    //! digest, a password hash (Argon2, bcrypt or PBKDF2), the secret itself, or a
    //! [`SecretHash`] of your own. The module [`hashing`] says where slow hashes run.
    //!
    //! # Secrets in JSON
    //!
    //! RFC 7591 has one member for one secret, `client_secret`. The member `client_secrets` is
    //! an extension of this crate. It is an array of objects, and may be there beside
    //! `client_secret` or instead of it:
    //!
    //! | member of an element | value |
    //! |---|---|
    //! | `hash` | a hash of the secret, as [`ClientSecret::from_hash`] reads it |
    //! | `secret` | the secret itself; only its SHA-256 is kept, except for `client_secret_jwt` |
    //! | `expires_at` | the time from which the secret is no longer accepted, in seconds since 1970; if it is 0 or absent, the secret does not expire |
    //!
    //! Each element has either `hash` or `secret`. To replace a secret without an outage, add an
    //! element, tell the client, and give the old element an `expires_at`:
    //!
    //! ```
    //! # #[cfg(feature = "bcrypt")] {
    //! use tower_token_endpoint::Client;
    //!
    //! let client = Client::from_json(br#"{
    //!     "client_id": "s6BhdRkqt3",
    //!     "client_secrets": [
    //!         {"hash": "$2b$10$4hTAYtCn0IZ3coPvZTQadupusYV4obOXpa8NvazwVuEknXhlqtOTa"},
    //!         {"hash": "sha256:53f5da0aaa93d64cd5772c554cbf940f0539e689dddbeb8f923eec3f72c02ea9", "expires_at": 1893456000}
    //!     ]
    //! }"#)?;
    //! # }
    //! # Ok::<_, tower_token_endpoint::client::ClientMetadataError>(())
    //! ```

    #[cfg(feature = "mtls")]
    pub mod certificates;
    #[cfg(feature = "client-documents")]
    pub mod documents;
    pub mod hashing;

    pub use crate::crypto::{HashLimits, ParseSecretHashError};
    #[cfg(feature = "jwt")]
    pub use crate::crypto::{ParseSigningAlgorithmError, SigningAlgorithm};
    pub use crate::protocol::{
        auth_method::{AuthMethod, ParseAuthMethodError},
        client::{
            Client,
            builder::ClientBuilder,
            delivery_mode::BackchannelTokenDeliveryMode,
            error::ClientMetadataError,
            id_url::{ClientIdUrl, ParseClientIdUrlError},
            problem::ClientProblem,
        },
        client_secret::ClientSecret,
        decoy::Decoy,
        secret::Secret,
        secret_hash::{SecretCheck, SecretHash},
    };
}

#[cfg(feature = "jwt")]
pub mod dpop {
    //! Tokens that are bound to a key of the client (DPoP, RFC 9449).
    //!
    //! A client that sends a proof with its token request shows that it has a private key. The server
    //! binds the token to this key, and a resource server wants a proof with each request. So a stolen
    //! token is of no use without the key.
    //!
    //! ```
    //! use tower_token_endpoint::{
    //!     MemoryClientStore, TokenEndpointLayer, TokenRequest, TokenResponse,
    //!     dpop::{Dpop, DpopNonces},
    //!     replay::MemoryReplayStore,
    //! };
    //!
    //! # let clients = MemoryClientStore::from_json(b"[]")?;
    //! let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
    //!     .path("/token")
    //!     .replay_store(MemoryReplayStore::new()) // or `client_assertions`, which sets it as well
    //!     .dpop(Dpop::new().nonces(DpopNonces::random()))
    //!     .build()?;
    //!
    //! async fn issue(request: TokenRequest) -> TokenResponse {
    //!     match request.authenticated().confirmation() {
    //!         Some(cnf) => TokenResponse::dpop(format!("a token with the claim cnf: {cnf}")),
    //!         None => TokenResponse::bearer("a token that is not bound"),
    //!     }
    //! }
    //! # Ok::<_, tower_token_endpoint::BoxError>(())
    //! ```
    //!
    //! The layer verifies the proof after the client has authenticated. A refused proof is a 400
    //! `invalid_dpop_proof`, and uses up neither the assertion of the client nor its code. The module
    //! [`decisions`](crate::decisions::dpop) lists every case.
    //!
    //! # Browser apps
    //!
    //! A browser hides the headers `DPoP-Nonce` and `WWW-Authenticate` from the app, and refuses to send
    //! `DPoP`, unless the CORS layer says otherwise:
    //!
    //! ```
    //! use http::{HeaderName, header};
    //! use tower_http::cors::{Any, CorsLayer};
    //!
    //! let cors = CorsLayer::new()
    //!     .allow_origin(Any)
    //!     .allow_headers([
    //!         header::AUTHORIZATION,
    //!         header::CONTENT_TYPE,
    //!         HeaderName::from_static("dpop"),
    //!     ])
    //!     .expose_headers([
    //!         header::WWW_AUTHENTICATE,
    //!         HeaderName::from_static("dpop-nonce"),
    //!     ]);
    //! # let _: CorsLayer = cors;
    //! ```

    pub use crate::{
        protocol::{dpop_nonces::DpopNonces, settings::dpop::Dpop},
        verify::{ResourceProof, ResourceRequest},
    };
}

pub mod grant {
    //! Grant types and scopes.
    //!
    //! A [`Client`](crate::Client) is registered for grant types and a scope. A
    //! [`TokenRequest`](crate::TokenRequest) has one of the grant types and may ask for a
    //! part of the scope.

    pub use crate::protocol::{
        grant::{GrantType, OtherGrantType, ParseGrantTypeError},
        grant_parameters::GrantParameters,
        scope::{ParseScopeError, Scope},
    };
}

#[cfg(feature = "jwt")]
pub mod jwks {
    //! Key sets of clients that registered a `jwks_uri` (RFC 7591 §2).
    //!
    //! A key set (JWKS, RFC 7517 §5) is a JSON object with the public keys of a client.
    //! The layer fetches it from a [`JwksSource`] and caches it. With feature
    //! `jwks-http`, `HttpJwksSource` fetches key sets over https.

    #[cfg(feature = "jwks-http")]
    pub mod fetch;

    #[cfg(feature = "jwks-http")]
    pub use crate::store::http_jwks::HttpJwksSource;
    pub use crate::store::jwks::{FetchedKeys, JwksSource};
}

pub mod layer {
    //! The layer, its builder, and the tower service that it makes.
    //!
    //! [`TokenEndpointLayer::builder`] returns a [`TokenEndpointLayerBuilder`], which has
    //! a method for each setting. If a setting is wrong, the [`ConfigError`] of
    //! [`build`](TokenEndpointLayerBuilder::build) names it. A [`Profile`] is a bundle of settings.

    pub use crate::{
        protocol::{
            outgoing::respond::Challenge,
            settings::{endpoint::Endpoint, profile::Profile, trace_ids::TraceIds},
        },
        service::{
            future::ResponseFuture,
            layer::{
                TokenEndpointLayer,
                builder::TokenEndpointLayerBuilder,
                config_error::{ConfigError, ConfigProblem},
            },
            service::TokenEndpoint,
        },
    };
}

#[cfg(feature = "jwt")]
pub mod replay {
    //! Stores of one-time values, which detect assertions that are used a second time.
    //!
    //! A one-time value is the identifier of an assertion, its claim `jti`. Pass a store to
    //! [`client_assertions`].
    //!
    //! [`MemoryReplayStore`] is for a server that is one process. With feature `redis`,
    //! `RedisReplayStore` is for several. A [`ReplayStore`] of your own can use any database
    //! with an atomic insert.
    //!
    //! [`client_assertions`]: crate::layer::TokenEndpointLayerBuilder::client_assertions

    #[cfg(feature = "redis")]
    pub use crate::store::redis::{error::RedisStoreError, replays::RedisReplayStore};
    pub use crate::{
        protocol::replay::{Remembered, ReplayKey, ReplayPurpose},
        store::{full::ReplayStoreFull, memory::replays::MemoryReplayStore, replays::ReplayStore},
    };
}

pub mod request {
    //! Accepted requests, which the inner service finds in the request extensions.
    //!
    //! Each endpoint has a type of its own: [`TokenRequest`], [`IntrospectionRequest`],
    //! [`RevocationRequest`], [`PushedAuthorizationRequest`], [`DeviceAuthorizationRequest`] and
    //! [`BackchannelAuthenticationRequest`]. A handler that takes one of them fails closed behind
    //! the layer of another endpoint. What they share is an [`AuthenticatedRequest`].
    //!
    //! If several layers are around a service and more than one of them accepts the request, the
    //! service finds only the request of the innermost of these. A layer does not touch the
    //! extensions of a request that passes through it: what an outer layer accepted is then
    //! still there. No other code can make a value of these types.

    pub use crate::protocol::accepted::{
        authenticated::AuthenticatedRequest,
        backchannel_authentication::BackchannelAuthenticationRequest,
        device_authorization::DeviceAuthorizationRequest, introspection::IntrospectionRequest,
        parameters::Parameters, pushed_authorization::PushedAuthorizationRequest,
        request::TokenRequest, revocation::RevocationRequest,
    };
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

//! A tower middleware for the OAuth 2.0 token endpoint.
//!
//! [`TokenEndpointLayer`] wraps any service. It takes the token requests
//! ([RFC 6749 §3.2]), authenticates their clients (§2.3), checks what can be
//! checked before a token is issued, and answers every failure itself with the
//! status, the JSON body and the challenge of §5.2. Of the requests to the
//! endpoint, the inner service gets the authenticated, well-formed ones, and does
//! one thing: issue tokens.
//!
//! # The order of a request
//!
//! 1. **Path.** Another path, and `OPTIONS`, pass through untouched.
//! 2. **Head.** `POST`, a form, no secret in the URI, one `Authorization`
//!    header at most, and that of scheme Basic.
//! 3. **Body.** Within the limit and the deadline, strictly decoded, no
//!    parameter twice.
//! 4. **Credentials.** One mechanism: `client_secret_basic`,
//!    `client_secret_post`, an assertion (`private_key_jwt`,
//!    `client_secret_jwt`) or `none`.
//! 5. **Client and proof.** Found by its id, registered for the method, with
//!    the right secret or a signature by its key, which is good once. Whatever
//!    is wrong here is one and the same 401.
//! 6. **Grant and scope.** Served by the server, registered for the client,
//!    with the parameters that the grant needs.
//!
//! [`decisions`] has every row, with its reason and its test.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tower::{BoxError, Layer, ServiceExt, service_fn};
//! use tower_token_endpoint::{
//!     MemoryClients, RequestBody, TokenEndpointLayer, TokenRequest, TokenResponse,
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
//! let clients = MemoryClients::from_json(br#"[{
//!     "client_id": "s6BhdRkqt3",
//!     "client_secret": "gX1fBat3bV",
//!     "grant_types": ["client_credentials"]
//! }]"#)?;
//! let service = TokenEndpointLayer::new(clients, "https://as.example.com")
//!     .path("/token")
//!     .layer(service_fn(issue));
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
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `axum` | `TokenEndpointLayer::axum_body`, extractors, `IntoResponse` |
//! | `jwt` | `TokenEndpointLayer::assertions`: `private_key_jwt`, `client_secret_jwt`; `MemoryReplays` |
//! | `jwks-http` | `JwksHttp`: key sets by `jwks_uri`, over https; with `jwt` |
//! | `redis` | `RedisReplays`: one-time values for several machines; with `jwt` |
//! | `testing` | `testing`: the contract of a store, as a test to run your own through |
//! | `tracing` | one event for each decision, without anything secret |
//!
//! A feature adds types and methods and never changes what a request gets.
//!
//! [RFC 6749 §3.2]: https://www.rfc-editor.org/rfc/rfc6749#section-3.2
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "axum")]
mod axum;
// Without `jwt` the layer accepts no assertions, so nothing calls what reads them.
#[cfg_attr(
    not(feature = "jwt"),
    expect(dead_code, unreachable_pub, unused_imports, reason = "see above")
)]
mod crypto;
pub mod decisions;
mod error;
#[cfg_attr(
    not(feature = "jwt"),
    expect(dead_code, unreachable_pub, reason = "see above")
)]
mod protocol;
#[cfg_attr(not(feature = "jwt"), expect(dead_code, reason = "see above"))]
mod service;
#[cfg_attr(
    not(feature = "jwt"),
    expect(dead_code, unreachable_pub, reason = "see above")
)]
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod verify;

#[cfg(feature = "axum")]
pub use self::service::body::AxumBody;
#[cfg(feature = "jwks-http")]
pub use self::store::fetch::{JwksHttp, error::JwksHttpError, resolve::JwksResolver};
#[cfg(feature = "redis")]
pub use self::store::redis::{RedisReplays, error::RedisReplaysError};
#[cfg(feature = "jwt")]
pub use self::{
    crypto::{SigningAlgorithm, UnknownSigningAlgorithm},
    protocol::replay::{Remembered, ReplayKey, ReplayPurpose},
    store::{
        jwks::{FetchedKeys, KeySource},
        memory::replays::{MemoryReplays, full::ReplaysFull},
        replays::ReplayStore,
    },
};
pub use self::{
    error::BoxError,
    protocol::{
        accepted::{
            parameters::Parameters,
            request::{AuthenticatedRequest, TokenRequest},
        },
        auth_method::{AuthMethod, UnknownAuthMethod},
        client::{Client, builder::ClientBuilder, error::ClientError},
        client_secret::ClientSecret,
        decoy::Decoy,
        grant::{GrantType, GrantTypeError, OtherGrantType},
        outgoing::{
            error_code::ErrorCode, respond::Challenge, token_error::TokenError,
            token_response::TokenResponse,
        },
        reason::Reason,
        rejection::Rejection,
        scope::{Scope, ScopeError},
        secret::Secret,
        secret_hash::{SecretCheck, SecretHash},
        settings::endpoint::Endpoint,
    },
    service::{
        body::{LayerBody, RequestBody, ResponseBody, WrapRequestBody, WrapResponseBody},
        future::ResponseFuture,
        layer::{TokenEndpointLayer, config_error::ConfigError},
        service::TokenEndpoint,
    },
    store::{
        clients::ClientStore,
        memory::clients::{MemoryClients, error::LoadError},
    },
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

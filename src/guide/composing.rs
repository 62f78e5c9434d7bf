//! The layer among other layers, in axum, and around several endpoints.
//!
//! # The order of the layers
//!
//! From the outside to the inside, with axum 0.8, tower 0.5 and tower-http 0.7 (features `catch-panic`,
//! `cors`, `request-id` and `trace`):
//!
//! ```
//! use axum::{Router, routing::post};
//! use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE};
//! use tower::ServiceBuilder;
//! use tower_http::{
//!     catch_panic::CatchPanicLayer,
//!     cors::{Any, CorsLayer},
//!     request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
//!     trace::TraceLayer,
//! };
//! use tower_token_endpoint::{
//!     MemoryClientStore, TokenEndpointLayer, TokenRequest, TokenResponse, layer::TraceIds,
//! };
//!
//! async fn issue(request: TokenRequest) -> TokenResponse {
//!     TokenResponse::bearer(format!("a token for {}", request.client().client_id()))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let token = TokenEndpointLayer::builder(MemoryClientStore::new([])?, "https://as.example.com")
//!     .path("/token")
//!     // The same identifier as that of the layers outside.
//!     .trace_ids(TraceIds::new().extension(|id: &RequestId| id.header_value().to_str().ok()))
//!     .build()?;
//! let layers = ServiceBuilder::new()
//!     .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid)) // first: all that follows can name the request
//!     .layer(TraceLayer::new_for_http()) // sees every response, also those of the layers below
//!     .layer(PropagateRequestIdLayer::x_request_id())
//!     .layer(CatchPanicLayer::new()) // makes a 500 of a panic, inside the trace
//!     .layer(
//!         CorsLayer::new() // responds to preflights, and lets a browser app read errors
//!             .allow_origin(Any)
//!             .allow_headers([AUTHORIZATION, CONTENT_TYPE, HeaderName::from_static("dpop")])
//!             .expose_headers([WWW_AUTHENTICATE, HeaderName::from_static("dpop-nonce")]),
//!     )
//!     .layer(token); // refuses a request, or hands it on authenticated
//! let app: Router = Router::new().route("/token", post(issue)).layer(layers);
//! # let request = http::Request::post("/token").body(axum::body::Body::empty())?;
//! # let response = tower::ServiceExt::oneshot(app, request).await?;
//! # let id = response.headers()["x-request-id"].to_str()?.to_owned();
//! # let body = axum::body::to_bytes(response.into_body(), 4096).await?;
//! # assert!(std::str::from_utf8(&body)?.contains(&format!("\"trace_id\":\"{id}\"")));
//! # Ok(())
//! # }
//! ```
//!
//! | layer | where, and why |
//! |---|---|
//! | body limit, body deadline | Outside. They limit what anyone may send, to any path. The layer has its own limit and deadline. If the limit of another layer is exceeded while the body streams, the response is the JSON 413 of this layer. If the other layer already refuses the `Content-Length`, the response is that of the other layer. Make the deadline of this layer the shorter one, so that a slow body gets a 408. |
//! | compression | Outside. Requests must not be compressed. |
//! | timeout | Outside, so that it also covers your service. The deadline of this layer ends where your service begins. |
//! | metrics of your own | Outside. The [`Rejection`](crate::rejection::Rejection) in the extensions of the response tells why a request was refused. |
//! | a limit for all requests | Outside. The layer itself limits only failed authentications, if [`throttle`](crate::throttle) is set. |
//! | `buffer`, `load_shed`, `ConcurrencyLimit` | Inside or outside. Outside, a slow sender occupies a slot while its body arrives. Inside, it does not: the slot is taken once the request is accepted. Your service is cloned twice for each request, so a clone should be cheap. |
//!
//! # Paths
//!
//! - The layer compares the path byte for byte. If the server normalises paths (`//token`, `/%74oken`), set
//!   [`path_where`](crate::layer::TokenEndpointLayerBuilder::path_where): a function that tells which paths
//!   are those of the endpoint. Or do not set a path, and wrap only the route.
//! - Inside of `nest("/oauth", …)`, set the path without `/oauth`. A layer with a wrong path lets requests
//!   pass, but a handler that takes [`TokenRequest`](crate::TokenRequest) then refuses them.
//! - A query in the URL of the endpoint, such as `?tenant=a`, is handed on. Credentials and the parameters that
//!   the layer checks, such as `grant_type` and `scope`, are refused in it, and so is a name that is also in the
//!   body. Nothing else in it is checked.
//! - A preflight (`OPTIONS` without a body) passes through the layer, and a handler that takes `TokenRequest`
//!   then responds with a 500. Route only `post` to the handler, not `any`, and put CORS in front.
//!
//! # axum
//!
//! `Router::layer`, `Router::route_layer` and `MethodRouter::layer` accept the layer as it is. In three cases
//! the bodies must be axum's: see [`axum_body`](crate::TokenEndpointLayer::axum_body).
//!
//! `RequestBodyLimit` changes the type of the response body. Around a whole `Router` under `axum::serve`, it
//! needs a `MapResponseBodyLayer::new(Body::new)` outside of it. This is so with or without this layer.
//!
//! # Runtimes
//!
//! Inside of a tokio runtime, the deadline needs the timer of the runtime, which `#[tokio::main]` turns on.
//! Without the timer, a request that has to wait panics, and the gauge `oauth_sources_throttled` falls only when
//! the next source gets a 429. Outside of a tokio runtime there is no deadline.
//!
//! # Several endpoints
//!
//! The same layer guards all endpoints at which clients authenticate:
//!
//! | [`Endpoint`](crate::Endpoint) | specification | request type | public clients | what your service does |
//! |---|---|---|---|---|
//! | `Token` | RFC 6749 §3.2 | [`TokenRequest`](crate::TokenRequest) | yes | checks the grant, and issues a token |
//! | `Introspection` | RFC 7662 | [`IntrospectionRequest`](crate::request::IntrospectionRequest) | no | tells what it knows about the token, if the client may know it |
//! | `Revocation` | RFC 7009 | [`RevocationRequest`](crate::request::RevocationRequest) | yes | ends the token, if it is of the client |
//! | `PushedAuthorization` | RFC 9126 | [`PushedAuthorizationRequest`](crate::request::PushedAuthorizationRequest) | yes | checks it as an authorization request, and responds with a `request_uri` |
//! | `DeviceAuthorization` | RFC 8628 §3.1 | [`DeviceAuthorizationRequest`](crate::request::DeviceAuthorizationRequest) | yes | makes a device code and a user code |
//! | `BackchannelAuthentication` | OpenID Connect CIBA Core §7 | [`BackchannelAuthenticationRequest`](crate::request::BackchannelAuthenticationRequest) | no | finds the user, and responds with an `auth_req_id` |
//!
//! For the last two, the client must be registered for the grant that begins there. The token endpoint serves
//! this grant only if [`grant_type`](crate::layer::TokenEndpointLayerBuilder::grant_type) adds it.
//!
//! Make the other layers from the first one, so that all of them share its stores:
//!
//! ```
//! use axum::{Router, routing::post};
//! use tower_token_endpoint::{
//!     Endpoint, MemoryClientStore, TokenEndpointLayer, TokenRequest, TokenResponse,
//!     request::RevocationRequest,
//! };
//!
//! async fn issue(request: TokenRequest) -> TokenResponse {
//!     TokenResponse::bearer(format!("a token for {}", request.client().client_id()))
//! }
//!
//! async fn revoke(request: RevocationRequest) {
//!     let _token = request.token(); // end it, if it was issued to `request.client()`
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let token = TokenEndpointLayer::builder(MemoryClientStore::new([])?, "https://as.example.com")
//!     .path("/token")
//!     .build()?;
//! let revocation = token.for_endpoint(Endpoint::Revocation, "/revoke")?;
//! let app: Router = Router::new()
//!     .route("/token", post(issue))
//!     .route("/revoke", post(revoke))
//!     .layer(token)
//!     .layer(revocation);
//! # Ok(())
//! # }
//! ```
//!
//! Each endpoint has a request type of its own. So a handler behind the layer of another endpoint responds
//! with a 500, and never serves a client that was checked by other rules.
//!
//! [`server_metadata`](crate::TokenEndpointLayer::server_metadata) of each layer returns the members of the
//! discovery document (RFC 8414) that depend on the layer. So discovery never promises what the layer refuses.

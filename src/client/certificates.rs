//! Client certificates of TLS connections (mutual TLS, RFC 8705).
//!
//! The layer does not end TLS connections. [`ClientCertificates`] says who does, and how the certificate of the
//! client comes to the layer: as a [`ClientCertificate`] in the extensions of the request, or in a header.
//!
//! ```
//! use serde_json::json;
//! use tower_token_endpoint::{
//!     MemoryClientStore, TokenEndpointLayer, TokenRequest, TokenResponse,
//!     client::certificates::ClientCertificates,
//! };
//!
//! let clients = MemoryClientStore::from_json(json!([{
//!     "client_id": "billing",
//!     "token_endpoint_auth_method": "tls_client_auth",
//!     "tls_client_auth_subject_dn": "CN=billing,O=Example,C=DE",
//!     "grant_types": ["client_credentials"]
//! }]).to_string().as_bytes())?;
//! let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
//!     .path("/token")
//!     .client_certificates(ClientCertificates::nginx())
//!     .build()?;
//!
//! async fn issue(request: TokenRequest) -> TokenResponse {
//!     match request.authenticated().confirmation() {
//!         Some(cnf) => TokenResponse::bearer(format!("a token with the claim cnf: {cnf}")),
//!         None => TokenResponse::bearer("a token that is not bound"),
//!     }
//! }
//! # Ok::<_, tower_token_endpoint::BoxError>(())
//! ```
//!
//! | method | the certificate |
//! |---|---|
//! | `tls_client_auth` | its chain is verified, it is valid now, and it has the one registered name: `tls_client_auth_subject_dn`, `tls_client_auth_san_dns`, `…_san_uri`, `…_san_ip` or `…_san_email` |
//! | `self_signed_tls_client_auth` | its key is that of a key in `jwks` or at the `jwks_uri` of the client; its chain and its time do not count |
//!
//! An access token that is bound to a certificate is of no use to whoever steals it: a resource server accepts it
//! only over a connection with the same certificate, by its `x5t#S256`
//! ([`confirmation`](crate::request::AuthenticatedRequest::confirmation)).
//!
//! The module [`decisions`](crate::decisions::certificates) lists every case.

pub use crate::protocol::{
    client_certificate::ClientCertificate, settings::client_certificates::ClientCertificates,
};

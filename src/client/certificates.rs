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
//!     let token = match request.authenticated().confirmation() {
//!         Some(cnf) => format!("a token with the claim cnf: {cnf}"),
//!         None => "a token that is not bound".to_owned(),
//!     };
//!     match request.dpop_thumbprint() {
//!         Some(_) => TokenResponse::dpop(token), // only with the setting `dpop`
//!         None => TokenResponse::bearer(token),
//!     }
//! }
//! # Ok::<_, tower_token_endpoint::BoxError>(())
//! ```
//!
//! | method | the certificate |
//! |---|---|
//! | `tls_client_auth` | its chain is verified, it is valid now, and it has the one registered name: `tls_client_auth_subject_dn`, `tls_client_auth_san_dns`, `…_san_uri`, `…_san_ip` or `…_san_email` |
//! | `self_signed_tls_client_auth` | its key is that of a key in `jwks` or at the `jwks_uri` of the client; its chain and its validity period are not checked |
//!
//! # Which name to register
//!
//! A client of `tls_client_auth` has exactly one of these members. Write a subject with the last attribute of the certificate
//! first (RFC 4514), as this command prints it after `subject=`: `openssl x509 -noout -subject -nameopt RFC2253 -in app.pem`.
//!
//! | member | is the same |
//! |---|---|
//! | `tls_client_auth_subject_dn` | attribute by attribute, in this order: any type of string, any case of ASCII letters, one space or several; `A=1+B=2` in any order. `S`, `E`, `OID.1.2.3` and other names that OpenSSL, Java and .NET print are known |
//! | `tls_client_auth_san_dns` | any DNS name, in any case. No wildcards: a `*` is a `*`. Never the common name |
//! | `tls_client_auth_san_uri` | any URI, byte for byte |
//! | `tls_client_auth_san_ip` | any address, by its octets: an IPv4 address is never one of IPv6 |
//! | `tls_client_auth_san_email` | any address: the part before the `@` exactly, the domain in any case. Never `emailAddress` of the subject |
//!
//! If another name was presented, the event of the 401 has both.
//!
//! # Connections
//!
//! An acceptor makes one [`ClientCertificate`] for a connection, and each request gets a clone. For `tls_client_auth`, the
//! layer checks the validity period in each request. Chain and revocation are checked only when the connection begins. So
//! limit how long a connection lives, and set the revocation lists where TLS ends: in nginx by `ssl_crl`, in HAProxy by
//! `crl-file`, in Envoy by `crl`.
//!
//! # Bound tokens
//!
//! An access token that is bound to a certificate is of no use to whoever steals it: a resource server accepts it
//! only over a connection with the same certificate, by its `x5t#S256`
//! ([`confirmation`](crate::request::AuthenticatedRequest::confirmation)).
//!
//! The module [`decisions`](crate::decisions::certificates) lists every case.

pub use crate::protocol::{
    client_certificate::ClientCertificate, settings::client_certificates::ClientCertificates,
};

//! Clients that authenticate by the certificate of their TLS connection (RFC 8705), with axum and rustls. An authority has
//! signed their certificates, and the name in it is registered: `tls_client_auth`. The tokens are bound to the certificate.
//!
//! Make an authority, a certificate of the server, and one of a client:
//!
//! ```sh
//! mkdir -p /tmp/mtls && cd /tmp/mtls
//! openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=Example CA' -keyout ca.key -out ca.pem
//! openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=localhost' -addext subjectAltName=DNS:localhost -keyout server.key -out server.csr
//! openssl x509 -req -in server.csr -copy_extensions copy -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out server.pem
//! openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/C=DE/O=Example/CN=billing' -addext extendedKeyUsage=clientAuth -keyout billing.key -out billing.csr
//! openssl x509 -req -in billing.csr -copy_extensions copy -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out billing.pem
//! ```
//!
//! Start the server with this folder, and get a token from another terminal:
//!
//! ```sh
//! cargo run --example mtls /tmp/mtls
//! curl -s --cacert /tmp/mtls/ca.pem --cert /tmp/mtls/billing.pem --key /tmp/mtls/billing.key -d grant_type=client_credentials -d client_id=billing https://localhost:3000/token
//! ```
//!
//! `serve/tls.rs` ends the connections, and puts the certificate of the client into each request.

mod serve;
#[path = "serve/tls.rs"]
mod tls;

use std::{path::PathBuf, time::Duration};

use axum::{Router, routing::post};
use tower_token_endpoint::{
    BoxError, Client, GrantType, MemoryClientStore, TokenEndpointLayer, TokenRequest,
    TokenResponse, client::AuthMethod, client::certificates::ClientCertificates,
};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("say where the certificates are")?;
    let listen = arguments.next().unwrap_or("localhost:3000".to_owned());
    let folder = PathBuf::from(folder);
    let tls = tls::Tls::from_files(&tls::Files {
        certificate: folder.join("server.pem"),
        key: folder.join("server.key"),
        client_authorities: Some(folder.join("ca.pem")),
    });
    let tls = tls.map_err(|wrong| wrong.to_string())?;
    let listener = serve::listen(&listen).await?;
    let issuer = format!("https://localhost:{}", listener.local_addr()?.port());

    let client = Client::builder("billing")
        .auth_method(AuthMethod::TlsClientAuth)
        // The order is that of RFC 4514: the last name comes first. It is compared by what it means.
        .metadata(
            "tls_client_auth_subject_dn",
            "CN=billing,O=Example,C=DE".into(),
        )
        .grant_types([GrantType::ClientCredentials])
        .build()?;
    let layer = TokenEndpointLayer::builder(MemoryClientStore::new([client])?, &issuer)
        .path("/token")
        .client_certificates(ClientCertificates::from_acceptor())
        .build()?;
    let app = Router::new().route("/token", post(issue)).layer(layer);
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let told_to_end = serve::signals()?;
    println!("listening on {issuer}");
    serve::serve_over(tls, listener, app, told_to_end).await;
    Ok(())
}

/// Your token is a JWT with the claim `cnf`, or a random text with which you store it. A resource server compares it
/// with the certificate of its own connection (RFC 8705 §3).
async fn issue(request: TokenRequest) -> TokenResponse {
    let client_id = request.client().client_id();
    let response = TokenResponse::bearer(format!("a-token-for-{client_id}"))
        .expires_in(Duration::from_secs(3600));
    match request.authenticated().confirmation() {
        Some(cnf) => response.parameter("cnf", cnf), // only to show it: clients do not need it
        None => response,
    }
}

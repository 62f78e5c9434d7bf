//! Clients that authenticate by a certificate of their own (RFC 8705 §2.2), on bare hyper with rustls. Nobody has signed
//! the certificate, and its key is registered: `self_signed_tls_client_auth`. `mtls.rs` has authorities and axum.
//!
//! Make a certificate of the server, and one of a client:
//!
//! ```sh
//! mkdir -p /tmp/mtls-hyper && cd /tmp/mtls-hyper
//! openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=localhost' -addext subjectAltName=DNS:localhost -keyout server.key -out server.pem
//! openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=any name' -keyout billing.key -out billing.pem
//! ```
//!
//! Start the server with this folder, and get a token from another terminal:
//!
//! ```sh
//! cargo run --example mtls_hyper /tmp/mtls-hyper
//! curl -s --cacert /tmp/mtls-hyper/server.pem --cert /tmp/mtls-hyper/billing.pem --key /tmp/mtls-hyper/billing.key -d grant_type=client_credentials -d client_id=billing https://localhost:3000/token
//! ```

mod serve;
#[path = "serve/tls.rs"]
mod tls;

use std::{convert::Infallible, path::PathBuf};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::json;
use tower::ServiceBuilder;
use tower_token_endpoint::{
    BoxError, Client, GrantType, MemoryClientStore, TokenEndpointLayer, TokenRequest,
    TokenResponse, body::RequestBody, client::AuthMethod, client::certificates::ClientCertificates,
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
        client_authorities: None,
    });
    let tls = tls.map_err(|wrong| wrong.to_string())?;
    let listener = serve::listen(&listen).await?;
    let issuer = format!("https://localhost:{}", listener.local_addr()?.port());

    // A JWK has the numbers of the key, or in `x5c` a certificate with it (RFC 7517 §4.7). A client that makes its
    // certificates itself mostly has a `jwks_uri` instead, so that it can replace them.
    let certificate = std::fs::read_to_string(folder.join("billing.pem"))?;
    let base64: String = certificate
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let client = Client::builder("billing")
        .auth_method(AuthMethod::SelfSignedTlsClientAuth)
        .metadata(
            "jwks",
            json!({ "keys": [{ "kty": "EC", "x5c": [base64] }] }),
        )
        .grant_types([GrantType::ClientCredentials])
        .build()?;
    let layer = TokenEndpointLayer::builder(MemoryClientStore::new([client])?, &issuer)
        .path("/token")
        .client_certificates(ClientCertificates::from_acceptor())
        .build()?;
    let service = ServiceBuilder::new().layer(layer).service_fn(answer);
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let told_to_end = serve::signals()?;
    println!("listening on {issuer}");
    serve::serve_over(tls, listener, service, told_to_end).await;
    Ok(())
}

/// Token requests arrive here authenticated. Requests for other paths arrive as they were sent.
async fn answer(
    request: Request<RequestBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let Some(token_request) = request.extensions().get::<TokenRequest>() else {
        let mut not_found = Response::new(Full::default());
        *not_found.status_mut() = StatusCode::NOT_FOUND;
        return Ok(not_found);
    };
    let bound_to = token_request.authenticated().confirmation();
    let response = TokenResponse::bearer("a-token");
    let response = match bound_to {
        Some(cnf) => response.parameter("cnf", cnf), // only to show it: clients do not need it
        None => response,
    };
    Ok(response.into_http())
}

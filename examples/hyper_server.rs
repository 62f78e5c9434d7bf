//! A token endpoint on bare hyper, HTTP/1.1 and HTTP/2, without axum.
//!
//! ```text
//! cargo run --example hyper_server [ADDRESS:PORT]
//! curl -u demo:demo-secret -d grant_type=client_credentials http://127.0.0.1:3000/token
//! ```
//!
//! How connections are accepted, and when they end, is in `serve/mod.rs`.

mod serve;

use std::{convert::Infallible, error::Error, time::Duration};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use tower::ServiceBuilder;
use tower_token_endpoint::{
    Client, GrantType, MemoryClientStore, TokenEndpointLayer, TokenRequest, TokenResponse,
    body::RequestBody, client::ClientSecret,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::builder("demo")
        .secret(ClientSecret::sha256_of("demo-secret"))
        .grant_types([GrantType::ClientCredentials])
        .build()?;
    let clients = MemoryClientStore::new([client])?;
    let listen = std::env::args().nth(1);
    let listener = serve::listen(listen.as_deref().unwrap_or("127.0.0.1:3000")).await?;
    let issuer = format!("http://{}", listener.local_addr()?);

    let layer = TokenEndpointLayer::builder(clients, &issuer)
        .path("/token")
        .build()?;
    let service = ServiceBuilder::new().layer(layer).service_fn(answer);
    // Log lines go to stderr: each decision of the layer, and what becomes of connections.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let told_to_end = serve::signals()?;
    println!("listening on {issuer}");
    serve::serve(listener, service, told_to_end).await;
    Ok(())
}

/// Token requests arrive here authenticated. Requests for other paths arrive as they
/// were sent.
async fn answer(
    request: Request<RequestBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let Some(token_request) = request.extensions().get::<TokenRequest>() else {
        let mut not_found = Response::new(Full::default());
        *not_found.status_mut() = StatusCode::NOT_FOUND;
        return Ok(not_found);
    };
    let client_id = token_request.client().client_id();
    Ok(
        TokenResponse::bearer(format!("a-token-for-{client_id}")) // yours is random, or signed
            .expires_in(Duration::from_secs(3600))
            .into_http(),
    )
}

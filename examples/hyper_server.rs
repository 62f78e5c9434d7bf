//! A token endpoint on bare hyper, HTTP/1.1 and HTTP/2, without axum.
//!
//! ```text
//! cargo run --example hyper_server [ADDRESS:PORT]
//! curl -u demo:demo-secret -d grant_type=client_credentials http://127.0.0.1:3000/token
//! ```

use std::{convert::Infallible, error::Error, time::Duration};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::net::TcpListener;
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
    let listener = TcpListener::bind(listen.as_deref().unwrap_or("127.0.0.1:3000")).await?;
    let issuer = format!("http://{}", listener.local_addr()?);

    let layer = TokenEndpointLayer::builder(clients, &issuer)
        .path("/token")
        .build()?;
    let service = ServiceBuilder::new().layer(layer).service_fn(answer);
    println!("listening on {issuer}");
    loop {
        let (stream, _) = listener.accept().await?;
        // HTTP/2 writes head and body separately, and the body should not wait.
        stream.set_nodelay(true)?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            let mut server = auto::Builder::new(TokioExecutor::new());
            // With a timer, hyper closes a connection on which the head of a request
            // does not end. The deadline of the layer covers the body.
            server.http1().timer(TokioTimer::new());
            let connection = server.serve_connection(TokioIo::new(stream), service);
            if let Err(error) = connection.await {
                eprintln!("connection: {error}");
            }
        });
    }
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

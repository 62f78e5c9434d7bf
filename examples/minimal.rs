//! The layer around a function, without a framework or a socket.
//!
//! ```text
//! cargo run --example minimal
//! ```

use std::{convert::Infallible, error::Error, time::Duration};

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use tower::{ServiceBuilder, ServiceExt};
use tower_token_endpoint::{
    Client, ErrorCode, GrantType, MemoryClientStore, TokenEndpointLayer, TokenError, TokenRequest,
    TokenResponse, body::RequestBody, client::ClientSecret,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::builder("demo")
        .secret(ClientSecret::sha256_of("demo-secret"))
        .grant_types([GrantType::ClientCredentials])
        .scope("read write")
        .build()?;
    let clients = MemoryClientStore::new([client])?;
    let layer = TokenEndpointLayer::builder(clients, "https://as.example.com").build()?;
    let service = ServiceBuilder::new().layer(layer).service_fn(issue);

    let request = Request::post("https://as.example.com/token")
        .header(header::AUTHORIZATION, "Basic ZGVtbzpkZW1vLXNlY3JldA==") // demo:demo-secret
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(
            "grant_type=client_credentials&scope=read",
        )))?;
    let response = service.oneshot(request).await?;

    let (head, body) = response.into_parts();
    println!("{} {:#?}", head.status, head.headers);
    println!(
        "{}",
        String::from_utf8_lossy(&body.collect().await?.to_bytes())
    );
    Ok(())
}

/// Gets only requests of authenticated clients. It has one thing left to do: issue a
/// token.
async fn issue(
    request: Request<RequestBody<Full<Bytes>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let Some(request) = request.extensions().get::<TokenRequest>() else {
        return Ok(TokenError::from(ErrorCode::ServerError).into_http());
    };
    let mut response = TokenResponse::bearer("2YotnFZFEjr1zCsicMWpAA") // yours is random, or signed
        .expires_in(Duration::from_secs(3600));
    if let Some(scope) = request.scope() {
        response = response.scope(scope.as_str());
    }
    Ok(response.into_http())
}

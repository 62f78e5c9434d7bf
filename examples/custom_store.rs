//! A client store of your own. This one serves several tenants, which it tells apart
//! by the host of the request, and hands its own data on to the handler.
//!
//! ```text
//! cargo run --example custom_store
//! ```

use std::{collections::HashMap, error::Error, fmt, sync::Arc, time::Duration};

use axum::{Router, body::Body, routing::post};
use http::{Request, header, request::Parts};
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_token_endpoint::{
    ErrorCode, GrantType, TokenEndpointLayer, TokenError, TokenRequest, TokenResponse,
    client::{AuthMethod, Client, ClientSecret},
    store::ClientStore,
};

/// What this server knows about a client beyond its metadata.
#[derive(Clone)]
struct Plan {
    tenant: &'static str,
    token_lifetime: Duration,
}

/// Stands in for a table `(host, client_id) → client` in a database.
struct TenantClients {
    rows: HashMap<(String, String), Arc<Client>>,
}

/// Error returned when the database does not respond. Clients then get a 503, since a
/// 401 could make them throw their registration away.
#[derive(Debug)]
struct DatabaseDown;

impl fmt::Display for DatabaseDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the client database did not respond")
    }
}

impl Error for DatabaseDown {}

impl ClientStore for TenantClients {
    type Error = DatabaseDown;

    async fn find(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Result<Option<Arc<Client>>, DatabaseDown> {
        // HTTP/2 sends the host in the URI, HTTP/1.1 in a header.
        let host = match request.uri.authority() {
            Some(authority) => Some(authority.as_str()),
            None => request
                .headers
                .get(header::HOST)
                .and_then(|host| host.to_str().ok()),
        };
        let Some(host) = host else {
            return Ok(None);
        };
        if host == "down.example.com" {
            return Err(DatabaseDown);
        }
        Ok(self
            .rows
            .get(&(host.to_owned(), client_id.to_owned()))
            .cloned())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Two tenants have a client with the same `client_id`: these are two clients.
    let mut rows = HashMap::new();
    for (tenant, secret, minutes) in [("acme", "acme-secret", 60), ("umbrella", "other-secret", 5)]
    {
        let host = format!("{tenant}.example.com");
        let token_lifetime = Duration::from_secs(minutes * 60);
        let client = Client::builder("app")
            .secret(ClientSecret::sha256_of(secret))
            .auth_method(AuthMethod::ClientSecretPost)
            .grant_types([GrantType::ClientCredentials])
            .issuer(format!("https://{host}"))
            .extension(Plan {
                tenant,
                token_lifetime,
            })
            .build()?;
        rows.insert((host, "app".to_owned()), Arc::new(client));
    }
    let layer = TokenEndpointLayer::builder(TenantClients { rows }, "https://example.com")
        .path("/token")
        .build()?;
    let app = Router::new().route("/token", post(issue)).layer(layer);

    for (host, secret) in [
        ("acme.example.com", "acme-secret"),
        ("umbrella.example.com", "other-secret"),
        ("umbrella.example.com", "acme-secret"),
        ("down.example.com", "acme-secret"),
    ] {
        let form = format!("grant_type=client_credentials&client_id=app&client_secret={secret}");
        let request = Request::post("/token")
            .header(header::HOST, host)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))?;
        let response = app.clone().oneshot(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        println!(
            "{secret} at {host}: {status} {}",
            String::from_utf8_lossy(&body)
        );
    }
    Ok(())
}

async fn issue(request: TokenRequest) -> Result<TokenResponse, TokenError> {
    let plan = request.client().extensions().get::<Plan>();
    let plan = plan.ok_or(TokenError::new(ErrorCode::ServerError))?;
    let token = format!("a-token-of-{}", plan.tenant); // yours is random, or signed
    Ok(TokenResponse::bearer(token).expires_in(plan.token_lifetime))
}

//! A client store of your own. This one serves several tenants, which it tells apart
//! by the host of the request, and hands its own data on to the handler.
//!
//! ```text
//! cargo run --example custom_store
//! ```

use std::{collections::HashMap, error::Error, fmt, sync::Arc, time::Duration};

use axum::{Router, body::Body, routing::post};
use http::{Request, Response, header, request::Parts};
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_token_endpoint::{
    ErrorCode, TokenEndpointLayer, TokenError, TokenRequest, TokenResponse,
    client::{Client, ClientMetadataError, ClientSecret},
    rejection::Rejection,
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
    rows: HashMap<(String, String), Row>,
}

/// A row of the table. The metadata was written by another program, as JSON.
struct Row {
    metadata: &'static str,
    secret: &'static str, // yours has its hash
    plan: Plan,
}

impl Row {
    fn client(&self) -> Result<Client, ClientMetadataError> {
        // An error of the JSON would be refused in the same way: a map has no `client_id`.
        let metadata = serde_json::from_str(self.metadata).unwrap_or_default();
        let secret = ClientSecret::sha256_of(self.secret);
        let mut client = Client::from_metadata(metadata, [secret])?;
        client.extensions_mut().insert(self.plan.clone());
        Ok(client)
    }
}

/// Error returned when the store cannot tell whether a client exists. The client then gets a
/// 503, since a 401 could make it throw its registration away.
#[derive(Debug)]
enum LookupError {
    /// The database does not respond.
    DatabaseDown,
    /// The client exists, but its row cannot be read. For the operator, the error names the
    /// client and what is wrong.
    UnreadableRow {
        client_id: String,
        error: ClientMetadataError,
    },
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DatabaseDown => f.write_str("the client database did not respond"),
            Self::UnreadableRow { client_id, .. } => {
                write!(f, "the row of the client {client_id:?} cannot be read")
            }
        }
    }
}

impl Error for LookupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::DatabaseDown => None,
            Self::UnreadableRow { error, .. } => Some(error),
        }
    }
}

impl ClientStore for TenantClients {
    type Error = LookupError;

    async fn find(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Result<Option<Arc<Client>>, LookupError> {
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
            return Err(LookupError::DatabaseDown);
        }
        let Some(row) = self.rows.get(&(host.to_owned(), client_id.to_owned())) else {
            return Ok(None);
        };
        match row.client() {
            Ok(client) => Ok(Some(Arc::new(client))),
            // Never `Ok(None)`, which would mean that nobody has this id.
            Err(error) => Err(LookupError::UnreadableRow {
                client_id: client_id.to_owned(),
                error,
            }),
        }
    }
}

const METADATA: &str = r#"{
    "client_id": "app",
    "token_endpoint_auth_method": "client_secret_post",
    "grant_types": ["client_credentials"]
}"#;

/// A scope has one space between each two tokens.
const BAD_METADATA: &str = r#"{
    "client_id": "app",
    "token_endpoint_auth_method": "client_secret_post",
    "scope": "read  write"
}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Three tenants have a client with the same `client_id`: these are three clients.
    let mut rows = HashMap::new();
    for (tenant, metadata, secret, minutes) in [
        ("acme", METADATA, "acme-secret", 60),
        ("umbrella", METADATA, "other-secret", 5),
        ("broken", BAD_METADATA, "broken-secret", 5),
    ] {
        let token_lifetime = Duration::from_secs(minutes * 60);
        let row = Row {
            metadata,
            secret,
            plan: Plan {
                tenant,
                token_lifetime,
            },
        };
        rows.insert((format!("{tenant}.example.com"), "app".to_owned()), row);
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
        ("broken.example.com", "broken-secret"),
    ] {
        let form = format!("grant_type=client_credentials&client_id=app&client_secret={secret}");
        let request = Request::post("/token")
            .header(header::HOST, host)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))?;
        let response = app.clone().oneshot(request).await?;
        log(&response);
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        println!(
            "{secret} at {host}: {status} {}",
            String::from_utf8_lossy(&body)
        );
    }
    Ok(())
}

/// What the operator should see, and the client should not. Feature `tracing` does the same.
fn log(response: &Response<Body>) {
    let rejection = response.extensions().get::<Rejection>();
    let mut cause = rejection.and_then(Error::source);
    while let Some(error) = cause {
        eprintln!("{error}");
        cause = error.source();
    }
}

async fn issue(request: TokenRequest) -> Result<TokenResponse, TokenError> {
    let plan = request.client().extensions().get::<Plan>();
    let plan = plan.ok_or(TokenError::new(ErrorCode::ServerError))?;
    let token = format!("a-token-of-{}", plan.tenant); // yours is random, or signed
    Ok(TokenResponse::bearer(token).expires_in(plan.token_lifetime))
}

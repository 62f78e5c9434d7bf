//! An authorization server as clients of the Model Context Protocol (MCP) expect it, and a small MCP server
//! that wants its tokens. Clients are not registered: their ids are the URLs of their registrations.
//!
//! ```text
//! cargo run --example mcp_server [-- --listen ADDRESS:PORT --issuer URL]
//! claude mcp add --transport http demo http://127.0.0.1:3000/mcp
//! ```
//!
//! Then `/mcp` in Claude Code asks you to authenticate. Behind a proxy that ends TLS, `--issuer` is the URL that clients
//! see.
//!
//! `--dangerously-allow-local-client-documents` is for tests: documents may also be on this machine, and over
//! plain http.
//!
//! It approves every request at once, since it has no users: [`authorize`] says where yours are asked.

#[path = "mcp_server/authorize.rs"]
mod authorize;
#[path = "mcp_server/expiring.rs"]
mod expiring;
#[path = "mcp_server/resource.rs"]
mod resource;
mod serve;
#[path = "mcp_server/token.rs"]
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Json, Router,
    routing::{get, post},
};
use http::header;
use serde_json::{Map, Value, json};
use tower_http::cors::{AllowHeaders, Any, CorsLayer};
use tower_token_endpoint::{
    BoxError, ErrorCode, GrantType, MemoryClientStore, TokenEndpointLayer, client::AuthMethod,
    client::documents::ClientDocuments, jwks::fetch::GuardedFetch, layer::Profile,
    replay::MemoryReplayStore,
};

use crate::token::Issued;

/// The one scope. Which scope the client asks for is ignored, and the response says what it gets.
const SCOPE: &str = "mcp";

struct Server {
    issuer: String,
    /// The URL of the MCP server, which is the audience of every token.
    resource: String,
    clients: Arc<ClientDocuments<MemoryClientStore>>,
    issued: Mutex<Issued>,
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let (mut listen, mut issuer, mut local) = ("127.0.0.1:3000".to_owned(), None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--listen" => listen = arguments.next().ok_or("--listen wants ADDRESS:PORT")?,
            "--issuer" => issuer = Some(arguments.next().ok_or("--issuer wants a URL")?),
            "--dangerously-allow-local-client-documents" => local = true,
            _ => return Err(format!("unknown argument {argument:?}").into()),
        }
    }
    let listener = serve::listen(&listen).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let issuer = issuer.unwrap_or_else(|| base.clone());
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let mut fetch = GuardedFetch::new()?;
    if local {
        fetch = fetch.dangerously_allow_loopback_and_http();
    }
    // Clients that you have registered yourself stand in the store inside.
    let clients = ClientDocuments::builder(MemoryClientStore::new([])?).fetch(fetch);
    let app = app(&issuer, clients.build()?)?;
    let told_to_end = serve::signals()?;
    println!("listening on {base}");
    serve::serve(listener, app, told_to_end).await;
    Ok(())
}

fn app(issuer: &str, clients: ClientDocuments<MemoryClientStore>) -> Result<Router, BoxError> {
    let clients = Arc::new(clients);
    let layer = TokenEndpointLayer::builder(Arc::clone(&clients), issuer)
        .path("/token")
        .profile(Profile::OAuth21)
        .auth_methods([AuthMethod::None, AuthMethod::PrivateKeyJwt])
        .client_assertions(MemoryReplayStore::new())
        .grant_types([GrantType::AuthorizationCode, GrantType::RefreshToken])
        .build()?;
    let metadata = discovery(issuer, layer.server_metadata());
    let server = Arc::new(Server {
        issuer: issuer.to_owned(),
        resource: format!("{issuer}/mcp"),
        clients,
        issued: Mutex::default(),
    });
    // Clients that run in a browser read all of this.
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([header::WWW_AUTHENTICATE]);
    let discovery = get(async move || Json(metadata));
    Ok(Router::new()
        .route("/token", post(token::issue))
        .layer(layer)
        .route("/.well-known/oauth-authorization-server", discovery)
        .merge(resource::routes())
        .layer(cors)
        // Only the browser of the user comes here, so without CORS (RFC 9700 §2.6).
        .route("/authorize", get(authorize::authorize))
        .with_state(server))
}

/// The discovery document (RFC 8414). The layer has said what it decides, `none` among the methods and
/// `client_id_metadata_document_supported` included.
fn discovery(issuer: &str, mut metadata: Map<String, Value>) -> Map<String, Value> {
    let mut add = |name: &str, value: Value| metadata.insert(name.to_owned(), value);
    let endpoint = format!("{issuer}/authorize");
    add("authorization_endpoint", json!(endpoint));
    add("response_types_supported", json!(["code"]));
    add("scopes_supported", json!([SCOPE]));
    let iss = "authorization_response_iss_parameter_supported";
    add(iss, json!(true));
    metadata
}

impl Server {
    fn issued(&self) -> MutexGuard<'_, Issued> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// RFC 8707 §2. A client that names none gets a token for the one MCP server that there is.
    fn check_resource<'a>(
        &self,
        mut asked: impl Iterator<Item = &'a str>,
    ) -> Result<(), ErrorCode> {
        let all = asked.all(|it| it == self.resource);
        all.then_some(()).ok_or(ErrorCode::InvalidTarget)
    }
}

//! One process that is the authorization server of several tenants. Each has its own issuer, clients, realm
//! and discovery document. All of them share one layer, and so one store, and one cache of key sets.
//!
//! ```text
//! cargo run --example multi_tenant [ADDRESS:PORT] &
//! curl -u app:acme-secret -d grant_type=client_credentials -H 'Host: acme.example.com' http://127.0.0.1:3000/token
//! curl -u app:initech-secret -d grant_type=client_credentials http://127.0.0.1:3000/t/initech/token
//! curl http://127.0.0.1:3000/.well-known/oauth-authorization-server/t/initech
//! ```
//!
//! A tenant has a host of its own, or a path below a host that tenants share. A client is found by its
//! tenant and its `client_id`, so each tenant may have a client `app`.

mod serve;

use std::{collections::HashMap, sync::Arc};

use axum::{
    Extension, Json, Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderValue, StatusCode, header, request::Parts, uri::Authority};
use serde_json::{Map, Value, json};
use tower_token_endpoint::{
    BoxError, Client, ErrorCode, GrantType, TokenEndpointLayer, TokenError, TokenRequest,
    TokenResponse,
    client::{AuthMethod, ClientSecret},
    jwks::{HttpJwksSource, JwksSource},
    replay::MemoryReplayStore,
    store::ClientStore,
};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let listen = std::env::args().nth(1);
    let listener = serve::listen(listen.as_deref().unwrap_or("127.0.0.1:3000")).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let app = app(Tenants::demo(&base)?, HttpJwksSource::new()?)?;
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let told_to_end = serve::signals()?;
    println!("listening on {base}");
    serve::serve(listener, app, told_to_end).await;
    Ok(())
}

struct Tenant {
    issuer: String,
    /// Yours are in a database.
    clients: HashMap<String, Arc<Client>>,
}

impl Tenant {
    fn demo(issuer: String, secret: &str) -> Result<Self, BoxError> {
        // The issuer of a client is the audience of its assertions. So nobody can use an assertion for one
        // tenant at another one.
        let app = Client::builder("app")
            .issuer(&issuer)
            .secret(ClientSecret::sha256_of(secret))
            .grant_types([GrantType::ClientCredentials])
            .build()?;
        // A program of another company, which uses its one key pair at all tenants.
        let partner = Client::builder("partner")
            .issuer(&issuer)
            .auth_method(AuthMethod::PrivateKeyJwt)
            .metadata("jwks_uri", json!("https://partner.example.org/jwks.json"))
            .grant_types([GrantType::ClientCredentials])
            .build()?;
        let clients = [app, partner].map(|it| (it.client_id().to_owned(), Arc::new(it)));
        Ok(Self {
            issuer,
            clients: clients.into(),
        })
    }
}

pub(crate) struct Tenants {
    by_host: HashMap<String, Arc<Tenant>>,
    /// At any other host.
    by_path: HashMap<String, Arc<Tenant>>,
}

impl Tenants {
    pub(crate) fn demo(base: &str) -> Result<Self, BoxError> {
        let mut tenants = Self {
            by_host: HashMap::new(),
            by_path: HashMap::new(),
        };
        for name in ["acme", "globex"] {
            let host = format!("{name}.example.com");
            let tenant = Tenant::demo(format!("https://{host}"), &format!("{name}-secret"))?;
            tenants.by_host.insert(host, Arc::new(tenant));
        }
        for name in ["initech", "umbrella"] {
            let path = format!("/t/{name}");
            let tenant = Tenant::demo(format!("{base}{path}"), &format!("{name}-secret"))?;
            tenants.by_path.insert(path, Arc::new(tenant));
        }
        Ok(tenants)
    }

    fn find(&self, host: &str, path: &str) -> Option<&Arc<Tenant>> {
        match self.by_host.get(&host.to_ascii_lowercase()) {
            Some(tenant) => matches!(path, TOKEN | DISCOVERY).then_some(tenant),
            None => {
                let of_tenant = path.strip_suffix(TOKEN).or(path.strip_prefix(DISCOVERY));
                self.by_path.get(of_tenant?)
            }
        }
    }
}

const TOKEN: &str = "/token";
/// The path of the issuer follows (RFC 8414 §3.1).
const DISCOVERY: &str = "/.well-known/oauth-authorization-server";

/// Finds the clients of the tenant that [`choose_tenant`] has found.
struct Clients;

impl ClientStore for Clients {
    type Error = BoxError;

    async fn find(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Result<Option<Arc<Client>>, BoxError> {
        let tenant = request.extensions.get::<Arc<Tenant>>();
        let tenant = tenant.ok_or("the request has no tenant")?;
        Ok(tenant.clients.get(client_id).cloned())
    }
}

pub(crate) fn app(tenants: Tenants, keys: impl JwksSource) -> Result<Router, BoxError> {
    // No tenant has this issuer. It would be the realm, but `choose_tenant` sets that of the tenant.
    let layer = TokenEndpointLayer::builder(Clients, "https://tenants.invalid")
        .client_assertions(MemoryReplayStore::new())
        .jwks_source(keys)
        .build()?;
    let metadata = Arc::new(layer.server_metadata());
    let discovery = get(move |tenant| async move { discovery(tenant, &metadata) });
    Ok(Router::new()
        .route(TOKEN, post(issue))
        .route("/t/{tenant}/token", post(issue))
        .route_layer(layer)
        .route(DISCOVERY, discovery.clone())
        .route(&format!("{DISCOVERY}/t/{{tenant}}"), discovery)
        .layer(from_fn_with_state(Arc::new(tenants), choose_tenant)))
}

/// Every part of the server gets the same tenant, as an extension of the request.
async fn choose_tenant(
    State(tenants): State<Arc<Tenants>>,
    mut request: Request,
    next: Next,
) -> Response {
    // HTTP/2 sends the host in the URI, HTTP/1.1 in a header.
    let authority = request.uri().authority().cloned().or_else(|| {
        let host = request.headers().get(header::HOST)?;
        Authority::try_from(host.as_bytes()).ok()
    });
    let host = authority.as_ref().map_or("", Authority::host);
    let Some(tenant) = tenants.find(host, request.uri().path()).cloned() else {
        let error = TokenError::new(ErrorCode::InvalidRequest).status(StatusCode::NOT_FOUND);
        return error
            .description("there is nothing at this host and path")
            .into_response();
    };
    let challenge = format!(r#"Basic realm="{}", charset="UTF-8""#, tenant.issuer);
    request.extensions_mut().insert(tenant);
    let mut response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED
        && let Ok(challenge) = HeaderValue::try_from(challenge)
    {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// What the layer accepts is the same for all tenants.
fn discovery(tenant: Extension<Arc<Tenant>>, metadata: &Map<String, Value>) -> Json<Value> {
    let mut document = metadata.clone();
    document.insert("issuer".to_owned(), json!(tenant.issuer));
    let endpoint = format!("{}{TOKEN}", tenant.issuer);
    document.insert("token_endpoint".to_owned(), json!(endpoint));
    Json(Value::Object(document))
}

async fn issue(tenant: Extension<Arc<Tenant>>, request: TokenRequest) -> TokenResponse {
    let client_id = request.client().client_id();
    let token = format!("a token of {} for {client_id}", tenant.issuer); // yours is random, or signed
    TokenResponse::bearer(token)
}

//! The server behind the proxies.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::json;
use tower::{BoxError, Layer, service_fn};
use tower_token_endpoint::body::RequestBody;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::client::certificates::ClientCertificates;
use tower_token_endpoint::{
    Client, GrantType, MemoryClientStore, TokenEndpointLayer, TokenRequest,
};

use crate::common::{Built, ISSUER, serve};
use crate::issued::Pki;

/// The inner service must not see these headers.
pub(crate) async fn start(
    setting: ClientCertificates,
    taken: &'static [&'static str],
    pki: &Pki,
) -> SocketAddr {
    let client = |id: &str, method, grant| {
        Client::builder(id)
            .auth_methods([method])
            .grant_types([grant])
    };
    let credentials = GrantType::ClientCredentials;
    let clients = [
        client("named", AuthMethod::TlsClientAuth, credentials.clone())
            .metadata("tls_client_auth_subject_dn", "CN=app".into()),
        client("keyed", AuthMethod::SelfSignedTlsClientAuth, credentials)
            .metadata("jwks", json!({"keys": [pki.own.jwk()]})),
        client("public", AuthMethod::None, GrantType::AuthorizationCode),
    ];
    let clients = clients.map(|client| client.build().expect("a client"));
    let layer =
        TokenEndpointLayer::builder(MemoryClientStore::new(clients).expect("clients"), ISSUER)
            .path("/token")
            .client_certificates(setting)
            .built();
    serve(layer.layer(service_fn(|request| issue(request, taken)))).await
}

/// Says what a token would be bound to.
async fn issue(
    request: Request<RequestBody<Incoming>>,
    taken: &[&str],
) -> Result<Response<Full<Bytes>>, BoxError> {
    for name in taken {
        assert!(!request.headers().contains_key(*name), "{name}");
    }
    let token_request = request.extensions().get::<TokenRequest>();
    let token_request = token_request.ok_or("no layer in front")?;
    let bound_to = token_request.certificate_thumbprint();
    let body = json!({ "bound_to": bound_to });
    Ok(Response::new(Full::from(body.to_string())))
}

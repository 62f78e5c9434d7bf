//! Two layers around one service: whose client, and the request of which endpoint.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::{Layer, service_fn};
use tower_token_endpoint::Endpoint::{
    self, BackchannelAuthentication, DeviceAuthorization, Introspection, PushedAuthorization,
    Revocation, Token,
};
use tower_token_endpoint::client::ClientSecret;
use tower_token_endpoint::request::{
    AuthenticatedRequest, BackchannelAuthenticationRequest, DeviceAuthorizationRequest,
    IntrospectionRequest, PushedAuthorizationRequest, RevocationRequest,
};
use tower_token_endpoint::{
    Client, GrantType, MemoryClientStore, TokenEndpointLayer, TokenRequest,
};

use crate::common::{Built, ISSUER, ask, full};
use crate::setup::{RIGHT, token_request};

/// Whose store a client is from.
#[derive(Clone)]
struct Of(&'static str);

fn layer(
    whose: &'static str,
    (endpoint, path): (Endpoint, Option<&str>),
) -> TokenEndpointLayer<MemoryClientStore> {
    let client = Client::builder("app")
        .secret(ClientSecret::sha256_of("s3cret"))
        .grant_types([
            GrantType::ClientCredentials,
            GrantType::DeviceCode,
            GrantType::Ciba,
        ])
        .extension(Of(whose))
        .build();
    let clients = MemoryClientStore::new([client.expect("a client")]).expect("one id");
    let builder = TokenEndpointLayer::builder(clients, ISSUER).endpoint(endpoint);
    match path {
        Some(path) => builder.path(path).built(),
        None => builder.built(),
    }
}

/// Says which request types are there, and whose client each of them names.
async fn say<B>(request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    let seen = request.extensions();
    let whose = |request: &AuthenticatedRequest| {
        let Of(whose) = request
            .client()
            .extensions()
            .get()
            .expect("a marked client");
        format!("{:?} {whose}", request.endpoint())
    };
    let found = [
        seen.get().map(TokenRequest::authenticated).map(whose),
        seen.get()
            .map(IntrospectionRequest::authenticated)
            .map(whose),
        seen.get().map(RevocationRequest::authenticated).map(whose),
        seen.get()
            .map(PushedAuthorizationRequest::authenticated)
            .map(whose),
        seen.get()
            .map(DeviceAuthorizationRequest::authenticated)
            .map(whose),
        seen.get()
            .map(BackchannelAuthenticationRequest::authenticated)
            .map(whose),
    ];
    let shared = AuthenticatedRequest::from_extensions(seen).map(whose);
    let found: Vec<_> = found.into_iter().flatten().collect();
    assert_eq!(shared.as_slice(), found, "one at most, and the same");
    Ok(Response::new(Full::from(found.join(", "))))
}

/// Enough for each endpoint.
const FORM: &str =
    "grant_type=client_credentials&token=t&response_type=code&scope=read&login_hint=a";

#[tokio::test]
async fn of_two_layers_the_inner_ones_client_holds() {
    let all = [
        Token,
        Introspection,
        Revocation,
        PushedAuthorization,
        DeviceAuthorization,
        BackchannelAuthentication,
    ];
    let everywhere = all.map(|outer| all.map(|inner| (outer, inner)));
    let mut rows: Vec<_> = everywhere
        .into_iter()
        .flatten()
        .map(|(outer, inner)| {
            let expected = format!("{inner:?} inner");
            ((outer, None), (inner, None), "/any", expected)
        })
        .collect();
    rows.extend(
        [
            (
                (Token, None),
                (Token, Some("/token")),
                "/token",
                "Token inner",
            ),
            (
                (Token, None),
                (Introspection, Some("/introspect")),
                "/introspect",
                "Introspection inner",
            ),
            // It passes through the inner one, so the outer one's request is what it is.
            (
                (Token, None),
                (Introspection, Some("/introspect")),
                "/revoke",
                "Token outer",
            ),
            (
                (Introspection, None),
                (Token, Some("/token")),
                "/other",
                "Introspection outer",
            ),
            (
                (Token, Some("/token")),
                (Token, None),
                "/token",
                "Token inner",
            ),
            (
                (Token, Some("/token")),
                (Token, None),
                "/other",
                "Token inner",
            ),
            (
                (Token, Some("/token")),
                (Revocation, Some("/revoke")),
                "/token",
                "Token outer",
            ),
            (
                (Token, Some("/token")),
                (Revocation, Some("/revoke")),
                "/revoke",
                "Revocation inner",
            ),
            (
                (Token, Some("/token")),
                (Revocation, Some("/revoke")),
                "/other",
                "",
            ),
            (
                (PushedAuthorization, Some("/par")),
                (BackchannelAuthentication, Some("/backchannel")),
                "/par",
                "PushedAuthorization outer",
            ),
            (
                (DeviceAuthorization, None),
                (PushedAuthorization, Some("/par")),
                "/par",
                "PushedAuthorization inner",
            ),
            (
                (Token, Some("/a")),
                (Revocation, Some("/a")),
                "/a",
                "Revocation inner",
            ),
        ]
        .map(|(outer, inner, path, expected)| (outer, inner, path, expected.to_owned())),
    );
    for (outer, inner, path, expected) in rows {
        let service = layer("outer", outer).layer(layer("inner", inner).layer(service_fn(say)));
        let mut request = token_request(RIGHT, full(FORM));
        *request.uri_mut() = path.parse().expect("a path");
        let answer = ask(&service, request).await;
        assert_eq!(answer.body, expected, "{outer:?} {inner:?} {path}");
    }
}

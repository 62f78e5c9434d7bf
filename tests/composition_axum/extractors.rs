//! Extractors, behind the layer and without it.

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use tower_token_endpoint::{
    Endpoint, TokenRequest,
    request::{
        BackchannelAuthenticationRequest, DeviceAuthorizationRequest, IntrospectionRequest,
        PushedAuthorizationRequest, RevocationRequest,
    },
};

use crate::common::{Built, CC_READ, FORM, ask, call};
use crate::cors::preflight;
use crate::setup::{builder, issue, layer, layer_on, token_request};

#[tokio::test]
async fn token_request_without_the_layer_fails_closed() {
    let app: Router = Router::new().route("/token", post(issue));
    ask(&app, token_request("/token", "app", "s3cret", CC_READ))
        .await
        .assert_fails_closed("TokenEndpointLayer");
}

#[tokio::test]
async fn options_passed_through_to_a_handler_that_takes_a_token_request_fails_closed() {
    let app = Router::new()
        .route("/token", axum::routing::any(issue))
        .layer(layer_on("/token"));
    ask(&app, preflight("/token"))
        .await
        .assert_fails_closed("TokenEndpointLayer");
}

#[tokio::test]
async fn what_the_requests_of_all_endpoints_share_is_at_hand() {
    let handler = async |request: TokenRequest| {
        let request = request.authenticated();
        assert_eq!(request.parameter("scope"), Some("read"));
        assert_eq!(request.parameter("client_secret"), None);
        format!("{} by {}", request.client().client_id(), request.method())
    };
    let app = Router::new().route("/token", post(handler)).layer(layer());
    let answer = ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
    assert_eq!(&answer.body[..], b"app by client_secret_basic");
}

async fn introspect(request: IntrospectionRequest) -> String {
    format!("{} {:?}", request.token(), request.token_type_hint())
}

async fn revoke(request: RevocationRequest) -> String {
    format!("{} {:?}", request.token(), request.token_type_hint())
}

async fn push(request: PushedAuthorizationRequest) -> String {
    format!("{:?} {:?}", request.response_type(), request.scope())
}

async fn authorize_device(request: DeviceAuthorizationRequest) -> String {
    format!("{} {:?}", request.client().client_id(), request.scope())
}

async fn authenticate(request: BackchannelAuthenticationRequest) -> String {
    format!("{:?} {:?}", request.login_hint(), request.scope())
}

/// The handlers of all endpoints, each on its path and each extracting its own type.
fn handlers() -> Router {
    Router::new()
        .route("/token", post(issue))
        .route("/introspect", post(introspect))
        .route("/revoke", post(revoke))
        .route("/par", post(push))
        .route("/device", post(authorize_device))
        .route("/backchannel", post(authenticate))
}

/// Enough for each endpoint.
const BODY: &str = "grant_type=client_credentials&token=t&token_type_hint=access_token\
                    &response_type=code&scope=read&login_hint=a";

#[tokio::test]
async fn each_endpoint_extracts_its_own_request() {
    let token = layer_on("/token");
    let other = |endpoint, path| token.for_endpoint(endpoint, path).expect("a layer");
    let app = handlers()
        .layer(other(Endpoint::Introspection, "/introspect"))
        .layer(other(Endpoint::Revocation, "/revoke"))
        .layer(other(Endpoint::PushedAuthorization, "/par"))
        .layer(other(Endpoint::DeviceAuthorization, "/device"))
        .layer(other(Endpoint::BackchannelAuthentication, "/backchannel"))
        .layer(token.clone());
    ask(&app, token_request("/token", "app", "s3cret", BODY))
        .await
        .assert_issued_to("app");
    for (path, expected) in [
        ("/introspect", r#"t Some("access_token")"#),
        ("/revoke", r#"t Some("access_token")"#),
        ("/par", r#"Some("code") Some(Scope("read"))"#),
        ("/device", r#"app Some(Scope("read"))"#),
        ("/backchannel", r#"Some("a") Some(Scope("read"))"#),
    ] {
        let answer = ask(&app, token_request(path, "app", "s3cret", BODY)).await;
        assert_eq!(answer.body, expected, "{path}: {answer:?}");
        ask(&app, token_request(path, "app", "wrong", BODY))
            .await
            .assert_unauthenticated();
    }
}

/// Without a layer, behind the layer of another endpoint, and behind one without a path around
/// all routes.
#[tokio::test]
async fn a_handler_fails_closed_behind_the_layer_of_another_endpoint() {
    let hints = [
        (Endpoint::Token, "/token", "TokenRequest"),
        (
            Endpoint::Introspection,
            "/introspect",
            "IntrospectionRequest",
        ),
        (Endpoint::Revocation, "/revoke", "RevocationRequest"),
        (
            Endpoint::PushedAuthorization,
            "/par",
            "PushedAuthorizationRequest",
        ),
        (
            Endpoint::DeviceAuthorization,
            "/device",
            "DeviceAuthorizationRequest",
        ),
        (
            Endpoint::BackchannelAuthentication,
            "/backchannel",
            "BackchannelAuthenticationRequest",
        ),
    ];
    for (endpoint, own, hint) in hints {
        let everywhere = handlers().layer(builder().endpoint(endpoint).built());
        for (_, path, _) in hints {
            let on_path = handlers().layer(builder().endpoint(endpoint).path(path).built());
            for app in [&everywhere, &on_path] {
                let answer = ask(app, token_request(path, "app", "s3cret", BODY)).await;
                if path == own {
                    assert_eq!(answer.status, 200, "{path}: {answer:?}");
                } else {
                    answer.assert_fails_closed(hint);
                }
                let wrong = ask(app, token_request(path, "app", "wrong", BODY)).await;
                wrong.assert_unauthenticated();
            }
        }
    }
    for (_, path, _) in hints {
        ask(&handlers(), token_request(path, "app", "s3cret", BODY))
            .await
            .assert_fails_closed("TokenEndpointLayer");
    }
}

/// The token endpoint accepts public clients. Introspection (RFC 7662 §2.1) and backchannel
/// authentication (OpenID Connect CIBA Core §7.1) do not.
#[tokio::test]
async fn a_public_client_does_not_get_to_introspection_by_the_rules_of_another_endpoint() {
    for endpoint in [
        Endpoint::Token,
        Endpoint::Revocation,
        Endpoint::PushedAuthorization,
    ] {
        let app = handlers().layer(builder().endpoint(endpoint).built());
        let body = "client_id=spa&token=t&grant_type=authorization_code&code=c&code_verifier=v\
                    &response_type=code&scope=read&login_hint=a";
        for path in ["/introspect", "/backchannel"] {
            let call = call("POST", path).set("content-type", FORM);
            ask(&app, call.request_with(Body::from(body)))
                .await
                .assert_fails_closed("for the");
        }
    }
}

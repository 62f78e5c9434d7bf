//! The request type of each endpoint.

use tower_token_endpoint::rejection::RejectionReason::MissingGrantType;
use tower_token_endpoint::request::AuthenticatedRequest;
use tower_token_endpoint::{
    Endpoint, TokenRequest,
    request::{IntrospectionRequest, RevocationRequest},
};

use crate::calls::*;
use crate::cast::*;
use crate::common::{Exchange, layer};
use crate::row::*;

#[tokio::test]
async fn another_endpoint_leaves_the_first_as_it_was() {
    let token = layer(cast());
    let introspection = token.for_endpoint(Endpoint::Introspection, "/introspect");
    let introspection = introspection.expect("settings that agree");
    let ask = svc("token=t").to("/introspect");
    let exchange = ask.send(&introspection).await;
    assert_eq!(types(&exchange), [false, true, false]);

    let exchange = ask.send(&token).await;
    assert_eq!(types(&exchange), [false; 3]);
    let exchange = svc("token=t").send(&token).await;
    exchange.rejected(400, "invalid_request", MissingGrantType);
}

/// Which of the request types the inner service found: one for each endpoint.
fn types(exchange: &Exchange) -> [bool; 3] {
    let seen = exchange.inner_request().extensions();
    [
        seen.get::<TokenRequest>().is_some(),
        seen.get::<IntrospectionRequest>().is_some(),
        seen.get::<RevocationRequest>().is_some(),
    ]
}

#[tokio::test]
async fn each_endpoint_has_a_request_type_of_its_own() {
    let token = layer(cast());
    let form = "grant_type=client_credentials&token=t&token_type_hint=access_token";
    for (endpoint, expected) in [
        (Endpoint::Token, [true, false, false]),
        (Endpoint::Introspection, [false, true, false]),
        (Endpoint::Revocation, [false, false, true]),
    ] {
        let layer = token.for_endpoint(endpoint, "/token");
        let layer = layer.expect("settings that agree");
        let exchange = svc(form).send(&layer).await;
        assert_eq!(types(&exchange), expected, "{endpoint:?}");

        let seen = exchange.inner_request().extensions();
        let request = AuthenticatedRequest::from_extensions(seen).expect("what they share");
        assert_eq!(request.endpoint(), endpoint);
        assert_eq!(request.client().client_id(), "svc");
        assert_eq!(request.method(), BASIC);
        assert_eq!(request.parameter("token"), Some("t"));
        let introspection = seen.get().map(|request: &IntrospectionRequest| {
            assert_eq!(request.client().client_id(), "svc");
            assert_eq!(request.method(), BASIC);
            (request.token(), request.token_type_hint())
        });
        let revocation = seen.get().map(|request: &RevocationRequest| {
            assert_eq!(request.authenticated().endpoint(), Endpoint::Revocation);
            assert_eq!(request.parameters().get("token"), Some("t"));
            (request.token(), request.token_type_hint())
        });
        let token_of = introspection.or(revocation);
        let expected = (endpoint != Endpoint::Token).then_some(("t", Some("access_token")));
        assert_eq!(token_of, expected, "{endpoint:?}");
    }
}

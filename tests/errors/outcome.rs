//! `Outcome`: what layers outside learn of every response.

use bytes::Bytes;
use http::{HeaderName, Response};
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::layer::TraceIds;
use tower_token_endpoint::rejection::{Outcome, OutcomeKind, Rejection, TraceId};
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{
    Client, Endpoint, ErrorCode, GrantType, TokenEndpointLayer, TokenError,
};

use crate::common::{Built as _, ISSUER, basic, body, builder, call};
use crate::{clients, exchange};

fn issued() -> Response<Bytes> {
    Response::new(Bytes::from_static(b"{}"))
}

#[tokio::test]
async fn every_response_for_the_endpoint_has_one() {
    let trace_ids = TraceIds::new().header(HeaderName::from_static("x-request-id"));
    let layer = builder(clients())
        .report_outcome(true)
        .trace_ids(trace_ids)
        .built();
    let error = || Response::from(TokenError::new(ErrorCode::InvalidGrant));
    let basic_method = Some(AuthMethod::ClientSecretBasic);
    let cc = Some(GrantType::ClientCredentials);
    for (call, inner, kind, client_id, method, grant_type, code) in [
        (
            basic("app:s3cret"),
            issued(),
            OutcomeKind::Accepted,
            Some("app"),
            basic_method,
            cc.clone(),
            None,
        ),
        (
            basic("app:s3cret"),
            error(),
            OutcomeKind::Accepted,
            Some("app"),
            basic_method,
            cc.clone(),
            Some(ErrorCode::InvalidGrant),
        ),
        (
            basic("app:wrong"),
            issued(),
            OutcomeKind::Rejected,
            Some("app"),
            basic_method,
            None,
            Some(ErrorCode::InvalidClient),
        ),
        (
            basic("nobody:x"),
            issued(),
            OutcomeKind::Rejected,
            None,
            basic_method,
            None,
            Some(ErrorCode::InvalidClient),
        ),
        (
            basic("app:s3cret").with_body("grant_type=client_credentials&scope=x"),
            issued(),
            OutcomeKind::Rejected,
            Some("app"),
            basic_method,
            cc.clone(),
            Some(ErrorCode::InvalidScope),
        ),
        (
            call("GET", "/token"),
            issued(),
            OutcomeKind::Rejected,
            None,
            None,
            None,
            Some(ErrorCode::InvalidRequest),
        ),
    ] {
        let call = call.set("x-request-id", "req-1");
        let (response, _) = exchange(&layer, &call, inner).await;
        let outcome: &Outcome = response.extensions().get().expect("an outcome");
        assert_eq!(outcome.endpoint(), Endpoint::Token);
        assert_eq!(outcome.kind(), kind, "{call:?}");
        assert_eq!(
            outcome.client().map(|it| it.client_id()),
            client_id,
            "{call:?}"
        );
        assert_eq!(outcome.method(), method, "{call:?}");
        assert_eq!(outcome.grant_type(), grant_type.as_ref(), "{call:?}");
        assert_eq!(outcome.error_code(), code, "{call:?}");
        assert_eq!(outcome.trace_id().map(TraceId::as_str), Some("req-1"));
        let rejection: Option<&Rejection> = response.extensions().get();
        assert_eq!(
            outcome.rejection().map(Rejection::reason),
            rejection.map(Rejection::reason)
        );
        assert!(!format!("{outcome:?}").contains("s3cret"));
    }
}

#[tokio::test]
async fn each_endpoint_has_its_own() {
    let token = builder(clients()).report_outcome(true).built();
    for (endpoint, name) in [
        (Endpoint::Introspection, "introspection"),
        (Endpoint::Revocation, "revocation"),
        (
            Endpoint::PushedAuthorization,
            "pushed_authorization_request",
        ),
    ] {
        let layer = token.for_endpoint(endpoint, "/other").expect("an endpoint");
        let call = basic("app:s3cret");
        let call = call.with_body("token=a&response_type=code").to("/other");
        let (response, _) = exchange(&layer, &call, issued()).await;
        let outcome: &Outcome = response.extensions().get().expect("an outcome");
        assert_eq!(outcome.endpoint().as_str(), name);
        assert_eq!(outcome.grant_type(), None);
        assert_eq!(outcome.kind(), OutcomeKind::Accepted);
    }
}

struct Down;

impl ClientStore for Down {
    type Error = std::io::Error;

    async fn find(
        &self,
        _: &str,
        _: &http::request::Parts,
    ) -> Result<Option<std::sync::Arc<Client>>, Self::Error> {
        Err(std::io::Error::other("down"))
    }
}

#[tokio::test]
async fn an_outage_is_another_kind() {
    let layer = TokenEndpointLayer::builder(Down, ISSUER)
        .path("/token")
        .report_outcome(true)
        .built();
    let exchange = basic("app:s3cret").send(&layer).await;
    let outcome: &Outcome = exchange.response.extensions().get().expect("an outcome");
    assert_eq!(outcome.kind(), OutcomeKind::Unavailable);
    assert_eq!(outcome.kind().as_str(), "unavailable");
}

#[tokio::test]
async fn other_responses_have_none() {
    let on = builder(clients()).report_outcome(true).built();
    let off = builder(clients()).built();
    for (layer, call) in [
        (&on, call("GET", "/other")),
        (&on, call("OPTIONS", "/token")),
        (&off, basic("app:s3cret")),
        (&off, body("client_id=nobody")),
    ] {
        let (response, _) = exchange(layer, &call, issued()).await;
        assert!(response.extensions().get::<Outcome>().is_none(), "{call:?}");
    }
}

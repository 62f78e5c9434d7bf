//! What must hold for a row: at the caller, and at the inner service.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::request::AuthenticatedRequest;
use tower_token_endpoint::{TokenEndpointLayer, TokenRequest};

use crate::cast::Registry;
use crate::common::{self, Call, Exchange, Judged, form_pairs, pairs};
use crate::row::{Accepted, Outcome, Rejected, Row};

/// Rows, and the layer that they hold for.
pub(crate) type Table = common::Table<TokenEndpointLayer<Registry>, Row>;

impl Judged<TokenEndpointLayer<Registry>> for Row {
    async fn judge(self, layer: TokenEndpointLayer<Registry>) {
        judge(&self, &self.call.send(&layer).await);
    }
}

pub(crate) fn judge(row: &Row, exchange: &Exchange) {
    match &row.outcome {
        Outcome::Passed => judge_passed(row, exchange),
        Outcome::Accepted(accepted) => judge_accepted(&row.call, accepted, exchange),
        Outcome::Rejected(rejected) if row.call.method == Method::HEAD => {
            judge_head(rejected, exchange);
        }
        Outcome::Rejected(rejected) => judge_rejected(rejected, exchange),
    }
}

fn judge_passed(row: &Row, exchange: &Exchange) {
    let inner = exchange.inner_request();
    assert_untouched(&row.call, inner);
    assert!(AuthenticatedRequest::from_extensions(inner.extensions()).is_none());
    assert_eq!(exchange.response.status(), StatusCode::OK);
    assert_eq!(*exchange.response.headers(), HeaderMap::new());
}

fn judge_accepted(call: &Call, expected: &Accepted, exchange: &Exchange) {
    let inner = exchange.inner_request();
    assert_untouched(call, inner);
    let token_request = inner.extensions().get::<TokenRequest>();
    let request = AuthenticatedRequest::from_extensions(inner.extensions());
    let request = request.expect("an authenticated request");
    assert_eq!(request.client().client_id(), expected.client);
    assert_eq!(request.method(), expected.method);
    assert_eq!(pairs(request.parameters()), form_pairs(&call.body));
    if let Some((name, value)) = expected.parameter {
        assert_eq!(request.parameter(name), Some(value), "{name}");
    }
    let grant = token_request.map(|request| request.grant_type().as_str());
    let scope = token_request.and_then(TokenRequest::scope);
    assert_eq!(grant, expected.grant);
    assert_eq!(
        scope.map(|scope| scope.to_string()).as_deref(),
        expected.scope
    );

    assert_eq!(exchange.response.status(), StatusCode::OK);
    assert_eq!(exchange.header(header::CACHE_CONTROL), Some("no-store"));
    assert_eq!(exchange.header(header::PRAGMA), Some("no-cache"));
    assert_eq!(exchange.response.headers().len(), 2);
}

fn judge_rejected(expected: &Rejected, exchange: &Exchange) {
    let error = exchange.error();
    let got = (error.status.as_u16(), &*error.code);
    assert_eq!(got, (expected.status, expected.code), "{error:?}");
    let reason = error.rejection.reason();
    assert_eq!(reason, expected.reason.unwrap_or(reason), "{error:?}");
    assert_eq!(error.rejection.status(), error.status);
    assert_eq!(error.rejection.as_str(), snake_case(&format!("{reason:?}")));
    if expected.status == 503 {
        exchange.comes_back_after(5);
    }
    if let Some(name) = expected.naming {
        assert!(error.description.contains(name), "{error:?}");
    }
    if matches!(
        reason,
        MissingParameter | ParameterInQuery | RepeatedParameter
    ) {
        assert_eq!(error.rejection.parameter(), expected.naming);
    }
}

/// An answer to HEAD has no body (RFC 9110 §9.3.2); what it would say is in the `Rejection`.
fn judge_head(expected: &Rejected, exchange: &Exchange) {
    let rejection = exchange.rejection().expect("a `Rejection` with the answer");
    let got = (rejection.code().as_str(), Some(rejection.reason()));
    assert_eq!(got, (expected.code, expected.reason));
    assert_eq!(exchange.response.status().as_u16(), expected.status);
    assert_eq!(exchange.header(header::ALLOW), Some("POST"));
    assert_eq!(exchange.response.body(), "");
    assert!(exchange.inner.is_empty(), "the inner service was called");
}

fn assert_untouched(sent: &Call, seen: &Request<Bytes>) {
    assert_eq!(*seen.method(), sent.method);
    assert_eq!(seen.uri().to_string(), sent.request().uri().to_string());
    assert_eq!(*seen.headers(), sent.headers);
    assert_eq!(*seen.body(), sent.body);
}

fn snake_case(variant: &str) -> String {
    let words = variant.chars().enumerate().map(|(at, letter)| {
        let gap = if at > 0 && letter.is_uppercase() {
            "_"
        } else {
            ""
        };
        format!("{gap}{}", letter.to_lowercase())
    });
    words.collect()
}

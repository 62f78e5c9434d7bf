//! What must hold for a row: at the caller, at the inner service and at the replay store.

use std::sync::Arc;

use http::{StatusCode, header};
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::request::AuthenticatedRequest;
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, TokenRequest};

use crate::common::{self, Call, Exchange, Judged, form_pairs, pairs, post};
use crate::draft::CC;
use crate::replays::Recorder;
use crate::row::{Outcome, Row};

pub(crate) type Layer = TokenEndpointLayer<MemoryClientStore>;
pub(crate) type Builder = TokenEndpointLayerBuilder<MemoryClientStore>;

/// Rows, and the layer that they hold for, each row over a store of its own.
pub(crate) type Table = common::Table<fn(Arc<Recorder>) -> Layer, Row>;

impl Judged<fn(Arc<Recorder>) -> Layer> for Row {
    async fn judge(self, layer: fn(Arc<Recorder>) -> Layer) {
        let recorder = Recorder::new();
        let layer = layer(Arc::clone(&recorder));
        let call = (self.call)();
        let exchange = call.send(&layer).await;
        judge_answer(&call, self.outcome, &exchange, &layer).await;
        judge_silence(&call, &exchange);
        judge_store(self.outcome, &recorder);
    }
}

/// What holds for an outcome at the caller and at the inner service.
pub(crate) async fn judge_answer(
    call: &Call,
    outcome: Outcome,
    exchange: &Exchange,
    layer: &Layer,
) {
    match outcome {
        Outcome::Accepted(client, method) => {
            let inner = exchange.inner_request();
            assert_eq!(*inner.body(), call.body);
            let request = AuthenticatedRequest::from_extensions(inner.extensions());
            let request = request.expect("an authenticated request");
            assert_eq!(request.client().client_id(), client);
            assert_eq!(request.method(), method);
            assert_eq!(pairs(request.parameters()), form_pairs(&call.body));
            assert_eq!(exchange.response.status(), StatusCode::OK);
            assert_eq!(exchange.header(header::CACHE_CONTROL), Some("no-store"));
        }
        Outcome::Refused(reason) => judge_refused(reason, call, exchange, layer).await,
        Outcome::Missing(claim) => {
            judge_refused(Some(MissingClaim), call, exchange, layer).await;
            let rejection = exchange.rejection().expect("a rejection");
            assert_eq!(rejection.parameter(), Some(claim));
        }
        Outcome::Invalid(reason) => {
            exchange.rejected(400, "invalid_request", reason);
        }
        Outcome::Down(reason) => {
            let error = exchange.rejected(503, "temporarily_unavailable", reason);
            assert!(!error.description.contains("refused"), "{error:?}");
            exchange.comes_back_after(5);
        }
    }
}

/// The 401 is byte for byte the one of a client that nobody knows.
pub(crate) async fn judge_refused(
    reason: Option<RejectionReason>,
    call: &Call,
    exchange: &Exchange,
    layer: &Layer,
) {
    let error = exchange.error();
    let got = error.rejection.reason();
    assert_eq!(
        (error.status.as_u16(), &*error.code),
        (401, "invalid_client"),
        "{error:?}"
    );
    assert_eq!(got, reason.unwrap_or(got), "{error:?}");

    let unknown = post(CC).basic("nobody:secret").to(&call.uri);
    let unknown = unknown.send(layer).await;
    assert_eq!(exchange.response.status(), unknown.response.status());
    assert_eq!(exchange.response.headers(), unknown.response.headers());
    assert_eq!(exchange.response.version(), unknown.response.version());
    assert_eq!(exchange.response.body(), unknown.response.body());
}

/// An assertion is a credential: nothing shows it.
fn judge_silence(call: &Call, exchange: &Exchange) {
    let parameters = form_urlencoded::parse(&call.body);
    let assertions = parameters.filter(|(name, _)| name == "client_assertion");
    let mut shown = format!("{:?} {:?}", exchange.response, exchange.rejection());
    for inner in &exchange.inner {
        let extensions = inner.extensions();
        let request = AuthenticatedRequest::from_extensions(extensions);
        shown += &format!("{request:?} {:?}", extensions.get::<TokenRequest>());
    }
    for (_, assertion) in assertions {
        // A short one is in any text.
        for part in assertion.split('.').filter(|part| part.len() > 16) {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}

/// A value is spent by what was verified, and by nothing else.
fn judge_store(outcome: Outcome, recorder: &Recorder) {
    let asked = recorder.asked();
    match outcome {
        Outcome::Accepted(client, _) => {
            assert_eq!(asked.len(), 1, "{asked:?}");
            assert_eq!(asked[0].client, client);
        }
        Outcome::Refused(_) | Outcome::Missing(_) | Outcome::Invalid(_) | Outcome::Down(_) => {
            assert_eq!(asked, [], "it was spent");
        }
    }
}

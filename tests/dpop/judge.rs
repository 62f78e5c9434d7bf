//! What a row says, and what must hold for it: at the caller, at the inner service and at the store.

use std::fmt;
use std::sync::Arc;

use http::header;
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::request::AuthenticatedRequest;
use tower_token_endpoint::{Endpoint, MemoryClientStore, TokenEndpointLayer};

use crate::common::{self, Call, Exchange, Judged};
use crate::proof::{nonce_of, thumbprint};
use crate::replays::Recorder;
use crate::sign::Key;

pub(crate) type Layer = TokenEndpointLayer<MemoryClientStore>;
pub(crate) type Builder = TokenEndpointLayerBuilder<MemoryClientStore>;

/// Rows, and the layer that they hold for, each row over a store of its own.
pub(crate) type Table = common::Table<fn(Arc<Recorder>) -> Layer, Row>;

pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) section: &'static str,
    /// Made when it is sent, so that no time in it is old by then.
    call: Box<dyn Fn() -> Call + Send + Sync>,
    outcome: Outcome,
}

#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    /// Accepted, and bound to this key.
    Bound(&'static Key),
    /// Accepted, and not bound.
    Unbound,
    /// 400 `invalid_dpop_proof`.
    Refused(RejectionReason),
    /// The same for a claim that is not there.
    Missing(&'static str),
    /// 400 `use_dpop_nonce`, with a nonce.
    Challenged(RejectionReason),
    /// 400 `invalid_request`.
    Invalid(RejectionReason),
    /// The same, for what is checked after the proof was used up.
    InvalidBound(RejectionReason),
    /// 401.
    Unauthorized(RejectionReason),
}

pub(crate) use Outcome::*;

pub(crate) fn row(
    name: impl Into<String>,
    section: &'static str,
    call: impl Fn() -> Call + Send + Sync + 'static,
    outcome: Outcome,
) -> Row {
    Row {
        name: name.into(),
        section,
        call: Box::new(call),
        outcome,
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name, self.section)
    }
}

impl Judged<fn(Arc<Recorder>) -> Layer> for Row {
    async fn judge(self, layer: fn(Arc<Recorder>) -> Layer) {
        let recorder = Recorder::new();
        let layer = layer(Arc::clone(&recorder));
        let exchange = (self.call)().send(&layer).await;
        judge_answer(self.outcome, &exchange);
        let is_spent = matches!(self.outcome, Bound(_) | InvalidBound(_));
        assert_eq!(
            recorder.asked().len(),
            usize::from(is_spent),
            "asked of the store"
        );
    }
}

/// The key that the inner service is told.
pub(crate) fn bound_to(exchange: &Exchange) -> Option<String> {
    let extensions = exchange.inner_request().extensions();
    let request = AuthenticatedRequest::from_extensions(extensions).expect("a request");
    let jkt = request.dpop_thumbprint().map(str::to_owned);
    let cnf = request.confirmation().map(|cnf| cnf["jkt"].clone());
    // No other endpoint issues tokens.
    let of_token = jkt
        .clone()
        .filter(|_| request.endpoint() == Endpoint::Token);
    assert_eq!(cnf, of_token.map(Into::into));
    jkt
}

pub(crate) fn judge_answer(outcome: Outcome, exchange: &Exchange) {
    let nonce = nonce_of(exchange.response.headers());
    match outcome {
        Bound(key) => assert_eq!(bound_to(exchange), Some(thumbprint(key))),
        Unbound => assert_eq!(bound_to(exchange), None),
        Refused(reason) => {
            exchange.rejected(400, "invalid_dpop_proof", reason);
        }
        Missing(claim) => {
            let reason = RejectionReason::MissingDpopClaim;
            let error = exchange.rejected(400, "invalid_dpop_proof", reason);
            assert_eq!(error.rejection.parameter(), Some(claim));
        }
        Challenged(reason) => {
            exchange.rejected(400, "use_dpop_nonce", reason);
            assert!(nonce.is_some(), "no nonce");
            assert_eq!(exchange.header(header::WWW_AUTHENTICATE), None);
            return;
        }
        Invalid(reason) | InvalidBound(reason) => {
            exchange.rejected(400, "invalid_request", reason);
        }
        Unauthorized(reason) => {
            exchange.rejected(401, "invalid_client", reason);
        }
    }
    assert_eq!(nonce, None, "a nonce that is not needed");
    if !matches!(outcome, Unauthorized(_)) {
        assert_eq!(exchange.header(header::WWW_AUTHENTICATE), None);
    }
}

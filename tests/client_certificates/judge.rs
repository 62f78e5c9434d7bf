//! What a row says, and what must hold for it.

use std::fmt;

use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::client::certificates::ClientCertificate;
use tower_token_endpoint::rejection::RejectionReason;

use crate::cast::Layer;
use crate::common::proof::proof_for;
use crate::common::sign::P256;
use crate::common::{self, Call, Exchange, ISSUER, Judged, body, form_encode, send};
use crate::issued::Certificate;

/// Rows, and the layer that they hold for.
pub(crate) type Table = common::Table<fn() -> Layer, Row>;

pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) section: &'static str,
    call: Call,
    certificate: Option<ClientCertificate>,
    outcome: Outcome,
}

#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    /// Accepted by this method.
    By(AuthMethod),
    /// 401.
    Refused(RejectionReason),
    /// 400 `invalid_request`.
    Invalid(RejectionReason),
    /// 503.
    Unavailable(RejectionReason),
}

pub(crate) use Outcome::*;

pub(crate) fn row(
    name: &'static str,
    section: &'static str,
    call: Call,
    certificate: impl Into<Option<ClientCertificate>>,
    outcome: Outcome,
) -> Row {
    Row {
        name,
        section,
        call,
        certificate: certificate.into(),
        outcome,
    }
}

/// An id, and nothing else.
pub(crate) fn id(client_id: &str) -> Call {
    body(&format!("client_id={}", form_encode(client_id)))
}

/// A DPoP proof for the token endpoint.
pub(crate) fn proof() -> String {
    proof_at(&format!("{ISSUER}/token"))
}

pub(crate) fn proof_at(url: &str) -> String {
    proof_for("ES256", &P256, "POST", url).text()
}

pub(crate) fn verified(certificate: &Certificate) -> Option<ClientCertificate> {
    Some(certificate.verified())
}

pub(crate) fn unverified(certificate: &Certificate) -> Option<ClientCertificate> {
    Some(certificate.unverified())
}

/// Sends the call over a connection with this certificate.
pub(crate) async fn send_with(
    layer: &Layer,
    call: &Call,
    certificate: Option<ClientCertificate>,
) -> Exchange {
    let mut request = call.request();
    if let Some(certificate) = certificate {
        request.extensions_mut().insert(certificate);
    }
    send(layer, request).await
}

pub(crate) fn judge_answer(outcome: Outcome, exchange: &Exchange) {
    match outcome {
        By(method) => assert_eq!(exchange.token_request().method(), method),
        Refused(reason) => drop(exchange.rejected(401, "invalid_client", reason)),
        Invalid(reason) => drop(exchange.rejected(400, "invalid_request", reason)),
        Unavailable(reason) => drop(exchange.rejected(503, "temporarily_unavailable", reason)),
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name, self.section)
    }
}

impl Judged<fn() -> Layer> for Row {
    async fn judge(self, layer: fn() -> Layer) {
        let exchange = send_with(&layer(), &self.call, self.certificate).await;
        judge_answer(self.outcome, &exchange);
    }
}

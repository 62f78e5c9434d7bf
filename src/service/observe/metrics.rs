//! Metrics by the facade `metrics`.
//!
//! Labels have values of enums and of settings only. What a request contains makes no new time series.

use std::time::Instant;

use metrics::{counter, gauge, histogram};

use super::{HashState, parts_of};
use crate::{
    protocol::{
        accepted::attached::Accepted, outcome::OutcomeKind, rejection::Rejection,
        settings::endpoint::Endpoint,
    },
    rejection::metrics::{
        AUTHENTICATIONS, DURATION, HASHES_RUNNING, HASHES_WAITING, KEY_SETS_KEPT, SOURCES_THROTTLED,
    },
};

pub(super) fn decided(
    decided: &Result<Accepted, Rejection>,
    started: Instant,
    endpoint: Endpoint,
    counts_clients: bool,
) {
    let endpoint = endpoint.as_str();
    let (outcome, reason, method, grant_type, client) = match decided {
        Ok(accepted) => {
            let (request, grant_type) = parts_of(accepted);
            let method = Some(request.method());
            let client = Some(request.client());
            (OutcomeKind::Accepted, "", method, grant_type, client)
        }
        Err(rejection) => (
            OutcomeKind::of(rejection),
            rejection.as_str(),
            rejection.method(),
            rejection.grant_type(),
            rejection.client(),
        ),
    };
    let outcome = outcome.as_str();
    let method = method.map_or("", |method| method.as_str());
    // It is one that the server serves.
    let grant_type =
        grant_type.map_or_else(String::new, |grant_type| grant_type.as_str().to_owned());
    // Also of nobody, so that the labels and the work do not tell whether the client exists.
    // Anybody can publish a document, so these clients have no label of their own.
    let client = client.filter(|client| !client.is_from_document());
    let client_id = || client.map_or_else(String::new, |it| it.client_id().to_owned());
    match counts_clients.then(client_id) {
        None => counter!(
            AUTHENTICATIONS, "endpoint" => endpoint, "outcome" => outcome, "reason" => reason,
            "method" => method, "grant_type" => grant_type
        ),
        Some(client_id) => counter!(
            AUTHENTICATIONS, "endpoint" => endpoint, "outcome" => outcome, "reason" => reason,
            "method" => method, "grant_type" => grant_type, "client_id" => client_id
        ),
    }
    .increment(1);
    histogram!(DURATION, "endpoint" => endpoint, "outcome" => outcome).record(started.elapsed());
}

pub(super) fn hashes(state: HashState, more: f64) {
    let gauge = match state {
        HashState::Running => gauge!(HASHES_RUNNING),
        HashState::Waiting => gauge!(HASHES_WAITING),
    };
    gauge.increment(more);
}

pub(super) fn key_sets(more: f64) {
    gauge!(KEY_SETS_KEPT).increment(more);
}

#[cfg(feature = "client-documents")]
pub(super) fn documents(more: f64) {
    gauge!(crate::rejection::metrics::CLIENT_DOCUMENTS_KEPT).increment(more);
}

pub(super) fn throttled_sources(more: f64) {
    gauge!(SOURCES_THROTTLED).increment(more);
}

pub(super) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

//! One `tracing` event for each decision.
//!
//! Of what comes from a request, only the path is in it: a registered
//! `client_id` and a served grant are the server's own words. The error of a
//! store or of a body is, as it describes itself. All text is
//! quoted, so that none of it starts a line of its own. Never a query, which
//! may hold a secret.

use std::error::Error;

use http::request::Parts;

use crate::{
    protocol::{exchange::Accepted, reason::Reason, rejection::Rejection},
    store::key_cache::failure::FetchFailed,
};

pub(super) fn decided(decided: &Result<Accepted, Rejection>, parts: &Parts) {
    match decided {
        Ok(request) => accepted(request, parts),
        Err(rejection) => rejected(rejection, parts),
    }
}

/// If a set is kept, requests go on and say nothing of it.
pub(super) fn key_set_not_fetched(failure: &FetchFailed, is_set_kept: bool) {
    tracing::warn!(
        target: "tower_token_endpoint",
        error = ?failure.to_string(),
        cause = failure.source().map(|cause| debug(cause.to_string())),
        is_set_kept,
        "a client's key set could not be fetched"
    );
}

fn accepted(accepted: &Accepted, parts: &Parts) {
    let (request, grant_type) = match accepted {
        Accepted::Token(request) => (request.authenticated(), Some(request.grant_type())),
        Accepted::Other(request) => (request, None),
    };
    tracing::debug!(
        target: "tower_token_endpoint",
        outcome = "accepted",
        path = ?parts.uri.path(),
        method = request.method().as_str(),
        grant_type = grant_type.map(|grant_type| grant_type.as_str()),
        client_id = ?request.client().client_id(),
        "token request"
    );
}

/// An event of one level: the level must be known where it is compiled.
macro_rules! rejected {
    ($level:ident, $rejection:ident, $parts:ident) => {
        tracing::$level!(
            target: "tower_token_endpoint",
            outcome = "rejected",
            path = ?$parts.uri.path(),
            reason = $rejection.as_str(),
            method = $rejection.method().map(|method| method.as_str()),
            grant_type = $rejection.grant_type().map(|grant_type| grant_type.as_str()),
            client_id = $rejection.client().map(|client| debug(client.client_id())),
            error = $rejection.source().map(|error| debug(causes(error))),
            "token request"
        )
    };
}

fn rejected(rejection: &Rejection, parts: &Parts) {
    // An outage is the operator's to fix, all else the client's.
    if matches!(
        rejection.reason(),
        Reason::StoreUnavailable
            | Reason::KeySourceMissing
            | Reason::KeySourceUnavailable
            | Reason::ReplayStoreUnavailable
            | Reason::SecretHashUnavailable
            | Reason::DecisionTimeout
    ) {
        rejected!(error, rejection, parts);
    } else {
        rejected!(info, rejection, parts);
    }
}

/// The store's or the body's own words, down to the first cause.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let own = error.to_string();
        // Some say what their cause says.
        if !text.ends_with(&own) {
            text = format!("{text}: {own}");
        }
        cause = error.source();
    }
    text
}

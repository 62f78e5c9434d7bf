//! One `tracing` event for each decision.
//!
//! What comes from a request is not in it, but for the path: a registered
//! `client_id` and a served grant are the server's own words. All text is
//! quoted, so that none of it starts a line of its own. Never a query, which
//! may hold a secret.

use http::request::Parts;

use crate::protocol::{
    exchange::Accepted,
    rejection::{Reason, Rejection},
};

pub(super) fn accepted(accepted: &Accepted, parts: &Parts) {
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

pub(super) fn rejected(rejection: &Rejection, parts: &Parts) {
    let path = parts.uri.path();
    let reason = rejection.as_str();
    let method = rejection.method().map(|method| method.as_str());
    let grant_type = rejection.grant_type().map(|grant_type| grant_type.as_str());
    let client_id = rejection.client().map(|client| client.client_id());
    match std::error::Error::source(rejection) {
        // The backend's own words, for the operator.
        Some(error) if rejection.reason() == Reason::StoreUnavailable => tracing::error!(
            target: "tower_token_endpoint",
            outcome = "rejected", ?path, reason, error = ?error.to_string(), "token request"
        ),
        _ => tracing::info!(
            target: "tower_token_endpoint",
            outcome = "rejected",
            ?path,
            reason,
            method,
            grant_type,
            client_id = client_id.map(tracing::field::debug),
            "token request"
        ),
    }
}

//! One `tracing` event for each decision.
//!
//! What comes from a request is not in it, but for the path: a registered
//! `client_id` and a served grant are the server's own words. All text is
//! quoted, so that none of it starts a line of its own. Never a query, which
//! may hold a secret.

use std::error::Error as _;

use http::request::Parts;
use tracing::field;

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
    if rejection.reason() == Reason::StoreUnavailable {
        tracing::error!(
            target: "tower_token_endpoint",
            outcome = "rejected",
            path = ?parts.uri.path(),
            reason = rejection.as_str(),
            // The store's own words, for the operator.
            error = rejection.source().map(|error| field::debug(error.to_string())),
            "token request"
        );
    } else {
        tracing::info!(
            target: "tower_token_endpoint",
            outcome = "rejected",
            path = ?parts.uri.path(),
            reason = rejection.as_str(),
            method = rejection.method().map(|method| method.as_str()),
            grant_type = rejection.grant_type().map(|grant_type| grant_type.as_str()),
            client_id = rejection.client().map(|client| field::debug(client.client_id())),
            "token request"
        );
    }
}

//! Events about the documents of clients. A client whose document was valid once is known, so its id is told.

use std::error::Error as _;

use super::events::{self, MAX_ERROR, MAX_URI, causes, one_line};
use crate::{
    protocol::{jwt::key_set::SkippedKey, uri::without_query},
    store::{
        documents::failure::{NoClient, NotFetched},
        key_cache::failure::FetchFailed,
    },
};

/// Requests are accepted with the copy and do not mention the failure.
pub(super) fn not_fetched(client_id: &str, failure: &NotFetched) {
    tracing::warn!(
        target: "tower_token_endpoint",
        client_id = &*one_line(without_query(client_id), MAX_URI),
        error = &*one_line(&failure.to_string(), MAX_ERROR),
        cause = failure.source().map(causes).as_deref(),
        "a client's document could not be fetched, so its last copy is used"
    );
}

/// From now on, the client is refused.
pub(super) fn refused(client_id: &str, why: &NoClient) {
    tracing::warn!(
        target: "tower_token_endpoint",
        client_id = &*one_line(without_query(client_id), MAX_URI),
        error = why.source().map(causes).as_deref(),
        "a client's document is not valid any more, so the client is refused"
    );
}

/// Without a kept set, the event of the request tells it.
pub(super) fn key_set_not_fetched(jwks_uri: &str, failure: &FetchFailed, is_set_kept: bool) {
    if is_set_kept {
        events::key_set_not_fetched(jwks_uri, failure, is_set_kept);
    }
}

/// A set may have 64 of them, at any time other ones.
pub(super) fn key_skipped(jwks_uri: &str, key: &SkippedKey) {
    tracing::debug!(
        target: "tower_token_endpoint",
        jwks_uri = &*one_line(without_query(jwks_uri), MAX_URI),
        key = key.number,
        kid = key.kid.as_deref(),
        member = key.member,
        cause = ?key.cause,
        "{}",
        events::message_about(key)
    );
}

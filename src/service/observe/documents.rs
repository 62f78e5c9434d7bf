//! Events about the documents of clients. A client whose document was valid once is known, so its id is told.

use std::error::Error as _;

use super::events::{MAX_ERROR, MAX_URI, causes, one_line};
use crate::{
    protocol::uri::without_query,
    store::documents::failure::{NoClient, NotFetched},
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

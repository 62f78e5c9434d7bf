//! What a fetch needs when it ends.

use std::sync::Arc;

use super::{
    entries::Entries,
    entry::Times,
    failure::{NoClient, NotFetched},
};
use crate::store::key_cache::KeyCache;

pub(super) struct Cache {
    pub(super) entries: Entries,
    pub(super) times: Times,
    pub(super) max_documents: usize,
    pub(super) max_bytes: usize,
    /// The key sets that documents name.
    pub(super) keys: Arc<KeyCache>,
    pub(super) reports: Reports,
}

/// Called with what the operator has to know.
#[derive(Clone, Copy)]
pub(crate) struct Reports {
    /// If a document could not be fetched, and a copy is used, with the client id.
    pub(crate) not_fetched: fn(&str, &NotFetched),
    /// If there is no client any more where there was one.
    pub(crate) refused: fn(&str, &NoClient),
    /// With how many documents more are kept, which may be less than zero.
    pub(crate) kept: fn(f64),
}

//! A whole set of clients, and the decoy for it.

use std::{collections::HashMap, sync::Arc};

use super::error::{Cause, LoadError};
use crate::protocol::{client::Client, secret::ClientSecret};

#[derive(Default)]
pub(super) struct ClientSet {
    pub(super) by_id: HashMap<Box<str>, Arc<Client>>,
    pub(super) decoy: Option<Arc<Client>>,
}

impl ClientSet {
    pub(super) fn new(clients: impl IntoIterator<Item = Client>) -> Result<Self, LoadError> {
        let mut set = Self::default();
        for (entry, client) in clients.into_iter().enumerate() {
            set.insert(entry, client)?;
        }
        Ok(set.with_decoy())
    }

    pub(super) fn insert(&mut self, entry: usize, client: Client) -> Result<(), LoadError> {
        let client_id: Box<str> = client.client_id().into();
        match self.by_id.insert(client_id, Arc::new(client)) {
            None => Ok(()),
            Some(earlier) => Err(LoadError {
                entry: Some(entry),
                client_id: Some(earlier.client_id().into()),
                cause: Cause::Duplicate,
            }),
        }
    }

    /// Adds a decoy with secrets of the commonest kind, as many as the client
    /// with the most of that kind has. They are copies of that client's own: a
    /// match with a decoy proves nothing.
    pub(super) fn with_decoy(mut self) -> Self {
        let mut kinds = HashMap::new();
        for secret in self.by_id.values().flat_map(|client| client.secrets()) {
            *kinds.entry(secret.kind()).or_insert(0_usize) += 1;
        }
        // By name where two are as common, so that all machines choose the same.
        let commonest = kinds.into_iter().max_by_key(|&(kind, count)| (count, kind));
        self.decoy = commonest.and_then(|(kind, _)| {
            let is_of_kind = |secret: &&ClientSecret| secret.kind() == kind;
            let count = |client: &&Arc<Client>| client.secrets().iter().filter(is_of_kind).count();
            let most = self.by_id.values().max_by_key(count)?.secrets();
            let secrets = most.iter().filter(is_of_kind).cloned().collect();
            Some(Arc::new(Client::decoy(secrets)))
        });
        self
    }
}

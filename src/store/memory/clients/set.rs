//! A whole set of clients, and the decoy for it.

use std::{collections::HashMap, sync::Arc};

use super::error::{Cause, LoadError};
use crate::protocol::{client::Client, decoy::Decoy};

#[derive(Default)]
pub(super) struct ClientSet {
    pub(super) by_id: HashMap<Box<str>, Arc<Client>>,
    pub(super) decoy: Option<Decoy>,
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

    pub(super) fn with_decoy(mut self) -> Self {
        self.decoy = Decoy::of_all(self.by_id.values().map(AsRef::as_ref));
        self
    }
}

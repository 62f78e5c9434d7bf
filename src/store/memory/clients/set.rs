//! A whole set of clients.

use std::{collections::HashMap, sync::Arc};

use super::{
    census::{Census, Counts},
    error::{Cause, LoadClientsError},
};
use crate::protocol::client::Client;

pub(super) type ById = HashMap<Box<str>, Arc<Client>>;

/// Clients that are being loaded and cannot be found yet.
#[derive(Default)]
pub(super) struct ClientSet {
    pub(super) by_id: ById,
    pub(super) census: Census,
}

impl ClientSet {
    pub(super) fn new(clients: impl IntoIterator<Item = Client>) -> Result<Self, LoadClientsError> {
        let mut set = Self::default();
        for (entry, client) in clients.into_iter().enumerate() {
            set.insert(entry, client)?;
        }
        Ok(set)
    }

    pub(super) fn insert(&mut self, entry: usize, client: Client) -> Result<(), LoadClientsError> {
        self.census.add(Counts::new(&client));
        client.prepare_keys();
        let client_id: Box<str> = client.client_id().into();
        match self.by_id.insert(client_id, Arc::new(client)) {
            None => Ok(()),
            Some(earlier) => Err(LoadClientsError {
                entry: Some(entry),
                client_id: Some(earlier.client_id().into()),
                cause: Cause::Duplicate,
            }),
        }
    }
}

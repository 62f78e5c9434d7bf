//! The vaults of all clients.
//!
//! Every client has its own [`Vault`], and a request reaches only the vault of its
//! client. So no client can use what is bound to another one. Only a protected resource
//! finds a token without knowing whose it is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::SystemTime,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use tower_token_endpoint::Client;

use crate::{
    per_client::{self, PerClient},
    vault::{Inspected, TAG, Vault},
};

/// The vaults of all clients. A client that exceeds its share loses its own oldest grants and
/// tokens, never those of another client. It loses no code, since anybody can have codes made
/// for it.
pub(crate) struct Vaults {
    vaults: PerClient<Vault>,
    /// So that nobody can tell the tag of a client.
    key: [u8; 32],
    /// The clients that have or had a vault, by the tags of their vaults.
    by_tag: Mutex<HashMap<Arc<str>, String>>,
    /// How many of them there may be. That is more than there are vaults.
    tags: usize,
}

impl Vaults {
    pub(crate) fn new(clients: usize) -> Self {
        Self {
            vaults: PerClient::new(clients, Vault::new),
            key: rand::random(),
            by_tag: Mutex::default(),
            tags: clients.saturating_add(2 * per_client::DOCUMENTS),
        }
    }

    /// Calls `act` with the vault of a client and the time, under one lock: of two
    /// requests with the same code, one gets the tokens.
    pub(crate) fn of<R>(
        &self,
        client: &Client,
        act: impl FnOnce(&mut Vault, SystemTime) -> R,
    ) -> R {
        self.vaults.of(client, |vault, now| {
            if vault.tag.is_empty() {
                vault.tag = self.tag(client.client_id());
            }
            act(vault, now)
        })
    }

    /// What is known about a valid access token of any client, and the id of the client.
    pub(crate) fn find(&self, token: &str) -> Option<(String, Inspected)> {
        let client = self.lock().get(token.get(..TAG)?)?.clone();
        let now = SystemTime::now();
        let inspect = |vault: &mut Vault| vault.inspect(token, now);
        let found = self.vaults.find(&client, now, inspect)??;
        Some((client, found))
    }

    /// The beginning of the access tokens of a client.
    fn tag(&self, client_id: &str) -> Arc<str> {
        let hash = Sha256::new_with_prefix(self.key).chain_update(client_id);
        let mut tag = URL_SAFE_NO_PAD.encode(hash.finalize());
        tag.truncate(TAG);
        let tag: Arc<str> = tag.into();
        let mut by_tag = self.lock();
        if by_tag.len() >= self.tags {
            // The other ones are those of a vault.
            by_tag.retain(|tag, _| Arc::strong_count(tag) > 1);
        }
        // `insert` alone would keep the tag of an earlier vault.
        by_tag.remove(&tag);
        by_tag.insert(Arc::clone(&tag), client_id.to_owned());
        drop(by_tag);
        tag
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, String>> {
        let by_tag = self.by_tag.lock();
        by_tag.expect("no code that holds the lock panics")
    }
}

//! Which secrets are verified if the client does not exist, so that the work is the same.

use std::sync::{Arc, OnceLock};

use crate::{
    protocol::{client_secret::ClientSecret, decoy::Decoy, exchange::Found},
    store::clients::ClientStore,
};

/// The decoy of a layer: the one that was set, the store's, or one that it makes.
#[derive(Clone)]
pub(super) struct Decoys {
    /// `None`: the store's.
    set: Option<Decoy>,
    /// For a store that has none: made of the first client with slow hashes that it
    /// found.
    found: Arc<OnceLock<Decoy>>,
    /// Until it has found one.
    digest: Decoy,
}

impl Default for Decoys {
    fn default() -> Self {
        Self {
            set: None,
            found: Arc::default(),
            digest: Decoy::of_a_digest(),
        }
    }
}

impl Decoys {
    /// Adds a secret to the decoy that was set.
    pub(super) fn add(&mut self, secret: ClientSecret) {
        let before = self.set.as_ref().map_or(&[][..], Decoy::secrets);
        let secrets = before.iter().cloned().chain([secret]);
        self.set = Some(Decoy::new(secrets));
    }

    pub(super) fn choose(&self, store: &impl ClientStore, found: &Found) -> Decoy {
        if let Some(decoy) = self.set.clone().or_else(|| store.decoy()) {
            return decoy;
        }
        let mut of_hashes = found.iter().flatten().filter_map(|it| Decoy::of_hashes(it));
        match of_hashes.next() {
            Some(decoy) => self.found.get_or_init(|| decoy).clone(),
            None => self.found.get().unwrap_or(&self.digest).clone(),
        }
    }
}

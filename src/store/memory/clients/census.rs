//! How many secrets of each kind the clients have, and the decoy that follows from it.

use std::collections::{BTreeMap, HashMap};

use crate::protocol::{client::Client, client_secret::ClientSecret, decoy::Decoy};

/// Counts the secrets of all clients by their kind, so that a client can be added or
/// removed without looking at all others to find the decoy.
#[derive(Default)]
pub(super) struct Census(HashMap<String, Kind>);

/// The secrets of one kind.
struct Kind {
    /// One of them, or one that costs as much to verify.
    sample: ClientSecret,
    total: usize,
    /// How many clients have this number of secrets of this kind.
    clients: BTreeMap<usize, usize>,
}

/// How many secrets of each kind one client has.
pub(super) struct Counts(HashMap<String, (ClientSecret, usize)>);

impl Counts {
    /// Asks the hashes for their kind, which is code of the user and may panic.
    pub(super) fn new(client: &Client) -> Self {
        let mut counts = HashMap::new();
        for secret in client.secrets() {
            let kind = counts.entry(secret.kind().to_owned());
            let (_, count) = kind.or_insert_with(|| (secret.as_decoy(), 0));
            *count += 1;
        }
        Self(counts)
    }
}

impl Census {
    pub(super) fn add(&mut self, Counts(counts): Counts) {
        for (kind, (sample, count)) in counts {
            let kind = self.0.entry(kind).or_insert_with(|| Kind {
                sample,
                total: 0,
                clients: BTreeMap::new(),
            });
            kind.total += count;
            *kind.clients.entry(count).or_insert(0) += 1;
        }
    }

    pub(super) fn remove(&mut self, Counts(counts): Counts) {
        for (name, (_, count)) in counts {
            let Some(kind) = self.0.get_mut(&name) else {
                continue;
            };
            kind.total = kind.total.saturating_sub(count);
            if let Some(clients) = kind.clients.get_mut(&count) {
                *clients = clients.saturating_sub(1);
                if *clients == 0 {
                    kind.clients.remove(&count);
                }
            }
            if kind.total == 0 {
                self.0.remove(&name);
            }
        }
    }

    /// A decoy with secrets of the most common kind, as many as the client with the most
    /// of that kind has. A match with one of them proves nothing.
    pub(super) fn decoy(&self) -> Option<Decoy> {
        // By name if two are equally common, so that all machines choose the same.
        let commonest = self.0.iter().max_by_key(|(name, kind)| (kind.total, *name));
        let (_, kind) = commonest?;
        let (&most, _) = kind.clients.last_key_value()?;
        Some(Decoy::new(vec![kind.sample.clone(); most]))
    }
}

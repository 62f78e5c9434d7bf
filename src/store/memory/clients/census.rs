//! How many secrets of each kind the clients have, and the decoy that follows from it.

use std::collections::{BTreeMap, HashMap};

use crate::protocol::{client::Client, client_secret::ClientSecret, decoy::Decoy};

/// Counts the secrets of all clients by their kind, so that a client can be added or
/// removed without looking at all others to find the decoy.
#[derive(Default)]
pub(super) struct Census {
    kinds: HashMap<String, Kind>,
    /// How many clients have this number of secrets for `client_secret_jwt`.
    hmacs: Numbers,
}

/// The secrets of one kind.
struct Kind {
    /// One of them, or one that costs as much to verify.
    sample: ClientSecret,
    total: usize,
    /// How many clients have this number of secrets of this kind.
    clients: Numbers,
}

/// How many clients have each number of something.
#[derive(Default)]
struct Numbers(BTreeMap<usize, usize>);

impl Numbers {
    fn add(&mut self, number: usize) {
        *self.0.entry(number).or_insert(0) += 1;
    }

    fn remove(&mut self, number: usize) {
        if let Some(clients) = self.0.get_mut(&number) {
            *clients = clients.saturating_sub(1);
            if *clients == 0 {
                self.0.remove(&number);
            }
        }
    }

    fn most(&self) -> Option<usize> {
        self.0.last_key_value().map(|(&most, _)| most)
    }
}

/// How many secrets of each kind one client has.
pub(super) struct Counts {
    kinds: HashMap<String, (ClientSecret, usize)>,
    hmacs: usize,
}

impl Counts {
    /// Asks the hashes for their kind, which is code of the user and may panic.
    pub(super) fn new(client: &Client) -> Self {
        let mut kinds = HashMap::new();
        for secret in client.secrets() {
            let kind = kinds.entry(secret.kind().to_owned());
            let (_, count) = kind.or_insert_with(|| (secret.as_decoy(), 0));
            *count += 1;
        }
        Self {
            kinds,
            hmacs: client.hmac_secrets().count(),
        }
    }
}

impl Census {
    pub(super) fn add(&mut self, counts: Counts) {
        self.hmacs.add(counts.hmacs);
        for (kind, (sample, count)) in counts.kinds {
            let kind = self.kinds.entry(kind).or_insert_with(|| Kind {
                sample,
                total: 0,
                clients: Numbers::default(),
            });
            kind.total += count;
            kind.clients.add(count);
        }
    }

    pub(super) fn remove(&mut self, counts: Counts) {
        self.hmacs.remove(counts.hmacs);
        for (name, (_, count)) in counts.kinds {
            let Some(kind) = self.kinds.get_mut(&name) else {
                continue;
            };
            kind.total = kind.total.saturating_sub(count);
            kind.clients.remove(count);
            if kind.total == 0 {
                self.kinds.remove(&name);
            }
        }
    }

    /// A decoy with secrets of the most common kind, as many as the client with the most
    /// of that kind has, and with as many HMACs as the client with the most secrets for them
    /// has. A match with one of them proves nothing.
    pub(super) fn decoy(&self) -> Option<Decoy> {
        // If two are equally common, a slow hash: a digest hardly takes any time. Then by name, so that
        // all machines choose the same.
        let kinds = self.kinds.iter();
        let rank = |name, kind: &Kind| (kind.total, kind.sample.is_hashed(), name);
        let (_, kind) = kinds.max_by_key(|&(name, kind)| rank(name, kind))?;
        let decoy = Decoy::new(vec![kind.sample.clone(); kind.clients.most()?]);
        Some(decoy.with_hmacs(self.hmacs.most().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::AuthMethod;

    #[test]
    fn the_decoy_has_as_many_hmacs_as_the_client_with_most_secrets_for_them() {
        let client = |method, secrets: usize| {
            let secret = ClientSecret::plain("thirty-two bytes are enough to sign");
            let client = Client::builder("a").auth_method(method);
            let client = (0..secrets).fold(client, |client, _| client.secret(secret.clone()));
            Counts::new(&client.build().expect("a client"))
        };
        let by_hmac = |secrets| client(AuthMethod::ClientSecretJwt, secrets);
        let mut census = Census::default();
        let hmacs = |census: &Census| census.decoy().map(|decoy| decoy.hmacs());
        assert_eq!(hmacs(&census), None);
        // What is kept in plain is no key of an HMAC by itself.
        census.add(client(AuthMethod::ClientSecretBasic, 4));
        assert_eq!(hmacs(&census), Some(0));
        for (secrets, most) in [(1, 1), (3, 3), (2, 3), (3, 3)] {
            census.add(by_hmac(secrets));
            assert_eq!(hmacs(&census), Some(most));
        }
        for (secrets, most) in [(3, 3), (3, 2), (1, 2), (2, 0)] {
            census.remove(by_hmac(secrets));
            assert_eq!(hmacs(&census), Some(most));
        }
    }
}

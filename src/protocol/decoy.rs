//! What is verified in place of a client's own secrets, so that a client that does
//! not exist costs as much as one that does.

use std::{collections::HashMap, fmt, sync::Arc};

use super::{client::Client, client_secret::ClientSecret};

/// Secrets that are verified in place of those of a client that does not exist, and
/// beyond those of one that has fewer, so that all take the same time.
///
/// What matches a decoy proves nothing.
#[derive(Clone)]
pub struct Decoy(Arc<[ClientSecret]>);

impl Decoy {
    /// A decoy with these secrets: of the kind that is commonest among the clients,
    /// and as many as the client with the most of them has.
    pub fn new(secrets: impl IntoIterator<Item = ClientSecret>) -> Self {
        Self(secrets.into_iter().collect())
    }

    /// A decoy that costs what a secret with a fast digest costs.
    pub(crate) fn of_a_digest() -> Self {
        Self::new([ClientSecret::from_sha256([0; 32])])
    }

    /// The decoy for these clients: secrets of the commonest kind, as many as the
    /// client with the most of that kind has. They are copies of that client's own.
    /// `None` if no client has a secret.
    pub(crate) fn of_all<'c>(clients: impl Iterator<Item = &'c Client> + Clone) -> Option<Self> {
        let mut kinds = HashMap::new();
        for secret in clients.clone().flat_map(Client::secrets) {
            *kinds.entry(secret.kind()).or_insert(0_usize) += 1;
        }
        // By name if two are as common, so that all machines choose the same.
        let (kind, _) = kinds
            .into_iter()
            .max_by_key(|&(kind, count)| (count, kind))?;
        let is_of_kind = |secret: &&ClientSecret| secret.kind() == kind;
        let count = |client: &&Client| client.secrets().iter().filter(is_of_kind).count();
        let most = clients.max_by_key(count)?.secrets();
        Some(Self::new(most.iter().filter(is_of_kind).cloned()))
    }

    /// A decoy that costs what this client's slow hashes cost; `None` if it has none.
    pub(crate) fn of_hashes(client: &Client) -> Option<Self> {
        let hashes = client.secrets().iter().filter(|secret| secret.is_hashed());
        let decoy = Self::new(hashes.cloned());
        (!decoy.0.is_empty()).then_some(decoy)
    }

    pub(crate) fn secrets(&self) -> &[ClientSecret] {
        &self.0
    }

    /// What is verified beyond the client's own secrets: the slow hashes that it has
    /// fewer of than the decoy and, if the client has no secret at all, the decoy's
    /// digests. One digest more or less takes no time that could be told.
    pub(crate) fn padding(&self, own: &[ClientSecret]) -> impl Iterator<Item = &ClientSecret> {
        let own_hashed = own.iter().filter(|secret| secret.is_hashed()).count();
        let hashed = self.0.iter().filter(|secret| secret.is_hashed());
        let digests = self.0.iter().filter(|secret| !secret.is_hashed());
        let digests = digests.take(if own.is_empty() { usize::MAX } else { 0 });
        hashed.skip(own_hashed).chain(digests)
    }
}

/// Whether verifying the secrets of the client could take another time than verifying
/// the decoy's.
pub(crate) fn is_needed(client: Option<&Client>) -> bool {
    client.is_none_or(|client| {
        client.secrets().is_empty() || client.secrets().iter().any(ClientSecret::is_hashed)
    })
}

impl fmt::Debug for Decoy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Decoy").field(&self.0).finish()
    }
}

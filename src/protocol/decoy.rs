//! Secrets that are verified instead of a client's own, so that a client that does not
//! exist costs as much as one that does.

use std::{fmt, sync::Arc};

use super::{client::Client, client_secret::ClientSecret};

/// Secrets that are verified if a client does not exist or has fewer secrets, so that all
/// requests take the same time.
///
/// Without a decoy, the response to an unknown client would be faster, and an attacker could
/// find out which clients exist. A request with a secret of the decoy is also refused.
///
/// [`ClientStore::decoy`](crate::store::ClientStore::decoy) returns it. A store needs one only
/// if its clients have slow hashes ([`from_hash`](ClientSecret::from_hash),
/// [`hashed`](ClientSecret::hashed)), or more than two secrets for
/// `client_secret_jwt`.
///
/// ```
/// # #[cfg(feature = "bcrypt")] {
/// use tower_token_endpoint::client::{ClientSecret, Decoy};
///
/// // With the same parameters as those of the clients. Nobody needs to know its secret.
/// let hash = "$2b$10$4hTAYtCn0IZ3coPvZTQadupusYV4obOXpa8NvazwVuEknXhlqtOTa";
/// let decoy = Decoy::new([ClientSecret::from_hash(hash)?]);
/// # }
/// # Ok::<_, tower_token_endpoint::client::ParseSecretHashError>(())
/// ```
#[derive(Clone)]
pub struct Decoy {
    secrets: Arc<[ClientSecret]>,
    hmacs: usize,
}

impl Decoy {
    /// Makes a decoy of these secrets.
    ///
    /// They should be of the kind that most clients have. Pass as many secrets as the client
    /// with the most secrets has.
    ///
    /// For `client_secret_jwt`, the layer computes as many HMACs for an unknown client as the
    /// decoy has [plain secrets](ClientSecret::plain). Their text does not matter.
    pub fn new(secrets: impl IntoIterator<Item = ClientSecret>) -> Self {
        let secrets: Arc<[ClientSecret]> = secrets.into_iter().collect();
        let plain = secrets.iter().filter(|secret| secret.as_plain().is_some());
        Self {
            hmacs: plain.count(),
            secrets,
        }
    }

    /// Sets the number of HMACs, without plain secrets.
    pub(crate) fn with_hmacs(self, hmacs: usize) -> Self {
        Self { hmacs, ..self }
    }

    /// How many HMACs a refused assertion costs.
    pub(crate) const fn hmacs(&self) -> usize {
        self.hmacs
    }

    /// A decoy that costs as much as a secret with a fast digest.
    pub(crate) fn of_a_digest() -> Self {
        Self::new([ClientSecret::from_sha256([0; 32])])
    }

    /// A decoy that costs as much as the slow hashes of this client. `None` if it has none.
    pub(crate) fn of_hashes(client: &Client) -> Option<Self> {
        let hashes = client.secrets().iter().filter(|secret| secret.is_hashed());
        let decoy = Self::new(hashes.map(ClientSecret::as_decoy));
        (!decoy.secrets.is_empty()).then_some(decoy)
    }

    pub(crate) fn secrets(&self) -> &[ClientSecret] {
        &self.secrets
    }

    /// The secrets that are verified after the client's own: as many slow hashes as it has
    /// fewer than the decoy and, if the client has no secret at all, the digests of the
    /// decoy. One digest more or less makes no measurable difference.
    pub(crate) fn padding(&self, own: &[ClientSecret]) -> impl Iterator<Item = &ClientSecret> {
        let own_hashed = own.iter().filter(|secret| secret.is_hashed()).count();
        let hashed = self.secrets.iter().filter(|secret| secret.is_hashed());
        let digests = self.secrets.iter().filter(|secret| !secret.is_hashed());
        let digests = digests.take(if own.is_empty() { usize::MAX } else { 0 });
        hashed.skip(own_hashed).chain(digests)
    }
}

/// Whether verifying the secrets of the client could take a different time than verifying
/// those of the decoy.
pub(crate) fn is_needed(client: Option<&Client>) -> bool {
    client.is_none_or(|client| {
        client.secrets().is_empty() || client.secrets().iter().any(ClientSecret::is_hashed)
    })
}

impl fmt::Debug for Decoy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Decoy").field(&self.secrets).finish()
    }
}

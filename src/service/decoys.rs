//! Which secrets are verified if the client does not exist, so that the work is the same.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use crate::{
    protocol::{candidates::Found, client::Client, client_secret::ClientSecret, decoy::Decoy},
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
    /// The most secrets for `client_secret_jwt` that a client had which it found.
    hmacs: Arc<AtomicUsize>,
}

/// How many HMACs a refused assertion costs until a client with more secrets was found, if
/// the store does not say: a client that replaces its secret has two.
const HMACS: usize = 2;

impl Default for Decoys {
    fn default() -> Self {
        Self {
            set: None,
            found: Arc::default(),
            digest: Decoy::of_a_digest(),
            hmacs: Arc::default(),
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
        let of_store = store.decoy();
        let told = [&self.set, &of_store].map(|decoy| decoy.as_ref().map_or(0, Decoy::hmacs));
        let hmacs = self.hmacs(found, told.into_iter().max().filter(|&told| told > 0));
        let decoy = self.set.clone().or(of_store);
        decoy
            .unwrap_or_else(|| self.of_found(found))
            .with_hmacs(hmacs)
    }

    fn of_found(&self, found: &Found) -> Decoy {
        let mut of_hashes = found.iter().flatten().filter_map(|it| Decoy::of_hashes(it));
        match of_hashes.next() {
            Some(decoy) => self.found.get_or_init(|| decoy).clone(),
            None => self.found.get().unwrap_or(&self.digest).clone(),
        }
    }

    fn hmacs(&self, found: &Found, told: Option<usize>) -> usize {
        let of_client = |client: &Arc<Client>| client.hmac_secrets().count();
        let now = found.iter().flatten().map(of_client).max();
        let now = now.unwrap_or_default();
        let mut most = self.hmacs.load(Ordering::Relaxed);
        if now > most {
            // Rarely: otherwise all requests would write to the same place.
            most = self.hmacs.fetch_max(now, Ordering::Relaxed).max(now);
        }
        most.max(told.unwrap_or(HMACS))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::request::Parts;

    use super::*;
    use crate::client::AuthMethod;

    /// A store that knows nothing but its decoy.
    struct Store(Option<Decoy>);

    impl ClientStore for Store {
        type Error = Infallible;

        async fn find(&self, _: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
            Ok(None)
        }

        fn decoy(&self) -> Option<Decoy> {
            self.0.clone()
        }
    }

    fn plain(count: usize) -> Vec<ClientSecret> {
        vec![ClientSecret::plain("thirty-two bytes are enough to sign"); count]
    }

    fn client(secrets: usize) -> Option<Arc<Client>> {
        let client = Client::builder("a").auth_method(AuthMethod::ClientSecretJwt);
        let client = plain(secrets)
            .into_iter()
            .fold(client, |it, secret| it.secret(secret));
        Some(Arc::new(client.build().expect("a client")))
    }

    #[test]
    fn hmacs_are_as_many_as_the_store_says_or_as_a_client_was_found_with() {
        let silent = Store(None);
        let of_hashes = Store(Some(Decoy::of_a_digest()));
        let told = Store(Some(Decoy::new(plain(1))));
        let nobody = [None, None];
        for (store, until_found) in [(&silent, 2), (&of_hashes, 2), (&told, 1)] {
            let decoys = Decoys::default();
            let hmacs = |found: &Found| decoys.choose(store, found).hmacs();
            assert_eq!(hmacs(&nobody), until_found);
            assert_eq!(hmacs(&[client(1), None]), until_found);
            assert_eq!(hmacs(&[client(4), None]), 4);
            assert_eq!(hmacs(&[None, client(3)]), 4);
            assert_eq!(hmacs(&nobody), 4);
        }
        let mut decoys = Decoys::default();
        for secret in plain(3) {
            decoys.add(secret);
        }
        assert_eq!(decoys.choose(&told, &nobody).hmacs(), 3);
    }
}

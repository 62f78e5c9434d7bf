//! Who a request could be from, by one reading of its evidence, and what must be
//! asked before that is proven.

use std::{sync::Arc, time::SystemTime};

use super::{
    auth_method::{AuthMethod, AuthMethods},
    client::{Client, keys::ClientKeys},
    client_secret::ClientSecret,
    decoy::{self, Decoy},
    incoming::evidence::claim::Credential,
    jwt::{
        jws::Jws,
        key_set::{HasKey, KeySet},
    },
    rejection::Rejection,
    settings::Settings,
};

/// One reading of the evidence, and the client that it names.
pub(crate) struct Candidate<'a> {
    pub(crate) client: Option<&'a Arc<Client>>,
    /// The id that the evidence names.
    pub(crate) client_id: &'a str,
    pub(crate) credential: Credential<'a>,
    /// What to verify beyond the client's own secrets.
    pub(crate) decoy: Option<&'a Decoy>,
    /// The client's public keys, if they had to be fetched.
    pub(crate) fetched: Option<&'a KeySet>,
}

impl<'a> Candidate<'a> {
    #[inline]
    pub(crate) fn needs_decoy(&self) -> bool {
        match self.credential {
            Credential::Secret(_) => decoy::is_needed(self.client.map(AsRef::as_ref)),
            Credential::Assertion(assertion) => assertion.method() == AuthMethod::ClientSecretJwt,
            Credential::Nothing => false,
        }
    }

    /// Whether the client is registered for one of these methods.
    #[inline]
    pub(crate) fn may_use(&self, methods: AuthMethods) -> bool {
        self.client
            .is_some_and(|client| client.settle(methods).is_some())
    }

    /// Whether something may have to be asked before the proof.
    #[inline]
    pub(crate) fn has_questions(
        &self,
        settings: &Settings,
        now: impl FnOnce() -> SystemTime,
    ) -> bool {
        self.has_slow_hashes() || KeysToFetch::of(self, settings, now).is_some()
    }

    #[inline]
    pub(crate) fn has_slow_hashes(&self) -> bool {
        match self.credential {
            // A client that needs no decoy has no slow hash.
            Credential::Secret(_) if self.decoy.is_some() => {
                let (own, padding) = self.secrets();
                own.iter().chain(padding).any(ClientSecret::is_hashed)
            }
            Credential::Secret(_) | Credential::Assertion(_) | Credential::Nothing => false,
        }
    }

    /// The secrets to verify: the client's own, and then the decoy's.
    #[inline]
    pub(crate) fn secrets(
        &self,
    ) -> (
        &'a [ClientSecret],
        impl Iterator<Item = &'a ClientSecret> + use<'a>,
    ) {
        let own = self.client.map_or(&[][..], |client| client.secrets());
        let padding = self.decoy.map(|decoy| decoy.padding(own));
        (own, padding.into_iter().flatten())
    }

    /// How many HMACs a refused assertion costs: as many as the client with the most secrets
    /// has, whoever the client is.
    pub(crate) fn hmacs(&self) -> usize {
        self.decoy.map_or(1, |decoy| decoy.hmacs().max(1))
    }
}

/// The keys of a client that registered their `jwks_uri`.
pub(crate) struct KeysToFetch<'a> {
    client: &'a Arc<Client>,
    pub(crate) jwks_uri: &'a str,
    jws: &'a Jws,
}

impl<'a> KeysToFetch<'a> {
    /// `None` if the assertion is refused with any keys. A stranger could make the
    /// server fetch with it, and see from a 503 what should be a 401.
    pub(crate) fn of(
        candidate: &Candidate<'a>,
        settings: &Settings,
        now: impl FnOnce() -> SystemTime,
    ) -> Option<Self> {
        let Credential::Assertion(assertion) = candidate.credential else {
            return None;
        };
        let client = candidate.client?;
        let ClientKeys::At(jwks_uri) = client.keys() else {
            return None;
        };
        let is_wanted = assertion.method() == AuthMethod::PrivateKeyJwt
            && assertion.check_client(client).is_ok()
            && assertion.check_claims(client, settings, now()).is_ok();
        is_wanted.then_some(Self {
            client,
            jwks_uri,
            jws: &assertion.jws,
        })
    }

    pub(crate) fn client(&self) -> &'a Client {
        self.client
    }

    /// Whether the set has what the assertion asks for.
    pub(crate) fn are_among(&self, keys: &KeySet) -> HasKey {
        keys.has(self.jws.algorithm(), self.jws.kid())
    }

    /// If they cannot be had.
    pub(crate) fn refuse(&self, rejection: Rejection) -> Rejection {
        rejection
            .of_client(Some(Arc::clone(self.client)))
            .by_method(Some(AuthMethod::PrivateKeyJwt))
    }
}

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
    presented::PresentedCertificate,
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
            Credential::Certificate(_) | Credential::Nothing => false,
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
        methods: AuthMethods,
        settings: &Settings,
        now: impl FnOnce() -> SystemTime,
    ) -> bool {
        self.has_slow_hashes() || KeysToFetch::of(self, methods, settings, now).is_some()
    }

    #[inline]
    pub(crate) fn has_slow_hashes(&self) -> bool {
        match self.credential {
            // A client that needs no decoy has no slow hash.
            Credential::Secret(_) if self.decoy.is_some() => {
                let (own, padding) = self.secrets();
                own.iter().chain(padding).any(ClientSecret::is_hashed)
            }
            Credential::Secret(_)
            | Credential::Assertion(_)
            | Credential::Certificate(_)
            | Credential::Nothing => false,
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
    wanted: Wanted<'a>,
}

/// Which of them is wanted.
enum Wanted<'a> {
    /// That of an assertion.
    Signing(&'a Jws),
    /// That of a certificate.
    Certified(&'a PresentedCertificate),
}

impl<'a> KeysToFetch<'a> {
    /// `None` if the request is refused with any keys, or accepted without. A stranger could make the
    /// server fetch with it, and see from a 503 what should be a 401.
    pub(crate) fn of(
        candidate: &Candidate<'a>,
        methods: AuthMethods,
        settings: &Settings,
        now: impl FnOnce() -> SystemTime,
    ) -> Option<Self> {
        let client = candidate.client?;
        let ClientKeys::At(jwks_uri) = client.keys() else {
            return None;
        };
        let (is_wanted, wanted) = match candidate.credential {
            Credential::Assertion(assertion) => (
                assertion.method() == AuthMethod::PrivateKeyJwt
                    && assertion.check_client(client).is_ok()
                    && assertion.check_claims(client, settings, now()).is_ok(),
                Wanted::Signing(&assertion.jws),
            ),
            Credential::Certificate(certificate) => {
                let may_use = |method: AuthMethod| candidate.may_use(methods.and(method.into()));
                let is_named = || {
                    certificate
                        .check_name(client.registered_name(), now())
                        .is_ok()
                };
                (
                    may_use(AuthMethod::SelfSignedTlsClientAuth)
                        && !(may_use(AuthMethod::TlsClientAuth) && is_named()),
                    Wanted::Certified(certificate),
                )
            }
            Credential::Secret(_) | Credential::Nothing => return None,
        };
        is_wanted.then_some(Self {
            client,
            jwks_uri,
            wanted,
        })
    }

    pub(crate) fn client(&self) -> &'a Client {
        self.client
    }

    /// Whether the set has what the request asks for.
    pub(crate) fn are_among(&self, keys: &KeySet) -> HasKey {
        match self.wanted {
            Wanted::Signing(jws) => keys.has(jws.algorithm(), jws.kid()),
            Wanted::Certified(presented) => keys.has_key_of(&presented.certificate),
        }
    }

    /// If they cannot be had.
    pub(crate) fn refuse(&self, rejection: Rejection) -> Rejection {
        let method = match self.wanted {
            Wanted::Signing(_) => AuthMethod::PrivateKeyJwt,
            Wanted::Certified(_) => AuthMethod::SelfSignedTlsClientAuth,
        };
        rejection
            .of_client(Some(Arc::clone(self.client)))
            .by_method(Some(method))
    }
}

//! Step 2 of the [exchange](super::exchange): who a request could be from, by each reading of its evidence,
//! and what must be asked before that is proven.

use std::{iter, sync::Arc, time::SystemTime};

use super::{
    auth_method::AuthMethods,
    candidate::{Candidate, KeysToFetch},
    certificate_mismatch::CertificateMismatch,
    client::Client,
    decoy::Decoy,
    incoming::evidence::claim::{Claim, Claims, Credential},
    jwt::key_set::KeySet,
    proof::Unproven,
    rejection::Rejection,
    settings::Settings,
};

/// The registered clients of [`Claimant::client_ids`](super::exchange::Claimant::client_ids), in their order.
pub(crate) type Found = [Option<Arc<Client>>; 2];

/// Who it could be, by each reading of the evidence.
pub(crate) struct Candidates<'c> {
    claims: Claims<'c>,
    methods: AuthMethods,
    found: &'c Found,
    /// Their keys, in the same order.
    fetched: [Option<Arc<KeySet>>; 2],
    decoy: Option<Decoy>,
    /// The outcomes of the slow hashes.
    checked: Checked,
    /// Why one of them is not known.
    unchecked: Option<Rejection>,
}

/// What is known of the slow hashes.
enum Checked {
    Computed(Vec<bool>),
    Recalled(usize),
}

impl Default for Checked {
    fn default() -> Self {
        Self::Computed(Vec::new())
    }
}

impl<'c> Candidates<'c> {
    /// `decoy` is asked if a client is missing or has to be padded.
    #[inline]
    pub(crate) fn new(
        claims: Claims<'c>,
        methods: AuthMethods,
        found: &'c Found,
        decoy: impl FnOnce(&Found) -> Decoy,
    ) -> Self {
        let mut candidates = Self {
            claims,
            methods,
            found,
            fetched: Default::default(),
            decoy: None,
            checked: Checked::default(),
            unchecked: None,
        };
        if candidates.needs_decoy() {
            candidates.decoy = Some(decoy(found));
        }
        candidates
    }
}

impl Candidates<'_> {
    /// The methods of which the evidence may prove one.
    pub(crate) const fn methods(&self) -> AuthMethods {
        self.methods
    }

    /// By the preferred reading, and by the other one if there is any.
    #[inline]
    pub(crate) fn both<'a>(&'a self) -> (Candidate<'a>, Option<Candidate<'a>>) {
        let Claims {
            preferred,
            alternative,
        } = self.claims;
        let candidate = |claim: Claim<'a>| {
            let at = usize::from(claim.client_id != preferred.client_id);
            Candidate {
                client: self.found[at].as_ref(),
                client_id: claim.client_id,
                credential: claim.credential,
                decoy: self.decoy.as_ref(),
                fetched: self.fetched[at].as_deref(),
            }
        };
        (candidate(preferred), alternative.map(candidate))
    }

    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Candidate<'_>> {
        let (preferred, alternative) = self.both();
        iter::once(preferred).chain(alternative)
    }

    #[inline]
    fn needs_decoy(&self) -> bool {
        self.iter().any(|candidate| candidate.needs_decoy())
    }

    /// Whether something may have to be asked before the proof.
    #[inline]
    pub(crate) fn have_questions(&self, settings: &Settings, now: impl Fn() -> SystemTime) -> bool {
        self.iter()
            .any(|candidate| candidate.has_questions(self.methods, settings, &now))
    }

    pub(crate) fn have_slow_hashes(&self) -> bool {
        self.iter().any(|candidate| candidate.has_slow_hashes())
    }

    /// The keys that the assertion or the certificate is compared with, if they must be fetched: those of the client at this
    /// place of [`Found`].
    pub(crate) fn keys_to_fetch(
        &self,
        at: usize,
        settings: &Settings,
        now: impl FnOnce() -> SystemTime,
    ) -> Option<KeysToFetch<'_>> {
        let (preferred, alternative) = self.both();
        let candidate = match at {
            0 => preferred,
            _ => alternative.filter(|it| it.client_id != preferred.client_id)?,
        };
        KeysToFetch::of(&candidate, self.methods, settings, now)
    }

    pub(crate) fn set_keys(&mut self, at: usize, fetched: Arc<KeySet>) {
        self.fetched[at] = Some(fetched);
    }

    /// Whether the presented secret is compared with a live digest, by which its client would be
    /// accepted. The decoy's digest counts only if no client has a secret.
    pub(crate) fn have_live_digests(&self, now: impl Fn() -> SystemTime) -> bool {
        let has_secrets = |candidate: Candidate<'_>| !candidate.secrets().0.is_empty();
        let is_decoy_enough = !self.iter().any(has_secrets);
        self.iter().any(|candidate| {
            let (own, padding) = candidate.secrets();
            let padding = padding.filter(|_| is_decoy_enough);
            let mut digests = own.iter().chain(padding).filter(|it| !it.is_hashed());
            digests.any(|digest| !digest.is_expired(&now))
        })
    }

    /// The outcomes of the slow hashes, in their order: those of the first candidate, then
    /// those of the second. What is missing at the end was not computed, and counts as wrong.
    pub(crate) fn set_checked(&mut self, outcomes: Vec<bool>, failure: Option<Rejection>) {
        self.checked = Checked::Computed(outcomes);
        self.unchecked = failure;
    }

    /// The slow hash, by its place in that order, that is known to match. None was computed.
    pub(crate) fn set_recalled(&mut self, place: usize) {
        self.checked = Checked::Recalled(place);
    }

    pub(crate) fn checked(&self) -> impl Iterator<Item = bool> {
        (0..).map(|place| match &self.checked {
            Checked::Computed(outcomes) => outcomes.get(place).copied().unwrap_or_default(),
            Checked::Recalled(recalled) => *recalled == place,
        })
    }

    /// If none of them is proven.
    pub(crate) fn refuse(
        &mut self,
        unproven: Unproven,
        settings: &Settings,
        now: impl FnOnce() -> SystemTime,
    ) -> Rejection {
        // Not to know is not the same as a wrong secret.
        let rejection = match (self.unchecked.take(), self.claims.preferred.credential) {
            (Some(unchecked), _) => unchecked,
            (None, Credential::Assertion(assertion)) => assertion.refuse(&unproven, settings, now),
            (None, Credential::Certificate(certificate)) => {
                CertificateMismatch::refuse(certificate, &unproven, now())
            }
            (None, Credential::Secret(_) | Credential::Nothing) => unproven.reason.into(),
        };
        rejection
            .of_client(unproven.client)
            .by_method(unproven.method)
    }
}

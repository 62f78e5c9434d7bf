//! The exchange: one token request as a chain of values, without I/O. Each step consumes
//! the last; only `Candidates` borrow, since to move a claimant takes time.
//!
//! ```text
//! Head ─► Claimant ─────────────► Candidates ─► Proven ─► Authenticated ─► Accepted
//!      body    throttle?, clients?   │  ▲  proof   │ ▲             grant, scope
//!                                    └──┘          └─┘
//!                             keys?, hashes?    one-time values?
//! ```
//!
//! Between the steps the caller reads the body, asks what is marked with "?" of
//! something outside (`service/ask/`), and has `verify/` prove the client. A wrong
//! order does not compile. A client that does not exist takes the same steps, with a
//! decoy in its place.

use std::{iter, sync::Arc, time::SystemTime, vec};

use super::{
    accepted::{
        attached::Accepted, authenticated::AuthenticatedRequest,
        introspection::IntrospectionRequest, parameters::Parameters, request::TokenRequest,
        revocation::RevocationRequest,
    },
    auth_method::{AuthMethod, AuthMethods},
    candidate::{Candidate, KeysToFetch},
    client::Client,
    decoy::Decoy,
    demands::{self, Demand},
    incoming::{
        evidence::{
            Evidence,
            claim::{Claim, Claims, Credential},
        },
        form::{CLIENT_ID, Form},
        head::Head,
        refused::Refused,
    },
    jwt::key_set::KeySet,
    proof::{OneTimeValue, Unproven, Verified},
    reason::RejectionReason,
    rejection::Rejection,
    replay::{Remembered, ReplayKey},
    settings::{Settings, endpoint::Endpoint},
};

/// Step 1: somebody who says who they are.
pub(crate) struct Claimant {
    parameters: Parameters,
    evidence: Evidence,
    /// What the evidence may prove here.
    methods: AuthMethods,
}

/// The registered clients of [`Claimant::client_ids`], in their order.
pub(crate) type Found = [Option<Arc<Client>>; 2];

impl Claimant {
    #[inline]
    pub(crate) fn new(
        head: Head,
        query: Option<&str>,
        body: &[u8],
        settings: &Settings,
    ) -> Result<Self, Refused> {
        let Form {
            parameters,
            credentials,
        } = Form::parse(body, query, settings)?;
        let evidence = Evidence::gather(head.basic, credentials, &parameters, settings)?;
        let methods = evidence.methods().and(settings.auth_methods);
        if methods.is_empty() {
            let method = evidence.methods().first();
            let rejection = Rejection::from(RejectionReason::MethodNotVerifiable);
            let client_ids = evidence.claims().client_ids();
            return Err(Refused::naming(rejection.by_method(method), client_ids));
        }
        Ok(Self {
            parameters,
            evidence,
            methods,
        })
    }

    /// The ids to look up: one, or two if the readings differ in it.
    pub(crate) fn client_ids(&self) -> impl Iterator<Item = &str> {
        self.evidence.claims().client_ids()
    }

    /// `decoy` is asked if a client is missing or has to be padded.
    #[inline]
    pub(crate) fn candidates<'c>(
        &'c self,
        found: &'c Found,
        decoy: impl FnOnce(&Found) -> Decoy,
    ) -> Candidates<'c> {
        let mut candidates = Candidates {
            claims: self.evidence.claims(),
            methods: self.methods,
            found,
            fetched: None,
            decoy: None,
            checked: Checked::default(),
            unchecked: None,
        };
        if candidates.needs_decoy() {
            candidates.decoy = Some(decoy(found));
        }
        candidates
    }

    /// If one of the candidates is proven.
    #[inline]
    pub(crate) fn proven(
        self,
        verified: Verified,
        settings: &Settings,
    ) -> Result<Proven, Rejection> {
        let authenticated = Authenticated {
            parameters: self.parameters,
            client: verified.client,
            method: verified.method,
        };
        match authenticated.check_client(settings) {
            Ok(()) => Ok(Proven::new(authenticated, verified.one_time.into_iter())),
            Err(reason) => Err(authenticated.refuse(reason.into())),
        }
    }
}

/// Step 2: who it could be, by each reading of the evidence.
pub(crate) struct Candidates<'c> {
    claims: Claims<'c>,
    methods: AuthMethods,
    found: &'c Found,
    fetched: Option<Arc<KeySet>>,
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
                fetched: self.fetched.as_deref(),
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
            .any(|candidate| candidate.has_questions(settings, &now))
    }

    pub(crate) fn have_slow_hashes(&self) -> bool {
        self.iter().any(|candidate| candidate.has_slow_hashes())
    }

    /// The keys that the assertion is verified with, if they must be fetched.
    pub(crate) fn keys_to_fetch(
        &self,
        settings: &Settings,
        now: impl FnOnce() -> SystemTime,
    ) -> Option<KeysToFetch<'_>> {
        KeysToFetch::of(&self.both().0, settings, now)
    }

    pub(crate) fn set_keys(&mut self, fetched: Arc<KeySet>) {
        self.fetched = Some(fetched);
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
            (None, Credential::Secret(_) | Credential::Nothing) => unproven.reason.into(),
        };
        rejection
            .of_client(unproven.client)
            .by_method(unproven.method)
    }
}

/// Step 3: a client that is proven, for good or by values that may be used once.
pub(crate) enum Proven {
    Authenticated(Authenticated),
    Unspent(Unspent),
}

/// A client that is proven by values that may be used once. Whether they were used is
/// asked last, so that a forged request uses nothing up.
pub(crate) struct Unspent {
    authenticated: Authenticated,
    next: OneTimeValue,
    rest: vec::IntoIter<OneTimeValue>,
}

impl Proven {
    fn new(authenticated: Authenticated, mut one_time: vec::IntoIter<OneTimeValue>) -> Self {
        match one_time.next() {
            None => Self::Authenticated(authenticated),
            Some(next) => Self::Unspent(Unspent {
                authenticated,
                next,
                rest: one_time,
            }),
        }
    }
}

impl Unspent {
    /// The value that is to be remembered next.
    pub(crate) fn key<'a>(&'a self, settings: &'a Settings) -> ReplayKey<'a> {
        let client = &self.authenticated.client;
        let issuer = settings.issuer_for(client);
        ReplayKey::new(
            self.next.purpose,
            issuer,
            client.client_id(),
            &self.next.value,
        )
    }

    /// Until when it must be remembered.
    pub(crate) const fn until(&self) -> SystemTime {
        self.next.until
    }

    pub(crate) fn spend(self, remembered: Remembered) -> Result<Proven, Rejection> {
        match remembered {
            Remembered::New => Ok(Proven::new(self.authenticated, self.rest)),
            Remembered::Known => {
                let replayed = self.next.replayed;
                Err(self.refuse(replayed.into()))
            }
        }
    }

    /// If it could not be found out.
    pub(crate) fn refuse(self, rejection: Rejection) -> Rejection {
        self.authenticated.refuse(rejection)
    }
}

/// Step 4: a client that authenticated.
pub(crate) struct Authenticated {
    parameters: Parameters,
    client: Arc<Client>,
    method: AuthMethod,
}

impl Authenticated {
    /// Checks what the request asks for: the grant, its parameters, the scope.
    #[inline]
    pub(crate) fn accept(self, settings: &Settings) -> Result<Accepted, Rejection> {
        match demands::check(&self.parameters, &self.client, self.method, settings) {
            Ok(demand) => Ok(self.accepted(demand, settings.endpoint)),
            Err(rejection) => Err(self.refuse(rejection)),
        }
    }

    #[inline]
    fn check_client(&self, settings: &Settings) -> Result<(), RejectionReason> {
        if self.method == AuthMethod::None && !settings.endpoint.row().public_clients {
            return Err(RejectionReason::PublicClientNotAllowed);
        }
        match self.parameters.get(CLIENT_ID) {
            // Of two readings, the one that did not authenticate.
            Some(id) if id != self.client.client_id() => Err(RejectionReason::ClientIdMismatch),
            Some(_) | None => Ok(()),
        }
    }

    /// Step 5: what the inner service gets.
    #[inline]
    fn accepted(self, demand: Demand, endpoint: Endpoint) -> Accepted {
        let Self {
            parameters,
            client,
            method,
        } = self;
        let request = AuthenticatedRequest::new(endpoint, client, method, parameters.into());
        match demand {
            Demand::Grant(grant_type) => Accepted::Token(TokenRequest::new(request, grant_type)),
            Demand::Introspection => Accepted::Introspection(IntrospectionRequest::new(request)),
            Demand::Revocation => Accepted::Revocation(RevocationRequest::new(request)),
        }
    }

    fn refuse(self, rejection: Rejection) -> Rejection {
        rejection
            .of_client(Some(self.client))
            .by_method(Some(self.method))
    }
}

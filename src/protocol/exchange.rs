//! The exchange: one token request as a chain of values, each step consuming
//! the last, without I/O.
//!
//! ```text
//! Head ─► Claimant ─► Candidates ─► Authenticated ─► Accepted
//!      body        clients   │   proof  ▲          grant, scope
//!                            └► Unspent ┘
//!                          proof     jti
//! ```
//!
//! Between the steps the caller reads the body, asks the stores and has
//! `verify/` prove the client. A wrong order does not compile. A client that
//! does not exist takes the same steps, with a decoy in its place.

use std::{iter, sync::Arc, time::SystemTime};

use http::{Extensions, request::Parts};

use super::{
    accepted::{
        parameters::Parameters,
        request::{AuthenticatedRequest, TokenRequest},
    },
    auth_method::AuthMethod,
    client::{Client, keys::ClientKeys},
    grant::{GrantType, ServedGrant},
    incoming::{
        evidence::{
            Credentials, Presented, Reading, assertion::Assertion, basic::Basic, none::CLIENT_ID,
        },
        form::Form,
        head,
    },
    jwt::{jws::Jws, key_set::KeySet},
    proof::{Proof, Unproven, Verified},
    reason::Reason,
    rejection::Rejection,
    replay::{Remembered, ReplayKey},
    scope::Scope,
    settings::Settings,
};

/// Step 1: the head is in order.
pub(crate) struct Head {
    basic: Option<Basic>,
}

impl Head {
    pub(crate) fn check(parts: &mut Parts, settings: &Settings) -> Result<Self, Rejection> {
        let basic = head::check(parts, settings)?;
        Ok(Self { basic })
    }

    pub(crate) fn body<'b>(
        self,
        body: &'b [u8],
        settings: &Settings,
    ) -> Result<Claimant<'b>, Rejection> {
        let mut form = Form::parse(body)?;
        let credentials = Credentials::gather(self.basic, &mut form, settings)?;
        Ok(Claimant { form, credentials })
    }
}

/// Step 2: somebody who says who they are.
pub(crate) struct Claimant<'b> {
    form: Form<'b>,
    credentials: Credentials,
}

/// The registered clients of [`Claimant::client_ids`], in their order.
pub(crate) type Found = [Option<Arc<Client>>; 2];

impl<'b> Claimant<'b> {
    /// The ids to look up: one, or two where the readings differ in it.
    pub(crate) fn client_ids(&self) -> impl Iterator<Item = &str> {
        let preferred = self.credentials.client_id();
        let alternative = self.credentials.alternative().map(Reading::client_id);
        iter::once(preferred).chain(alternative.filter(move |&id| id != preferred))
    }

    /// The keys that the assertion is verified with, where they must be fetched. They
    /// need not be for one that is refused whatever they are: a stranger could make
    /// the server fetch by it, and see from a 503 what should be a 401.
    pub(crate) fn keys_to_fetch<'a>(
        &'a self,
        found: &'a Found,
        settings: &Settings,
        now: impl FnOnce() -> SystemTime,
    ) -> Option<KeysToFetch<'a>> {
        let Credentials::Assertion(assertion) = &self.credentials else {
            return None;
        };
        let client = found[0].as_ref()?;
        let ClientKeys::At(jwks_uri) = client.keys() else {
            return None;
        };
        let is_wanted = assertion.method() == AuthMethod::PrivateKeyJwt
            && assertion.check_client(client).is_ok()
            && assertion.check_claims(client, settings, now()).is_ok();
        is_wanted.then_some(KeysToFetch {
            client,
            jwks_uri,
            jws: &assertion.jws,
        })
    }

    /// `decoy` is asked for where a client is missing or has to be padded;
    /// `fetched` are the [keys to fetch](Self::keys_to_fetch).
    pub(crate) fn clients(
        self,
        found: Found,
        fetched: Option<Arc<KeySet>>,
        decoy: impl FnOnce(&Found) -> Arc<Client>,
    ) -> Candidates<'b> {
        let [first, second] = found.each_ref().map(|client| {
            let client = client.as_deref();
            client.is_none_or(Client::needs_padding)
        });
        let wants_decoy = !self.credentials.method().is_assertion()
            && (first || second && self.client_ids().nth(1).is_some());
        let decoy = wants_decoy.then(|| decoy(&found));
        Candidates {
            form: self.form,
            credentials: self.credentials,
            found,
            fetched,
            decoy,
        }
    }
}

/// The keys of a client that registered where they are.
pub(crate) struct KeysToFetch<'a> {
    client: &'a Arc<Client>,
    pub(crate) jwks_uri: &'a str,
    jws: &'a Jws,
}

impl KeysToFetch<'_> {
    /// Whether the set has what the assertion asks for. Where several keys fit,
    /// another set would not help.
    pub(crate) fn are_among(&self, keys: &KeySet) -> bool {
        let found = keys.find(self.jws.algorithm(), self.jws.kid());
        !matches!(found, Err(Reason::UnknownKey))
    }

    /// Where they cannot be had.
    pub(crate) fn refuse(&self, rejection: Rejection) -> Rejection {
        rejection
            .of_client(Some(Arc::clone(self.client)))
            .by_method(AuthMethod::PrivateKeyJwt)
    }
}

/// Step 3: who it could be, by each reading of the credentials.
pub(crate) struct Candidates<'b> {
    form: Form<'b>,
    credentials: Credentials,
    found: Found,
    fetched: Option<Arc<KeySet>>,
    decoy: Option<Arc<Client>>,
}

/// One reading of the credentials, and the client it names.
pub(crate) struct Candidate<'a> {
    pub(crate) client: Option<&'a Arc<Client>>,
    /// Whose secrets to verify beyond the client's own.
    pub(crate) decoy: Option<&'a Client>,
    pub(crate) method: AuthMethod,
    pub(crate) presented: Presented<'a>,
    /// The client's public keys, where they had to be fetched.
    pub(crate) fetched: Option<&'a KeySet>,
}

impl<'b> Candidates<'b> {
    /// By the first reading of the credentials.
    pub(crate) fn preferred(&self) -> Candidate<'_> {
        self.candidate(self.found[0].as_ref(), self.credentials.presented())
    }

    /// By the other one, where there is one.
    pub(crate) fn alternative(&self) -> Option<Candidate<'_>> {
        let reading = self.credentials.alternative()?;
        let is_same = reading.client_id() == self.credentials.client_id();
        let client = self.found[usize::from(!is_same)].as_ref();
        Some(self.candidate(client, Presented::Secret(reading.secret())))
    }

    fn candidate<'a>(
        &'a self,
        client: Option<&'a Arc<Client>>,
        presented: Presented<'a>,
    ) -> Candidate<'a> {
        Candidate {
            client,
            decoy: self.decoy.as_deref(),
            method: self.credentials.method(),
            presented,
            fetched: self.fetched.as_deref(),
        }
    }

    pub(crate) fn proof(
        self,
        proof: Result<Verified, Unproven>,
        settings: &Settings,
    ) -> Result<Proven<'b>, Rejection> {
        let method = self.credentials.method();
        let verified = proof.map_err(|Unproven { reason, client }| {
            Rejection::from(reason).of_client(client).by_method(method)
        })?;
        let proof = verified.proof();
        let authenticated = Authenticated {
            form: self.form,
            verified,
        };
        if let Err(reason) = authenticated.check_client(settings) {
            return Err(authenticated.refuse(reason.into()));
        }
        match (self.credentials, proof) {
            (Credentials::Assertion(assertion), Proof::Once { until }) => {
                Ok(Proven::Once(Unspent {
                    authenticated,
                    assertion,
                    until,
                }))
            }
            (Credentials::Secret { .. }, Proof::Lasting) => Ok(Proven::Lasting(authenticated)),
            // No mechanism proves so: one that does has to say here what is spent.
            (Credentials::Assertion(_), Proof::Lasting)
            | (Credentials::Secret { .. }, Proof::Once { .. }) => {
                Err(authenticated.refuse(Reason::MethodNotVerifiable.into()))
            }
        }
    }
}

/// What was proven holds for good, or once.
pub(crate) enum Proven<'b> {
    Lasting(Authenticated<'b>),
    Once(Unspent<'b>),
}

/// Step 4, for some: a client that authenticated by what may be used once. Whether
/// it was used is asked last, so that a forged assertion uses nothing up.
pub(crate) struct Unspent<'b> {
    authenticated: Authenticated<'b>,
    assertion: Box<Assertion>,
    until: SystemTime,
}

impl<'b> Unspent<'b> {
    pub(crate) fn key<'a>(&'a self, settings: &'a Settings) -> ReplayKey<'a> {
        let client = self.authenticated.verified.client();
        let jti = self.assertion.claims.jti();
        ReplayKey::new(settings.issuer_for(client), client.client_id(), jti)
    }

    /// Until when it must be remembered.
    pub(crate) const fn until(&self) -> SystemTime {
        self.until
    }

    pub(crate) fn spend(self, remembered: Remembered) -> Result<Authenticated<'b>, Rejection> {
        match remembered {
            Remembered::New => Ok(self.authenticated),
            Remembered::Known => Err(self.refuse(Reason::ReplayedAssertion.into())),
        }
    }

    /// Where it could not be found out.
    pub(crate) fn refuse(self, rejection: Rejection) -> Rejection {
        self.authenticated.refuse(rejection)
    }
}

/// Step 5: a client that authenticated.
pub(crate) struct Authenticated<'b> {
    form: Form<'b>,
    verified: Verified,
}

impl Authenticated<'_> {
    /// Checks what the request asks for: the grant, its parameters, the scope.
    pub(crate) fn accept(self, settings: &Settings) -> Result<Accepted, Rejection> {
        match self.check(settings) {
            Ok(grant_type) => Ok(self.accepted(grant_type)),
            Err(rejection) => Err(self.refuse(rejection)),
        }
    }

    fn check_client(&self, settings: &Settings) -> Result<(), Reason> {
        if self.verified.method() == AuthMethod::None && !settings.endpoint.row().public_clients {
            return Err(Reason::PublicClientNotAllowed);
        }
        match self.form.get(CLIENT_ID) {
            // Of two readings, the one that did not authenticate.
            Some(id) if id != self.verified.client().client_id() => Err(Reason::ClientIdMismatch),
            Some(_) | None => Ok(()),
        }
    }

    fn check(&self, settings: &Settings) -> Result<Option<GrantType>, Rejection> {
        let endpoint = settings.endpoint.row();
        self.require(endpoint.required.iter().copied())?;
        if !endpoint.grants {
            return Ok(None);
        }
        let name = self
            .form
            .get("grant_type")
            .ok_or_else(|| Rejection::naming(Reason::MissingGrantType, "grant_type"))?;
        let grant = settings
            .grants
            .find(name)
            .ok_or(Reason::UnsupportedGrantType)?;
        match self.check_grant(grant) {
            Ok(()) => Ok(Some(grant.grant_type().clone())),
            Err(rejection) => Err(rejection.for_grant(grant.grant_type().clone())),
        }
    }

    fn check_grant(&self, grant: &ServedGrant) -> Result<(), Rejection> {
        let method = self.verified.method();
        if !self.verified.client().allows_grant(grant.grant_type()) {
            return Err(Reason::GrantTypeNotRegistered.into());
        }
        if *grant.grant_type() == GrantType::ClientCredentials && method == AuthMethod::None {
            return Err(Reason::PublicClientCredentials.into());
        }
        self.require(grant.required(method))?;
        self.check_scope()?;
        Ok(())
    }

    fn require<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Result<(), Rejection> {
        match names.into_iter().find(|name| self.form.get(name).is_none()) {
            Some(missing) => Err(Rejection::naming(Reason::MissingParameter, missing)),
            None => Ok(()),
        }
    }

    fn check_scope(&self) -> Result<(), Reason> {
        let Some(scope) = self.form.get("scope") else {
            return Ok(());
        };
        let scope = Scope::parse(scope).map_err(|_| Reason::MalformedScope)?;
        match self.verified.client().scope() {
            Some(registered) if !registered.includes(scope) => Err(Reason::ScopeNotRegistered),
            Some(_) | None => Ok(()),
        }
    }

    fn accepted(self, grant_type: Option<GrantType>) -> Accepted {
        let (client, method) = self.verified.into_parts();
        let request = AuthenticatedRequest::new(client, method, Parameters::of(self.form));
        match grant_type {
            Some(grant_type) => Accepted::Token(TokenRequest::new(request, grant_type)),
            None => Accepted::Other(request),
        }
    }

    fn refuse(self, rejection: Rejection) -> Rejection {
        let (client, method) = self.verified.into_parts();
        rejection.of_client(Some(client)).by_method(method)
    }
}

/// Step 6: what the inner service gets.
pub(crate) enum Accepted {
    Token(TokenRequest),
    /// At an endpoint that has no grants.
    Other(AuthenticatedRequest),
}

impl Accepted {
    pub(crate) fn attach(self, extensions: &mut Extensions) {
        match self {
            Self::Token(request) => drop(extensions.insert(request)),
            Self::Other(request) => drop(extensions.insert(request)),
        }
    }
}

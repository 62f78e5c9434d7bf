//! The exchange: one token request as a chain of values, each step consuming
//! the last, without I/O.
//!
//! ```text
//! Head ─► Claimant ─► Candidates ─► Authenticated ─► Accepted
//!      body        clients       proof            grant, scope
//! ```
//!
//! Between the steps the caller reads the body, asks the store and has
//! `verify/` prove the client. A wrong order does not compile. A client that
//! does not exist takes the same steps, with a decoy in its place.

use std::{iter, sync::Arc};

use http::{Extensions, request::Parts};

use super::{
    auth_method::AuthMethod,
    client::Client,
    credentials::{Credentials, Reading, basic::Basic, none::CLIENT_ID},
    form::Form,
    grant::{GrantType, ServedGrant},
    head,
    parameters::Parameters,
    proof::{Unproven, Verified},
    rejection::{Reason, Rejection},
    request::{AuthenticatedRequest, TokenRequest},
    rules::Rules,
    scope::Scope,
};

/// Step 1: the head is in order.
pub(crate) struct Head {
    basic: Option<Basic>,
}

impl Head {
    pub(crate) fn check(parts: &mut Parts, rules: &Rules) -> Result<Self, Rejection> {
        let basic = head::check(parts, rules)?;
        Ok(Self { basic })
    }

    pub(crate) fn body<'b>(self, body: &'b [u8], rules: &Rules) -> Result<Claimant<'b>, Rejection> {
        let mut form = Form::parse(body)?;
        let credentials = Credentials::gather(self.basic, &mut form, rules)?;
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
        let preferred = self.credentials.preferred().client_id();
        let alternative = self.credentials.alternative().map(Reading::client_id);
        iter::once(preferred).chain(alternative.filter(|&id| id != preferred))
    }

    /// `decoy` is asked for where a client is missing or has to be padded.
    pub(crate) fn clients(
        self,
        found: Found,
        decoy: impl FnOnce(&Found) -> Arc<Client>,
    ) -> Candidates<'b> {
        let wants_decoy = self
            .client_ids()
            .zip(&found)
            .any(|(_, client)| client.as_deref().is_none_or(Client::needs_padding));
        let decoy = wants_decoy.then(|| decoy(&found));
        Candidates {
            form: self.form,
            credentials: self.credentials,
            found,
            decoy,
        }
    }
}

/// Step 3: who it could be, by each reading of the credentials.
pub(crate) struct Candidates<'b> {
    form: Form<'b>,
    credentials: Credentials,
    found: Found,
    decoy: Option<Arc<Client>>,
}

/// One reading of the credentials, and the client it names.
pub(crate) struct Candidate<'a> {
    pub(crate) client: Option<&'a Arc<Client>>,
    /// Whose secrets to verify beyond the client's own.
    pub(crate) decoy: Option<&'a Client>,
    pub(crate) method: AuthMethod,
    pub(crate) secret: &'a str,
}

impl<'b> Candidates<'b> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Candidate<'_>> {
        let [first, second] = &self.found;
        let preferred = self.credentials.preferred();
        self.credentials.readings().map(move |reading| Candidate {
            client: if reading.client_id() == preferred.client_id() {
                first.as_ref()
            } else {
                second.as_ref()
            },
            decoy: self.decoy.as_deref(),
            method: self.credentials.method(),
            secret: reading.secret(),
        })
    }

    pub(crate) fn proof(
        self,
        proof: Result<Verified, Unproven>,
        rules: &Rules,
    ) -> Result<Authenticated<'b>, Rejection> {
        let method = self.credentials.method();
        let verified = proof.map_err(|Unproven { reason, client }| {
            Rejection::from(reason).of_client(client).by_method(method)
        })?;
        let authenticated = Authenticated {
            form: self.form,
            verified,
        };
        match authenticated.check_client(rules) {
            Ok(()) => Ok(authenticated),
            Err(reason) => Err(authenticated.refuse(reason.into())),
        }
    }
}

/// Step 4: a client that authenticated.
pub(crate) struct Authenticated<'b> {
    form: Form<'b>,
    verified: Verified,
}

impl Authenticated<'_> {
    /// Checks what the request asks for: the grant, its parameters, the scope.
    pub(crate) fn accept(self, rules: &Rules) -> Result<Accepted, Rejection> {
        match self.check(rules) {
            Ok(grant_type) => Ok(self.accepted(grant_type)),
            Err(rejection) => Err(self.refuse(rejection)),
        }
    }

    fn check_client(&self, rules: &Rules) -> Result<(), Reason> {
        if self.verified.method() == AuthMethod::None && !rules.endpoint.row().public_clients {
            return Err(Reason::PublicClientNotAllowed);
        }
        match self.form.get(CLIENT_ID) {
            // Of two readings, the one that did not authenticate.
            Some(id) if id != self.verified.client().client_id() => Err(Reason::ClientIdMismatch),
            Some(_) | None => Ok(()),
        }
    }

    fn check(&self, rules: &Rules) -> Result<Option<GrantType>, Rejection> {
        let endpoint = rules.endpoint.row();
        self.require(endpoint.required.iter().copied())?;
        if !endpoint.grants {
            return Ok(None);
        }
        let name = self
            .form
            .get("grant_type")
            .ok_or_else(|| Rejection::naming(Reason::MissingGrantType, "grant_type"))?;
        let grant = rules
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

/// Step 5: what the inner service gets.
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

//! The exchange: one token request as a chain of values, without I/O. Each step consumes
//! the last; only `Candidates` borrow, since to move a claimant takes time.
//!
//! ```text
//! Head ─► Claimant ─────────────► Candidates ─► Unbound ─► Proven ─► Authenticated ─► Accepted
//!      body    throttle?, clients?   │  ▲  proof    binding   │ ▲             grant, scope
//!                                    └──┘                     └─┘
//!                             keys?, hashes?           one-time values?
//! ```
//!
//! Between the steps the caller reads the body, asks what is marked with "?" of
//! something outside (`service/ask/`), and has `verify/` prove the client. A wrong
//! order does not compile. A client that does not exist takes the same steps, with a
//! decoy in its place.

use std::{sync::Arc, time::SystemTime, vec};

use super::{
    accepted::{
        attached::Accepted, authenticated::AuthenticatedRequest,
        backchannel_authentication::BackchannelAuthenticationRequest, binding::Binding,
        device_authorization::DeviceAuthorizationRequest, introspection::IntrospectionRequest,
        parameters::Parameters, pushed_authorization::PushedAuthorizationRequest,
        request::TokenRequest, revocation::RevocationRequest,
    },
    auth_method::{AuthMethod, AuthMethods},
    candidates::{Candidates, Found},
    client::Client,
    decoy::Decoy,
    demands::{self, Demand},
    incoming::{
        evidence::Evidence,
        form::{CLIENT_ID, Form},
        head::Head,
        refused::Refused,
    },
    presented::PresentedCertificate,
    proof::{OneTimeValue, ProvenKey, Verified},
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
    certificate: Option<Arc<PresentedCertificate>>,
}

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
        let certificate = head.certificate;
        let evidence = Evidence::gather(
            head.basic,
            credentials,
            &parameters,
            certificate.as_ref(),
            settings,
        )?;
        let methods = evidence.methods(settings).and(settings.auth_methods);
        if methods.is_empty() {
            let method = evidence.methods(settings).first();
            let rejection = Rejection::from(RejectionReason::MethodNotVerifiable);
            let client_ids = evidence.claims().client_ids();
            return Err(Refused::naming(rejection.by_method(method), client_ids));
        }
        Ok(Self {
            parameters,
            evidence,
            methods,
            certificate,
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
        Candidates::new(self.evidence.claims(), self.methods, found, decoy)
    }

    /// If one of the candidates is proven.
    #[inline]
    pub(crate) fn proven(
        self,
        verified: Verified,
        settings: &Settings,
    ) -> Result<Unbound, Rejection> {
        let authenticated = Authenticated {
            parameters: self.parameters,
            client: verified.client,
            method: verified.method,
            certificate: self.certificate,
            binding: None,
        };
        match authenticated.check_client(settings) {
            Ok(()) => Ok(Unbound {
                authenticated,
                one_time: verified.one_time,
            }),
            Err(reason) => Err(authenticated.refuse(reason.into())),
        }
    }
}

/// Step 3: a client that is proven, and may have proven that it has a key as well.
pub(crate) struct Unbound {
    authenticated: Authenticated,
    one_time: Vec<OneTimeValue>,
}

impl Unbound {
    pub(crate) fn client(&self) -> &Client {
        &self.authenticated.client
    }

    /// Whether tokens of the request are bound to the certificate of the client.
    pub(crate) fn binds_certificate(&self) -> bool {
        let Authenticated {
            client,
            method,
            certificate,
            ..
        } = &self.authenticated;
        certificate.is_some() && client.binds_certificate(*method)
    }

    /// Binds the request to the key. The one-time value of the proof comes last: so whoever sends an old
    /// assertion cannot use up the proof of another request.
    #[inline]
    pub(crate) fn bind(
        mut self,
        key: Result<Option<ProvenKey>, Rejection>,
    ) -> Result<Proven, Rejection> {
        match key {
            Ok(None) => {}
            Ok(Some(key)) => {
                self.authenticated.binding = Some(Arc::new(key.binding));
                self.one_time.push(key.one_time);
            }
            Err(rejection) => return Err(self.authenticated.refuse(rejection)),
        }
        Ok(Proven::new(self.authenticated, self.one_time.into_iter()))
    }
}

/// Step 4: a client that is proven, for good or by values that may be used once.
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
        .of_document(client.is_from_document())
    }

    pub(crate) fn client(&self) -> &Client {
        &self.authenticated.client
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

/// Step 5: a client that authenticated.
pub(crate) struct Authenticated {
    parameters: Parameters,
    client: Arc<Client>,
    method: AuthMethod,
    certificate: Option<Arc<PresentedCertificate>>,
    binding: Option<Arc<Binding>>,
}

impl Authenticated {
    /// Checks what the request asks for: the grant, its parameters, the scope.
    #[inline]
    pub(crate) fn accept(self, settings: &Settings) -> Result<Accepted, Rejection> {
        let jkt = self.binding.as_ref().map(|binding| &*binding.jkt);
        match demands::check(&self.parameters, &self.client, self.method, jkt, settings) {
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
            Some(_) | None => match self.certificate {
                None if settings.requires_certificate(&self.client) => {
                    Err(RejectionReason::CertificateRequired)
                }
                Some(_) | None => Ok(()),
            },
        }
    }

    /// Step 6: what the inner service gets.
    #[inline]
    fn accepted(self, demand: Demand, endpoint: Endpoint) -> Accepted {
        let Self {
            parameters,
            client,
            method,
            certificate,
            binding,
        } = self;
        let parameters = parameters.into();
        let request = AuthenticatedRequest::new(endpoint, client, method, parameters)
            .with_keys(certificate, binding);
        match demand {
            Demand::Grant(grant_type) => Accepted::Token(TokenRequest::new(request, grant_type)),
            Demand::Introspection => Accepted::Introspection(IntrospectionRequest::new(request)),
            Demand::Revocation => Accepted::Revocation(RevocationRequest::new(request)),
            Demand::PushedAuthorization => {
                Accepted::PushedAuthorization(PushedAuthorizationRequest::new(request))
            }
            Demand::DeviceAuthorization => {
                Accepted::DeviceAuthorization(DeviceAuthorizationRequest::new(request))
            }
            Demand::BackchannelAuthentication => {
                Accepted::BackchannelAuthentication(BackchannelAuthenticationRequest::new(request))
            }
        }
    }

    fn refuse(self, rejection: Rejection) -> Rejection {
        let next_nonce = self.binding.and_then(|binding| binding.next_nonce.clone());
        rejection
            .of_client(Some(self.client))
            .by_method(Some(self.method))
            .with_dpop_nonce(next_nonce)
    }
}

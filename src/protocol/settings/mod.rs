//! The settings of a layer.

pub(crate) mod assertions;
mod audience;
pub(crate) mod client_certificates;
mod discovery;
pub(crate) mod dpop;
pub(crate) mod endpoint;
pub(crate) mod location;
pub(crate) mod profile;
mod proofs;
pub(crate) mod trace_ids;

use std::time::Duration;

use http::Extensions;

use self::{
    assertions::AssertionSettings, client_certificates::ClientCertificates, dpop::Dpop,
    endpoint::Endpoint, location::Location, profile::Profile, trace_ids::TraceIds,
};
use super::{
    auth_method::{AuthMethod, AuthMethods},
    client::Client,
    grant::ServedGrants,
    outgoing::respond::Responses,
    reason::RejectionReason,
    trace_id::TraceId,
};

/// The settings of one layer.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The settings below are those that it requires.
    pub(crate) profile: Option<Profile>,
    pub(crate) issuer: Box<str>,
    pub(crate) endpoint: Endpoint,
    pub(crate) location: Location,
    /// Where the token endpoint is, for a layer of another endpoint.
    pub(crate) token_endpoint: Location,
    /// The methods that are switched on. Whether the layer can verify them depends on the
    /// other settings.
    pub(crate) auth_methods: AuthMethods,
    pub(crate) assertions: AssertionSettings,
    /// `None`: certificates are not looked at.
    pub(crate) client_certificates: Option<ClientCertificates>,
    /// The URL that clients with a certificate connect to instead of the issuer, if it is another one.
    pub(crate) mtls_base_url: Option<Box<str>>,
    /// `None`: proofs are ignored.
    pub(crate) dpop: Option<Dpop>,
    /// Whether every token must be bound to a key or to a certificate.
    pub(crate) requires_bound_tokens: bool,
    pub(crate) deadline: Duration,
    pub(crate) body_limit: usize,
    pub(crate) strict_basic: bool,
    pub(crate) grants: ServedGrants,
    pub(crate) responses: Responses,
    /// `None`: requests have no identifier.
    pub(crate) trace_ids: Option<TraceIds>,
    /// Whether every response has an `Outcome`.
    pub(crate) reports_outcome: bool,
    /// Whether a client id can be the URL of a document.
    pub(crate) accepts_client_documents: bool,
    /// Whether the server accepts only authorization requests that were pushed.
    pub(crate) requires_pushed_requests: bool,
    /// Whether a pushed request must have a code challenge by `S256`.
    pub(crate) requires_pkce: bool,
}

impl Settings {
    pub(crate) fn new(issuer: Box<str>) -> Self {
        Self {
            profile: None,
            responses: Responses::new(&issuer),
            issuer,
            endpoint: Endpoint::Token,
            location: Location::default(),
            token_endpoint: Location::default(),
            auth_methods: AuthMethods::all(),
            assertions: AssertionSettings::default(),
            client_certificates: None,
            mtls_base_url: None,
            dpop: None,
            requires_bound_tokens: false,
            deadline: Duration::from_secs(10),
            body_limit: 64 * 1024,
            strict_basic: false,
            grants: ServedGrants::default(),
            trace_ids: None,
            reports_outcome: false,
            accepts_client_documents: false,
            requires_pushed_requests: false,
            requires_pkce: false,
        }
    }

    /// The methods that the layer verifies at its endpoint, in the order in which discovery lists
    /// them.
    pub(crate) fn verified_methods(&self) -> impl Iterator<Item = AuthMethod> {
        let assertions = &self.assertions;
        let taken = assertions.accepted.then_some(assertions.algorithms);
        let certificates = self.client_certificates.is_some();
        let public_clients = self.endpoint.row().public_clients;
        AuthMethod::verifiable(taken, certificates)
            .filter(|&method| self.auth_methods.contains(method))
            .filter(move |&method| public_clients || method != AuthMethod::None)
    }

    /// Why a client whose registration does not have the method of the request is refused. An
    /// operator has to know if the layer verifies none of its methods.
    pub(crate) fn refuse_method(&self, client: &Client) -> RejectionReason {
        if self.verified_methods().any(|it| client.allows_method(it)) {
            RejectionReason::MethodNotRegistered
        } else {
            RejectionReason::MethodNotVerifiable
        }
    }

    /// Whether a request of this client must have a certificate (RFC 8705 §3.4), also if none can come.
    pub(crate) fn requires_certificate(&self, client: &Client) -> bool {
        self.endpoint == Endpoint::Token && client.tls_client_certificate_bound_access_tokens()
    }

    /// The identifier of a request with these extensions, if the layer gives them one.
    #[inline]
    pub(crate) fn trace_id<'a>(&self, extensions: &'a Extensions) -> Option<&'a TraceId> {
        let trace_ids = self.trace_ids.as_ref();
        trace_ids.and_then(|_| extensions.get())
    }

    /// The issuer that this client knows.
    pub(crate) fn issuer_for<'a>(&'a self, client: &'a Client) -> &'a str {
        self.tenant_of(client).unwrap_or(&self.issuer)
    }

    /// The issuer of the client's tenant, if it is not the issuer of the layer.
    fn tenant_of<'a>(&self, client: &'a Client) -> Option<&'a str> {
        client.issuer().filter(|&issuer| *issuer != *self.issuer)
    }
}

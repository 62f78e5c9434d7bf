//! Which DPoP proofs are for the endpoint in use, and who needs one.

use super::{Settings, dpop::Dpop, endpoint::Proofs, location::Location};
use crate::protocol::{client::Client, htu};

impl Settings {
    /// `None` if the endpoint ignores proofs.
    pub(crate) fn dpop(&self) -> Option<&Dpop> {
        let proofs = self.endpoint.row().proofs;
        self.dpop.as_ref().filter(|_| proofs != Proofs::Ignored)
    }

    /// Whether a request of this client must have a proof. `binds_certificate` tells whether its tokens are bound to
    /// a certificate.
    pub(crate) fn requires_dpop(&self, client: &Client, binds_certificate: bool) -> bool {
        let is_required = self
            .dpop
            .as_ref()
            .is_some_and(|dpop| dpop.required == Some(true));
        self.endpoint.row().proofs == Proofs::Accepted
            && (is_required
                || client.dpop_bound_access_tokens()
                || self.requires_bound_tokens && !binds_certificate)
    }

    /// Whether a proof with this `htu` is for the endpoint in use.
    pub(crate) fn is_htu(&self, client: &Client, htu: &str) -> bool {
        // Most clients send it as the metadata has it.
        let is_own = match self.tenant_of(client) {
            Some(issuer) => self.location.is_path(issuer, htu),
            None => self.location.is_url(&self.issuer, htu),
        };
        let own = || self.endpoint_url(client);
        let alias = || self.mtls_url(&self.location, client);
        is_own
            || own().is_some_and(|own| htu::is_same(htu, &own))
            || alias().is_some_and(|alias| htu::is_same(htu, &alias))
    }

    /// The second URL of the endpoint, for clients with a certificate (RFC 8705 §5).
    pub(super) fn mtls_alias(&self) -> Option<String> {
        self.location.path_url(self.mtls_base_url.as_deref()?)
    }

    /// The second URL that an endpoint has for this client. A client of a tenant does not know it.
    pub(super) fn mtls_url(&self, location: &Location, client: &Client) -> Option<String> {
        let base = self.mtls_base_url.as_deref();
        let base = base.filter(|_| self.tenant_of(client).is_none());
        location.path_url(base?)
    }

    /// The URL of the endpoint that the client knows.
    pub(crate) fn endpoint_url(&self, client: &Client) -> Option<String> {
        let location = &self.location;
        match self.tenant_of(client) {
            Some(issuer) => location.path_url(issuer),
            None => location.url(&self.issuer),
        }
    }
}

//! The setting of client certificates.

use super::{builder::TokenEndpointLayerBuilder, config_error::Problems};
use crate::protocol::{
    settings::{Settings, client_certificates::ClientCertificates, endpoint::Endpoint},
    uri::is_http_url,
};

/// Settings of client certificates (feature `mtls`).
impl<C> TokenEndpointLayerBuilder<C> {
    /// Accepts client certificates. This enables the methods `tls_client_auth` and `self_signed_tls_client_auth`, and your
    /// service gets the thumbprint of the certificate, so that it can bind tokens to it.
    ///
    /// **Default: none.** Neither headers nor extensions of a request are looked at. A client of these methods
    /// gets a 401.
    ///
    /// The layer does not end TLS connections. The setting says who does, and how the certificate comes: see
    /// [`ClientCertificates`]. The configured header is taken out of each request that the layer decides.
    ///
    /// A certificate is not a method by itself. If a request has only `client_id`, the registration of the client decides
    /// the method: one of the two, or `none`. Together with a secret or an
    /// assertion, a certificate proves nothing, and only its thumbprint is handed on:
    /// [`certificate_thumbprint`](crate::TokenRequest::certificate_thumbprint).
    ///
    /// For clients with a `jwks_uri`, also set [`jwks_source`](Self::jwks_source).
    ///
    /// Two header names that are equal, or one that a request needs for something else, are a
    /// [`ConfigError`](crate::layer::ConfigError).
    ///
    /// RFC 8705 §2 and §3. The module [`certificates`](crate::client::certificates) has an example.
    pub fn client_certificates(mut self, certificates: ClientCertificates) -> Self {
        self.core.settings.client_certificates = Some(certificates);
        self
    }

    /// Sets the URL that clients with a certificate connect to instead of the issuer, for a server that asks for
    /// certificates only there.
    ///
    /// **Default: none**, and the endpoint has one URL. With it, the endpoint has a second one: this URL
    /// followed by the [`path`](Self::path): `https://mtls.as.example.com` and `/token`. [`server_metadata`] has it in
    /// `mtls_endpoint_aliases`, and a DPoP proof may be for either of the two. The layers that
    /// [`for_endpoint`](crate::TokenEndpointLayer::for_endpoint) makes have the same setting.
    ///
    /// The layer reads the header of a proxy at both URLs. So the proxy must remove or replace it at the URL of the
    /// issuer as well, although it asks for no certificate there.
    ///
    /// A URL with a query or a fragment is a [`ConfigError`](crate::layer::ConfigError). `build` also returns one if the
    /// token endpoint has no [`path`](Self::path), or if [`client_certificates`](Self::client_certificates) is not set.
    /// Another endpoint without a path has no second URL.
    ///
    /// RFC 8705 §5.
    ///
    /// [`server_metadata`]: crate::TokenEndpointLayer::server_metadata
    pub fn mtls_base_url(mut self, url: impl Into<String>) -> Self {
        self.core.settings.mtls_base_url = Some(url.into().into());
        self
    }
}

pub(super) fn check(settings: &Settings, problems: &mut Problems) {
    let certificates = settings.client_certificates.as_ref();
    if let Some(problem) = certificates.and_then(ClientCertificates::problem) {
        problems.add_without_value("client_certificates", problem);
    }
    let Some(url) = settings.mtls_base_url.as_deref() else {
        return;
    };
    if !is_http_url(url) || url.contains('?') {
        let wanted =
            "must be a URL such as https://mtls.as.example.com, without query and fragment";
        problems.add("mtls_base_url", url, wanted);
    }
    if settings.location.path.is_none() && settings.endpoint == Endpoint::Token {
        let wanted = "needs `path`, which follows it in the second URL of the endpoint";
        problems.add("mtls_base_url", url, wanted);
    }
    if certificates.is_none() {
        problems.add("mtls_base_url", url, "needs `client_certificates`");
    }
}

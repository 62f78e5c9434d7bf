//! Settings of authentication methods.

use super::{builder::TokenEndpointLayerBuilder, config_error::Problems};
use crate::{crypto::SigningAlgorithms, protocol::auth_method::AuthMethod};

const SETTING: &str = "auth_methods";

impl<C> TokenEndpointLayerBuilder<C> {
    /// Sets the methods that a client may authenticate with at this endpoint.
    ///
    /// **Default: every method that the layer verifies**: `client_secret_basic`,
    /// `client_secret_post`, `none` and, if the layer accepts client assertions,
    /// `private_key_jwt` and `client_secret_jwt`, and, if it accepts client certificates, `tls_client_auth` and
    /// `self_signed_tls_client_auth`. The endpoints for introspection
    /// and for backchannel authentication always refuse `none`. A [`profile`](Self::profile) leaves out
    /// those that it does not accept.
    ///
    /// Clients expect the endpoints without members of their own in [`server_metadata`] to have the
    /// methods of the token endpoint, so set the same there.
    ///
    /// A client must also be registered for the method. A request with a method that is not
    /// in the list gets the same 401 as one with a wrong secret, and [`server_metadata`] does
    /// not list the method.
    ///
    /// An empty list, or a method that the layer does not verify, is a
    /// [`ConfigError`](crate::layer::ConfigError).
    ///
    /// RFC 8414 §2, `token_endpoint_auth_methods_supported`.
    ///
    /// [`server_metadata`]: crate::TokenEndpointLayer::server_metadata
    pub fn auth_methods(mut self, methods: impl IntoIterator<Item = AuthMethod>) -> Self {
        self.auth_methods = Some(methods.into_iter().collect());
        self
    }
}

pub(super) fn check<C>(builder: &TokenEndpointLayerBuilder<C>, problems: &mut Problems) {
    let settings = &builder.core.settings;
    let methods = builder.auth_methods.unwrap_or(settings.auth_methods);
    if methods.is_empty() {
        problems.add_without_value(SETTING, "must name at least one method");
        return;
    }
    let assertions = &settings.assertions;
    let algorithms = builder.signing_algorithms.unwrap_or(assertions.algorithms);
    let algorithms = assertions.accepted.then_some(algorithms);
    let certificates = settings.client_certificates.is_some();
    for method in builder.auth_methods.iter().flat_map(|set| set.iter()) {
        if let Some(wanted) = problem(method, algorithms, certificates) {
            problems.add(SETTING, method.as_str(), wanted);
        }
    }
    // From the layer that the builder was made from.
    let is_inherited = builder.auth_methods.is_none();
    let mut verifiable = AuthMethod::verifiable(algorithms, certificates);
    if is_inherited && !verifiable.any(|it| methods.contains(it)) {
        let names: Vec<_> = methods.iter().map(AuthMethod::as_str).collect();
        let wanted = "must have a method that fits `signing_algorithms`";
        problems.add(SETTING, names.join(" "), wanted);
    }
    let is_public = methods.iter().all(|method| method == AuthMethod::None);
    if is_public && !settings.endpoint.row().public_clients {
        let wanted = "must name another method: this endpoint is for confidential clients only";
        problems.add(SETTING, AuthMethod::None.as_str(), wanted);
    }
}

fn problem(
    method: AuthMethod,
    algorithms: Option<SigningAlgorithms>,
    certificates: bool,
) -> Option<&'static str> {
    if AuthMethod::verifiable(algorithms, certificates).any(|verifiable| verifiable == method) {
        return None;
    }
    Some(match algorithms {
        _ if !method.is_assertion() => "needs `client_certificates` (feature `mtls`)",
        Some(_) => "needs an algorithm of this method among `signing_algorithms`",
        None => "needs `client_assertions` (feature `jwt`)",
    })
}

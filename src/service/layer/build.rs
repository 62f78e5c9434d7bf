//! The end of the builder: the check of all settings, and the layer.

#[cfg(feature = "mtls")]
use super::certificates;
#[cfg(feature = "metrics")]
use super::responses;
use super::{
    TokenEndpointLayer, auth_methods,
    builder::TokenEndpointLayerBuilder,
    checks,
    config_error::{ConfigError, Problems},
    hashing, profile, throttling,
};
#[cfg(feature = "jwt")]
use super::{assertions, dpop};
use crate::{
    protocol::settings::{endpoint::Endpoint, location::Location},
    store::clients::ClientStore,
};

impl<C: ClientStore> TokenEndpointLayerBuilder<C> {
    /// Checks the settings and builds the layer.
    ///
    /// # Errors
    ///
    /// Returns an error if a setting is wrong or contradicts another one. The error
    /// lists every problem.
    pub fn build(mut self) -> Result<TokenEndpointLayer<C>, ConfigError> {
        self.check()?;
        let profile = self.chosen_profile();
        let settings = &mut self.core.settings;
        if settings.endpoint == Endpoint::Token {
            // The location of this layer is that of the token endpoint.
            settings.token_endpoint = Location::default();
        }
        if let Some(uri) = &self.error_uri {
            settings.responses.set_error_uri(uri);
        }
        if let Some(base) = &self.error_uri_base {
            settings.responses.set_error_uri_base(base);
        }
        if let Some(methods) = self.auth_methods {
            settings.auth_methods = methods;
        }
        settings.grants = self.grants.served();
        settings.accepts_client_documents = self.core.clients.accepts_client_documents();
        if let Some(algorithms) = self.signing_algorithms {
            settings.assertions.algorithms = algorithms;
        }
        if let Some(bytes) = self.assertion_limit {
            settings.assertions.max_bytes = bytes;
        }
        if let Some(bits) = self.max_rsa_bits {
            settings.assertions.max_rsa_bits = bits;
        }
        if let Some(profile) = profile {
            profile::apply(profile, settings);
        }
        Ok(TokenEndpointLayer::new(self.core))
    }

    fn check(&self) -> Result<(), ConfigError> {
        let mut problems = Problems::default();
        let settings = &self.core.settings;
        let uris = [&self.error_uri, &self.error_uri_base].map(Option::as_deref);
        checks::check(settings, uris, &mut problems);
        auth_methods::check(self, &mut problems);
        let endpoint = settings.endpoint.row();
        self.grants.check(endpoint.grants, &mut problems);
        hashing::check(&self.core, &mut problems);
        throttling::check(self, &mut problems);
        #[cfg(feature = "metrics")]
        responses::check(self, &mut problems);
        #[cfg(feature = "jwt")]
        {
            assertions::check(self, &mut problems);
            dpop::check(settings, self.core.replays.is_set(), &mut problems);
        }
        #[cfg(feature = "mtls")]
        certificates::check(settings, &mut problems);
        profile::check(self, &mut problems);
        problems.into_result()
    }
}

//! The setting of a profile: what it switches on, and what contradicts it.

use super::{builder::TokenEndpointLayerBuilder, config_error::Problems, switches::Switches};
use crate::{
    protocol::{
        auth_method::{AuthMethod, AuthMethods},
        settings::{
            Settings,
            dpop::Dpop,
            endpoint::Proofs,
            profile::{Profile, ProfileRow},
        },
    },
    store::clients::ClientStore,
};

impl<C> TokenEndpointLayerBuilder<C> {
    /// Sets the profile: a bundle of settings that OAuth 2.1 or FAPI 2.0 requires.
    ///
    /// **Default: none.** [`Profile`] lists the settings of each. What is not set otherwise is set as
    /// the profile requires, and [`server_metadata`](crate::TokenEndpointLayer::server_metadata) follows.
    ///
    /// A setting that contradicts the profile is a [`ConfigError`](crate::layer::ConfigError). So is a
    /// client of a [`MemoryClientStore`](crate::MemoryClientStore) that a layer with this profile can
    /// never accept: the error names the entry, the client and the member of its metadata. A client in a
    /// store of your own gets a 401 instead: see [`Client::check_profile`](crate::Client::check_profile).
    ///
    /// The layers that [`for_endpoint`](crate::TokenEndpointLayer::for_endpoint) makes have the same
    /// profile.
    ///
    /// ```
    /// # #[cfg(feature = "jwt")] {
    /// use tower_token_endpoint::{
    ///     MemoryClientStore, TokenEndpointLayer, dpop::Dpop, layer::Profile, replay::MemoryReplayStore,
    /// };
    ///
    /// # let clients = MemoryClientStore::from_json(b"[]")?;
    /// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
    ///     .path("/token")
    ///     .client_assertions(MemoryReplayStore::new())
    ///     .dpop(Dpop::new())
    ///     .profile(Profile::Fapi2)
    ///     .build()?;
    /// let metadata = layer.server_metadata();
    /// assert_eq!(metadata["token_endpoint_auth_methods_supported"][0], "private_key_jwt");
    /// # }
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    ///
    /// OAuth 2.1 (draft-ietf-oauth-v2-1), FAPI 2.0 Security Profile.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// The profile that was set here or at the layer that the builder was made from.
    pub(super) fn chosen_profile(&self) -> Option<Profile> {
        self.profile.or(self.core.settings.profile)
    }
}

/// Sets what the profile requires, after the check.
pub(super) fn apply(profile: Profile, settings: &mut Settings) {
    let row = profile.row();
    settings.profile = Some(profile);
    settings.auth_methods = settings.auth_methods.and(row.methods);
    settings.strict_basic = true;
    settings.requires_pkce = true;
    settings.requires_pushed_requests |= row.pushed_requests;
    let assertions = &mut settings.assertions;
    assertions.strict_audience |= row.strict_audience;
    assertions.algorithms = assertions.algorithms.and(row.algorithms);
    if let Some(dpop) = &mut settings.dpop {
        let accepted = dpop.accepted().filter(|&it| row.algorithms.contains(it));
        dpop.algorithms = Some(accepted.collect());
    }
    settings.requires_bound_tokens |= row.bound_tokens;
}

pub(super) fn check<C: ClientStore>(
    builder: &TokenEndpointLayerBuilder<C>,
    problems: &mut Problems,
) {
    let Some(profile) = builder.chosen_profile() else {
        return;
    };
    let row = profile.row();
    check_switches(builder.switches, &row, problems);
    check_methods(builder, &row, problems);
    let settings = &builder.core.settings;
    if settings.assertions.accept_endpoint_audience {
        let wanted = "contradicts `profile`: the audience of an assertion is the issuer";
        problems.add("accept_endpoint_audience", "true", wanted);
    }
    if settings.endpoint.row().grants
        && let Some(setting) = builder.grants.password()
    {
        let wanted = "contradicts `profile`, which has no such grant: serve another one";
        problems.add(setting, "password", wanted);
    }
    if let Some(dpop) = &settings.dpop {
        check_dpop(dpop, &row, problems);
    } else if row.bound_tokens
        && settings.endpoint.row().proofs == Proofs::Accepted
        && settings.client_certificates.is_none()
    {
        let wanted = "needs `dpop` (feature `jwt`) or `client_certificates` (feature `mtls`): every token \
                      is bound to a key or to a certificate";
        problems.add("profile", profile.as_str(), wanted);
    }
    // The layer that the builder was made from has asked the store before.
    if let Some(profile) = builder.profile
        && let Err(error) = builder.core.clients.require_profile(profile)
    {
        problems.add_clients(error);
    }
}

fn check_switches(switches: Switches, row: &ProfileRow, problems: &mut Problems) {
    let Switches {
        strict_basic,
        strict_audience,
        pkce,
        pushed_requests,
    } = switches;
    for (setting, is_on, is_required) in [
        ("strict_basic", strict_basic, true),
        ("strict_audience", strict_audience, row.strict_audience),
        ("require_pkce", pkce, true),
        (
            "require_pushed_authorization_requests",
            pushed_requests,
            row.pushed_requests,
        ),
    ] {
        if is_on == Some(false) && is_required {
            problems.add(setting, "false", "contradicts `profile`: it must be true");
        }
    }
}

fn check_methods<C>(
    builder: &TokenEndpointLayerBuilder<C>,
    row: &ProfileRow,
    problems: &mut Problems,
) {
    let settings = &builder.core.settings;
    // If everything is on, nobody has chosen it.
    let methods = builder.auth_methods.unwrap_or(settings.auth_methods);
    if methods != AuthMethods::all() {
        for method in methods.iter().filter(|&it| !row.methods.contains(it)) {
            let wanted =
                "contradicts `profile`: it must be `private_key_jwt` or a method of mutual TLS";
            problems.add("auth_methods", method.as_str(), wanted);
        }
    }
    let assertions = &settings.assertions;
    let algorithms = builder.signing_algorithms.unwrap_or(assertions.algorithms);
    if builder.signing_algorithms.is_some() || !algorithms.is_all() {
        for algorithm in algorithms.iter().filter(|&it| !row.algorithms.contains(it)) {
            problems.add("signing_algorithms", algorithm.as_str(), ALGORITHMS);
        }
    }
    let taken = assertions.accepted.then_some(row.algorithms);
    let certificates = settings.client_certificates.is_some();
    if !AuthMethod::verifiable(taken, certificates).any(|it| row.methods.contains(it)) {
        let wanted = "needs `client_assertions` (feature `jwt`) or `client_certificates` (feature `mtls`): \
                      clients must sign or have a certificate";
        let profile = builder.chosen_profile().map(Profile::as_str);
        problems.add("profile", profile.unwrap_or_default(), wanted);
    }
}

fn check_dpop(dpop: &Dpop, row: &ProfileRow, problems: &mut Problems) {
    if row.bound_tokens && dpop.required == Some(false) {
        let wanted = "contradicts `profile`: every token is bound to a key or to a certificate";
        problems.add("dpop", "required(false)", wanted);
    }
    let chosen = dpop.algorithms.iter().flat_map(|set| set.iter());
    for algorithm in chosen.filter(|&it| !row.algorithms.contains(it)) {
        problems.add("dpop", algorithm.as_str(), ALGORITHMS);
    }
}

const ALGORITHMS: &str = "contradicts `profile`: it must be PS256, ES256 or Ed25519";

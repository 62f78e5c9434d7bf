//! Settings of client assertions.

use std::{sync::Arc, time::Duration};

use super::{builder::TokenEndpointLayerBuilder, config_error::Problems};
use crate::{
    crypto::{self, MAX_RSA_BITS, MIN_RSA_BITS, SigningAlgorithm, SigningAlgorithms},
    protocol::settings::{Settings, assertions::STALE_KEYS_FOR},
    service::observe,
    store::{
        jwks::JwksSource,
        key_cache::{KeyCache, MAX_URIS},
        replays::ReplayStore,
    },
};

/// Settings of client assertions (feature `jwt`).
impl<C> TokenEndpointLayerBuilder<C> {
    /// Accepts client assertions, the methods `private_key_jwt` and `client_secret_jwt`.
    /// The store remembers which assertions were used, so that each is accepted only once.
    ///
    /// **Default: no assertions are accepted**, and a request with one gets a 401.
    ///
    /// All endpoints and all machines of a server must share one store. Layers that
    /// [`for_endpoint`] makes do so. [`MemoryReplayStore`] is for a server that is one
    /// process.
    ///
    /// An assertion names its audience in the claim `aud`, which must be the issuer. For
    /// clients that send the URL of the token endpoint instead, see
    /// [`accept_endpoint_audience`](Self::accept_endpoint_audience).
    ///
    /// For clients with a `jwks_uri`, also set [`jwks_source`](Self::jwks_source).
    ///
    /// To hide which clients exist, the layer also verifies the assertions of unknown
    /// clients, with keys that [`build`](Self::build) makes. So `build` returns an error on a
    /// system that has no random bytes.
    ///
    /// RFC 7523 §2.2, RFC 10070, OpenID Connect Core §9.
    ///
    /// [`for_endpoint`]: crate::TokenEndpointLayer::for_endpoint
    /// [`MemoryReplayStore`]: crate::replay::MemoryReplayStore
    ///
    /// ```
    /// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, replay::MemoryReplayStore};
    ///
    /// # let clients = MemoryClientStore::from_json(b"[]")?;
    /// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
    ///     .path("/token")
    ///     .client_assertions(MemoryReplayStore::new())
    ///     .build()?;
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    pub fn client_assertions<R: ReplayStore>(mut self, replays: R) -> Self {
        self.core.replays = Arc::new(replays);
        self.core.settings.assertions.accepted = true;
        self
    }

    /// Sets the algorithms that an assertion may be signed with.
    ///
    /// **Default: all of [`SigningAlgorithm`]**, or those of the [`profile`](Self::profile). The algorithm of an assertion must also fit
    /// the registration and the key of the client. An empty list is a
    /// [`ConfigError`](crate::layer::ConfigError).
    ///
    /// The layer verifies a signature for each assertion, whoever sends it. So a stranger can
    /// choose the algorithm that takes the longest: leave out those that no client uses.
    ///
    /// RFC 7518 §3.1. Needs [`client_assertions`](Self::client_assertions).
    pub fn signing_algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = SigningAlgorithm>,
    ) -> Self {
        self.signing_algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// Sets the size of the largest RSA key that the layer verifies with, in bits.
    ///
    /// **Default: 4,096 bits.** Less than 2,048 bits, or more than 8,192, is a
    /// [`ConfigError`](crate::layer::ConfigError).
    ///
    /// The limit is for registered and for fetched keys. If a client has a larger key, its
    /// assertions get a 401. A registration with a larger key than 4,096 bits is refused
    /// unless it says so: see
    /// [`ClientBuilder::max_rsa_bits`](crate::client::ClientBuilder::max_rsa_bits).
    ///
    /// To hide which clients exist, the layer verifies any signature of the length that such a
    /// key makes, whoever sends it. A key of 8,192 bits takes about four times as long as one
    /// of 4,096 bits.
    ///
    /// RFC 7518 §3.3. Needs [`client_assertions`](Self::client_assertions).
    pub fn max_rsa_bits(mut self, bits: usize) -> Self {
        self.max_rsa_bits = Some(bits);
        self
    }

    /// Sets the maximum length of an assertion, in bytes. A longer assertion gets a 401, and
    /// nothing of it is read.
    ///
    /// **Default: 16,384 bytes.** This is enough for a chain of three certificates in the
    /// header (`x5c`), which some clients send and the layer ignores. Zero, or more than
    /// [`body_limit`](Self::body_limit), is a [`ConfigError`](crate::layer::ConfigError).
    ///
    /// RFC 7523 §2.2. Needs [`client_assertions`](Self::client_assertions).
    pub fn assertion_limit(mut self, bytes: usize) -> Self {
        self.assertion_limit = Some(bytes);
        self
    }

    /// Accepts the audience of an assertion only if it is the issuer as a string, as FAPI 2.0
    /// requires.
    ///
    /// **Default: `false`**, and the issuer is also accepted as an array of this one string. The
    /// [`profile`](Self::profile) of FAPI 2.0 sets it.
    ///
    /// The exception of a client,
    /// [`ClientBuilder::accept_endpoint_audience`](crate::client::ClientBuilder::accept_endpoint_audience),
    /// then has no effect. The exception of the layer,
    /// [`accept_endpoint_audience`](Self::accept_endpoint_audience), contradicts this setting:
    /// both of them together are a [`ConfigError`](crate::layer::ConfigError).
    ///
    /// FAPI 2.0 Security Profile §5.3.2.1. Needs [`client_assertions`](Self::client_assertions).
    pub fn strict_audience(mut self, strict: bool) -> Self {
        self.core.settings.assertions.strict_audience = strict;
        self.switches.strict_audience = Some(strict);
        self
    }

    /// Also accepts assertions whose audience is the URL of the token endpoint, or of the
    /// endpoint in use, instead of the issuer.
    ///
    /// **Default: `false`**, and the audience must be the issuer. Clients that send the URL of
    /// the token endpoint get a 401.
    ///
    /// RFC 10070 updates RFC 7523 and allows only the issuer. If a client also uses a server of
    /// an attacker, that server can claim your token endpoint as its own. The client then signs
    /// an assertion for your server and sends it to the attacker. So prefer to configure the
    /// client, or set the exception only for this client:
    /// [`ClientBuilder::accept_endpoint_audience`](crate::client::ClientBuilder::accept_endpoint_audience).
    ///
    /// The audience must still be one value. An assertion with the `typ`
    /// `client-authentication+jwt` is one of RFC 10070 and must be for the issuer.
    ///
    /// The layer must know a URL from [`path`](Self::path) or
    /// [`endpoint_url`](Self::endpoint_url): without one, this is a
    /// [`ConfigError`](crate::layer::ConfigError). It also contradicts every
    /// [`profile`](Self::profile).
    ///
    /// RFC 7523 §3, RFC 10070. Needs [`client_assertions`](Self::client_assertions).
    pub fn accept_endpoint_audience(mut self, accept: bool) -> Self {
        self.core.settings.assertions.accept_endpoint_audience = accept;
        self
    }

    /// Sets the source of the keys of clients that registered a `jwks_uri`, for `private_key_jwt` and
    /// `self_signed_tls_client_auth`.
    ///
    /// **Default: none**, and such a client gets a 401.
    ///
    /// With feature `jwks-http`, `jwks::HttpJwksSource` fetches the keys over https. The layer
    /// caches the keys, and shares them with the layers of other endpoints: see
    /// [`JwksSource`]. It needs a tokio runtime with its timer enabled.
    ///
    /// RFC 7591 §2. Needs [`client_assertions`](Self::client_assertions), or `client_certificates` (feature `mtls`).
    pub fn jwks_source<S: JwksSource>(mut self, source: S) -> Self {
        let keys = KeyCache::new(Arc::new(source), observe::KEY_SETS, MAX_URIS);
        self.core.keys = Some(Arc::new(keys));
        self
    }

    /// Sets how long the layer uses a key set that is no longer fresh, if its source is down.
    /// `None` means for as long as the source is down.
    ///
    /// **Default: 24 hours.** After that, the client gets a 503 until its source is back.
    ///
    /// A short time limits how long a key that leaked can be used by somebody who also keeps
    /// the source down. A long time keeps a client going that does not notice its outage.
    /// Zero means that such a set is never used.
    ///
    /// RFC 5861 §4. Needs [`jwks_source`](Self::jwks_source).
    pub fn jwks_stale_if_error(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.core.settings.assertions.stale_keys_for = limit.into();
        self
    }
}

const ALGORITHMS: &str = "signing_algorithms";
const NEEDED: &str = "needs `client_assertions`";
const ASSERTION_LIMIT: &str = "assertion_limit";
const RSA_BITS: &str = "max_rsa_bits";

pub(super) fn check<C>(builder: &TokenEndpointLayerBuilder<C>, problems: &mut Problems) {
    let settings = &builder.core.settings.assertions;
    match builder.signing_algorithms.map(names) {
        Some(names) if names.is_empty() => {
            problems.add_without_value(ALGORITHMS, "must name at least one algorithm");
        }
        Some(names) if !settings.accepted => problems.add(ALGORITHMS, names, NEEDED),
        Some(_) | None => {}
    }
    match builder.assertion_limit {
        Some(bytes) if bytes == 0 || bytes > builder.core.settings.body_limit => {
            let wanted = "must be a number of bytes from 1 to `body_limit`: a longer assertion \
                 cannot arrive";
            problems.add(ASSERTION_LIMIT, bytes.to_string(), wanted);
        }
        Some(bytes) if !settings.accepted => {
            problems.add(ASSERTION_LIMIT, bytes.to_string(), NEEDED);
        }
        Some(_) | None => {}
    }
    match builder.max_rsa_bits {
        Some(bits) if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) => {
            let wanted = "must be a number of bits from 2048 to 8192 (RFC 7518 §3.3)";
            problems.add(RSA_BITS, bits.to_string(), wanted);
        }
        Some(bits) if !settings.accepted => problems.add(RSA_BITS, bits.to_string(), NEEDED),
        Some(_) | None => {}
    }
    if !settings.accepted && settings.strict_audience {
        problems.add("strict_audience", "true", NEEDED);
    }
    if settings.accept_endpoint_audience {
        check_endpoint_audience(&builder.core.settings, problems);
    }
    let certificates = builder.core.settings.client_certificates.is_some();
    if !settings.accepted && !certificates && builder.core.keys.is_some() {
        problems.add_without_value("jwks_source", NEEDED);
    }
    if builder.core.keys.is_none() && settings.stale_keys_for != Some(STALE_KEYS_FOR) {
        let limit = settings.stale_keys_for.map(|limit| format!("{limit:?}"));
        let limit = limit.unwrap_or_else(|| "None".into());
        problems.add("jwks_stale_if_error", limit, "needs `jwks_source`");
    }
    if settings.accepted && crypto::prepare_decoys().is_err() {
        let wanted = "needs random bytes, and the system has none";
        problems.add_without_value("client_assertions", wanted);
    }
}

fn check_endpoint_audience(settings: &Settings, problems: &mut Problems) {
    let mut add = |wanted| problems.add("accept_endpoint_audience", "true", wanted);
    if !settings.assertions.accepted {
        add(NEEDED);
    }
    if settings.assertions.strict_audience {
        add("contradicts `strict_audience`: set only one of the two");
    }
    if !settings.location.is_known() && !settings.token_endpoint.is_known() {
        add("needs `path` or `endpoint_url`, which tell the URL of the endpoint");
    }
}

fn names(algorithms: SigningAlgorithms) -> String {
    let names: Vec<_> = algorithms.iter().map(SigningAlgorithm::as_str).collect();
    names.join(" ")
}

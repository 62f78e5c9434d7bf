//! Settings of client assertions.

use std::time::Duration;

use crate::crypto::{DEFAULT_RSA_BITS, SigningAlgorithms};

/// Which assertions a layer accepts.
#[derive(Clone, Debug)]
pub(crate) struct AssertionSettings {
    /// Whether assertions are accepted.
    pub(crate) accepted: bool,
    pub(crate) algorithms: SigningAlgorithms,
    /// The size of the largest RSA key that is used.
    pub(crate) max_rsa_bits: usize,
    /// The maximum length of an assertion.
    pub(crate) max_bytes: usize,
    /// Whether only the issuer is accepted as the audience, and only as a string.
    pub(crate) strict_audience: bool,
    /// Whether the URL of an endpoint is also accepted as the audience.
    pub(crate) accept_endpoint_audience: bool,
    /// How long keys that were fetched are used after they were fresh, if their source is
    /// down. `None` for ever.
    pub(crate) stale_keys_for: Option<Duration>,
}

/// A chain of three certificates in the header (`x5c`) takes 9.8 KB.
pub(crate) const ASSERTION_LIMIT: usize = 16 * 1024;

/// Long enough to notice an outage and to end it, and an end for a key that leaked.
pub(crate) const STALE_KEYS_FOR: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for AssertionSettings {
    fn default() -> Self {
        Self {
            accepted: false,
            algorithms: SigningAlgorithms::all(),
            max_rsa_bits: DEFAULT_RSA_BITS,
            max_bytes: ASSERTION_LIMIT,
            strict_audience: false,
            accept_endpoint_audience: false,
            stale_keys_for: Some(STALE_KEYS_FOR),
        }
    }
}

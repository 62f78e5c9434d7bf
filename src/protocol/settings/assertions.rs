//! Settings of client assertions.

use crate::crypto::SigningAlgorithms;

/// Which assertions a layer accepts.
#[derive(Clone, Debug)]
pub(crate) struct AssertionSettings {
    /// Whether assertions are accepted.
    pub(crate) accepted: bool,
    pub(crate) algorithms: SigningAlgorithms,
    /// Whether only the issuer is accepted as the audience.
    pub(crate) strict_audience: bool,
}

impl Default for AssertionSettings {
    fn default() -> Self {
        Self {
            accepted: false,
            algorithms: SigningAlgorithms::all(),
            strict_audience: false,
        }
    }
}

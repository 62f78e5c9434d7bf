//! The key that a token must be bound to.

use http::HeaderValue;

/// A key whose possession the client has proven.
#[derive(Debug)]
pub(crate) struct Binding {
    /// The thumbprint of the DPoP key (RFC 7638).
    pub(crate) jkt: String,
    /// A newer nonce than the one that the client used.
    pub(crate) next_nonce: Option<HeaderValue>,
}

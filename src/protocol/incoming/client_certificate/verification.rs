//! What a proxy says about the chain of a certificate, if it says so.

/// The result of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verification {
    /// Nobody says.
    Unknown,
    /// There was no certificate.
    Nothing,
    Failed,
    Succeeded,
}

//! A presented secret, and the slow hash that it matched or may have matched before.

/// Everything that the outcome of a slow hash depends on, and whom it was computed for.
#[derive(Clone, Copy)]
pub(crate) struct MatchedSecret<'a> {
    /// Of the client's tenant: another tenant may have a client with the same id.
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    /// The hash as it is stored, or a digest of it. It changes when the secret does.
    pub(crate) stored: &'a [u8],
    pub(crate) presented: &'a str,
}

//! Keys of maps whose keys strangers choose.

use sha2::{Digest as _, Sha256};

/// The hash of two texts, such as a tenant and a client id. So a long one takes no more memory than a short
/// one.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub(super) struct Key([u8; 32]);

impl Key {
    pub(super) fn new(tenant: &str, text: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update((tenant.len() as u64).to_be_bytes());
        hash.update(tenant);
        hash.update(text);
        Self(hash.finalize().into())
    }
}

//! A registered secret that is kept as a password hash: Argon2, bcrypt or PBKDF2.

use std::{fmt, sync::Arc};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    secret::Secret,
    secret_hash::{SecretCheck, SecretHash},
    wipe::WipedText,
};
use crate::crypto::{HashLimits, ParseSecretHashError, PasswordHash};

/// The hash, and the text that it was read from.
pub(crate) struct StoredHash {
    hash: PasswordHash,
    text: WipedText,
    /// The SHA-256 of the text. A shorter one makes the MAC of a remembered secret faster.
    digest: Zeroizing<[u8; 32]>,
    kind: Box<str>,
}

impl StoredHash {
    pub(crate) fn parse(text: &str, limits: &HashLimits) -> Result<Self, ParseSecretHashError> {
        let hash = PasswordHash::parse(text, limits)?;
        Ok(Self::new(hash, text.to_owned()))
    }

    fn new(hash: PasswordHash, text: String) -> Self {
        Self {
            kind: hash.kind().into(),
            digest: Zeroizing::new(Sha256::digest(&text).into()),
            text: text.into(),
            hash,
        }
    }
}

impl SecretHash for StoredHash {
    fn kind(&self) -> &str {
        &self.kind
    }

    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
        SecretCheck::fallible(move || {
            let presented = presented.expose_secret().as_bytes();
            Ok(self.hash.verify(presented)?)
        })
    }

    fn stored(&self) -> Option<&[u8]> {
        Some(self.digest.as_slice())
    }

    fn decoy(&self) -> Option<Arc<dyn SecretHash>> {
        let (hash, text) = PasswordHash::decoy(&self.text)?;
        Some(Arc::new(Self::new(hash, text)))
    }
}

/// Shows only the kind: with salt and output, anybody can try secrets.
impl fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredHash")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "bcrypt")]
    #[test]
    fn the_decoy_of_a_hash_is_another_hash_of_the_same_kind() {
        use super::*;

        let text = "$2b$04$S8EkAeRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphpW2";
        let hash = StoredHash::parse(text, &HashLimits::default()).expect("a hash");
        let decoy = hash.decoy().expect("a decoy");
        assert_eq!(decoy.kind(), hash.kind());
        assert!(decoy.stored().is_some_and(|stored| stored.len() == 32));
        assert_ne!(decoy.stored(), hash.stored());
    }

    #[cfg(feature = "bcrypt")]
    #[test]
    fn debug_shows_the_kind_and_neither_salt_nor_output() {
        use super::*;

        let text = "$2b$04$S8EkAeRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphpW2";
        let hash = StoredHash::parse(text, &HashLimits::default()).expect("a hash");
        let expected = format!("StoredHash {{ kind: {:?}, .. }}", hash.kind());
        assert_eq!(format!("{hash:?}"), expected);
    }
}

//! What tells one public key from another, in 32 bytes.

use sha2::{Digest as _, Sha256};

use super::public_numbers::{Curve, PublicNumbers};

/// A hash of a public key. Two are the same if the numbers of the keys are the same, in any encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyFingerprint([u8; 32]);

impl KeyFingerprint {
    /// `None` if a number is zero, or a coordinate does not have the length of the curve: no key has such
    /// numbers. Nothing else is checked.
    pub(crate) fn of(numbers: PublicNumbers<'_>) -> Option<Self> {
        match numbers {
            PublicNumbers::Rsa { n, e } => {
                Some(Self::hash(b"RSA", &[without_zeros(n)?, without_zeros(e)?]))
            }
            PublicNumbers::Ec { curve, x, y } => {
                let len = curve.coordinate_len();
                let kind: &[u8] = match curve {
                    Curve::P256 => b"P-256",
                    Curve::P384 => b"P-384",
                    Curve::P521 => b"P-521",
                };
                (x.len() == len && y.len() == len).then(|| Self::hash(kind, &[x, y]))
            }
            PublicNumbers::Ed25519 { x } => (x.len() == 32).then(|| Self::hash(b"Ed25519", &[x])),
        }
    }

    /// Of a SubjectPublicKeyInfo in DER, for a key of another kind.
    pub(super) fn of_info(der: &[u8]) -> Self {
        Self::hash(b"SubjectPublicKeyInfo", &[der])
    }

    /// With the length of each part in front of it, so that no two keys have the same text.
    fn hash(kind: &[u8], numbers: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in [kind].iter().chain(numbers) {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

/// A number, big-endian, without the zeros that some write in front. `None` if it is zero.
fn without_zeros(number: &[u8]) -> Option<&[u8]> {
    let start = number.iter().position(|&byte| byte != 0)?;
    number.get(start..)
}

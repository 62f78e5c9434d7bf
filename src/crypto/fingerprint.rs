//! What tells one public key from another, in 32 bytes.

use sha2::{Digest as _, Sha256};

use super::public_numbers::{Curve, PublicNumbers};

/// A hash of a public key. Two are the same if the numbers of the keys are the same, in any encoding.
///
/// Of a point of a curve, only x and the lowest bit of y count. No other point has both, and a certificate
/// may have nothing else of it (SEC 1 §2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyFingerprint([u8; 32]);

impl KeyFingerprint {
    /// `None` if a number is zero or has no bytes.
    pub(crate) fn of(numbers: PublicNumbers<'_>) -> Option<Self> {
        match numbers {
            PublicNumbers::Rsa { n, e } => {
                Some(Self::hash(b"RSA", &[without_zeros(n)?, without_zeros(e)?]))
            }
            PublicNumbers::Ec { curve, x, y } => {
                let last = without_zeros(y)?.last()?;
                Self::of_compressed(curve, x, last & 1 == 1)
            }
            PublicNumbers::Ed25519 { x } => Some(Self::hash(b"Ed25519", &[x])),
        }
    }

    /// Of a point without its y.
    pub(super) fn of_compressed(curve: Curve, x: &[u8], is_y_odd: bool) -> Option<Self> {
        let kind: &[u8] = match curve {
            Curve::P256 => b"P-256",
            Curve::P384 => b"P-384",
            Curve::P521 => b"P-521",
        };
        Some(Self::hash(kind, &[without_zeros(x)?, &[is_y_odd.into()]]))
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

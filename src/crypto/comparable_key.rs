//! What tells one public key from another.

use super::public_numbers::{Curve, PublicNumbers};

/// The numbers of a public key, in one form. Two are equal if the keys are, in any encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ComparableKey(Box<[u8]>);

impl ComparableKey {
    /// `None` if a number is zero, or a coordinate does not have the length of the curve: no key has such
    /// numbers. Nothing else is checked.
    pub(crate) fn of(numbers: PublicNumbers<'_>) -> Option<Self> {
        match numbers {
            PublicNumbers::Rsa { n, e } => {
                Some(Self::new(b"RSA", &[without_zeros(n)?, without_zeros(e)?]))
            }
            PublicNumbers::Ec { curve, x, y } => {
                let len = curve.coordinate_len();
                let kind: &[u8] = match curve {
                    Curve::P256 => b"P-256",
                    Curve::P384 => b"P-384",
                    Curve::P521 => b"P-521",
                };
                (x.len() == len && y.len() == len).then(|| Self::new(kind, &[x, y]))
            }
            PublicNumbers::Ed25519 { x } => (x.len() == 32).then(|| Self::new(b"Ed25519", &[x])),
        }
    }

    /// Of a SubjectPublicKeyInfo in DER, for a key of another kind.
    pub(super) fn of_info(der: &[u8]) -> Self {
        Self::new(b"SubjectPublicKeyInfo", &[der])
    }

    /// With the length of each part in front of it, so that no two keys have the same bytes.
    fn new(kind: &[u8], numbers: &[&[u8]]) -> Self {
        let parts = || [kind].into_iter().chain(numbers.iter().copied());
        let len = parts().map(|part| size_of::<usize>() + part.len()).sum();
        let mut bytes = Vec::with_capacity(len);
        for part in parts() {
            bytes.extend(part.len().to_be_bytes());
            bytes.extend(part);
        }
        Self(bytes.into())
    }
}

/// A number, big-endian, without the zeros that some write in front. `None` if it is zero.
fn without_zeros(number: &[u8]) -> Option<&[u8]> {
    let start = number.iter().position(|&byte| byte != 0)?;
    number.get(start..)
}

//! The public key of a certificate, and what tells it from another one.

use crate::crypto::{
    fingerprint::KeyFingerprint,
    public_numbers::{Curve, PublicNumbers},
};

/// A public key, not checked: it is only compared.
#[derive(Clone, Debug)]
pub(super) enum CertifiedKey {
    Rsa {
        n: Box<[u8]>,
        e: Box<[u8]>,
    },
    /// As it is encoded, in any form of SEC 1 §2.3.3.
    Ec {
        curve: Curve,
        point: Box<[u8]>,
    },
    Ed25519 {
        x: Box<[u8]>,
    },
}

impl CertifiedKey {
    /// `None` if it is not a number or a point that a JWK can have.
    pub(super) fn fingerprint(&self) -> Option<KeyFingerprint> {
        match self {
            Self::Rsa { n, e } => KeyFingerprint::of(PublicNumbers::Rsa { n, e }),
            Self::Ec { curve, point } => of_point(*curve, point),
            Self::Ed25519 { x } => KeyFingerprint::of(PublicNumbers::Ed25519 { x }),
        }
    }
}

fn of_point(curve: Curve, point: &[u8]) -> Option<KeyFingerprint> {
    const COMPRESSED: u8 = 0x02;
    const UNCOMPRESSED: u8 = 0x04;
    let (&form, coordinates) = point.split_first()?;
    let len = curve.coordinate_len();
    let (x, y) = coordinates.split_at_checked(len)?;
    match form {
        UNCOMPRESSED if y.len() == len => KeyFingerprint::of(PublicNumbers::Ec { curve, x, y }),
        form if form & !1 == COMPRESSED && y.is_empty() => {
            KeyFingerprint::of_compressed(curve, x, form & 1 == 1)
        }
        _ => None,
    }
}

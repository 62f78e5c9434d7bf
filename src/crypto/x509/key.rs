//! The public key of a certificate, and whether it is that of given numbers.

use crate::crypto::public_numbers::{Curve, PublicNumbers};

/// A public key, not checked: it is only compared.
#[derive(Clone, Debug)]
pub(super) enum CertifiedKey {
    /// Without leading zeros.
    Rsa {
        n: Box<[u8]>,
        e: Box<[u8]>,
    },
    /// As it is encoded, of whatever form (SEC 1 §2.3.3).
    Ec {
        curve: Curve,
        point: Box<[u8]>,
    },
    Ed25519 {
        x: Box<[u8]>,
    },
}

impl CertifiedKey {
    pub(super) fn is(&self, numbers: PublicNumbers<'_>) -> bool {
        match (self, numbers) {
            (Self::Rsa { n, e }, PublicNumbers::Rsa { n: own_n, e: own_e }) => {
                is_same(n, own_n) && is_same(e, own_e)
            }
            (
                Self::Ec { curve, point },
                PublicNumbers::Ec {
                    curve: own_curve,
                    x,
                    y,
                },
            ) => *curve == own_curve && is_point(point, curve.coordinate_len(), x, y),
            (Self::Ed25519 { x }, PublicNumbers::Ed25519 { x: own_x }) => **x == *own_x,
            (Self::Rsa { .. } | Self::Ec { .. } | Self::Ed25519 { .. }, _) => false,
        }
    }
}

/// Whether two numbers, big-endian, are the same. Some write zeros in front.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let from = |number: &[u8]| number.iter().position(|&byte| byte != 0);
    match (from(one), from(other)) {
        (Some(start), Some(other_start)) => one[start..] == other[other_start..],
        (None, _) | (_, None) => false,
    }
}

fn is_point(point: &[u8], len: usize, x: &[u8], y: &[u8]) -> bool {
    const COMPRESSED: u8 = 0x02;
    const UNCOMPRESSED: u8 = 0x04;
    let Some((&form, coordinates)) = point.split_first() else {
        return false;
    };
    let Some((own_x, own_y)) = coordinates.split_at_checked(len) else {
        return false;
    };
    let is_same_y = match form {
        UNCOMPRESSED => own_y.len() == len && is_same(own_y, y),
        // Two points have the same x. The lowest bit of y tells them apart.
        form if form & !1 == COMPRESSED => {
            own_y.is_empty() && y.last().is_some_and(|last| last & 1 == form & 1)
        }
        _ => false,
    };
    is_same(own_x, x) && is_same_y
}

//! Signatures over bytes: the algorithms, and the one place that knows the
//! library behind them. It knows nothing of tokens, clients or requests.

mod algorithm;
#[cfg(feature = "jwt")]
mod aws_lc;
#[cfg(not(feature = "jwt"))]
mod without;

pub(crate) use self::algorithm::{Family, SigningAlgorithms};
pub use self::algorithm::{SigningAlgorithm, UnknownSigningAlgorithm};
#[cfg(feature = "redis")]
pub(crate) use self::aws_lc::random;
#[cfg(all(test, feature = "jwt"))]
pub(crate) use self::aws_lc::verifications;
#[cfg(feature = "jwt")]
pub(crate) use self::aws_lc::{PublicKey, prepare_decoys, verify, verify_hmac};
#[cfg(not(feature = "jwt"))]
pub(crate) use self::without::{PublicKey, verify, verify_hmac};

/// The numbers of a public key, of the sizes that its kind has.
#[derive(Clone, Copy)]
pub(crate) enum PublicNumbers<'a> {
    /// Modulus and exponent, big-endian and without leading zeros.
    Rsa { n: &'a [u8], e: &'a [u8] },
    /// Two coordinates, each as long as the curve's field.
    Ec {
        curve: Curve,
        x: &'a [u8],
        y: &'a [u8],
    },
    /// A point of edwards25519, compressed (RFC 8032 §5.1.2).
    Ed25519(&'a [u8; 32]),
}

impl PublicNumbers<'_> {
    #[cfg(not(feature = "jwt"))]
    const fn family(self) -> Family {
        match self {
            Self::Rsa { .. } => Family::Rsa,
            Self::Ec { curve, .. } => Family::Ec(curve),
            Self::Ed25519(_) => Family::Ed25519,
        }
    }
}

/// The curves of the ECDSA algorithms (RFC 7518 §3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// The length of a coordinate in bytes (RFC 7518 §6.2.1.2).
    pub(crate) const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// Numbers that are no public key: a point that is not on its curve, or what
/// the library does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAKey;

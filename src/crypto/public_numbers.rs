//! The numbers of a public key, and what makes a key too weak or too slow.
//!
//! When a key is loaded, the library checks neither the size of an RSA key nor its
//! exponent: with e = 1, anybody can sign.

use std::fmt;

use super::ed25519;

/// The numbers of a public key, as they are registered.
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
    Ed25519 { x: &'a [u8] },
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

/// Error returned when numbers are not a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvalidKey {
    /// A number of no bytes.
    Empty(&'static str),
    LeadingZero(&'static str),
    RsaSize {
        bits: usize,
    },
    EvenModulus,
    WeakExponent,
    SlowExponent,
    CoordinateLength {
        name: &'static str,
        len: usize,
        wanted: usize,
    },
    PointLength {
        len: usize,
    },
    SmallOrder,
    NotReduced,
    /// The library did not accept them.
    NotAKey(&'static str),
}

const MIN_RSA_BITS: usize = 2048;
const MAX_RSA_BITS: usize = 8192;
const MAX_EXPONENT_BYTES: usize = 4;

impl PublicNumbers<'_> {
    /// Checks what the library does not check.
    pub(super) fn check(self) -> Result<(), InvalidKey> {
        match self {
            Self::Rsa { n, e } => check_rsa(n, e),
            Self::Ec { curve, x, y } => {
                check_coordinate("x", x, curve)?;
                check_coordinate("y", y, curve)
            }
            Self::Ed25519 { x } => check_ed25519(x),
        }
    }
}

fn check_rsa(n: &[u8], e: &[u8]) -> Result<(), InvalidKey> {
    for (name, number) in [("n", n), ("e", e)] {
        match number.first() {
            None => return Err(InvalidKey::Empty(name)),
            Some(0) => return Err(InvalidKey::LeadingZero(name)),
            Some(_) => {}
        }
    }
    let bits = n.len() * 8 - n[0].leading_zeros() as usize;
    if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
        return Err(InvalidKey::RsaSize { bits });
    }
    let is_odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    if !is_odd(n) {
        return Err(InvalidKey::EvenModulus);
    }
    if !is_odd(e) || e == [1] {
        return Err(InvalidKey::WeakExponent);
    }
    if e.len() > MAX_EXPONENT_BYTES {
        return Err(InvalidKey::SlowExponent);
    }
    Ok(())
}

fn check_coordinate(name: &'static str, coordinate: &[u8], curve: Curve) -> Result<(), InvalidKey> {
    let (len, wanted) = (coordinate.len(), curve.coordinate_len());
    if len == wanted {
        Ok(())
    } else {
        Err(InvalidKey::CoordinateLength { name, len, wanted })
    }
}

fn check_ed25519(x: &[u8]) -> Result<(), InvalidKey> {
    let point = <&[u8; 32]>::try_from(x);
    let point = point.map_err(|_| InvalidKey::PointLength { len: x.len() })?;
    if ed25519::is_small_order(point) {
        return Err(InvalidKey::SmallOrder);
    }
    if !ed25519::is_canonical(point) {
        return Err(InvalidKey::NotReduced);
    }
    Ok(())
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(name) => write!(f, "`{name}` is empty"),
            Self::LeadingZero(name) => write!(
                f,
                "`{name}` starts with a zero byte: leave it out (RFC 7518 §2)"
            ),
            Self::RsaSize { bits } => write!(
                f,
                "the RSA key has {bits} bits: use one of {MIN_RSA_BITS} to {MAX_RSA_BITS} \
                 (RFC 7518 §3.3)"
            ),
            Self::EvenModulus => f.write_str("`n` is even: it is not an RSA modulus"),
            Self::WeakExponent => {
                f.write_str("`e` must be an odd number of at least 3, such as AQAB (65537)")
            }
            Self::SlowExponent => {
                f.write_str("`e` is so large that verifying is slow: use AQAB (65537)")
            }
            Self::CoordinateLength { name, len, wanted } => write!(
                f,
                "`{name}` has {len} bytes: on this curve it must have {wanted} (RFC 7518 §6.2.1.2)"
            ),
            Self::PointLength { len } => {
                write!(f, "`x` has {len} bytes: it must have 32 (RFC 8037 §2)")
            }
            Self::SmallOrder => {
                f.write_str("`x` is a point of small order, for which anybody can sign")
            }
            Self::NotReduced => f.write_str(
                "`x` is not reduced: it is not the encoding of a point (RFC 8032 §5.1.3)",
            ),
            Self::NotAKey(problem) => f.write_str(problem),
        }
    }
}

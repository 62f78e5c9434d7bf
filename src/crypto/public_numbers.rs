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
        max_bits: usize,
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

/// The sizes of an RSA modulus that a limit may have.
pub(crate) const MIN_RSA_BITS: usize = 2048;
pub(crate) const MAX_RSA_BITS: usize = 8192;
/// The largest modulus, unless something else is set. Twice the bits take four times the time
/// to verify, for an unknown client as well.
pub(crate) const DEFAULT_RSA_BITS: usize = 4096;

const MAX_EXPONENT_BYTES: usize = 4;

impl PublicNumbers<'_> {
    /// Checks what the library does not check.
    pub(super) fn check(self, max_rsa_bits: usize) -> Result<(), InvalidKey> {
        match self {
            Self::Rsa { n, e } => check_rsa(n, e, max_rsa_bits),
            Self::Ec { curve, x, y } => {
                check_coordinate("x", x, curve)?;
                check_coordinate("y", y, curve)
            }
            Self::Ed25519 { x } => check_ed25519(x),
        }
    }
}

fn check_rsa(n: &[u8], e: &[u8], max_bits: usize) -> Result<(), InvalidKey> {
    for (name, number) in [("n", n), ("e", e)] {
        match number.first() {
            None => return Err(InvalidKey::Empty(name)),
            Some(0) => return Err(InvalidKey::LeadingZero(name)),
            Some(_) => {}
        }
    }
    let bits = bits(n);
    if !(MIN_RSA_BITS..=max_bits.min(MAX_RSA_BITS)).contains(&bits) {
        return Err(InvalidKey::RsaSize { bits, max_bits });
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

/// The number of bits of a number without leading zeros.
pub(super) fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros());
    number.len() * 8 - unused as usize
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

impl InvalidKey {
    /// The number that is wrong (RFC 7518 §6). `None` if they do not fit together.
    pub(crate) const fn member(self) -> Option<&'static str> {
        match self {
            Self::Empty(name) | Self::LeadingZero(name) | Self::CoordinateLength { name, .. } => {
                Some(name)
            }
            Self::RsaSize { .. } | Self::EvenModulus => Some("n"),
            Self::WeakExponent | Self::SlowExponent => Some("e"),
            Self::PointLength { .. } | Self::SmallOrder | Self::NotReduced => Some("x"),
            Self::NotAKey(_) => None,
        }
    }
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(name) => write!(f, "`{name}` is empty"),
            Self::LeadingZero(name) => write!(
                f,
                "`{name}` starts with a zero byte: leave it out (RFC 7518 §2)"
            ),
            Self::RsaSize { bits, max_bits } => {
                write!(
                    f,
                    "the RSA key has {bits} bits: use one of {MIN_RSA_BITS} to {max_bits} \
                     (RFC 7518 §3.3)"
                )?;
                if (max_bits + 1..=MAX_RSA_BITS).contains(bits) {
                    f.write_str(", or raise `max_rsa_bits` for the client and for the layer")?;
                }
                Ok(())
            }
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

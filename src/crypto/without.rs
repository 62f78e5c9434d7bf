//! Without feature `jwt`: keys can be loaded, but no signature is verified.

use super::{
    algorithm::{Family, SigningAlgorithm},
    public_numbers::{InvalidKey, PublicNumbers},
};

#[derive(Debug)]
pub(crate) struct PublicKey(Family);

impl PublicKey {
    pub(crate) fn new(numbers: PublicNumbers<'_>, max_rsa_bits: usize) -> Result<Self, InvalidKey> {
        numbers.check(max_rsa_bits)?;
        Ok(Self(match numbers {
            PublicNumbers::Rsa { .. } => Family::Rsa,
            PublicNumbers::Ec { curve, .. } => Family::Ec(curve),
            PublicNumbers::Ed25519 { .. } => Family::Ed25519,
        }))
    }

    pub(crate) fn fits(&self, algorithm: SigningAlgorithm) -> bool {
        algorithm.family() == self.0
    }

    pub(crate) const fn prepare(&self, _: SigningAlgorithm) {}

    pub(crate) const fn is_larger_than(&self, _: usize) -> bool {
        false
    }
}

pub(crate) const fn verify(
    _: Option<&PublicKey>,
    _: SigningAlgorithm,
    _: &[u8],
    _: &[u8],
    _: usize,
) -> bool {
    false
}

pub(crate) const fn verify_hmac(_: SigningAlgorithm, _: &[u8], _: &[u8], _: &[u8]) -> bool {
    false
}

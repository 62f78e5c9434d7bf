//! Signatures by aws-lc-rs.
//!
//! The time of a verification must not tell anything about the key, nor whether there is
//! one. It depends only on the algorithm and on the length of the signature, which both
//! come from the request. If there is no key, or if the key cannot have made the signature,
//! a decoy is verified instead. The decoy is a common kind of key: an RSA key of an unusual
//! size, or with another exponent than 65537, takes a different time.
//!
//! An RSA key takes more time at its first use, unless it was [prepared](PublicKey::prepare).
//! Nobody waits for a decoy that is larger than the keys that are accepted.

use std::{fmt, sync::OnceLock};

use aws_lc_rs::{
    hmac,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
        ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING,
        ED25519, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
        ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
        RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
        RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
    },
};
use curve25519_dalek::edwards::CompressedEdwardsY;

use super::{
    algorithm::{Family, SigningAlgorithm},
    public_numbers::{self, Curve, InvalidKey, PublicNumbers},
};

/// A public key, parsed once.
pub(crate) struct PublicKey(Parsed);

enum Parsed {
    Rsa(Box<RsaKey>),
    Ec(Curve, ParsedPublicKey),
    Ed25519(ParsedPublicKey),
}

/// The library parses an RSA key for one algorithm at a time.
struct RsaKey {
    n: Box<[u8]>,
    e: Box<[u8]>,
    parsed: [OnceLock<ParsedPublicKey>; 6],
}

impl PublicKey {
    pub(crate) fn new(numbers: PublicNumbers<'_>, max_rsa_bits: usize) -> Result<Self, InvalidKey> {
        numbers.check(max_rsa_bits)?;
        let parsed = match numbers {
            PublicNumbers::Rsa { n, e } => {
                let key = RsaKey::new(n, e);
                let key = key.ok_or(InvalidKey::NotAKey("`n` and `e` are not an RSA key"))?;
                Parsed::Rsa(Box::new(key))
            }
            PublicNumbers::Ec { curve, x, y } => {
                // The library checks that the point is on the curve.
                let point = [&[0x04], x, y].concat();
                let key = parse(ecdsa(curve), &point);
                let problem = "`x` and `y` are not a point of the curve";
                Parsed::Ec(curve, key.ok_or(InvalidKey::NotAKey(problem))?)
            }
            PublicNumbers::Ed25519 { x } => {
                // The library would only notice at each verification, and refuse it.
                let point = CompressedEdwardsY::from_slice(x).ok();
                let is_point = point.is_some_and(|point| point.decompress().is_some());
                let key = is_point.then(|| parse(&ED25519, x)).flatten();
                let problem = "`x` is not a point of the curve";
                Parsed::Ed25519(key.ok_or(InvalidKey::NotAKey(problem))?)
            }
        };
        Ok(Self(parsed))
    }

    /// Whether the key is of the kind that the algorithm needs.
    pub(crate) fn fits(&self, algorithm: SigningAlgorithm) -> bool {
        match (algorithm.family(), &self.0) {
            (Family::Rsa, Parsed::Rsa(_)) | (Family::Ed25519, Parsed::Ed25519(_)) => true,
            (Family::Ec(wanted), Parsed::Ec(curve, _)) => wanted == *curve,
            (Family::Rsa | Family::Ed25519 | Family::Ec(_) | Family::Hmac { .. }, _) => false,
        }
    }

    /// Does what the first verification by this algorithm would have to do. An RSA key of 2048
    /// bits then takes 2.4 KB more.
    pub(crate) fn prepare(&self, algorithm: SigningAlgorithm) {
        match &self.0 {
            Parsed::Rsa(key) => key.prepare(algorithm),
            Parsed::Ec(..) | Parsed::Ed25519(_) => {}
        }
    }

    /// Whether it is an RSA key with more bits.
    pub(crate) fn is_larger_than(&self, max_rsa_bits: usize) -> bool {
        match &self.0 {
            Parsed::Rsa(key) => public_numbers::bits(&key.n) > max_rsa_bits,
            Parsed::Ec(..) | Parsed::Ed25519(_) => false,
        }
    }
}

/// Verifies exactly one signature, also if `key` is `None` or does not fit: see the module.
///
/// An RSA key with more bits than `max_rsa_bits` does not fit.
pub(crate) fn verify(
    key: Option<&PublicKey>,
    algorithm: SigningAlgorithm,
    message: &[u8],
    signature: &[u8],
    max_rsa_bits: usize,
) -> bool {
    #[cfg(test)]
    count();
    let key = key.filter(|key| key.fits(algorithm) && !key.is_larger_than(max_rsa_bits));
    match (algorithm.family(), key.map(|key| &key.0)) {
        (Family::Rsa, Some(Parsed::Rsa(key))) if key.may_have_made(signature) => key
            .for_algorithm(algorithm)
            .is_some_and(|key| key.verify_sig(message, signature).is_ok()),
        (Family::Rsa, _) => {
            let decoys = decoys();
            let decoy = decoys.map(|decoys| decoys.rsa(signature.len(), max_rsa_bits));
            if let Some((decoy, signature)) = decoy {
                let decoy = decoy.for_algorithm(algorithm);
                // What matches a decoy proves nothing.
                let _proof = decoy.map(|decoy| decoy.verify_sig(message, signature));
            }
            false
        }
        (_, Some(Parsed::Ec(_, key) | Parsed::Ed25519(key))) => {
            key.verify_sig(message, signature).is_ok()
        }
        (family, None | Some(Parsed::Rsa(_))) => {
            let decoy = decoys().and_then(|decoys| decoys.point(family));
            let _proof = decoy.map(|decoy| decoy.verify_sig(message, signature));
            false
        }
    }
}

/// Compares in constant time.
pub(crate) fn verify_hmac(
    algorithm: SigningAlgorithm,
    secret: &[u8],
    message: &[u8],
    tag: &[u8],
) -> bool {
    let hash = match algorithm.family() {
        Family::Hmac { secret_len: 32 } => hmac::HMAC_SHA256,
        Family::Hmac { secret_len: 48 } => hmac::HMAC_SHA384,
        Family::Hmac { .. } => hmac::HMAC_SHA512,
        Family::Rsa | Family::Ec(_) | Family::Ed25519 => return false,
    };
    #[cfg(test)]
    count();
    hmac::verify(&hmac::Key::new(hash, secret), message, tag).is_ok()
}

fn parse(algorithm: &'static dyn VerificationAlgorithm, key: &[u8]) -> Option<ParsedPublicKey> {
    ParsedPublicKey::new(algorithm, key).ok()
}

fn ecdsa(curve: Curve) -> &'static dyn VerificationAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED,
        Curve::P521 => &ECDSA_P521_SHA512_FIXED,
    }
}

/// The index of an RSA algorithm among the parsed keys, and its name in the library.
fn rsa(algorithm: SigningAlgorithm) -> Option<(usize, &'static RsaParameters)> {
    use SigningAlgorithm as Alg;
    Some(match algorithm {
        Alg::RS256 => (0, &RSA_PKCS1_2048_8192_SHA256),
        Alg::RS384 => (1, &RSA_PKCS1_2048_8192_SHA384),
        Alg::RS512 => (2, &RSA_PKCS1_2048_8192_SHA512),
        Alg::PS256 => (3, &RSA_PSS_2048_8192_SHA256),
        Alg::PS384 => (4, &RSA_PSS_2048_8192_SHA384),
        Alg::PS512 => (5, &RSA_PSS_2048_8192_SHA512),
        Alg::ES256
        | Alg::ES384
        | Alg::ES512
        | Alg::Ed25519
        | Alg::HS256
        | Alg::HS384
        | Alg::HS512 => return None,
    })
}

impl RsaKey {
    fn new(n: &[u8], e: &[u8]) -> Option<Self> {
        let key = Self {
            n: n.into(),
            e: e.into(),
            parsed: Default::default(),
        };
        // Checks that it is a key, which does not depend on the algorithm. It is parsed for the
        // others when it is prepared, or at the first use: all six need six times the memory,
        // and most clients use one.
        key.for_algorithm(SigningAlgorithm::RS256)?;
        Some(key)
    }

    /// Parses the key, and has the library compute what it computes once for each modulus.
    fn prepare(&self, algorithm: SigningAlgorithm) {
        if let Some(key) = self.for_algorithm(algorithm) {
            // The number 1 is less than any modulus, so the arithmetic is done.
            let mut signature = vec![0; self.n.len() - 1];
            signature.push(1);
            let _proof = key.verify_sig(&[], &signature);
        }
    }

    fn for_algorithm(&self, algorithm: SigningAlgorithm) -> Option<&ParsedPublicKey> {
        let (index, parameters) = rsa(algorithm)?;
        let parsed = &self.parsed[index];
        if parsed.get().is_none() {
            let _ = parsed.set(parse_rsa(&self.n, &self.e, parameters)?);
        }
        parsed.get()
    }

    /// Whether the library would do the arithmetic: a signature is as long as the modulus,
    /// and less than it.
    fn may_have_made(&self, signature: &[u8]) -> bool {
        signature.len() == self.n.len() && signature < &*self.n
    }
}

fn parse_rsa(n: &[u8], e: &[u8], parameters: &'static RsaParameters) -> Option<ParsedPublicKey> {
    #[cfg(test)]
    PARSES.set(PARSES.get() + 1);
    let key = RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters);
    key.ok()
}

/// Keys that nobody has.
static DECOYS: OnceLock<Decoys> = OnceLock::new();

/// Makes the decoys, so that the first request does not have to.
///
/// # Errors
///
/// Returns an error if the system has no random bytes.
pub(crate) fn prepare_decoys() -> Result<(), NoRandomBytes> {
    match decoys() {
        Some(_) => Ok(()),
        None => Err(NoRandomBytes),
    }
}

/// Error returned when the system has no random bytes.
#[derive(Debug)]
pub(crate) struct NoRandomBytes;

/// `None` if they cannot be made, which a layer finds out when it is built.
fn decoys() -> Option<&'static Decoys> {
    if DECOYS.get().is_none() {
        // If two threads are here at once, one of them makes the decoys for nothing.
        let _ = DECOYS.set(Decoys::new()?);
    }
    DECOYS.get()
}

struct Decoys {
    /// Each with a signature that is less than its modulus.
    rsa: [(RsaKey, Vec<u8>); 4],
    points: [(Family, ParsedPublicKey); 4],
}

impl Decoys {
    /// `None` if the system has no random bytes.
    fn new() -> Option<Self> {
        let ec = |curve, signing: &'static EcdsaSigningAlgorithm| {
            let pair = EcdsaKeyPair::generate(signing).ok()?;
            let key = parse(ecdsa(curve), pair.public_key().as_ref())?;
            Some((Family::Ec(curve), key))
        };
        let ed25519 = Ed25519KeyPair::generate().ok()?;
        let ed25519 = parse(&ED25519, ed25519.public_key().as_ref())?;
        Some(Self {
            // The sizes of RSA keys that are in use: 2048, 3072, 4096 and 8192 bits.
            rsa: [256, 384, 512, 1024].map(|len| {
                let key = RsaKey::new(&vec![0xc5; len], &[1, 0, 1]).expect("an odd modulus");
                for algorithm in SigningAlgorithm::ALL {
                    key.prepare(algorithm);
                }
                (key, vec![0x42; len])
            }),
            points: [
                ec(Curve::P256, &ECDSA_P256_SHA256_FIXED_SIGNING)?,
                ec(Curve::P384, &ECDSA_P384_SHA384_FIXED_SIGNING)?,
                ec(Curve::P521, &ECDSA_P521_SHA512_FIXED_SIGNING)?,
                (Family::Ed25519, ed25519),
            ],
        })
    }

    /// The decoy that costs as much as a key whose signatures have this length. If no key may
    /// be so large, the smallest one is enough.
    fn rsa(&self, signature_len: usize, max_rsa_bits: usize) -> &(RsaKey, Vec<u8>) {
        let [smallest, ..] = &self.rsa;
        let is_possible = signature_len <= max_rsa_bits.div_ceil(8);
        let long_enough = |(_, signature): &&(RsaKey, Vec<u8>)| signature.len() >= signature_len;
        let fitting = self.rsa.iter().filter(|_| is_possible).find(long_enough);
        fitting.unwrap_or(smallest)
    }

    fn point(&self, family: Family) -> Option<&ParsedPublicKey> {
        let of_family = self.points.iter().find(|(own, _)| *own == family);
        of_family.map(|(_, key)| key)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Parsed::Rsa(_) => "RSA",
            Parsed::Ec(Curve::P256, _) => "P-256",
            Parsed::Ec(Curve::P384, _) => "P-384",
            Parsed::Ec(Curve::P521, _) => "P-521",
            Parsed::Ed25519(_) => "Ed25519",
        };
        f.debug_tuple("PublicKey").field(&kind).finish()
    }
}

#[cfg(test)]
thread_local! {
    static VERIFICATIONS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    static PARSES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How many RSA keys this thread has parsed.
#[cfg(test)]
pub(crate) fn parses() -> usize {
    PARSES.get()
}

#[cfg(test)]
fn count() {
    VERIFICATIONS.set(VERIFICATIONS.get() + 1);
}

/// How many signatures this thread has verified, including decoys.
#[cfg(test)]
pub(crate) fn verifications() -> usize {
    VERIFICATIONS.get()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        rand::SystemRandom,
        rsa::{KeyPair, KeySize},
        signature::{KeyPair as _, RSA_PKCS1_SHA256},
    };

    use super::*;

    const MAX: usize = 8192;

    fn rsa(size: KeySize) -> (KeyPair, PublicKey) {
        let pair = KeyPair::generate(size).expect("a key pair");
        let public = pair.public_key();
        let n = public.modulus().big_endian_without_leading_zero();
        let e = public.exponent().big_endian_without_leading_zero();
        let key = PublicKey::new(PublicNumbers::Rsa { n, e }, MAX).expect("a key");
        (pair, key)
    }

    #[test]
    fn a_signature_verifies_with_its_key_and_its_algorithm_alone() {
        let (pair, key) = rsa(KeySize::Rsa2048);
        let (_, other) = rsa(KeySize::Rsa2048);
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            b"m",
            &mut signature,
        )
        .expect("a signature");
        let verify =
            |key, algorithm, message: &[u8]| verify(key, algorithm, message, &signature, MAX);
        assert!(verify(Some(&key), SigningAlgorithm::RS256, b"m"));
        assert!(!verify(Some(&key), SigningAlgorithm::RS256, b"n"));
        assert!(!verify(Some(&other), SigningAlgorithm::RS256, b"m"));
        assert!(!verify(None, SigningAlgorithm::RS256, b"m"));
        for algorithm in SigningAlgorithm::ALL {
            let expected = algorithm == SigningAlgorithm::RS256;
            assert_eq!(verify(Some(&key), algorithm, b"m"), expected, "{algorithm}");
        }
    }

    /// The library stops early for a signature of another length, or that is no
    /// less than the modulus: neither may be seen from the time.
    #[test]
    fn a_signature_that_cannot_be_of_the_key_goes_to_the_decoy() {
        let (_, PublicKey(Parsed::Rsa(key))) = rsa(KeySize::Rsa2048) else {
            panic!("an RSA key")
        };
        assert!(key.may_have_made(&[0; 256]));
        for not_its in [&[0; 255][..], &[0; 257], &[0xff; 256], &[]] {
            assert!(!key.may_have_made(not_its));
        }
        for (len, max_bits, decoy_len) in [
            (0, 4096, 256),
            (256, 4096, 256),
            (257, 4096, 384),
            (512, 4096, 512),
            // No key is so large, so no time has to be like that of a key.
            (513, 4096, 256),
            (1024, 4096, 256),
            (2000, 4096, 256),
            (512, 3072, 256),
            (257, 2048, 256),
            (257, 2049, 384),
            (513, 8192, 1024),
            (1024, 8192, 1024),
            (1025, 8192, 256),
        ] {
            let (decoy, signature) = decoys().expect("random bytes").rsa(len, max_bits);
            assert!(decoy.may_have_made(signature));
            assert_eq!(signature.len(), decoy_len, "{len} of {max_bits}");
        }
    }

    #[test]
    fn a_key_that_is_larger_than_the_limit_verifies_nothing() {
        for (size, bits) in [(KeySize::Rsa2048, 2048), (KeySize::Rsa3072, 3072)] {
            let (pair, key) = rsa(size);
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                b"m",
                &mut signature,
            )
            .expect("a signature");
            for max_bits in [2048, 3072, 4096] {
                let before = verifications();
                let algorithm = SigningAlgorithm::RS256;
                let verifies = verify(Some(&key), algorithm, b"m", &signature, max_bits);
                assert_eq!(verifies, bits <= max_bits, "{bits} of {max_bits}");
                assert_eq!(verifications() - before, 1);
            }
        }
    }
}

//! Signatures by aws-lc-rs.
//!
//! The time of a verification must not tell anything about the key, nor whether there is
//! one. It depends only on the algorithm and on the length of the signature, which both
//! come from the request. If there is no key, or if the key cannot have made the signature,
//! a decoy is verified instead. The decoy is a common kind of key: an RSA key of an unusual
//! size, or with another exponent than 65537, takes a different time.

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
    public_numbers::{Curve, InvalidKey, PublicNumbers},
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
    pub(crate) fn new(numbers: PublicNumbers<'_>) -> Result<Self, InvalidKey> {
        numbers.check()?;
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
}

/// Verifies exactly one signature, also if `key` is `None` or does not fit: see the module.
pub(crate) fn verify(
    key: Option<&PublicKey>,
    algorithm: SigningAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    #[cfg(test)]
    count();
    let key = key.filter(|key| key.fits(algorithm));
    match (algorithm.family(), key.map(|key| &key.0)) {
        (Family::Rsa, Some(Parsed::Rsa(key))) if key.may_have_made(signature) => key
            .for_algorithm(algorithm)
            .is_some_and(|key| key.verify_sig(message, signature).is_ok()),
        (Family::Rsa, _) => {
            if let Some((decoy, signature)) = decoys().map(|decoys| decoys.rsa(signature.len())) {
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

/// Random bytes. `None` if the system has none.
#[cfg(feature = "redis")]
pub(crate) fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(bytes)
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
        // Checks that it is a key. For the other algorithms it is parsed at the first use
        // and kept: all six need six times the memory, and most clients use one.
        key.for_algorithm(SigningAlgorithm::RS256)?;
        Some(key)
    }

    fn for_algorithm(&self, algorithm: SigningAlgorithm) -> Option<&ParsedPublicKey> {
        let (index, parameters) = rsa(algorithm)?;
        let parsed = &self.parsed[index];
        if parsed.get().is_none() {
            let (n, e) = (&self.n, &self.e);
            let key = RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters);
            let _ = parsed.set(key.ok()?);
        }
        parsed.get()
    }

    /// Whether the library would do the arithmetic: a signature is as long as the modulus,
    /// and less than it.
    fn may_have_made(&self, signature: &[u8]) -> bool {
        signature.len() == self.n.len() && signature < &*self.n
    }
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
                    // One of the six algorithms for RSA.
                    let _parsed = key.for_algorithm(algorithm);
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

    /// The decoy that costs as much as a key whose signatures have this length.
    fn rsa(&self, signature_len: usize) -> &(RsaKey, Vec<u8>) {
        let [.., largest] = &self.rsa;
        let long_enough = |(_, signature): &&(RsaKey, Vec<u8>)| signature.len() >= signature_len;
        self.rsa.iter().find(long_enough).unwrap_or(largest)
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

    fn rsa(size: KeySize) -> (KeyPair, PublicKey) {
        let pair = KeyPair::generate(size).expect("a key pair");
        let public = pair.public_key();
        let n = public.modulus().big_endian_without_leading_zero();
        let e = public.exponent().big_endian_without_leading_zero();
        let key = PublicKey::new(PublicNumbers::Rsa { n, e }).expect("a key");
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
        let verify = |key, algorithm, message: &[u8]| verify(key, algorithm, message, &signature);
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
        for (len, decoy_len) in [(0, 256), (256, 256), (257, 384), (512, 512), (2000, 1024)] {
            let (decoy, signature) = decoys().expect("random bytes").rsa(len);
            assert!(decoy.may_have_made(signature));
            assert_eq!(signature.len(), decoy_len);
        }
    }
}

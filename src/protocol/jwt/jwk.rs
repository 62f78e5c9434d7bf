//! One public key of a client (RFC 7517 §4), and whether it can verify a signature.
//!
//! | key | result |
//! |---|---|
//! | for encryption: a `use` other than `sig`, `key_ops` without `verify`, an `alg` that is not for signatures | accepted in a set, verifies nothing |
//! | of a type, curve or algorithm that this crate does not know, or symmetric | the same |
//! | RSA of 2048 bits to the limit, with an odd exponent of 3 or more | usable |
//! | a point of P-256, P-384, P-521 or Ed25519, on the curve, not of small order | usable |
//! | anything else | an error |

use base64::Engine as _;
use serde_json::{Map, Value};

use super::json::BASE64URL;
use crate::crypto::{Curve, PublicKey, PublicNumbers, SigningAlgorithm};

/// A key that can verify a signature.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) kid: Option<Box<str>>,
    /// The one algorithm of the key, if it names one (RFC 7517 §4.4).
    algorithm: Option<SigningAlgorithm>,
    pub(super) public: PublicKey,
}

impl Key {
    /// Reads a key. `None` if it is valid, but cannot verify a signature.
    pub(super) fn read(jwk: &Value, max_rsa_bits: usize) -> Result<Option<Self>, String> {
        let jwk = Jwk {
            members: jwk.as_object().ok_or("it must be an object")?,
            max_rsa_bits,
        };
        let kid = jwk.text("kid")?;
        let kty = jwk.required("kty")?;
        let algorithm = jwk.text("alg")?.map(str::parse).transpose();
        let Ok(algorithm) = algorithm else {
            return Ok(None);
        };
        if jwk.text("use")?.is_some_and(|usage| usage != "sig") || !jwk.may_verify()? {
            return Ok(None);
        }
        let public = match kty {
            "RSA" => jwk.rsa()?,
            "EC" => match jwk.required("crv")? {
                "P-256" => jwk.ec(Curve::P256)?,
                "P-384" => jwk.ec(Curve::P384)?,
                "P-521" => jwk.ec(Curve::P521)?,
                _ => return Ok(None),
            },
            "OKP" => match jwk.required("crv")? {
                "Ed25519" => jwk.ed25519()?,
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let key = Self {
            kid: kid.map(Box::from),
            algorithm,
            public,
        };
        match algorithm {
            Some(algorithm) if !key.public.fits(algorithm) => Err(format!(
                "`alg` {algorithm} is not for a key of this `kty` and `crv`: fix it or leave it out"
            )),
            Some(_) | None => Ok(Some(key)),
        }
    }

    pub(super) fn fits(&self, algorithm: SigningAlgorithm) -> bool {
        self.algorithm.is_none_or(|own| own == algorithm) && self.public.fits(algorithm)
    }
}

/// The members of one key (RFC 7517 §4).
struct Jwk<'a> {
    members: &'a Map<String, Value>,
    max_rsa_bits: usize,
}

impl<'a> Jwk<'a> {
    fn text(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("`{name}` must be a string")),
        }
    }

    fn required(&self, name: &str) -> Result<&'a str, String> {
        self.text(name)?
            .ok_or_else(|| format!("`{name}` is missing"))
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        BASE64URL
            .decode(self.required(name)?)
            .map_err(|_| format!("`{name}` must be base64url without padding"))
    }

    /// RFC 7517 §4.3.
    fn may_verify(&self) -> Result<bool, String> {
        let Some(operations) = self.members.get("key_ops") else {
            return Ok(true);
        };
        let operations = operations.as_array();
        let operations = operations.ok_or("`key_ops` must be an array of strings")?;
        Ok(operations.iter().any(|operation| operation == "verify"))
    }

    /// RFC 7518 §6.3.1.
    fn rsa(&self) -> Result<PublicKey, String> {
        let (n, e) = (&self.bytes("n")?, &self.bytes("e")?);
        self.public_key(PublicNumbers::Rsa { n, e })
    }

    /// RFC 7518 §6.2.1.
    fn ec(&self, curve: Curve) -> Result<PublicKey, String> {
        let (x, y) = (&self.bytes("x")?, &self.bytes("y")?);
        self.public_key(PublicNumbers::Ec { curve, x, y })
    }

    /// RFC 8037 §2.
    fn ed25519(&self) -> Result<PublicKey, String> {
        let x = &self.bytes("x")?;
        self.public_key(PublicNumbers::Ed25519 { x })
    }

    fn public_key(&self, numbers: PublicNumbers<'_>) -> Result<PublicKey, String> {
        PublicKey::new(numbers, self.max_rsa_bits).map_err(|invalid| invalid.to_string())
    }
}

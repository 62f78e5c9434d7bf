//! One public key of a client (RFC 7517 §4), and whether it can verify a signature.
//!
//! | key | result |
//! |---|---|
//! | for encryption: a `use` of `enc` or `tls`, `key_ops` without `verify` and `sign`, an `alg` or `crv` of encryption | verifies nothing, which is not a mistake |
//! | RSA of 2048 bits to the limit, with an odd exponent of 3 or more | usable |
//! | a point of P-256, P-384, P-521 or Ed25519, on the curve, not of small order | usable |
//! | anything else | verifies nothing, and somebody should know |
//!
//! A member that is `null` or empty counts as absent.

use std::borrow::Cow;

use base64::Engine as _;
use serde_json::{Map, Value};

use super::json::BASE64URL;
use crate::{
    crypto::{Curve, PublicKey, PublicNumbers, SigningAlgorithm},
    protocol::quoted::Quoted,
};

/// A key that can verify a signature.
#[derive(Debug)]
pub(super) struct Key {
    /// Its position in the set.
    pub(super) number: usize,
    pub(super) kid: Option<Box<str>>,
    /// The one algorithm of the key, if it names one (RFC 7517 §4.4).
    pub(super) algorithm: Option<SigningAlgorithm>,
    pub(super) public: PublicKey,
}

/// Why a key cannot verify a signature.
pub(super) struct Unusable {
    pub(super) member: Option<&'static str>,
    pub(super) cause: Cow<'static, str>,
    /// It is for encryption, and nobody needs to be told.
    pub(super) is_for_encryption: bool,
}

impl Unusable {
    fn new(member: &'static str, cause: impl Into<Cow<'static, str>>) -> Self {
        Self {
            member: Some(member),
            cause: cause.into(),
            is_for_encryption: false,
        }
    }

    fn for_encryption(member: &'static str, value: &str) -> Self {
        let cause = format!(
            "`{member}` is {}, and a key for encryption verifies no signature: add a key for \
             signatures",
            Quoted(value)
        );
        Self {
            is_for_encryption: true,
            ..Self::new(member, cause)
        }
    }
}

impl Key {
    pub(super) fn read(number: usize, jwk: &Value, max_rsa_bits: usize) -> Result<Self, Unusable> {
        let Some(members) = jwk.as_object() else {
            return Err(Unusable {
                member: None,
                cause: "it must be an object".into(),
                is_for_encryption: false,
            });
        };
        let jwk = Jwk {
            members,
            max_rsa_bits,
        };
        jwk.check_use()?;
        let algorithm = jwk.algorithm()?;
        jwk.check_operations()?;
        let kid = jwk.text("kid")?;
        let public = match jwk.required("kty")? {
            "RSA" => jwk.rsa()?,
            "EC" => jwk.ec()?,
            "OKP" => jwk.okp()?,
            other => return Err(unknown_type(other)),
        };
        match algorithm {
            Some(algorithm) if !public.fits(algorithm) => Err(Unusable::new(
                "alg",
                format!(
                    "`alg` {algorithm} is not for a key of this `kty` and `crv`: fix it or leave \
                     it out"
                ),
            )),
            Some(_) | None => Ok(Self {
                number,
                kid: kid.map(Box::from),
                algorithm,
                public,
            }),
        }
    }

    pub(super) fn fits(&self, algorithm: SigningAlgorithm) -> bool {
        self.algorithm.is_none_or(|own| own == algorithm) && self.public.fits(algorithm)
    }
}

/// The `kid` of a key that may be broken.
pub(super) fn kid(jwk: &Value) -> Option<&str> {
    jwk.get("kid")?.as_str().filter(|kid| !kid.is_empty())
}

/// Whether two keys have the same numbers and the same `kid`.
pub(super) fn are_identical(jwk: &Value, other: &Value) -> bool {
    let are_equal = |name: &str| jwk.get(name) == other.get(name);
    kid(jwk) == kid(other)
        && ["kty", "crv", "x", "y", "n", "e"]
            .into_iter()
            .all(are_equal)
}

/// The members of one key (RFC 7517 §4).
struct Jwk<'a> {
    members: &'a Map<String, Value>,
    max_rsa_bits: usize,
}

impl<'a> Jwk<'a> {
    /// `null` and empty values count as absent.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(values) => !values.is_empty(),
            Value::Object(members) => !members.is_empty(),
            Value::Bool(_) | Value::Number(_) => true,
        })
    }

    fn text(&self, name: &'static str) -> Result<Option<&'a str>, Unusable> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Unusable::new(name, format!("`{name}` must be a string"))),
        }
    }

    fn required(&self, name: &'static str) -> Result<&'a str, Unusable> {
        self.text(name)?.ok_or_else(|| {
            let mut names = self.members.keys();
            let hint = if names.any(|it| it != name && it.eq_ignore_ascii_case(name)) {
                ": names are case-sensitive, so write it in lower case"
            } else if name.len() == 1 && self.get("x5c").is_some() {
                ": for signatures, the certificate in `x5c` is not read, so add the numbers of the key"
            } else {
                ""
            };
            Unusable::new(name, format!("`{name}` is missing{hint}"))
        })
    }

    fn bytes(&self, name: &'static str) -> Result<Vec<u8>, Unusable> {
        let text = self.required(name)?;
        let malformed = |hint| {
            let cause = format!("`{name}` must be base64url without padding (RFC 7515 §2): {hint}");
            Unusable::new(name, cause)
        };
        // It would be base64url, of another number.
        let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex && text.len() >= 32 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) {
            return Err(malformed("it is hexadecimal"));
        }
        BASE64URL.decode(text).map_err(|_| {
            malformed(if text.contains('=') {
                "remove the `=`"
            } else if text.contains(['+', '/']) {
                "write `-` for `+`, and `_` for `/`"
            } else if text.contains(|c: char| c.is_whitespace()) {
                "remove spaces and line breaks"
            } else {
                "encode the bytes again"
            })
        })
    }

    /// RFC 7517 §4.2. `tls` is from the directories of Open Banking.
    fn check_use(&self) -> Result<(), Unusable> {
        match self.text("use")? {
            None | Some("sig") => Ok(()),
            Some(name)
                if ["enc", "tls"]
                    .iter()
                    .any(|it| name.eq_ignore_ascii_case(it)) =>
            {
                Err(Unusable::for_encryption("use", name))
            }
            Some(other) => Err(Unusable::new(
                "use",
                format!("`use` is {}: write \"sig\", or leave it out", Quoted(other)),
            )),
        }
    }

    /// RFC 7517 §4.3.
    fn check_operations(&self) -> Result<(), Unusable> {
        let Some(operations) = self.get("key_ops") else {
            return Ok(());
        };
        let Some(operations) = operations.as_array() else {
            let cause = "`key_ops` must be an array of strings";
            return Err(Unusable::new("key_ops", cause));
        };
        let has = |name: &str| operations.iter().any(|operation| operation == name);
        match (has("verify"), has("sign")) {
            (true, _) => Ok(()),
            (false, true) => Err(Unusable::new(
                "key_ops",
                "`key_ops` has \"sign\" and no \"verify\": register the public key, with \"verify\" \
                 or without `key_ops`",
            )),
            (false, false) => Err(Unusable::for_encryption("key_ops", &names(operations))),
        }
    }

    /// RFC 7517 §4.4.
    fn algorithm(&self) -> Result<Option<SigningAlgorithm>, Unusable> {
        let Some(name) = self.text("alg")? else {
            return Ok(None);
        };
        name.parse().map(Some).map_err(|error| {
            if is_for_encryption(name) {
                Unusable::for_encryption("alg", name)
            } else {
                Unusable::new("alg", format!("`alg` {}: {error}", Quoted(name)))
            }
        })
    }

    /// RFC 7518 §6.3.1.
    fn rsa(&self) -> Result<PublicKey, Unusable> {
        let (n, e) = (&self.bytes("n")?, &self.bytes("e")?);
        self.public_key(PublicNumbers::Rsa { n, e })
    }

    /// RFC 7518 §6.2.1.
    fn ec(&self) -> Result<PublicKey, Unusable> {
        let curve = match self.required("crv")? {
            "P-256" => Curve::P256,
            "P-384" => Curve::P384,
            "P-521" => Curve::P521,
            other => return Err(unknown_curve(other)),
        };
        let (x, y) = (&self.bytes("x")?, &self.bytes("y")?);
        self.public_key(PublicNumbers::Ec { curve, x, y })
    }

    /// RFC 8037 §2.
    fn okp(&self) -> Result<PublicKey, Unusable> {
        match self.required("crv")? {
            "Ed25519" => {}
            name @ ("X25519" | "X448") => return Err(Unusable::for_encryption("crv", name)),
            other => return Err(unknown_curve(other)),
        }
        let x = &self.bytes("x")?;
        self.public_key(PublicNumbers::Ed25519 { x })
    }

    fn public_key(&self, numbers: PublicNumbers<'_>) -> Result<PublicKey, Unusable> {
        PublicKey::new(numbers, self.max_rsa_bits).map_err(|invalid| Unusable {
            member: invalid.member(),
            cause: invalid.to_string().into(),
            is_for_encryption: false,
        })
    }
}

/// The algorithms of RFC 7518 §4.1 and their successors.
fn is_for_encryption(alg: &str) -> bool {
    const STARTS: [&str; 8] = [
        "RSA1_5", "RSA-OAEP", "ECDH-", "A128", "A192", "A256", "PBES2-", "HPKE-",
    ];
    alg == "dir" || STARTS.iter().any(|start| alg.starts_with(start))
}

fn unknown_type(kty: &str) -> Unusable {
    let instead = match kty {
        "oct" => "is a secret and not a public key: a client of `private_key_jwt` has a key pair",
        "RSA-HSM" => "is a name of one vendor: write \"RSA\"",
        "EC-HSM" => "is a name of one vendor: write \"EC\"",
        _ if kty.eq_ignore_ascii_case("RSA") => "is in another case: write \"RSA\"",
        _ if kty.eq_ignore_ascii_case("EC") => "is in another case: write \"EC\"",
        _ if kty.eq_ignore_ascii_case("OKP") => "is in another case: write \"OKP\"",
        _ => "is not supported: use \"RSA\", \"EC\" or \"OKP\"",
    };
    Unusable::new("kty", format!("`kty` {} {instead}", Quoted(kty)))
}

fn unknown_curve(crv: &str) -> Unusable {
    let instead = match crv.to_ascii_lowercase().as_str() {
        "p-256" | "p256" | "secp256r1" | "prime256v1" | "nistp256" => "write \"P-256\"",
        "p-384" | "p384" | "secp384r1" | "nistp384" => "write \"P-384\"",
        "p-521" | "p521" | "p-512" | "secp521r1" | "nistp521" => "write \"P-521\"",
        "ed25519" => "write \"Ed25519\", with the `kty` \"OKP\"",
        _ => "use P-256, P-384 or P-521 with the `kty` \"EC\", or Ed25519 with \"OKP\"",
    };
    Unusable::new(
        "crv",
        format!("`crv` {} is not supported: {instead}", Quoted(crv)),
    )
}

fn names(operations: &[Value]) -> String {
    let names: Vec<_> = operations
        .iter()
        .filter_map(Value::as_str)
        .take(8)
        .collect();
    names.join(" ")
}

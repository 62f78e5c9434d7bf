//! The public keys of a client (RFC 7517 §5).
//!
//! A key that cannot verify a signature is skipped, as RFC 7517 §5 recommends. Two identical
//! keys are one.

use std::{fmt, iter};

use serde_json::Value;

pub(crate) use super::skipped::{SkippedKey, StillUsedFor};
use super::{
    certified_key::CertifiedKeys,
    choice,
    jwk::{self, Key},
};
use crate::{
    crypto::{Certificate, MAX_RSA_BITS, PublicKey, SigningAlgorithm},
    protocol::reason::RejectionReason,
};

/// The keys of a set that can verify a signature, and those that certificates are compared with.
#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Box<[Key]>,
    skipped: Box<[SkippedKey]>,
    certified: CertifiedKeys,
}

/// Whether a set has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HasKey {
    Yes,
    /// It has a key without `kid`, which is used if no other set has a key with this `kid`.
    Perhaps,
    No,
    /// It has none that could be used like this one: the client took its keys out of use.
    Nothing,
}

impl HasKey {
    /// Whether the set can be used if there is no other.
    pub(crate) const fn is_usable(self) -> bool {
        matches!(self, Self::Yes | Self::Perhaps)
    }
}

/// Error returned when a set cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySetError {
    /// It is not a set of keys.
    NotASet(String),
    /// None of its keys verifies signatures.
    NoKey(Vec<SkippedKey>),
    /// No certificate is that of one of its keys.
    NoCertifiedKey(Vec<SkippedKey>),
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASet(problem) => f.write_str(problem),
            Self::NoKey(skipped) | Self::NoCertifiedKey(skipped) => {
                f.write_str(match self {
                    Self::NoCertifiedKey(_) => "none of its keys can be that of a certificate",
                    Self::NoKey(_) | Self::NotASet(_) => "none of its keys verifies signatures",
                })?;
                let starts = iter::once(": ").chain(iter::repeat("; "));
                starts
                    .zip(skipped)
                    .try_for_each(|(start, key)| write!(f, "{start}{key}"))
            }
        }
    }
}

impl std::error::Error for KeySetError {}

/// More than any client has. Each key takes work to read, and a fetched set comes from the
/// client.
const MAX_KEYS: usize = 64;

impl KeySet {
    /// Reads a registered set, in which a key must verify signatures.
    pub(crate) fn registered(jwks: &Value, max_rsa_bits: usize) -> Result<Self, KeySetError> {
        let read = Read::new(jwks, max_rsa_bits)?;
        match read.keys.is_empty() {
            true => Err(KeySetError::NoKey(read.all_skipped())),
            false => Ok(read.into()),
        }
    }

    /// Reads a registered set of a client that has no keys for signatures. A certificate must be able to be
    /// that of a key.
    pub(crate) fn of_certificates(jwks: &Value) -> Result<Self, KeySetError> {
        let (certified, skipped) = CertifiedKeys::read(members(jwks)?, true);
        match certified.is_empty() {
            true => Err(KeySetError::NoCertifiedKey(skipped)),
            false => Ok(Self {
                keys: Box::default(),
                skipped: skipped.into(),
                certified,
            }),
        }
    }

    /// Reads a fetched set. A set without a usable key is accepted: the client took its keys
    /// out of use. How large an RSA key may be is decided when it is used, by the settings of
    /// the layer.
    pub(crate) fn fetched(json: &[u8]) -> Result<Self, KeySetError> {
        let jwks: Value = serde_json::from_slice(json)
            // The error of serde could quote the response.
            .map_err(|error| {
                KeySetError::NotASet(format!("not valid JSON at line {}", error.line()))
            })?;
        Read::new(&jwks, MAX_RSA_BITS).map(Self::from)
    }

    /// The keys that were skipped, and that are not for encryption.
    pub(crate) fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// Whether no key of the set can verify a signature.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that no header can choose, since another key always fits it as well.
    /// `algorithm` is the only one of the client, if it registered one.
    ///
    /// # Errors
    ///
    /// Returns them as an error if no key at all can be chosen.
    pub(crate) fn never_chosen(
        &self,
        algorithm: Option<SigningAlgorithm>,
    ) -> Result<Vec<SkippedKey>, Vec<SkippedKey>> {
        match choice::never_chosen(&self.keys, algorithm) {
            (never, true) => Ok(never),
            (never, false) => Err(never),
        }
    }

    /// Whether the set has the key that this header asks for, or whether another set may have
    /// it. If several keys fit, another set would not help.
    pub(crate) fn has(&self, algorithm: SigningAlgorithm, kid: Option<&str>) -> HasKey {
        match self.find(algorithm, kid) {
            Err(_) if self.is_empty() => HasKey::Nothing,
            Err(RejectionReason::UnknownKey) => HasKey::No,
            Ok(_) if kid.is_some_and(|kid| !self.has_named(kid)) => HasKey::Perhaps,
            Ok(_) | Err(_) => HasKey::Yes,
        }
    }

    /// Whether a key of the set is that of the certificate.
    pub(crate) fn has_key_of(&self, certificate: &Certificate) -> HasKey {
        if self.certified.have(certificate) {
            HasKey::Yes
        } else if self.certified.is_empty() {
            HasKey::Nothing
        } else {
            HasKey::No
        }
    }

    fn has_named(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid.as_deref() == Some(kid))
    }

    /// Finds the one key that verifies an assertion with this header.
    ///
    /// If several fit, the header must name one, as OpenID Connect Core §10.1 requires. If
    /// they were tried one after the other, the time would tell how many there are. If only one
    /// fits and it has no name, a name in the header does not contradict it: many clients
    /// register one key without `kid` and sign with a library that always sends one.
    pub(crate) fn find(
        &self,
        algorithm: SigningAlgorithm,
        kid: Option<&str>,
    ) -> Result<&PublicKey, RejectionReason> {
        let fitting = || self.keys.iter().filter(|key| key.fits(algorithm));
        let mut named = fitting().filter(|key| kid.is_none() || key.kid.as_deref() == kid);
        match (named.next(), named.next()) {
            (Some(key), None) => return Ok(&key.public),
            (Some(_), Some(_)) => return Err(RejectionReason::AmbiguousKey),
            (None, _) => {}
        }
        let mut fitting = fitting();
        match (fitting.next(), fitting.next()) {
            (Some(only), None) if only.kid.is_none() => Ok(&only.public),
            _ => Err(RejectionReason::UnknownKey),
        }
    }

    /// Prepares the keys for this algorithm, or for all that they fit, so that the first use
    /// of a key takes no longer than the next.
    pub(crate) fn prepare(&self, only: Option<SigningAlgorithm>) {
        for key in &*self.keys {
            SigningAlgorithm::ALL
                .into_iter()
                .filter(|&algorithm| only.is_none_or(|only| only == algorithm))
                .filter(|&algorithm| key.fits(algorithm))
                .for_each(|algorithm| key.public.prepare(algorithm));
        }
    }

    /// Whether a key of the set is for this algorithm.
    pub(crate) fn has_key_for(&self, algorithm: SigningAlgorithm) -> bool {
        self.keys.iter().any(|key| key.fits(algorithm))
    }
}

/// The keys of a set that are private, which nobody but their owner should have.
pub(crate) fn private_keys(jwks: &Value) -> impl Iterator<Item = SkippedKey> {
    let keys = jwks.get("keys").and_then(Value::as_array);
    let keys = keys.into_iter().flatten().enumerate();
    let private = keys.filter(|(_, jwk)| jwk.get("d").is_some_and(|d| !d.is_null() && d != ""));
    private.map(|(number, jwk)| {
        SkippedKey::new(
            number,
            jwk::kid(jwk),
            Some("d"),
            "`d` is the private key, which only the client should have: register the key without \
             it, and have the client make a new key",
        )
    })
}

/// The keys of a set that have a private or a symmetric part (RFC 7518 §6.2.2, §6.3.2, §6.4.1; `priv` is of
/// keys of the type AKP).
pub(crate) fn secret_keys(jwks: &Value) -> impl Iterator<Item = SkippedKey> {
    const SECRET: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
    let keys = jwks.get("keys").and_then(Value::as_array);
    let keys = keys.into_iter().flatten().enumerate();
    keys.filter_map(|(number, jwk)| {
        let mut members = SECRET.into_iter();
        let member = members.find(|name| jwk.get(name).is_some_and(|it| !it.is_null()))?;
        Some(SkippedKey::new(
            number,
            jwk::kid(jwk),
            Some(member),
            "it is a part of the key that only the client may have: publish the public key without \
             it, and make a new key",
        ))
    })
}

/// A set that was read, also what verifies nothing.
#[derive(Default)]
struct Read {
    keys: Vec<Key>,
    skipped: Vec<SkippedKey>,
    for_encryption: Vec<SkippedKey>,
    certified: CertifiedKeys,
}

impl Read {
    fn new(jwks: &Value, max_rsa_bits: usize) -> Result<Self, KeySetError> {
        let jwks = members(jwks)?;
        let mut read = Self::default();
        for (number, jwk) in jwks.iter().enumerate() {
            match Key::read(number, jwk, max_rsa_bits) {
                Ok(key) => add(&mut read.keys, key, |one, other| {
                    jwk::are_identical(&jwks[one], &jwks[other])
                }),
                Err(unusable) => {
                    let (member, cause) = (unusable.member, unusable.cause);
                    let skipped = SkippedKey::new(number, jwk::kid(jwk), member, cause);
                    match unusable.is_for_encryption {
                        true => read.for_encryption.push(skipped),
                        false => read.skipped.push(skipped),
                    }
                }
            }
        }
        let (certified, skipped) = CertifiedKeys::read(jwks, false);
        for key in &mut read.skipped {
            if certified.have_only_certificate_of(key.number) {
                key.is_used_for = StillUsedFor::OnlyCertificates;
            }
        }
        read.certified = certified;
        for mut key in skipped {
            let told = read.skipped.iter_mut().find(|it| it.number == key.number);
            match told {
                Some(told) => told.cause = format!("{}; {}", told.cause, key.cause).into(),
                None => {
                    if !read.for_encryption.iter().any(|it| it.number == key.number) {
                        key.is_used_for = StillUsedFor::OnlyAssertions;
                    }
                    read.skipped.push(key);
                }
            }
        }
        Ok(read)
    }

    fn all_skipped(mut self) -> Vec<SkippedKey> {
        self.skipped.append(&mut self.for_encryption);
        self.skipped.sort_by_key(|key| key.number);
        self.skipped
    }
}

impl From<Read> for KeySet {
    fn from(read: Read) -> Self {
        Self {
            keys: read.keys.into(),
            skipped: read.skipped.into(),
            certified: read.certified,
        }
    }
}

/// Adds a key, if it is not there. Of two identical keys, one that names no algorithm is for
/// all that the other one is for.
fn add(keys: &mut Vec<Key>, key: Key, are_identical: impl Fn(usize, usize) -> bool) {
    let is_same = |other: &Key| are_identical(key.number, other.number);
    match key.algorithm {
        None => keys.retain(|other| !is_same(other)),
        Some(own) => {
            let covers = |other: &Key| other.algorithm.is_none_or(|it| it == own);
            if keys.iter().any(|other| covers(other) && is_same(other)) {
                return;
            }
        }
    }
    keys.push(key);
}

fn members(jwks: &Value) -> Result<&[Value], KeySetError> {
    let Some(keys) = jwks.get("keys").and_then(Value::as_array) else {
        return Err(KeySetError::NotASet(not_a_set(jwks).into()));
    };
    if keys.len() > MAX_KEYS {
        return Err(KeySetError::NotASet(format!(
            "it has {} keys: register at most {MAX_KEYS}",
            keys.len()
        )));
    }
    Ok(keys)
}

/// What was found instead of a set.
fn not_a_set(jwks: &Value) -> &'static str {
    match jwks {
        Value::String(text) if text.contains("-----BEGIN") => {
            "it is a key in PEM: convert it to a JWK, and write {\"keys\": [ the JWK ]}"
        }
        Value::String(_) => {
            "it is a string: write the set itself, without quotes around it, as {\"keys\": […]}"
        }
        Value::Array(_) => "it is an array: write {\"keys\": the array}",
        Value::Object(members) if members.contains_key("kty") => {
            "it is one key and not a set: write {\"keys\": [ the key ]}"
        }
        Value::Object(members) if members.get("key").is_some_and(Value::is_object) => {
            "it is one key and not a set: write {\"keys\": [ what is in `key` ]}"
        }
        Value::Object(members) if members.contains_key("keys") => "`keys` must be an array of keys",
        Value::Object(members) if members.values().any(is_pem) => {
            "it has keys in PEM: convert each of them to a JWK, and write {\"keys\": […]}"
        }
        Value::Object(members) if members.contains_key("ciphertext") => {
            "it is encrypted: decrypt it, and write {\"keys\": […]} with the public keys"
        }
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {
            "it must be an object with an array `keys` (RFC 7517 §5)"
        }
    }
}

fn is_pem(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.contains("-----BEGIN"))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use serde_json::json;

    use super::*;
    use crate::protocol::jwt::json::BASE64URL;

    const X: &str = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
    const Y: &str = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";
    /// The public key of RFC 8037 A.2.
    const ED25519: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn ec(changes: Value) -> Value {
        with(
            json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y}),
            changes,
        )
    }

    fn rsa(n: &[u8], e: &[u8]) -> Value {
        json!({"kty": "RSA", "n": BASE64URL.encode(n), "e": BASE64URL.encode(e)})
    }

    fn okp(x: &str) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": x})
    }

    fn with(mut key: Value, changes: Value) -> Value {
        let Value::Object(changes) = changes else {
            panic!("an object")
        };
        for (name, value) in changes {
            key[name] = value;
        }
        key
    }

    fn load(keys: impl Into<Vec<Value>>) -> Result<KeySet, KeySetError> {
        KeySet::registered(&json!({ "keys": keys.into() }), 4096)
    }

    fn find(
        keys: &[Value],
        algorithm: SigningAlgorithm,
        kid: Option<&str>,
    ) -> Result<(), RejectionReason> {
        let keys = load(keys).unwrap_or_else(|error| panic!("{error}"));
        keys.find(algorithm, kid).map(|_| ())
    }

    #[test]
    fn a_broken_key_is_named_and_the_others_of_its_set_are_used() {
        let odd = |len: usize| vec![0xc5; len];
        let with_top = |top: u8| [&[top][..], &odd(255)].concat();
        let mistakes = [
            (json!("key"), "must be an object"),
            (json!({}), "`kty` is missing"),
            (json!({"kty": 1}), "`kty` must be a string"),
            (ec(json!({"kid": 1})), "`kid` must be a string"),
            (
                ec(json!({"kid": "long ".repeat(100), "x": "AA"})),
                "`x` has 1 bytes",
            ),
            (ec(json!({"key_ops": "verify"})), "`key_ops` must be"),
            (
                ec(json!({"key_ops": ["sign"], "kid": "k"})),
                "\"sign\" and no \"verify\"",
            ),
            (ec(json!({"use": "SIG"})), "`use` is \"SIG\""),
            (ec(json!({"use": ["sig"]})), "`use` must be a string"),
            (ec(json!({"alg": "ES256K"})), "`alg` \"ES256K\""),
            (ec(json!({"alg": 7})), "`alg` must be a string"),
            (ec(json!({"kty": "ec"})), "write \"EC\""),
            (json!({"kty": "rsa"}), "write \"RSA\""),
            (json!({"kty": "okp"}), "write \"OKP\""),
            (ec(json!({"kty": "EC-HSM"})), "write \"EC\""),
            (ec(json!({"kty": "AKP"})), "not supported"),
            (ec(json!({"crv": "prime256v1"})), "write \"P-256\""),
            (ec(json!({"crv": "ed25519"})), "write \"Ed25519\""),
            (ec(json!({"crv": "secp384r1"})), "write \"P-384\""),
            (ec(json!({"crv": "secp521r1"})), "write \"P-521\""),
            (ec(json!({"crv": "secp256k1"})), "not supported"),
            (ec(json!({"crv": null})), "`crv` is missing"),
            (ec(json!({"x": null})), "`x` is missing"),
            (ec(json!({"x": "", "x5c": ["MII"]})), "`x5c` is not read"),
            (ec(json!({"x": "a+b/"})), "write `-` for `+`"),
            (ec(json!({"x": "a\nb"})), "remove spaces"),
            (ec(json!({"x": "a:b"})), "encode the bytes again"),
            (
                ec(
                    json!({"x": "30a0424cd21c2944838a2d75c92b37e76ea20d9f00893a3b4eee8a3c0aafec3e"}),
                ),
                "hexadecimal",
            ),
            (json!({"Kty": "RSA"}), "lower case"),
            (json!({"kty": "RSA", "N": "AA", "E": "AQAB"}), "lower case"),
            (json!({"kty": "oct", "k": "AA"}), "is a secret"),
            (
                json!({"kty": "RSA", "n": "AA", "e": 65537}),
                "`e` must be a string",
            ),
            (ec(json!({"x": "AA"})), "`x` has 1 bytes"),
            (ec(json!({"x": Y})), "not a point of the curve"),
            (ec(json!({"y": format!("{Y}=")})), "base64url"),
            (ec(json!({"crv": "P-384"})), "`x` has 32 bytes"),
            (ec(json!({"alg": "ES384"})), "`alg` ES384"),
            (ec(json!({"alg": "HS256"})), "`alg` HS256"),
            (rsa(&odd(128), &[1, 0, 1]), "1024 bits"),
            (rsa(&with_top(0x7f), &[1, 0, 1]), "2047 bits"),
            (rsa(&odd(1025), &[1, 0, 1]), "8200 bits"),
            (rsa(&with_top(0), &[1, 0, 1]), "zero byte"),
            (rsa(&odd(256), &[0, 3]), "zero byte"),
            (rsa(&[&odd(255)[..], &[2]].concat(), &[3]), "even"),
            (rsa(&odd(256), &[]), "`e` is missing"),
            (rsa(&odd(256), &[1]), "odd number"),
            (rsa(&odd(256), &[2]), "odd number"),
            (rsa(&odd(256), &[1, 0, 0, 0, 1]), "so large"),
            (okp("AA"), "1 bytes"),
            // y = 2 is not a point of edwards25519.
            (
                okp("AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                "not a point",
            ),
            // y = p + 2, which would be 2; and p + 3, which would be the point of y = 3.
            (
                okp("7________________________________________38"),
                "not reduced",
            ),
            (
                okp("8P_______________________________________38"),
                "not reduced",
            ),
        ];
        for (key, problem) in mistakes {
            if cfg!(not(feature = "jwt")) && problem.contains("not a point") {
                continue;
            }
            let error = load([key.clone()]).err().unwrap_or_else(|| panic!("{key}"));
            let KeySetError::NoKey(skipped) = &error else {
                panic!("{key}: {error}");
            };
            assert_eq!(skipped.len(), 1, "{error}");
            assert!(skipped[0].to_string().contains(problem), "{key}: {error}");

            let set = json!({"keys": [ec(json!({"kid": "0"})), key]});
            let registered =
                KeySet::registered(&set, 4096).unwrap_or_else(|error| panic!("{error}"));
            let text = set.to_string();
            let fetched = KeySet::fetched(text.as_bytes());
            let fetched = fetched.unwrap_or_else(|error| panic!("{error}"));
            for set in [registered, fetched] {
                assert_eq!(set.keys.len(), 1, "{text}");
                let [skipped] = set.skipped() else {
                    panic!("{text}: {:?}", set.skipped());
                };
                assert_eq!(skipped.number, 1, "{text}");
                assert_eq!(skipped.kid.as_deref(), set_kid(&text), "{text}");
                assert!(skipped.cause.contains(problem), "{skipped}");
                if let Some(member) = skipped.member {
                    let names_it = skipped.cause.contains(&format!("`{member}`"));
                    assert!(names_it || member == "n", "{skipped}");
                }
            }
        }
    }

    #[test]
    fn a_hint_is_given_only_for_what_it_helps_with() {
        for (key, cause) in [
            (ec(json!({"x": ""})), "`x` is missing"),
            (ec(json!({"crv": "", "x5c": ["MII"]})), "`crv` is missing"),
        ] {
            let Err(KeySetError::NoKey(skipped)) = load([key.clone()]) else {
                panic!("{key}");
            };
            assert_eq!(skipped[0].cause, cause, "{key}");
        }
    }

    #[test]
    fn all_small_order_encodings_are_refused() {
        // y-coordinates 0, 1, p-1, p, p+1, and those of order 8: little-endian (RFC 8032 §5.1.2).
        for y in [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ] {
            let byte = |at: usize| u8::from_str_radix(&y[2 * at..2 * at + 2], 16).expect("hex");
            let mut point: [u8; 32] = std::array::from_fn(byte);
            for sign in [0, 0x80] {
                point[31] = point[31] & 0x7f | sign;
                let error = load([okp(&BASE64URL.encode(point))]).expect_err(y);
                assert!(error.to_string().contains("small order"), "{y}: {error}");
            }
        }
    }

    /// The `kid` of the second key as an error shows it.
    fn set_kid(set: &str) -> Option<&str> {
        let (_, second) = set.split_once("\"kid\":\"0\"")?;
        let (_, kid) = second.split_once("\"kid\":\"")?;
        let kid = kid.split_once('"')?.0;
        Some(if kid.len() > 64 { LONG_KID } else { kid })
    }

    const LONG_KID: &str = "long long long long long long long long long long long long long…";

    #[test]
    fn keys_for_encryption_are_skipped_silently() {
        let idle = [
            ec(json!({"use": "enc", "x": "AA"})),
            ec(json!({"use": "ENC"})),
            ec(json!({"use": "tls"})),
            ec(json!({"use": "enc", "alg": 5})),
            ec(json!({"key_ops": ["deriveKey"]})),
            ec(json!({"key_ops": ["encrypt", "wrapKey", "unwrapKey", "decrypt"]})),
            ec(json!({"alg": "ECDH-ES"})),
            ec(json!({"alg": "ECDH-ES+A256KW", "crv": "P-256K"})),
            ec(json!({"alg": "RSA-OAEP-256"})),
            ec(json!({"alg": "RSA1_5"})),
            ec(json!({"alg": "dir"})),
            ec(json!({"alg": "A256GCM", "kty": "oct"})),
            json!({"kty": "OKP", "crv": "X25519", "x": "AA"}),
            json!({"kty": "OKP", "crv": "X448", "x": "AA"}),
        ];
        for key in &idle {
            assert!(load([key.clone()]).is_err(), "{key}");
            let keys = [
                key.clone(),
                ec(json!({"use": "sig", "key_ops": ["verify"]})),
            ];
            assert_eq!(find(&keys, SigningAlgorithm::ES256, None), Ok(()), "{key}");
            let keys = load(keys).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(keys.skipped(), [], "{key}");
        }
        assert!(load(idle).is_err());
    }

    #[test]
    fn null_and_empty_members_count_as_absent() {
        for value in [json!(null), json!(""), json!([]), json!({})] {
            let members = json!({"use": value, "alg": value, "kid": value, "key_ops": value});
            let keys = load([ec(members)]).unwrap_or_else(|error| panic!("{value}: {error}"));
            assert_eq!(keys.skipped(), []);
            let [key] = &*keys.keys else {
                panic!("{value}")
            };
            assert_eq!((&key.kid, key.algorithm), (&None, None), "{value}");
        }
    }

    #[test]
    fn two_identical_keys_are_one() {
        use SigningAlgorithm::{ES256, PS256, RS256};
        let rsa = |changes| with(rsa(&[0xc5; 256], &[1, 0, 1]), changes);
        let of_alg = |alg: &str| json!({"kid": "1", "alg": alg});
        for (keys, left, algorithm) in [
            (vec![ec(json!({})), ec(json!({}))], 1, ES256),
            (
                vec![ec(json!({})), ec(json!({"kid": "", "use": "sig"}))],
                1,
                ES256,
            ),
            (
                vec![ec(json!({"kid": "1"})), ec(json!({"kid": "1", "x5t": "x"}))],
                1,
                ES256,
            ),
            (vec![ec(json!({"kid": "1"})), ec(of_alg("ES256"))], 1, ES256),
            (vec![ec(of_alg("ES256")), ec(json!({"kid": "1"}))], 1, ES256),
            (vec![rsa(of_alg("RS256")), rsa(of_alg("PS256"))], 2, RS256),
            (
                vec![
                    rsa(of_alg("RS256")),
                    rsa(of_alg("PS256")),
                    rsa(json!({"kid": "1"})),
                ],
                1,
                PS256,
            ),
            (vec![rsa(of_alg("RS256")); 64], 1, RS256),
        ] {
            let set = load(keys.clone()).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(set.keys.len(), left, "{keys:?}");
            assert!(
                set.find(algorithm, keys[0]["kid"].as_str()).is_ok(),
                "{keys:?}"
            );
            assert_eq!(set.never_chosen(None), Ok(Vec::new()), "{keys:?}");
        }
    }

    #[test]
    fn keys_that_no_header_can_choose_are_named() {
        use SigningAlgorithm::{ES256, PS256, RS256};
        let rsa = |changes| with(rsa(&[0xc5; 256], &[1, 0, 1]), changes);
        let other_rsa = |changes| rsa(with(json!({"e": "Aw"}), changes));
        let one = |kid: &str| rsa(json!({ "kid": kid }));
        let other = |kid: &str| other_rsa(json!({ "kid": kid }));
        let alg = |alg: &str| other_rsa(json!({ "kid": "1", "alg": alg }));
        let all = Err;
        let some = Ok;
        for (keys, algorithm, expected) in [
            (vec![one("1"), other("2")], None, some(vec![])),
            (vec![one("1"), other("1")], None, all(vec![0, 1])),
            (vec![one(""), other("")], None, all(vec![0, 1])),
            (vec![one("1"), other("")], None, some(vec![1])),
            (vec![one(""), other("1")], None, some(vec![0])),
            (
                vec![one("1"), other("1"), ec(json!({}))],
                None,
                some(vec![0, 1]),
            ),
            (
                vec![one("1"), other("1"), ec(json!({}))],
                Some(RS256),
                all(vec![0, 1]),
            ),
            (
                vec![one("1"), other("1"), ec(json!({}))],
                Some(ES256),
                some(vec![]),
            ),
            // By the algorithms that the other one is not for.
            (vec![one("1"), alg("PS256")], None, some(vec![1])),
            (vec![one("1"), alg("PS256")], Some(RS256), some(vec![])),
            (vec![one("1"), alg("PS256")], Some(PS256), all(vec![0, 1])),
            (
                vec![rsa(json!({"kid": "1", "alg": "RS256"})), alg("PS256")],
                None,
                some(vec![]),
            ),
        ] {
            let set = load(keys.clone()).unwrap_or_else(|error| panic!("{error}"));
            let numbers = |never: Vec<SkippedKey>| -> Vec<_> {
                assert!(never.iter().all(|key| key.member == Some("kid")));
                never.iter().map(|key| key.number).collect()
            };
            let found = set.never_chosen(algorithm).map(numbers).map_err(numbers);
            assert_eq!(found, expected, "{keys:?} {algorithm:?}");
        }
    }

    #[test]
    fn what_is_not_a_set_is_refused() {
        assert!(KeySet::registered(&json!({"keys": {}}), 4096).is_err());
        assert!(KeySet::registered(&json!([]), 4096).is_err());
        for (jwks, says) in [
            (json!("-----BEGIN PUBLIC KEY-----\n"), "PEM"),
            (json!({"1": "-----BEGIN CERTIFICATE-----\n"}), "PEM"),
            (json!("{\"keys\":[]}"), "without quotes"),
            (json!([ec(json!({}))]), "{\"keys\": the array}"),
            (ec(json!({})), "one key and not a set"),
            (json!({"key": ec(json!({}))}), "one key and not a set"),
            (
                json!({"keys": ec(json!({}))}),
                "`keys` must be an array of keys",
            ),
            (json!({"protected": "a", "ciphertext": "b"}), "encrypted"),
            (json!(5), "array `keys`"),
        ] {
            let error = KeySet::registered(&jwks, 4096)
                .err()
                .unwrap_or_else(|| panic!("{jwks}"));
            assert!(error.to_string().contains(says), "{jwks}: {error}");
        }
        assert!(load(vec![ec(json!({})); 64]).is_ok());
        assert!(load(vec![ec(json!({})); 65]).is_err());
        for json in ["", "{}", "[]", "null", "{\"keys\":{}}"] {
            assert!(KeySet::fetched(json.as_bytes()).is_err(), "{json}");
        }
        for json in ["{\"keys\":[]}", "{\"keys\":[null]}"] {
            let keys = KeySet::fetched(json.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
            let found = keys.find(SigningAlgorithm::ES256, None);
            assert_eq!(
                found.map(|_| ()),
                Err(RejectionReason::UnknownKey),
                "{json}"
            );
        }
    }

    #[test]
    fn the_key_that_fits_header_and_algorithm() {
        use SigningAlgorithm::{ES256, ES384, Ed25519, PS256, RS256};
        let rsa = rsa(&[0xc5; 256], &[1, 0, 1]);
        let keys = [
            ec(json!({"kid": "a"})),
            ec(json!({"kid": "b"})),
            with(rsa.clone(), json!({"kid": "a", "alg": "PS256"})),
            with(okp(ED25519), json!({"alg": "EdDSA"})),
        ];
        for (algorithm, kid, expected) in [
            (ES256, Some("a"), Ok(())),
            (ES256, Some("b"), Ok(())),
            (ES256, Some("c"), Err(RejectionReason::UnknownKey)),
            (ES256, Some(""), Err(RejectionReason::UnknownKey)),
            (ES256, None, Err(RejectionReason::AmbiguousKey)),
            (ES384, Some("a"), Err(RejectionReason::UnknownKey)),
            (PS256, Some("a"), Ok(())),
            (PS256, None, Ok(())),
            (RS256, Some("a"), Err(RejectionReason::UnknownKey)),
            (Ed25519, None, Ok(())),
            (Ed25519, Some("a"), Ok(())),
        ] {
            assert_eq!(find(&keys, algorithm, kid), expected, "{algorithm} {kid:?}");
        }
        assert_eq!(find(&[rsa], RS256, None), Ok(()));
    }

    #[test]
    #[rustfmt::skip]
    fn a_kid_and_the_keys_that_fit() {
        // Their moduli differ, so that no two are the same key.
        let unnamed = || rsa(&[0xc5; 256], &[1, 0, 1]);
        let other_unnamed = || rsa(&[0xc7; 256], &[1, 0, 1]);
        let named = |kid| with(rsa(&[0xc9; 256], &[1, 0, 1]), json!({ "kid": kid }));
        let other_named = |kid| with(rsa(&[0xcb; 256], &[1, 0, 1]), json!({ "kid": kid }));
        let unknown = Err(RejectionReason::UnknownKey);
        let ambiguous = Err(RejectionReason::AmbiguousKey);
        for (name, keys, kid, expected) in [
            ("one, without kid",                vec![unnamed()],                        Some("a"), Ok(())),
            ("one, without kid, none sent",     vec![unnamed()],                        None,      Ok(())),
            ("one, without kid, an empty one",  vec![unnamed()],                        Some(""),  Ok(())),
            ("one, of this kid",                vec![named("a")],                       Some("a"), Ok(())),
            ("one, of another kid",             vec![named("b")],                       Some("a"), unknown),
            ("one, of another kid, none sent",  vec![named("b")],                       None,      Ok(())),
            ("two, without kid",                vec![unnamed(), other_unnamed()],       Some("a"), unknown),
            ("two, without kid, none sent",     vec![unnamed(), other_unnamed()],       None,      ambiguous),
            ("this kid, and one without",       vec![unnamed(), named("a")],            Some("a"), Ok(())),
            ("another kid, and one without",    vec![unnamed(), named("b")],            Some("a"), unknown),
            ("one without, and another type",   vec![okp(ED25519), unnamed()],          Some("a"), Ok(())),
            ("this kid of another type",        vec![with(okp(ED25519), json!({"kid": "a"})), unnamed()], Some("a"), Ok(())),
            ("two of this kid",                 vec![named("a"), other_named("a")],     Some("a"), ambiguous),
            ("another type alone",              vec![okp(ED25519)],                     Some("a"), unknown),
        ] {
            let keys = json!({ "keys": keys }).to_string();
            let keys = KeySet::fetched(keys.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
            let found = keys.find(SigningAlgorithm::RS256, kid).map(|_| ());
            assert_eq!(found, expected, "{name}");
        }
    }
}

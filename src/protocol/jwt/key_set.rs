//! The public keys of a client (RFC 7517 §5).
//!
//! If a key of a registered set is not valid, the client is refused, since somebody is
//! there to fix it. In a fetched set, the key is skipped.

use std::fmt;

use serde_json::Value;

use super::jwk::Key;
use crate::{
    crypto::{MAX_RSA_BITS, PublicKey, SigningAlgorithm},
    protocol::reason::RejectionReason,
};

/// The keys of a set that can verify a signature.
#[derive(Debug)]
pub(crate) struct KeySet(Box<[Key]>);

/// Error returned when a set cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeySetError(String);

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeySetError {}

/// More than any client has. Each key takes work to read, and a fetched set comes from the
/// client.
const MAX_KEYS: usize = 64;

impl KeySet {
    /// Reads a registered set, in which every key must be valid.
    pub(crate) fn registered(jwks: &Value, max_rsa_bits: usize) -> Result<Self, KeySetError> {
        let mut keys = Vec::new();
        for (index, jwk) in members(jwks)?.iter().enumerate() {
            match Key::read(jwk, max_rsa_bits) {
                Ok(Some(key)) => keys.push(key),
                Ok(None) => {}
                Err(problem) => return Err(KeySetError(format!("key {index}: {problem}"))),
            }
        }
        if keys.is_empty() {
            return Err(KeySetError(
                "none of its keys verifies signatures: add an RSA, EC (P-256, P-384, P-521) or \
                 Ed25519 key with `use` \"sig\" or without `use`"
                    .into(),
            ));
        }
        Ok(Self(keys.into()))
    }

    /// Reads a fetched set, and skips keys that are not valid. A set without a usable key
    /// is accepted: the client took its keys out of use. How large an RSA key may be is
    /// decided when it is used, by the settings of the layer.
    pub(crate) fn fetched(json: &[u8]) -> Result<Self, KeySetError> {
        let jwks: Value = serde_json::from_slice(json)
            // The error of serde could quote the response.
            .map_err(|error| KeySetError(format!("not valid JSON at line {}", error.line())))?;
        let keys = members(&jwks)?;
        let keys = keys.iter().map(|jwk| Key::read(jwk, MAX_RSA_BITS));
        Ok(Self(keys.filter_map(|key| key.ok().flatten()).collect()))
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
        let fitting = || self.0.iter().filter(|key| key.fits(algorithm));
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
        for key in &self.0 {
            SigningAlgorithm::ALL
                .into_iter()
                .filter(|&algorithm| only.is_none_or(|only| only == algorithm))
                .filter(|&algorithm| key.fits(algorithm))
                .for_each(|algorithm| key.public.prepare(algorithm));
        }
    }

    /// Whether a key of the set is for this algorithm.
    pub(crate) fn has_key_for(&self, algorithm: SigningAlgorithm) -> bool {
        self.0.iter().any(|key| key.fits(algorithm))
    }
}

fn members(jwks: &Value) -> Result<&[Value], KeySetError> {
    let keys = jwks
        .get("keys")
        .and_then(Value::as_array)
        .ok_or_else(|| KeySetError("it must be an object with an array `keys`".into()))?;
    if keys.len() > MAX_KEYS {
        return Err(KeySetError(format!(
            "it has {} keys: register at most {MAX_KEYS}",
            keys.len()
        )));
    }
    Ok(keys)
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
    fn a_mistake_in_a_registered_set_is_named_and_in_a_fetched_one_passed_over() {
        let odd = |len: usize| vec![0xc5; len];
        let with_top = |top: u8| [&[top][..], &odd(255)].concat();
        let mistakes = [
            (json!("key"), "must be an object"),
            (json!({}), "`kty` is missing"),
            (json!({"kty": 1}), "`kty` must be a string"),
            (ec(json!({"kid": 1})), "`kid` must be a string"),
            (ec(json!({"key_ops": "verify"})), "`key_ops` must be"),
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
            (rsa(&odd(256), &[]), "empty"),
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
            let error = load([ec(json!({})), key.clone()]).expect_err(&key.to_string());
            let error = error.to_string();
            assert!(error.starts_with("key 1: "), "{key}: {error}");
            assert!(error.contains(problem), "{key}: {error}");

            let set = json!({"keys": [key, ec(json!({}))]}).to_string();
            let fetched = KeySet::fetched(set.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(fetched.0.len(), 1, "{set}");
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

    #[test]
    fn what_verifies_nothing_may_stand_beside_what_does() {
        let idle = [
            ec(json!({"use": "enc", "x": "AA"})),
            ec(json!({"key_ops": ["deriveKey"]})),
            ec(json!({"key_ops": []})),
            ec(json!({"alg": "ECDH-ES"})),
            ec(json!({"crv": "secp256k1"})),
            ec(json!({"crv": "P-256K"})),
            json!({"kty": "oct", "k": "AA"}),
            json!({"kty": "OKP", "crv": "X25519", "x": "AA"}),
            json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}),
        ];
        for key in &idle {
            assert!(load([key.clone()]).is_err(), "{key}");
            let keys = [
                key.clone(),
                ec(json!({"use": "sig", "key_ops": ["verify"]})),
            ];
            assert_eq!(find(&keys, SigningAlgorithm::ES256, None), Ok(()), "{key}");
        }
        assert!(load(idle).is_err());
        assert!(KeySet::registered(&json!({"keys": {}}), 4096).is_err());
        assert!(KeySet::registered(&json!([]), 4096).is_err());
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

//! Clients to load: which fields are named where one is refused.

use serde_json::{Value, json};

use crate::sign::*;

pub(crate) struct Load {
    pub(crate) name: String,
    pub(crate) section: &'static str,
    /// Members besides `client_id`.
    pub(crate) metadata: Value,
    /// Which field is named; none where it loads.
    pub(crate) refused: Option<&'static [&'static str]>,
}

impl Load {
    pub(crate) fn json(&self) -> Value {
        let mut json = self.metadata.clone();
        json["client_id"] = "loaded".into();
        json
    }
}

const JWKS: Option<&[&str]> = Some(&["jwks"]);
const EITHER: Option<&[&str]> = Some(&["jwks", "jwks_uri"]);
const ALG: Option<&[&str]> = Some(&["token_endpoint_auth_signing_alg"]);
const SECRET_FIELD: Option<&[&str]> = Some(&["client_secret"]);
/// Where it is a matter of taste which of the two is at fault.
const SECRET_OR_ALG: Option<&[&str]> = Some(&["client_secret", "token_endpoint_auth_signing_alg"]);
const LOADS: Option<&[&str]> = None;

pub(crate) fn loads() -> Vec<Load> {
    let mut loads = key_loads();
    loads.extend(rsa_loads());
    loads.extend(ec_loads());
    loads.extend(ed25519_loads());
    loads.extend(set_loads());
    loads.extend(algorithm_loads());
    loads.extend(secret_loads());
    loads
}

fn load(
    name: impl Into<String>,
    section: &'static str,
    metadata: Value,
    refused: Option<&'static [&'static str]>,
) -> Load {
    Load {
        name: name.into(),
        section,
        metadata,
        refused,
    }
}

/// A client of `private_key_jwt` with this member.
fn with(name: &str, value: Value) -> Value {
    json!({ "token_endpoint_auth_method": "private_key_jwt", name: value })
}

fn keys(keys: Value) -> Value {
    with("jwks", json!({ "keys": keys }))
}

/// A client with this key alone.
pub(crate) fn alone(key: Value) -> Value {
    keys(json!([key]))
}

/// A client with this key after a sound one.
fn beside(key: Value) -> Value {
    keys(json!([jwk(&P256), key]))
}

/// What is a mistake whatever stands beside it.
fn mistake(name: &str, section: &'static str, key: &Value) -> [Load; 2] {
    [
        load(name, section, alone(key.clone()), JWKS),
        load(
            format!("{name}, beside a sound key"),
            section,
            beside(key.clone()),
            JWKS,
        ),
    ]
}

/// What verifies nothing, which is no mistake.
fn idle(name: &str, section: &'static str, key: &Value) -> [Load; 2] {
    [
        load(
            format!("{name}, and no other key"),
            section,
            alone(key.clone()),
            JWKS,
        ),
        load(
            format!("{name}, beside a sound key"),
            section,
            beside(key.clone()),
            LOADS,
        ),
    ]
}

#[rustfmt::skip]
fn key_loads() -> Vec<Load> {
    let p256 = |name, value| jwk_with(&P256, [(name, value)]);
    let mut loads = vec![
        load("RSA",                                   "RFC 7518 §6.3",    alone(jwk(&RSA)), LOADS),
        load("P-256",                                 "RFC 7518 §6.2",    alone(jwk(&P256)), LOADS),
        load("P-384",                                 "RFC 7518 §6.2",    alone(jwk(&P384)), LOADS),
        load("P-521",                                 "RFC 7518 §6.2",    alone(jwk(&P521)), LOADS),
        load("Ed25519",                               "RFC 8037 §2",      alone(jwk(&ED25519)), LOADS),
        load("all of them",                           "RFC 7517 §5",      keys(json!([jwk(&RSA), jwk(&P256), jwk(&P384), jwk(&P521), jwk(&ED25519)])), LOADS),
        load("two of one kid",                        "RFC 7517 §4.5",    keys(json!([p256("kid", "1".into()), jwk_with(&RSA, [("kid", "1".into())])])), LOADS),
        load("the same key twice",                    "RFC 7517 §5",      keys(json!([jwk(&P256), jwk(&P256)])), LOADS),
        load("use sig",                               "RFC 7517 §4.2",    alone(p256("use", "sig".into())), LOADS),
        load("key_ops verify",                        "RFC 7517 §4.3",    alone(p256("key_ops", json!(["verify"]))), LOADS),
        load("key_ops sign and verify",               "RFC 7517 §4.3",    alone(p256("key_ops", json!(["sign", "verify"]))), LOADS),
        load("unknown members",                       "RFC 7517 §4",      alone(p256("x-y", json!({ "a": [1] }))), LOADS),
        load("kid of other letters",                  "RFC 7517 §4.5",    alone(p256("kid", "ключ €".into())), LOADS),
        load("kid of no characters",                  "RFC 7517 §4.5",    alone(p256("kid", "".into())), LOADS),
        load("alg of the key",                        "RFC 7517 §4.4",    alone(p256("alg", "ES256".into())), LOADS),
        load("alg EdDSA",                             "RFC 9864 §2.2",    alone(jwk_with(&ED25519, [("alg", "EdDSA".into())])), LOADS),
        load("alg Ed25519",                           "RFC 9864 §2.2",    alone(jwk_with(&ED25519, [("alg", "Ed25519".into())])), LOADS),
    ];
    for (name, key) in [
        ("use enc", p256("use", "enc".into())),
        ("key_ops without verify", p256("key_ops", json!(["sign"]))),
        ("key_ops of encryption", p256("key_ops", json!(["encrypt", "wrapKey", "deriveKey"]))),
        ("key_ops empty", p256("key_ops", json!([]))),
        ("alg RSA-OAEP", jwk_with(&RSA, [("alg", "RSA-OAEP".into())])),
        ("alg ECDH-ES", p256("alg", "ECDH-ES".into())),
        ("alg none", p256("alg", "none".into())),
        ("alg unknown", p256("alg", "ML-DSA-44".into())),
        ("kty oct", json!({ "kty": "oct", "k": base64url(SECRET_TEXT) })),
        ("kty unknown", json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" })),
        ("kty in another case", jwk_with(&P256, [("kty", "ec".into())])),
        ("kty of no characters", p256("kty", "".into())),
        ("secp256k1", p256("crv", "secp256k1".into())),
        ("P-192", p256("crv", "P-192".into())),
        ("a curve in another case", p256("crv", "p-256".into())),
        ("X25519", jwk_with(&ED25519, [("crv", "X25519".into())])),
        ("Ed448", json!({ "kty": "OKP", "crv": "Ed448", "x": base64url([7; 57]) })),
        ("a Weierstrass curve as OKP", jwk_with(&ED25519, [("crv", "P-256".into())])),
        ("an Edwards curve as EC", p256("crv", "Ed25519".into())),
    ] {
        loads.extend(idle(name, "RFC 7517 §4", &key));
    }
    for (name, key) in [
        ("kty missing", { let mut key = jwk(&P256); key.as_object_mut().expect("an object").remove("kty"); key }),
        ("kty a number", p256("kty", 2.into())),
        ("kid a number", p256("kid", 1.into())),
        ("use a list", p256("use", json!(["sig"]))),
        ("key_ops a string", p256("key_ops", "verify".into())),
        ("alg a number", p256("alg", json!(-7))),
        ("no object but a string", "P-256".into()),
        ("no object but null", Value::Null),
        ("no object but a list", json!([jwk(&P256)])),
        ("an empty object", json!({})),
    ] {
        loads.extend(mistake(name, "RFC 7517 §4", &key));
    }
    loads
}

#[rustfmt::skip]
fn rsa_loads() -> Vec<Load> {
    let of_bits = |bits: usize| {
        let mut modulus = vec![0xc5; bits.div_ceil(8)];
        modulus[0] = 0xff >> ((8 - bits % 8) % 8);
        modulus
    };
    let key = |n: &[u8], e: &[u8]| json!({ "kty": "RSA", "n": base64url(n), "e": base64url(e) });
    let sound = of_bits(2048);
    let mut loads = Vec::new();
    for bits in [2048, 2049, 2056, 3072, 4096, 8192] {
        loads.push(load(format!("RSA of {bits} bits"), "RFC 7518 §3.3", alone(key(&of_bits(bits), &[1, 0, 1])), LOADS));
    }
    for bits in [8, 512, 768, 1024, 1536, 2040, 2047, 8193, 8200, 16_384] {
        loads.extend(mistake(&format!("RSA of {bits} bits"), "RFC 7518 §3.3", &key(&of_bits(bits), &[1, 0, 1])));
    }
    for (name, e) in [("3", &[3][..]), ("17", &[17]), ("257", &[1, 1]), ("65537", &[1, 0, 1])] {
        loads.push(load(format!("e = {name}"), "RFC 8017 §3.1", alone(key(&sound, e)), LOADS));
    }
    for (name, e) in [
        ("of no bytes", &[][..]), ("0", &[0]), ("1", &[1]), ("2", &[2]), ("4", &[4]), ("65536", &[1, 0, 0]),
        ("1 after zeros", &[0, 0, 1]), ("65537 after a zero", &[0, 1, 0, 1]),
        ("n", &sound),
    ] {
        loads.extend(mistake(&format!("e = {name}"), "RFC 8017 §3.1", &key(&sound, e)));
    }
    let mut even = sound.clone();
    even[255] = 0xc4;
    let short = [&[0], &of_bits(1024)[..]].concat();
    let hidden = [&[0; 128], &of_bits(1024)[..]].concat();
    for (name, key) in [
        ("n even", key(&even, &[1, 0, 1])),
        ("n of no bytes", key(&[], &[1, 0, 1])),
        ("n of 2048 bits after a zero", key(&[&[0], &sound[..]].concat(), &[1, 0, 1])),
        ("n of 1024 bits after a zero", key(&short, &[1, 0, 1])),
        ("n of 1024 bits, filled to 2048", key(&hidden, &[1, 0, 1])),
        ("n of 1024 bits, filled to 2056", key(&[&[0], &hidden[..]].concat(), &[1, 0, 1])),
        ("n of zeros", key(&[0; 256], &[1, 0, 1])),
        ("n missing", json!({ "kty": "RSA", "e": "AQAB" })),
        ("e missing", json!({ "kty": "RSA", "n": base64url(&sound) })),
        ("e a number", json!({ "kty": "RSA", "n": base64url(&sound), "e": 65537 })),
        ("n with padding", json!({ "kty": "RSA", "n": format!("{}==", base64url(&sound)), "e": "AQAB" })),
        ("n with a line break", json!({ "kty": "RSA", "n": format!("{}\n", base64url(&sound)), "e": "AQAB" })),
        ("n in the standard alphabet", json!({ "kty": "RSA", "n": base64url([0xff; 256]).replace('_', "/"), "e": "AQAB" })),
        ("n of no base64url", json!({ "kty": "RSA", "n": "!", "e": "AQAB" })),
        ("e with bits left over", json!({ "kty": "RSA", "n": base64url(&sound), "e": "AR" })),
        ("alg of another kty", jwk_with(&RSA, [("alg", "ES256".into())])),
        ("alg of an HMAC", jwk_with(&RSA, [("alg", "HS256".into())])),
    ] {
        loads.extend(mistake(&format!("RSA: {name}"), "RFC 7518 §6.3.1", &key));
    }
    loads
}

#[rustfmt::skip]
fn ec_loads() -> Vec<Load> {
    let coordinates = |pair: &Pair| {
        let point = &public_bytes(pair)[1..];
        let (x, y) = point.split_at(point.len() / 2);
        (x.to_vec(), y.to_vec())
    };
    let key = |curve: &str, x: &[u8], y: &[u8]| json!({ "kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y) });
    let mut loads = Vec::new();
    for (curve, pair) in [("P-256", &P256), ("P-384", &P384), ("P-521", &P521)] {
        let (x, y) = coordinates(pair);
        let zero = vec![0; x.len()];
        let most = vec![0xff; x.len()];
        let bent = |coordinate: &[u8]| { let mut bent = coordinate.to_vec(); *bent.last_mut().expect("not empty") ^= 1; bent };
        let long = |coordinate: &[u8]| [&[0], coordinate].concat();
        let mut one = zero.clone();
        *one.last_mut().expect("not empty") = 1;
        for (name, key) in [
            ("y off the curve", key(curve, &x, &bent(&y))),
            ("x off the curve", key(curve, &bent(&x), &y)),
            ("x and y swapped", key(curve, &y, &x)),
            ("x twice", key(curve, &x, &x)),
            ("the point (0, 0), as for infinity", key(curve, &zero, &zero)),
            ("the point (0, 1)", key(curve, &zero, &one)),
            ("the point (1, 1)", key(curve, &one, &one)),
            ("coordinates beyond the field", key(curve, &most, &most)),
            ("x beyond the field", key(curve, &most, &y)),
            ("no bytes", key(curve, &[], &[])),
            ("infinity as one byte", key(curve, &[0], &[])),
            ("x short by a byte", key(curve, &x[1..], &y)),
            ("y short by a byte", key(curve, &x, &y[1..])),
            ("x longer by a zero", key(curve, &long(&x), &y)),
            ("y longer by a zero", key(curve, &x, &long(&y))),
            ("x a byte longer, y a byte shorter", key(curve, &[&x[..], &y[..1]].concat(), &y[1..])),
            ("compressed", json!({ "kty": "EC", "crv": curve, "x": base64url([&[2], &x[..]].concat()) })),
            ("compressed, y of one byte", key(curve, &x, &[2])),
            ("the whole point in x", json!({ "kty": "EC", "crv": curve, "x": base64url(public_bytes(pair)), "y": "" })),
            ("y missing", json!({ "kty": "EC", "crv": curve, "x": base64url(&x) })),
            ("x missing", json!({ "kty": "EC", "crv": curve, "y": base64url(&y) })),
            ("x with padding", json!({ "kty": "EC", "crv": curve, "x": format!("{}=", base64url(&x)), "y": base64url(&y) })),
            ("alg of another curve", jwk_with(pair, [("alg", if curve == "P-256" { "ES384" } else { "ES256" }.into())])),
            ("alg of RSA", jwk_with(pair, [("alg", "RS256".into())])),
        ] {
            loads.extend(mistake(&format!("{curve}: {name}"), "RFC 7518 §6.2.1", &key));
        }
    }
    let (x, y) = coordinates(&P384);
    loads.extend(mistake("P-256: a point of P-384", "RFC 7518 §6.2.1", &key("P-256", &x, &y)));
    loads.extend(mistake("P-256: a point of P-384, cut", "RFC 7518 §6.2.1", &key("P-256", &x[..32], &y[..32])));
    let (x, y) = coordinates(&P256);
    loads.extend(mistake("P-384: a point of P-256", "RFC 7518 §6.2.1", &key("P-384", &x, &y)));
    loads.extend(mistake("crv missing", "RFC 7518 §6.2.1.1", &json!({ "kty": "EC", "x": base64url(&x), "y": base64url(&y) })));
    // The other point of the same x: p - y, and p is 2^256 - 2^224 + 2^192 + 2^96 - 1.
    let p = [&[0xff; 4][..], &[0, 0, 0, 1], &[0; 12], &[0xff; 12]].concat();
    let mut borrow = 0;
    let mut negated = vec![0; 32];
    for at in (0..32).rev() {
        let difference = i16::from(p[at]) - i16::from(y[at]) - borrow;
        borrow = i16::from(difference < 0);
        negated[at] = difference.to_le_bytes()[0];
    }
    loads.push(load("P-256: -y in place of y, which is a point", "RFC 7518 §6.2.1", alone(key("P-256", &x, &negated)), LOADS));
    loads.extend(mistake("P-256: y = p", "RFC 7518 §6.2.1", &key("P-256", &x, &p)));
    loads
}

#[rustfmt::skip]
fn ed25519_loads() -> Vec<Load> {
    let key = |x: &[u8]| json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(x) });
    let mut loads = Vec::new();
    let small = small_order_points();
    assert_eq!(small.len(), 14);
    for (at, point) in small.iter().enumerate() {
        loads.extend(mistake(&format!("Ed25519: small order, encoding {at}"), "RFC 8032 §5.1.7", &key(point)));
    }
    // y from p to 2^255 - 1, with either sign.
    for low in 0xed..=0xff {
        for high in [0x7f, 0xff] {
            let mut y = [0xff; 32];
            (y[0], y[31]) = (low, high);
            loads.extend(mistake(&format!("Ed25519: not reduced, {low:02x} and {high:02x}"), "RFC 8032 §5.1.3", &key(&y)));
        }
    }
    // No point has y = 2 or y = 7.
    for low in [2, 7] {
        let mut y = [0; 32];
        y[0] = low;
        loads.extend(mistake(&format!("Ed25519: y = {low}, off the curve"), "RFC 8032 §5.1.3", &key(&y)));
        y[31] = 0x80;
        loads.extend(mistake(&format!("Ed25519: y = {low} with the sign, off the curve"), "RFC 8032 §5.1.3", &key(&y)));
    }
    let sound = public_bytes(&ED25519);
    for (name, key) in [
        ("of no bytes", key(&[])),
        ("of 31 bytes", key(&sound[..31])),
        ("of 33 bytes", key(&[sound, &[0]].concat())),
        ("of 64 bytes", key(&[sound, sound].concat())),
        ("x missing", json!({ "kty": "OKP", "crv": "Ed25519" })),
        ("crv missing", json!({ "kty": "OKP", "x": base64url(sound) })),
        ("x with padding", json!({ "kty": "OKP", "crv": "Ed25519", "x": format!("{}=", base64url(sound)) })),
        ("x in hexadecimal", json!({ "kty": "OKP", "crv": "Ed25519", "x": "ab".repeat(32) })),
        ("alg of a curve of NIST", jwk_with(&ED25519, [("alg", "ES256".into())])),
    ] {
        loads.extend(mistake(&format!("Ed25519: {name}"), "RFC 8037 §2", &key));
    }
    loads.push(load("Ed25519: another key", "RFC 8037 §2", alone(jwk(&OTHER_ED25519)), LOADS));
    loads
}

#[rustfmt::skip]
fn set_loads() -> Vec<Load> {
    let uri = |uri: &str| with("jwks_uri", uri.into());
    let both = |jwks: Value| {
        let mut metadata = uri("https://client.example.com/jwks.json");
        metadata["jwks"] = jwks;
        metadata
    };
    vec![
        load("neither jwks nor jwks_uri",             "RFC 7591 §2",      json!({ "token_endpoint_auth_method": "private_key_jwt" }), EITHER),
        load("jwks_uri",                              "RFC 7591 §2",      uri("https://client.example.com/jwks.json"), LOADS),
        load("jwks_uri that is no URI",               "RFC 7591 §2",      uri("jwks.json"), EITHER),
        load("jwks_uri of no characters",             "RFC 7591 §2",      uri(""), EITHER),
        load("jwks_uri a number",                     "RFC 7591 §2",      with("jwks_uri", 1.into()), EITHER),
        load("jwks and jwks_uri",                     "RFC 7591 §2",      both(json!({ "keys": [jwk(&P256)] })), EITHER),
        load("an empty jwks and jwks_uri",            "RFC 7591 §2",      both(json!({ "keys": [] })), EITHER),
        load("no keys",                               "RFC 7517 §5.1",    keys(json!([])), JWKS),
        load("a set without keys",                    "RFC 7517 §5.1",    with("jwks", json!({})), JWKS),
        load("keys that are no list",                 "RFC 7517 §5.1",    keys(jwk(&P256)), JWKS),
        load("keys that are null",                    "RFC 7517 §5.1",    keys(Value::Null), JWKS),
        load("a key for a set",                       "RFC 7517 §5",      with("jwks", jwk(&P256)), JWKS),
        load("a list for a set",                      "RFC 7517 §5",      with("jwks", json!([jwk(&P256)])), JWKS),
        load("a set in a string",                     "RFC 7517 §5",      with("jwks", json!({ "keys": [jwk(&P256)] }).to_string().into()), JWKS),
        load("a set with other members",              "RFC 7517 §5",      with("jwks", json!({ "keys": [jwk(&P256)], "x": 1 })), LOADS),
        load("keys of encryption alone",              "RFC 7517 §4.2",    keys(json!([jwk_with(&P256, [("use", "enc".into())]), jwk_with(&RSA, [("use", "enc".into())])])), JWKS),
    ]
}

#[rustfmt::skip]
fn algorithm_loads() -> Vec<Load> {
    const MEMBER: &str = "token_endpoint_auth_signing_alg";
    let of = |alg: Value, keys: Value| {
        let mut metadata = with("jwks", json!({ "keys": keys }));
        metadata[MEMBER] = alg;
        metadata
    };
    let by_uri = |alg: &str| {
        let mut metadata = with("jwks_uri", "https://client.example.com/jwks.json".into());
        metadata[MEMBER] = alg.into();
        metadata
    };
    let by_secret = |alg: &str| json!({
        "token_endpoint_auth_method": "client_secret_jwt", "client_secret": SECRET_TEXT, MEMBER: alg,
    });
    let section = "OpenID Connect Registration §2";
    let mut loads = Vec::new();
    for Suite { alg, key, .. } in &SUITES {
        let alg = *alg;
        if alg.starts_with("HS") {
            loads.push(load(format!("{alg} registered, and a secret"), section, by_secret(alg), LOADS));
            loads.push(load(format!("{alg} registered, and keys"), section, of(alg.into(), json!([jwk(&RSA), jwk(&P256)])), ALG));
            loads.push(load(format!("{alg} registered, and keys at a URI"), section, by_uri(alg), ALG));
        } else {
            loads.push(load(format!("{alg} registered, and its key"), section, of(alg.into(), json!([jwk(key)])), LOADS));
            loads.push(load(format!("{alg} registered, and keys at a URI"), section, by_uri(alg), LOADS));
            loads.push(load(format!("{alg} registered, and a secret"), section, by_secret(alg), ALG));
            let other = if alg == "ES384" { &P521 } else { &P384 };
            loads.push(load(format!("{alg} registered, and another key"), section, of(alg.into(), json!([jwk(other)])), ALG));
            let idle = jwk_with(key, [("use", "enc".into())]);
            loads.push(load(format!("{alg} registered, and its key encrypts"), section, of(alg.into(), json!([jwk(other), idle])), ALG));
        }
    }
    for alg in ["none", "None", "", "es256", "ES256 ", "ES256K", "RS1", "HS1", "Ed448", "RSA-OAEP"] {
        loads.push(load(format!("{alg:?} registered, and keys"), section, of(alg.into(), json!([jwk(&P256), jwk(&RSA)])), ALG));
        loads.push(load(format!("{alg:?} registered, and keys at a URI"), section, by_uri(alg), ALG));
        loads.push(load(format!("{alg:?} registered, and a secret"), section, by_secret(alg), ALG));
    }
    loads.push(load("a number registered", section, of(1.into(), json!([jwk(&P256)])), ALG));
    loads.push(load("a list registered", section, of(json!(["ES256"]), json!([jwk(&P256)])), ALG));
    loads.push(load("PS256 registered, and a key of RS256", "RFC 7517 §4.4", of("PS256".into(), json!([jwk_with(&RSA, [("alg", "RS256".into())])])), ALG));
    loads.push(load("EdDSA registered, and a key of Ed25519", "RFC 9864 §2.2", of("EdDSA".into(), json!([jwk_with(&ED25519, [("alg", "Ed25519".into())])])), LOADS));
    loads.push(load("Ed25519 registered, and a key of EdDSA", "RFC 9864 §2.2", of("Ed25519".into(), json!([jwk_with(&ED25519, [("alg", "EdDSA".into())])])), LOADS));
    loads
}

fn secret_loads() -> Vec<Load> {
    let of = |secret: &str, alg: Option<&str>| {
        let mut metadata = json!({
            "token_endpoint_auth_method": "client_secret_jwt", "client_secret": secret,
        });
        if let Some(alg) = alg {
            metadata["token_endpoint_auth_signing_alg"] = alg.into();
        }
        metadata
    };
    let mut loads = Vec::new();
    let fewest = [
        (None, 32),
        (Some("HS256"), 32),
        (Some("HS384"), 48),
        (Some("HS512"), 64),
    ];
    for (alg, fewest) in fewest {
        for length in [0, 1, 16, 31, 32, 33, 47, 48, 63, 64, 65, 200] {
            let refused = match alg {
                _ if length >= fewest => LOADS,
                Some("HS384" | "HS512") => SECRET_OR_ALG,
                _ => SECRET_FIELD,
            };
            let name = format!("a secret of {length} bytes, {}", alg.unwrap_or("any HMAC"));
            let secret = "s".repeat(length);
            loads.push(load(name, "RFC 7518 §3.2", of(&secret, alg), refused));
        }
    }
    let others = [
        ("a secret of 16 letters and 32 bytes", "é".repeat(16), LOADS),
        (
            "a secret of 31 bytes in 16 letters",
            "é".repeat(15) + "e",
            SECRET_FIELD,
        ),
    ];
    for (name, secret, refused) in others {
        loads.push(load(name, "RFC 7518 §3.2", of(&secret, None), refused));
    }
    let mut expired = of(SECRET_TEXT, None);
    expired["client_secret_expires_at"] = 1.into();
    loads.push(load(
        "a secret that expired",
        "RFC 7591 §3.2.1",
        expired,
        LOADS,
    ));
    let none = json!({ "token_endpoint_auth_method": "client_secret_jwt" });
    loads.push(load("no secret", "RFC 7591 §2", none, SECRET_FIELD));
    let none = json!({
        "token_endpoint_auth_method": "client_secret_jwt", "jwks": { "keys": [jwk(&P256)] },
    });
    loads.push(load(
        "keys in place of a secret",
        "RFC 7591 §2",
        none,
        SECRET_FIELD,
    ));
    loads
}

//! The signature: by the right key, over the very bytes, in the one encoding of its algorithm.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::default_layer;
use crate::common::Call;
use crate::draft::*;
use crate::judge::Table;
use crate::row::*;
use crate::rsa_fixed;
use crate::sign::*;

#[tokio::test]
async fn every_algorithm() {
    every_algorithm_table().hold().await;
}

#[tokio::test]
async fn signatures() {
    table().hold().await;
}

pub(crate) fn every_algorithm_table() -> Table {
    Table::new(
        default_layer,
        SUITES.iter().flat_map(algorithm_rows).collect(),
    )
}

pub(crate) fn table() -> Table {
    Table::new(default_layer, signature_rows())
}

/// What holds for each algorithm in the same words.
#[rustfmt::skip]
fn algorithm_rows(suite: &'static Suite) -> Vec<Row> {
    let Suite { alg, client, key, other_key, length } = suite;
    let draft = move || assertion(client, alg, key);
    let wrong = || refused(WrongSignature);
    let accepted = if alg.starts_with("HS") { by_secret(client) } else { by_key(client) };
    let named = |name: &str| format!("{alg}: {name}");
    let bent = move |change: fn(&[u8]) -> Vec<u8>| move || draft().sign().signature(change).call();
    vec![
        row(named("a sound one"),                     "RFC 7523 §3",      move || draft().call(), accepted),
        row(named("of the length that it has"),       "RFC 7518 §3.1",    move || {
            assert_eq!(draft().sign().signature_bytes().len(), *length);
            draft().call()
        }, accepted),
        row(named("the first bit flipped"),           "RFC 7515 §5.2",    bent(|it| flip(it, 0)), wrong()),
        row(named("a bit in the middle flipped"),     "RFC 7515 §5.2",    bent(|it| flip(it, it.len() * 4 + 3)), wrong()),
        row(named("the last bit flipped"),            "RFC 7515 §5.2",    bent(|it| flip(it, it.len() * 8 - 1)), wrong()),
        row(named("a byte short"),                    "RFC 7515 §5.2",    bent(|it| it[..it.len() - 1].to_vec()), wrong()),
        row(named("without the first byte"),          "RFC 7515 §5.2",    bent(|it| it[1..].to_vec()), wrong()),
        row(named("half of it"),                      "RFC 7515 §5.2",    bent(|it| it[..it.len() / 2].to_vec()), wrong()),
        row(named("a byte more"),                     "RFC 7515 §5.2",    bent(|it| [it, &[0]].concat()), wrong()),
        row(named("a zero byte before"),              "RFC 7515 §5.2",    bent(|it| [&[0], it].concat()), wrong()),
        row(named("twice"),                           "RFC 7515 §5.2",    bent(|it| [it, it].concat()), wrong()),
        row(named("empty"),                           "RFC 7515 §5.2",    bent(|_| Vec::new()), refused(None)),
        row(named("one byte"),                        "RFC 7515 §5.2",    bent(|_| vec![0]), wrong()),
        row(named("all zeros"),                       "RFC 7515 §5.2",    bent(|it| vec![0; it.len()]), wrong()),
        row(named("all ones"),                        "RFC 7515 §5.2",    bent(|it| vec![0xff; it.len()]), wrong()),
        row(named("the number one"),                  "RFC 7515 §5.2",    bent(|it| [vec![0; it.len() - 1], vec![1]].concat()), wrong()),
        row(named("backwards"),                       "RFC 7515 §5.2",    bent(|it| it.iter().rev().copied().collect()), wrong()),
        row(named("by the key of another client"),    "RFC 7523 §3",      move || draft().signed_with(other_key).call(), wrong()),
        row(named("over another header"),             "RFC 7515 §5.2",    move || {
            let other = draft().header("x", "1").sign();
            draft().sign().with_header_of(&other).call()
        }, wrong()),
        row(named("over other claims"),               "RFC 7515 §5.2",    move || {
            let other = draft().claim("exp", at(301)).sign();
            draft().sign().with_claims_of(&other).call()
        }, wrong()),
        row(named("over a header in another spelling"), "RFC 7515 §5.2",  move || {
            let other = draft().map_header(|text| format!("{text} ")).sign();
            draft().sign().with_header_of(&other).call()
        }, wrong()),
        row(named("over claims in another spelling"), "RFC 7515 §5.2",    move || {
            let (one, other) = (draft(), draft().map_claims(|text| format!(" {text}")));
            one.sign().with_claims_of(&other.sign()).call()
        }, wrong()),
        row(named("over the claims alone"),           "RFC 7515 §5.2",    move || {
            let token = draft().sign();
            let signature = sign(alg, key, token.claims.as_bytes());
            token.signature(|_| signature).call()
        }, wrong()),
        row(named("over parts that are not encoded"),          "RFC 7515 §5.1",    move || {
            let token = draft().sign();
            let message = format!("{}.{}", r#"{"x":1}"#, token.claims);
            token.signature(|_| sign(alg, key, message.as_bytes())).call()
        }, wrong()),
        row(named("where the client registered other methods"), "RFC 7591 §2", move || {
            assertion("post", alg, key).call()
        }, refused(MethodNotRegistered)),
        row(named("of a client that nobody knows"),   "RFC 7523 §3",      move || assertion("nobody", alg, key).call(), refused(UnknownClient)),
    ]
}

#[rustfmt::skip]
fn signature_rows() -> Vec<Row> {
    let wrong = || refused(WrongSignature);
    let ecdsa = |change: fn(&[u8]) -> Vec<u8>| move || es256().sign().signature(change).call();
    let p521 = |change: fn(&[u8]) -> Vec<u8>| move || assertion("p521", "ES512", &P521).sign().signature(change).call();
    let eddsa = |change: fn(&[u8]) -> Vec<u8>| move || ed25519().sign().signature(change).call();
    let hmac = |alg: &'static str, change: fn(&[u8]) -> Vec<u8>| {
        move || assertion("hmac", alg, &SECRET).sign().signature(change).call()
    };
    let mut rows = vec![
        // ECDSA: two numbers of the curve's size, one after the other
        row("ES256 in ASN.1",                         "RFC 7518 §3.4",    ecdsa(der), wrong()),
        row("ES512 in ASN.1",                         "RFC 7518 §3.4",    p521(der), wrong()),
        row("ES256 with r = 0",                       "FIPS 186-5 §6.4.2", ecdsa(|it| [&[0; 32], &it[32..]].concat()), wrong()),
        row("ES256 with s = 0",                       "FIPS 186-5 §6.4.2", ecdsa(|it| [&it[..32], &[0; 32]].concat()), wrong()),
        row("ES256 with r = s = 0 (CVE-2022-21449)",  "FIPS 186-5 §6.4.2", ecdsa(|_| vec![0; 64]), wrong()),
        row("ES256 with r = n",                       "FIPS 186-5 §6.4.2", ecdsa(|it| [&P256_ORDER, &it[32..]].concat()), wrong()),
        row("ES256 with s = n",                       "FIPS 186-5 §6.4.2", ecdsa(|it| [&it[..32], &P256_ORDER].concat()), wrong()),
        row("ES256 with r = s = n",                   "FIPS 186-5 §6.4.2", ecdsa(|_| [P256_ORDER, P256_ORDER].concat()), wrong()),
        row("ES256 with r = n, s = 1",                "FIPS 186-5 §6.4.2", ecdsa(|_| [&P256_ORDER[..], &[0; 31], &[1]].concat()), wrong()),
        row("ES256 with s above n",                   "FIPS 186-5 §6.4.2", ecdsa(|it| [&it[..32], &[0xff; 32]].concat()), wrong()),
        row("ES256 with r above n",                   "FIPS 186-5 §6.4.2", ecdsa(|it| [&[0xff; 32], &it[32..]].concat()), wrong()),
        row("ES256 with r and s swapped",             "RFC 7518 §3.4",    ecdsa(|it| [&it[32..], &it[..32]].concat()), wrong()),
        row("ES256 with r in place of s",             "RFC 7518 §3.4",    ecdsa(|it| [&it[..32], &it[..32]].concat()), wrong()),
        row("ES256 with s alone",                     "RFC 7518 §3.4",    ecdsa(|it| it[32..].to_vec()), wrong()),
        row("ES256 with -s in place of s, which holds", "FIPS 186-5 §6.4.2", ecdsa(p256_negated), by_key("p256")),
        row("ES256 with each half in 33 bytes",       "RFC 7518 §3.4",    ecdsa(|it| [&[0], &it[..32], &[0], &it[32..]].concat()), wrong()),
        row("ES256 with each half in 48 bytes",       "RFC 7518 §3.4",    ecdsa(|it| [&[0; 16], &it[..32], &[0; 16], &it[32..]].concat()), wrong()),
        row("ES512 without the leading zeros",        "RFC 7518 §3.4",    p521(|it| [&it[2..66], &it[68..]].concat()), wrong()),
        row("ES512 with each half in 68 bytes",       "RFC 7518 §3.4",    p521(|it| [&[0; 2], &it[..66], &[0; 2], &it[66..]].concat()), wrong()),
        row("ES512 with r above 2^521",               "RFC 7518 §3.4",    p521(|it| [&[0xff; 66], &it[66..]].concat()), wrong()),
        row("ES512 with r = s = 0",                   "FIPS 186-5 §6.4.2", p521(|_| vec![0; 132]), wrong()),
        row("ES256 signed on P-384",                  "RFC 7518 §3.4",    || es256().signed_with(&P384).call(), wrong()),
        row("ES384 for a key of P-256",               "RFC 7518 §3.4",    || assertion("p256", "ES384", &P384).call(), refused(UnknownKey)),
        row("ES384 signed by that key of P-256",      "RFC 7518 §3.4",    || assertion("p256", "ES384", &P256).call(), refused(UnknownKey)),
        row("ES512 for a key of P-384",               "RFC 7518 §3.4",    || assertion("p384", "ES512", &P384).call(), refused(UnknownKey)),
        row("ES256K",                                 "RFC 8812 §3.2",    || es256().header("alg", quoted("ES256K")).call(), refused(UnsupportedAlgorithm)),
        // Ed25519
        row("Ed25519 with S + L",                     "RFC 8032 §5.1.7",  eddsa(ed25519_plus_order), wrong()),
        row("Ed25519 with S = 0",                     "RFC 8032 §5.1.7",  eddsa(|it| [&it[..32], &[0; 32]].concat()), wrong()),
        row("Ed25519 with the top bits of S set",     "RFC 8032 §5.1.7",  eddsa(|it| { let mut it = it.to_vec(); it[63] |= 0xe0; it }), wrong()),
        row("Ed25519 with S and R swapped",           "RFC 8032 §5.1.7",  eddsa(|it| [&it[32..], &it[..32]].concat()), wrong()),
        row("Ed25519 with R not reduced",             "RFC 8032 §5.1.3",  eddsa(|it| [&[0xff; 32], &it[32..]].concat()), wrong()),
        row("Ed25519 with the other sign of R",       "RFC 8032 §5.1.7",  eddsa(|it| flip(it, 31 * 8)), wrong()),
        row("Ed25519 with the public key for R",      "RFC 8032 §5.1.7",  || ed25519().sign().signature(|it| [public_bytes(&ED25519), &it[32..]].concat()).call(), wrong()),
        row("Ed25519 by a key of P-256",              "RFC 8037 §3.1",    || ed25519().signed_with(&P256).call(), wrong()),
        row("Ed25519 for a key of P-256",             "RFC 8037 §3.1",    || assertion("p256", "Ed25519", &ED25519).call(), refused(UnknownKey)),
        row("EdDSA for a key of P-256",               "RFC 8037 §3.1",    || assertion("p256", "EdDSA", &ED25519).call(), refused(UnknownKey)),
        row("ES256 for a key of Ed25519",             "RFC 8037 §3.1",    || assertion("ed25519", "ES256", &P256).call(), refused(UnknownKey)),
        row("Ed25519 that says EdDSA",                "RFC 9864 §2.2",    || ed25519().header("alg", quoted("EdDSA")).call(), by_key("ed25519")),
        row("Ed448",                                  "RFC 9864 §2.2",    || ed25519().header("alg", quoted("Ed448")).call(), refused(UnsupportedAlgorithm)),
        // RSA
        row("RS256 that is PS256",                    "RFC 7518 §3.5",    || rs256().signed_as("PS256").call(), wrong()),
        row("PS256 that is RS256",                    "RFC 7518 §3.5",    || assertion("rsa", "PS256", &RSA).signed_as("RS256").call(), wrong()),
        row("RS256 that is RS384",                    "RFC 7518 §3.3",    || rs256().signed_as("RS384").call(), wrong()),
        row("RS384 that is RS256",                    "RFC 7518 §3.3",    || assertion("rsa", "RS384", &RSA).signed_as("RS256").call(), wrong()),
        row("RS512 that is RS256",                    "RFC 7518 §3.3",    || assertion("rsa", "RS512", &RSA).signed_as("RS256").call(), wrong()),
        row("PS256 that is PS512",                    "RFC 7518 §3.5",    || assertion("rsa", "PS256", &RSA).signed_as("PS512").call(), wrong()),
        row("PS384 that is PS256",                    "RFC 7518 §3.5",    || assertion("rsa", "PS384", &RSA).signed_as("PS256").call(), wrong()),
        row("PS512 that is RS512",                    "RFC 7518 §3.5",    || assertion("rsa", "PS512", &RSA).signed_as("RS512").call(), wrong()),
        row("RS256 for a key of P-256",               "RFC 7518 §3.3",    || assertion("p256", "RS256", &RSA).call(), refused(UnknownKey)),
        row("ES256 for a key of RSA",                 "RFC 7518 §3.4",    || assertion("rsa", "ES256", &P256).call(), refused(UnknownKey)),
        row("RS256: made elsewhere, and expired",     "RFC 8017 §8.2.2",  fixed(rsa_fixed::RIGHT_PKCS1), refused(ExpiredAssertion)),
        row("RS256: the hash without NULL",           "RFC 8017 §9.2",    fixed(rsa_fixed::NO_NULL), wrong()),
        row("RS256: garbage behind short padding",    "RFC 8017 §9.2",    fixed(rsa_fixed::SHORT_PADDING), wrong()),
        row("RS256: block type 2",                    "RFC 8017 §9.2",    fixed(rsa_fixed::BLOCK_TYPE_2), wrong()),
        row("RS256: block type 0",                    "RFC 8017 §9.2",    fixed(rsa_fixed::BLOCK_TYPE_0), wrong()),
        row("RS256: padding of other bytes",          "RFC 8017 §9.2",    fixed(rsa_fixed::PADDING_NOT_FF), wrong()),
        row("RS256: a bare hash",                     "RFC 8017 §9.2",    fixed(rsa_fixed::BARE_HASH), wrong()),
        row("RS256: a hash of SHA-1",                 "RFC 8725 §3.2",    fixed(rsa_fixed::SHA1), wrong()),
        row("RS256: a hash of SHA-512",               "RFC 7518 §3.3",    fixed(rsa_fixed::DIGEST_INFO_OF_SHA512), wrong()),
        row("RS256: the signature plus the modulus",  "RFC 8017 §5.2.2",  fixed(rsa_fixed::PLUS_MODULUS), wrong()),
        row("RS256: e = 3, made elsewhere, and expired", "RFC 8017 §8.2.2", fixed(rsa_fixed::RIGHT_E3), refused(ExpiredAssertion)),
        row("RS256: e = 3, a cube root (CVE-2006-4339)", "RFC 8017 §9.2", fixed(rsa_fixed::CUBE_ROOT), wrong()),
        row("PS256: made elsewhere, and expired",     "RFC 8017 §8.1.2",  fixed(rsa_fixed::RIGHT_PSS), refused(ExpiredAssertion)),
        row("PS256: no salt",                         "RFC 7518 §3.5",    fixed(rsa_fixed::SALT_0), wrong()),
        row("PS256: a salt of 20 bytes",              "RFC 7518 §3.5",    fixed(rsa_fixed::SALT_20), wrong()),
        row("PS256: the longest salt",                "RFC 7518 §3.5",    fixed(rsa_fixed::SALT_LONGEST), wrong()),
        row("PS256: MGF1 with SHA-1",                 "RFC 7518 §3.5",    fixed(rsa_fixed::MGF_SHA1), wrong()),
        row("PS512: a salt of 32 bytes",              "RFC 7518 §3.5",    fixed(rsa_fixed::SALT_32_OF_SHA512), wrong()),
        row("RS256: one",                             "RFC 8017 §5.2.2",  || rs256().sign().signature(|it| [vec![0; it.len() - 1], vec![1]].concat()).call(), wrong()),
        // HMAC
        row("HS256 cut to half",                      "RFC 7518 §3.2",    hmac("HS256", |it| it[..16].to_vec()), wrong()),
        row("HS256 cut to one byte",                  "RFC 7518 §3.2",    hmac("HS256", |it| it[..1].to_vec()), wrong()),
        row("HS512 cut to the length of HS256",       "RFC 7518 §3.2",    hmac("HS512", |it| it[..32].to_vec()), wrong()),
        row("HS256 that is HS512",                    "RFC 7518 §3.2",    || hs256().signed_as("HS512").call(), wrong()),
        row("HS256 that is HS384, cut",               "RFC 7518 §3.2",    || hs256().signed_as("HS384").sign().signature(|it| it[..32].to_vec()).call(), wrong()),
        row("HS512 that is HS256",                    "RFC 7518 §3.2",    || assertion("hmac", "HS512", &SECRET).signed_as("HS256").call(), wrong()),
        row("HS256 that is a bare hash",              "RFC 7518 §3.2",    || hmac_of(sha256), wrong()),
        row("HS256 that hashes secret and message",   "RFC 2104 §6",      || hmac_of(|message| sha256(&[SECRET_TEXT.as_bytes(), message].concat())), wrong()),
        row("HS256 by an empty secret",               "RFC 7518 §3.2",    || keyed_by("hmac", Vec::new()), wrong()),
        row("HS256 by the hash of the secret",        "RFC 7518 §3.2",    || keyed_by("hmac", sha256(SECRET_TEXT.as_bytes())), wrong()),
        row("HS256 by the secret in base64url",       "OpenID Connect Core §9", || keyed_by("hmac", base64url(SECRET_TEXT).into()), wrong()),
        row("HS256 by the secret less a byte",        "RFC 2104 §2",        || keyed_by("hmac", SECRET_TEXT[..63].into()), wrong()),
        row("HS256 by the secret of another client",  "OpenID Connect Core §9", || hs256().signed_with(&OTHER_SECRET).call(), wrong()),
        row("HS256 by the client id",                 "OpenID Connect Core §9", || keyed_by("hmac", "hmac".into()), wrong()),
        // one algorithm taken for another
        row("HS256 keyed by the bytes of the key",    "RFC 8725 §2.1",    || keyed_by("p256", public_bytes(&P256).into()), refused(MethodNotRegistered)),
        row("HS256 keyed by the modulus",             "RFC 8725 §2.1",    || keyed_by("rsa", public_bytes(&RSA).into()), refused(MethodNotRegistered)),
        row("HS256 keyed by the bytes, both methods", "RFC 8725 §2.1",    || keyed_by("both", public_bytes(&P256).into()), wrong()),
        row("HS256 keyed by the point, both methods", "RFC 8725 §2.1",    || keyed_by("both", public_bytes(&ED25519).into()), wrong()),
        row("HS256 keyed by RSAPublicKey, both methods", "RFC 8725 §2.1", || keyed_by("both", public_bytes(&RSA).into()), wrong()),
        row("HS256 keyed by the JWK, both methods",   "RFC 8725 §2.1",    || keyed_by("both", jwk(&P256).to_string().into()), wrong()),
        row("HS256 keyed by the set, both methods",   "RFC 8725 §2.1",    || keyed_by("both", crate::cast::set(vec![jwk(&RSA), jwk(&P256), jwk(&ED25519)]).to_string().into()), wrong()),
        row("HS256 keyed by DER, both methods",       "RFC 8725 §2.1",    || keyed_by("both", p256_spki(&P256)), wrong()),
        row("HS256 keyed by PEM, both methods",       "RFC 8725 §2.1",    || keyed_by("both", pem().into()), wrong()),
        row("HS256 keyed by PEM and no line break",   "RFC 8725 §2.1",    || keyed_by("both", pem().trim_end().into()), wrong()),
        row("HS256 by the secret, both methods",      "RFC 8725 §3.1",    || keyed_by("both", SECRET_TEXT.into()), by_secret("both")),
        row("ES256 by the key, both methods",         "RFC 8725 §3.1",    || assertion("both", "ES256", &P256).call(), by_key("both")),
        row("HS256 where keys alone are registered",  "RFC 8725 §3.1",    || keyed_by("p256", SECRET_TEXT.into()), refused(MethodNotRegistered)),
        row("ES256 where a secret alone is registered", "RFC 8725 §3.1",  || assertion("hmac", "ES256", &P256).call(), refused(MethodNotRegistered)),
        row("HS256 of a client of Basic",             "RFC 8725 §3.1",    || keyed_by("basic", SECRET_TEXT.into()), refused(MethodNotRegistered)),
        row("ES256 of a client of Basic that has keys", "RFC 7591 §2",    || assertion("basic-with-keys", "ES256", &P256).call(), refused(MethodNotRegistered)),
        row("ES256 beside Basic in the registration", "RFC 7591 §2",      || assertion("basic-and-key", "ES256", &P256).call(), by_key("basic-and-key")),
        row("an octet key of a set signs nothing",    "RFC 8725 §3.1",    || assertion("encrypting", "HS256", &SECRET).kid("oct").call(), refused(MethodNotRegistered)),
        row("a wrong signature before an expired one", "RFC 7523 §3",     || es256().signed_with(&OTHER_P256).claim("exp", at(-3000)).call(), wrong()),
        row("a wrong signature before a wrong audience", "RFC 7523 §3",   || es256().signed_with(&OTHER_P256).aud("https://other.example.com").call(), wrong()),
    ];
    for (at, point) in small_order_points().into_iter().enumerate() {
        rows.push(row(
            format!("Ed25519 with R of small order, encoding {at}, and S = 0"),
            "RFC 8032 §5.1.7",
            move || ed25519().sign().signature(|_| [point, [0; 32]].concat()).call(),
            wrong(),
        ));
    }
    rows
}

fn fixed(assertion: &'static str) -> impl Fn() -> Call {
    move || send(assertion)
}

/// HS256 of this client, by these bytes as the secret.
fn keyed_by(client: &str, secret: Vec<u8>) -> Call {
    let token = assertion(client, "HS256", &SECRET).sign();
    let message = format!("{}.{}", token.header, token.claims);
    let tag = sign("HS256", &Pair::Secret(secret), message.as_bytes());
    token.signature(|_| tag).call()
}

/// HS256 with what this makes of the message.
fn hmac_of(tag: impl Fn(&[u8]) -> Vec<u8>) -> Call {
    let token = hs256().sign();
    let message = format!("{}.{}", token.header, token.claims);
    token.signature(|_| tag(message.as_bytes())).call()
}

/// The public key of P-256 as in a file.
fn pem() -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(p256_spki(&P256));
    let (first, second) = text.split_at(64);
    format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----\n")
}

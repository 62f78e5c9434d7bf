//! Which key, of those that the client has: by `kid`, by what fits, by what is registered.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::draft::*;
use crate::judge::Table;
use crate::row::*;
use crate::sign::*;

#[tokio::test]
async fn keys() {
    table().hold().await;
}

#[tokio::test]
async fn keys_that_are_fetched() {
    fetched_table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(default_layer, key_rows())
}

pub(crate) fn fetched_table() -> Table {
    Table::new(fetching_layer, fetched_rows())
}

#[rustfmt::skip]
fn key_rows() -> Vec<Row> {
    let wrong = || refused(WrongSignature);
    let unknown = || refused(UnknownKey);
    let ambiguous = || refused(AmbiguousKey);
    let unregistered = || refused(AlgorithmNotRegistered);
    let from = |client: &'static str, alg: &'static str, key: &'static Key| move || assertion(client, alg, key).call();
    let named = |client: &'static str, alg: &'static str, key: &'static Key, kid: &'static str| move || assertion(client, alg, key).kid(kid).call();
    vec![
        // rotation
        row("the old key by its kid",                 "OpenID Connect Core §10.1.1", named("rotating", "ES256", &P256, "old"), by_key("rotating")),
        row("the new key by its kid",                 "OpenID Connect Core §10.1.1", named("rotating", "ES256", &OTHER_P256, "new"), by_key("rotating")),
        row("the old key by the new kid",             "RFC 7515 §4.1.4",  named("rotating", "ES256", &P256, "new"), wrong()),
        row("the new key by the old kid",             "RFC 7515 §4.1.4",  named("rotating", "ES256", &OTHER_P256, "old"), wrong()),
        row("a kid that neither has",                 "RFC 7515 §4.1.4",  named("rotating", "ES256", &P256, "older"), unknown()),
        row("a kid in another case",                  "RFC 7515 §4.1.4",  named("rotating", "ES256", &P256, "OLD"), unknown()),
        row("a kid in escapes",                       "RFC 8259 §8.3",    || assertion("rotating", "ES256", &P256).header("kid", r#""\u006fld""#).call(), by_key("rotating")),
        row("two keys and no kid",                    "OpenID Connect Core §10.1", from("rotating", "ES256", &P256), ambiguous()),
        row("two keys without kid",                   "OpenID Connect Core §10.1", from("two", "ES256", &P256), ambiguous()),
        row("the second of two keys without kid",     "OpenID Connect Core §10.1", from("two", "ES256", &OTHER_P256), ambiguous()),
        row("two keys without kid, kid sent",         "RFC 7515 §4.1.4",  named("two", "ES256", &P256, "1"), unknown()),
        row("the only key, without kid, kid sent",    "RFC 7515 §4.1.4",  named("p256", "ES256", &P256, "1"), by_key("p256")),
        row("the only key, without kid, and a wrong signature", "RFC 7515 §5.2", named("p256", "ES256", &OTHER_P256, "1"), wrong()),
        row("the only key, without kid, an empty one sent", "RFC 7515 §4.1.4", named("p256", "ES256", &P256, ""), by_key("p256")),
        row("the only key that fits, without kid, kid sent", "RFC 7515 §4.1.4", named("es256-alone", "ES256", &P256, "1"), by_key("es256-alone")),
        row("the only key, of another kid",           "RFC 7515 §4.1.4",  named("other-p256", "ES256", &OTHER_P256, "1"), unknown()),
        row("another kid, beside a key without one",  "RFC 7515 §4.1.4",  named("named-and-not", "ES256", &OTHER_P256, "2"), unknown()),
        row("a key with a kid, beside one without",   "RFC 7515 §4.1.4",  named("named-and-not", "ES256", &P256, "1"), by_key("named-and-not")),
        row("a key without kid, beside one with",     "OpenID Connect Core §10.1", from("named-and-not", "ES256", &OTHER_P256), ambiguous()),
        row("two keys of one kid and one type",       "RFC 7517 §4.5",    named("twins", "ES256", &P256, "1"), ambiguous()),
        row("two keys of one kid, the second",        "RFC 7517 §4.5",    named("twins", "ES256", &OTHER_P256, "1"), ambiguous()),
        // several types
        row("five types, no kid: RSA",                "OpenID Connect Core §10.1", from("kinds", "RS256", &RSA), by_key("kinds")),
        row("five types, no kid: RSA by PSS",         "OpenID Connect Core §10.1", from("kinds", "PS512", &RSA), by_key("kinds")),
        row("five types, no kid: P-256",              "OpenID Connect Core §10.1", from("kinds", "ES256", &P256), by_key("kinds")),
        row("five types, no kid: P-384",              "OpenID Connect Core §10.1", from("kinds", "ES384", &P384), by_key("kinds")),
        row("five types, no kid: P-521",              "OpenID Connect Core §10.1", from("kinds", "ES512", &P521), by_key("kinds")),
        row("five types, no kid: Ed25519",            "OpenID Connect Core §10.1", from("kinds", "Ed25519", &ED25519), by_key("kinds")),
        row("five types of one kid: RSA",             "RFC 7517 §4.5",    named("kinds", "RS384", &RSA, "1"), by_key("kinds")),
        row("five types of one kid: P-384",           "RFC 7517 §4.5",    named("kinds", "ES384", &P384, "1"), by_key("kinds")),
        row("five types of one kid: EdDSA",           "RFC 7517 §4.5",    named("kinds", "EdDSA", &ED25519, "1"), by_key("kinds")),
        row("five types, the key of another",         "RFC 7515 §5.2",    from("kinds", "ES384", &OTHER_P384), wrong()),
        // keys that verify nothing
        row("the one key that signs",                 "RFC 7517 §4.2",    from("encrypting", "ES256", &P256), by_key("encrypting")),
        row("the one key that signs, by its kid",     "RFC 7517 §4.2",    named("encrypting", "ES256", &P256, "sig"), by_key("encrypting")),
        row("a key for encryption",                   "RFC 7517 §4.2",    from("encrypting", "RS256", &RSA), unknown()),
        row("a key for encryption, by its kid",       "RFC 7517 §4.2",    named("encrypting", "RS256", &RSA, "enc"), unknown()),
        row("a key without verify among its key_ops", "RFC 7517 §4.3",    named("encrypting", "ES384", &P384, "ops"), unknown()),
        row("a key whose alg encrypts",               "RFC 7517 §4.4",    named("encrypting", "Ed25519", &ED25519, "oaep"), unknown()),
        row("a key of an unknown type",               "RFC 7517 §4.1",    named("encrypting", "ES256", &P256, "akp"), unknown()),
        row("a key with verify among its key_ops",    "RFC 7517 §4.3",    from("key-ops", "ES256", &P256), by_key("key-ops")),
        // alg of a key
        row("the alg of the key",                     "RFC 7517 §4.4",    from("key-of-rs256", "RS256", &RSA), by_key("key-of-rs256")),
        row("another alg than the key's",             "RFC 7517 §4.4",    from("key-of-rs256", "PS256", &RSA), unknown()),
        row("another hash than the key's alg has",    "RFC 7517 §4.4",    from("key-of-rs256", "RS384", &RSA), unknown()),
        row("two keys, each of an alg: the first",    "RFC 7517 §4.4",    from("key-each", "RS256", &RSA), by_key("key-each")),
        row("two keys, each of an alg: the second",   "RFC 7517 §4.4",    from("key-each", "PS256", &OTHER_RSA), by_key("key-each")),
        row("two keys, each of an alg: crossed",      "RFC 7517 §4.4",    from("key-each", "PS256", &RSA), wrong()),
        row("two keys, each of an alg: neither",      "RFC 7517 §4.4",    from("key-each", "PS384", &RSA), unknown()),
        row("a key of EdDSA: EdDSA",                  "RFC 9864 §2.2",    from("key-of-eddsa", "EdDSA", &ED25519), by_key("key-of-eddsa")),
        row("a key of EdDSA: Ed25519",                "RFC 9864 §2.2",    from("key-of-eddsa", "Ed25519", &ED25519), by_key("key-of-eddsa")),
        row("a key of Ed25519: EdDSA",                "RFC 9864 §2.2",    from("key-of-ed25519", "EdDSA", &ED25519), by_key("key-of-ed25519")),
        row("a key of Ed25519: Ed25519",              "RFC 9864 §2.2",    from("key-of-ed25519", "Ed25519", &ED25519), by_key("key-of-ed25519")),
        // the algorithm that the client registered
        row("the registered algorithm",               "OpenID Connect Registration §2", from("es256-alone", "ES256", &P256), by_key("es256-alone")),
        row("another one, for which there is a key",  "OpenID Connect Registration §2", from("es256-alone", "RS256", &RSA), unregistered()),
        row("the registered algorithm, PS384",        "OpenID Connect Registration §2", from("ps384-alone", "PS384", &RSA), by_key("ps384-alone")),
        row("another hash",                           "OpenID Connect Registration §2", from("ps384-alone", "PS256", &RSA), unregistered()),
        row("another padding",                        "OpenID Connect Registration §2", from("ps384-alone", "RS384", &RSA), unregistered()),
        row("EdDSA registered: EdDSA",                "RFC 9864 §2.2",    from("eddsa-alone", "EdDSA", &ED25519), by_key("eddsa-alone")),
        row("EdDSA registered: Ed25519",              "RFC 9864 §2.2",    from("eddsa-alone", "Ed25519", &ED25519), by_key("eddsa-alone")),
        row("Ed25519 registered: EdDSA",              "RFC 9864 §2.2",    from("ed25519-alone", "EdDSA", &ED25519), by_key("ed25519-alone")),
        row("Ed25519 registered: Ed25519",            "RFC 9864 §2.2",    from("ed25519-alone", "Ed25519", &ED25519), by_key("ed25519-alone")),
        row("HS512 registered: HS512",                "OpenID Connect Registration §2", from("hs512-alone", "HS512", &SECRET), by_secret("hs512-alone")),
        row("HS512 registered: HS256",                "OpenID Connect Registration §2", from("hs512-alone", "HS256", &SECRET), unregistered()),
        // secrets
        row("kid beside an HMAC",                     "RFC 7515 §4.1.4",  named("hmac", "HS256", &SECRET, "1"), by_secret("hmac")),
        row("a secret of 32 bytes: HS256",            "RFC 7518 §3.2",    from("hmac-32", "HS256", &SECRET_OF_32), by_secret("hmac-32")),
        row("a secret of 32 bytes: HS384",            "RFC 7518 §3.2",    from("hmac-32", "HS384", &SECRET_OF_32), refused(None)),
        row("a secret of 32 bytes: HS512",            "RFC 7518 §3.2",    from("hmac-32", "HS512", &SECRET_OF_32), refused(None)),
        row("a secret of 48 bytes: HS256",            "RFC 7518 §3.2",    from("hmac-48", "HS256", &SECRET_OF_48), by_secret("hmac-48")),
        row("a secret of 48 bytes: HS384",            "RFC 7518 §3.2",    from("hmac-48", "HS384", &SECRET_OF_48), by_secret("hmac-48")),
        row("a secret of 48 bytes: HS512",            "RFC 7518 §3.2",    from("hmac-48", "HS512", &SECRET_OF_48), refused(None)),
        row("the first of two secrets",               "OpenID Connect Core §9", from("two-secrets", "HS256", &SECRET), by_secret("two-secrets")),
        row("the second of two secrets",              "OpenID Connect Core §9", from("two-secrets", "HS512", &OTHER_SECRET), by_secret("two-secrets")),
        row("neither of two secrets",                 "OpenID Connect Core §9", from("two-secrets", "HS256", &SECRET_OF_32), wrong()),
        row("the new secret while rotating",          "RFC 7591 §3.2.1",  from("rotated-secret", "HS256", &OTHER_SECRET), by_secret("rotated-secret")),
        row("the old secret while rotating",          "RFC 7591 §3.2.1",  from("rotated-secret", "HS256", &SECRET), refused(ExpiredSecret)),
        row("an expired secret",                      "OpenID Connect Core §9", from("expired-secret", "HS256", &SECRET), refused(ExpiredSecret)),
        row("an expired secret, HS512",               "OpenID Connect Core §9", from("expired-secret", "HS512", &SECRET), refused(ExpiredSecret)),
        row("a wrong secret where one expired",       "OpenID Connect Core §9", from("expired-secret", "HS256", &OTHER_SECRET), wrong()),
        // keys elsewhere
        row("keys at a URI, and no source",           "RFC 7591 §2",      from("fetched", "ES256", &P256), refused(KeySourceMissing)),
    ]
}

#[rustfmt::skip]
fn fetched_rows() -> Vec<Row> {
    vec![
        row("a key that is fetched",                  "RFC 7591 §2",      || assertion("fetched", "ES256", &P256).call(), by_key("fetched")),
        row("another key",                            "RFC 7591 §2",      || assertion("fetched", "ES256", &OTHER_P256).call(), refused(WrongSignature)),
        row("an algorithm that no fetched key fits",  "RFC 7591 §2",      || assertion("fetched", "RS256", &RSA).call(), refused(UnknownKey)),
        row("a kid, and the only fetched key has none", "RFC 7515 §4.1.4", || assertion("fetched", "ES256", &P256).kid("1").call(), by_key("fetched")),
        row("the kid of a fetched key",               "RFC 7515 §4.1.4",  || assertion("fetched-named", "ES256", &P256).kid("1").call(), by_key("fetched-named")),
        row("a kid that no fetched key has",          "RFC 7515 §4.1.4",  || assertion("fetched-named", "ES256", &P256).kid("2").call(), refused(UnknownKey)),
        row("a source that is down",                  "RFC 9110 §15.6.4", || assertion("lost", "ES256", &P256).call(), down(KeySourceUnavailable)),
        row("a source that is down, another audience", "RFC 7523 §3",     || assertion("lost", "ES256", &P256).aud("https://other.example").call(), refused(WrongAudience)),
        row("a source that is down, expired",         "RFC 7523 §3",      || assertion("lost", "ES256", &P256).claim("exp", at(-100)).call(), refused(ExpiredAssertion)),
        row("a source that is down, an algorithm that is not registered", "OpenID Connect Registration §2", || assertion("lost-es256", "RS256", &RSA).call(), refused(AlgorithmNotRegistered)),
        row("a source that is down, another method",  "RFC 7591 §2",      || assertion("lost", "HS256", &SECRET).call(), refused(MethodNotRegistered)),
        row("keys that are registered",               "RFC 7591 §2",      || es256().call(), by_key("p256")),
    ]
}

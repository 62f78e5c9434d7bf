//! The key of the certificate, and the key set of the client (RFC 8705 §2.2).

use serde_json::{Value, json};
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::client::certificates::ClientCertificates;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{Client, GrantType};

use crate::cast::*;
use crate::common::{Built, KEYED, Key, basic, body, builder, by_assertion, post};
use crate::issued::*;
use crate::judge::*;

#[tokio::test]
async fn registered_keys() {
    table().hold().await;
}

#[rustfmt::skip]
pub(crate) fn table() -> Table {
    Table::new(layer, vec![
        row("its key",                              "RFC 8705 §2.2", id("keyed"),      unverified(&GOOD),  By(BY_KEY)),
        row("its key, chain verified",              "RFC 8705 §2.2", id("keyed"),      verified(&GOOD),    By(BY_KEY)),
        row("its key in an expired certificate",    "RFC 8705 §2.2", id("keyed"),      unverified(&RENEWED), By(BY_KEY)),
        row("another key of the same name",         "RFC 8705 §2.2", id("keyed"),      unverified(&EXPIRED), Refused(CertificateNotRegistered)),
        row("a key that verifies no signature",     "decisions",     id("weak"),       unverified(&GOOD),  By(BY_KEY)),
        row("x5c without the numbers",              "RFC 8705 §2.2.2", id("chain"),    unverified(&GOOD),  By(BY_KEY)),
        row("x5c, and another one with its key",    "RFC 8705 §2.2.2", id("chain"),    unverified(&RENEWED), By(BY_KEY)),
        row("x5c of another key",                   "RFC 8705 §2.2.2", id("chain"),    unverified(&OTHER), Refused(CertificateNotRegistered)),
        row("x5t#S256",                             "RFC 7517 §4.9", id("thumbprint"), unverified(&GOOD),  By(BY_KEY)),
        row("x5t#S256, and its key again",          "RFC 7517 §4.9", id("thumbprint"), unverified(&RENEWED), Refused(CertificateNotRegistered)),
        row("x5t#S256 of another certificate beside numbers", "RFC 7517 §4.9", id("beside-thumbprint"), unverified(&GOOD), By(BY_KEY)),
        row("x5t#S256 of another certificate: that one", "RFC 7517 §4.9", id("beside-thumbprint"), unverified(&OTHER), Refused(CertificateNotRegistered)),
        row("x5c that cannot be read beside numbers", "RFC 7517 §4.7", id("beside-unread"), unverified(&GOOD), By(BY_KEY)),
        row("x5c that contradicts: its numbers",    "RFC 7517 §4.7", id("contradicting"), unverified(&GOOD), Refused(CertificateNotRegistered)),
        row("x5c that contradicts: its certificate", "RFC 7517 §4.7", id("contradicting"), unverified(&OTHER), Refused(CertificateNotRegistered)),
    ])
}

#[tokio::test]
async fn fetched_keys() {
    fetched_table().hold().await;
}

#[rustfmt::skip]
pub(crate) fn fetched_table() -> Table {
    let code = post("grant_type=authorization_code&code=a&code_verifier=b");
    Table::new(layer, vec![
        row("its key",                           "RFC 8705 §2.2", id("fetched"), unverified(&GOOD),    By(BY_KEY)),
        row("its key in an expired certificate", "RFC 8705 §2.2", id("fetched"), unverified(&RENEWED), By(BY_KEY)),
        row("another key",                       "RFC 8705 §2.2", id("fetched"), unverified(&OTHER),   Refused(CertificateNotRegistered)),
        row("a source that is down",             "decisions",     id("down"),    unverified(&GOOD),    Unavailable(KeySourceUnavailable)),
        row("a set without keys",                "decisions",     id("empty"),   unverified(&GOOD),    Refused(CertificateNotRegistered)),
        row("a source that is down, by name",    "decisions",     id("fetched-or-named"), verified(&GOOD), By(BY_NAME)),
        row("an id in Basic that is not encoded", "decisions",    basic("a+b:"), unverified(&GOOD),     By(BY_KEY)),
        row("another key of that one",           "decisions",     basic("a+b:"), unverified(&OTHER),    Refused(CertificateNotRegistered)),
        row("two clients, the key of the second", "decisions",    basic("not+in+its+set:"), unverified(&GOOD), By(BY_KEY)),
        row("two clients, the key of the first, the second is down", "decisions", basic("in+its+set:"), unverified(&GOOD), By(BY_KEY)),
        row("the same, by its registered key",   "decisions",     basic("keyed+first:"), unverified(&GOOD), By(BY_KEY)),
        row("the same, by its name",             "decisions",     basic("named+first:"), verified(&GOOD), By(BY_NAME)),
        row("the same, the first is public",     "decisions",     code.basic("public+first:"), unverified(&GOOD), By(AuthMethod::None)),
        row("two clients, the first is not proven, the second is down", "decisions", basic("named+first:"), verified(&OTHER), Unavailable(KeySourceUnavailable)),
        row("two clients, the first is down",    "decisions",     basic("not+known:"), unverified(&GOOD), Unavailable(KeySourceUnavailable)),
        row("two clients, the key of neither",   "decisions",     basic("not+in+its+set:"), unverified(&OTHER), Refused(CertificateNotRegistered)),
        row("a source that is down, not by name", "decisions",    id("fetched-or-named"), verified(&OTHER), Unavailable(KeySourceUnavailable)),
    ])
}

#[tokio::test]
async fn without_a_source_of_keys_a_client_with_a_url_gets_a_401() {
    let layer = without_source();
    let exchange = send_with(&layer, &id("fetched"), unverified(&GOOD)).await;
    judge_answer(Refused(KeySourceMissing), &exchange);
}

/// As for an assertion: the source of the layer may reach internal networks.
#[tokio::test]
async fn no_keys_are_fetched_for_a_document_that_the_server_read_itself() {
    let client_id = "https://app.example.com/client.json";
    let document = json!({
        "client_id": client_id,
        "token_endpoint_auth_method": "self_signed_tls_client_auth",
        "jwks_uri": KEYS_URL,
        "grant_types": ["client_credentials"],
    });
    let client = Client::from_document(client_id, document.to_string().as_bytes());
    let layer = over([client.expect("a client")]);
    let exchange = send_with(&layer, &id(client_id), unverified(&GOOD)).await;
    judge_answer(Unavailable(ClientUnavailable), &exchange);
    let exchange = send_with(&layer, &id(client_id), None).await;
    judge_answer(Refused(CertificateMissing), &exchange);
}

/// As for an assertion with an unknown `kid`: two fetches at once, and then one after a pause.
#[tokio::test(start_paused = true)]
async fn an_unknown_key_is_looked_for_and_is_503_in_the_pause() {
    let layer = layer();
    let mut outcomes = Vec::new();
    for _ in 0..5 {
        let exchange = send_with(&layer, &id("fetched"), unverified(&OTHER)).await;
        outcomes.push(exchange.rejection().expect("refused").reason());
    }
    let count = |reason| outcomes.iter().filter(|&&it| it == reason).count();
    assert!(count(CertificateNotRegistered) >= 2, "{outcomes:?}");
    assert!(count(KeyFetchPaused) >= 1, "{outcomes:?}");
    assert_eq!(outcomes.last(), Some(&KeyFetchPaused));
    let exchange = send_with(&layer, &id("fetched"), unverified(&GOOD)).await;
    judge_answer(By(BY_KEY), &exchange);
}

fn loaded(keys: impl Into<Vec<Value>>) -> Client {
    let client = json!({
        "client_id": "a",
        "token_endpoint_auth_method": "self_signed_tls_client_auth",
        "jwks": set(keys),
    });
    Client::from_json(client.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_key_that_contradicts_its_certificate_is_told() {
    for (key, member) in [
        (GOOD.jwk_with([("x5c", json!([OTHER.base64()]))]), "x5c"),
        (
            GOOD.jwk_with([
                ("x5c", json!([GOOD.base64()])),
                ("x5t#S256", OTHER.thumbprint().into()),
            ]),
            "x5t#S256",
        ),
    ] {
        let client = loaded([key, OTHER.jwk()]);
        let [warning] = client.warnings() else {
            panic!("{:?}", client.warnings());
        };
        assert_eq!(warning.field(), Some("jwks"));
        assert_eq!(
            (warning.key(), warning.key_member()),
            (Some(0), Some(member))
        );
    }
    let fine = GOOD.jwk_with([
        ("x5c", json!([GOOD.base64(), "?"])),
        ("x5t#S256", GOOD.thumbprint().into()),
        ("use", "tls".into()),
    ]);
    assert_eq!(loaded([fine]).warnings(), []);
}

#[tokio::test]
async fn a_key_that_contradicts_its_certificate_still_verifies_assertions() {
    let key = Key::new("1");
    let mut jwk = key.jwk();
    jwk["x5c"] = json!([OTHER.base64()]);
    let client = Client::builder(KEYED)
        .auth_methods([AuthMethod::PrivateKeyJwt, BY_KEY])
        .grant_types([GrantType::ClientCredentials])
        .metadata("jwks", set([jwk]))
        .build()
        .expect("a client");
    assert_eq!(client.warnings().len(), 1, "{:?}", client.warnings());
    let layer = builder([client])
        .client_assertions(MemoryReplayStore::new())
        .client_certificates(ClientCertificates::from_acceptor())
        .built();
    let exchange = send_with(&layer, &body(&by_assertion(&key.assertion())), None).await;
    judge_answer(By(AuthMethod::PrivateKeyJwt), &exchange);
    let exchange = send_with(&layer, &id(KEYED), unverified(&OTHER)).await;
    judge_answer(Refused(CertificateNotRegistered), &exchange);
}

#[test]
fn a_set_that_no_certificate_can_be_of_does_not_load() {
    for (key, says) in [
        (
            json!({"kty": "EC"}),
            "none of its keys can be that of a certificate",
        ),
        (
            json!({"kty": "EC", "x5t#S256": "AAAA"}),
            "none of its keys can be",
        ),
        (
            json!({"kty": "EC", "x5c": ["?"]}),
            "the first certificate in `x5c` cannot be used",
        ),
        (
            GOOD.jwk_with([("x5c", json!([OTHER.base64()]))]),
            "`x5c` contradicts the key",
        ),
    ] {
        let client = json!({
            "client_id": "a",
            "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "jwks": set([key]),
        });
        let error = Client::from_json(client.to_string().as_bytes()).expect_err(says);
        assert_eq!(error.field(), Some("jwks"), "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

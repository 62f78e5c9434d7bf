//! Stores that fail, hang, or take notes.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::header;
use tokio::time::Instant;
use tower_token_endpoint::Client;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::*;
use crate::common::{Asked, Built, Hanging, layer, post};
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn a_failing_store() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(over(Registry::failing_for("svc")), store_rows())
}

#[rustfmt::skip]
fn store_rows() -> Vec<Row> {
    let down = || rejected(503, "temporarily_unavailable", StoreUnavailable);
    vec![
        row("a right secret",                        "RFC 9110 §15.6.4",  basic("svc:svc-secret"), down()),
        row("a wrong secret is not 401",             "decisions",         basic("svc:wrong"), down()),
        row("a secret by post",                      "RFC 9110 §15.6.4",  body("client_id=svc&client_secret=svc-secret"), down()),
        row("client_id alone",                       "RFC 9110 §15.6.4",  body("client_id=svc"), down()),
        row("the second of two readings",            "decisions",         basic("s%76c:svc-secret"), down()),
        row("no grant_type, as the grant comes last", "decisions",        post("").basic("svc:svc-secret"), down()),
        row("a client that it finds",                "RFC 6749 §2.3.1",   basic("unscoped:unscoped-secret"), accepted("unscoped", BASIC, GRANT)),
        row("a client that it does not have",        "RFC 6749 §5.2",     basic("nobody:x"), invalid_client(UnknownClient)),
        row("a request that needs no store",         "RFC 6749 §3.2",     svc("scope=a&scope=b"), repeated("scope")),
    ]
}

#[tokio::test]
async fn a_store_that_is_down_is_503_for_every_mechanism() {
    let calls = [
        basic("svc:svc-secret"),
        basic("svc:wrong"),
        body("client_id=svc&client_secret=svc-secret"),
        body("client_id=svc"),
    ];
    for call in calls {
        let exchange = call.send(&over(Registry::failing_for("svc"))).await;
        let error = exchange.rejected(503, "temporarily_unavailable", StoreUnavailable);
        let cause = error.rejection.source().map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("connection refused"));
        assert!(!error.description.contains("refused"), "{error:?}");
        exchange.comes_back_after(5);
    }
}

#[tokio::test]
async fn a_store_that_fails_for_the_second_reading_is_503() {
    let store = Registry::failing_for("nobody+else");
    let exchange = basic("nobody+else:x").send(&over(store)).await;
    exchange.rejected(503, "temporarily_unavailable", StoreUnavailable);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_503_at_the_deadline() {
    let start = Instant::now();
    let exchange = svc(CC).send(&over(Hanging)).await;
    exchange.rejected(503, "temporarily_unavailable", DecisionTimeout);
    exchange.comes_back_after(5);
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn retry_after_can_be_set() {
    let layer = builder_over(Registry::failing_for("svc")).retry_after(Duration::from_secs(42));
    let exchange = svc(CC).send(&layer.built()).await;
    exchange.rejected(503, "temporarily_unavailable", StoreUnavailable);
    exchange.comes_back_after(42);
}

#[tokio::test]
async fn retry_after_is_up_to_a_quarter_longer_at_random() {
    let layer = builder_over(Registry::failing_for("svc")).retry_after(Duration::from_secs(8));
    let layer = layer.built();
    let mut seen = BTreeSet::new();
    // By chance, one of the three is missing in 10^17 runs once.
    for _ in 0..100 {
        let exchange = svc(CC).send(&layer).await;
        let value = exchange.header(header::RETRY_AFTER).map(str::to_owned);
        seen.insert(value.expect("a delay"));
    }
    assert_eq!(Vec::from_iter(seen), ["10", "8", "9"]);
}

#[tokio::test]
async fn a_store_is_asked_for_each_reading_and_no_one_else() {
    let questions: [(Call, &[&str]); 11] = [
        (svc(CC), &["svc"]),
        (basic("nobody:x"), &["nobody"]),
        (basic("a+b:x"), &["a b", "a+b"]),
        (basic("svc:x%20y"), &["svc"]),
        (basic("twin+a:same"), &["twin a", "twin+a"]),
        (basic("%zz:x"), &["%zz"]),
        (body("client_id=x%2By&client_secret=plus"), &["x+y"]),
        (body("client_id=svc").basic("svc:x"), &["svc"]),
        (body("client_id=pub").basic("svc:svc-secret"), &[]),
        (body("client_id=svc&client_secret=x").basic("svc:x"), &[]),
        (svc("%zz"), &[]),
    ];
    for (call, expected) in questions {
        let store = Asked::over(Registry::whole());
        call.send(&over(Arc::clone(&store))).await;
        assert_eq!(store.ids(), expected, "{call:?}");
    }
}

#[tokio::test]
async fn a_secret_expires_when_its_metadata_says() {
    let expiring = |at: u64| {
        let json = serde_json::json!({
            "client_id": "svc",
            "client_secret": "svc-secret",
            "client_secret_expires_at": at,
            "grant_types": [GRANT],
        });
        layer([Client::from_json(json.to_string().as_bytes()).expect("a client")])
    };
    svc(CC).send(&expiring(0)).await.inner_request(); // never (RFC 7591 §3.2.1)
    svc(CC)
        .send(&expiring(32_503_680_000))
        .await
        .inner_request();
    let exchange = svc(CC).send(&expiring(1)).await;
    exchange.rejected(401, "invalid_client", ExpiredSecret);
}

/// RFC 7591 §3.2.1: the client is there, and may be given a new secret.
#[tokio::test]
async fn a_client_whose_secrets_have_all_expired_loads_and_never_authenticates() {
    let secrets = [expired("svc-secret"), expired("other-secret")];
    let builder = Client::builder("svc").grant_types(served());
    let built = secrets
        .into_iter()
        .fold(builder, |it, secret| it.secret(secret));
    let json = serde_json::json!({
        "client_id": "svc",
        "client_secret": "svc-secret",
        "client_secret_expires_at": 1,
        "grant_types": [GRANT],
    });
    let read = Client::from_json(json.to_string().as_bytes());
    for client in [built.build().expect("a client"), read.expect("a client")] {
        let layer = layer([client]);
        for (secret, reason) in [("svc-secret", ExpiredSecret), ("wrong", WrongSecret)] {
            let exchange = post(CC).basic(format!("svc:{secret}")).send(&layer).await;
            exchange.rejected(401, "invalid_client", reason);
        }
    }
}

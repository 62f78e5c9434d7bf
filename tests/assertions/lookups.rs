//! Which clients are looked up for an assertion, and what becomes of it if that fails.

use std::sync::Arc;

use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};

use crate::cast::keyed;
use crate::common::{Asked, Built, Call, Failing, ISSUER};
use crate::draft::*;
use crate::replays::Recorder;
use crate::sign::*;

/// Has the client of most rows, and notes for whom it was asked.
fn asked() -> Arc<Asked<MemoryClientStore>> {
    let client = keyed("p256", vec![jwk(&P256)]).build().expect("a client");
    Asked::over(MemoryClientStore::new([client]).expect("one id"))
}

fn over<C: ClientStore>(clients: C) -> TokenEndpointLayer<C> {
    TokenEndpointLayer::builder(clients, ISSUER)
        .path("/token")
        .client_assertions(Recorder::new())
        .built()
}

/// Refused by the request itself, before any client is looked up.
fn refused_unseen() -> Vec<(Call, RejectionReason)> {
    let with_alg = |alg: &str| es256().header("alg", quoted(alg)).call();
    vec![
        (send("x"), MalformedAssertion),
        (send(&"A".repeat(9000)), MalformedAssertion),
        (es256().header("kid", "1").call(), MalformedAssertion),
        (es256().claim("exp", "null").call(), MalformedAssertion),
        (es256().more_claim("sub", "1").call(), MalformedAssertion),
        (with_alg("none"), UnsupportedAlgorithm),
        (with_alg("ES256K"), UnsupportedAlgorithm),
        (es256().header("crit", "[]").call(), CriticalHeader),
        (es256().header("b64", "true").call(), CriticalHeader),
        (
            es256().header("typ", quoted("at+jwt")).call(),
            WrongTokenType,
        ),
        (es256().without_claim("iss").call(), MissingClaim),
        (es256().without_claim("sub").call(), MissingClaim),
        (es256().without_claim("aud").call(), MissingClaim),
        (es256().without_claim("exp").call(), MissingClaim),
        (es256().without_claim("jti").call(), MissingClaim),
        (
            es256().claim("iss", quoted("other")).call(),
            IssuerNotSubject,
        ),
    ]
}

#[tokio::test]
async fn nobody_is_looked_up_for_what_the_request_alone_decides() {
    for (call, reason) in refused_unseen() {
        let store = asked();
        let exchange = call.send(&over(Arc::clone(&store))).await;
        exchange.rejected(401, "invalid_client", reason);
        let asked = store.ids();
        assert!(asked.is_empty(), "{reason:?}: {asked:?}");
    }
}

#[tokio::test]
async fn the_subject_is_looked_up_and_no_one_else() {
    let mismatch = send_with(
        &es256().text(),
        "grant_type=client_credentials&client_id=other",
    );
    let same = send_with(
        &es256().text(),
        "grant_type=client_credentials&client_id=p256",
    );
    let questions: [(Call, &[&str]); 8] = [
        (es256().call(), &["p256"]),
        (same, &["p256"]),
        (es256().signed_with(&OTHER_P256).call(), &["p256"]),
        (es256().claim("exp", "1").call(), &["p256"]),
        (hs256().call(), &["hmac"]),
        (
            assertion("no body\0", "ES256", &P256).call(),
            &["no body\0"],
        ),
        (es256().call().basic("p256:x"), &[]),
        (mismatch, &[]),
    ];
    for (call, expected) in questions {
        let store = asked();
        call.send(&over(Arc::clone(&store))).await;
        assert_eq!(store.ids(), expected, "{call:?}");
    }
}

#[tokio::test]
async fn a_client_store_that_is_down_is_503_where_it_is_asked() {
    let layer = over(Failing);
    for draft in [
        es256(),
        es256().signed_with(&OTHER_P256),
        es256().claim("exp", "1"),
        assertion("nobody", "ES256", &P256),
        hs256(),
        ed25519(),
        rs256(),
    ] {
        let exchange = draft.call().send(&layer).await;
        let error = exchange.rejected(503, "temporarily_unavailable", StoreUnavailable);
        assert!(!error.description.contains("refused"), "{error:?}");
    }
    for (call, reason) in refused_unseen() {
        let exchange = call.send(&layer).await;
        exchange.rejected(401, "invalid_client", reason);
    }
}

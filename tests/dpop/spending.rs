//! A proof is accepted once (RFC 9449 §11.1), and what is used up in which order.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tower_token_endpoint::Endpoint;
use tower_token_endpoint::dpop::Dpop;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::replay::MemoryReplayStore;

use crate::cast::*;
use crate::common::{Call, basic, by_assertion, post};
use crate::draft::{assertion, at, quoted};
use crate::judge::*;
use crate::proof::*;
use crate::replays::{Failing, Hanging, Recorder};
use crate::sign::*;

#[tokio::test]
async fn a_proof_is_accepted_once_whoever_sends_it() {
    for layer in [
        over(MemoryReplayStore::new(), Dpop::new()),
        default_layer(Recorder::new()),
    ] {
        let header = proof().text();
        judge_answer(Bound(&P256), &with_header(&header).send(&layer).await);
        judge_answer(
            Refused(ReplayedDpopProof),
            &with_header(&header).send(&layer).await,
        );
        // Another client, another grant, another text around the same claims: the key and the `jti` count.
        let call = basic("other:secret").add("dpop", &header);
        judge_answer(Refused(ReplayedDpopProof), &call.send(&layer).await);
    }
}

#[tokio::test]
async fn the_key_and_the_jti_count_and_nothing_else() {
    let layer = default_layer(Recorder::new());
    let first = proof().jti("1");
    judge_answer(Bound(&P256), &with(&first).send(&layer).await);
    for again in [
        first.clone().claim("iat", at(-5)),
        first.clone().claim("x", "1"),
        first.clone().header("kid", quoted("1")),
        first
            .clone()
            .claim("htu", quoted("HTTPS://as.example.com/token?a")),
    ] {
        judge_answer(Refused(ReplayedDpopProof), &with(&again).send(&layer).await);
    }
    judge_answer(Bound(&P256), &with(&proof().jti("2")).send(&layer).await);
    let by_another_key = proof_by("ES256", &OTHER_P256).jti("1");
    judge_answer(
        Bound(&OTHER_P256),
        &with(&by_another_key).send(&layer).await,
    );
}

#[tokio::test]
async fn a_refused_proof_is_not_used_up() {
    let layer = default_layer(Recorder::new());
    let good = proof();
    let forged = good.clone().signed_with(&OTHER_P256);
    judge_answer(
        Refused(WrongDpopSignature),
        &with(&forged).send(&layer).await,
    );
    let stolen = basic("app:wrong").add("dpop", good.text());
    judge_answer(Unauthorized(WrongSecret), &stolen.send(&layer).await);
    judge_answer(Bound(&P256), &with(&good).send(&layer).await);
}

#[tokio::test]
async fn of_200_equal_proofs_at_once_one_is_accepted() {
    let layer = over(MemoryReplayStore::new(), Dpop::new());
    let call = with(&proof());
    let requests = (0..200).map(|_| {
        let (layer, call) = (layer.clone(), call.clone());
        tokio::spawn(async move { call.send(&layer).await.response.status() })
    });
    let mut accepted = 0;
    for request in requests.collect::<Vec<_>>() {
        let status = request.await.expect("no panic");
        assert!([200, 400].contains(&status.as_u16()), "{status}");
        accepted += usize::from(status == 200);
    }
    assert_eq!(accepted, 1);
}

fn signed_by(signed: &str, proof: &str) -> Call {
    let body = format!("grant_type=client_credentials&{}", by_assertion(signed));
    post(body).add("dpop", proof)
}

/// So whoever has an old assertion cannot use up the proof of another request, and what is used up first
/// is what the client has to make anew for each request in any case.
#[tokio::test]
async fn the_assertion_is_used_up_before_the_proof() {
    let recorder = Recorder::new();
    let layer = default_layer(Arc::clone(&recorder));
    let signed = || assertion("signing", "ES256", &OTHER_P256).text();
    let (first, one) = (signed(), proof().text());
    judge_answer(Bound(&P256), &signed_by(&first, &one).send(&layer).await);
    let asked = recorder.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[1].jti.starts_with(&thumbprint(&P256)), "{asked:?}");
    // The same assertion with another proof: the proof stays good.
    let two = proof().text();
    let replayed = signed_by(&first, &two).send(&layer).await;
    judge_answer(Unauthorized(ReplayedAssertion), &replayed);
    judge_answer(Bound(&P256), &signed_by(&signed(), &two).send(&layer).await);
    // A used proof with a new assertion.
    let replayed = signed_by(&signed(), &one).send(&layer).await;
    judge_answer(Refused(ReplayedDpopProof), &replayed);
}

/// For a bad proof, the assertion is not used up either.
#[tokio::test]
async fn a_bad_proof_uses_up_no_assertion() {
    let layer = default_layer(Recorder::new());
    let signed = assertion("signing", "ES256", &OTHER_P256).text();
    for (header, reason) in [
        ("x".to_owned(), MalformedDpopProof),
        (proof().claim("iat", at(-500)).text(), ExpiredDpopProof),
        (proof().signed_with(&OTHER_P256).text(), WrongDpopSignature),
    ] {
        judge_answer(
            Refused(reason),
            &signed_by(&signed, &header).send(&layer).await,
        );
    }
    judge_answer(
        Bound(&P256),
        &signed_by(&signed, &proof().text()).send(&layer).await,
    );
}

#[tokio::test]
async fn a_proof_is_remembered_until_it_is_too_old_for_every_machine() {
    for (window, expected) in [(60, 60 + 120), (300, 300 + 120)] {
        let recorder = Recorder::new();
        let dpop = Dpop::new().window(Duration::from_secs(window));
        let layer = over(Arc::clone(&recorder), dpop);
        let call = with(&proof().claim("iat", at(-30)));
        judge_answer(Bound(&P256), &call.send(&layer).await);
        let [asked] = &recorder.asked()[..] else {
            panic!("{:?}", recorder.asked())
        };
        let until = asked
            .until
            .duration_since(SystemTime::now())
            .expect("later");
        let expected = expected - 30;
        assert!(
            (expected - 3..=expected).contains(&until.as_secs()),
            "{until:?}"
        );
        assert_eq!(
            (&*asked.client, &*asked.issuer),
            ("app", crate::common::ISSUER)
        );
    }
}

#[tokio::test]
async fn a_window_of_the_server_holds() {
    let layer = over(
        Recorder::new(),
        Dpop::new().window(Duration::from_secs(300)),
    );
    let call = with(&proof().claim("iat", at(-350)));
    judge_answer(Bound(&P256), &call.send(&layer).await);
    let call = with(&proof().claim("iat", at(-370)));
    judge_answer(Refused(ExpiredDpopProof), &call.send(&layer).await);
}

#[tokio::test]
async fn a_store_that_is_down_is_503() {
    let down = async |layer: Layer, reason| {
        let exchange = with(&proof()).send(&layer).await;
        exchange.rejected(503, "temporarily_unavailable", reason);
        exchange.comes_back_after(5);
        // Without a proof, nobody asks it.
        judge_answer(Unbound, &basic("app:secret").send(&layer).await);
    };
    down(over(Failing, Dpop::new()), ReplayStoreUnavailable).await;
    let hanging = builder_over(Hanging).dpop(Dpop::new());
    let hanging = hanging.deadline(Duration::from_millis(50)).build();
    down(hanging.expect("settings that agree"), DecisionTimeout).await;
}

/// A proof for one endpoint is not for another, as their URLs differ: but one key uses a `jti` once at
/// all of them.
#[tokio::test]
async fn layers_of_all_endpoints_share_the_store() {
    let token = default_layer(Recorder::new());
    let same = token
        .for_endpoint(Endpoint::Token, "/other-token")
        .expect("settings that agree");
    judge_answer(
        Bound(&P256),
        &with(&proof().jti("shared")).send(&token).await,
    );
    let url = quoted("https://as.example.com/other-token");
    let again = with(&proof().jti("shared").claim("htu", url)).to("/other-token");
    judge_answer(Refused(ReplayedDpopProof), &again.send(&same).await);
}

//! Nonces of the server (RFC 9449 §8): who gets one, which are good, and that asking for one costs nobody
//! anything.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::hmac;
use http::{HeaderValue, Response};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_token_endpoint::dpop::{Dpop, DpopNonces};
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{JWT_BEARER, basic, by_assertion, post};
use crate::draft::{assertion, at, quoted};
use crate::judge::*;
use crate::proof::*;
use crate::replays::Recorder;
use crate::sign::*;

#[tokio::test]
async fn nonces_of_a_proof() {
    table().hold().await;
}

/// The nonce of so many minutes from now, by another implementation of the formula in the docs.
fn nonce_at(secret: &[u8], minutes: i64) -> String {
    let now = UNIX_EPOCH.elapsed().expect("after 1970").as_secs() / 60;
    let step = now.checked_add_signed(minutes).expect("a step");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, &[b"dpop-nonce", &step.to_be_bytes()[..]].concat());
    base64url(&tag.as_ref()[..16])
}

/// No minute must end between the making of a nonce and its check.
fn nonce(minutes: i64) -> String {
    while UNIX_EPOCH.elapsed().expect("after 1970").as_secs() % 60 > 50 {
        std::thread::sleep(Duration::from_millis(200));
    }
    nonce_at(&NONCE_SECRET, minutes)
}

#[rustfmt::skip]
pub(crate) fn table() -> Table {
    let nonce = |make: fn() -> String| move || with(&proof().claim("nonce", quoted(&make())));
    Table::new(nonces_layer, vec![
        row("no proof",                         "RFC 9449 §5",   || basic("app:secret"), Unbound),
        row("a proof without a nonce",          "RFC 9449 §8",   || with(&proof()), Challenged(MissingDpopNonce)),
        row("an empty nonce",                   "RFC 9449 §8",   nonce(String::new), Challenged(WrongDpopNonce)),
        row("a nonce of somebody else",         "RFC 9449 §8",   nonce(|| nonce_at(&[8; 32], 0)), Challenged(WrongDpopNonce)),
        row("the nonce of this minute",         "RFC 9449 §8.1", nonce(|| self::nonce(0)), Bound(&P256)),
        row("the nonce of the next minute",     "decisions",     nonce(|| self::nonce(1)), Bound(&P256)),
        row("the nonce of two minutes ahead",   "decisions",     nonce(|| self::nonce(2)), Challenged(WrongDpopNonce)),
        row("the nonce of four minutes ago",    "decisions",     nonce(|| self::nonce(-4)), Challenged(WrongDpopNonce)),
        row("the nonce of an hour ago",         "RFC 9449 §8",   nonce(|| self::nonce(-60)), Challenged(WrongDpopNonce)),
        row("a nonce and a character more",     "RFC 9449 §8",   nonce(|| self::nonce(0) + "x"), Challenged(WrongDpopNonce)),
        row("a nonce of 4,000 characters",      "RFC 9449 §8",   nonce(|| "a".repeat(4000)), Challenged(WrongDpopNonce)),
        row("a nonce, and an old proof",        "RFC 9449 §11.1", || with(&proof().claim("nonce", quoted(&self::nonce(0))).claim("iat", at(-130))), Refused(ExpiredDpopProof)),
        row("no nonce, and a wrong URL",        "RFC 9449 §4.3", || with(&proof().claim("htu", quoted("https://other.example"))), Refused(WrongDpopUri)),
        row("no nonce, and a wrong signature",  "RFC 9449 §4.3", || with(&proof().signed_with(&OTHER_P256)), Refused(WrongDpopSignature)),
    ])
}

#[tokio::test]
async fn the_nonce_of_a_challenge_is_accepted() {
    let layer = over(Recorder::new(), Dpop::new().nonces(DpopNonces::random()));
    let challenged = with(&proof()).send(&layer).await;
    judge_answer(Challenged(MissingDpopNonce), &challenged);
    let nonce = nonce_of(challenged.response.headers()).expect("a nonce");
    let again = with(&proof().claim("nonce", quoted(&nonce)));
    judge_answer(Bound(&P256), &again.send(&layer).await);
}

/// RFC 9449 §8.2: in the response of whoever answers.
#[tokio::test]
async fn a_newer_nonce_is_offered_with_any_answer() {
    for minutes in [-1, -2, -3] {
        let nonce = nonce(minutes);
        let layer = nonces_layer(Recorder::new());
        let proof = || proof().claim("nonce", quoted(&nonce));
        let accepted = with(&proof()).send(&layer).await;
        assert_eq!(bound_to(&accepted), Some(thumbprint(&P256)));
        let offered = nonce_of(accepted.response.headers());
        assert_eq!(offered, Some(self::nonce(0)), "{minutes}");

        // The answers of the layer itself, about the grant and the scope.
        for (body, code) in [
            ("grant_type=password", "unsupported_grant_type"),
            ("grant_type=client_credentials&scope=write", "invalid_scope"),
        ] {
            let refused = with(&proof()).with_body(body).send(&layer).await;
            assert_eq!(refused.error().code, code);
            let offered = nonce_of(refused.response.headers());
            assert_eq!(offered, Some(self::nonce(0)), "{code}");
        }
    }
}

/// The inner service knows better, such as one with nonces of its own.
#[tokio::test]
async fn a_nonce_of_the_inner_service_stays() {
    let nonce = nonce(-1);
    let layer = nonces_layer(Recorder::new());
    let inner = service_fn(async |_| {
        let mut response = Response::new(http_body_util::Full::<bytes::Bytes>::default());
        let own = HeaderValue::from_static("own");
        response.headers_mut().insert("dpop-nonce", own);
        Ok::<_, tower::BoxError>(response)
    });
    let request = with(&proof().claim("nonce", quoted(&nonce))).request();
    let response = layer
        .layer(inner)
        .oneshot(request)
        .await
        .expect("a response");
    assert_eq!(nonce_of(response.headers()).as_deref(), Some("own"));
}

/// A 401 stays what it is for everybody, and a stranger gets no nonce.
#[tokio::test]
async fn a_401_has_no_nonce_and_the_same_bytes() {
    let layer = nonces_layer(Recorder::new());
    let without = basic("app:wrong").send(&layer).await;
    let good = proof().claim("nonce", quoted(&nonce(0))).text();
    for header in ["", "x", "a,b", &*proof().text(), &good] {
        for credentials in ["app:wrong", "nobody:secret"] {
            let refused = basic(credentials).add("dpop", header).send(&layer).await;
            assert_eq!(refused.response.status(), 401);
            assert_eq!(refused.response.body(), without.response.body(), "{header}");
            assert_eq!(refused.response.headers(), without.response.headers());
        }
    }
}

/// RFC 9449 §8 asks clients to send the request again: the MCP SDK and others send the same assertion.
#[tokio::test]
async fn a_challenge_uses_up_no_assertion() {
    let recorder = Recorder::new();
    let layer = nonces_layer(Arc::clone(&recorder));
    let signed = assertion("signing", "ES256", &OTHER_P256).text();
    let body = format!("grant_type=client_credentials&{}", by_assertion(&signed));
    assert!(body.contains(JWT_BEARER));
    for _ in 0..3 {
        let challenged = post(&body).add("dpop", proof().text()).send(&layer).await;
        judge_answer(Challenged(MissingDpopNonce), &challenged);
    }
    assert_eq!(recorder.asked(), []);
    let proof = proof().claim("nonce", quoted(&nonce(0)));
    let accepted = post(&body).add("dpop", proof.text()).send(&layer).await;
    judge_answer(Bound(&P256), &accepted);
    assert_eq!(recorder.asked().len(), 2);
}

#[tokio::test]
async fn machines_that_share_a_secret_share_nonces() {
    let layer_of = |secrets: &[u8]| {
        let secrets = secrets.iter().map(|&byte| [byte; 32]);
        over(
            Recorder::new(),
            Dpop::new().nonces(DpopNonces::from_secrets(secrets)),
        )
    };
    let [old, both, new] = [&[1][..], &[2, 1], &[2]].map(layer_of);
    let with_nonce = |nonce: &str| with(&proof().claim("nonce", quoted(nonce)));
    let given = async |layer: &Layer| {
        let challenged = with(&proof()).send(layer).await;
        nonce_of(challenged.response.headers()).expect("a nonce")
    };
    // While the secret is replaced, a client is challenged at most once.
    let of_old = given(&old).await;
    let accepted = with_nonce(&of_old).send(&both).await;
    assert!(bound_to(&accepted).is_some());
    let next = nonce_of(accepted.response.headers()).expect("one by the new secret");
    assert!(bound_to(&with_nonce(&next).send(&new).await).is_some());
    assert!(bound_to(&with_nonce(&given(&both).await).send(&new).await).is_some());
    judge_answer(
        Challenged(WrongDpopNonce),
        &with_nonce(&of_old).send(&new).await,
    );
}

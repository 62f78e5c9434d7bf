//! Use once: what spends an assertion, what does not, and what becomes of it if that cannot be
//! found out.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use tokio::time::Instant;
use tower_token_endpoint::Endpoint;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{Built, Call, ISSUER, hold};
use crate::draft::*;
use crate::judge::{Layer, judge_answer};
use crate::replays::{Asked, Failing, Hanging, Recorder};
use crate::row::*;
use crate::sign::*;
use crate::stories::stories;

#[tokio::test]
async fn an_assertion_is_used_once() {
    hold(stories(), |story| async move {
        let endpoints = Endpoints::over(&Recorder::new());
        for (at, (call, outcome)) in story.steps.iter().enumerate() {
            eprintln!("step {at}");
            let layer = endpoints.of(call);
            judge_answer(call, *outcome, &call.send(layer).await, layer).await;
        }
    })
    .await;
}

struct Endpoints {
    token: Layer,
    introspection: Layer,
    revocation: Layer,
}

impl Endpoints {
    /// Layers made of one.
    fn over(recorder: &Arc<Recorder>) -> Self {
        let token = over(Arc::clone(recorder));
        let turned = |endpoint, path| {
            let layer = token.for_endpoint(endpoint, path);
            layer.expect("settings that agree")
        };
        Self {
            introspection: turned(Endpoint::Introspection, "/introspect"),
            revocation: turned(Endpoint::Revocation, "/revoke"),
            token,
        }
    }

    fn of(&self, call: &Call) -> &Layer {
        match &*call.uri {
            "/introspect" => &self.introspection,
            "/revoke" => &self.revocation,
            _ => &self.token,
        }
    }
}

#[tokio::test]
async fn an_assertion_is_spent_by_a_scope_or_grant_that_the_client_may_not_have() {
    let failing = [
        (
            "grant_type=client_credentials&scope=write",
            "invalid_scope",
            ScopeNotRegistered,
        ),
        (
            "grant_type=client_credentials&scope=%22",
            "invalid_scope",
            MalformedScope,
        ),
        (
            "grant_type=urn:example:x",
            "unsupported_grant_type",
            UnsupportedGrantType,
        ),
        (
            "grant_type=authorization_code&code=c",
            "unauthorized_client",
            GrantTypeNotRegistered,
        ),
    ];
    for (parameters, code, reason) in failing {
        let layer = over(Recorder::new());
        let text = assertion("scoped", "ES256", &P256).text();
        let exchange = send_with(&text, parameters).send(&layer).await;
        exchange.rejected(400, code, reason);
        let exchange = send(&text).send(&layer).await;
        exchange.rejected(401, "invalid_client", ReplayedAssertion);
    }
}

#[tokio::test]
async fn layers_that_do_not_share_a_store_do_not_see_each_others_replays() {
    let text = es256().text();
    for _ in 0..2 {
        send(&text)
            .send(&over(Recorder::new()))
            .await
            .inner_request();
    }
}

#[tokio::test]
async fn a_value_is_remembered_by_issuer_client_and_jti_until_two_minutes_after_exp() {
    let exp = at(300);
    let until = UNIX_EPOCH + Duration::from_secs(exp.parse::<u64>().expect("a time") + 120);
    let asked = |issuer: &str, client: &str, jti: &str| Asked {
        issuer: issuer.to_owned(),
        client: client.to_owned(),
        jti: jti.to_owned(),
        until,
    };
    let long = "j".repeat(3000);
    let cases = [
        (es256().jti("1"), asked(ISSUER, "p256", "1")),
        (es256().aud(TOKEN_URL).jti("2"), asked(ISSUER, "p256", "2")),
        (
            es256().jti("a:b\0c\u{1d11e}"),
            asked(ISSUER, "p256", "a:b\0c\u{1d11e}"),
        ),
        (es256().jti(&long), asked(ISSUER, "p256", &long)),
        (hs256().jti("1"), asked(ISSUER, "hmac", "1")),
        (
            assertion("tenant", "ES256", &P256).aud(TENANT).jti("1"),
            asked(TENANT, "tenant", "1"),
        ),
        (
            assertion("tenant", "ES256", &P256)
                .aud("https://tenant.example.com/token")
                .jti("2"),
            asked(TENANT, "tenant", "2"),
        ),
    ];
    for (draft, expected) in cases {
        let recorder = Recorder::new();
        let call = draft.claim("exp", exp.clone()).call();
        call.send(&lenient_layer(Arc::clone(&recorder)))
            .await
            .inner_request();
        assert_eq!(recorder.asked(), [expected]);
    }
}

#[tokio::test]
async fn a_fraction_of_exp_does_not_shorten_what_is_remembered() {
    let exp = at(300);
    let recorder = Recorder::new();
    let call = es256().claim("exp", exp.clone() + ".9").call();
    call.send(&over(Arc::clone(&recorder)))
        .await
        .inner_request();
    let accepted_for = Duration::from_secs(exp.parse::<u64>().expect("a time") + 60);
    let until = recorder.asked()[0].until;
    // The skew, and the fraction.
    assert!(
        until >= UNIX_EPOCH + accepted_for + Duration::from_millis(900),
        "{until:?}"
    );
}

#[tokio::test]
async fn a_failing_store_is_503_and_never_401() {
    let layer = over(Failing);
    for draft in [es256(), rs256(), ed25519(), hs256()] {
        let call = draft.call();
        for _ in 0..2 {
            let exchange = call.send(&layer).await;
            judge_answer(&call, down(ReplayStoreUnavailable), &exchange, &layer).await;
            let rejection = exchange.rejection().expect("a rejection");
            let cause = rejection.source().map(ToString::to_string);
            assert_eq!(cause.as_deref(), Some("connection refused"));
        }
    }
}

#[tokio::test]
async fn a_failing_store_is_not_asked_for_what_is_refused_anyway() {
    let layer = over(Failing);
    let refusals = [
        (es256().signed_with(&OTHER_P256), WrongSignature),
        (es256().aud("https://other.example.com"), WrongAudience),
        (es256().claim("exp", at(-100)), ExpiredAssertion),
        (es256().claim("exp", at(9000)), LongLivedAssertion),
        (es256().claim("nbf", at(200)), AssertionNotYetValid),
        (
            assertion("other-p256", "ES256", &OTHER_P256).kid("1"),
            UnknownKey,
        ),
        (assertion("two", "ES256", &P256), AmbiguousKey),
        (assertion("nobody", "ES256", &P256), UnknownClient),
        (assertion("basic", "ES256", &P256), MethodNotRegistered),
        (
            assertion("es256-alone", "RS256", &RSA),
            AlgorithmNotRegistered,
        ),
        (assertion("expired-secret", "HS256", &SECRET), ExpiredSecret),
        (es256().header("b64", "true"), CriticalHeader),
        (es256().without_claim("jti"), MissingClaim),
    ];
    for (draft, reason) in refusals {
        let call = draft.call();
        judge_answer(&call, refused(reason), &call.send(&layer).await, &layer).await;
    }
}

#[tokio::test]
async fn a_failing_store_does_not_matter_to_other_methods() {
    let layer = over(Failing);
    form(&[CC])
        .basic(format!("basic:{SECRET_TEXT}"))
        .send(&layer)
        .await
        .inner_request();
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_503_at_the_deadline() {
    let start = Instant::now();
    let exchange = es256().call().send(&over(Hanging)).await;
    exchange.rejected(503, "temporarily_unavailable", DecisionTimeout);
    exchange.comes_back_after(5);
    assert_eq!(start.elapsed().as_secs(), 10);

    let start = Instant::now();
    let layer = builder_over(Hanging)
        .deadline(Duration::from_secs(3))
        .built();
    let exchange = hs256().call().send(&layer).await;
    exchange.rejected(503, "temporarily_unavailable", DecisionTimeout);
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_not_waited_for_by_what_is_refused_anyway() {
    let start = Instant::now();
    let exchange = es256()
        .signed_with(&OTHER_P256)
        .call()
        .send(&over(Hanging))
        .await;
    exchange.rejected(401, "invalid_client", WrongSignature);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn of_many_at_once_one_is_accepted() {
    let layer = over(Recorder::new());
    let call = es256().call();
    let sending = (0..50).map(|_| {
        let (layer, call) = (layer.clone(), call.clone());
        tokio::spawn(async move { call.send(&layer).await })
    });
    let mut accepted = 0;
    for sent in sending.collect::<Vec<_>>() {
        let exchange = sent.await.expect("an answer");
        if exchange.rejection().is_none() {
            exchange.inner_request();
            accepted += 1;
        } else {
            exchange.rejected(401, "invalid_client", ReplayedAssertion);
        }
    }
    assert_eq!(accepted, 1);
}

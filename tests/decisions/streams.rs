//! Bodies that take their time, and the deadline for them.

use std::error::Error;
use std::fmt;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Full, Limited};
use tokio::time::Instant;
use tower::BoxError;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::{Registry, cast, over};
use crate::common::{Built, Exchange, Slow, Step, builder, data, layer, poll_once, scripted, send};

/// An error of another layer, around the one that matters.
#[derive(Debug)]
struct Wrapped(BoxError);

impl fmt::Display for Wrapped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("wrapped")
    }
}

impl Error for Wrapped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

#[tokio::test]
async fn frames_make_one_body() {
    let steps = [
        data("grant_type=cli"),
        data(""),
        data("ent_credentials&scope=re"),
        data("ad"),
    ];
    let request = svc("").request_with(scripted(steps));
    let exchange = send(&layer(cast()), request).await;
    let inner = exchange.inner_request();
    assert_eq!(*inner.body(), "grant_type=client_credentials&scope=read");
}

#[tokio::test]
async fn a_stream_that_fails_is_400() {
    let failures: [BoxError; 2] = ["reset".into(), Wrapped("reset".into()).into()];
    for failure in failures {
        let steps = [data(CC), Step::Fail(failure)];
        let request = svc("").request_with(scripted(steps));
        let exchange = send(&layer(cast()), request).await;
        exchange.rejected(400, "invalid_request", BodyUnreadable);
    }
}

#[tokio::test]
async fn a_length_limit_of_another_layer_is_413() {
    let limited = || Limited::new(Full::from(CC), CC.len() - 1);
    let exchange = send(&layer(cast()), svc("").request_with(limited())).await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);

    let wrapped = limited().map_err(|error| Wrapped(Wrapped(error).into()));
    let exchange = send(&layer(cast()), svc("").request_with(wrapped)).await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);
}

#[tokio::test]
async fn a_stream_above_the_limit_is_413_and_read_no_further() {
    let mebibyte = || Step::Data(Bytes::from(vec![b'a'; 1024 * 1024]));
    let request = svc("").request_with(scripted([mebibyte(), Step::Forbidden]));
    let exchange = send(&layer(cast()), request).await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);
}

#[tokio::test]
async fn a_content_length_above_the_limit_is_413_and_never_read() {
    let request = svc("").add("content-length", "65537");
    let exchange = send(
        &layer(cast()),
        request.request_with(scripted([Step::Forbidden])),
    )
    .await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);
}

#[tokio::test]
async fn a_head_that_is_refused_leaves_its_body_unread() {
    let heads = [
        (svc("").method("PUT"), MethodNotAllowed),
        (
            svc("").set("content-type", "text/plain"),
            ContentTypeNotForm,
        ),
        (
            svc("").add("content-encoding", "br"),
            ContentEncodingPresent,
        ),
        (svc("").to("/token?client_secret=x"), CredentialsInQuery),
        (svc("").to("/token?client_id=svc"), ParameterInQuery),
        (
            svc("").method("OPTIONS").set("content-length", "1"),
            MethodNotAllowed,
        ),
        (svc("").basic("svc:svc-secret"), RepeatedAuthorizationHeader),
        (authorization("Bearer x"), UnsupportedScheme),
        (basic("svc"), BasicWithoutColon),
    ];
    for (head, reason) in heads {
        let request = head.request_with(scripted([Step::Forbidden]));
        let exchange = send(&layer(cast()), request).await;
        assert_eq!(exchange.error().rejection.reason(), reason);
    }
}

#[tokio::test]
async fn body_limit_moves_the_limit_both_ways() {
    let tight = builder(cast()).body_limit(CC.len()).built();
    svc(CC).send(&tight).await.inner_request();
    let exchange = svc(format!("{CC}&")).send(&tight).await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);

    let wide = builder(cast()).body_limit(100_000).built();
    svc(padded(100_000)).send(&wide).await.inner_request();
    let exchange = svc(padded(100_001)).send(&wide).await;
    exchange.rejected(413, "invalid_request", BodyTooLarge);
}

// ---- the deadline ---------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn a_body_unfinished_after_ten_seconds_is_408() {
    let start = Instant::now();
    let request = svc("").request_with(scripted([data(CC), Step::Hang]));
    let exchange = send(&layer(cast()), request).await;
    exchange.rejected(408, "invalid_request", BodyTimeout);
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_is_held_to_the_same_deadline() {
    let pause = || Step::Pause(Duration::from_secs(4));
    let steps = [
        data("a=1"),
        pause(),
        data("&b=2"),
        pause(),
        data("&c=3"),
        pause(),
        data(CC),
    ];
    let exchange = send(&layer(cast()), svc("").request_with(scripted(steps))).await;
    exchange.rejected(408, "invalid_request", BodyTimeout);
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_within_the_deadline_is_read() {
    let steps = [
        data("grant_type="),
        Step::Pause(Duration::from_secs(9)),
        data(GRANT),
    ];
    let exchange = send(&layer(cast()), svc("").request_with(scripted(steps))).await;
    exchange.inner_request();
}

#[tokio::test(start_paused = true)]
async fn the_deadline_can_be_set() {
    let start = Instant::now();
    let layer = builder(cast()).deadline(Duration::from_secs(3)).built();
    let exchange = send(&layer, svc("").request_with(scripted([Step::Hang]))).await;
    exchange.rejected(408, "invalid_request", BodyTimeout);
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn body_and_decision_share_one_deadline() {
    let start = Instant::now();
    let six_seconds = Duration::from_secs(6);
    let steps = [Step::Pause(six_seconds), data(CC)];
    let exchange = send(
        &over(Slow(six_seconds, Registry::whole())),
        svc("").request_with(scripted(steps)),
    )
    .await;
    exchange.rejected(503, "temporarily_unavailable", DecisionTimeout);
    assert_eq!(start.elapsed().as_secs(), 10);
}

/// The first poll of a whole request, on a thread without a runtime.
fn first_poll<B>(body: B) -> Poll<Exchange>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let layer = layer(cast());
    poll_once(pin!(send(&layer, svc("").request_with(body))))
}

#[test]
fn without_a_runtime_there_is_no_deadline_and_no_panic() {
    let Poll::Ready(exchange) = first_poll(Full::from(CC)) else {
        panic!("there was nothing to wait for")
    };
    exchange.inner_request();
    assert!(first_poll(scripted([data(CC), Step::Hang])).is_pending());
}

/// A runtime with `enable_io` only.
fn without_time<F: Future>(future: F) -> F::Output {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_io().build().expect("a runtime");
    runtime.block_on(future)
}

#[test]
fn a_decision_that_need_not_wait_needs_no_time_driver() {
    let exchange = without_time(async { svc(CC).send(&layer(cast())).await });
    exchange.inner_request();
}

/// With the message of tokio, which says what to do.
#[test]
#[should_panic(expected = "timers are disabled. Call `enable_time` on the runtime builder")]
fn a_decision_that_waits_panics_in_a_runtime_without_its_time_driver() {
    let request = svc("").request_with(scripted([Step::Hang]));
    without_time(async { send(&layer(cast()), request).await });
}

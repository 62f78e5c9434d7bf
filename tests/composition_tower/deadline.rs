//! The deadline, and what needs no runtime.

use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use tokio::time::{Instant, sleep};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_test::mock;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{Client, TokenEndpointLayer};

use crate::common::{
    AnyBody, Built, CC_READ, ChannelBody, EndlessBody, Hanging, ISSUER, Slow, ask, clients,
    poll_once,
};
use crate::setup::{
    InnerRequest, RIGHT, accepted, builder, echo, layer, other_path, token_request, wrong_method,
    wrong_secret,
};

/// Waits once, without a runtime, then answers.
struct YieldingStore;

impl ClientStore for YieldingStore {
    type Error = Infallible;

    async fn find(
        &self,
        client_id: &str,
        _request: &http::request::Parts,
    ) -> Result<Option<Arc<Client>>, Infallible> {
        let mut waited = false;
        poll_fn(|cx| {
            if waited {
                return Poll::Ready(());
            }
            waited = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        Ok(clients().get(client_id))
    }
}

#[test]
fn immediate_decision_needs_no_runtime() {
    let mut service = layer().layer(service_fn(echo));
    let rows = [
        (accepted as fn() -> Request<AnyBody>, 200),
        (other_path, 200),
        (wrong_secret, 401),
        (wrong_method, 405),
    ];
    for (request, status) in rows {
        assert!(poll_once(pin!(service.ready())).is_ready());
        let mut future = Box::pin(service.call(request()));
        let Poll::Ready(Ok(response)) = poll_once(future.as_mut()) else {
            panic!("{status} is not decided by one poll");
        };
        assert_eq!(response.status().as_u16(), status);
    }
}

#[test]
fn decision_that_waits_needs_no_runtime_either() {
    let mut service = TokenEndpointLayer::builder(YieldingStore, ISSUER)
        .built()
        .layer(service_fn(echo));
    for (request, status) in [
        (accepted as fn() -> Request<AnyBody>, 200),
        (wrong_secret, 401),
    ] {
        assert!(poll_once(pin!(service.ready())).is_ready());
        let mut future = Box::pin(service.call(request()));
        assert!(poll_once(future.as_mut()).is_pending());
        let Poll::Ready(Ok(response)) = poll_once(future.as_mut()) else {
            panic!("{status} is not decided by the second poll");
        };
        assert_eq!(response.status().as_u16(), status);
    }
}

#[test]
fn body_that_waits_needs_no_runtime_either() {
    let mut service = layer().layer(service_fn(echo));
    let (sender, body) = ChannelBody::new();
    assert!(poll_once(pin!(service.ready())).is_ready());
    let mut future = Box::pin(service.call(token_request(RIGHT, body.any())));
    for frame in [CC_READ, "&a=b"] {
        assert!(poll_once(future.as_mut()).is_pending());
        assert!(sender.send(Frame::data(Bytes::from(frame))).is_ok());
    }
    assert!(poll_once(future.as_mut()).is_pending());
    drop(sender);
    let Poll::Ready(Ok(response)) = poll_once(future.as_mut()) else {
        panic!("not decided when the body has ended");
    };
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn body_unfinished_at_the_deadline_is_408() {
    for (configured, after) in [(None, 10), (Some(3), 3)] {
        let (inner, mut handle) = mock::pair::<InnerRequest, Response<Full<Bytes>>>();
        let mut builder = builder();
        if let Some(seconds) = configured {
            builder = builder.deadline(Duration::from_secs(seconds));
        }
        let (_sender, body) = ChannelBody::new();
        let service = builder.built().layer(inner);
        let start = Instant::now();
        let answer = ask(&service, token_request(RIGHT, body.any())).await;
        assert_eq!(start.elapsed().as_secs(), after);
        answer.refused(408, "invalid_request");
        assert_eq!(answer.reason(), Some(RejectionReason::BodyTimeout));
        assert!(!answer.headers.contains_key(RETRY_AFTER), "{answer:?}");
        assert!(handle.poll_request().is_pending());
    }
}

// Not paused: time that is paused does not pass while a task is busy.
#[tokio::test]
async fn body_of_endless_empty_frames_ends_at_the_deadline() {
    let service = builder()
        .deadline(Duration::from_millis(20))
        .built()
        .layer(service_fn(echo));
    let answer = ask(&service, token_request(RIGHT, EndlessBody.boxed_unsync())).await;
    answer.refused(408, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn body_that_trickles_in_does_not_move_the_deadline() {
    let (sender, body) = ChannelBody::new();
    let trickle = tokio::spawn(async move {
        while sender.send(Frame::data(Bytes::from_static(b"a"))).is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    });
    let start = Instant::now();
    let service = layer().layer(service_fn(echo));
    let answer = ask(&service, token_request(RIGHT, body.any())).await;
    assert_eq!(start.elapsed().as_secs(), 10);
    assert_eq!(answer.reason(), Some(RejectionReason::BodyTimeout));
    // The layer let go of the body: its sender is told.
    trickle.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn store_undecided_at_the_deadline_is_503_with_retry_after() {
    for (configured, retry_after) in [(None, 5), (Some(30), 30)] {
        let (inner, mut handle) = mock::pair::<InnerRequest, Response<Full<Bytes>>>();
        let mut builder = TokenEndpointLayer::builder(Hanging, ISSUER);
        if let Some(seconds) = configured {
            builder = builder.retry_after(Duration::from_secs(seconds));
        }
        let service = builder.built().layer(inner);
        for request in [accepted, wrong_secret] {
            let start = Instant::now();
            let answer = ask(&service, request()).await;
            assert_eq!(start.elapsed().as_secs(), 10);
            answer.refused(503, "temporarily_unavailable");
            answer.comes_back_after(retry_after);
            assert_eq!(answer.reason(), Some(RejectionReason::DecisionTimeout));
            let rejection = answer.rejection.as_ref().expect("a rejection");
            let cause = rejection.source().expect("what was late").to_string();
            assert_eq!(cause, "no response before the deadline: store_unavailable");
            assert!(!answer.headers.contains_key(WWW_AUTHENTICATE), "{answer:?}");
        }
        assert!(handle.poll_request().is_pending());
    }
}

/// Sends [`CC_READ`] and ends it after `delay`.
fn body_that_takes(delay: Duration) -> AnyBody {
    let (sender, body) = ChannelBody::new();
    tokio::spawn(async move {
        assert!(sender.send(Frame::data(Bytes::from(CC_READ))).is_ok());
        sleep(delay).await;
    });
    body.any()
}

#[tokio::test(start_paused = true)]
async fn one_deadline_covers_body_and_store_together() {
    for (store, status, after) in [(3, 200, 9), (6, 503, 10)] {
        let store = Slow(Duration::from_secs(store), clients());
        let service = TokenEndpointLayer::builder(store, ISSUER)
            .built()
            .layer(service_fn(echo));
        let body = body_that_takes(Duration::from_secs(6));
        let start = Instant::now();
        let answer = ask(&service, token_request(RIGHT, body)).await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(start.elapsed().as_secs(), after);
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_with_the_decision() {
    let slow_inner = service_fn(async |request: InnerRequest| {
        sleep(Duration::from_secs(60)).await;
        echo(request).await
    });
    let store = Slow(Duration::from_secs(1), clients());
    let service = TokenEndpointLayer::builder(store, ISSUER)
        .built()
        .layer(slow_inner);
    let start = Instant::now();
    let answer = ask(&service, accepted()).await;
    assert_eq!(answer.body, CC_READ);
    assert_eq!(start.elapsed().as_secs(), 61);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_does_not_cover_other_paths() {
    let mut request = token_request(RIGHT, body_that_takes(Duration::from_secs(60)));
    *request.uri_mut() = "/other".parse().expect("a URI");
    let answer = ask(&layer().layer(service_fn(echo)), request).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, CC_READ);
}

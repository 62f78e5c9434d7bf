//! What is untouched: other paths, response bodies, errors, readiness.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_token_endpoint::TokenRequest;

use crate::common::{ChannelBody, Reply, full, poll_once};
use crate::setup::{
    InnerRequest, WRONG, accepted, failing_body, layer, mocked, next_call, other_path,
    token_request,
};

#[tokio::test]
async fn other_path_streams_its_body_without_buffering() {
    let (mut service, mut handle) = mocked();
    let (sender, body) = ChannelBody::new();
    let mut request = token_request(WRONG, body.any());
    *request.uri_mut() = "/other".parse().expect("a URI");
    let answer = tokio::spawn(service.ready().await.expect("ready").call(request));

    let (inner, reply) = next_call(&mut handle).await;
    assert!(inner.extensions().get::<TokenRequest>().is_none());
    assert!(!inner.headers()[AUTHORIZATION].is_sensitive());
    let mut body = inner.into_body();
    assert!(poll_once(pin!(body.frame())).is_pending());
    for _ in 0..3 {
        let large = Bytes::from(vec![b'x'; 100_000]);
        assert!(sender.send(Frame::data(large.clone())).is_ok());
        let frame = body.frame().await.expect("a frame").expect("no error");
        let received = frame.into_data().expect("data");
        assert_eq!(received.as_ptr(), large.as_ptr(), "copied");
        assert_eq!(received.len(), large.len());
        assert!(poll_once(pin!(body.frame())).is_pending());
    }
    let trailers = HeaderMap::from_iter([(CONTENT_TYPE, "t".parse().expect("a header"))]);
    assert!(sender.send(Frame::trailers(trailers.clone())).is_ok());
    let frame = body.frame().await.expect("a frame").expect("no error");
    assert_eq!(frame.into_trailers().expect("trailers"), trailers);
    drop(sender);
    assert!(body.frame().await.is_none());

    reply.send_response(Response::default());
    let answer = Reply::read(answer.await.expect("no panic").expect("an answer")).await;
    assert!(answer.headers.is_empty(), "{answer:?}");
}

#[tokio::test]
async fn other_path_keeps_the_size_and_the_error_of_its_body() {
    let (mut service, mut handle) = mocked();
    let known = service.ready().await.expect("ready").call(other_path());
    let (inner, _reply) = next_call(&mut handle).await;
    assert_eq!(inner.body().size_hint().exact(), Some(8));
    assert!(!inner.body().is_end_stream());
    drop(known);

    let mut request = other_path();
    *request.body_mut() = failing_body();
    let failing = service.ready().await.expect("ready").call(request);
    let (inner, _reply) = next_call(&mut handle).await;
    let error = inner
        .into_body()
        .collect()
        .await
        .expect_err("a broken body");
    assert_eq!(error.to_string(), "connection reset");
    drop(failing);
}

#[tokio::test]
async fn options_on_the_token_path_passes_through_untouched() {
    let (mut service, mut handle) = mocked();
    let mut request = accepted();
    *request.method_mut() = http::Method::OPTIONS;
    *request.body_mut() = full("");
    let answer = tokio::spawn(service.ready().await.expect("ready").call(request));
    let (inner, reply) = next_call(&mut handle).await;
    assert!(inner.extensions().get::<TokenRequest>().is_none());
    reply.send_response(Response::default());
    let answer = Reply::read(answer.await.expect("no panic").expect("an answer")).await;
    assert!(answer.headers.is_empty(), "{answer:?}");
}

#[tokio::test]
async fn response_body_of_the_inner_service_streams_through() {
    for request in [accepted, other_path] {
        let (sender, body) = ChannelBody::new();
        let body = Arc::new(Mutex::new(Some(body)));
        let inner = service_fn(move |_: InnerRequest| {
            let body = body.lock().expect("no panic").take();
            async move { Ok::<_, Infallible>(Response::new(body.expect("one request"))) }
        });
        let response = layer().layer(inner).oneshot(request()).await;
        let mut body = response.expect("an answer").into_body();
        assert!(poll_once(pin!(body.frame())).is_pending());
        for _ in 0..3 {
            assert!(
                sender
                    .send(Frame::data(Bytes::from_static(b"chunk")))
                    .is_ok()
            );
            let frame = body.frame().await.expect("a frame").expect("no error");
            assert_eq!(frame.into_data().expect("data"), "chunk");
            assert!(poll_once(pin!(body.frame())).is_pending());
        }
        assert!(sender.send(Frame::trailers(HeaderMap::new())).is_ok());
        drop(sender);
        assert!(
            body.frame()
                .await
                .expect("a frame")
                .expect("no error")
                .is_trailers()
        );
        assert!(body.frame().await.is_none());
        assert!(body.is_end_stream() || body.frame().await.is_none());
    }
}

#[tokio::test]
async fn error_of_the_inner_service_is_handed_on_as_it_is() {
    for request in [accepted, other_path] {
        let (mut service, mut handle) = mocked();
        let answer = tokio::spawn(service.ready().await.expect("ready").call(request()));
        let (_inner, reply) = next_call(&mut handle).await;
        reply.send_error(io::Error::other("inner broke"));
        let error = answer
            .await
            .expect("no panic")
            .expect_err("the inner error");
        let error = error.downcast::<io::Error>().expect("the same type");
        assert_eq!(error.to_string(), "inner broke");
    }
}

#[tokio::test]
async fn readiness_is_that_of_the_inner_service() {
    let (mut service, mut handle) = mocked();
    handle.allow(0);
    assert!(poll_once(pin!(service.ready())).is_pending());
    handle.allow(1);
    assert!(poll_once(pin!(service.ready())).is_ready());

    let (mut service, mut handle) = mocked();
    handle.send_error(io::Error::other("inner broke"));
    let error = service
        .ready()
        .await
        .map(drop)
        .expect_err("the inner error");
    let error = error.downcast::<io::Error>().expect("the same type");
    assert_eq!(error.to_string(), "inner broke");
}

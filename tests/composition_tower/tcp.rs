//! Bare hyper over TCP.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, HOST, PRAGMA};
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tower::{BoxError, Layer, service_fn};
use tower_token_endpoint::body::RequestBody;

use crate::common::{AnyBody, Built, CC_READ, ChannelBody, FORM, Reply, full, http1, http2, serve};
use crate::setup::{
    HANG, RIGHT, accepted, builder, layer, other_path, token_request, wrong_method, wrong_secret,
};

/// [`echo`] for bare hyper.
async fn echo_incoming(
    request: Request<RequestBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, BoxError> {
    let body = request.into_body().collect().await?;
    Ok(Response::new(Full::new(body.to_bytes())))
}

/// The layer around [`echo`] with a body limit of 1,024 bytes, on a port of its own.
async fn served() -> SocketAddr {
    serve(
        builder()
            .body_limit(1024)
            .built()
            .layer(service_fn(echo_incoming)),
    )
    .await
}

fn over_http1(mut request: Request<AnyBody>) -> Request<AnyBody> {
    request
        .headers_mut()
        .insert(HOST, "as.example.com".parse().expect("a host"));
    request
}

fn over_http2(mut request: Request<AnyBody>) -> Request<AnyBody> {
    let uri = format!("http://as.example.com{}", request.uri().path());
    *request.uri_mut() = uri.parse().expect("a URI");
    request
}

#[track_caller]
fn assert_answers_of_a_token_endpoint(answers: [Reply; 5]) {
    let [accepted, streamed, wrong_secret, wrong_method, other_path] = answers;
    for accepted in [accepted, streamed] {
        assert_eq!(accepted.status, StatusCode::OK);
        assert_eq!(accepted.body, CC_READ);
        assert_eq!(accepted.header(CACHE_CONTROL), "no-store");
        assert_eq!(accepted.header(PRAGMA), "no-cache");
    }
    wrong_secret.assert_unauthenticated();
    assert_eq!(
        wrong_secret.header(CONTENT_LENGTH),
        wrong_secret.body.len().to_string()
    );
    wrong_method.refused(405, "invalid_request");
    assert_eq!(wrong_method.header(ALLOW), "POST");
    assert_eq!(other_path.status, StatusCode::OK);
    assert_eq!(other_path.body, "anything");
    assert!(!other_path.headers.contains_key(CACHE_CONTROL));
}

fn requests() -> [Request<AnyBody>; 5] {
    let frames = CC_READ.bytes().map(|byte| Bytes::from(vec![byte]));
    let streamed = token_request(RIGHT, ChannelBody::of(frames).any());
    [
        accepted(),
        streamed,
        wrong_secret(),
        wrong_method(),
        other_path(),
    ]
}

#[tokio::test]
async fn hyper_over_http_1_serves_accepted_and_rejected_on_one_connection() {
    let mut sender = http1(served().await).await;
    for _ in 0..2 {
        let mut answers = Vec::new();
        for request in requests() {
            sender.ready().await.expect("the connection is kept");
            let response = sender.send_request(over_http1(request)).await;
            answers.push(Reply::read(response.expect("an answer")).await);
        }
        let answers = answers.try_into().expect("five answers");
        assert_answers_of_a_token_endpoint(answers);
    }
}

#[tokio::test]
async fn hyper_over_http_2_serves_accepted_and_rejected_at_the_same_time() {
    let sender = http2(served().await).await;
    let tasks: Vec<_> = requests()
        .into_iter()
        .map(|request| {
            let mut sender = sender.clone();
            tokio::spawn(async move {
                let response = sender.send_request(over_http2(request)).await;
                Reply::read(response.expect("an answer")).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("no panic"));
    }
    assert_answers_of_a_token_endpoint(answers.try_into().expect("five answers"));
}

/// Sends `head` (and what belongs to it) over a raw connection and reads until the server closes.
async fn raw_exchange(address: SocketAddr, sent: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a server");
    stream.write_all(sent.as_bytes()).await.expect("sent");
    let mut received = String::new();
    timeout(HANG, stream.read_to_string(&mut received))
        .await
        .expect("the server closes the connection")
        .expect("an orderly end");
    received
}

fn raw_head(more: &str) -> String {
    format!(
        "POST /token HTTP/1.1\r\nHost: as.example.com\r\nAuthorization: {RIGHT}\r\n\
         Content-Type: {FORM}\r\n{more}\r\n\r\n"
    )
}

#[tokio::test]
async fn long_content_length_is_413_over_http_1_without_reading_a_byte() {
    // The body is never sent, so an answer means that nobody waited for it.
    let received = raw_exchange(served().await, &raw_head("Content-Length: 1025")).await;
    assert!(received.starts_with("HTTP/1.1 413 "), "{received}");
    assert!(
        received.contains(r#""error":"invalid_request""#),
        "{received}"
    );
}

#[tokio::test]
async fn expect_continue_is_not_answered_with_continue_when_the_head_is_rejected() {
    let address = served().await;
    let rows = [
        (
            "413",
            raw_head("Content-Length: 1025\r\nExpect: 100-continue"),
        ),
        (
            "400",
            raw_head("Content-Length: 9\r\nContent-Encoding: gzip\r\nExpect: 100-continue"),
        ),
    ];
    for (status, head) in rows {
        let received = raw_exchange(address, &head).await;
        assert!(
            received.starts_with(&format!("HTTP/1.1 {status} ")),
            "{received}"
        );
        assert!(!received.contains("100 Continue"), "{received}");
    }
}

#[tokio::test]
async fn expect_continue_is_answered_with_continue_before_the_body_is_read() {
    let mut stream = TcpStream::connect(served().await).await.expect("a server");
    let head = raw_head(&format!(
        "Connection: close\r\nContent-Length: {}\r\nExpect: 100-continue",
        CC_READ.len()
    ));
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut interim = [0; 25];
    stream
        .read_exact(&mut interim)
        .await
        .expect("an interim answer");
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(CC_READ.as_bytes()).await.expect("sent");
    let mut received = String::new();
    stream
        .read_to_string(&mut received)
        .await
        .expect("an answer");
    assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
    assert!(received.ends_with(CC_READ), "{received}");
}

#[tokio::test]
async fn long_content_length_is_413_over_http_2_without_reading_and_the_connection_stays() {
    let mut sender = http2(served().await).await;
    let (_frames, never_sent) = ChannelBody::new();
    let mut request = token_request(RIGHT, never_sent.any());
    request.headers_mut().insert(CONTENT_LENGTH, 1025.into());
    let response = sender.send_request(over_http2(request)).await;
    Reply::read(response.expect("an answer"))
        .await
        .refused(413, "invalid_request");

    let response = sender.send_request(over_http2(accepted())).await;
    let answer = Reply::read(response.expect("an answer")).await;
    assert_eq!(answer.body, CC_READ);
}

fn streamed_over_the_limit() -> Request<AnyBody> {
    let frames = std::iter::repeat_n(Bytes::from_static(b"a=0123456789&"), 100);
    token_request(RIGHT, ChannelBody::of(frames).any())
}

#[tokio::test]
async fn rejected_before_the_body_is_read_an_http_1_connection_is_kept_or_closed_in_order() {
    let gzip = || {
        let mut request = accepted();
        let encoding = "gzip".parse().expect("a header");
        request.headers_mut().insert("content-encoding", encoding);
        request
    };
    let too_long = || token_request(RIGHT, full(vec![b'a'; 2048]));
    let rows = [
        (413, streamed_over_the_limit as fn() -> Request<AnyBody>),
        (413, too_long),
        (400, gzip),
    ];
    let address = served().await;
    for (status, request) in rows {
        let mut sender = http1(address).await;
        let response = sender.send_request(over_http1(request())).await;
        let answer = Reply::read(response.expect("an answer")).await;
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");

        // A server need not read on to keep a connection; half an answer it may not send.
        let kept = match sender.ready().await {
            Ok(()) => sender.send_request(over_http1(accepted())).await,
            Err(closed) => Err(closed),
        };
        let response = match kept {
            Err(error) if !error.is_parse() => {
                let mut sender = http1(address).await;
                sender.send_request(over_http1(accepted())).await
            }
            kept => kept,
        };
        let answer = Reply::read(response.expect("an answer")).await;
        assert_eq!(answer.body, CC_READ);
    }
}

#[tokio::test]
async fn streamed_body_over_the_limit_is_413_over_http_2_and_the_connection_stays() {
    let mut sender = http2(served().await).await;
    for _ in 0..3 {
        let response = sender
            .send_request(over_http2(streamed_over_the_limit()))
            .await;
        Reply::read(response.expect("an answer"))
            .await
            .refused(413, "invalid_request");
        let response = sender.send_request(over_http2(accepted())).await;
        let answer = Reply::read(response.expect("an answer")).await;
        assert_eq!(answer.body, CC_READ);
    }
}

#[tokio::test]
async fn stalled_body_is_408_over_tcp_and_the_connection_ends() {
    let service = builder()
        .deadline(Duration::from_millis(20))
        .built()
        .layer(service_fn(echo_incoming));
    let head = raw_head("Content-Length: 100");
    let received = raw_exchange(serve(service).await, &format!("{head}grant_type=")).await;
    assert!(received.starts_with("HTTP/1.1 408 "), "{received}");
}

#[tokio::test]
async fn upload_to_another_path_is_streamed_over_tcp() {
    for two in [false, true] {
        let (seen, mut first_frame) = mpsc::unbounded_channel();
        let inner = service_fn(move |request: Request<RequestBody<Incoming>>| {
            let seen = seen.clone();
            async move {
                let mut body = request.into_body();
                let mut length = 0;
                while let Some(frame) = body.frame().await {
                    length += frame?.into_data().map_or(0, |data| data.len());
                    // The test may have seen enough.
                    let _ = seen.send(length);
                }
                Ok::<_, hyper::Error>(Response::new(Full::from(length.to_string())))
            }
        });
        let address = serve(layer().layer(inner)).await;
        let (frames, body) = ChannelBody::new();
        let mut request = other_path();
        *request.body_mut() = body.any();
        let answer = tokio::spawn(async move {
            let response = if two {
                http2(address).await.send_request(over_http2(request)).await
            } else {
                http1(address).await.send_request(over_http1(request)).await
            };
            Reply::read(response.expect("an answer")).await
        });
        assert!(
            frames
                .send(Frame::data(Bytes::from_static(b"first")))
                .is_ok()
        );
        let seen = timeout(HANG, first_frame.recv()).await.expect("streamed");
        assert_eq!(
            seen,
            Some(5),
            "the first frame arrives before the second is sent"
        );
        assert!(
            frames
                .send(Frame::data(Bytes::from(vec![b'x'; 200_000])))
                .is_ok()
        );
        drop(frames);
        assert_eq!(answer.await.expect("no panic").body, "200005");
    }
}

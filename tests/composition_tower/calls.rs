//! The inner service is never called, or exactly once.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, PRAGMA};
use http::{HeaderName, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, Limited};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_token_endpoint::TokenRequest;
use tower_token_endpoint::body::RequestBody;
use tower_token_endpoint::rejection::RejectionReason;

use crate::common::{AnyBody, Built, CC_READ, ChannelBody, FORM, Reply, ask, full};
use crate::setup::{
    RIGHT, accepted, builder, echo, failing_body, layer, mocked, next_call, token_request,
    wrong_method, wrong_secret,
};

#[tokio::test]
async fn rejected_requests_never_reach_the_inner_service() {
    let post = |headers: &[(HeaderName, &str)], body: AnyBody| {
        let mut request = Request::post("/token").header(CONTENT_TYPE, FORM);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        request.body(body).expect("a valid request")
    };
    let signed = |body: AnyBody| token_request(RIGHT, body);
    let long = || Bytes::from(vec![b'a'; 1025]);
    let rows: Vec<(RejectionReason, u16, Request<AnyBody>)> = vec![
        (RejectionReason::MethodNotAllowed, 405, wrong_method()),
        (
            RejectionReason::ContentTypeNotForm,
            400,
            Request::post("/token").body(full(CC_READ)).expect("valid"),
        ),
        (
            RejectionReason::UnsupportedScheme,
            401,
            token_request("Bearer t", full(CC_READ)),
        ),
        (
            RejectionReason::BasicNotBase64,
            400,
            token_request("Basic %", full(CC_READ)),
        ),
        (
            RejectionReason::RepeatedAuthorizationHeader,
            400,
            post(
                &[(AUTHORIZATION, RIGHT), (AUTHORIZATION, RIGHT)],
                full(CC_READ),
            ),
        ),
        (
            RejectionReason::BodyTooLarge,
            413,
            post(
                &[(AUTHORIZATION, RIGHT), (CONTENT_LENGTH, "1025")],
                full(long()),
            ),
        ),
        (RejectionReason::BodyTooLarge, 413, signed(full(long()))),
        (
            RejectionReason::BodyTooLarge,
            413,
            signed(ChannelBody::of([long()]).any()),
        ),
        (
            RejectionReason::BodyTooLarge,
            413,
            signed(Limited::new(full(CC_READ), 8).boxed_unsync()),
        ),
        (RejectionReason::BodyUnreadable, 400, signed(failing_body())),
        (
            RejectionReason::BadPercentEncoding,
            400,
            signed(full("grant_type=%zz")),
        ),
        (
            RejectionReason::FormNotUtf8,
            400,
            signed(full("grant_type=%ff")),
        ),
        (
            RejectionReason::RepeatedParameter,
            400,
            signed(full("scope=a&scope=b")),
        ),
        (RejectionReason::RepeatedParameter, 400, {
            let mut request = signed(full(CC_READ));
            *request.uri_mut() = "/token?scope=write".parse().expect("a URI");
            request
        }),
        (RejectionReason::ParameterInQuery, 400, {
            let mut request = signed(full("scope=read"));
            *request.uri_mut() = "/token?grant_type=password".parse().expect("a URI");
            request
        }),
        (
            RejectionReason::NoCredentials,
            401,
            post(&[], full(CC_READ)),
        ),
        (
            RejectionReason::MultipleMechanisms,
            400,
            signed(full(format!("{CC_READ}&client_secret=s3cret"))),
        ),
        (RejectionReason::WrongSecret, 401, wrong_secret()),
        (
            RejectionReason::UnknownClient,
            401,
            post(
                &[],
                full(format!("{CC_READ}&client_id=ghost&client_secret=x")),
            ),
        ),
        (
            RejectionReason::MissingGrantType,
            400,
            signed(full("scope=read")),
        ),
        (
            RejectionReason::UnsupportedGrantType,
            400,
            signed(full("grant_type=urn:example:none")),
        ),
        (
            RejectionReason::GrantTypeNotRegistered,
            400,
            signed(full("grant_type=refresh_token&refresh_token=r")),
        ),
        (
            RejectionReason::ScopeNotRegistered,
            400,
            signed(full("grant_type=client_credentials&scope=admin")),
        ),
    ];

    let (mut service, mut handle) = mocked();
    for (reason, status, request) in rows {
        let response = service.ready().await.expect("ready").call(request).await;
        let answer = Reply::read(response.expect("an answer")).await;
        assert_eq!(answer.reason(), Some(reason), "{answer:?}");
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");
        assert!(handle.poll_request().is_pending(), "{reason:?}");
    }
}

#[tokio::test]
async fn accepted_request_reaches_the_inner_service_once_with_the_exact_bytes() {
    let sent =
        "&grant%5Ftype=client%5fcredentials&empty=&scope=read+w%72ite&resource=a&resource=b&";
    let (mut service, mut handle) = mocked();
    let mut request = token_request(RIGHT, full(sent));
    request
        .headers_mut()
        .insert(CONTENT_LENGTH, sent.len().into());
    request
        .headers_mut()
        .insert("x-custom", "kept".parse().expect("a header"));
    *request.uri_mut() = "/token?tenant=a".parse().expect("a URI");
    request.extensions_mut().insert("extension kept");
    let answer = tokio::spawn(service.ready().await.expect("ready").call(request));

    let (inner, reply) = next_call(&mut handle).await;
    assert_eq!(inner.method(), "POST");
    assert_eq!(inner.uri(), "/token?tenant=a");
    assert_eq!(inner.headers()["x-custom"], "kept");
    assert_eq!(inner.headers()[CONTENT_TYPE], FORM);
    assert_eq!(inner.headers()[CONTENT_LENGTH], sent.len().to_string());
    assert_eq!(inner.headers()[AUTHORIZATION], RIGHT);
    assert!(inner.headers()[AUTHORIZATION].is_sensitive());
    assert_eq!(inner.extensions().get(), Some(&"extension kept"));
    let token: TokenRequest = inner.extensions().get().cloned().expect("the result");
    assert_eq!(token.client().client_id(), "app");
    assert_eq!(token.parameter("scope"), Some("read write"));
    assert_eq!(token.resource().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(inner.body().size_hint().exact(), Some(sent.len() as u64));
    let body = inner.into_body().collect().await.expect("a buffered body");
    assert_eq!(body.to_bytes(), sent);

    let mut response = Response::new(Full::from("issued"));
    *response.status_mut() = StatusCode::ACCEPTED;
    reply.send_response(response);
    let answer = answer.await.expect("no panic").expect("an answer");
    let answer = Reply::read(answer).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.body, "issued");
    assert_eq!(answer.header(CACHE_CONTROL), "no-store");
    assert_eq!(answer.header(PRAGMA), "no-cache");
    assert!(handle.poll_request().is_pending());
}

#[tokio::test]
async fn cache_headers_of_the_inner_response_stay() {
    let inner = service_fn(async |_: Request<RequestBody<AnyBody>>| {
        Response::builder()
            .header(CACHE_CONTROL, "private, no-store")
            .header(PRAGMA, "mine")
            .body(Full::<Bytes>::default())
    });
    let answer = ask(&layer().layer(inner), accepted()).await;
    assert_eq!(answer.header(CACHE_CONTROL), "private, no-store");
    assert_eq!(answer.header(PRAGMA), "mine");
    assert_eq!(answer.headers.get_all(CACHE_CONTROL).iter().count(), 1);
}

#[tokio::test]
async fn body_streamed_in_single_bytes_arrives_whole() {
    let frames = CC_READ.bytes().map(|byte| Bytes::from(vec![byte]));
    let (mut service, mut handle) = mocked();
    let request = token_request(RIGHT, ChannelBody::of(frames).any());
    let answer = tokio::spawn(service.ready().await.expect("ready").call(request));
    let (inner, reply) = next_call(&mut handle).await;
    let body = inner.into_body().collect().await.expect("a buffered body");
    assert_eq!(body.to_bytes(), CC_READ);
    reply.send_response(Response::default());
    assert!(answer.await.expect("no panic").is_ok());
}

#[tokio::test]
async fn body_of_slow_and_empty_frames_is_awaited_before_the_inner_service_is_called() {
    let (mut service, mut handle) = mocked();
    let (sender, body) = ChannelBody::new();
    let request = token_request(RIGHT, body.any());
    let answer = tokio::spawn(service.ready().await.expect("ready").call(request));
    for frame in ["", "grant_type=client_", "", "credentials", ""] {
        assert!(sender.send(Frame::data(Bytes::from(frame))).is_ok());
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        assert!(handle.poll_request().is_pending(), "after {frame:?}");
    }
    drop(sender);
    let (inner, reply) = next_call(&mut handle).await;
    let body = inner.into_body().collect().await.expect("a buffered body");
    assert_eq!(body.to_bytes(), "grant_type=client_credentials");
    reply.send_response(Response::default());
    assert!(answer.await.expect("no panic").is_ok());
}

#[tokio::test]
async fn body_exactly_at_the_limit_is_accepted_and_one_byte_more_is_not() {
    let service = builder()
        .body_limit(CC_READ.len())
        .built()
        .layer(service_fn(echo));
    let streamed = |body: String| token_request(RIGHT, ChannelBody::of([Bytes::from(body)]).any());
    let answer = ask(&service, streamed(CC_READ.to_owned())).await;
    assert_eq!(answer.body, CC_READ);
    let answer = ask(&service, streamed(format!("{CC_READ}&"))).await;
    assert_eq!(answer.reason(), Some(RejectionReason::BodyTooLarge));
}

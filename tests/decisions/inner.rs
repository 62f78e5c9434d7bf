//! The inner service: its answer, its error, and what it gets.

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::Full;
use tower::{BoxError, Layer, ServiceExt, service_fn};
use tower_token_endpoint::body::RequestBody;
use tower_token_endpoint::rejection::Rejection;

use crate::calls::*;
use crate::cast::cast;
use crate::common::{ISSUED, layer, read, send};

/// What comes of an accepted request whose inner service answers this.
async fn answered(response: Response<&'static str>) -> Response<String> {
    let inner = service_fn(move |_: Request<RequestBody<Full<Bytes>>>| {
        let response = response.clone().map(Full::from);
        async move { Ok::<_, BoxError>(response) }
    });
    let service = layer(cast()).layer(inner);
    let response = service.oneshot(svc(CC).request()).await.expect("an answer");
    let response = read(response).await;
    response.map(|body| String::from_utf8(body.into()).expect("UTF-8"))
}

fn says_of_caches(response: &Response<String>, cache_control: &str, pragma: &str) {
    let values = |name| response.headers().get_all(name).iter();
    assert!(values(header::CACHE_CONTROL).eq([cache_control]));
    assert!(values(header::PRAGMA).eq([pragma]));
}

#[tokio::test]
async fn the_inner_answer_is_untouched_but_for_two_headers() {
    for status in [200, 201, 302, 400, 401, 500, 503] {
        let inner = Response::builder().status(status).header("x-inner", "kept");
        let inner = inner.header("content-type", "a/b").body(ISSUED);
        let response = answered(inner.expect("a response")).await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["x-inner"], "kept");
        assert_eq!(response.headers()["content-type"], "a/b");
        assert_eq!(response.headers().len(), 4, "{response:?}");
        says_of_caches(&response, "no-store", "no-cache");
        assert_eq!(response.body(), ISSUED);
        assert!(response.extensions().get::<Rejection>().is_none());
    }
}

#[tokio::test]
async fn the_inner_answers_own_cache_headers_stand() {
    let inner = Response::builder().header("cache-control", "private");
    let inner = inner.header("pragma", "x").body(ISSUED);
    says_of_caches(&answered(inner.expect("a response")).await, "private", "x");

    let inner = Response::builder().header("pragma", "x").body(ISSUED);
    says_of_caches(&answered(inner.expect("a response")).await, "no-store", "x");
}

#[tokio::test]
async fn the_inner_error_is_handed_on_as_it_is() {
    #[derive(Debug, PartialEq)]
    struct OutOfTokens(u8);

    let inner = service_fn(|_: Request<RequestBody<Full<Bytes>>>| async {
        Err::<Response<Full<Bytes>>, _>(OutOfTokens(7))
    });
    let service = layer(cast()).layer(inner);
    let error = service
        .oneshot(svc(CC).request())
        .await
        .expect_err("the inner error");
    assert_eq!(error, OutOfTokens(7));
}

#[tokio::test]
async fn other_extensions_of_the_request_are_handed_on() {
    let mut request = svc(CC).request();
    request.extensions_mut().insert("from outside");
    let exchange = send(&layer(cast()), request).await;
    let inner = exchange.inner_request();
    assert_eq!(inner.extensions().get(), Some(&"from outside"));
}

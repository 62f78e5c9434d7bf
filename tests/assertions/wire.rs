//! Over a real connection: hyper on both sides, HTTP/1.1.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use tower::{Layer, service_fn};
use tower_token_endpoint::TokenRequest;
use tower_token_endpoint::body::RequestBody;

use crate::cast::over;
use crate::common::{Call, Reply, http1, post, serve};
use crate::draft::*;
use crate::replays::Recorder;
use crate::sign::*;

/// Answers with the id of the client.
async fn name_client(
    request: Request<RequestBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let request: &TokenRequest = request.extensions().get().expect("the layer in front");
    let id = request.client().client_id().to_owned();
    Ok(Response::new(Full::from(id)))
}

async fn connect() -> SendRequest<Full<Bytes>> {
    http1(serve(over(Recorder::new()).layer(service_fn(name_client))).await).await
}

async fn exchange(sender: &mut SendRequest<Full<Bytes>>, call: &Call) -> Reply {
    let mut request = call.request();
    let host = "as.example.com".parse().expect("a host");
    request.headers_mut().insert(header::HOST, host);
    sender.ready().await.expect("an open connection");
    let response = sender.send_request(request).await;
    let mut reply = Reply::read(response.expect("an answer")).await;
    reply.headers.remove(header::DATE);
    reply
}

/// All of it, as it was on the wire.
#[track_caller]
fn assert_same(reply: &Reply, wanted: &Reply, name: &str) {
    assert_eq!(reply.status, wanted.status, "{name}");
    assert_eq!(reply.headers, wanted.headers, "{name}");
    assert_eq!(reply.body, wanted.body, "{name}");
}

#[tokio::test]
async fn every_algorithm_is_accepted_once_and_refused_in_the_same_bytes() {
    let mut sender = connect().await;
    let unknown = post(CC).basic("nobody:secret");
    let unknown = exchange(&mut sender, &unknown).await;
    unknown.assert_unauthenticated();
    for suite in &SUITES {
        let draft = assertion(suite.client, suite.alg, suite.key);
        let forged = draft.clone().signed_with(suite.other_key).call();
        assert_same(&exchange(&mut sender, &forged).await, &unknown, suite.alg);
        let call = draft.call();
        let reply = exchange(&mut sender, &call).await.granted();
        assert_eq!(reply.body, suite.client, "{suite:?}");
        assert_same(&exchange(&mut sender, &call).await, &unknown, suite.alg);
    }
    for text in ["x", "..", &"A".repeat(60_000)] {
        assert_same(&exchange(&mut sender, &send(text)).await, &unknown, text);
    }
}

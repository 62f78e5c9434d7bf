//! Over a real connection: hyper on both sides, HTTP/1.1.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, service_fn};
use tower_token_endpoint::{RequestBody, TokenRequest};

use crate::cast::over;
use crate::common::{Call, ISSUER, post};
use crate::draft::*;
use crate::replays::Recorder;
use crate::sign::*;

type Answer = (u16, HeaderMap, Bytes);

/// Answers with the id of the client.
async fn name_client(
    request: Request<RequestBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let request: &TokenRequest = request.extensions().get().expect("the layer in front");
    let id = request.client().client_id().to_owned();
    Ok(Response::new(Full::from(id)))
}

async fn connect() -> SendRequest<Full<Bytes>> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let service = over(Recorder::new()).layer(service_fn(name_client));
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let server = auto::Builder::new(TokioExecutor::new());
        let service = TowerToHyperService::new(service);
        server.serve_connection(TokioIo::new(stream), service).await
    });
    let stream = TcpStream::connect(address).await.expect("a connection");
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (sender, connection) = handshake.expect("a connection");
    tokio::spawn(connection);
    sender
}

async fn exchange(sender: &mut SendRequest<Full<Bytes>>, call: &Call) -> Answer {
    let mut request = call.request();
    let host = "as.example.com".parse().expect("a host");
    request.headers_mut().insert(header::HOST, host);
    sender.ready().await.expect("an open connection");
    let response = sender.send_request(request).await.expect("an answer");
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::DATE);
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status.as_u16(), parts.headers, body)
}

#[tokio::test]
async fn every_algorithm_is_accepted_once_and_refused_in_the_same_bytes() {
    let mut sender = connect().await;
    let unknown = post(CC).basic("nobody:secret");
    let unknown = exchange(&mut sender, &unknown).await;
    assert_eq!(unknown.0, 401);
    assert!(
        unknown.1[header::WWW_AUTHENTICATE]
            .to_str()
            .expect("ASCII")
            .contains(ISSUER)
    );
    for suite in &SUITES {
        let draft = assertion(suite.client, suite.alg, suite.key);
        let forged = draft.clone().signed_with(suite.other_key).call();
        assert_eq!(exchange(&mut sender, &forged).await, unknown, "{suite:?}");
        let call = draft.call();
        let (status, _, body) = exchange(&mut sender, &call).await;
        assert_eq!(
            (status, &*body),
            (200, suite.client.as_bytes()),
            "{suite:?}"
        );
        assert_eq!(exchange(&mut sender, &call).await, unknown, "{suite:?}");
    }
    for text in ["x", "..", &"A".repeat(60_000)] {
        assert_eq!(exchange(&mut sender, &send(text)).await, unknown);
    }
}

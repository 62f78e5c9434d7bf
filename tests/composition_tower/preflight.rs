//! `OPTIONS` over connections, where a body may come without a length.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::{Layer, service_fn};
use tower_token_endpoint::body::RequestBody;

use crate::common::{AnyBody, ChannelBody, Reply, full, http2, serve};
use crate::setup::layer;

async fn served() -> std::net::SocketAddr {
    let inner = service_fn(
        async |request: Request<RequestBody<hyper::body::Incoming>>| {
            let body = request.into_body().collect().await?.to_bytes();
            Ok::<_, hyper::Error>(http::Response::new(Full::<Bytes>::from(body)))
        },
    );
    serve(layer().layer(inner)).await
}

#[tokio::test]
async fn over_http_2_a_body_needs_no_length() {
    let mut sender = http2(served().await).await;
    let rows: [(&str, AnyBody, u16); 3] = [
        ("the stream ends with the head", full(""), 200),
        ("a body of a known length", full("a=b"), 405),
        (
            "a body of an unknown length",
            ChannelBody::of([Bytes::from("a=b")]).any(),
            405,
        ),
    ];
    for (name, body, status) in rows {
        let request = Request::options("http://as.example.com/token").body(body);
        let response = sender.send_request(request.expect("a request")).await;
        let reply = Reply::read(response.expect("an answer")).await;
        assert_eq!(reply.status.as_u16(), status, "{name}: {reply:?}");
    }
}

#[tokio::test]
async fn over_http_1_a_body_is_announced_by_a_header() {
    let address = served().await;
    for (headers, body, status) in [
        ("", "", 200),
        ("Content-Length: 0\r\n", "", 200),
        ("Content-Length: 3\r\n", "a=b", 405),
        (
            "Transfer-Encoding: chunked\r\n",
            "3\r\na=b\r\n0\r\n\r\n",
            405,
        ),
        ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", 405),
    ] {
        let mut stream = TcpStream::connect(address).await.expect("a server");
        let head = "OPTIONS /token HTTP/1.1\r\nHost: as.example.com\r\nConnection: close\r\n";
        let request = format!("{head}{headers}\r\n{body}");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut received = String::new();
        let read = stream.read_to_string(&mut received).await;
        read.expect("an orderly end");
        let start = format!("HTTP/1.1 {status} ");
        assert!(received.starts_with(&start), "{headers}: {received}");
        let allow = received.contains("allow: POST\r\n");
        assert_eq!(allow, status == 405, "{headers}: {received}");
    }
}

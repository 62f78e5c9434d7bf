//! Sources that never come to an end, and connections that are let go.

use std::net::Ipv4Addr;

use tokio::net::TcpStream;
use tower_token_endpoint::jwks::{HttpJwksSource, JwksSource};

use crate::server::Behaviour::{Drip, Repeat, Stall};
use crate::server::{Server, bytes};
use crate::setup::{HOST, JSON, SHORT, Trap, failed, loopback, source};

#[tokio::test]
async fn sources_that_never_end_are_cut_off_and_let_go() {
    let ok = "HTTP/1.1 200 OK";
    let length = format!("{ok}\r\nContent-Length: 60000");
    let long = format!("{ok}\r\nContent-Length: 10485760");
    let chunked = format!("{ok}\r\nTransfer-Encoding: chunked");
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1024)).into_bytes();
    let table = [
        ("says nothing", Stall(Vec::new()), "within 300ms"),
        ("half a head", Stall(ok.into()), "within 300ms"),
        ("a head alone", Stall(bytes(&length, "")), "within 300ms"),
        ("half a body", Stall(bytes(&length, JSON)), "within 300ms"),
        (
            "half a chunk",
            Stall(bytes(&chunked, "fff\r\n{")),
            "within 300ms",
        ),
        (
            "drips a head",
            Drip(ok.into(), b"\r\nX: y".into()),
            "within 300ms",
        ),
        (
            "drips a body",
            Drip(bytes(&length, ""), b"x".into()),
            "within 300ms",
        ),
        (
            "drips chunks",
            Drip(bytes(&chunked, ""), b"1\r\nx\r\n".into()),
            "within 300ms",
        ),
        (
            "drips a chunk's extension",
            Drip(bytes(&chunked, "1;"), b"x".into()),
            "within 300ms",
        ),
        (
            "never comes to its answer",
            Drip(Vec::new(), b"HTTP/1.1 100 Continue\r\n\r\n".into()),
            "within 300ms",
        ),
    ];
    for (name, answer, wanted) in table {
        let server = Server::http(answer).await;
        let hurried = HttpJwksSource::with_fetch(loopback().total_timeout(SHORT));
        let fetched = hurried.fetch(&server.http_uri()).await;
        let error = failed(fetched, name);
        assert!(error.contains(wanted), "{name}: {error}");
        let _ = server.request().await;
    }
    // These end at a limit, long before the time is up.
    let table = [
        (
            "floods with a length",
            Repeat(bytes(&long, ""), vec![b'x'; 4096]),
            "longer than",
        ),
        (
            "floods without one",
            Repeat(bytes(ok, ""), vec![b'x'; 4096]),
            "longer than",
        ),
        (
            "floods with chunks",
            Repeat(bytes(&chunked, ""), chunk),
            "longer than",
        ),
        (
            "floods with a head",
            Repeat(ok.into(), b"\r\nX: y".into()),
            "response cannot be read",
        ),
        (
            "floods with one line",
            Repeat(ok.into(), vec![b'x'; 4096]),
            "response cannot be read",
        ),
    ];
    for (name, answer, wanted) in table {
        let server = Server::http(answer).await;
        let error = failed(source().fetch(&server.http_uri()).await, name);
        assert!(error.contains(wanted), "{name}: {error}");
        let _ = server.request().await;
    }
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_cut_off() {
    let server = Server::http(Stall(Vec::new())).await;
    let source = HttpJwksSource::with_fetch(loopback().total_timeout(SHORT));
    let error = failed(source.fetch(&server.https_uri()).await, "a handshake");
    assert!(error.contains("within 300ms"), "{error}");
    server.request().await.expect_err("nothing is asked");
}

/// A listener whose queue is full lets connections wait, on Linux.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_is_never_accepted_is_given_up() {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    let any = (Ipv4Addr::LOCALHOST, 0).into();
    socket.bind(any).expect("a port");
    let listener = socket.listen(1).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let mut queue = Vec::new();
    let connect = || tokio::time::timeout(SHORT, TcpStream::connect(address));
    while let Ok(stream) = connect().await {
        queue.push(stream.expect("a connection"));
    }
    let source = HttpJwksSource::with_fetch(loopback().connect_timeout(SHORT));
    let uri = format!("http://{HOST}:{}/jwks", address.port());
    let error = failed(source.fetch(&uri).await, "the queue is full");
    assert!(error.contains("no connection"), "{error}");
    assert!(error.contains("deadline has elapsed"), "{error}");
}

#[tokio::test]
async fn a_fetch_that_is_dropped_lets_its_connection_go() {
    let server = Server::http(Stall(bytes("HTTP/1.1 200 OK", "{"))).await;
    let uri = server.http_uri();
    let source = source();
    let fetch = tokio::time::timeout(SHORT, source.fetch(&uri));
    fetch.await.expect_err("it has no end");
    server.request().await.expect("a request");
}

#[tokio::test]
async fn nobody_there_is_an_error() {
    let port = Trap::set().port();
    let uri = format!("http://{HOST}:{port}/jwks");
    let error = failed(source().fetch(&uri).await, "refused");
    assert!(error.contains("no connection"), "{error}");
}

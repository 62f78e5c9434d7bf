//! Connections on which no handshake ends, and more connections than the process may have.

use std::io::{Read, Write};
use std::net::TcpStream as BlockingStream;
use std::process::Command;
use std::time::{Duration, Instant};

use http::{Request, Version};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::clients::*;
use crate::common::token_server::*;
use crate::https::*;
use crate::identity::*;

/// What the handshake and the header of a request may take together.
const DEADLINE: Duration = Duration::from_secs(10);
/// What this machine may be late.
const LATE: Duration = Duration::from_secs(10);
/// The beginning of a ClientHello of 512 bytes (RFC 8446 §5.1).
const HELLO: &[u8] = &[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3];

/// Sends the beginning, then a byte each second, and expects the end of the connection.
async fn assert_ended(
    what: &'static str,
    stream: impl AsyncRead + AsyncWrite,
    begun: Instant,
    beginning: &'static [u8],
    trickled: &'static [u8],
) {
    let (mut reading, mut writing) = tokio::io::split(stream);
    writing.write_all(beginning).await.expect("it reads");
    let trickle = async {
        for byte in trickled {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let _ = writing.write_all(&[*byte]).await;
            let _ = writing.flush().await;
        }
        std::future::pending::<()>().await;
    };
    let mut buffer = [0; 1024];
    let ended = async { while reading.read(&mut buffer).await.is_ok_and(|read| read > 0) {} };
    let ended = async {
        tokio::select! { () = ended => {}, () = trickle => {} }
    };
    let ended = timeout(DEADLINE + LATE, ended).await;
    assert!(ended.is_ok(), "{what} goes on");
    let after = begun.elapsed();
    assert!(
        after > DEADLINE - Duration::from_secs(1),
        "{what}: {after:?}"
    );
}

#[tokio::test]
async fn handshake_and_header_that_do_not_end_within_10_seconds_end_the_connection() {
    let server = start_https(&[]);
    let mut connections = JoinSet::new();
    for (what, beginning, trickled) in [
        ("nothing", &b""[..], &b""[..]),
        ("one byte", &HELLO[..1], b""),
        ("half a hello", HELLO, b""),
        ("a hello by the byte", HELLO, &[0; 30]),
    ] {
        let begun = Instant::now();
        let stream = TcpStream::connect(server.address()).await;
        let stream = stream.expect("it listens");
        connections.spawn(assert_ended(what, stream, begun, beginning, trickled));
    }
    for (what, beginning, trickled) in [
        ("a handshake", &b""[..], &b""[..]),
        ("a handshake and half a header", b"GET /resource HT", b""),
        ("a handshake and a header by the byte", b"", &[b'G'; 30]),
    ] {
        let begun = Instant::now();
        let stream = connect(server.address(), config_of(Some(&BILLING))).await;
        let stream = stream.expect("a handshake");
        connections.spawn(assert_ended(what, stream, begun, beginning, trickled));
    }
    connections.join_all().await;
    let granted = server.token_by(Some(&BILLING), BY_SUBJECT, &[CLIENT_CREDENTIALS]);
    granted.await.granted();
}

#[tokio::test]
async fn what_is_no_tls_ends_its_connection_and_no_other() {
    let server = start_https(&[]);
    let mut stream = BlockingStream::connect(server.address()).expect("it listens");
    let request = b"GET /resource HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).expect("it reads");
    let mut response = Vec::new();
    // The end may be a reset, since the server did not read all.
    let _ = stream.read_to_end(&mut response);
    assert!(!response.starts_with(b"HTTP"), "{response:?}");
    server
        .token_by(None, UNBOUND, &[CLIENT_CREDENTIALS])
        .await
        .granted();
}

#[cfg(unix)]
#[tokio::test]
async fn server_outlives_running_out_of_file_descriptors() {
    let [certificate, key] = &*SERVER_FILES;
    let mut started = command(&["--tls-cert", certificate, "--tls-key", key]);
    started.arg("--clients").arg(&*CLIENTS);
    let mut command = Command::new("sh");
    command
        .args(["-c", r#"ulimit -n 64; exec "$0" "$@""#])
        .arg(started.get_program())
        .args(started.get_args());
    let mut server = spawn(command);
    let address = server.address();
    let connect = |_| BlockingStream::connect(address).expect("the kernel accepts");
    let idle: Vec<_> = (0..100).map(connect).collect();
    wait_for("log line about it", || {
        server.output().contains("cannot accept").then_some(())
    });
    drop(idle);
    server
        .token_by(None, UNBOUND, &[CLIENT_CREDENTIALS])
        .await
        .granted();
    assert_eq!(server.process.exit_code(Duration::ZERO), None);
}

/// Each request of a connection has the certificate.
#[tokio::test]
async fn http2_is_spoken_to_who_asks_for_it() {
    let server = start_https(&[]);
    let mut config = config_of(Some(&BILLING));
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = connect(server.address(), config)
        .await
        .expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let connected = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (mut sender, connection) = connected.expect("HTTP/2");
    tokio::spawn(connection);
    for _ in 0..3 {
        let request = Request::post("https://localhost/token")
            .header(http::header::CONTENT_TYPE, crate::common::FORM)
            .body(body(BY_SUBJECT, &[CLIENT_CREDENTIALS]));
        let response = sender.send_request(request.expect("a request")).await;
        let response = response.expect("the server answers");
        assert_eq!(response.version(), Version::HTTP_2);
        assert_eq!(response.status(), 200);
    }
}

/// The longest certificate that is read, in the header of a proxy that speaks HTTP/2.
#[tokio::test]
async fn header_over_http2_may_have_a_certificate_of_16_kib() {
    let clients = CLIENTS.to_string_lossy();
    let flags = [
        "--clients",
        &clients,
        "--client-certificate-header",
        "nginx",
    ];
    let server = start(&flags);
    let mut params = named("billing");
    let name = |number| format!("{number:0100}.example.com");
    params.subject_alt_names.extend((0..140).map(|it| {
        let name = name(it).try_into().expect("ASCII");
        rcgen::SanType::DnsName(name)
    }));
    let identity = CA.sign(params);
    assert!(
        (15_000..16 * 1024).contains(&identity.der.len()),
        "{}",
        identity.der.len()
    );
    let value = crate::headers::escaped(&identity.pem());
    let address = server.base.trim_start_matches("http://");
    let stream = TcpStream::connect(address).await.expect("it listens");
    let connected = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (mut sender, connection) = connected.expect("HTTP/2");
    tokio::spawn(connection);
    let request = Request::post(format!("{}/token", server.base))
        .header(http::header::CONTENT_TYPE, crate::common::FORM)
        .header("x-ssl-client-cert", value)
        .header("x-ssl-client-verify", "SUCCESS")
        .body(body(BY_SUBJECT, &[CLIENT_CREDENTIALS]));
    let response = sender.send_request(request.expect("a request")).await;
    assert_eq!(response.expect("the server answers").status(), 200);
}

/// A client without a handshake has no request in flight.
#[cfg(unix)]
#[tokio::test]
async fn half_a_handshake_does_not_hold_the_end_of_the_server_up() {
    let mut server = start_https(&[]);
    let address = server.address();
    let half: Vec<_> = (0..5)
        .map(|_| {
            let mut stream = BlockingStream::connect(address).expect("it listens");
            stream.write_all(HELLO).expect("it reads");
            stream
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let pid = server.process.0.id().to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(told.expect("kill runs").success());
    let code = server.process.exit_code(Duration::from_secs(3));
    assert_eq!(code, Some(0));
    drop(half);
}

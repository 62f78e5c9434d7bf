//! What a client gets of the response of the upstream server.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::common::token_server::wait_for;
use crate::common::{Broken, CC, Reply, call, http1, post};
use crate::setup::{SECRET, address, proxy, raw_upstream};

async fn token(proxy: SocketAddr) -> Reply {
    let request = post(CC).basic(format!("app:{SECRET}")).set("host", "x");
    let response = http1(proxy).await.send_request(request.request()).await;
    Reply::read(response.expect("a response")).await
}

async fn page(proxy: SocketAddr) -> Reply {
    let request = call("GET", "/page").set("host", "x").request();
    let response = http1(proxy).await.send_request(request).await;
    Reply::read(response.expect("a response")).await
}

fn assert_unavailable(reply: &Reply) {
    reply.refused(503, "temporarily_unavailable");
    assert_eq!(reply.header(http::header::RETRY_AFTER), "5");
    assert!(reply.headers.get("www-authenticate").is_none());
}

fn response(status: &str, content_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

const JSON: &str = "application/json";
const HTML: &str = "text/html";

#[tokio::test]
async fn what_is_no_response_of_a_token_endpoint_is_a_503_in_json() {
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(1024 * 1024));
    let error = r#"{"error":"server_error"}"#;
    let rows = [
        (
            "502 of another proxy",
            response("502 Bad Gateway", HTML, "<h1>502</h1>"),
        ),
        (
            "503 in HTML",
            response("503 Service Unavailable", HTML, "<h1>503</h1>"),
        ),
        (
            "500 without a type",
            "HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n".to_owned(),
        ),
        (
            "500 in text that looks like JSON",
            response("500 x", "text/plain", error),
        ),
        // Its client would throw its registration away.
        (
            "401",
            response("401 Unauthorized", JSON, r#"{"error":"invalid_client"}"#),
        ),
        ("no HTTP", "hello\r\n\r\n".to_owned()),
        ("nothing", String::new()),
        ("half a head", "HTTP/1.1 200 OK\r\nContent-Ty".to_owned()),
        (
            "half a body",
            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"access".to_owned(),
        ),
        ("more than 1 MiB", response("200 OK", JSON, &large)),
    ];
    let mut broken = Broken::default();
    for (n, (name, bytes)) in rows.into_iter().enumerate() {
        let server = proxy(&format!("unavailable_{n}"), raw_upstream(bytes), &[]);
        let judged = tokio::spawn(async move {
            assert_unavailable(&token(address(&server)).await);
            let output = wait_for("log line", || {
                let says = |output: &String| output.contains("upstream server did not serve");
                Some(server.output()).filter(says)
            });
            assert!(!output.contains("canary"), "{output}");
        });
        if judged.await.is_err() {
            broken.add(name);
        }
    }
    broken.assert_none();
}

#[tokio::test]
async fn what_a_token_endpoint_says_is_passed_on() {
    let rows = [
        (
            "a token",
            "200 OK",
            r#"{"access_token":"a","token_type":"Bearer"}"#,
            JSON,
        ),
        (
            "an error",
            "400 Bad Request",
            r#"{"error":"invalid_grant"}"#,
            JSON,
        ),
        (
            "500 in JSON",
            "500 Internal Server Error",
            r#"{"error":"server_error"}"#,
            "Application/JSON; charset=utf-8",
        ),
        (
            "a limit",
            "429 Too Many Requests",
            "slow down",
            "text/plain",
        ),
        ("nothing", "200 OK", "", "text/plain"),
    ];
    let mut broken = Broken::default();
    for (n, (name, status, body, content_type)) in rows.into_iter().enumerate() {
        let bytes = response(status, content_type, body);
        let server = proxy(&format!("passed_{n}"), raw_upstream(bytes), &[]);
        let judged = tokio::spawn(async move {
            let reply = token(address(&server)).await;
            assert!(status.starts_with(reply.status.as_str()), "{reply:?}");
            assert_eq!(reply.body, body);
            assert_eq!(reply.header(http::header::CONTENT_TYPE), content_type);
            assert_eq!(reply.header(http::header::CACHE_CONTROL), "no-store");
        });
        if judged.await.is_err() {
            broken.add(name);
        }
    }
    broken.assert_none();
}

#[tokio::test]
async fn headers_of_one_connection_end_at_the_proxy() {
    let bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\
                 Connection: close, X-Hop\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\n\
                 Upgrade: h2c\r\nX-Hop: 1\r\nX-Stays: 1\r\n\r\n{}";
    let server = proxy("hop", raw_upstream(bytes), &["--pass", "/page"]);
    for reply in [token(address(&server)).await, page(address(&server)).await] {
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.headers["x-stays"], "1");
        for name in [
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "upgrade",
            "x-hop",
        ] {
            assert!(!reply.headers.contains_key(name), "{name}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn a_page_of_the_upstream_server_stays_as_it_is() {
    let bytes = response("502 Bad Gateway", HTML, "<h1>502</h1>");
    let server = proxy("page", raw_upstream(bytes), &["--pass", "/page"]);
    let reply = page(address(&server)).await;
    assert_eq!(
        (reply.status.as_u16(), &*reply.body),
        (502, &b"<h1>502</h1>"[..])
    );
}

#[tokio::test]
async fn an_upstream_server_that_is_down_is_a_503() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let upstream = listener.local_addr().expect("a bound listener");
    drop(listener);
    let server = proxy("down", upstream, &["--pass", "/page"]);
    assert_unavailable(&token(address(&server)).await);
    assert_unavailable(&page(address(&server)).await);
}

/// 15 seconds, and what this machine may be late.
#[tokio::test]
async fn an_upstream_server_that_hangs_is_a_503() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let hangs = listener.local_addr().expect("a bound listener");
    let endless = raw_endless();
    let start = Instant::now();
    let hanging = proxy("hangs", hangs, &["--pass", "/page"]);
    let dripping = proxy("drips", endless, &[]);
    let [first, second, third] = {
        let (hanging, dripping) = (address(&hanging), address(&dripping));
        let (first, second, third) = tokio::join!(token(hanging), page(hanging), token(dripping));
        [first, second, third]
    };
    for reply in [first, second, third] {
        assert_unavailable(&reply);
    }
    let took = start.elapsed();
    assert!((15..30).contains(&took.as_secs()), "{took:?}");
}

/// A body that comes a byte each second.
fn raw_endless() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound listener");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let head =
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n";
            let _ = stream.write_all(head);
            while stream.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_secs(1));
            }
        }
    });
    address
}

/// Before the upstream server ends it. Most servers keep an idle connection for 5 seconds.
#[tokio::test]
async fn a_connection_is_used_again_if_it_was_idle_for_less_than_3_seconds() {
    let connections = Arc::new(AtomicUsize::new(0));
    let server = proxy("idle", keeping_alive(Arc::clone(&connections)), &[]);
    for (pause, expected) in [(0, 1), (1, 1), (4, 2)] {
        sleep(Duration::from_secs(pause)).await;
        assert_eq!(token(address(&server)).await.status, 200);
        assert_eq!(connections.load(Ordering::Relaxed), expected);
    }
}

/// Counts its connections.
fn keeping_alive(connections: Arc<AtomicUsize>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound listener");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            connections.fetch_add(1, Ordering::Relaxed);
            let mut stream = stream.expect("a connection");
            std::thread::spawn(move || {
                let mut bytes = [0; 4096];
                let mut seen = Vec::new();
                while let Ok(read @ 1..) = stream.read(&mut bytes) {
                    seen.extend_from_slice(&bytes[..read]);
                    if seen.ends_with(CC.as_bytes()) {
                        seen.clear();
                        let _ = stream.write_all(response("200 OK", JSON, "{}").as_bytes());
                    }
                }
            });
        }
    });
    address
}

//! Connections that bring no request, and more connections than a process may have, at each example
//! that listens.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream as BlockingStream};
use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{Empty, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

use crate::common::token_server::*;
use crate::common::{CC, FORM, http1, http2};
use crate::servers::{Example, SERVERS};

/// What a header may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// What this machine may be late.
const LATE: Duration = Duration::from_secs(10);

fn address(server: &Server) -> SocketAddr {
    let address = server.base.trim_start_matches("http://");
    address.parse().expect("an address")
}

/// They listen over TLS only, so `tests/token_server_certificates/examples.rs` has their tests.
const OVER_TLS: [&str; 2] = ["mtls", "mtls_hyper"];

#[test]
fn every_example_that_listens_is_tested_here() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let entries = std::fs::read_dir(folder).expect("there are examples");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let mut listening: Vec<_> = paths
        .filter(|path| {
            let main = if path.is_dir() {
                path.join("main.rs")
            } else {
                path.clone()
            };
            let code = std::fs::read_to_string(main).unwrap_or_default();
            code.contains("TcpListener") || code.contains("serve::listen")
        })
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    listening.sort();
    let mut tested: Vec<_> = SERVERS.map(|example| example.name).into();
    tested.extend(OVER_TLS);
    tested.sort_unstable();
    assert_eq!(listening, tested);
}

/// User and system time of a process so far.
#[cfg(target_os = "linux")]
fn processor_time(server: &Server) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.process.0.id()));
    let stat = stat.expect("the process runs");
    let (_, fields) = stat.rsplit_once(") ").expect("the name is in parentheses");
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks: u64 = ticks
        .map(|field| field.parse::<u64>().expect("ticks"))
        .sum();
    Duration::from_millis(ticks * 10)
}

/// The first line of the response on a new connection.
fn status_line(address: SocketAddr) -> String {
    let mut stream = BlockingStream::connect(address).expect("it listens");
    let request = b"GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request).expect("it reads");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("it responds");
    response.lines().next().unwrap_or_default().to_owned()
}

#[cfg(unix)]
#[tokio::test]
async fn servers_outlive_running_out_of_file_descriptors() {
    for example in SERVERS {
        let started = example.command();
        let mut command = Command::new("sh");
        command
            .args(["-c", r#"ulimit -n 64; exec "$0" "$@""#])
            .arg(started.get_program())
            .args(started.get_args())
            .envs(
                started
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            );
        let mut server = spawn(command);
        let example = example.name;
        let address = address(&server);
        let mut open_before = http1::<Empty<Bytes>>(address).await;
        let request = || {
            Request::get("/other")
                .header("host", "x")
                .body(Empty::new())
        };
        let mut ask = async || {
            let response = open_before
                .send_request(request().expect("a request"))
                .await;
            response.expect("a response").status().as_u16()
        };
        assert_eq!(ask().await, 404, "{example}");

        let connect = |_| BlockingStream::connect(address).expect("the kernel accepts");
        let idle: Vec<_> = (0..100).map(connect).collect();
        wait_for("log line about it", || {
            server.output().contains("cannot accept").then_some(())
        });
        assert_eq!(ask().await, 404, "{example} while it is out of descriptors");
        #[cfg(target_os = "linux")]
        {
            let before = processor_time(&server);
            sleep(Duration::from_secs(2)).await;
            let spent = processor_time(&server) - before;
            assert!(spent < Duration::from_millis(400), "{example}: {spent:?}");
        }
        drop(idle);
        assert_eq!(status_line(address), "HTTP/1.1 404 Not Found", "{example}");
        assert_eq!(server.process.exit_code(Duration::ZERO), None);
        assert!(server.process.0.try_wait().expect("a child").is_none());
    }
}

/// A connection on which a header does not end.
struct Slow {
    name: &'static str,
    /// A whole request, which is responded to before the time begins.
    before: Vec<u8>,
    /// The beginning of a header.
    sent: Vec<u8>,
    /// What follows, a byte each second.
    trickled: &'static [u8],
}

impl Slow {
    fn new(name: &'static str, sent: impl Into<Vec<u8>>) -> Self {
        let (before, trickled): (_, &[u8]) = (Vec::new(), b"");
        Self {
            name,
            before,
            sent: sent.into(),
            trickled,
        }
    }

    fn trickled(self, trickled: &'static [u8]) -> Self {
        Self { trickled, ..self }
    }

    fn before(self, before: impl Into<Vec<u8>>) -> Self {
        Self {
            before: before.into(),
            ..self
        }
    }
}

const HTTP1_REQUEST: &str = "GET /other HTTP/1.1\r\nHost: x\r\n\r\n";
const HTTP1_HALF: &str = "POST /token HTTP/1.1\r\nHost: x\r\n";
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// `GET http://x/` in HPACK (RFC 7541).
const FIELDS: &[u8] = &[0x82, 0x86, 0x84, 0x41, 1, b'x'];
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// RFC 9113 §4.1.
fn frame(kind: u8, flags: u8, stream: u8, length: u8, payload: &[u8]) -> Vec<u8> {
    let head = [0, 0, length, kind, flags, 0, 0, 0, stream];
    [&head, payload].concat()
}

/// RFC 9113 §6.2.
fn headers(flags: u8, stream: u8) -> Vec<u8> {
    frame(1, flags | END_STREAM, stream, 6, FIELDS)
}

fn slow() -> Vec<Slow> {
    let settings = frame(4, 0, 0, 0, b"");
    let open = [PREFACE, &settings].concat();
    let request = [&open[..], &headers(END_HEADERS, 1)].concat();
    let endless = [
        &open[..],
        &frame(1, END_STREAM | END_HEADERS, 1, 200, FIELDS),
    ]
    .concat();
    vec![
        Slow::new("nothing", ""),
        Slow::new("one byte", "P"),
        Slow::new("half a header", HTTP1_HALF),
        Slow::new("a header that goes on", HTTP1_HALF)
            .trickled(b"X-Name: a value that goes on\r\n"),
        Slow::new("half a header after a request", HTTP1_HALF).before(HTTP1_REQUEST),
        Slow::new("half a preface", &PREFACE[..10]),
        Slow::new("a preface by the byte", "").trickled(PREFACE),
        Slow::new("a preface", PREFACE),
        Slow::new("HTTP/2 and no request", open.clone()),
        Slow::new("HTTP/2, half a header", [open, headers(0, 1)].concat()),
        Slow::new("HTTP/2, half a header after a request", headers(0, 3)).before(request),
        Slow::new("HTTP/2, a header by the byte", endless).trickled(&[0x82; 20]),
    ]
}

async fn assert_ended(address: SocketAddr, example: &str, slow: Slow) {
    let what = format!("{} at {example}", slow.name);
    let stream = TcpStream::connect(address).await.expect("it listens");
    let (mut reading, mut writing) = stream.into_split();
    let mut buffer = [0; 1024];
    if !slow.before.is_empty() {
        writing.write_all(&slow.before).await.expect("it reads");
        let response = reading.read(&mut buffer).await.expect("it responds");
        assert_ne!(response, 0, "{what}");
        sleep(Duration::from_millis(500)).await;
    }
    let start = Instant::now();
    writing.write_all(&slow.sent).await.expect("it reads");
    let trickle = async {
        let mut seconds = interval(Duration::from_secs(1));
        for byte in slow.trickled {
            seconds.tick().await;
            // If the connection has ended, the other half tells.
            let _ = writing.write_all(&[*byte]).await;
        }
        std::future::pending().await
    };
    let ended = async { while reading.read(&mut buffer).await.is_ok_and(|read| read > 0) {} };
    let ended = async {
        tokio::select! { () = ended => {}, () = trickle => {} }
    };
    let ended = timeout(DEADLINE + LATE, ended).await;
    assert!(ended.is_ok(), "{what} goes on");
    let after = start.elapsed();
    assert!(
        after > DEADLINE - Duration::from_secs(1),
        "{what}: {after:?}"
    );
}

/// A header in two parts is no reason to end a connection.
async fn assert_pauses_are_fine(address: SocketAddr) {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    for part in [
        "GET /other HTTP/1.1\r\nHo",
        "st: x\r\nConnection: ",
        "close\r\n\r\n",
    ] {
        sleep(Duration::from_secs(2)).await;
        stream.write_all(part.as_bytes()).await.expect("it reads");
    }
    let mut response = String::new();
    stream
        .read_to_string(&mut response)
        .await
        .expect("it responds");
    assert!(response.starts_with("HTTP/1.1 404"), "{response}");
}

/// A body that does not end has the deadline of the layer, which responds.
async fn assert_slow_body_is_told(address: SocketAddr, example: Example) {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {FORM}\r\n\
         Content-Length: {}\r\n\r\ngrant_type",
        example.token,
        CC.len()
    );
    stream.write_all(head.as_bytes()).await.expect("it reads");
    let mut response = String::new();
    stream
        .read_to_string(&mut response)
        .await
        .expect("it responds");
    assert!(response.starts_with("HTTP/1.1 408"), "{response}");
}

/// A connection of HTTP/2 that is only idle stays: its client responds to pings.
async fn assert_idle_http2_stays(address: SocketAddr) {
    let mut connection = http2::<Full<Bytes>>(address).await;
    for pause in [DEADLINE + DEADLINE / 2, Duration::ZERO] {
        let request = Request::get(format!("http://{address}/other")).body(Full::default());
        let response = connection.send_request(request.expect("a request")).await;
        assert_eq!(response.expect("a response").status(), 404);
        sleep(pause).await;
    }
}

#[tokio::test]
async fn header_that_does_not_end_within_10_seconds_ends_the_connection() {
    let mut connections = JoinSet::new();
    let mut servers = Vec::new();
    for example in SERVERS {
        let server = example.start();
        let address = address(&server);
        for slow in slow() {
            connections.spawn(assert_ended(address, example.name, slow));
        }
        connections.spawn(assert_pauses_are_fine(address));
        connections.spawn(assert_slow_body_is_told(address, example));
        connections.spawn(assert_idle_http2_stays(address));
        servers.push(server);
    }
    connections.join_all().await;
    for server in servers {
        assert_eq!(status_line(address(&server)), "HTTP/1.1 404 Not Found");
    }
}

//! The loop that the examples share: whom it serves first, and which connections it ends.

#[path = "../examples/serve/mod.rs"]
mod serve;

use std::{
    convert::Infallible,
    io::{ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::time::{sleep, timeout};
use tower::service_fn;

/// Long enough to accept a few hundred connections.
const A_WHILE: Duration = Duration::from_millis(300);

/// Responds with the status in the path, and with the number of requests before. `/panic` panics.
async fn start() -> SocketAddr {
    let listener = serve::listen("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    let served = Arc::new(AtomicUsize::new(0));
    let service = service_fn(move |request: Request<Incoming>| {
        let before = served.fetch_add(1, Ordering::Relaxed);
        let path = request.uri().path().trim_start_matches('/').to_owned();
        async move {
            let mut response = Response::new(Full::new(Bytes::from(before.to_string())));
            *response.status_mut() = path.parse().expect("a status");
            Ok::<_, Infallible>(response)
        }
    });
    let told_to_end = serve::signals().expect("signals are caught");
    tokio::spawn(serve::serve(listener, service, told_to_end));
    address
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, A_WHILE).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    stream
}

/// The server does not run before the next await: it is on the same thread.
fn send(stream: &mut TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it is sent");
}

/// The response, and whether the connection ended then. Waits for it.
async fn received(stream: &mut TcpStream) -> (String, bool) {
    stream.set_nonblocking(true).expect("not blocking");
    let mut bytes = [0; 1024];
    let mut text = String::new();
    let received = async {
        loop {
            match stream.read(&mut bytes) {
                Ok(0) => break true,
                Ok(read) => text.push_str(&String::from_utf8_lossy(&bytes[..read])),
                // What ends it may come a little later.
                Err(_) if text.is_empty() || text.contains("connection: close") => {
                    sleep(Duration::from_millis(5)).await;
                }
                Err(_) => break false,
            }
        }
    };
    let has_ended = timeout(Duration::from_secs(20), received).await;
    let has_ended = has_ended.expect("a response, or the end");
    stream.set_nonblocking(false).expect("blocking");
    (text, has_ended)
}

/// How many requests were served before this one.
async fn place(stream: &mut TcpStream) -> usize {
    let (response, _) = received(stream).await;
    let (_, body) = response.split_once("\r\n\r\n").expect("a response");
    body.parse().expect("a number")
}

/// Connections that were accepted and have sent nothing.
async fn strangers(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    let strangers = (0..count).map(|_| connect(address)).collect();
    sleep(A_WHILE).await;
    strangers
}

#[tokio::test]
async fn a_client_that_was_served_before_does_not_wait_behind_all_strangers() {
    const STRANGERS: usize = 300;
    let address = start().await;
    let mut known = connect(address);
    send(&mut known, "/200");
    let mut strangers = strangers(address, STRANGERS).await;
    assert_eq!(place(&mut known).await, 0);

    for stranger in &mut strangers {
        send(stranger, "/401");
    }
    send(&mut known, "/200");
    let before = place(&mut known).await;
    assert!(before <= STRANGERS / 2, "{before} requests came first");
    // Nobody is left out, and the next request of each is served as well.
    for stranger in &mut strangers {
        assert!(place(stranger).await <= STRANGERS + 1);
        send(stranger, "/200");
    }
    for stranger in &mut strangers {
        place(stranger).await;
    }
}

#[tokio::test]
async fn a_client_that_was_refused_is_a_stranger_again() {
    const STRANGERS: usize = 300;
    let address = start().await;
    let mut refused = connect(address);
    for status in ["/200", "/401"] {
        send(&mut refused, status);
        place(&mut refused).await;
    }
    let mut strangers = strangers(address, STRANGERS).await;
    for stranger in &mut strangers {
        send(stranger, "/401");
    }
    send(&mut refused, "/200");
    let before = place(&mut refused).await - 2;
    assert!(before > STRANGERS / 2, "only {before} requests came first");
}

#[tokio::test]
async fn more_clients_than_128_can_come_at_once() {
    let address = start().await;
    // The server has not accepted any of them yet.
    let mut clients: Vec<_> = (0..300).map(|_| connect(address)).collect();
    let last = clients.last_mut().expect("300");
    send(last, "/200");
    assert_eq!(place(last).await, 0);
}

#[tokio::test]
async fn a_connection_ends_with_a_429_or_a_503() {
    let address = start().await;
    for (status, ends) in [
        (StatusCode::OK, false),
        (StatusCode::BAD_REQUEST, false),
        (StatusCode::UNAUTHORIZED, false),
        (StatusCode::INTERNAL_SERVER_ERROR, false),
        (StatusCode::TOO_MANY_REQUESTS, true),
        (StatusCode::SERVICE_UNAVAILABLE, true),
    ] {
        let mut stream = connect(address);
        send(&mut stream, &format!("/{}", status.as_str()));
        let (response, has_ended) = received(&mut stream).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {} ", status.as_str())));
        assert_eq!(response.contains("connection: close\r\n"), ends, "{status}");
        assert_eq!(has_ended, ends, "{status}");
    }
}

#[tokio::test]
async fn a_panic_ends_one_connection_and_no_other() {
    let address = start().await;
    let [mut panics, mut other, mut known] = std::array::from_fn(|_| connect(address));
    send(&mut known, "/200");
    received(&mut known).await;
    send(&mut panics, "/panic");
    assert_eq!(received(&mut panics).await, (String::new(), true));
    for stream in [&mut other, &mut known, &mut connect(address)] {
        send(stream, "/200");
        assert!(received(stream).await.0.starts_with("HTTP/1.1 200 "));
    }
    // Nor if the client is known.
    send(&mut known, "/panic");
    assert_eq!(received(&mut known).await, (String::new(), true));
    send(&mut other, "/200");
    assert!(received(&mut other).await.0.starts_with("HTTP/1.1 200 "));
}

/// Idle clients are ended by the deadline of the header. This one sends requests, and reads no response.
#[tokio::test]
async fn a_client_that_does_not_read_ends_its_connection() {
    let address = start().await;
    let mut stream = connect(address);
    stream.set_nonblocking(true).expect("not blocking");
    let requests = "GET /200 HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(1000);
    let started = Instant::now();
    let ended = async {
        loop {
            match stream.write(requests.as_bytes()) {
                Ok(_) => tokio::task::yield_now().await,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    sleep(Duration::from_millis(50)).await;
                }
                Err(error) => break error,
            }
        }
    };
    let ended = timeout(Duration::from_secs(40), ended).await;
    let ended = ended.expect("an end");
    assert!(started.elapsed() >= Duration::from_secs(10), "{ended}");
    // Others are served.
    let mut other = connect(address);
    send(&mut other, "/200");
    assert!(received(&mut other).await.0.starts_with("HTTP/1.1 200 "));
}

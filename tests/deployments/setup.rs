//! The proxy as a process, and an upstream server that notes what reaches it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tower::{BoxError, service_fn};

use crate::common::programs::free_port;
use crate::common::token_server::{Process, Server, binary, clients_file, spawn};
use crate::common::{ISSUER, serve};

/// What proves a request. No response and no log line has it.
pub(crate) const PROOF: &str = "0123456789-canary-proof-0123456789";
/// No upstream server gets it.
pub(crate) const SECRET: &str = "canary-secret-of-app-0123456789abcdef";

const CLIENTS: &str = r#"[
    {"client_id": "app", "client_secret": "canary-secret-of-app-0123456789abcdef",
     "token_endpoint_auth_methods": ["client_secret_basic", "client_secret_post"],
     "grant_types": ["client_credentials", "refresh_token"], "scope": "read write"},
    {"client_id": "signer", "client_secret": "canary-secret-of-app-0123456789abcdef",
     "token_endpoint_auth_method": "client_secret_jwt", "grant_types": ["client_credentials"]},
    {"client_id": "spa", "token_endpoint_auth_method": "none"},
    {"client_id": "https://ключ.example/a b", "client_secret": "canary-secret-of-app-0123456789abcdef",
     "grant_types": ["client_credentials"]}
]"#;

/// The proxy in front of this server. `name` is of one test only.
pub(crate) fn proxy(name: &str, upstream: SocketAddr, more: &[&str]) -> Server {
    let mut command = Command::new(binary("proxy"));
    command
        .args(["--listen", "127.0.0.1:0", "--issuer", ISSUER])
        .args(["--upstream", &format!("http://{upstream}")])
        .arg("--clients")
        .arg(clients_file(&format!("proxy_{name}"), CLIENTS))
        .args(more)
        .env("PROXY_SECRET", PROOF);
    spawn(command)
}

/// A server that was not written here, on a free port.
pub(crate) fn started(command: impl Fn(u16) -> Command) -> (Process, SocketAddr) {
    // Another program may take a free port before the server does.
    for _ in 0..5 {
        let port = free_port();
        let mut command = command(port);
        command
            .env("PROXY_SECRET", PROOF)
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = Process(command.spawn().expect("the program runs"));
        let address = ([127, 0, 0, 1], port).into();
        if listens(&mut process, address) {
            return (process, address);
        }
    }
    panic!("the upstream server did not start");
}

fn listens(process: &mut Process, address: SocketAddr) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(60) {
        if process.exit_code(Duration::from_millis(20)).is_some() {
            return false;
        }
        if TcpStream::connect(address).is_ok() {
            return true;
        }
    }
    false
}

pub(crate) fn address(server: &Server) -> SocketAddr {
    let address = server.base.trim_start_matches("http://");
    address.parse().expect("an address")
}

/// Requests that have reached an upstream server.
#[derive(Clone, Default)]
pub(crate) struct Arrived(Arc<Mutex<Vec<Request<Bytes>>>>);

impl Arrived {
    /// Those since the last call.
    pub(crate) fn take(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut *self.0.lock().expect("no panic before"))
    }
}

/// Responds to all of them with the same JSON.
pub(crate) async fn upstream() -> (SocketAddr, Arrived) {
    let arrived = Arrived::default();
    let notes = arrived.clone();
    let address = serve(service_fn(move |request: Request<Incoming>| {
        let notes = notes.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let request = Request::from_parts(head, body);
            notes.0.lock().expect("no panic before").push(request);
            let response = Response::builder().header("content-type", "application/json");
            let body = Full::<Bytes>::from(r#"{"from":"upstream"}"#);
            Ok::<_, BoxError>(response.body(body).expect("a response"))
        }
    }));
    (address.await, arrived)
}

/// Responds to each connection with these bytes, and ends it.
pub(crate) fn raw_upstream(response: impl Into<Vec<u8>>) -> SocketAddr {
    let response = response.into();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound listener");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let (mut seen, mut bytes) = (Vec::new(), [0; 4096]);
            while !seen.windows(4).any(|it| it == b"\r\n\r\n") {
                match stream.read(&mut bytes) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => seen.extend_from_slice(&bytes[..read]),
                }
            }
            let _ = stream.write_all(&response);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read(&mut bytes);
        }
    });
    address
}

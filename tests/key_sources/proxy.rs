//! Key sets through a proxy.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use http::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tower_token_endpoint::jwks::fetch::{GuardedFetch, HostResolver};
use tower_token_endpoint::jwks::{FetchedKeys, HttpJwksSource, JwksSource};

use crate::certificates::CA;
use crate::common::listen;
use crate::server::Server;
use crate::setup::{HOST, JSON, LONG, SHORT, Trap, assert_same, failed};

/// A proxy that is asked for one tunnel, and the head that it was asked with.
struct Proxy {
    port: u16,
    served: JoinHandle<io::Result<String>>,
}

impl Proxy {
    /// Answers with these bytes. If there is a port, it is the end of the tunnel.
    async fn start(answer: &'static str, tunnel: Option<u16>) -> Self {
        let (listener, address) = listen().await;
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await?);
            }
            stream.write_all(answer.as_bytes()).await?;
            if let Some(port) = tunnel {
                let mut end = TcpStream::connect(("127.0.0.1", port)).await?;
                // Either side may let go first.
                let _ = copy_bidirectional(&mut stream, &mut end).await;
            } else {
                while stream.read(&mut [0; 1024]).await? > 0 {}
            }
            Ok(String::from_utf8(head).expect("a head in UTF-8"))
        });
        Self {
            port: address.port(),
            served,
        }
    }

    async fn head(self) -> String {
        let served = tokio::time::timeout(LONG, self.served).await;
        let served = served.expect("the connection is held");
        served.expect("no panic").expect("a request")
    }

    /// A source that uses it.
    fn source(&self) -> HttpJwksSource {
        HttpJwksSource::with_fetch(self.fetch())
    }

    /// Nothing may be resolved.
    fn fetch(&self) -> GuardedFetch {
        fetch(&format!("http://127.0.0.1:{}", self.port), None)
    }
}

fn fetch(proxy: &str, authorization: Option<HeaderValue>) -> GuardedFetch {
    let builder = GuardedFetch::for_internal_networks()
        .root_certificates([&CA.der])
        .proxy(proxy);
    let builder = match authorization {
        Some(value) => builder.proxy_authorization(value),
        None => builder,
    };
    let fetch = builder.build().expect("a fetch");
    fetch
        .connect_timeout(LONG)
        .total_timeout(LONG)
        .resolver(Asked::default())
}

/// Knows the name of the proxy alone, and notes what it was asked.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl HostResolver for Asked {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.0.lock().expect("no panic").push(host.to_owned());
        match host {
            "proxy.example" => Ok(vec![[127, 0, 0, 1].into()]),
            _ => Err(io::Error::other("it is not for this one to resolve")),
        }
    }
}

const ESTABLISHED: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

#[tokio::test]
async fn a_set_is_fetched_through_a_tunnel_to_its_host() {
    let server = Server::https(CA.sign(HOST, 2020..2100)).await;
    let (port, uri) = (server.port, server.https_uri());
    let proxy = Proxy::start(ESTABLISHED, Some(port)).await;
    let fetched = proxy.source().fetch(&uri).await;
    assert_same(&fetched.expect("keys"), &FetchedKeys::new(JSON), "keys");
    // The proxy sees the host and not the path, the source what it always sees.
    let head = proxy.head().await;
    let wanted = format!("CONNECT {HOST}:{port} HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n");
    assert_eq!(head, wanted);
    let head = server.request().await.expect("a request");
    assert!(head.starts_with("GET /jwks HTTP/1.1\r\n"), "{head}");
    assert!(!head.to_lowercase().contains("proxy"), "{head}");
}

#[tokio::test]
async fn the_port_of_the_tunnel_is_that_of_https() {
    let server = Server::https(CA.sign(HOST, 2020..2100)).await;
    let proxy = Proxy::start(ESTABLISHED, Some(server.port)).await;
    let uri = format!("https://{HOST}/jwks");
    let _keys = proxy.source().fetch(&uri).await.expect("keys");
    let head = proxy.head().await;
    assert!(head.starts_with(&format!("CONNECT {HOST}:443 ")), "{head}");
}

#[tokio::test]
async fn credentials_and_the_name_of_the_proxy_go_where_they_belong() {
    let server = Server::https(CA.sign(HOST, 2020..2100)).await;
    let uri = server.https_uri();
    let proxy = Proxy::start(ESTABLISHED, Some(server.port)).await;
    let asked = Asked::default();
    let credentials = HeaderValue::from_static("Basic dXNlcjpwYXNzd29yZA==");
    let named = format!("http://proxy.example:{}", proxy.port);
    let fetch = fetch(&named, Some(credentials)).resolver(asked.clone());
    let source = HttpJwksSource::with_fetch(fetch);
    let _keys = source.fetch(&uri).await.expect("keys");
    assert_eq!(*asked.0.lock().expect("no panic"), ["proxy.example"]);
    let head = proxy.head().await;
    let line = "\r\nProxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n";
    assert!(head.contains(line), "{head}");
    let head = server.request().await.expect("a request");
    assert!(!head.to_lowercase().contains("authorization"), "{head}");
}

#[tokio::test]
async fn the_certificate_must_be_that_of_the_host_behind_the_proxy() {
    for name in ["other.example", "127.0.0.1", "proxy.example"] {
        let server = Server::https(CA.sign(name, 2020..2100)).await;
        let proxy = Proxy::start(ESTABLISHED, Some(server.port)).await;
        let error = failed(proxy.source().fetch(&server.https_uri()).await, name);
        assert!(error.contains("not valid for name"), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_proxy_that_gives_no_tunnel_is_an_error() {
    let table = [
        (
            "HTTP/1.1 403 canary\r\nContent-Length: 6\r\n\r\ncanary",
            "no connection",
        ),
        (
            "HTTP/1.1 407 canary\r\nProxy-Authenticate: Basic\r\n\r\n",
            "authorization required",
        ),
        (
            "HTTP/1.1 301 canary\r\nLocation: http://127.0.0.1/\r\n\r\n",
            "no connection",
        ),
        ("HTTP/1.1 502 canary\r\n\r\n", "no connection"),
        ("SSH-2.0-canary\r\n\r\n", "no connection"),
        // Says nothing, or half of it.
        ("", "within 300ms"),
        ("HTTP/1.1 200 OK\r\n", "within 300ms"),
        // A tunnel to nowhere.
        (ESTABLISHED, "within 300ms"),
    ];
    for (answer, wanted) in table {
        let proxy = Proxy::start(answer, None).await;
        let fetch = proxy.fetch();
        let source = HttpJwksSource::with_fetch(if wanted.starts_with("within") {
            fetch.total_timeout(SHORT)
        } else {
            fetch
        });
        let error = failed(source.fetch(&format!("https://{HOST}/")).await, answer);
        assert!(error.contains(wanted), "{answer:?}: {error}");
        assert!(error.contains(HOST), "{answer:?}: {error}");
        // It is let go.
        let _head = proxy.head().await;
    }
}

#[tokio::test]
async fn a_proxy_changes_nothing_about_the_uri() {
    let trap = Trap::set();
    let proxy = format!("http://127.0.0.1:{}", trap.port());
    let strict = fetch(&proxy, None);
    let switched = fetch(&proxy, None).dangerously_allow_loopback_and_http();
    for source in [strict, switched].map(HttpJwksSource::with_fetch) {
        for (uri, wanted) in [
            ("http://keys.client.example/", "https://"),
            ("https://127.0.0.1/", "IP address"),
            ("https://10.0.0.1/", "IP address"),
            ("https://[::1]/", "IP address"),
            ("https://169.254.169.254/", "IP address"),
            ("https://user@keys.client.example/", "user"),
        ] {
            let error = failed(source.fetch(uri).await, uri);
            assert!(error.contains(wanted), "{uri}: {error}");
            trap.assert_untouched(uri);
        }
    }
}

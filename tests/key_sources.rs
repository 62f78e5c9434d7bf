//! What `JwksHttp` fetches, and all that it does not: sources that lie, hang, flood or point
//! elsewhere, on this machine's loopback.

use std::error::Error;
use std::future::{Future, pending};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tower_token_endpoint::{FetchedKeys, JwksHttp, JwksHttpError, JwksResolver, KeySource};

const HOST: &str = "keys.client.example";
const JSON: &str = r#"{"keys":[]}"#;
const LIMIT: usize = 64 * 1024;
/// So long that it never ends a test that passes.
const LONG: Duration = Duration::from_secs(120);
/// For sources that never come to an end by themselves.
const SHORT: Duration = Duration::from_millis(300);

/// The fetch of a test: from loopback, by http or https.
fn source() -> JwksHttp {
    strict().dangerously_allow_loopback_and_http()
}

/// The same as it is in production, but for its certificates and its patience.
fn strict() -> JwksHttp {
    let source = JwksHttp::with_root_certificates([&CA.der]).expect("a root certificate");
    source
        .connect_timeout(LONG)
        .total_timeout(LONG)
        .resolver(Names::all_are("127.0.0.1"))
}

/// The error and all its causes.
fn text(error: &JwksHttpError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn failed(fetched: Result<FetchedKeys, JwksHttpError>, name: &str) -> String {
    let error = fetched.expect_err(name);
    let text = text(&error);
    for shown in [&text, &format!("{error:?}")] {
        assert!(!shown.contains("canary"), "{name}: {shown}");
    }
    text
}

/// `FetchedKeys` shows itself to none but the layer and the log.
fn assert_same(fetched: &FetchedKeys, wanted: &FetchedKeys, name: &str) {
    assert_eq!(format!("{fetched:?}"), format!("{wanted:?}"), "{name}");
}

/// A resolver of the test's own, which counts.
#[derive(Clone, Default)]
struct Names {
    /// One list for each call; the last one stays.
    answers: Vec<Vec<IpAddr>>,
    calls: Arc<AtomicUsize>,
}

impl Names {
    fn all_are(addresses: &str) -> Self {
        Self::first_then(&[addresses])
    }

    fn first_then(answers: &[&str]) -> Self {
        let addresses = |text: &&str| {
            let addresses = text.split_whitespace();
            addresses
                .map(|it| it.parse().expect("an address"))
                .collect()
        };
        Self {
            answers: answers.iter().map(addresses).collect(),
            ..Self::default()
        }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

impl JwksResolver for Names {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        assert_eq!(host, HOST);
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.get(call).or(self.answers.last());
        answer
            .cloned()
            .ok_or_else(|| io::Error::other("no such name"))
    }
}

/// A listener that nobody may connect to.
struct Trap(std::net::TcpListener);

impl Trap {
    fn set() -> Self {
        let trap = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        trap.set_nonblocking(true).expect("a non-blocking listener");
        Self(trap)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().expect("an address").port()
    }

    fn assert_untouched(&self, name: &str) {
        let error = self.0.accept().expect_err(name);
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "{name}");
    }
}

/// What a source does once it has the head of a request.
#[derive(Clone)]
enum Answer {
    /// Sends this and closes the connection.
    Close(Vec<u8>),
    /// Sends this and waits for the other side to close it.
    Stall(Vec<u8>),
    /// Sends the first, and then the second again and again, until the other side closes it.
    Repeat(Vec<u8>, Vec<u8>),
    /// The same, with a while between.
    Drip(Vec<u8>, Vec<u8>),
}
use Answer::{Close, Drip, Repeat, Stall};

impl Answer {
    async fn give(self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8(head).expect("a head in UTF-8");
        match self {
            Close(bytes) => {
                stream.write_all(&bytes).await?;
                stream.shutdown().await?;
            }
            Stall(bytes) => {
                stream.write_all(&bytes).await?;
                stream.flush().await?;
                let end = stream.read(&mut [0]).await;
                assert_eq!(end.unwrap_or(0), 0, "more than one request");
            }
            Repeat(bytes, again) => {
                stream.write_all(&bytes).await?;
                while stream.write_all(&again).await.is_ok() {}
            }
            Drip(bytes, again) => {
                stream.write_all(&bytes).await?;
                while stream.write_all(&again).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
        Ok(head)
    }
}

/// A source that is asked once.
struct Server {
    port: u16,
    /// The head of the request, once the connection is at its end.
    served: JoinHandle<io::Result<String>>,
}

impl Server {
    async fn http(answer: Answer) -> Self {
        Self::start(answer, None).await
    }

    async fn https(chain: Chain) -> Self {
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![chain.leaf], chain.key.into())
            .expect("a certificate");
        Self::start(ok(JSON), Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn start(answer: Answer, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            match tls {
                Some(tls) => answer.give(&mut tls.accept(stream).await?).await,
                None => answer.give(&mut stream).await,
            }
        });
        Self { port, served }
    }

    fn http_uri(&self) -> String {
        format!("http://{HOST}:{}/jwks", self.port)
    }

    fn https_uri(&self) -> String {
        format!("https://{HOST}:{}/jwks", self.port)
    }

    /// Waits until the connection is at its end: the other side has let it go.
    async fn request(self) -> io::Result<String> {
        let served = tokio::time::timeout(LONG, self.served).await;
        served.expect("the connection is held").expect("no panic")
    }
}

fn bytes(head: &str, body: &str) -> Vec<u8> {
    format!("{head}\r\n\r\n{body}").into_bytes()
}

fn ok(json: &str) -> Answer {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}", json.len());
    Close(bytes(&head, json))
}

/// RFC 7468.
fn pem(der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<_> = base64
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    let lines = lines.join("\n");
    format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
}

/// A certificate authority, and what it has signed.
struct Ca {
    der: Vec<u8>,
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

struct Chain {
    leaf: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
}

static CA: LazyLock<Ca> = LazyLock::new(|| Ca::new("a root"));

impl Ca {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self {
            der: certificate.der().to_vec(),
            pem: pem(certificate.der()),
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate for this name, valid in these years.
    fn sign(&self, name: &str, years: std::ops::Range<i32>) -> Chain {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.not_before = date_time_ymd(years.start, 1, 1);
        params.not_after = date_time_ymd(years.end, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let leaf = params.signed_by(&key, &self.issuer).expect("a certificate");
        Chain {
            leaf: leaf.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()),
        }
    }
}

/// Runs one test of this file in a process of its own, with these variables.
fn in_child(test: &str, variables: &[(&str, &str)]) {
    let child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, test)
        .env_remove("SSL_CERT_DIR")
        .env_remove("SSL_CERT_FILE")
        .envs(variables.iter().copied())
        .output()
        .expect("a process");
    let out = String::from_utf8_lossy(&child.stdout);
    let is_passed = child.status.success() && out.contains("1 passed");
    let error = String::from_utf8_lossy(&child.stderr);
    assert!(is_passed, "{test}:\n{out}\n{error}");
}

const CHILD: &str = "KEY_SOURCES_TEST";

/// Whether this is the process that [`in_child`] started for the test.
fn is_child(test: &str) -> bool {
    std::env::var(CHILD).is_ok_and(|child| child == test)
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

#[tokio::test]
async fn a_set_is_fetched_by_one_plain_request() {
    let server = Server::http(ok(JSON)).await;
    let names = Names::all_are("127.0.0.1");
    let uri = format!("http://{HOST}:{}/a/b?c=d", server.port);
    let port = server.port;
    let fetched = source().resolver(names.clone()).fetch(&uri).await;
    assert_same(&fetched.expect("keys"), &FetchedKeys::new(JSON), "keys");
    assert_eq!(names.calls(), 1);

    let head = server.request().await.expect("a request");
    let mut lines: Vec<_> = head.trim_end().split("\r\n").collect();
    assert_eq!(lines.remove(0), "GET /a/b?c=d HTTP/1.1");
    let mut lines: Vec<_> = lines.iter().map(|line| line.to_lowercase()).collect();
    lines.sort();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        lines,
        [
            "accept-encoding: identity".to_owned(),
            "accept: application/jwk-set+json, application/json".to_owned(),
            "connection: close".to_owned(),
            format!("host: {HOST}:{port}"),
            format!("user-agent: tower-token-endpoint/{version}"),
        ]
    );
}

#[tokio::test]
async fn uris_are_refused_before_anything_is_resolved_or_connected_to() {
    let trap = Trap::set();
    let port = trap.port();
    // Each with the switch and without it.
    let table = [
        ("https://10.0.0.1:PORT/", "IP address"),
        ("https://8.8.8.8:PORT/", "IP address"),
        ("https://0.0.0.0:PORT/", "IP address"),
        ("https://[::]:PORT/", "IP address"),
        ("https://[::ffff:127.0.0.1]:PORT/", "IP address"),
        ("https://127.1:PORT/", "IP address"),
        ("https://0x7f.1:PORT/", "IP address"),
        ("https://0x7f000001:PORT/", "IP address"),
        ("https://2130706433:PORT/", "IP address"),
        ("https://017700000001:PORT/", "IP address"),
        ("https://127.0.0.1.:PORT/", "IP address"),
        ("https://keys.client.example.:PORT/", "dot"),
        ("https://user@keys.client.example:PORT/", "user"),
        ("https://user:canary@keys.client.example:PORT/", "user"),
        ("https://keys.client.example:PORT@127.0.0.1:PORT/", "user"),
        ("ftp://keys.client.example:PORT/", "https://"),
        ("//keys.client.example:PORT/", "https://"),
        ("keys.client.example:PORT", "https://"),
        ("/jwks", "https://"),
        ("", "no URI"),
    ];
    let without_the_switch = [
        ("http://keys.client.example:PORT/", "https://"),
        ("https://127.0.0.1:PORT/", "IP address"),
        ("https://[::1]:PORT/", "IP address"),
    ];
    let names = Names::all_are("127.0.0.1");
    let (strict, source) = (
        strict().resolver(names.clone()),
        source().resolver(names.clone()),
    );
    let both = table
        .iter()
        .flat_map(|row| [(&strict, row), (&source, row)]);
    let strict_alone = without_the_switch.iter().map(|row| (&strict, row));
    for (source, (uri, wanted)) in both.chain(strict_alone) {
        let uri = uri.replace("PORT", &port.to_string());
        let error = failed(source.fetch(&uri).await, &uri);
        assert!(error.contains(wanted), "{uri}: {error}");
        trap.assert_untouched(&uri);
    }
    assert_eq!(names.calls(), 0);
}

#[tokio::test]
async fn a_name_with_any_address_that_is_not_public_is_not_connected_to() {
    let trap = Trap::set();
    let uri = format!("https://{HOST}:{}/jwks", trap.port());
    let table = [
        ("127.0.0.1", "127.0.0.1 (loopback)"),
        ("::1", "::1 (loopback)"),
        ("::ffff:127.0.0.1", "mapped"),
        ("10.0.0.1", "private"),
        ("169.254.169.254", "link-local"),
        ("100.64.0.1", "shared"),
        ("fd00::1", "unique-local"),
        ("fe80::1", "link-local"),
        ("0.0.0.0", "this network"),
        ("64:ff9b::127.0.0.1", "loopback"),
        ("224.0.0.1", "multicast"),
        // of both sorts, in any order
        ("8.8.8.8 127.0.0.1", "127.0.0.1 (loopback)"),
        ("127.0.0.1 8.8.8.8", "127.0.0.1 (loopback)"),
        ("8.8.8.8 2606:4700::1111 ::1 1.1.1.1", "::1 (loopback)"),
        ("", "no address"),
    ];
    for (addresses, wanted) in table {
        let names = Names::all_are(addresses);
        let fetched = strict().resolver(names.clone()).fetch(&uri).await;
        let error = failed(fetched, addresses);
        assert!(error.contains(wanted), "{addresses}: {error}");
        assert!(error.contains(HOST), "{addresses}: {error}");
        assert_eq!(names.calls(), 1, "{addresses}");
        trap.assert_untouched(addresses);
    }
    // The switch allows loopback, not what stands beside it.
    for addresses in [
        "127.0.0.1 10.0.0.1",
        "192.168.0.1",
        "::ffff:127.0.0.1",
        "::",
    ] {
        let fetched = source()
            .resolver(Names::all_are(addresses))
            .fetch(&uri)
            .await;
        let error = failed(fetched, addresses);
        assert!(error.contains("must be public"), "{addresses}: {error}");
        trap.assert_untouched(addresses);
    }
}

#[tokio::test]
async fn a_name_is_resolved_once_so_it_cannot_change_after_the_check() {
    let server = Server::http(ok(JSON)).await;
    let names = Names::first_then(&["127.0.0.1", "10.0.0.1"]);
    let source = source().resolver(names.clone());
    source.fetch(&server.http_uri()).await.expect("keys");
    assert_eq!(names.calls(), 1);
    // And is looked at anew for the next fetch.
    let error = failed(source.fetch(&server.http_uri()).await, "the second fetch");
    assert!(error.contains("10.0.0.1 (private"), "{error}");
    assert_eq!(names.calls(), 2);
}

#[tokio::test]
async fn the_systems_resolver_is_looked_at_as_any_other() {
    let trap = Trap::set();
    let source = JwksHttp::with_root_certificates([&CA.der]).expect("a root certificate");
    let uri = format!("https://localhost:{}/", trap.port());
    let error = failed(source.total_timeout(LONG).fetch(&uri).await, "localhost");
    assert!(error.contains("(loopback)"), "{error}");
    trap.assert_untouched("localhost");
}

#[tokio::test]
async fn the_switch_allows_loopback_addresses_in_place_of_a_name() {
    let server = Server::http(ok(JSON)).await;
    let uri = format!("http://127.0.0.1:{}/", server.port);
    source().fetch(&uri).await.expect("keys");
    let head = server.request().await.expect("a request");
    assert!(head.to_lowercase().contains("host: 127.0.0.1:"), "{head}");
}

#[tokio::test]
async fn a_name_that_is_not_known_or_not_found_in_time_is_an_error() {
    let unknown = source().resolver(Names::default());
    let error = failed(
        unknown.fetch("https://keys.client.example/").await,
        "unknown",
    );
    assert!(
        error.ends_with("cannot be resolved: no such name"),
        "{error}"
    );

    struct Hangs;
    impl JwksResolver for Hangs {
        async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
            pending().await
        }
    }
    let hangs = source().resolver(Hangs).total_timeout(SHORT);
    let error = failed(hangs.fetch("https://keys.client.example/").await, "hangs");
    assert!(error.contains("within 300ms"), "{error}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let trap = Trap::set();
    for status in [300, 301, 302, 303, 307, 308] {
        for host in ["127.0.0.1", HOST, "10.0.0.1", "localhost"] {
            let head = format!(
                "HTTP/1.1 {status} Found\r\nLocation: http://{host}:{}/\r\nContent-Length: 0",
                trap.port()
            );
            let server = Server::http(Close(bytes(&head, ""))).await;
            let error = failed(source().fetch(&server.http_uri()).await, host);
            assert!(error.contains("redirects are not followed"), "{error}");
            trap.assert_untouched(host);
        }
    }
}

#[tokio::test]
async fn answers_that_are_no_key_set_are_refused() {
    let ok = "HTTP/1.1 200 OK";
    let long = "canary".repeat(200_000);
    let table = [
        // status
        (
            "HTTP/1.1 201 Created\r\nContent-Length: 6",
            "canary",
            "201 in place of 200",
        ),
        ("HTTP/1.1 204 No Content", "", "204"),
        (
            "HTTP/1.1 206 Partial Content\r\nContent-Length: 6",
            "canary",
            "206",
        ),
        ("HTTP/1.1 304 Not Modified", "", "304"),
        (
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 6",
            "canary",
            "401",
        ),
        ("HTTP/1.1 404 canary\r\nContent-Length: 6", "canary", "404"),
        ("HTTP/1.1 500 Oh\r\nContent-Length: 6", "canary", "500"),
        ("HTTP/1.1 999 Oh\r\nContent-Length: 6", "canary", "999"),
        // Content-Encoding (RFC 9110 §8.4)
        (
            &*format!("{ok}\r\nContent-Encoding: gzip\r\nContent-Length: 6"),
            "canary",
            "Content-Encoding",
        ),
        (
            &*format!("{ok}\r\ncontent-encoding: br, gzip\r\nContent-Length: 6"),
            "canary",
            "Content-Encoding",
        ),
        (
            &*format!("{ok}\r\nContent-Encoding: identity\r\nContent-Length: 6"),
            "canary",
            "Content-Encoding",
        ),
        // lengths (RFC 9112 §6.3)
        (
            &*format!("{ok}\r\nContent-Length: 7"),
            "canary",
            "broke off",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 65537"),
            "canary",
            "longer than 65536",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 10485760"),
            &long,
            "longer than 65536",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 9223372036854775807"),
            "canary",
            "longer than 65536",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 18446744073709551614"),
            "canary",
            "no answer",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 99999999999999999999999"),
            "canary",
            "no answer",
        ),
        (
            &*format!("{ok}\r\nContent-Length: -1"),
            "canary",
            "no answer",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 6\r\nContent-Length: 5"),
            "canary",
            "no answer",
        ),
        (ok, &long, "longer than 65536"),
        (
            &*format!("{ok}\r\nTransfer-Encoding: chunked"),
            "6\r\ncanary\r\n",
            "broke off",
        ),
        (
            &*format!("{ok}\r\nTransfer-Encoding: chunked"),
            "canary",
            "broke off",
        ),
        (
            &*format!("{ok}\r\nTransfer-Encoding: chunked"),
            "fffffffffffffffff\r\ncanary",
            "broke off",
        ),
        // no HTTP at all
        ("SSH-2.0-canary", "", "no answer"),
        ("<html>canary", "", "no answer"),
        ("HTTP/2.0 200 canary", "", "no answer"),
        ("HTTP/1.1 200 OK\r\ncanary", "", "no answer"),
        // heads without measure
        (&*format!("{ok}\r\nX: {}", &long[..17_000]), "", "no answer"),
        (&*format!("{ok}\r\nX: {long}"), "", "no answer"),
        (
            &*format!("{ok}{}", "\r\nX: canary".repeat(10_000)),
            "",
            "no answer",
        ),
    ];
    for (head, body, wanted) in table {
        let name = &head[..head.len().min(80)];
        let server = Server::http(Close(bytes(head, body))).await;
        let error = failed(source().fetch(&server.http_uri()).await, name);
        assert!(error.contains(wanted), "{name}: {error}");
        assert!(error.contains(HOST), "{name}: {error}");
    }
    for nothing in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-"] {
        let server = Server::http(Close(nothing.into())).await;
        let error = failed(source().fetch(&server.http_uri()).await, nothing);
        assert!(error.contains("no answer"), "{nothing}: {error}");
    }
}

#[tokio::test]
async fn an_answer_has_up_to_64_kib_however_its_length_is_told() {
    let ok = "HTTP/1.1 200 OK";
    for len in [0, 1, LIMIT - 1, LIMIT, LIMIT + 1] {
        let body = "x".repeat(len);
        let chunked = match len {
            0 => "0\r\n\r\n".to_owned(),
            _ => format!("{len:x}\r\n{body}\r\n0\r\n\r\n"),
        };
        let table = [
            ("length", format!("{ok}\r\nContent-Length: {len}"), &body),
            ("close", ok.to_owned(), &body),
            (
                "chunked",
                format!("{ok}\r\nTransfer-Encoding: chunked"),
                &chunked,
            ),
        ];
        for (name, head, bytes_of_body) in table {
            let server = Server::http(Close(bytes(&head, bytes_of_body))).await;
            let fetched = source().fetch(&server.http_uri()).await;
            if len <= LIMIT {
                assert_same(&fetched.expect(name), &FetchedKeys::new(body.clone()), name);
            } else {
                let error = failed(fetched, name);
                assert!(error.contains("longer than 65536"), "{name}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn a_head_may_have_some_kib() {
    let head = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(8000));
    let server = Server::http(Close(bytes(&head, JSON))).await;
    source().fetch(&server.http_uri()).await.expect("keys");
}

#[tokio::test]
async fn what_follows_the_length_is_not_read() {
    let body = format!("{JSON}canary");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}", JSON.len());
    let server = Server::http(Close(bytes(&head, &body))).await;
    let fetched = source().fetch(&server.http_uri()).await.expect("keys");
    assert_same(&fetched, &FetchedKeys::new(JSON), "keys");
}

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
        let fetched = source()
            .total_timeout(SHORT)
            .fetch(&server.http_uri())
            .await;
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
            "no answer",
        ),
        (
            "floods with one line",
            Repeat(ok.into(), vec![b'x'; 4096]),
            "no answer",
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
    let source = source().total_timeout(SHORT);
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
    let source = source().connect_timeout(SHORT);
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

#[tokio::test]
async fn cache_control_tells_for_how_long_a_set_is_fresh() {
    let keys = || FetchedKeys::new(JSON);
    let seconds = |seconds| keys().max_age(Duration::from_secs(seconds));
    let table = [
        ("", keys()),
        ("\r\nCache-Control: public", keys()),
        ("\r\nCache-Control: max-age=300", seconds(300)),
        ("\r\nCACHE-CONTROL: Public, Max-Age=\"300\"", seconds(300)),
        (
            "\r\nCache-Control: public\r\nCache-Control: max-age=300",
            seconds(300),
        ),
        ("\r\nCache-Control: max-age=300\r\nAge: 100", seconds(200)),
        ("\r\nCache-Control: max-age=300, s-maxage=900", seconds(300)),
        ("\r\nCache-Control: max-age=300, no-cache", seconds(0)),
        ("\r\nCache-Control: no-store", seconds(0)),
        ("\r\nCache-Control: max-age=soon", seconds(0)),
        ("\r\nExpires: Thu, 01 Jan 1970 00:00:00 GMT", keys()),
    ];
    for (headers, wanted) in table {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}{headers}", JSON.len());
        let server = Server::http(Close(bytes(&head, JSON))).await;
        let fetched = source().fetch(&server.http_uri()).await.expect(headers);
        assert_same(&fetched, &wanted, headers);
    }
}

#[tokio::test]
async fn a_certificate_must_be_valid_now_for_the_name_and_from_a_known_root() {
    let other = Ca::new("another root");
    let pretender = Ca::new("a root");
    let trusts_both = source()
        .root_certificate(&other.der)
        .expect("a certificate");
    let table = [
        ("valid", source(), CA.sign(HOST, 2020..2100), None),
        (
            "two roots, the first",
            trusts_both.clone(),
            CA.sign(HOST, 2020..2100),
            None,
        ),
        (
            "two roots, the second",
            trusts_both,
            other.sign(HOST, 2020..2100),
            None,
        ),
        (
            "a wildcard",
            source(),
            CA.sign("*.client.example", 2020..2100),
            None,
        ),
        (
            "another name",
            source(),
            CA.sign("other.example", 2020..2100),
            Some("not valid for name"),
        ),
        (
            "the address",
            source(),
            CA.sign("127.0.0.1", 2020..2100),
            Some("not valid for name"),
        ),
        (
            "expired",
            source(),
            CA.sign(HOST, 2020..2021),
            Some("expired"),
        ),
        (
            "of the future",
            source(),
            CA.sign(HOST, 2098..2100),
            Some("not valid yet"),
        ),
        (
            "a root of the same name",
            source(),
            pretender.sign(HOST, 2020..2100),
            Some("BadSignature"),
        ),
        (
            "an unknown root",
            source(),
            other.sign(HOST, 2020..2100),
            Some("UnknownIssuer"),
        ),
    ];
    for (name, source, chain, wanted) in table {
        let server = Server::https(chain).await;
        let fetched = source.fetch(&server.https_uri()).await;
        match wanted {
            None => {
                assert_same(&fetched.expect(name), &FetchedKeys::new(JSON), name);
                let head = server.request().await.expect(name);
                assert!(head.contains(HOST), "{head}");
            }
            Some(wanted) => {
                let error = failed(fetched, name);
                assert!(error.contains("no connection"), "{name}: {error}");
                assert!(error.contains(wanted), "{name}: {error}");
                server.request().await.expect_err("nothing is asked");
            }
        }
    }
}

#[tokio::test]
async fn https_is_not_spoken_to_a_port_that_does_not_speak_it() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let Close(plain) = ok(JSON) else {
            unreachable!()
        };
        stream.write_all(&plain).await?;
        let mut sent = Vec::new();
        stream.read_to_end(&mut sent).await?;
        Ok::<_, io::Error>(sent)
    });
    let uri = format!("https://{HOST}:{port}/jwks");
    let error = failed(source().fetch(&uri).await, "plain");
    assert!(error.contains("no connection"), "{error}");
    let sent = served.await.expect("no panic").unwrap_or_default();
    assert!(!sent.windows(4).any(|it| it == b"GET "), "asked in plain");
}

#[test]
fn roots_that_are_none_are_refused() {
    let nothing: [&[u8]; 0] = [];
    let error = JwksHttp::with_root_certificates(nothing).expect_err("none");
    assert!(text(&error).contains("no root certificates"), "{error}");
    for der in [&b""[..], b"canary", CA.pem.as_bytes()] {
        let error = JwksHttp::with_root_certificates([der]).expect_err("no DER");
        assert!(text(&error).contains("in DER"), "{error}");
        let error = source().root_certificate(der).expect_err("no DER");
        assert!(!text(&error).contains("canary"), "{error}");
    }
}

#[test]
fn new_takes_the_roots_of_the_system_and_fails_without_any() {
    const TEST: &str = "new_takes_the_roots_of_the_system_and_fails_without_any";
    if is_child(TEST) {
        let made = JwksHttp::new();
        let Ok(uri) = std::env::var("KEY_SOURCES_URI") else {
            let error = text(&made.expect_err("there are none"));
            assert!(error.contains("ca-certificates"), "{error}");
            return;
        };
        let made = made.expect("a root").dangerously_allow_loopback_and_http();
        let made = made
            .resolver(Names::all_are("127.0.0.1"))
            .total_timeout(LONG);
        block_on(made.fetch(&uri)).expect("keys");
        return;
    }
    let folder = std::env::temp_dir().join(format!("key-sources-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = |name: &str, content: &str| {
        let path = folder.join(name);
        std::fs::write(&path, content).expect("a file");
        path.into_os_string()
            .into_string()
            .expect("a path in UTF-8")
    };
    in_child(TEST, &[("SSL_CERT_FILE", &file("none.pem", ""))]);

    // The server goes on while this thread waits for the child.
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::https(CA.sign(HOST, 2020..2100)));
    let variables = [
        ("SSL_CERT_FILE", &*file("roots.pem", &CA.pem)),
        ("KEY_SOURCES_URI", &server.https_uri()),
    ];
    in_child(TEST, &variables);
    runtime.block_on(server.request()).expect("a request");
    std::fs::remove_dir_all(&folder).expect("the folder");
}

#[test]
fn proxies_of_the_environment_are_ignored() {
    const TEST: &str = "proxies_of_the_environment_are_ignored";
    if is_child(TEST) {
        return block_on(async {
            let server = Server::http(ok(JSON)).await;
            source().fetch(&server.http_uri()).await.expect("keys");
            let server = Server::https(CA.sign(HOST, 2020..2100)).await;
            source().fetch(&server.https_uri()).await.expect("keys");
        });
    }
    let trap = Trap::set();
    let proxy = format!("http://127.0.0.1:{}", trap.port());
    let variables = ["http_proxy", "https_proxy", "all_proxy"].map(|it| (it, &*proxy));
    let upper = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(|it| (it, &*proxy));
    in_child(
        TEST,
        &[&variables[..], &upper, &[("NO_PROXY", "")]].concat(),
    );
    trap.assert_untouched("a proxy");
}

#[test]
fn the_default_provider_of_the_process_is_neither_needed_nor_used() {
    const TEST: &str = "the_default_provider_of_the_process_is_neither_needed_nor_used";
    if !is_child(TEST) {
        return in_child(TEST, &[]);
    }
    block_on(async {
        let fetch = || async {
            let server = Server::https(CA.sign(HOST, 2020..2100)).await;
            source().fetch(&server.https_uri()).await.expect("keys");
        };
        fetch().await;
        assert!(CryptoProvider::get_default().is_none(), "one was set");

        // One that no connection can be made with.
        let mut useless = aws_lc_rs::default_provider();
        useless.cipher_suites.clear();
        useless.install_default().expect("the first");
        let default = CryptoProvider::get_default().expect("a default");
        let with_it = rustls::ClientConfig::builder_with_provider(Arc::clone(default));
        assert!(with_it.with_safe_default_protocol_versions().is_err());
        fetch().await;
    });
}

#[test]
fn debug_shows_settings_and_no_certificates() {
    let shown = format!("{:?}", source());
    assert!(shown.contains("allows_loopback_and_http: true"), "{shown}");
    assert!(shown.contains("roots: 1,"), "{shown}");
}

#[test]
fn it_is_shared_between_threads() {
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    fn is_error<T: Error + Send + Sync + 'static>() {}
    is_shared::<JwksHttp>();
    is_error::<JwksHttpError>();
    let used = Mutex::new(source());
    drop(used);
}

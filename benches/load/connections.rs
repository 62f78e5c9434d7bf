//! The connections of `load soak`. Each does the same again and again, until it is told to end.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::Result;
use crate::counts::Counts;
use crate::requests::{FORM, TOKEN_PATH, basic, client_id, secret};
use crate::traffic::{CLIENTS, response, wire};

/// The client that signs assertions, and its secret.
pub(crate) const ASSERTING: &str = "asserting";
pub(crate) const HMAC_SECRET: &str = "more than thirty-two bytes for the hash";

/// The client whose secret is kept as a slow hash, and its secret.
pub(crate) const HASHED: &str = "hashed";
pub(crate) const HASHED_SECRET: &str = "a secret that somebody chose";

/// What goes over the connections, and how many of them there are.
pub(crate) const KINDS: [(Kind, usize); 7] = [
    (Kind::Good, 450),
    (Kind::Hashed, 50),
    (Kind::Wrong, 150),
    (Kind::Asserted, 50),
    (Kind::Malformed, 150),
    (Kind::SlowBody, 75),
    (Kind::SlowHead, 75),
];

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Good,
    /// Costs a hash.
    Hashed,
    /// Costs a hash as well, whoever the client is.
    Wrong,
    /// By a client assertion, which the server remembers in its Redis.
    Asserted,
    Malformed,
    SlowBody,
    SlowHead,
}

impl Kind {
    /// As it is counted. While Redis is away, there are other responses.
    const fn name(self, is_away: bool) -> &'static str {
        match (self, is_away) {
            (Self::Good, _) => "good",
            (Self::Hashed, _) => "hashed",
            (Self::Wrong, _) => "wrong",
            (Self::Asserted, false) => "asserted",
            (Self::Asserted, true) => "asserted while Redis is away",
            (Self::Malformed, _) => "malformed",
            (Self::SlowBody, _) => "slow body",
            (Self::SlowHead, _) => "slow head",
        }
    }
}

/// Whether a request of this kind may get this status. 0 is a connection that the server ended.
pub(crate) fn is_expected(kind: &str, status: u16) -> bool {
    match kind {
        "good" | "hashed" | "asserted" => status == 200,
        // With `--throttle`, most of them are throttled.
        "wrong" => matches!(status, 401 | 429),
        "asserted while Redis is away" => matches!(status, 200 | 503),
        "malformed" => matches!(status, 0 | 400..=499),
        "slow body" => status == 408,
        "slow head" => status == 0,
        _ => false,
    }
}

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) address: SocketAddr,
    pub(crate) counts: Counts,
    pub(crate) is_redis_away: Arc<AtomicBool>,
    pub(crate) gap: Arc<Gap>,
    pub(crate) end: watch::Receiver<bool>,
}

/// The longest time without a good response.
pub(crate) struct Gap {
    start: Instant,
    last: AtomicU64,
    longest: AtomicU64,
}

impl Gap {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            last: AtomicU64::new(0),
            longest: AtomicU64::new(0),
        }
    }

    fn good(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = self.last.fetch_max(now, Ordering::Relaxed);
        self.longest
            .fetch_max(now.saturating_sub(last), Ordering::Relaxed);
    }

    pub(crate) fn longest(&self) -> Duration {
        Duration::from_millis(self.longest.load(Ordering::Relaxed))
    }
}

/// One of the connections, and another one as soon as it has ended.
pub(crate) async fn connections(kind: Kind, n: usize, shared: Shared) {
    let mut end = shared.end.clone();
    let repeated = async {
        // Not all in the same moment.
        sleep(Duration::from_millis(n as u64 * 7 % 1000)).await;
        for turn in 0.. {
            let ended = match kind {
                Kind::Good | Kind::Hashed | Kind::Wrong | Kind::Asserted => {
                    keep_alive(kind, n, &shared).await
                }
                Kind::Malformed | Kind::SlowBody | Kind::SlowHead => {
                    once(kind, n, turn, &shared).await
                }
            };
            if ended.is_err() {
                shared.counts.add(kind.name(shared.is_away()), 0);
            }
            sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = repeated => {}
        _ = end.wait_for(|is_over| *is_over) => {}
    }
}

impl Shared {
    fn is_away(&self) -> bool {
        self.is_redis_away.load(Ordering::Relaxed)
    }

    /// Who is throttled must not be at the address of the good ones.
    async fn connect(&self, kind: Kind, n: usize) -> io::Result<TcpStream> {
        let source = match kind {
            Kind::Wrong => u32::from(Ipv4Addr::new(127, 2, 0, 1)) + n as u32,
            Kind::Good
            | Kind::Hashed
            | Kind::Asserted
            | Kind::Malformed
            | Kind::SlowBody
            | Kind::SlowHead => Ipv4Addr::LOCALHOST.into(),
        };
        let socket = TcpSocket::new_v4()?;
        socket.bind((IpAddr::V4(source.into()), 0).into())?;
        let stream = socket.connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// One request a second.
async fn keep_alive(kind: Kind, n: usize, shared: &Shared) -> Result<()> {
    let mut stream = shared.connect(kind, n).await?;
    let mut buffer = Vec::with_capacity(4096);
    for turn in 0.. {
        let was_away = shared.is_away();
        stream
            .write_all(&request(kind, n, turn, shared.address))
            .await?;
        let response = timeout(Duration::from_secs(30), response(&mut stream, &mut buffer));
        let status = response.await??.as_u16();
        shared
            .counts
            .add(kind.name(was_away || shared.is_away()), status);
        if kind == Kind::Good && status == 200 {
            shared.gap.good();
        }
        // The server ends the connection with such a response.
        if matches!(status, 429 | 503) {
            stream = shared.connect(kind, n).await?;
        }
        sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

fn request(kind: Kind, n: usize, turn: usize, address: SocketAddr) -> Vec<u8> {
    match kind {
        Kind::Asserted => {
            let form = format!(
                "{FORM}&client_assertion_type=\
                 urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
                 &client_assertion={}",
                assertion(address, &format!("{n}-{turn}"))
            );
            let length = form.len();
            format!(
                "POST {TOKEN_PATH} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n\
                 content-type: application/x-www-form-urlencoded\r\n\r\n{form}"
            )
            .into_bytes()
        }
        Kind::Hashed => wire(address, &basic(HASHED, HASHED_SECRET), FORM),
        // Of three, one names a client that does not exist, and one that whose secret is hashed.
        Kind::Wrong if turn.is_multiple_of(3) => {
            wire(address, &basic(&client_id(CLIENTS + n), &secret(n)), FORM)
        }
        Kind::Wrong if turn % 3 == 1 => wire(address, &basic(HASHED, &secret(n)), FORM),
        Kind::Wrong => wire(address, &basic(&client_id(n), &secret(n + 1)), FORM),
        Kind::Good | Kind::Malformed | Kind::SlowBody | Kind::SlowHead => {
            wire(address, &basic(&client_id(n), &secret(n)), FORM)
        }
    }
}

/// RFC 7523 §3, with HS256.
fn assertion(address: SocketAddr, jti: &str) -> String {
    let now = UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
    let claims = json!({
        "iss": ASSERTING,
        "sub": ASSERTING,
        "aud": format!("http://{address}"),
        "exp": now / 1_000_000_000 + 60,
        "jti": format!("{jti}-{now}"),
    });
    let [header, claims] =
        [json!({"alg": "HS256"}), claims].map(|it| URL_SAFE_NO_PAD.encode(it.to_string()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, HMAC_SECRET.as_bytes());
    let signature = hmac::sign(&key, format!("{header}.{claims}").as_bytes());
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// What is no request, or is one that must be refused.
const MALFORMED: [&[u8]; 8] = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
    b"POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\
      content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\na=%zz",
    b"POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\
      content-type: application/json\r\nconnection: close\r\n\r\n{}",
    b"POST /token HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\
      content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\nzz\r\n",
    b"POST /token HTTP/1.1\r\nhost: x\r\nauthorization: Basic %%%\r\ncontent-length: 0\r\n\
      content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
];

/// One connection from its start to its end, and what became of it.
async fn once(kind: Kind, n: usize, turn: usize, shared: &Shared) -> Result<()> {
    let stream = shared.connect(kind, n).await?;
    let (mut reading, mut writing) = stream.into_split();
    let whole = request(kind, n, turn, shared.address);
    let sent = match kind {
        Kind::Malformed => MALFORMED[(n + turn) % MALFORMED.len()].to_vec(),
        Kind::SlowBody
        | Kind::SlowHead
        | Kind::Good
        | Kind::Hashed
        | Kind::Wrong
        | Kind::Asserted => whole,
    };
    // From here on, one byte a second.
    let slow_from = match kind {
        Kind::SlowBody => sent.len() - FORM.len(),
        Kind::SlowHead => 1,
        Kind::Malformed | Kind::Good | Kind::Hashed | Kind::Wrong | Kind::Asserted => sent.len(),
    };
    let send = async {
        writing.write_all(&sent[..slow_from]).await?;
        for byte in &sent[slow_from..] {
            sleep(Duration::from_secs(1)).await;
            writing.write_all(&[*byte]).await?;
        }
        // The server ends it.
        std::future::pending::<io::Result<()>>().await
    };
    let mut received = Vec::new();
    let receive = async {
        // A reset is an end as well.
        let _ = reading.read_to_end(&mut received).await;
    };
    let ended = async {
        tokio::select! { _ = send => {}, () = receive => {} }
    };
    let is_ended = timeout(Duration::from_secs(30), ended).await.is_ok();
    let text = String::from_utf8_lossy(&received);
    let status = text.get(9..12).and_then(|status| status.parse().ok());
    // 1: the server neither responded nor ended the connection.
    let status = status.unwrap_or(u16::from(!is_ended));
    shared.counts.add(kind.name(false), status);
    Ok(())
}

//! What `scripts/load` runs: a server under 256 keep-alive connections, a third of whose requests
//! are wrong. All traffic stays on the loopback interface, and only servers that this program
//! started are ended.
//!
//! - `load reference SERVER [SECONDS]` starts the reference server and drives it as fast as it
//!   answers: no 5xx, no wrong answer, no growth of memory.
//! - `load share [SECONDS] [RATE]` serves one axum handler, with the layer and without it, at the
//!   same rate of requests, and tells what share of the processor's time the layer adds.
//!
//! A connection here writes bytes made beforehand and reads no more of an answer than it must:
//! what the load costs is not taken from the server.

#[path = "token_endpoint/requests.rs"]
#[expect(dead_code, reason = "the requests here are bytes, not values")]
mod requests;

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use http::{Response, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};
use tower_token_endpoint::{MemoryClients, TokenEndpointLayer};

use crate::requests::{FORM, ISSUER, TOKEN_PATH, basic, client_id, clients_json, issued, secret};

const USAGE: &str = "usage: load reference SERVER [SECONDS] | share [SECONDS] [RATE]";

const CONNECTIONS: u32 = 256;
/// Registered clients, all of them busy.
const CLIENTS: usize = 1_000;

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", with] => serve(with == "layered").await?,
        ["reference", server] => return reference(server, 60).await,
        ["reference", server, seconds] => return reference(server, seconds.parse()?).await,
        ["share"] => share(30, 4_000).await?,
        ["share", seconds] => share(seconds.parse()?, 4_000).await?,
        ["share", seconds, rate] => share(seconds.parse()?, rate.parse()?).await?,
        // `cargo bench` and `cargo test --all-targets` come here: a load is asked for by name.
        _ => eprintln!("{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The reference server as fast as it goes: how it answers and what becomes of its memory.
async fn reference(server: &str, seconds: u64) -> Result<ExitCode> {
    const SAMPLED_EVERY: u64 = 10;
    let clients = std::env::temp_dir().join(format!("load-clients-{}.json", std::process::id()));
    std::fs::write(&clients, clients_json(CLIENTS))?;
    let server = Server::start(
        Command::new(server)
            .args(["--listen", "127.0.0.1:0", "--clients"])
            .arg(&clients),
    );
    std::fs::remove_file(&clients)?;
    let server = server?;

    let resident = async {
        let mut samples = vec![server.resident_kib()?];
        // The last one before the connections end.
        for _ in 0..seconds.saturating_sub(1) / SAMPLED_EVERY {
            sleep(Duration::from_secs(SAMPLED_EVERY)).await;
            samples.push(server.resident_kib()?);
        }
        Result::Ok(samples)
    };
    let driven = drive(server.address, seconds, None, true);
    let (answers, resident) = tokio::try_join!(driven, resident)?;

    println!("reference server, {CONNECTIONS} connections, {seconds} s:");
    println!("  {answers}");
    println!("  KiB resident, at the start and every {SAMPLED_EVERY} s: {resident:?}");
    // The pools and bounded stores of the server fill first. An allocator's pages come and go a
    // little; what is kept for each request would be far more.
    let settled = resident[resident.len().div_ceil(2).min(resident.len() - 1)];
    let at_end = resident[resident.len() - 1];
    let grown = at_end > settled + settled / 20 + 1024;
    if grown {
        println!("  MISSED: memory grew in the second half");
    }
    if answers.unexpected > 0 {
        println!("  MISSED: {} unexpected answers", answers.unexpected);
    }
    Ok(ExitCode::from(u8::from(grown || answers.unexpected > 0)))
}

/// The same handler with the layer and without, both at once, so that a machine that gets slower or
/// faster meanwhile does so for both.
async fn share(seconds: u64, rate: u32) -> Result<()> {
    const WARM_UP: u64 = 2;
    let this = std::env::current_exe()?;
    let bare = Server::start(Command::new(&this).args(["serve", "bare"]))?;
    let layered = Server::start(Command::new(&this).args(["serve", "layered"]))?;
    let processor_time =
        || -> Result<_> { Ok([bare.processor_time()?, layered.processor_time()?]) };
    let measured = async {
        sleep(Duration::from_secs(WARM_UP)).await;
        let before = processor_time()?;
        sleep(Duration::from_secs(seconds)).await;
        let after = processor_time()?;
        Result::Ok([after[0] - before[0], after[1] - before[1]])
    };
    let all = WARM_UP + seconds + 1;
    let (spent, without, with) = tokio::try_join!(
        measured,
        drive(bare.address, all, Some(rate), false),
        drive(layered.address, all, Some(rate), true),
    )?;
    let expected = u64::from(rate) * all;
    for answers in [without, with] {
        if answers.unexpected > 0 || answers.total < expected * 99 / 100 {
            return Err(format!("instead of {expected} answers: {answers}").into());
        }
    }

    let a_request = spent.map(|spent| spent.as_secs_f64() * 1e6 / f64::from(rate) / seconds as f64);
    println!(
        "axum over loopback, {CONNECTIONS} connections, {rate} requests a second, {seconds} s:"
    );
    println!(
        "  without the layer: {:.2} µs of processor time a request",
        a_request[0]
    );
    println!("  with the layer:    {:.2} µs", a_request[1]);
    let share = a_request[1] / a_request[0] - 1.0;
    println!("  the layer adds     {:.1} %", share * 100.0);
    Ok(())
}

/// One axum handler, with the layer around it or without.
async fn serve(layered: bool) -> Result<()> {
    let mut app = Router::new().route(TOKEN_PATH, post(issue));
    if layered {
        let clients = MemoryClients::from_json(&clients_json(CLIENTS))?;
        app = app.layer(
            TokenEndpointLayer::new(clients, ISSUER)
                .path(TOKEN_PATH)
                .axum_body(),
        );
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("TCP_NODELAY: {error}");
        }
    });
    Ok(axum::serve(listener, app).await?)
}

/// Reads the body, as every token endpoint has to.
async fn issue(_body: Bytes) -> Response<Body> {
    issued().map(Body::new)
}

/// A server that this program started, and ends.
struct Server {
    process: Child,
    address: SocketAddr,
    /// Kept open: a server that prints more must not fail for it.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    fn start(command: &mut Command) -> Result<Self> {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = process.stdout.take().ok_or("no stdout")?;
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .map(str::parse);
        let Some(Ok(address)) = address else {
            process.kill()?;
            return Err(format!("instead of its address the server said {line:?}").into());
        };
        Ok(Self {
            process,
            address,
            _stdout: stdout,
        })
    }

    fn proc(&self, file: &str) -> Result<String> {
        let path = Path::new("/proc")
            .join(self.process.id().to_string())
            .join(file);
        Ok(std::fs::read_to_string(path)?)
    }

    fn resident_kib(&self) -> Result<u64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        Ok(line
            .and_then(|line| line.split_whitespace().next())
            .ok_or("no VmRSS")?
            .parse()?)
    }

    /// User and system time so far of a server of one thread. `stat` has it too, but counted in
    /// hundredths of a second.
    fn processor_time(&self) -> Result<Duration> {
        let schedstat = self.proc("schedstat")?;
        let nanoseconds = schedstat.split(' ').next().ok_or("schedstat is empty")?;
        Ok(Duration::from_nanos(nanoseconds.parse()?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody left to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What came back.
#[derive(Default)]
struct Answers {
    total: u64,
    accepted: u64,
    rejected: u64,
    /// A 5xx, or any status but the one that the request deserves.
    unexpected: u64,
    /// Microseconds each took.
    micros: Vec<u32>,
    spent: Duration,
}

impl Answers {
    fn add(&mut self, other: Self) {
        self.total += other.total;
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.unexpected += other.unexpected;
        self.micros.extend(other.micros);
        self.spent += other.spent;
    }
}

impl std::fmt::Display for Answers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut micros = self.micros.clone();
        micros.sort_unstable();
        let at = |part: f64| {
            micros
                .get((micros.len() as f64 * part) as usize)
                .unwrap_or(&0)
        };
        write!(
            formatter,
            "{} answers ({:.0} a second): {} accepted, {} rejected, {} unexpected; \
             median {} µs, 99th percentile {} µs, slowest {} µs",
            self.total,
            self.total as f64 / self.spent.as_secs_f64(),
            self.accepted,
            self.rejected,
            self.unexpected,
            at(0.5),
            at(0.99),
            micros.last().unwrap_or(&0),
        )
    }
}

/// Sends requests over [`CONNECTIONS`] connections for so long: `rate` of them a second, or as
/// many as are answered.
async fn drive(
    address: SocketAddr,
    seconds: u64,
    rate: Option<u32>,
    layered: bool,
) -> Result<Answers> {
    let requests: &'static [_] = prepared(address, layered).leak();
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let interval = rate.map(|rate| Duration::from_secs(CONNECTIONS.into()) / rate);
    let mut connections = JoinSet::new();
    for n in 0..CONNECTIONS {
        let first = start + interval.unwrap_or_default() * n / CONNECTIONS;
        connections.spawn(connection(
            address, requests, n as usize, first, interval, end,
        ));
    }
    let mut answers = Answers::default();
    while let Some(connection) = connections.join_next().await {
        answers.add(connection??);
    }
    answers.spent = start.elapsed();
    Ok(answers)
}

async fn connection(
    address: SocketAddr,
    requests: &[Prepared],
    first_request: usize,
    first: Instant,
    interval: Option<Duration>,
    end: Instant,
) -> Result<Answers> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut answers = Answers::default();
    let mut buffer = Vec::with_capacity(4096);
    let mut turn = first;
    for request in requests.iter().cycle().skip(first_request) {
        if let Some(interval) = interval {
            sleep_until(turn.into()).await;
            turn += interval;
        }
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        stream.write_all(&request.bytes).await?;
        let status = answer(&mut stream, &mut buffer).await?;
        answers.total += 1;
        match status {
            _ if status != request.expected => answers.unexpected += 1,
            StatusCode::OK => answers.accepted += 1,
            _ => answers.rejected += 1,
        }
        answers
            .micros
            .push(u32::try_from(sent.elapsed().as_micros())?);
    }
    Ok(answers)
}

/// Reads one answer off the connection, all of it, so that the next one starts at its first byte.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<StatusCode> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server closed a connection".into());
        }
        let Some(head) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            continue;
        };
        let text = std::str::from_utf8(&buffer[..head])?;
        let status = text.get(9..12).ok_or("no status")?.parse()?;
        let length: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .ok_or("an answer of unknown length")?
            .parse()?;
        while buffer.len() < head + 4 + length {
            if stream.read_buf(buffer).await? == 0 {
                return Err("the server closed a connection in an answer".into());
            }
        }
        return Ok(status);
    }
}

/// A request as it goes over the connection, and the status it deserves.
struct Prepared {
    bytes: Vec<u8>,
    expected: StatusCode,
}

/// Of three requests one is wrong, in one of three ways.
fn prepared(address: SocketAddr, layered: bool) -> Vec<Prepared> {
    let prepared = |n: usize| {
        let id = client_id(n);
        let (id, secret, form, expected) = match n % 9 {
            0 => (id, secret(n + 1), FORM, StatusCode::UNAUTHORIZED),
            3 => (
                client_id(CLIENTS + n),
                secret(n),
                FORM,
                StatusCode::UNAUTHORIZED,
            ),
            6 => (id, secret(n), "scope=read", StatusCode::BAD_REQUEST),
            _ => (id, secret(n), FORM, StatusCode::OK),
        };
        let authorization = basic(&id, &secret);
        let length = form.len();
        let bytes = format!(
            "POST {TOKEN_PATH} HTTP/1.1\r\n\
             host: {address}\r\n\
             user-agent: measurement/1.0\r\n\
             accept: application/json\r\n\
             authorization: {authorization}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\
             content-length: {length}\r\n\r\n{form}"
        );
        Prepared {
            bytes: bytes.into_bytes(),
            expected: if layered { expected } else { StatusCode::OK },
        }
    };
    (0..CLIENTS).map(prepared).collect()
}

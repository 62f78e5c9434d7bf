//! `load documents`.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use crate::Result;
use crate::bystanders::{Measured, good_clients};
use crate::counts::Counts;
use crate::overload::clients_file;
use crate::server::Server;
use crate::traffic::response;

/// In each minute: quiet, then the URLs, then what is still under way.
const URLS: u32 = 10_000;
const ATTACK: Duration = Duration::from_secs(40);
const SETTLE: Duration = Duration::from_secs(8);
const QUIET: Duration = Duration::from_secs(12);

/// Each kind of host has so many addresses, since a host is asked 30 times a minute at most.
const HOSTS: u32 = 250;

/// What is at a URL, by the second number of its address.
#[derive(Clone, Copy)]
enum Kind {
    /// Nobody listens. Every URL has an address of its own.
    Nobody,
    Hangs = 2,
    Html,
    Document,
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Nobody, "nobody there"),
    (Kind::Hangs, "hangs"),
    (Kind::Html, "HTML"),
    (Kind::Document, "a document"),
];

pub(crate) async fn run(server: &str, minutes: u32) -> Result<ExitCode> {
    let file = clients_file(None)?;
    let server = Server::start(
        Command::new(server)
            .args(["--listen", "127.0.0.1:0", "--client-documents"])
            .args(["--dangerously-allow-local-client-documents", "--clients"])
            .arg(&file),
    );
    std::fs::remove_file(&file)?;
    let server = server?;
    let address = server.address;
    let (_closed, port) = hosts().await?;

    let measured = Measured::default();
    let (ends, end) = watch::channel(false);
    // On a thread of their own, so that they do not wait for the thousands of others.
    let good = std::thread::spawn({
        let measured = measured.clone();
        move || good_clients(address, &measured, &end)
    });
    sleep(Duration::from_secs(10)).await;
    measured.clear();

    let counts = Counts::default();
    println!(
        "{URLS} invented client ids in {} s of each minute\n\n{:>6}{:>10}{:>9}{:>12}",
        ATTACK.as_secs(),
        "minute",
        "KiB",
        "threads",
        "open files"
    );
    let mut invented = 0;
    for minute in 0..minutes {
        sleep(QUIET).await;
        measured.attacked(true);
        let most = attack(&server, port, &mut invented, &counts).await?;
        println!("{minute:>6}{:>10}{:>9}{:>12}", most[0], most[1], most[2]);
        // Until what is under way has ended.
        sleep(SETTLE).await;
        measured.attacked(false);
    }
    ends.send_replace(true);
    good.join().map_err(|_| "a good client panicked")??;
    println!("\n{counts}\n{}", measured.counts);
    measured.print();
    println!("\nat most resident: {} KiB", server.peak_kib()?);
    Ok(ExitCode::SUCCESS)
}

/// The hosts of all kinds, and their port.
async fn hosts() -> Result<(TcpSocket, u16)> {
    // Bound, so that nobody else listens there.
    let nobody = TcpSocket::new_v4()?;
    nobody.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let port = nobody.local_addr()?.port();
    for (kind, _) in &KINDS[1..] {
        for n in 0..HOSTS {
            let address = SocketAddr::from((kind.host(n), port));
            let listener = TcpListener::bind(address).await?;
            tokio::spawn(serve(listener, *kind));
        }
    }
    Ok((nobody, port))
}

impl Kind {
    fn host(self, n: u32) -> Ipv4Addr {
        let [_, b, c, d] = n.to_be_bytes();
        match self {
            // From 127.128.0.0 on.
            Self::Nobody => Ipv4Addr::new(127, 128 | b, c, d),
            Self::Hangs | Self::Html | Self::Document => {
                let [_, _, c, d] = (n % HOSTS + 1).to_be_bytes();
                Ipv4Addr::new(127, self as u8, c, d)
            }
        }
    }
}

async fn serve(listener: TcpListener, kind: Kind) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            // Whoever fetches may give up.
            let _ = respond(stream, kind).await;
        });
    }
}

async fn respond(mut stream: TcpStream, kind: Kind) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head)?;
    let path = head.split(' ').nth(1).ok_or("no path")?;
    let host = head.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("no host")?;
    let (media_type, body) = match kind {
        Kind::Nobody => return Ok(()),
        Kind::Hangs => {
            stream.read_u8().await?;
            return Ok(());
        }
        Kind::Html => ("text/html", "<html>are you human?</html>".to_owned()),
        Kind::Document => {
            let json = format!(
                r#"{{"client_id":"http://{host}{path}","client_name":"An application","redirect_uris":["http://127.0.0.1/callback"]}}"#
            );
            ("application/json", json)
        }
    };
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(response.as_bytes()).await?;
    Ok(())
}

/// All URLs of a minute, each once. Returns the most memory, threads and open files.
async fn attack(
    server: &Server,
    port: u16,
    invented: &mut u32,
    counts: &Counts,
) -> Result<[u64; 3]> {
    let mut turns = interval(ATTACK / URLS);
    let mut requests = JoinSet::new();
    let mut most = [0; 3];
    let mut looked_at = Instant::now();
    for _ in 0..URLS {
        turns.tick().await;
        let n = *invented;
        *invented += 1;
        let (kind, name) = KINDS[n as usize % KINDS.len()];
        let client_id = format!("http://{}:{port}/{n}", kind.host(n / 4));
        let (address, counts) = (server.address, counts.clone());
        requests.spawn(async move {
            let status = ask(address, &client_id).await.unwrap_or_default();
            counts.add(name, status);
        });
        while requests.try_join_next().is_some() {}
        if looked_at.elapsed() > Duration::from_secs(1) {
            looked_at = Instant::now();
            let now = [
                server.resident_kib()?,
                server.threads()?,
                server.descriptors()?,
            ];
            most = std::array::from_fn(|at| most[at].max(now[at]));
        }
    }
    while requests.join_next().await.is_some() {}
    Ok(most)
}

/// One request of a client with this id, over a connection of its own.
async fn ask(address: SocketAddr, client_id: &str) -> Result<u16> {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", "invented")
        .append_pair("code_verifier", "invented")
        .append_pair("client_id", client_id)
        .finish();
    let request = format!(
        "POST /token HTTP/1.1\r\nhost: {address}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    stream.write_all(request.as_bytes()).await?;
    Ok(response(&mut stream, &mut Vec::new()).await?.as_u16())
}

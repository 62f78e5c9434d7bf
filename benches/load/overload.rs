//! `load overload`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::Result;
use crate::bystanders::{GOOD, Measured, REGISTERED, good_clients};
use crate::counts::Counts;
use crate::requests::{FORM, basic, client_id, clients_json, secret};
use crate::server::Server;
use crate::traffic::{response, wire};

const QUIET: Duration = Duration::from_secs(10);
const WAVES: usize = 5;
/// A guess that nobody has answered by then is given up.
const GUESS_TIMEOUT: Duration = Duration::from_secs(60);
/// Connections that are opened at the same time.
const OPENING: usize = 200;

struct Options<'a> {
    hashes: Option<&'a str>,
    guesses: usize,
    sources: usize,
    flags: &'a [&'a str],
}

impl<'a> Options<'a> {
    fn parse(arguments: &'a [&'a str]) -> Result<Self> {
        let mut options = Self {
            hashes: None,
            guesses: 10_000,
            sources: 100,
            flags: &[],
        };
        let mut rest = arguments;
        loop {
            rest = match rest {
                [] => return Ok(options),
                ["--", flags @ ..] => {
                    options.flags = flags;
                    return Ok(options);
                }
                ["--hashes", file, rest @ ..] => {
                    options.hashes = Some(file);
                    rest
                }
                ["--guesses", number, rest @ ..] => {
                    options.guesses = number.parse()?;
                    rest
                }
                ["--sources", number, rest @ ..] => {
                    options.sources = number.parse()?;
                    rest
                }
                [unknown, ..] => return Err(format!("unknown argument {unknown}").into()),
            };
        }
    }
}

pub(crate) async fn run(server: &str, arguments: &[&str]) -> Result<ExitCode> {
    let options = Options::parse(arguments)?;
    let file = clients_file(options.hashes)?;
    let server = Server::start(
        Command::new(server)
            .args(["--listen", "127.0.0.1:0", "--clients"])
            .arg(&file)
            .args(options.flags),
    );
    std::fs::remove_file(&file)?;
    let server = server?;
    let address = server.address;

    let measured = Measured::default();
    let (ends, end) = watch::channel(false);
    // On a thread of their own, so that they do not wait for the thousands of others.
    let good = std::thread::spawn({
        let measured = measured.clone();
        move || good_clients(address, &measured, &end)
    });
    // Each asks once at least, so that what the server remembers is there.
    sleep(Duration::from_secs(15)).await;
    measured.clear();
    sleep(QUIET).await;

    let guesses = Counts::default();
    let mut waves = Vec::new();
    for _ in 0..WAVES {
        let connections = open(address, &options).await?;
        measured.attacked(true);
        waves.push(wave(address, connections, &guesses).await);
        measured.attacked(false);
    }
    ends.send_replace(true);
    good.join().map_err(|_| "a good client panicked")??;

    let peak = server.peak_kib()?;
    report(&options, &measured, &guesses, &waves, peak);
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn clients_file(hashes: Option<&str>) -> Result<PathBuf> {
    let mut json = clients_json(REGISTERED);
    if let Some(hashes) = hashes {
        let hashes = std::fs::read_to_string(hashes)?;
        let hashes: Vec<_> = hashes.lines().collect();
        let mut clients: Vec<Value> = serde_json::from_slice(&json)?;
        if hashes.len() != clients.len() {
            return Err(format!("{} hashes for {} clients", hashes.len(), clients.len()).into());
        }
        for (client, hash) in clients.iter_mut().zip(hashes) {
            let members = client.as_object_mut().ok_or("a client is an object")?;
            members.remove("client_secret");
            members.remove("client_secret_expires_at");
            members.insert("client_secrets".to_owned(), json!([{ "hash": hash }]));
        }
        json = serde_json::to_vec(&clients)?;
    }
    let file = format!("overload-clients-{}.json", std::process::id());
    let file = std::env::temp_dir().join(file);
    std::fs::write(&file, json)?;
    Ok(file)
}

/// A connection for each guess, from the sources in turn.
async fn open(address: SocketAddr, options: &Options<'_>) -> Result<Vec<TcpStream>> {
    let places = Arc::new(Semaphore::new(OPENING));
    let mut opening = JoinSet::new();
    for n in 0..options.guesses {
        let source =
            u32::from(Ipv4Addr::new(127, 1, 0, 0)) + 1 + u32::try_from(n % options.sources)?;
        let source = IpAddr::V4(source.into());
        let places = Arc::clone(&places);
        opening.spawn(async move {
            let _place = places.acquire().await.map_err(io::Error::other)?;
            let socket = TcpSocket::new_v4()?;
            socket.bind((source, 0).into())?;
            let stream = socket.connect(address).await?;
            stream.set_nodelay(true)?;
            Ok::<_, io::Error>(stream)
        });
    }
    let mut connections = Vec::with_capacity(options.guesses);
    while let Some(opened) = opening.join_next().await {
        connections.push(opened??);
    }
    Ok(connections)
}

/// All guesses at once. Returns how long it took until the last was answered.
async fn wave(address: SocketAddr, connections: Vec<TcpStream>, counts: &Counts) -> Duration {
    use tokio::io::AsyncWriteExt as _;

    let start = Instant::now();
    let mut guesses = JoinSet::new();
    for (n, mut stream) in connections.into_iter().enumerate() {
        // Of two guesses, one names a client that is registered.
        let id = match n % 2 {
            0 => client_id(GOOD + n % GOOD),
            _ => client_id(REGISTERED + n),
        };
        let request = wire(address, &basic(&id, &secret(REGISTERED + n)), FORM);
        let counts = counts.clone();
        guesses.spawn(async move {
            let mut buffer = Vec::new();
            let answered = async {
                stream.write_all(&request).await?;
                response(&mut stream, &mut buffer).await
            };
            let status = match timeout(GUESS_TIMEOUT, answered).await {
                Ok(Ok(status)) => status.as_u16(),
                Ok(Err(_)) | Err(_) => 0,
            };
            counts.add("guesses", status);
        });
    }
    while guesses.join_next().await.is_some() {}
    start.elapsed()
}

fn report(
    options: &Options<'_>,
    measured: &Measured,
    guesses: &Counts,
    waves: &[Duration],
    peak_kib: u64,
) {
    println!(
        "{} guesses at once from {} sources, {WAVES} times; {} clients; flags: {:?}",
        options.guesses,
        options.sources,
        if options.hashes.is_some() {
            "hashed"
        } else {
            "plain"
        },
        options.flags,
    );
    let waves: Vec<_> = waves
        .iter()
        .map(|wave| format!("{:.1}", wave.as_secs_f64()))
        .collect();
    println!("{guesses}, in {} s", waves.join(", "));
    println!("{}", measured.counts);
    measured.print();
    println!("\nat most resident: {:.0} MiB", peak_kib as f64 / 1024.0);
}

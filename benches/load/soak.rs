//! `load soak`.

use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Result;
use crate::common::redis_server::RedisServer;
use crate::connections::{
    ASSERTING, Gap, HASHED, HASHED_SECRET, HMAC_SECRET, KINDS, Shared, connections, is_expected,
};
use crate::counts::Counts;
use crate::requests::clients_json;
use crate::server::Server;
use crate::traffic::{CLIENTS, drive};

/// Twenty minutes.
const DEFAULT_SECONDS: u64 = 20 * 60;
/// So many accepted requests fill the store of tokens of the server, which is bounded.
const FILLED: u64 = 250_000;
/// The connection to Redis comes back a little later than Redis itself.
const RECONNECTS: Duration = Duration::from_secs(5);
/// Longer than this without a good response is a failure.
const MAX_GAP: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug)]
struct Sample {
    at: u64,
    mib: f64,
    threads: u64,
    descriptors: u64,
}

pub(crate) async fn run(server: &str, arguments: &[&str]) -> Result<ExitCode> {
    let (seconds, flags) = match arguments {
        [] => (DEFAULT_SECONDS, arguments),
        ["--", flags @ ..] => (DEFAULT_SECONDS, flags),
        [seconds] => (seconds.parse()?, &[][..]),
        [seconds, "--", flags @ ..] => (seconds.parse()?, flags),
        _ => return Err(crate::USAGE.into()),
    };
    let mut redis = RedisServer::start(&[]).ok_or("redis-server is not installed")?;
    let file = format!("soak-clients-{}.json", std::process::id());
    let file = std::env::temp_dir().join(file);
    std::fs::write(&file, clients()?)?;
    let server = Server::start(
        Command::new(server)
            .args([
                "--listen",
                "127.0.0.1:0",
                "--redis",
                &redis.url(),
                "--clients",
            ])
            .arg(&file)
            .args(flags),
    );
    std::fs::remove_file(&file)?;
    let mut server = server?;

    let mut filled = 0;
    let warm_up = Instant::now();
    while filled < FILLED && warm_up.elapsed() < Duration::from_secs(60) {
        filled += drive(server.address, 5, None, true).await?.accepted;
    }
    sleep(Duration::from_secs(1)).await;
    let at_rest = server.descriptors()?;

    let (ends, end) = watch::channel(false);
    let shared = Shared {
        address: server.address,
        counts: Counts::default(),
        is_redis_away: Arc::default(),
        gap: Arc::new(Gap::new()),
        end,
    };
    let mut under_way = JoinSet::new();
    for (kind, count) in KINDS {
        for n in 0..count {
            under_way.spawn(connections(kind, n, shared.clone()));
        }
    }
    let restarts = restart_twice(&mut redis, seconds, &shared.is_redis_away);
    let (samples, ()) = tokio::try_join!(samples(&server, seconds), restarts)?;
    ends.send_replace(true);
    while let Some(ended) = under_way.join_next().await {
        ended?;
    }
    let ended = Instant::now();
    while server.descriptors()? > at_rest && ended.elapsed() < Duration::from_secs(30) {
        sleep(Duration::from_millis(200)).await;
    }
    let left = server.descriptors()?.saturating_sub(at_rest);
    let in_order = server.interrupt(Duration::from_secs(6))?;

    let missed = report(seconds, flags, &shared, &samples, left, in_order);
    Ok(ExitCode::from(u8::from(missed)))
}

fn clients() -> Result<Vec<u8>> {
    let mut clients: Vec<Value> = serde_json::from_slice(&clients_json(CLIENTS))?;
    clients.push(json!({
        "client_id": ASSERTING,
        "client_secret": HMAC_SECRET,
        "token_endpoint_auth_method": "client_secret_jwt",
        "grant_types": ["client_credentials"],
        "scope": "read",
    }));
    clients.push(json!({
        "client_id": HASHED,
        "client_secrets": [{ "hash": argon2(HASHED_SECRET)? }],
        "grant_types": ["client_credentials"],
        "scope": "read",
    }));
    Ok(serde_json::to_vec(&clients)?)
}

/// With little memory, so that a core computes some hundred of them in a second.
fn argon2(secret: &str) -> Result<String> {
    const SALT: &[u8; 16] = b"sixteen of bytes";
    let params = Params::new(1024, 1, 1, None)?;
    let mut output = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
        secret.as_bytes(),
        SALT,
        &mut output,
    )?;
    let [salt, output] = [&SALT[..], &output].map(|bytes| STANDARD_NO_PAD.encode(bytes));
    Ok(format!("$argon2id$v=19$m=1024,t=1,p=1${salt}${output}"))
}

async fn restart_twice(redis: &mut RedisServer, seconds: u64, is_away: &AtomicBool) -> Result<()> {
    let third = Duration::from_secs(seconds) / 3;
    let away = (third / 4).min(Duration::from_secs(20));
    for _ in 0..2 {
        sleep(third - away - RECONNECTS).await;
        is_away.store(true, Ordering::Relaxed);
        redis.kill();
        sleep(away).await;
        redis.restart();
        sleep(RECONNECTS).await;
        is_away.store(false, Ordering::Relaxed);
    }
    Ok(())
}

async fn samples(server: &Server, seconds: u64) -> Result<Vec<Sample>> {
    let every = (seconds / 60).max(1);
    let mut samples = Vec::new();
    let start = Instant::now();
    for turn in 1..=seconds / every {
        sleep(
            (start + Duration::from_secs(turn * every)).saturating_duration_since(Instant::now()),
        )
        .await;
        samples.push(Sample {
            at: turn * every,
            mib: server.resident_kib()? as f64 / 1024.0,
            threads: server.threads()?,
            descriptors: server.descriptors()?,
        });
    }
    Ok(samples)
}

fn report(
    seconds: u64,
    flags: &[&str],
    shared: &Shared,
    samples: &[Sample],
    left: u64,
    in_order: bool,
) -> bool {
    let connections: usize = KINDS.iter().map(|(_, count)| count).sum();
    println!(
        "{connections} connections at once, {seconds} s, Redis restarted twice; flags: {flags:?}"
    );
    println!("{}", shared.counts);
    println!(
        "\n{:>6}{:>10}{:>9}{:>13}",
        "s", "MiB", "threads", "descriptors"
    );
    for sample in samples.iter().step_by(samples.len().div_ceil(20)) {
        println!(
            "{:>6}{:>10.1}{:>9}{:>13}",
            sample.at, sample.mib, sample.threads, sample.descriptors
        );
    }
    let quarter = samples.len() / 4;
    let most =
        |samples: &[Sample], of: fn(&Sample) -> f64| samples.iter().map(of).fold(0.0, f64::max);
    let [second, last] = [
        &samples[quarter..2 * quarter],
        &samples[samples.len() - quarter..],
    ];
    let grows = |of: fn(&Sample) -> f64, tolerance: f64| {
        let (before, after) = (most(second, of), most(last, of));
        (
            after > before + tolerance,
            format!("{before:.1}, then {after:.1}"),
        )
    };
    let memory = grows(|it| it.mib, 1.0 + most(second, |it| it.mib) / 20.0);
    let threads = grows(|it| it.threads as f64, 0.0);
    let descriptors = grows(|it| it.descriptors as f64, 20.0);
    let gap = shared.gap.longest();
    let unexpected = shared.counts.unexpected(is_expected);
    let good = shared.counts.of("good");
    println!();
    let mut missed = false;
    for (what, is_missed, found) in [
        (
            "no unexpected response",
            unexpected > 0,
            format!("{unexpected}"),
        ),
        (
            "memory is flat, MiB in the second quarter and the last",
            memory.0,
            memory.1,
        ),
        ("threads are flat", threads.0, threads.1),
        ("descriptors are flat", descriptors.0, descriptors.1),
        (
            "good requests are served throughout",
            gap > MAX_GAP || good == 0,
            format!("{good}, the longest gap {} ms", gap.as_millis()),
        ),
        (
            "all connections have ended",
            left > 0,
            format!("{left} left"),
        ),
        ("the server ends in order", !in_order, format!("{in_order}")),
    ] {
        let verdict = if is_missed { "MISSED" } else { "held" };
        println!("{verdict:7} {what}: {found}");
        missed |= is_missed;
    }
    missed
}

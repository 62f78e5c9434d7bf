//! `load reference`.

use std::process::{Command, ExitCode};
use std::time::Duration;

use tokio::time::sleep;

use crate::Result;
use crate::requests::clients_json;
use crate::server::Server;
use crate::traffic::{CLIENTS, CONNECTIONS, drive};

/// The reference server as fast as it goes: how it responses and what becomes of its memory.
pub(crate) async fn run(server: &str, seconds: u64) -> Result<ExitCode> {
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
    let (responses, resident) = tokio::try_join!(driven, resident)?;

    println!("reference server, {CONNECTIONS} connections, {seconds} s:");
    println!("  {responses}");
    println!("  KiB resident, at the start and every {SAMPLED_EVERY} s: {resident:?}");
    // The pools and bounded stores of the server fill first. An allocator's pages come and go a
    // little; what is kept for each request would be far more.
    let settled = resident[resident.len().div_ceil(2).min(resident.len() - 1)];
    let at_end = resident[resident.len() - 1];
    let grown = at_end > settled + settled / 20 + 1024;
    if grown {
        println!("  MISSED: memory grew in the second half");
    }
    if responses.unexpected > 0 {
        println!("  MISSED: {} unexpected responses", responses.unexpected);
    }
    Ok(ExitCode::from(u8::from(grown || responses.unexpected > 0)))
}

//! `load share`.

use std::process::Command;
use std::time::Duration;

use tokio::time::sleep;

use crate::Result;
use crate::app::{BARE, LAYERED, SERVE};
use crate::server::Server;
use crate::traffic::{CONNECTIONS, drive};

/// The same handler with the layer and without, both at once, so that a machine that gets slower or
/// faster meanwhile does so for both.
pub(crate) async fn run(seconds: u64, rate: u32) -> Result<()> {
    const WARM_UP: u64 = 2;
    let this = std::env::current_exe()?;
    let bare = Server::start(Command::new(&this).args([SERVE, BARE]))?;
    let layered = Server::start(Command::new(&this).args([SERVE, LAYERED]))?;
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
    for responses in [without, with] {
        if responses.unexpected > 0 || responses.total < expected * 99 / 100 {
            return Err(format!("instead of {expected} responses: {responses}").into());
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

//! Clients that ask for tokens, and somebody who polls a page, while others attack the server.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use crate::Result;
use crate::counts::{Counts, percentile};
use crate::requests::{FORM, basic, client_id, secret};
use crate::traffic::{response, wire};

/// Clients that ask for tokens, and as many whose secrets are guessed.
pub(crate) const GOOD: usize = 100;
pub(crate) const REGISTERED: usize = 2 * GOOD;
/// Each good client asks so often, and the page is polled so often.
const GOOD_EVERY: Duration = Duration::from_millis(200);
const PAGE_EVERY: Duration = Duration::from_millis(10);

/// What is measured: on the quiet server, and while guesses are under way.
#[derive(Clone, Default)]
pub(crate) struct Measured {
    is_attacked: Arc<AtomicBool>,
    times: Arc<Mutex<[[Vec<Duration>; 2]; 2]>>,
    pub(crate) counts: Counts,
}

const TOKENS: usize = 0;
const PAGE: usize = 1;
const KINDS: [&str; 2] = ["good", "page"];

impl Measured {
    /// Of requests that took place while it was quiet, or while it was not.
    fn add(&self, kind: usize, was_attacked: bool, time: Duration, status: u16) {
        self.counts.add(KINDS[kind], status);
        if was_attacked == self.is_attacked.load(Ordering::Relaxed) {
            let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            times[kind][usize::from(was_attacked)].push(time);
        }
    }

    fn percentiles(&self, kind: usize) -> [[Duration; 2]; 2] {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |times: &mut Vec<_>| [percentile(times, 0.5), percentile(times, 0.99)];
        let [quiet, attacked] = &mut times[kind];
        [of(quiet), of(attacked)]
    }

    pub(crate) fn clear(&self) {
        *self.times.lock().unwrap_or_else(PoisonError::into_inner) = Default::default();
    }

    /// Whether the requests from now on count as those under attack.
    pub(crate) fn attacked(&self, is_attacked: bool) {
        self.is_attacked.store(is_attacked, Ordering::Relaxed);
    }

    pub(crate) fn print(&self) {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        println!(
            "\n{:14}{:>10}{:>10}{:>12}{:>12}{:>8}",
            "ms", "quiet p50", "quiet p99", "attack p50", "attack p99", "ratio"
        );
        for (kind, name) in [(TOKENS, "good clients"), (PAGE, "the page")] {
            let [quiet, attacked] = self.percentiles(kind).map(|it| it.map(ms));
            println!(
                "{name:14}{:>10.2}{:>10.2}{:>12.2}{:>12.2}{:>8.1}",
                quiet[0],
                quiet[1],
                attacked[0],
                attacked[1],
                attacked[1] / quiet[1],
            );
        }
    }
}

/// Until they are told to end.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn good_clients(
    address: SocketAddr,
    measured: &Measured,
    end: &watch::Receiver<bool>,
) -> Result<()> {
    let page =
        format!("GET /.well-known/oauth-authorization-server HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let mut asking = JoinSet::new();
    asking.spawn(ask(
        address,
        page.into_bytes(),
        PAGE,
        PAGE_EVERY,
        measured.clone(),
        end.clone(),
    ));
    for n in 0..GOOD {
        let request = wire(address, &basic(&client_id(n), &secret(n)), FORM);
        let (measured, end) = (measured.clone(), end.clone());
        asking.spawn(async move {
            // Not all in the same moment.
            sleep(GOOD_EVERY * u32::try_from(n)? / u32::try_from(GOOD)?).await;
            ask(address, request, TOKENS, GOOD_EVERY, measured, end).await
        });
    }
    while let Some(ended) = asking.join_next().await {
        ended??;
    }
    Ok(())
}

/// The same request again and again, over one connection.
async fn ask(
    address: SocketAddr,
    request: Vec<u8>,
    kind: usize,
    every: Duration,
    measured: Measured,
    end: watch::Receiver<bool>,
) -> Result<()> {
    use tokio::io::AsyncWriteExt as _;

    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4096);
    let mut turns = interval(every);
    while !*end.borrow() {
        turns.tick().await;
        let was_attacked = measured.is_attacked.load(Ordering::Relaxed);
        let sent = Instant::now();
        stream.write_all(&request).await?;
        let status = response(&mut stream, &mut buffer).await?;
        measured.add(kind, was_attacked, sent.elapsed(), status.as_u16());
    }
    Ok(())
}

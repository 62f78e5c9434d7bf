//! Calls of the service itself.

use std::convert::Infallible;
use std::time::Instant;

use http::{Request, StatusCode};
use tower::{Layer as _, Service as _, service_fn};
use tower_token_endpoint::store::ClientStore;

use crate::classes::Bench;
use crate::requests::issued;
use crate::statistics::Times;
use crate::{Result, log_of_thread};

/// Requests that fill the caches first.
pub(crate) const WARM_UP: usize = 5_000;

pub(crate) fn measure<C: ClientStore>(
    bench: &Bench<C>,
    requests: usize,
    is_logged: bool,
) -> Result<Times> {
    let classes = bench.classes;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let _log = log_of_thread(is_logged);
    runtime.block_on(async {
        let inner = service_fn(async |_: Request<_>| Ok::<_, Infallible>(issued()));
        let mut service = bench.layer.layer(inner);
        let mut order = bench.order();
        let mut times = vec![Vec::with_capacity(requests * 2); classes.len()];
        for turn in 0..WARM_UP + requests * classes.len() {
            let (class, nth) = order.next();
            let request = bench.sent[class][nth].request();
            let start = Instant::now();
            let response = service.call(request).await?;
            let taken = start.elapsed();
            if response.status() != StatusCode::UNAUTHORIZED {
                return Err(format!("{:?}: {}", classes[class], response.status()).into());
            }
            if turn >= WARM_UP {
                times[class].push(u32::try_from(taken.as_nanos())?);
            }
        }
        Ok(times)
    })
}

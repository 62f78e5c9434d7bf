//! What the layer costs around your own service: time and allocations of a request, with the layer and
//! without it.
//!
//! ```text
//! cargo run --release --example overhead [ROUNDS]
//! ```
//!
//! Put your service in place of [`issue`], and your clients and settings into [`layer`]. The times are
//! those of this machine, so compare them with each other only. Both services take turns in one run.

use std::{convert::Infallible, error::Error, hint::black_box, time::Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Request, Response};
use http_body_util::Full;
use tower::{Layer as _, Service, ServiceExt as _, service_fn};
use tower_token_endpoint::{
    Client, GrantType, MemoryClientStore, TokenEndpointLayer, TokenResponse, client::ClientSecret,
};

/// Of which the median counts, if no other number is given.
const ROUNDS: usize = 51;
const REQUESTS: u32 = 2_000;

/// Your service.
async fn issue<B>(_: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(TokenResponse::bearer("a token").into_http())
}

/// Your layer.
fn layer() -> Result<TokenEndpointLayer<MemoryClientStore>, Box<dyn Error>> {
    let client = Client::builder("demo")
        .secret(ClientSecret::sha256_of("demo-secret"))
        .grant_types([GrantType::ClientCredentials]);
    let clients = MemoryClientStore::new([client.build()?])?;
    let layer = TokenEndpointLayer::builder(clients, "https://as.example.com");
    Ok(layer.path("/token").build()?)
}

fn request(path: &str, secret: &str) -> http::Result<Request<Full<Bytes>>> {
    let credentials = STANDARD.encode(format!("demo:{secret}"));
    Request::post(path)
        .header("authorization", format!("Basic {credentials}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::from("grant_type=client_credentials"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let rounds = std::env::args().nth(1).map(|rounds| rounds.parse());
    let rounds = rounds.transpose()?.unwrap_or(ROUNDS).max(1);
    let without = service_fn(issue);
    let with = layer()?.layer(service_fn(issue));
    println!("| request | time without | with | more | allocations without | with |");
    println!("|---|---|---|---|---|---|");
    for (name, path, secret) in [
        ("accepted", "/token", "demo-secret"),
        ("wrong secret", "/token", "wrong"),
        ("another path", "/other", "demo-secret"),
    ] {
        let request = request(path, secret)?;
        let [mut plain, mut layered] = [Vec::new(), Vec::new()];
        for _ in 0..rounds {
            plain.push(nanos(&without, &request).await);
            layered.push(nanos(&with, &request).await);
        }
        let [plain, layered] = [plain, layered].map(median);
        let allocations = [
            allocations(&without, &request),
            allocations(&with, &request),
        ];
        println!(
            "| {name} | {plain:.0} ns | {layered:.0} ns | {:.0} ns | {} | {} |",
            layered - plain,
            allocations[0],
            allocations[1],
        );
    }
    Ok(())
}

/// The time of one request, on average over a round.
async fn nanos<S>(service: &S, request: &Request<Full<Bytes>>) -> f64
where
    S: Service<Request<Full<Bytes>>, Error = Infallible> + Clone,
{
    let requests: Vec<_> = (0..REQUESTS).map(|_| request.clone()).collect();
    let start = Instant::now();
    for request in requests {
        let Ok(response) = service.clone().oneshot(request).await;
        black_box(response);
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(REQUESTS)
}

/// Of one request, without those that make it.
fn allocations<S>(service: &S, request: &Request<Full<Bytes>>) -> u64
where
    S: Service<Request<Full<Bytes>>, Error = Infallible> + Clone,
{
    let (service, request) = (service.clone(), request.clone());
    let counted = allocation_counter::measure(move || {
        drop(black_box(service.oneshot(request).now_or_never()));
    });
    counted.count_total
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

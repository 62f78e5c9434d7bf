//! `load compare`.

use std::net::SocketAddr;
use std::process::Command;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Result;
use crate::app::{BARE, HAND_WRITTEN, IN_ROUTER, LAYERED, SERVE};
use crate::requests::{FORM, TOKEN_PATH, basic, client_id, secret};
use crate::server::Server;
use crate::traffic::CLIENTS;

/// A run that was disturbed takes longer, so the least of them counts.
const RUNS: usize = 8;

const APPS: [(&str, &str); 4] = [
    (BARE, "bare axum"),
    (IN_ROUTER, "our layer in a Router"),
    (LAYERED, "the same by .axum_body()"),
    (HAND_WRITTEN, "the usual handler by hand"),
];

#[derive(Clone, Copy, Debug)]
enum Protocol {
    Http1,
    Http2,
}

const PROTOCOLS: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

impl Protocol {
    /// How many connections there are, and how many requests are under way on each.
    const fn connections(self) -> (usize, usize) {
        match self {
            Self::Http1 => (64, 1),
            Self::Http2 => (8, 8),
        }
    }
}

/// Drives one server after the other, again and again, so that a machine that gets slower or faster
/// meanwhile does so for all of them.
pub(crate) async fn run(requests: usize) -> Result<()> {
    let this = std::env::current_exe()?;
    let mut servers = Vec::new();
    for (app, _) in APPS {
        servers.push(Server::start(Command::new(&this).args([SERVE, app]))?);
    }
    let mut least = [[f64::INFINITY; PROTOCOLS.len()]; APPS.len()];
    for _ in 0..RUNS {
        for (column, &protocol) in PROTOCOLS.iter().enumerate() {
            for (server, least) in servers.iter().zip(&mut least) {
                let before = server.processor_time()?;
                drive(server.address, protocol, requests).await?;
                let spent = server.processor_time()? - before;
                let a_request = spent.as_secs_f64() * 1e6 / requests as f64;
                least[column] = least[column].min(a_request);
            }
        }
    }
    println!(
        "processor time of the server for an accepted request over loopback, us, least of {RUNS} \
         runs in turns of {requests} requests:\n"
    );
    println!(
        "{:27}{:>10}{:>11}{:>10}{:>11}",
        "", "HTTP/1.1", "over bare", "HTTP/2", "over bare"
    );
    let [bare, ..] = least;
    for ((_, label), least) in APPS.iter().zip(least) {
        print!("{label:27}");
        for (spent, bare) in least.iter().zip(bare) {
            print!("{spent:>10.2}{:>11.2}", spent - bare);
        }
        println!();
    }
    Ok(())
}

/// Sends so many requests, all of them valid, as fast as the server responds.
async fn drive(address: SocketAddr, protocol: Protocol, requests: usize) -> Result<()> {
    let (connections, at_once) = protocol.connections();
    let each = requests / connections / at_once;
    let mut under_way = JoinSet::<Result<()>>::new();
    for n in 0..connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let stream = TokioIo::new(stream);
        match protocol {
            Protocol::Http1 => {
                let (mut sender, connection) = http1::handshake(stream).await?;
                tokio::spawn(connection);
                under_way.spawn(async move {
                    for turn in 0..each {
                        let request = request(TOKEN_PATH, n + turn * connections)?;
                        let response = sender.send_request(request).await?;
                        finish(response).await?;
                    }
                    Ok(())
                });
            }
            Protocol::Http2 => {
                let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
                tokio::spawn(connection);
                for _ in 0..at_once {
                    let mut sender = sender.clone();
                    let uri = format!("http://{address}{TOKEN_PATH}");
                    under_way.spawn(async move {
                        for turn in 0..each {
                            let request = request(&uri, n + turn * connections)?;
                            let response = sender.send_request(request).await?;
                            finish(response).await?;
                        }
                        Ok(())
                    });
                }
            }
        }
    }
    while let Some(done) = under_way.join_next().await {
        done??;
    }
    Ok(())
}

fn request(uri: &str, n: usize) -> Result<Request<Full<Bytes>>> {
    let n = n % CLIENTS;
    Ok(Request::builder()
        .method(Method::POST)
        .uri(uri)
        .header(header::HOST, "as.example.com")
        .header(header::USER_AGENT, "measurement/1.0")
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, basic(&client_id(n), &secret(n)))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::from(FORM))?)
}

async fn finish(response: Response<Incoming>) -> Result<()> {
    if response.status() != StatusCode::OK {
        return Err(format!("a valid request was refused: {}", response.status()).into());
    }
    response.into_body().collect().await?;
    Ok(())
}

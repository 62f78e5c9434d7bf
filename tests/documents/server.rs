//! A server of documents on loopback that does as a test tells it, and the site of a client there.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tower_token_endpoint::jwks::fetch::{GuardedFetch, HostResolver};
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};

use crate::certificates::{CA, Chain};
use crate::common::{Exchange, listen};
use crate::served::{layer, public};
use crate::source::{Builder, Documents, around, document, registered};

pub(crate) const HOST: &str = "app.example.com";

/// What the server does once it has the head of a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Sends this and closes the connection.
    Close(Vec<u8>),
    /// Sends this and waits for the other side to close it.
    Stall(Vec<u8>),
    /// Sends the first, and then the second again and again, with a while between.
    Again(Vec<u8>, Vec<u8>, Duration),
}

pub(crate) struct Server {
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    answer: Answer,
    tls: Option<TlsAcceptor>,
    /// How many connections there were.
    connections: usize,
    heads: Vec<String>,
}

impl Server {
    pub(crate) async fn start(answer: Answer) -> Self {
        let (listener, address) = listen().await;
        let state = Arc::new(Mutex::new(State {
            answer,
            tls: None,
            connections: 0,
            heads: Vec::new(),
        }));
        let port = address.port();
        let served = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&served);
                lock(&state).connections += 1;
                tokio::spawn(async move {
                    let tls = lock(&state).tls.clone();
                    // Who gave up does not read it.
                    let _ = match tls {
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(&state, stream).await,
                            Err(error) => Err(error),
                        },
                        None => serve(&state, stream).await,
                    };
                });
            }
        });
        Self { port, state }
    }

    pub(crate) fn now(&self, answer: Answer) {
        lock(&self.state).answer = answer;
    }

    /// From now on, it has this certificate.
    pub(crate) fn certificate(&self, chain: Chain) {
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![chain.leaf], chain.key.into())
            .expect("a certificate");
        lock(&self.state).tls = Some(TlsAcceptor::from(Arc::new(config)));
    }

    pub(crate) fn connections(&self) -> usize {
        lock(&self.state).connections
    }

    /// The heads of the requests, in order.
    pub(crate) fn heads(&self) -> Vec<String> {
        lock(&self.state).heads.clone()
    }
}

async fn serve<S>(state: &Mutex<State>, mut stream: S) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let answer = {
        let mut state = lock(state);
        let head = String::from_utf8(head).expect("a head in UTF-8");
        state.heads.push(head);
        state.answer.clone()
    };
    match answer {
        Answer::Close(bytes) => {
            stream.write_all(&bytes).await?;
            stream.shutdown().await
        }
        Answer::Stall(bytes) => {
            stream.write_all(&bytes).await?;
            stream.flush().await?;
            stream.read(&mut [0]).await.map(drop)
        }
        Answer::Again(bytes, again, pause) => {
            stream.write_all(&bytes).await?;
            loop {
                stream.write_all(&again).await?;
                tokio::time::sleep(pause).await;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic while it is locked")
}

/// A response with this status line and these headers.
pub(crate) fn response(head: &str, body: &str) -> Answer {
    let length = body.len();
    let text = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n{body}");
    Answer::Close(text.into_bytes())
}

pub(crate) fn json(body: &str) -> Answer {
    response("200 OK\r\nContent-Type: application/json", body)
}

/// A resolver of the test's own, which knows every name.
#[derive(Clone)]
pub(crate) struct Names(Arc<Mutex<(Vec<IpAddr>, Vec<String>)>>);

impl Names {
    pub(crate) fn all_are(addresses: &str) -> Self {
        let names = Self(Arc::default());
        names.now(addresses);
        names
    }

    /// From now on, all names have these addresses. None is a name that does not resolve.
    pub(crate) fn now(&self, addresses: &str) {
        let addresses = addresses.split_whitespace();
        let addresses = addresses.map(|it| it.parse().expect("an address"));
        lock(&self.0).0 = addresses.collect();
    }

    /// What was looked up, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        lock(&self.0).1.clone()
    }
}

impl HostResolver for Names {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut names = lock(&self.0);
        names.1.push(host.to_owned());
        match names.0.is_empty() {
            true => Err(io::Error::other("no such name")),
            false => Ok(names.0.clone()),
        }
    }
}

/// The fetch of production, apart from its certificates and its names.
pub(crate) fn strict(names: &Names) -> GuardedFetch {
    let fetch = GuardedFetch::with_root_certificates([&CA.der]).expect("a root certificate");
    fetch.resolver(names.clone())
}

/// The same from loopback, also by http.
pub(crate) fn loopback(names: &Names) -> GuardedFetch {
    strict(names).dangerously_allow_loopback_and_http()
}

/// A client with a document at a server of its own, and the layer that is to accept it.
pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) names: Names,
    pub(crate) id: String,
    pub(crate) store: Arc<Documents>,
    pub(crate) layer: TokenEndpointLayer<Arc<Documents>>,
}

impl Site {
    /// By http.
    pub(crate) async fn start() -> Self {
        Self::of("http", |it| it).await
    }

    /// By http, with other settings of the store.
    pub(crate) async fn with(set: impl FnOnce(Builder) -> Builder) -> Self {
        Self::of("http", set).await
    }

    pub(crate) async fn of(scheme: &str, set: impl FnOnce(Builder) -> Builder) -> Self {
        let server = Server::start(Answer::Close(Vec::new())).await;
        let names = Names::all_are("127.0.0.1");
        let id = format!("{scheme}://{HOST}:{}/client.json", server.port);
        let builder = around::<MemoryClientStore>(registered());
        let builder = set(builder.fetch(loopback(&names)));
        let store = Arc::new(builder.build().expect("settings that agree"));
        let layer = layer(Arc::clone(&store));
        let site = Self {
            server,
            names,
            id,
            store,
            layer,
        };
        site.server.now(site.document());
        site
    }

    /// The response with the document.
    pub(crate) fn document(&self) -> Answer {
        json(&document(&self.id, ""))
    }

    pub(crate) async fn send(&self) -> Exchange {
        public(&self.id).send(&self.layer).await
    }
}

/// The clock of the runtime, by which documents age, goes on by so much.
pub(crate) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

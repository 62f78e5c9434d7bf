//! The source that publishes keys, and the layer that fetches them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::jwks::HttpJwksSource;
use tower_token_endpoint::jwks::fetch::GuardedFetch;
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, Exchange, KEYED, Key, body, builder, by_assertion, listen};

pub(crate) type Builder = TokenEndpointLayerBuilder<MemoryClientStore>;

/// What the source does with a request.
#[derive(Clone)]
pub(crate) enum Behaviour {
    Keys(String),
    Status(u16),
    /// Closes the connection, as a machine that is down does sooner or later.
    Down,
    /// Takes the request and answers never.
    Hangs,
}

/// A source of a client's own, over http.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) port: u16,
    answer: Arc<Mutex<Behaviour>>,
    fetches: Arc<AtomicUsize>,
}

impl Source {
    pub(crate) async fn start(answer: Behaviour) -> Self {
        let (listener, address) = listen().await;
        let source = Self {
            port: address.port(),
            answer: Arc::new(Mutex::new(answer)),
            fetches: Arc::default(),
        };
        let served = source.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                served.fetches.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(served.clone().serve(stream));
            }
        });
        source
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let answer = self
            .answer
            .lock()
            .expect("no panic while it is locked")
            .clone();
        let text = match answer {
            Behaviour::Keys(json) => {
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{json}",
                    json.len()
                )
            }
            Behaviour::Status(status) => {
                format!("HTTP/1.1 {status} Status\r\nContent-Length: 0\r\n\r\n")
            }
            Behaviour::Down => return,
            Behaviour::Hangs => return std::future::pending().await,
        };
        // Who gave up does not read it.
        let _ = stream.write_all(text.as_bytes()).await;
    }

    pub(crate) fn now(&self, answer: Behaviour) {
        *self.answer.lock().expect("no panic while it is locked") = answer;
    }

    pub(crate) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    pub(crate) fn uri(&self) -> String {
        format!("http://127.0.0.1:{}/jwks", self.port)
    }

    /// A layer with one client, whose keys are here.
    pub(crate) fn layer(&self) -> TokenEndpointLayer<MemoryClientStore> {
        self.builder().built()
    }

    pub(crate) fn builder(&self) -> Builder {
        builder([self.client()])
            .client_assertions(MemoryReplayStore::new())
            .jwks_source(trusting())
    }

    pub(crate) fn client(&self) -> Client {
        Client::builder(KEYED)
            .auth_method(AuthMethod::PrivateKeyJwt)
            .metadata("jwks_uri", self.uri().into())
            .grant_types([GrantType::ClientCredentials])
            .build()
            .expect("a client")
    }
}

/// A source that fetches from this machine.
pub(crate) fn trusting() -> HttpJwksSource {
    let root = rcgen::generate_simple_self_signed(["unused.example".to_owned()]);
    let root = root.expect("a certificate").cert;
    let fetch = GuardedFetch::with_root_certificates([root.der()])
        .expect("a root certificate")
        .dangerously_allow_loopback_and_http()
        .total_timeout(Duration::from_secs(2));
    HttpJwksSource::with_fetch(fetch)
}

pub(crate) fn keys(keys: &[&Key]) -> Behaviour {
    let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
    Behaviour::Keys(json!({ "keys": keys }).to_string())
}

pub(crate) async fn send(layer: &TokenEndpointLayer<MemoryClientStore>, key: &Key) -> Exchange {
    body(&by_assertion(&key.assertion())).send(layer).await
}

#[track_caller]
pub(crate) fn assert_accepted(exchange: &Exchange) {
    assert_eq!(exchange.token_request().client().client_id(), KEYED);
}

#[track_caller]
pub(crate) fn assert_unavailable(exchange: &Exchange) {
    let reason = RejectionReason::KeySourceUnavailable;
    let error = exchange.rejected(503, "temporarily_unavailable", reason);
    let cause = std::error::Error::source(error.rejection);
    assert!(cause.is_some(), "the source's error");
}

/// The set was fetched often enough: no outage, but no "wrong" either.
#[track_caller]
pub(crate) fn assert_paused(exchange: &Exchange) {
    let reason = RejectionReason::KeyFetchPaused;
    let error = exchange.rejected(503, "temporarily_unavailable", reason);
    let cause = std::error::Error::source(error.rejection);
    assert!(cause.is_some_and(|it| it.to_string().contains("pause")));
}

/// The clock of the runtime, by which keys age; assertions have the other.
pub(crate) async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

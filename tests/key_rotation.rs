//! Keys at a `jwks_uri`, through the layer: they rotate without a restart, and the last ones go on
//! while their source is down.
#![cfg(feature = "jwks-http")]

mod common;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use common::{Built, Exchange, ISSUER, body, builder, by_assertion, listen};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::jwks::HttpJwksSource;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

const CLIENT: &str = "keyed";

/// A key pair, and the id that it is published under.
struct Key {
    kid: &'static str,
    pair: EcdsaKeyPair,
}

impl Key {
    fn new(kid: &'static str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        Self { kid, pair }
    }

    /// RFC 7518 §6.2.1; the point is 0x04, x, y.
    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(|it| BASE64URL.encode(it));
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": self.kid, "x": x, "y": y})
    }

    /// A new assertion each time (RFC 7523 §3).
    fn assertion(&self) -> String {
        static JTI: AtomicU64 = AtomicU64::new(0);
        let jti = JTI.fetch_add(1, Ordering::Relaxed).to_string();
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let exp = now.expect("a clock after 1970").as_secs() + 300;
        let header = json!({"alg": "ES256", "kid": self.kid});
        let claims = json!({"iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "exp": exp, "jti": jti});
        let [header, claims] = [header, claims].map(|it| BASE64URL.encode(it.to_string()));
        let message = format!("{header}.{claims}");
        let signed = self.pair.sign(&SystemRandom::new(), message.as_bytes());
        let signature = BASE64URL.encode(signed.expect("a signature"));
        format!("{message}.{signature}")
    }
}

/// What the source does with a request.
#[derive(Clone)]
enum Behaviour {
    Keys(String),
    Status(u16),
    /// Closes the connection, as a machine that is down does sooner or later.
    Down,
    /// Takes the request and answers never.
    Hangs,
}

/// A source of a client's own, over http.
#[derive(Clone)]
struct Source {
    port: u16,
    answer: Arc<Mutex<Behaviour>>,
    fetches: Arc<AtomicUsize>,
}

impl Source {
    async fn start(answer: Behaviour) -> Self {
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

    fn now(&self, answer: Behaviour) {
        *self.answer.lock().expect("no panic while it is locked") = answer;
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    fn uri(&self) -> String {
        format!("http://127.0.0.1:{}/jwks", self.port)
    }

    /// A layer with one client, whose keys are here.
    fn layer(&self) -> TokenEndpointLayer<MemoryClientStore> {
        let root = rcgen::generate_simple_self_signed(["unused.example".to_owned()]);
        let root = root.expect("a certificate").cert;
        let keys = HttpJwksSource::with_root_certificates([root.der()])
            .expect("a root certificate")
            .dangerously_allow_loopback_and_http()
            .total_timeout(Duration::from_secs(2));
        builder([self.client()])
            .client_assertions(MemoryReplayStore::new())
            .jwks_source(keys)
            .built()
    }

    fn client(&self) -> Client {
        Client::builder(CLIENT)
            .auth_method(AuthMethod::PrivateKeyJwt)
            .metadata("jwks_uri", self.uri().into())
            .grant_types([GrantType::ClientCredentials])
            .build()
            .expect("a client")
    }
}

fn keys(keys: &[&Key]) -> Behaviour {
    let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
    Behaviour::Keys(json!({ "keys": keys }).to_string())
}

async fn send(layer: &TokenEndpointLayer<MemoryClientStore>, key: &Key) -> Exchange {
    body(&by_assertion(&key.assertion())).send(layer).await
}

#[track_caller]
fn assert_accepted(exchange: &Exchange) {
    assert_eq!(exchange.token_request().client().client_id(), CLIENT);
}

#[track_caller]
fn assert_unavailable(exchange: &Exchange) {
    let reason = RejectionReason::KeySourceUnavailable;
    let error = exchange.rejected(503, "temporarily_unavailable", reason);
    let cause = std::error::Error::source(error.rejection);
    assert!(cause.is_some(), "the source's error");
}

/// The clock of the runtime, by which keys age; assertions have the other.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn keys_rotate_at_their_source_without_a_restart() {
    let [old, new] = ["old", "new"].map(Key::new);
    let source = Source::start(keys(&[&old])).await;
    let layer = source.layer();
    assert_accepted(&send(&layer, &old).await);
    assert_accepted(&send(&layer, &old).await);
    assert_eq!(source.fetches(), 1);

    // Both are published while the client goes over to the new one.
    source.now(keys(&[&old, &new]));
    assert_accepted(&send(&layer, &new).await);
    assert_accepted(&send(&layer, &old).await);
    assert_eq!(source.fetches(), 2);

    // The old one is taken out, and ends when the set is fresh no longer.
    source.now(keys(&[&new]));
    pass(10 * 60).await;
    let answer = send(&layer, &old).await;
    answer.rejected(401, "invalid_client", RejectionReason::UnknownKey);
    assert_accepted(&send(&layer, &new).await);
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_once_a_minute() {
    let [known, unknown] = ["known", "unknown"].map(Key::new);
    let source = Source::start(keys(&[&known])).await;
    let layer = source.layer();
    assert_accepted(&send(&layer, &known).await);
    for minute in 0..3 {
        for _ in 0..20 {
            let answer = send(&layer, &unknown).await;
            answer.rejected(401, "invalid_client", RejectionReason::UnknownKey);
            assert_accepted(&send(&layer, &known).await);
        }
        assert_eq!(source.fetches(), 2 + minute);
        pass(60).await;
    }
}

#[tokio::test]
async fn the_last_keys_go_on_while_their_source_is_down() {
    let key = Key::new("key");
    for answer in [
        Behaviour::Down,
        Behaviour::Hangs,
        Behaviour::Status(500),
        Behaviour::Status(404),
        Behaviour::Keys("<html>".to_owned()),
    ] {
        let source = Source::start(keys(&[&key])).await;
        let layer = source.layer();
        assert_accepted(&send(&layer, &key).await);
        source.now(answer);
        pass(10 * 60).await;
        assert_accepted(&send(&layer, &key).await);
        assert_eq!(source.fetches(), 2);
        // It is not asked again for five seconds, and none of them goes by.
        tokio::time::pause();
        for _ in 0..5 {
            assert_accepted(&send(&layer, &key).await);
        }
        tokio::time::resume();
        assert_eq!(source.fetches(), 2);
    }
}

#[tokio::test]
async fn a_client_takes_its_keys_back_by_a_set_without_them() {
    let key = Key::new("key");
    let source = Source::start(keys(&[&key])).await;
    let layer = source.layer();
    assert_accepted(&send(&layer, &key).await);
    for nothing in [
        keys(&[]),
        Behaviour::Keys(r#"{"keys":[{"kty":"oct"}]}"#.into()),
    ] {
        source.now(nothing);
        pass(10 * 60).await;
        let refused = send(&layer, &key).await;
        refused.rejected(401, "invalid_client", RejectionReason::UnknownKey);
        source.now(keys(&[&key]));
        pass(10 * 60).await;
        assert_accepted(&send(&layer, &key).await);
    }
}

#[tokio::test]
async fn without_any_keys_a_source_that_is_down_is_503_until_it_is_back() {
    let key = Key::new("key");
    for answer in [Behaviour::Down, Behaviour::Hangs, Behaviour::Status(500)] {
        let source = Source::start(answer).await;
        let layer = source.layer();
        assert_unavailable(&send(&layer, &key).await);
        assert_eq!(source.fetches(), 1);
        tokio::time::pause();
        for _ in 0..5 {
            assert_unavailable(&send(&layer, &key).await);
        }
        tokio::time::resume();
        assert_eq!(source.fetches(), 1);

        source.now(keys(&[&key]));
        pass(5).await;
        assert_accepted(&send(&layer, &key).await);
        assert_eq!(source.fetches(), 2);
    }
}

#[tokio::test]
async fn a_hundred_assertions_wait_for_one_fetch() {
    let key = Arc::new(Key::new("key"));
    let source = Source::start(keys(&[&key])).await;
    let layer = source.layer();
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (layer, key) = (layer.clone(), Arc::clone(&key));
        sent.spawn(async move { send(&layer, &key).await });
    }
    for exchange in sent.join_all().await {
        assert_accepted(&exchange);
    }
    assert_eq!(source.fetches(), 1);
}

#[tokio::test]
async fn a_jwks_uri_without_a_key_source_is_401() {
    let key = Key::new("key");
    let source = Source::start(keys(&[&key])).await;
    let layer = builder([source.client()])
        .client_assertions(MemoryReplayStore::new())
        .built();
    let answer = send(&layer, &key).await;
    answer.rejected(401, "invalid_client", RejectionReason::KeySourceMissing);
    assert_eq!(source.fetches(), 0);
}

#[tokio::test]
async fn the_switch_is_off_by_default() {
    let key = Key::new("key");
    let source = Source::start(keys(&[&key])).await;
    let root = rcgen::generate_simple_self_signed(["unused.example".to_owned()]);
    let root = root.expect("a certificate").cert;
    let strict = HttpJwksSource::with_root_certificates([root.der()]).expect("a root certificate");
    let layer = builder([source.client()])
        .client_assertions(MemoryReplayStore::new())
        .jwks_source(strict)
        .built();
    assert_unavailable(&send(&layer, &key).await);
    assert_eq!(source.fetches(), 0);
}

//! A 503 after the secret was compared: the right one would have been accepted, so it counts as a
//! guess (RFC 6749 §2.3.1). A 503 before that says nothing, and gives its slots back.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::task::JoinHandle;
use tower_token_endpoint::client::hashing::{HashPool, RememberedSecrets};
use tower_token_endpoint::client::{
    AuthMethod, ClientBuilder, ClientSecret, Secret, SecretCheck, SecretHash,
};
use tower_token_endpoint::rejection::RejectionReason::{self, *};
use tower_token_endpoint::throttle::{MemoryThrottle, Throttling};
use tower_token_endpoint::{Client, GrantType};

use crate::common::{Built, CC, Exchange, Step, basic, builder, data, scripted, send};
use crate::setup::*;

/// What a hash does when it is asked.
#[derive(Clone, Copy, Debug)]
enum Says {
    No,
    /// No, after five seconds.
    NoLater,
    Nothing,
    Fails,
}
use Says::{Fails, No, NoLater, Nothing};

/// Does these one after another, and then starts again.
#[derive(Debug)]
struct Script(&'static [Says], AtomicUsize);

impl SecretHash for Script {
    fn kind(&self) -> &str {
        "script"
    }

    fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
        let step = self.1.fetch_add(1, Ordering::SeqCst);
        let says = self.0[step % self.0.len()];
        SecretCheck::future(async move {
            match says {
                No => Ok(false),
                NoLater => {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    Ok(false)
                }
                Nothing => pending().await,
                Fails => Err("connection refused".into()),
            }
        })
    }
}

fn script(says: &'static [Says]) -> ClientSecret {
    ClientSecret::hashed(Arc::new(Script(says, AtomicUsize::new(0))))
}

fn digest() -> ClientSecret {
    ClientSecret::sha256_of("right")
}

fn expired(digest: ClientSecret) -> ClientSecret {
    digest.expires_at(SystemTime::UNIX_EPOCH)
}

fn client(id: &str, secrets: impl IntoIterator<Item = ClientSecret>) -> ClientBuilder {
    let client = Client::builder(id).grant_types([GrantType::ClientCredentials]);
    secrets.into_iter().fold(client, ClientBuilder::secret)
}

/// A store that answers at once, and one that answers later.
fn settings() -> [Throttling; 2] {
    let at_once = throttling(MemoryThrottle::new(), 9, 1);
    [at_once, throttling(Remote::new(Fault::None), 9, 1)]
}

fn layer(client: ClientBuilder, decoys: &[ClientSecret], throttling: Throttling) -> Builder {
    let layer = builder([client.build().expect("a client")]).throttle(throttling);
    let decoys = decoys.iter().cloned();
    decoys.fold(layer, Builder::decoy_secret)
}

/// Sends the credentials twice. The first response is a 503 for this reason, and so is the second
/// one if the first did not count.
async fn counts_if(layer: &Layer, credentials: &str, failure: RejectionReason, counts: bool) {
    let second = if counts { Throttled } else { failure };
    for expected in [failure, second] {
        let exchange = send_from(layer, HERE, &basic(credentials)).await;
        assert_eq!(reason(&exchange), Some(expected), "{credentials}");
    }
}

/// Whose secrets are these, by what is presented, and whether the 503 counts.
struct Row {
    secrets: fn() -> Vec<ClientSecret>,
    presented: &'static str,
    failure: RejectionReason,
    counts: bool,
}

const fn row(
    secrets: fn() -> Vec<ClientSecret>,
    presented: &'static str,
    failure: RejectionReason,
    counts: bool,
) -> Row {
    Row {
        secrets,
        presented,
        failure,
        counts,
    }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // The second of two readings, and of two hashes, after the first said no.
    row(|| vec![script(&[No, Nothing])],             "gu%65ss", DecisionTimeout, true),
    row(|| vec![script(&[No, Fails])],               "gu%65ss", SecretHashUnavailable, true),
    row(|| vec![script(&[Fails, No])],               "gu%65ss", SecretHashUnavailable, true),
    row(|| vec![script(&[No, Nothing]); 2],          "guess",   DecisionTimeout, true),
    row(|| vec![script(&[No, Fails]); 2],            "guess",   SecretHashUnavailable, true),
    row(|| vec![script(&[Fails, No]); 2],            "guess",   SecretHashUnavailable, true),
    // A digest, which is compared at once.
    row(|| vec![digest(), script(&[Nothing])],       "guess",   DecisionTimeout, true),
    row(|| vec![script(&[Nothing]), digest()],       "guess",   DecisionTimeout, true),
    row(|| vec![script(&[Fails]), digest()],         "guess",   SecretHashUnavailable, true),
    row(|| vec![ClientSecret::plain(SECRET), script(&[Fails])], "guess", SecretHashUnavailable, true),
    // Nothing was compared.
    row(|| vec![script(&[Nothing])],                 "guess",   DecisionTimeout, false),
    row(|| vec![script(&[Fails])],                   "guess",   SecretHashUnavailable, false),
    row(|| vec![script(&[Nothing])],                 "gu%65ss", DecisionTimeout, false),
    row(|| vec![script(&[Fails])],                   "gu%65ss", SecretHashUnavailable, false),
    row(|| vec![script(&[Fails]); 2],                "guess",   SecretHashUnavailable, false),
    // Nobody is accepted by what is expired, so it tells nothing.
    row(|| vec![script(&[Fails]), expired(digest())], "right",  SecretHashUnavailable, false),
];

#[tokio::test(start_paused = true)]
async fn a_503_counts_after_a_comparison_and_not_before() {
    for Row {
        secrets,
        presented,
        failure,
        counts,
    } in ROWS
    {
        for throttling in settings() {
            // Decoys of the kinds that the client has.
            let layer = layer(client("svc", secrets()), &secrets(), throttling).built();
            counts_if(&layer, &format!("svc:{presented}"), *failure, *counts).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_503_counts_for_an_unknown_client_as_for_a_known_one() {
    for Row {
        secrets,
        presented,
        failure,
        counts,
    } in ROWS
    {
        for throttling in settings() {
            let layer = layer(client("svc", secrets()), &secrets(), throttling).built();
            counts_if(&layer, &format!("nobody:{presented}"), *failure, *counts).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_guess_whose_second_hash_meets_the_deadline_after_a_slow_body_counts() {
    for throttling in settings() {
        let hashes = client("svc", [script(&[No, NoLater])]);
        let layer = layer(hashes, &[], throttling).built();
        for expected in [DecisionTimeout, Throttled] {
            let late = scripted([Step::Pause(Duration::from_secs(9)), data(CC)]);
            let mut request = basic("svc:gu%65ss").request_with(late);
            let here = HERE.parse().expect("an address");
            request.extensions_mut().insert(Peer(here));
            let exchange = send(&layer, request).await;
            assert_eq!(reason(&exchange), Some(expected));
        }
    }
}

/// A hash that says no when it is let go.
#[derive(Debug)]
struct Held {
    gate: Mutex<Receiver<()>>,
    started: Sender<()>,
}

impl SecretHash for Held {
    fn kind(&self) -> &str {
        "held"
    }

    fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
        SecretCheck::blocking(move || {
            self.started.send(()).expect("a test that waits");
            self.gate.lock().expect("no panic before").recv().is_ok()
        })
    }
}

/// A hash that runs in the pool and matches this text.
#[derive(Debug)]
struct Pooled {
    right: &'static str,
    stored: Option<&'static str>,
}

impl SecretHash for Pooled {
    fn kind(&self) -> &str {
        "pooled"
    }

    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
        SecretCheck::blocking(move || self.right == presented.expose_secret())
    }

    fn stored(&self) -> Option<&[u8]> {
        self.stored.map(str::as_bytes)
    }
}

fn pooled(stored: Option<&'static str>) -> ClientSecret {
    let right = "right, and slow";
    ClientSecret::hashed(Arc::new(Pooled { right, stored }))
}

/// Takes the only permit of a pool in which nobody waits.
struct Full {
    gate: Sender<()>,
    running: JoinHandle<Exchange>,
}

fn small_pool() -> HashPool {
    HashPool::new().permits(1).queue(0)
}

impl Full {
    async fn fill(pool: &HashPool) -> Self {
        let (gate, held) = mpsc::channel();
        let (started, has_started) = mpsc::channel();
        let gate_of_it = Mutex::new(held);
        let held = ClientSecret::hashed(Arc::new(Held {
            gate: gate_of_it,
            started,
        }));
        let client = client("held", [held]).build().expect("a client");
        let layer = builder([client]).hash_pool(pool.clone()).built();
        let running = tokio::spawn(async move { basic("held:x").send(&layer).await });
        while has_started.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        Self { gate, running }
    }

    async fn end(self) {
        drop(self.gate);
        self.running.await.expect("no panic");
    }
}

#[tokio::test]
async fn a_guess_at_a_digest_beside_a_hash_counts_while_the_pool_is_full() {
    for (credentials, right) in [
        ("svc:guess", "svc:right"),
        ("%73vc:guess", "%73vc:right"),
        ("svc:gu%65ss", "svc:r%69ght"),
    ] {
        for throttling in settings() {
            let pool = small_pool();
            let rotating = client("svc", [digest(), pooled(None)]);
            let layer = layer(rotating, &[pooled(None)], throttling);
            let layer = layer.hash_pool(pool.clone()).built();
            let full = Full::fill(&pool).await;
            for _ in 0..3 {
                assert_eq!(status(&send_from(&layer, HERE, &basic(right)).await), 200);
            }
            counts_if(&layer, credentials, HashingOverloaded, true).await;
            full.end().await;
        }
    }
}

#[tokio::test]
async fn a_guess_at_a_digest_counts_if_only_a_decoy_is_hashed() {
    for throttling in settings() {
        let pool = small_pool();
        let layer = layer(client("svc", [digest()]), &[pooled(None)], throttling);
        let layer = layer.hash_pool(pool.clone()).built();
        let full = Full::fill(&pool).await;
        // The other reading names an unknown client.
        let right = send_from(&layer, HERE, &basic("%73vc:right")).await;
        assert_eq!(status(&right), 200);
        counts_if(&layer, "%73vc:guess", HashingOverloaded, true).await;
        full.end().await;
    }
}

#[tokio::test]
async fn a_503_for_a_full_pool_does_not_count_if_nothing_was_compared() {
    for throttling in settings() {
        let pool = small_pool();
        let layer = layer(client("svc", [pooled(None)]), &[], throttling);
        let layer = layer.hash_pool(pool.clone()).built();
        let full = Full::fill(&pool).await;
        for credentials in [
            "svc:guess",
            "svc:right, and slow",
            "svc:gu%65ss",
            "%73vc:guess",
        ] {
            counts_if(&layer, credentials, HashingOverloaded, false).await;
        }
        for credentials in ["nobody:guess", "no%62ody:guess"] {
            counts_if(&layer, credentials, HashingOverloaded, false).await;
        }
        full.end().await;
    }
}

#[tokio::test]
async fn a_digest_of_the_decoy_counts_only_in_place_of_a_secret_of_a_client() {
    for (credentials, counts) in [
        ("no+body:guess", true),
        // One of its readings is a client that has a hash, and no digest.
        ("a+b:guess", false),
        // A client without a secret is as an unknown one.
        ("public:guess", true),
    ] {
        let pool = small_pool();
        let clients = [
            client("a b", [pooled(None)]),
            client("public", []).auth_method(AuthMethod::None),
        ];
        let clients = clients.map(|client| client.build().expect("a client"));
        let layer = builder(clients)
            .decoy_secret(pooled(None))
            .decoy_secret(digest())
            .throttle(throttling(MemoryThrottle::new(), 9, 1))
            .hash_pool(pool.clone())
            .built();
        let full = Full::fill(&pool).await;
        counts_if(&layer, credentials, HashingOverloaded, counts).await;
        full.end().await;
    }
}

/// Whoever is remembered is accepted without a hash, so all others were compared with it.
#[tokio::test]
async fn a_guess_at_a_remembered_secret_counts_whoever_the_client_is() {
    for (stored, counts) in [(Some("$pooled$right"), true), (None, false)] {
        for id in ["svc", "nobody"] {
            for throttling in settings() {
                let pool = small_pool();
                let layer = layer(client("svc", [pooled(stored)]), &[], throttling);
                let layer = layer
                    .hash_pool(pool.clone())
                    .remember_verified_secrets(RememberedSecrets::new())
                    .built();
                let right = basic("svc:right, and slow");
                assert_eq!(status(&send_from(&layer, HERE, &right).await), 200);
                let full = Full::fill(&pool).await;
                if stored.is_some() {
                    assert_eq!(status(&send_from(&layer, HERE, &right).await), 200);
                }
                counts_if(&layer, &format!("{id}:guess"), HashingOverloaded, counts).await;
                full.end().await;
            }
        }
    }
}

//! Hashes of the server's own that are asked for elsewhere, such as at a vault.

use std::error::Error;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::Instant;
use tower_token_endpoint::Client;
use tower_token_endpoint::client::{ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::confidential;
use crate::common::{Built, builder, layer};
use crate::row::{BASIC, POST};

/// Keeps the secret `right`, and counts how often it is asked.
#[derive(Debug)]
struct Vault {
    state: State,
    asked: AtomicUsize,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Up,
    Down,
    Hanging,
}

impl Vault {
    fn new(state: State) -> Arc<Self> {
        let asked = AtomicUsize::new(0);
        Arc::new(Self { state, asked })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl SecretHash for Vault {
    fn kind(&self) -> &str {
        "vault"
    }

    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
        SecretCheck::future(async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            yield_now().await;
            match self.state {
                State::Up => Ok(presented.expose_secret() == "right"),
                State::Down => Err("connection refused".into()),
                State::Hanging => pending().await,
            }
        })
    }
}

/// `svc` and `poster`, whose secrets are in the vault, and `digest`, whose secret is not.
fn cast(vault: &Arc<Vault>) -> [Client; 3] {
    let secret = || ClientSecret::hashed(vault.clone());
    [
        confidential("svc", secret()),
        confidential("poster", secret()).auth_method(POST),
        confidential("digest", "right"),
    ]
    .map(|client| client.build().expect("a client"))
}

fn by_post(id: &str, secret: &str) -> Call {
    body(&format!("client_id={id}&client_secret={secret}"))
}

#[tokio::test]
async fn a_hash_that_is_asked_elsewhere_accepts_the_right_secret() {
    let vault = Vault::new(State::Up);
    let layer = layer(cast(&vault));
    for (call, method) in [
        (basic("svc:right"), BASIC),
        (by_post("poster", "right"), POST),
    ] {
        let before = vault.asked();
        let exchange = call.send(&layer).await;
        assert_eq!(exchange.token_request().method(), method);
        assert_eq!(vault.asked() - before, 1, "{call:?}");
    }
    // Two readings are two questions.
    let exchange = basic("svc:right%20").send(&layer).await;
    exchange.rejected(401, "invalid_client", WrongSecret);
    assert_eq!(vault.asked(), 4);
}

#[tokio::test]
async fn a_hash_that_is_asked_elsewhere_refuses_with_the_same_401() {
    let vault = Vault::new(State::Up);
    let layer = layer(cast(&vault));
    let digest = basic("digest:wrong").send(&layer).await;
    digest.rejected(401, "invalid_client", WrongSecret);
    for (call, reason) in [
        (basic("svc:wrong"), WrongSecret),
        (by_post("poster", "wrong"), WrongSecret),
        (basic("poster:right"), MethodNotRegistered),
        // A client that does not exist costs a question as well.
        (basic("nobody:right"), UnknownClient),
        (by_post("nobody", "right"), UnknownClient),
    ] {
        let before = vault.asked();
        let exchange = call.send(&layer).await;
        exchange.rejected(401, "invalid_client", reason);
        assert_eq!(exchange.response.headers(), digest.response.headers());
        assert_eq!(exchange.response.body(), digest.response.body());
        assert_eq!(vault.asked() - before, 1, "{call:?}");
    }
}

#[tokio::test]
async fn a_hash_that_cannot_be_asked_is_503_and_never_401() {
    let layer = layer(cast(&Vault::new(State::Down)));
    for call in [
        basic("svc:right"),
        basic("svc:wrong"),
        by_post("poster", "wrong"),
        basic("poster:wrong"),
        basic("nobody:right"),
        by_post("nobody", "right"),
    ] {
        let exchange = call.send(&layer).await;
        let error = exchange.rejected(503, "temporarily_unavailable", SecretHashUnavailable);
        let cause = error.rejection.source().map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("connection refused"));
        assert!(!error.description.contains("refused"), "{error:?}");
        exchange.comes_back_after(5);
    }
    // A secret that is not in the vault is verified without it.
    basic("digest:right").send(&layer).await.inner_request();
    let exchange = basic("digest:wrong").send(&layer).await;
    exchange.rejected(401, "invalid_client", WrongSecret);
}

#[tokio::test(start_paused = true)]
async fn a_hash_that_hangs_is_503_at_the_deadline() {
    for (configured, after) in [(None, 10), (Some(3), 3)] {
        let mut builder = builder(cast(&Vault::new(State::Hanging)));
        if let Some(seconds) = configured {
            builder = builder.deadline(Duration::from_secs(seconds));
        }
        let layer = builder.built();
        for call in [basic("svc:right"), basic("svc:wrong"), basic("nobody:x")] {
            let start = Instant::now();
            let exchange = call.send(&layer).await;
            exchange.rejected(503, "temporarily_unavailable", DecisionTimeout);
            exchange.comes_back_after(5);
            assert_eq!(start.elapsed().as_secs(), after);
        }
    }
}

/// Of two hashes, the one that matches decides, whatever becomes of the other.
#[tokio::test]
async fn a_hash_that_fails_refuses_nobody_whose_other_secret_matches() {
    let (up, down) = (Vault::new(State::Up), Vault::new(State::Down));
    for vaults in [[&up, &down], [&down, &up]] {
        let [first, second] = vaults.map(|vault| ClientSecret::hashed(vault.clone()));
        let client = confidential("two", first).secret(second);
        let layer = layer([client.build().expect("a client")]);
        let accepted = basic("two:right").send(&layer).await;
        accepted.inner_request();
        let exchange = basic("two:wrong").send(&layer).await;
        exchange.rejected(503, "temporarily_unavailable", SecretHashUnavailable);
    }
}

/// A hash that names a decoy is not asked about clients that do not exist.
#[tokio::test]
async fn a_client_that_does_not_exist_is_checked_by_the_decoy_of_the_hash() {
    #[derive(Debug)]
    struct WithDecoy(Arc<Vault>, Arc<Vault>);
    impl SecretHash for WithDecoy {
        fn kind(&self) -> &str {
            self.0.kind()
        }
        fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
            Arc::clone(&self.0).check(presented)
        }
        fn decoy(&self) -> Option<Arc<dyn SecretHash>> {
            Some(self.1.clone())
        }
    }
    let (own, decoy) = (Vault::new(State::Up), Vault::new(State::Up));
    let hash = Arc::new(WithDecoy(own.clone(), decoy.clone()));
    let client = confidential("svc", ClientSecret::hashed(hash));
    let layer = layer([client.build().expect("a client")]);
    let exchange = basic("nobody:right").send(&layer).await;
    exchange.rejected(401, "invalid_client", UnknownClient);
    assert_eq!((own.asked(), decoy.asked()), (0, 1));
    basic("svc:right").send(&layer).await.inner_request();
    assert_eq!((own.asked(), decoy.asked()), (1, 1));
}

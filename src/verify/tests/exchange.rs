//! The whole exchange without a runtime.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::SystemTime,
};

use http::Request;

use crate::{
    client::{AuthMethod, Client, ClientSecret, Secret, SecretCheck, SecretHash},
    grant::GrantType,
    protocol::{
        accepted::attached::Accepted,
        candidates::Found,
        exchange::{Claimant, Proven},
        incoming::head::Head,
        reason::RejectionReason,
        rejection::Rejection,
        secret_hash::Work,
        settings::Settings,
    },
    store::{ClientStore as _, MemoryClientStore},
    verify::{prove, secret::comparisons, slow_checks},
};

/// One request through the whole exchange: no runtime, no tower.
fn decide(clients: &MemoryClientStore, user_pass: &str, body: &str) -> Result<Accepted, Rejection> {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    let settings = Settings::new("https://as.example.com".into());
    let mut request = Request::post("/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header(
            "authorization",
            format!("Basic {}", BASE64_STANDARD.encode(user_pass)),
        )
        .body(())
        .expect("a request");
    let head = Head::check(&mut request, &settings)?;
    let claimant = Claimant::new(head, None, body.as_bytes(), &settings)?;
    let mut found = [None, None];
    for (client_id, found) in claimant.client_ids().zip(&mut found) {
        *found = clients.get(client_id);
    }
    let decoy = |_: &Found| clients.decoy().expect("clients with secrets");
    let mut candidates = claimant.candidates(&found, decoy);
    let mut outcomes = Vec::new();
    let hashed = candidates.have_slow_hashes();
    let checks = hashed.then(|| slow_checks(&candidates, SystemTime::now));
    for check in checks.into_iter().flatten() {
        let Work::Blocking(matches) = check.work() else {
            panic!("no vault is asked here")
        };
        outcomes.push(matches().expect("a hash that was read"));
        if check.is_accepted_by && outcomes.ends_with(&[true]) {
            break;
        }
    }
    candidates.set_checked(outcomes, None);
    let verified = match prove(&candidates, &settings, counted_now) {
        Ok(verified) => verified,
        Err(unproven) => return Err(candidates.refuse(unproven, &settings, counted_now)),
    };
    match claimant.proven(verified, &settings)?.bind(Ok(None))? {
        Proven::Authenticated(client) => client.accept(&settings),
        Proven::Unspent(_) => panic!("a secret holds for good"),
    }
}

thread_local! {
    static CLOCK_READ: Cell<usize> = const { Cell::new(0) };
}

fn counted_now() -> SystemTime {
    CLOCK_READ.set(CLOCK_READ.get() + 1);
    SystemTime::now()
}

#[test]
fn every_refused_secret_reads_the_clock_once_a_reading() {
    let expired = |secret| ClientSecret::sha256_of(secret).expires_at(SystemTime::UNIX_EPOCH);
    let post = Client::builder("post").secret(ClientSecret::sha256_of("s"));
    let post = post.auth_method(AuthMethod::ClientSecretPost);
    let clients = MemoryClientStore::new([
        client("a", [ClientSecret::sha256_of("s")]),
        client("expired", [expired("s")]),
        client("twice", [expired("s"), expired("t")]),
        post.build().expect("a client"),
    ])
    .expect("clients");
    for (user_pass, read) in [
        ("a:x", 1),
        ("nobody:s", 1),
        ("no+body:s", 2),
        ("expired:s", 1),
        ("twice:x", 1),
        ("post:s", 1),
        // Only who has the secret can measure it.
        ("a:s", 0),
    ] {
        let before = CLOCK_READ.get();
        let is_accepted = decide(&clients, user_pass, "grant_type=client_credentials").is_ok();
        assert_eq!(is_accepted, user_pass == "a:s", "{user_pass}");
        assert_eq!(CLOCK_READ.get() - before, read, "{user_pass}");
    }
}

fn client(id: &str, secrets: impl IntoIterator<Item = ClientSecret>) -> Client {
    let builder = Client::builder(id).grant_types([GrantType::ClientCredentials]);
    secrets
        .into_iter()
        .fold(builder, |builder, secret| builder.secret(secret))
        .build()
        .expect("a client")
}

#[test]
fn the_whole_exchange_runs_without_io() {
    let clients = MemoryClientStore::new([
        client("a b", [ClientSecret::sha256_of("s")]),
        client("a+b", [ClientSecret::sha256_of("s")]),
        client(
            "c",
            [ClientSecret::sha256_of("s").expires_at(SystemTime::UNIX_EPOCH)],
        ),
    ])
    .expect("clients");
    let grant = "grant_type=client_credentials";
    for (user_pass, body, expected) in [
        ("a+b:s", grant, Ok("a b")),
        ("a%20b:s", grant, Ok("a b")),
        ("a+b:x", grant, Err(RejectionReason::WrongSecret)),
        ("a+b:s", "", Err(RejectionReason::MissingGrantType)),
        ("c:s", grant, Err(RejectionReason::ExpiredSecret)),
        ("d:s", grant, Err(RejectionReason::UnknownClient)),
    ] {
        let decided = decide(&clients, user_pass, body);
        let decided = match &decided {
            Ok(Accepted::Token(request)) => Ok(request.client().client_id()),
            Ok(_) => panic!("another endpoint"),
            Err(rejection) => Err(rejection.reason()),
        };
        assert_eq!(decided, expected, "{user_pass} {body}");
    }
}

/// A hash that takes time. It counts how often it is computed.
#[derive(Debug)]
struct Counting {
    secret: &'static str,
    count: Arc<AtomicUsize>,
}

impl SecretHash for Counting {
    fn kind(&self) -> &str {
        "counting"
    }
    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
        SecretCheck::blocking(move || {
            self.count.fetch_add(1, Ordering::Relaxed);
            presented.expose_secret() == self.secret
        })
    }
}

#[test]
fn every_refusal_costs_as_many_hashes_as_the_client_with_most_secrets_has() {
    let count = Arc::new(AtomicUsize::new(0));
    let secret = |secret| {
        let count = Arc::clone(&count);
        ClientSecret::hashed(Arc::new(Counting { secret, count }))
    };
    let expired = |text| secret(text).expires_at(SystemTime::UNIX_EPOCH);
    let by_post = Client::builder("post").auth_method(AuthMethod::ClientSecretPost);
    let public = Client::builder("public").auth_method(AuthMethod::None);
    let clients = MemoryClientStore::new([
        client("one", [secret("a")]),
        client("three", [secret("a"), secret("b"), secret("c")]),
        client("expired", [expired("a"), secret("b")]),
        client("mixed", [secret("a"), ClientSecret::sha256_of("d")]),
        client("a b", [secret("a")]),
        client("a+b", [secret("b")]),
        by_post.secret(secret("a")).build().expect("a client"),
        public.build().expect("a client"),
    ])
    .expect("clients");
    let grant = "grant_type=client_credentials";
    for (user_pass, is_accepted, hashes) in [
        // Refused, for whatever reason.
        ("one:x", false, 3),
        ("three:x", false, 3),
        ("expired:a", false, 3),
        ("expired:x", false, 3),
        ("mixed:x", false, 3),
        ("post:a", false, 3),
        ("post:x", false, 3),
        ("public:x", false, 3),
        ("unknown:a", false, 3),
        ("a+b:x", false, 6),
        ("unknown+client:x", false, 6),
        // Accepted: the secret that matches is the last one.
        ("one:a", true, 1),
        ("three:a", true, 1),
        ("three:b", true, 2),
        ("three:c", true, 3),
        ("expired:b", true, 2),
        ("mixed:a", true, 1),
        ("mixed:d", true, 0),
        ("a+b:a", true, 1),
        ("a+b:b", true, 4),
    ] {
        count.store(0, Ordering::Relaxed);
        let decided = decide(&clients, user_pass, grant);
        assert_eq!(decided.is_ok(), is_accepted, "{user_pass}");
        assert_eq!(count.load(Ordering::Relaxed), hashes, "{user_pass}");
    }
}

#[test]
fn the_digest_that_a_client_is_accepted_by_is_the_last_one() {
    let [a, b, c] = ["a", "b", "c"].map(ClientSecret::sha256_of);
    let expired = a.clone().expires_at(SystemTime::UNIX_EPOCH);
    let by_post = Client::builder("post").auth_method(AuthMethod::ClientSecretPost);
    let by_post = by_post
        .secret(a.clone())
        .secret(b.clone())
        .secret(c.clone());
    let clients = MemoryClientStore::new([
        client("three", [a.clone(), b.clone(), c.clone()]),
        client("expired", [expired, b.clone(), c]),
        client("a b", [a]),
        client("a+b", [b]),
        by_post.build().expect("a client"),
    ])
    .expect("clients");
    for (user_pass, is_accepted, compared) in [
        ("three:a", true, 1),
        ("three:b", true, 2),
        ("three:c", true, 3),
        ("expired:b", true, 2),
        ("a+b:a", true, 1),
        ("a+b:b", true, 2),
        ("three:x", false, 3),
        ("expired:a", false, 3),
        ("post:a", false, 3),
        ("post:x", false, 3),
        ("unknown:a", false, 3),
        // Compared once more without the white space, whoever the client is.
        ("three:x ", false, 6),
        ("three:a\n", false, 6),
        ("expired:a ", false, 6),
        ("expired: b", false, 6),
        ("post:a ", false, 6),
        ("unknown:a ", false, 6),
    ] {
        let before = comparisons();
        let decided = decide(&clients, user_pass, "grant_type=client_credentials");
        assert_eq!(decided.is_ok(), is_accepted, "{user_pass}");
        assert_eq!(comparisons() - before, compared, "{user_pass}");
    }
}

//! The whole exchange without a runtime.

use std::{
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
        exchange::{Claimant, Found, Proven},
        incoming::head::Head,
        reason::RejectionReason,
        rejection::Rejection,
        secret_hash::Work,
        settings::Settings,
    },
    store::{ClientStore as _, MemoryClientStore},
    verify::prove,
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
    let checks = candidates.slow_checks().into_iter();
    candidates.set_checked(
        checks
            .map(|check| match check.into_work() {
                Work::Blocking(matches) => matches(),
                Work::Future(_) => panic!("no vault is asked here"),
            })
            .collect(),
        None,
    );
    let verified = match prove(&candidates, &settings, SystemTime::now) {
        Ok(verified) => verified,
        Err(unproven) => return Err(candidates.refuse(unproven, &settings)),
    };
    match claimant.proven(verified, &settings)? {
        Proven::Authenticated(client) => client.accept(&settings),
        Proven::Unspent(_) => panic!("a secret holds for good"),
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
            Ok(Accepted::Introspection(_) | Accepted::Revocation(_)) => panic!("another endpoint"),
            Err(rejection) => Err(rejection.reason()),
        };
        assert_eq!(decided, expected, "{user_pass} {body}");
    }
}

#[test]
fn every_client_costs_as_many_comparisons_as_the_one_with_most_secrets() {
    #[derive(Debug)]
    struct Counting(Arc<AtomicUsize>);
    impl SecretHash for Counting {
        fn kind(&self) -> &str {
            "counting"
        }
        fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
            SecretCheck::blocking(move || {
                self.0.fetch_add(1, Ordering::Relaxed);
                false
            })
        }
    }
    let count = Arc::new(AtomicUsize::new(0));
    let secrets = |number| {
        let secret = ClientSecret::hashed(Arc::new(Counting(Arc::clone(&count))));
        vec![secret; number]
    };
    let public = Client::builder("public").auth_method(AuthMethod::None);
    let clients = MemoryClientStore::new([
        client("one", secrets(1)),
        client("three", secrets(3)),
        public.build().expect("a client"),
    ])
    .expect("clients");
    for user_pass in ["one:x", "three:x", "public:x", "unknown:x"] {
        count.store(0, Ordering::Relaxed);
        assert!(decide(&clients, user_pass, "").is_err());
        assert_eq!(count.load(Ordering::Relaxed), 3, "{user_pass}");
    }
}

//! How many slow hashes each kind of request costs.

use std::sync::Arc;
use std::time::SystemTime;

use tower_token_endpoint::client::hashing::RememberedSecrets;
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, Call, basic, body, builder};
use crate::setup::{Watch, built, client, slow};

/// A name, the request, how many readings it has, how many hashes it costs, and whether it is
/// accepted. `secrets` is how many the client with the most has.
type Row = (&'static str, Call, usize, usize, bool);

const SECRETS: [&str; 3] = ["s1", "s2", "s3"];

/// Clients with so many hashed secrets, and some with fewer.
fn cast(watch: &Arc<Watch>, secrets: usize) -> [Client; 8] {
    let hashed = |id: &str| {
        let first = client(id, slow(watch, SECRETS[0]));
        let rest = SECRETS[1..secrets].iter();
        rest.fold(first, |client, secret| client.secret(slow(watch, secret)))
    };
    let old = slow(watch, "old").expires_at(SystemTime::UNIX_EPOCH);
    let rest = SECRETS[1..secrets].iter();
    built([
        hashed("own"),
        hashed("poster").auth_method(AuthMethod::ClientSecretPost),
        rest.fold(client("expired", old), |client, secret| {
            client.secret(slow(watch, secret))
        }),
        client("few", slow(watch, "s1")),
        hashed("mixed").secret(ClientSecret::sha256_of("d%31")),
        client("percent", slow(watch, "p%31")),
        client("o w", slow(watch, "s1")),
        Client::builder("public").auth_method(AuthMethod::None),
    ])
}

fn by_post(id: &str, secret: &str) -> Call {
    body(&format!("client_id={id}&client_secret={secret}"))
}

/// Sends the request and tells how many hashes it cost.
async fn cost(
    watch: &Watch,
    layer: &TokenEndpointLayer<MemoryClientStore>,
    (name, call, _, _, is_accepted): &Row,
) -> usize {
    let before = watch.computed();
    let exchange = call.send(layer).await;
    if *is_accepted {
        exchange.inner_request();
    } else {
        assert_eq!(exchange.error().status, 401, "{name}");
    }
    watch.computed() - before
}

#[tokio::test]
async fn every_refusal_costs_the_same_number_of_hashes_and_nothing_costs_more() {
    for secrets in 1..=3 {
        let watch = Watch::new();
        let layer = builder(cast(&watch, secrets)).built();
        for row in rows(secrets) {
            let (name, _, readings, expected, is_accepted) = row;
            let of_refusal = readings * secrets;
            let cost = cost(&watch, &layer, &row).await;
            assert_eq!(cost, expected, "{name}, {secrets} secrets");
            assert!(cost <= of_refusal, "{name}, {secrets} secrets");
            assert!(is_accepted || cost == of_refusal, "{name}");
        }
    }
}

/// First what is accepted is remembered, then all is sent again.
#[tokio::test]
async fn what_is_remembered_makes_no_refusal_cheaper_or_dearer() {
    for secrets in 1..=3 {
        let watch = Watch::new();
        let layer = builder(cast(&watch, secrets))
            .remember_verified_secrets(RememberedSecrets::new())
            .built();
        for row in rows(secrets) {
            cost(&watch, &layer, &row).await;
        }
        for row in rows(secrets) {
            let (name, _, readings, ..) = row;
            let cost = cost(&watch, &layer, &row).await;
            let expected = match row.4 {
                // A digest that the second reading matches is not remembered.
                true if name == "accepted, by a digest second" => secrets,
                true => 0,
                false => readings * secrets,
            };
            assert_eq!(cost, expected, "{name}, {secrets} secrets");
        }
    }
}

fn rows(secrets: usize) -> Vec<Row> {
    let n = secrets;
    let mut rows = vec![
        ("wrong", basic("own:x"), 1, n, false),
        ("wrong, by post", by_post("poster", "x"), 1, n, false),
        ("unknown", basic("nobody:s1"), 1, n, false),
        ("unknown, by post", by_post("nobody", "s1"), 1, n, false),
        ("by another method", basic("poster:s1"), 1, n, false),
        (
            "by another method, by post",
            by_post("own", "s1"),
            1,
            n,
            false,
        ),
        ("expired", basic("expired:old"), 1, n, false),
        ("wrong, of an expired one", basic("expired:x"), 1, n, false),
        ("wrong, of one with fewer", basic("few:x"), 1, n, false),
        ("wrong, of one with a digest", basic("mixed:x"), 1, n, false),
        ("public, with a secret", basic("public:s1"), 1, n, false),
        ("wrong, read twice", basic("own:%78"), 2, 2 * n, false),
        ("unknown, read twice", basic("nobody:s%31"), 2, 2 * n, false),
        (
            "another method, read twice",
            basic("poster:s%31"),
            2,
            2 * n,
            false,
        ),
        (
            "expired, read twice",
            basic("expired:ol%64"),
            2,
            2 * n,
            false,
        ),
        (
            "of one with fewer, read twice",
            basic("few:%78"),
            2,
            2 * n,
            false,
        ),
        ("mixed, read twice", basic("mixed:%78"), 2, 2 * n, false),
        ("two ids, wrong", basic("o+w:x"), 2, 2 * n, false),
        ("two ids, unknown", basic("no+body:x"), 2, 2 * n, false),
        ("accepted", basic("own:s1"), 1, 1, true),
        ("accepted, by post", by_post("poster", "s1"), 1, 1, true),
        ("accepted, of one with fewer", basic("few:s1"), 1, 1, true),
        ("accepted, mixed, by a hash", basic("mixed:s1"), 1, 1, true),
        (
            "accepted, by the first reading",
            basic("own:s%31"),
            2,
            1,
            true,
        ),
        (
            "accepted, by the second reading",
            basic("percent:p%31"),
            2,
            n + 1,
            true,
        ),
        ("accepted, by a digest", basic("mixed:d%2531"), 2, 0, true),
        (
            "accepted, by a digest second",
            basic("mixed:d%31"),
            2,
            n,
            true,
        ),
        ("accepted, two ids", basic("o+w:s1"), 2, 1, true),
    ];
    if n > 1 {
        rows.push(("accepted by the last", basic(last("own", n)), 1, n, true));
        rows.push(("another not expired", basic(last("expired", n)), 1, n, true));
    }
    rows
}

fn last(id: &str, secrets: usize) -> String {
    format!("{id}:{}", SECRETS[secrets - 1])
}

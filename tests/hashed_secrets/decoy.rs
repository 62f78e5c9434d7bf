//! What a store verifies for a client that does not exist.

use serde_json::{Value, json};
use tower_token_endpoint::MemoryClientStore;
use tower_token_endpoint::store::ClientStore;

use crate::{ARGON2, BCRYPT, PBKDF2, SHA256};

/// The secrets of the decoy, as `Debug` shows their kinds.
fn decoy(clients: &[Value]) -> Vec<String> {
    let clients: Vec<_> = clients
        .iter()
        .enumerate()
        .map(
            |(number, secrets)| json!({"client_id": number.to_string(), "client_secrets": secrets}),
        )
        .collect();
    let clients = MemoryClientStore::from_json(json!(clients).to_string().as_bytes());
    let shown = format!("{:?}", clients.expect("clients that load").decoy());
    let kinds = shown.split("kind: \"").skip(1);
    kinds
        .map(|it| it.split('"').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn the_decoy_is_of_the_hash_that_most_clients_have() {
    let hash = |hash: &str| json!([{"hash": hash}]);
    let argon2 = "argon2id,m=8,t=1,p=1";
    let bcrypt = "bcrypt,cost=4";
    let pbkdf2 = "pbkdf2-sha256,i=1000";
    let other_argon2 = ARGON2.replace("m=8", "m=16");
    let as_2y = BCRYPT.replace("$2b$", "$2y$");
    let two = json!([{"hash": BCRYPT}, {"hash": as_2y}]);
    for (clients, expected) in [
        (vec![hash(ARGON2)], vec![argon2]),
        (vec![hash(SHA256)], vec!["sha256"]),
        (vec![hash(ARGON2), hash(BCRYPT), hash(BCRYPT)], vec![bcrypt]),
        (vec![hash(SHA256), hash(PBKDF2), hash(PBKDF2)], vec![pbkdf2]),
        (
            vec![hash(SHA256), hash(SHA256), hash(PBKDF2)],
            vec!["sha256"],
        ),
        // If there are as many of each, what takes longer.
        (
            vec![json!([{"hash": ARGON2}, {"hash": SHA256}])],
            vec![argon2],
        ),
        (vec![hash(SHA256), hash(BCRYPT)], vec![bcrypt]),
        // Other parameters are another kind, and another letter in `$2b$` is not.
        (
            vec![hash(ARGON2), hash(ARGON2), hash(&other_argon2)],
            vec![argon2],
        ),
        (vec![hash(BCRYPT), hash(&as_2y), hash(ARGON2)], vec![bcrypt]),
        // As many as the client with the most.
        (vec![hash(BCRYPT), two], vec![bcrypt, bcrypt]),
    ] {
        assert_eq!(decoy(&clients), expected, "{clients:?}");
    }
}

#[test]
fn many_hashed_clients_load_without_computing_a_hash() {
    let hash = ARGON2.replace("m=8,t=1", "m=262144,t=10");
    let clients: Vec<_> = (0..2000)
        .map(|number| json!({"client_id": number.to_string(), "client_secrets": [{"hash": hash}]}))
        .collect();
    // Each hash would take 10 passes over 256 MiB: more than an hour for all of them.
    let clients = MemoryClientStore::from_json(json!(clients).to_string().as_bytes());
    assert_eq!(clients.expect("clients that load").len(), 2000);
}

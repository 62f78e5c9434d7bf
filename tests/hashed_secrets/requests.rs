//! Which requests a client with a hashed secret may make.

use std::time::{Duration, SystemTime};

use serde_json::json;
use tower_token_endpoint::client::ClientSecret;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::rejection::RejectionReason::{
    ExpiredSecret, UnknownClient, WhiteSpaceInSecret, WrongSecret,
};
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, ISSUER, basic, block_on, body};
use crate::{ARGON2, BCRYPT, PBKDF2, SECRET, SHA256};

fn layer(clients: &serde_json::Value) -> TokenEndpointLayer<MemoryClientStore> {
    let clients = MemoryClientStore::from_json(clients.to_string().as_bytes());
    let clients = clients.expect("clients that load");
    TokenEndpointLayer::builder(clients, ISSUER)
        .path("/token")
        .built()
}

/// Why the request with this secret is refused. `None` if it is accepted.
fn refused(
    layer: &TokenEndpointLayer<MemoryClientStore>,
    client_id: &str,
    secret: &str,
) -> Option<RejectionReason> {
    let by_basic = basic(format!("{client_id}:{secret}"));
    let exchange = block_on(by_basic.send(layer));
    exchange.rejection().map(|rejection| rejection.reason())
}

fn client(client_id: &str, secrets: serde_json::Value) -> serde_json::Value {
    json!({"client_id": client_id, "client_secrets": secrets,
           "grant_types": ["client_credentials"]})
}

#[test]
fn the_right_secret_of_every_hash_is_accepted_and_no_other() {
    for hash in [ARGON2, BCRYPT, PBKDF2, SHA256] {
        let layer = layer(&json!([client("a", json!([{"hash": hash}]))]));
        assert_eq!(refused(&layer, "a", SECRET), None, "{hash}");
        for wrong in [
            "gX1fBat3bW",
            "gX1fBat3b",
            "gX1fBat3bV ",
            "x",
            &"x".repeat(200),
            hash,
        ] {
            let wrong = wrong.replace(['%', '+'], "");
            // White space at the end is told for fast digests only.
            let reason = match wrong.ends_with(' ') && hash == SHA256 {
                true => WhiteSpaceInSecret,
                false => WrongSecret,
            };
            assert_eq!(
                refused(&layer, "a", &wrong),
                Some(reason),
                "{hash}: {wrong}"
            );
        }
        assert_eq!(refused(&layer, "b", SECRET), Some(UnknownClient), "{hash}");
    }
}

#[test]
fn a_secret_that_bcrypt_or_hmac_would_take_for_the_right_one_is_wrong() {
    let long = "b".repeat(72);
    let of_long = "$2b$04$3QrWmORBmnwVRpB5bcqf/O/QhLyfj4vJjhzRLtcNbvfYDSiQ51JnC";
    for (hash, secret, expected) in [
        (of_long, long.clone(), None),
        (of_long, format!("{long}b"), Some(WrongSecret)),
        (BCRYPT, format!("{SECRET}%00"), Some(WrongSecret)),
        (BCRYPT, format!("{SECRET}%00x"), Some(WrongSecret)),
        (PBKDF2, format!("{SECRET}%00"), Some(WrongSecret)),
    ] {
        let client = json!({"client_id": "a", "client_secrets": [{"hash": hash}],
                            "token_endpoint_auth_method": "client_secret_post",
                            "grant_types": ["client_credentials"]});
        let layer = layer(&json!([client]));
        let call = body(&format!("client_id=a&client_secret={secret}"));
        let exchange = block_on(call.send(&layer));
        let reason = exchange.rejection().map(|rejection| rejection.reason());
        assert_eq!(reason, expected, "{hash} {secret}");
    }
}

#[test]
fn in_a_rotation_both_secrets_are_accepted_until_the_old_one_expires() {
    let seconds = |time: SystemTime| {
        let since = time.duration_since(SystemTime::UNIX_EPOCH);
        since.expect("after 1970").as_secs()
    };
    let later = seconds(SystemTime::now() + Duration::from_secs(3600));
    let before = seconds(SystemTime::now() - Duration::from_secs(3600));
    for old in [ARGON2, BCRYPT, PBKDF2, SHA256] {
        let layer = layer(&json!([
            client(
                "both",
                json!([{"hash": old, "expires_at": later}, {"secret": "new"}])
            ),
            client(
                "new",
                json!([{"hash": old, "expires_at": before}, {"secret": "new"}])
            ),
            client("never", json!([{"hash": old, "expires_at": 0}])),
        ]));
        for (client_id, secret, expected) in [
            ("both", SECRET, None),
            ("both", "new", None),
            ("both", "x", Some(WrongSecret)),
            ("new", SECRET, Some(ExpiredSecret)),
            ("new", "new", None),
            ("never", SECRET, None),
        ] {
            let reason = refused(&layer, client_id, secret);
            assert_eq!(reason, expected, "{old}: {client_id} {secret}");
        }
    }
}

#[test]
fn client_secret_and_listed_secrets_are_all_accepted() {
    let client = json!({"client_id": "a", "client_secret": "one",
                        "client_secrets": [{"hash": ARGON2}, {"secret": "three"}],
                        "grant_types": ["client_credentials"]});
    let layer = layer(&json!([client]));
    for (secret, expected) in [
        ("one", None),
        (SECRET, None),
        ("three", None),
        ("four", Some(WrongSecret)),
    ] {
        assert_eq!(refused(&layer, "a", secret), expected, "{secret}");
    }
}

#[test]
fn a_generated_secret_is_accepted_by_what_was_registered() {
    let (secret, registered) = ClientSecret::generate().expect("random bytes");
    let client = tower_token_endpoint::Client::builder("a")
        .secret(registered)
        .grant_types([tower_token_endpoint::GrantType::ClientCredentials])
        .build();
    let layer = crate::common::layer([client.expect("a client")]);
    assert_eq!(refused(&layer, "a", secret.expose_secret()), None);
    assert_eq!(refused(&layer, "a", "x"), Some(WrongSecret));
}

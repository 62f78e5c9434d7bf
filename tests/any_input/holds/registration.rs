//! Registrations: each loads or is refused in short lines, and what is loaded accepts nobody
//! without its secret.

use http::StatusCode;
use serde_json::Value;
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::{Client, MemoryClientStore};

use crate::common::{Built, CC, Call, builder, form_encode, post};
use crate::holds::answer::{self, Outcome};
use crate::holds::lines::are_short;

/// `data` is JSON of a client, or of many.
pub(crate) fn check(data: &[u8]) -> bool {
    let client = Client::from_json(data);
    let file = [b"[", without_mark(data), b"]"].concat();
    let store = MemoryClientStore::from_json(&file);
    let is_loaded = client.is_ok();
    match client {
        Ok(client) => {
            assert_eq!(store.expect("one client").len(), 1);
            assert_loaded(client, data);
        }
        Err(error) => {
            let lines = error.problems().count();
            assert!(are_short(&error.to_string(), lines), "{error}");
        }
    }
    for file in [&file[..], data] {
        if let Err(error) = MemoryClientStore::from_json(file) {
            let lines = error.problems().count();
            assert!(are_short(&error.to_string(), lines), "{error}");
        }
    }
    is_loaded
}

/// The text after a byte order mark, which may only stand at the start of a file.
fn without_mark(data: &[u8]) -> &[u8] {
    data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data)
}

fn assert_loaded(client: Client, data: &[u8]) {
    for warning in client.warnings() {
        assert!(are_short(&warning.to_string(), 1), "{warning}");
    }
    let registered: Value =
        serde_json::from_slice(without_mark(data)).expect("JSON, as another parser reads it");
    assert_eq!(registered["client_id"], *client.client_id());
    let Ok(Value::Object(written)) = serde_json::to_value(&client) else {
        panic!("{client:?} is not written");
    };
    for name in ["client_secret", "client_secrets"] {
        assert!(!written.contains_key(name), "{written:?}");
    }
    let secret = ClientSecret::plain("s".repeat(64));
    Client::from_metadata(written, [secret]).expect("what is written loads");
    // A hash may be of a kind that takes seconds.
    if registered.get("client_secrets").is_none() {
        assert_guarded(client, &registered);
    }
}

/// The secret of the client, and nothing else, authenticates it.
fn assert_guarded(client: Client, registered: &Value) {
    let id = client.client_id().to_owned();
    let is_public = client
        .auth_methods()
        .any(|method| method == AuthMethod::None);
    let is_by_basic = client
        .auth_methods()
        .any(|method| method == AuthMethod::ClientSecretBasic);
    let layer = builder([client]).built();
    let secret = registered["client_secret"]
        .as_str()
        .filter(|secret| !secret.is_empty());
    let wrong = format!("{}x", secret.unwrap_or_default());
    let authenticates = |call: Call| {
        let exchange = answer::send(&layer, &call);
        match answer::outcome(&layer, &call, &exchange) {
            Outcome::Accepted(_) => true,
            // Registered for other grants.
            Outcome::Refused(_) => exchange.response.status() != StatusCode::UNAUTHORIZED,
            Outcome::Untouched => panic!("passed through"),
        }
    };
    let basic =
        |secret: &str| post(CC).basic(format!("{}:{}", form_encode(&id), form_encode(secret)));
    let body = |secret: &str| {
        let (id, secret) = (form_encode(&id), form_encode(secret));
        post(format!("{CC}&client_id={id}&client_secret={secret}"))
    };
    assert!(!authenticates(basic(&wrong)) && !authenticates(body(&wrong)));
    assert_eq!(
        authenticates(post(format!("{CC}&client_id={}", form_encode(&id)))),
        is_public
    );
    let does_not_expire = registered.get("client_secret_expires_at").is_none();
    if let Some(secret) = secret.filter(|_| is_by_basic && does_not_expire) {
        assert!(authenticates(basic(secret)), "{registered}");
    }
}

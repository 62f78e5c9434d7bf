//! How much memory a client takes that was read from a document, since strangers choose how many there are.

use serde_json::{Value, json};
use tower_token_endpoint::Client;

use crate::published::PUBLISHED;

const URL: &str = "https://app.example.com/client.json";
/// The default limit of a document.
const MAX_BYTES: usize = 5 * 1024;

/// What is kept of the document, in bytes.
fn kept(client_id: &str, json: &[u8]) -> u64 {
    let mut client = None;
    let info =
        allocation_counter::measure(|| client = Some(Client::from_document(client_id, json)));
    let _client = client.expect("it was read").expect("a valid document");
    u64::try_from(info.bytes_current).expect("something is kept")
}

fn document(mut members: Value) -> Vec<u8> {
    members["client_id"] = URL.into();
    let json = members.to_string().into_bytes();
    assert!(json.len() <= MAX_BYTES, "{}", json.len());
    json
}

#[test]
fn a_document_takes_a_hundred_kilobytes_at_most() {
    let many = |value: Value, number: usize| Value::Array(vec![value; number]);
    let keys = many(
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
        40,
    );
    let worst = [
        ("objects", json!({"a": many(json!({"b": 0}), 126)})),
        ("arrays", json!({"a": many(json!([0]), 126)})),
        ("texts", json!({"a": many(json!("bcd"), 253)})),
        (
            "redirect URIs",
            json!({"redirect_uris": many(json!("a:b"), 252)}),
        ),
        ("grants", json!({"grant_types": many(json!("bcd"), 252)})),
        (
            "keys",
            json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": keys}}),
        ),
        ("one text", json!({"client_name": "x".repeat(4900)})),
        ("one name", json!({"x".repeat(4900): 0})),
        ("names", {
            let names = (0..250).map(|n| (format!("redirectUri{n}"), json!(1)));
            Value::Object(names.collect())
        }),
    ];
    for (name, members) in worst {
        let bytes = kept(URL, &document(members));
        println!("{name}: {bytes}");
        assert!(bytes < 100_000, "{name}: {bytes}");
    }
}

#[test]
fn a_document_as_it_is_published_takes_a_few_kilobytes() {
    for published in PUBLISHED {
        let bytes = kept(published.id, published.document().as_bytes());
        println!("{}: {bytes}", published.id);
        assert!(bytes < 6_000, "{}: {bytes}", published.id);
    }
}

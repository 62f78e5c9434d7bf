//! Key sets: a set is read the same whether it is registered or fetched, and accepts only what one
//! of its keys signed.

use std::convert::Infallible;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};
use tower_token_endpoint::rejection::{Rejection, RejectionReason};
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{Client, GrantType};

use crate::common::{Built, CC, Exchange, block_on, builder, by_assertion, post};
use crate::holds::assertion::Draft;
use crate::holds::lines::are_short;
use crate::sign::{P256, jwk};

const ID: &str = "keyed";
const URI: &str = "https://client.example/jwks";

/// The source of one set, at any URI.
struct Fixed(Bytes);

impl JwksSource for Fixed {
    type Error = Infallible;

    async fn fetch(&self, _: &str) -> Result<FetchedKeys, Infallible> {
        Ok(FetchedKeys::new(self.0.clone()))
    }
}

/// `data` is a key set, in which `$x` and `$y` stand for the coordinates of a key that signs.
pub(crate) fn check(data: &[u8]) -> bool {
    let own = jwk(&P256);
    let coordinate = |name: &str| own[name].as_str().expect("a coordinate").to_owned();
    let set = String::from_utf8_lossy(data)
        .replace("$x", &coordinate("x"))
        .replace("$y", &coordinate("y"));
    let read = serde_json::from_str::<Value>(&set);
    let kid = read
        .as_ref()
        .ok()
        .and_then(|set| set["keys"][0]["kid"].as_str());
    let fetched = exchange(client(&json!({"jwks_uri": URI})).expect("a URI"), &set, kid);
    assert_signed(&fetched, &own, read.as_ref().ok());
    // A set that nobody can read is a failure of its source.
    let status = fetched.response.status();
    assert!(read.is_ok() || status == 503, "{status} for {set}");
    let Ok(read) = &read else {
        return false;
    };
    match client(&json!({"jwks": read})) {
        Err(text) => assert!(are_short(&text, text.lines().count()), "{text}"),
        Ok(client) => {
            for warning in client.warnings() {
                assert!(are_short(&warning.to_string(), 1), "{warning}");
            }
            let registered = exchange(client, "", kid);
            assert_signed(&registered, &own, Some(read));
            assert_eq!(reason(&registered), reason(&fetched), "{read}");
        }
    }
    fetched.rejection().is_none()
}

fn reason(exchange: &Exchange) -> Option<RejectionReason> {
    exchange.rejection().map(Rejection::reason)
}

fn client(members: &Value) -> Result<Client, String> {
    let mut client = json!({
        "client_id": ID,
        "token_endpoint_auth_method": AuthMethod::PrivateKeyJwt.as_str(),
        "grant_types": [GrantType::ClientCredentials.as_str()],
    });
    let members: &Map<String, Value> = members.as_object().expect("an object");
    let own = client.as_object_mut().expect("an object");
    own.extend(members.clone());
    Client::from_json(client.to_string().as_bytes()).map_err(|error| error.to_string())
}

/// An assertion by the key that signs, at a layer that fetches this set.
fn exchange(client: Client, set: &str, kid: Option<&str>) -> Exchange {
    let header = json!({"alg": "ES256", "kid": kid});
    let header = match kid {
        Some(_) => header.to_string(),
        None => r#"{"alg":"ES256"}"#.to_owned(),
    };
    let claims = format!(
        r#"{{"iss":"{ID}","sub":"{ID}","aud":"https://as.example.com","exp":$60,"jti":"1"}}"#
    );
    let draft = Draft::read(format!("ES256\n{header}\n{claims}").as_bytes(), b'\n');
    let signed = draft.expect("a draft").sign();
    let layer = builder([client])
        .client_assertions(MemoryReplayStore::new())
        .jwks_source(Fixed(Bytes::copy_from_slice(set.as_bytes())))
        .built();
    let call = post(format!("{CC}&{}", by_assertion(&signed.token)));
    block_on(call.send(&layer))
}

/// Who is accepted has a key in the set.
fn assert_signed(exchange: &Exchange, own: &Value, set: Option<&Value>) {
    if exchange.rejection().is_some() {
        exchange.error();
        return;
    }
    exchange.inner_request();
    let keys = set
        .and_then(|set| set["keys"].as_array())
        .into_iter()
        .flatten();
    let is_own = |key: &&Value| {
        ["kty", "crv", "x", "y"]
            .iter()
            .all(|name| key[name] == own[name])
    };
    let own: Vec<_> = keys.filter(is_own).collect();
    assert!(!own.is_empty(), "nobody's key: {set:?}");
    let verifies = |key: &&&Value| {
        let may =
            |name: &str, value: &str| key.get(name).is_none_or(|it| it.is_null() || *it == value);
        may("use", "sig") && may("alg", "ES256")
    };
    assert!(
        own.iter().any(|key| verifies(&key)),
        "a key for something else: {set:?}"
    );
}

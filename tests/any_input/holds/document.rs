//! Documents that a client publishes at its id: each is read or refused in short lines, and what is read has
//! nothing that only an operator may decide.

use serde_json::Value;
use tower_token_endpoint::Client;
use tower_token_endpoint::client::{AuthMethod, ClientIdUrl};
use url::{Host, Url};

use crate::holds::lines::are_short;

/// `data` is the client id, a line feed, and the document.
pub(crate) fn check(data: &[u8]) -> bool {
    let end = data.iter().position(|byte| *byte == b'\n');
    let (client_id, json) = match end {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[][..]),
    };
    let Ok(client_id) = str::from_utf8(client_id) else {
        return false;
    };
    let url = ClientIdUrl::parse(client_id);
    if let Ok(url) = &url {
        assert_seen_by_others(*url);
    }
    match Client::from_document(client_id, json) {
        Ok(client) => {
            assert!(url.is_ok(), "{client_id}");
            assert_read(&client, client_id, json);
            true
        }
        Err(error) => {
            let lines = error.problems().count();
            assert!(are_short(&error.to_string(), lines), "{error}");
            false
        }
    }
}

/// Another library goes to the same place. Of names, it refuses some that no resolver finds.
fn assert_seen_by_others(url: ClientIdUrl<'_>) {
    let Ok(other) = Url::parse(url.as_str()) else {
        return;
    };
    assert_eq!(other.scheme(), "https");
    assert!(other.username().is_empty() && other.password().is_none());
    assert!(other.fragment().is_none() && other.path() != "/");
    if let Some(Host::Domain(host)) = other.host() {
        assert!(host.eq_ignore_ascii_case(url.host()), "{url}: {host}");
    }
}

fn assert_read(client: &Client, client_id: &str, json: &[u8]) {
    assert!(client.is_from_document() && client.client_id() == client_id);
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let document: Value = serde_json::from_slice(json).expect("JSON, as another parser reads it");
    assert_eq!(document["client_id"], client_id);
    for secret in [
        "client_secret",
        "client_secrets",
        "client_secret_expires_at",
    ] {
        assert!(document.get(secret).is_none(), "{document}");
    }
    for method in client.auth_methods() {
        assert!(
            !matches!(
                method,
                AuthMethod::ClientSecretBasic
                    | AuthMethod::ClientSecretPost
                    | AuthMethod::ClientSecretJwt
            ),
            "{document}"
        );
    }
    assert!(!client.accepts_endpoint_audience(), "{document}");
    let keys = document["jwks"]["keys"].as_array();
    for key in keys.into_iter().flatten() {
        assert!(key.get("d").is_none_or(Value::is_null), "{document}");
    }
    for warning in client.warnings() {
        assert!(are_short(&warning.to_string(), 1), "{warning}");
    }
}

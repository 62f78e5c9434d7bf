//! Loading clients, and writing them.

use tower_token_endpoint::{Client, MemoryClientStore};

use crate::canary::{RIGHT, assert_debug_silent, assert_silent};

#[test]
fn no_error_of_loading_repeats_a_secret() {
    let entry = |more: &str| format!(r#"[{{"client_id":"a","client_secret":"{RIGHT}"{more}}}]"#);
    let twice = format!(r#"{{"client_id":"a","client_secret":"{RIGHT}"}}"#);
    let documents = [
        format!("[{twice},{twice}]"),
        entry(r#","client_secret":"again""#).replace("again", RIGHT),
        entry(r#","grant_types":"client_credentials""#),
        entry(r#","grant_types":["no grant", 5]"#),
        entry(r#","jwks":{"keys":[{"d":"again"}]},"jwks_uri":"https://a.example""#)
            .replace("again", RIGHT),
        entry(r#","client_secret_expires_at":1893456000000"#),
        format!(r#"[{{"client_id":"a","client_secret":"{{noop}}{RIGHT}"}}]"#),
        format!(r#"[{{"client_id":"a","client_secret":"$2b$10${RIGHT}"}}]"#),
        format!(r#"[{{"client_id":"a","clientSecret":"{RIGHT}"}}]"#),
        format!(r#"[{{"client_id":"a","client_secrets":"{RIGHT}"}}]"#),
        format!(r#"[{{"client_id":"a","client_secrets":["{RIGHT}"]}}]"#),
        format!(r#"[{{"client_id":"a","client_secrets":[{{"{RIGHT}":1}}]}}]"#),
        format!(r#"[{{"client_id":"a","client_secrets":[{{"hash":"{RIGHT}"}}]}}]"#),
        format!(
            r#"[{{"client_id":"a","client_secrets":[{{"secret":"{RIGHT}","expires_at":-1}}]}}]"#
        ),
        format!(r#"["{RIGHT}"]"#),
        format!(r#"[["{RIGHT}"]]"#),
        entry(r#","token_endpoint_auth_method":"magic""#),
        entry(r#","scope":"a  b""#),
        entry(r#","client_secret_expires_at":"never""#),
        format!(r#"[{{"client_id":"a","client_secret":["{RIGHT}"]}}]"#),
        format!(r#"[{{"client_id":"a","client_secret":{{"{RIGHT}":1}}}}]"#),
        format!(r#"[{{"client_id":1,"client_secret":"{RIGHT}"}}]"#),
        format!(r#"[{{"client_secret":"{RIGHT}"}}]"#),
        format!(r#"[{{"client_id":"a","client_secret":"{RIGHT}"#),
        format!(r#"[{{"client_id":"a","client_secret":"{RIGHT}\x"}}]"#),
        twice,
    ];
    for document in documents {
        let error = MemoryClientStore::from_json(document.as_bytes()).expect_err(&document);
        assert_debug_silent("LoadClientsError", &error);
        assert_silent("LoadClientsError", &error.to_string());
        let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
        while let Some(error) = cause {
            assert_debug_silent("the cause", &error);
            assert_silent("the cause", &error.to_string());
            cause = error.source();
        }
    }
}

#[test]
fn a_client_is_written_without_its_secret() {
    let json = format!(r#"{{"client_id":"a","client_secret":"{RIGHT}","client_name":"A"}}"#);
    let client = Client::from_json(json.as_bytes()).expect("a client");
    let written = serde_json::to_string(&client).expect("JSON");
    assert!(written.contains(r#""client_name":"A""#), "{written}");
    assert!(!written.contains("client_secret\""), "{written}");
    assert_silent("the written client", &written);
    assert_debug_silent("the metadata", client.metadata());
}

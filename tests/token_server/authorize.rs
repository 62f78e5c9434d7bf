//! `GET /authorize`.

use reqwest::{StatusCode, header};
use serde_json::json;

use crate::common::token_server::*;

pub(crate) fn request<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", "demo-public"),
        ("redirect_uri", CALLBACK),
        ("scope", "read"),
        ("state", "s t&a=te/ü"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        match query.iter_mut().find(|(key, _)| key == name) {
            Some(entry) => entry.1 = value,
            None => query.push((name, value)),
        }
    }
    query
}

#[tokio::test]
async fn authorize_answers_303_with_code_state_and_iss_and_ignores_unknown_parameters() {
    let server = start(&[]);
    let response = server
        .authorize(&request(&[
            ("nonce", "n"),
            ("prompt", "login"),
            ("request_uri", ""),
            ("dpop_jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"),
        ]))
        .await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let (path, query) = location(&response);
    assert_eq!(path, CALLBACK);
    assert_eq!(value(&query, "state"), Some("s t&a=te/ü"));
    assert_eq!(value(&query, "iss"), Some(server.base.as_str()));
    assert_eq!(value(&query, "code").map(str::len), Some(43));
    assert_eq!(query.len(), 3);
}

#[tokio::test]
async fn authorize_keeps_the_query_of_the_redirect_uri() {
    let server = start(&[]);
    let redirect_uri = "http://localhost:8080/callback?from=demo";
    let client_id = "https://client.example.com/demo";
    let changes = [("client_id", client_id), ("redirect_uri", redirect_uri)];
    let (path, query) = location(&server.authorize(&request(&changes)).await);
    assert_eq!(path, CALLBACK);
    assert_eq!(value(&query, "from"), Some("demo"));
    assert!(value(&query, "code").is_some());
}

#[tokio::test]
async fn authorize_never_redirects_to_a_uri_that_is_not_the_clients_own() {
    let server = start(&[]);
    let mut requests: Vec<Vec<_>> = [
        ("client_id", "nobody"),
        ("client_id", ""),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", "http://localhost:8080/callback/"),
        ("redirect_uri", "http://localhost:8080/callback?x=1"),
        ("redirect_uri", "http://localhost:8080/callback#x"),
        ("redirect_uri", "HTTP://localhost:8080/callback"),
        ("redirect_uri", "http://localhost:8080/callback?from=demo"), // another client's
        ("redirect_uri", ""),
    ]
    .iter()
    .map(|change| request(&[*change]))
    .collect();
    for name in ["client_id", "redirect_uri"] {
        requests.push(
            request(&[])
                .into_iter()
                .filter(|(key, _)| *key != name)
                .collect(),
        );
        let mut twice = request(&[]);
        twice.extend(request(&[]).into_iter().filter(|(key, _)| *key == name));
        requests.push(twice);
    }
    for query in requests {
        let response = server.authorize(&query).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query:?}");
        assert!(
            !response.headers().contains_key(header::LOCATION),
            "{query:?}"
        );
        let page = response.text().await.expect("a page");
        assert!(
            !page.contains("evil"),
            "nothing of the request is repeated: {page}"
        );
    }
}

#[tokio::test]
async fn authorize_redirects_to_https_to_this_machine_and_to_apps() {
    const URIS: [(&str, bool); 22] = [
        ("https://client.example.com/callback", true),
        ("https://client.example.com:8443/callback?a=b", true),
        ("HTTPS://client.example.com/callback", true),
        ("http://localhost/callback", true),
        ("http://localhost:49152/callback", true),
        ("http://127.0.0.1:49152/callback", true),
        ("http://127.8.9.1/callback", true),
        ("http://[::1]:49152/callback", true),
        ("com.example.app:/callback", true), // RFC 8252 §7.1
        ("com.example.app://callback", true),
        ("http://client.example.com/callback", false),
        ("http://10.0.0.1/callback", false),
        ("http://localhost.example.com/callback", false),
        ("http://127.0.0.1.example.com/callback", false),
        ("http://localhost:80@client.example.com/callback", false),
        ("http://client.example.com/?http://localhost", false),
        ("http:callback", false),
        ("https:callback", false),
        ("ftp://client.example.com/callback", false),
        ("app:/callback", false),
        ("file:///callback", false),
        ("urn:ietf:wg:oauth:2.0:oob", false),
    ];
    let clients: Vec<_> = URIS
        .iter()
        .map(|(uri, _)| {
            json!({
                "client_id": uri, "token_endpoint_auth_method": "none",
                "redirect_uris": [uri], "scope": "read"
            })
        })
        .collect();
    let path = clients_file("redirect_uris", &json!(clients).to_string());
    let server = start(&["--clients", &path.to_string_lossy()]);
    for (redirect_uri, safe) in URIS {
        let query = request(&[("client_id", redirect_uri), ("redirect_uri", redirect_uri)]);
        let response = server.authorize(&query).await;
        let location = response.headers().get(header::LOCATION);
        assert_eq!(location.is_some(), safe, "{redirect_uri}: {response:?}");
        if let Some(location) = location {
            let location = location.to_str().expect("ASCII");
            assert!(location.starts_with(redirect_uri), "{location}");
            assert!(location.contains("code="), "{location}");
        } else {
            assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        }
    }
}

#[tokio::test]
async fn stranger_who_asks_for_codes_makes_no_other_code_useless() {
    // With this many clients, each may have 16 codes.
    let clients: Vec<_> = (0..12_500)
        .map(|nth| {
            json!({
                "client_id": format!("client-{nth}"), "token_endpoint_auth_method": "none",
                "redirect_uris": [CALLBACK], "scope": "read"
            })
        })
        .collect();
    let path = clients_file("many", &json!(clients).to_string());
    let server = start(&["--clients", &path.to_string_lossy()]);
    let (victim, other) = (Who::Public("client-0"), Who::Public("client-1"));
    let code = server.code(victim, CALLBACK, "read").await;
    let codes_of_others = server.code(other, CALLBACK, "read").await;

    let query = request(&[("client_id", victim.id())]);
    for _ in 1..16 {
        let (_, query) = location(&server.authorize(&query).await);
        assert!(value(&query, "code").is_some());
    }
    for _ in 0..20 {
        let response = server.authorize(&query).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let (path, query) = location(&response);
        assert_eq!(path, CALLBACK);
        // RFC 6749 §4.1.2.1.
        assert_eq!(value(&query, "error"), Some("temporarily_unavailable"));
        assert_eq!(value(&query, "state"), Some("s t&a=te/ü"));
        assert_eq!(value(&query, "iss"), Some(server.base.as_str()));
        assert_eq!(value(&query, "code"), None);
    }
    server.redeem(other, &codes_of_others).await.granted();
    server.redeem(victim, &code).await.granted();
    // A code that was used makes room for another.
    let code = server.code(victim, CALLBACK, "read").await;
    server.redeem(victim, &code).await.granted();
}

#[tokio::test]
async fn other_errors_of_authorize_are_redirected_with_error_state_and_iss() {
    let path = clients_file(
        "authorize",
        r#"[{"client_id": "demo-public", "token_endpoint_auth_method": "none", "scope": "read",
             "redirect_uris": ["http://localhost:8080/callback"]},
            {"client_id": "service", "client_secret": "x", "grant_types": ["client_credentials"],
             "redirect_uris": ["http://localhost:8080/callback"]}]"#,
    );
    let server = start(&["--clients", &path.to_string_lossy()]);
    let long = "a".repeat(2000);
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("client_id", "service"), "unauthorized_client"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "tooshort"), "invalid_request"),
        (("code_challenge", &long), "invalid_request"),
        (("dpop_jkt", "tooshort"), "invalid_request"), // RFC 9449 §10
        (("dpop_jkt", &long), "invalid_request"),
        (("scope", "admin"), "invalid_scope"),
        (("scope", "read  read"), "invalid_scope"),
        (("scope", "\"read\""), "invalid_scope"),
        (("scope", &"read ".repeat(400)), "invalid_scope"),
    ] {
        let response = server.authorize(&request(&[change])).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{change:?}");
        let (path, query) = location(&response);
        assert_eq!(path, CALLBACK);
        assert_eq!(value(&query, "error"), Some(error), "{change:?}");
        assert_eq!(value(&query, "state"), Some("s t&a=te/ü"));
        assert_eq!(value(&query, "iss"), Some(server.base.as_str()));
        assert_eq!(value(&query, "code"), None);
    }
    let mut twice = request(&[]);
    twice.push(("state", "other"));
    let (_, query) = location(&server.authorize(&twice).await);
    assert_eq!(value(&query, "error"), Some("invalid_request"));
    assert_eq!(
        value(&query, "state"),
        None,
        "no telling which state is meant"
    );
}

//! `POST /par`, and `GET /authorize` with a `request_uri` (RFC 9126).

use http::{StatusCode, header};
use reqwest::Response;
use serde_json::{Value, json};

use crate::common::Reply;
use crate::common::token_server::*;

const STATE: &str = "s t&a=te/ü";
const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

/// A request to push, with changes. An empty value leaves the parameter out.
fn request<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "read"),
        ("state", STATE),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        form.retain(|(key, _)| key != name);
        form.push((name, value));
    }
    form.retain(|(_, value)| !value.is_empty());
    form
}

async fn push(server: &Server, who: Who, changes: &[(&str, &str)]) -> Reply {
    server.post("/par", who, &request(changes)).await
}

async fn pushed(server: &Server, who: Who) -> String {
    let answer = push(server, who, &[]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.text("request_uri").to_owned()
}

async fn authorize(server: &Server, client_id: &str, request_uri: &str) -> Response {
    let query = [("client_id", client_id), ("request_uri", request_uri)];
    server.authorize(&query).await
}

/// The query of the redirect to the client.
#[track_caller]
fn redirected(response: &Response) -> Vec<(String, String)> {
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{response:?}");
    let (path, query) = location(response);
    assert_eq!(path, CALLBACK);
    query
}

/// A page, and no redirect: nobody knows whose redirect URI it would be.
#[track_caller]
fn is_page(response: &Response) {
    assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{response:?}");
    assert!(!response.headers().contains_key(header::LOCATION));
}

#[tokio::test]
async fn pushed_request_is_created_for_90_s_and_becomes_a_code() {
    let server = start(&[]);
    for who in [BASIC, POST, PUBLIC, UNICODE] {
        let answer = push(&server, who, &[]).await;
        // RFC 9126 §2.2.
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        assert_eq!(answer.json()["expires_in"], 90);
        let request_uri = answer.text("request_uri");
        let id = request_uri.strip_prefix("urn:ietf:params:oauth:request_uri:");
        assert_eq!(id.map(str::len), Some(43), "{request_uri}");

        // RFC 9126 §4.
        let query = redirected(&authorize(&server, who.id(), request_uri).await);
        assert_eq!(value(&query, "state"), Some(STATE));
        assert_eq!(value(&query, "iss"), Some(server.base.as_str()));
        let code = value(&query, "code").expect("an approval has a code");
        let tokens = server.redeem(who, code).await.granted();
        assert_eq!(tokens.text("scope"), "read");
    }
}

#[tokio::test]
async fn what_was_pushed_counts_and_not_what_is_beside_the_request_uri() {
    let server = start(&[]);
    let request_uri = pushed(&server, PUBLIC).await;
    // RFC 9101 §5.
    let query = [
        ("client_id", PUBLIC.id()),
        ("request_uri", &request_uri),
        ("redirect_uri", "https://evil.example/"),
        ("state", "other"),
        ("scope", "read write"),
        ("response_type", "token"),
        ("code_challenge", "other"),
    ];
    let query = redirected(&server.authorize(&query).await);
    assert_eq!(value(&query, "state"), Some(STATE));
    let code = value(&query, "code").expect("an approval has a code");
    let tokens = server.redeem(PUBLIC, code).await.granted();
    assert_eq!(tokens.text("scope"), "read");
}

#[tokio::test]
async fn request_uri_is_good_once_and_only_for_its_client() {
    let server = start(&[]);
    let request_uri = pushed(&server, BASIC).await;
    let unknown = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c";
    let id = request_uri.rsplit(':').next().expect("an id");
    // RFC 9126 §4 and §7.3: of another client, unknown, by reference, not the whole.
    for (client_id, request_uri) in [
        ("demo-post", request_uri.as_str()),
        ("demo-public", &request_uri),
        ("nobody", &request_uri),
        ("", &request_uri),
        ("demo-basic", unknown),
        ("demo-basic", "https://client.example.com/request.jwt"),
        ("demo-basic", id),
        ("demo-basic", "é"),
    ] {
        is_page(&authorize(&server, client_id, request_uri).await);
    }
    let twice = [
        ("client_id", "demo-basic"),
        ("request_uri", &request_uri),
        ("request_uri", &request_uri),
    ];
    is_page(&server.authorize(&twice).await);

    let query = redirected(&authorize(&server, "demo-basic", &request_uri).await);
    assert!(value(&query, "code").is_some());
    is_page(&authorize(&server, "demo-basic", &request_uri).await);
}

#[tokio::test]
async fn one_of_two_requests_at_once_gets_the_code() {
    let server = start(&[]);
    for _ in 0..20 {
        let request_uri = pushed(&server, PUBLIC).await;
        let answers = futures_util::future::join_all(
            (0..4).map(|_| authorize(&server, PUBLIC.id(), &request_uri)),
        );
        let statuses = answers.await.into_iter().map(|answer| answer.status());
        let codes = statuses.filter(|status| *status == StatusCode::SEE_OTHER);
        assert_eq!(codes.count(), 1);
    }
}

#[tokio::test]
async fn requests_that_cannot_be_approved_are_refused_when_pushed() {
    let server = start(&[]);
    let long = "s".repeat(2049);
    let rows: [(&str, (&str, &str), &str); 20] = [
        ("RFC 9126 §2.3", ("redirect_uri", ""), "invalid_request"),
        (
            "RFC 9126 §2.3",
            ("redirect_uri", "https://evil.example/"),
            "invalid_request",
        ),
        (
            "RFC 9700 §4.1.3",
            ("redirect_uri", "http://localhost:8080/callback/"),
            "invalid_request",
        ),
        (
            "RFC 6749 §3.1.2",
            ("redirect_uri", "http://localhost:8080/callback#x"),
            "invalid_request",
        ),
        ("RFC 9126 §2.1", ("response_type", ""), "invalid_request"),
        (
            "RFC 6749 §4.1.2.1",
            ("response_type", "token"),
            "unsupported_response_type",
        ),
        (
            "RFC 9126 §2.1",
            ("request_uri", "urn:example:a"),
            "invalid_request",
        ),
        (
            "RFC 9101 §7",
            ("request", "e30.e30."),
            "request_not_supported",
        ),
        (
            "RFC 9700 §2.1.1",
            ("code_challenge_method", ""),
            "invalid_request",
        ),
        (
            "RFC 9700 §2.1.1",
            ("code_challenge_method", "plain"),
            "invalid_request",
        ),
        ("RFC 7636 §4.4.1", ("code_challenge", ""), "invalid_request"),
        (
            "RFC 7636 §4.2",
            ("code_challenge", "tooshort"),
            "invalid_request",
        ),
        ("RFC 6749 §3.3", ("scope", "admin"), "invalid_scope"),
        ("RFC 6749 §3.3", ("scope", "read admin"), "invalid_scope"),
        ("RFC 6749 §3.3", ("scope", "read  read"), "invalid_scope"),
        ("bounded", ("state", &long), "invalid_request"),
        (
            "RFC 9449 §10.1",
            ("dpop_jkt", "tooshort"),
            "invalid_request",
        ),
        ("RFC 9449 §10.1", ("dpop_jkt", CALLBACK), "invalid_request"),
        ("RFC 9449 §10.1", ("dpop_jkt", &long), "invalid_request"),
        (
            "RFC 9449 §10.1",
            ("dpop_jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4="),
            "invalid_request",
        ),
    ];
    for (section, change, error) in rows {
        for who in [BASIC, PUBLIC] {
            let answer = push(&server, who, &[change]).await;
            assert_eq!(answer.json()["error"], error, "{section} {change:?}");
            answer.refused(400, error);
        }
    }
    let longest = &long[1..];
    for change in [
        ("state", ""),
        ("state", longest),
        ("scope", ""),
        ("dpop_jkt", JKT),
    ] {
        let answer = push(&server, BASIC, &[change]).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{change:?}: {answer:?}");
    }
}

#[tokio::test]
async fn clients_authenticate_to_push() {
    let path = clients_file(
        "pushing",
        r#"[{"client_id": "service", "client_secret": "x", "grant_types": ["client_credentials"],
             "redirect_uris": ["http://localhost:8080/callback"]}]"#,
    );
    let server = start(&["--clients", &path.to_string_lossy()]);
    let service = Who::Basic("service", "x");
    let scope = ("scope", "");
    // RFC 6749 §4.1.2.1.
    let answer = push(&server, service, &[scope]).await;
    answer.refused(400, "unauthorized_client");
    // RFC 9126 §2.3.
    for who in [
        service.with_secret("y"),
        Who::Public("service"),
        Who::Public("nobody"),
    ] {
        push(&server, who, &[scope])
            .await
            .refused(401, "invalid_client");
    }
}

#[tokio::test]
async fn par_required_refuses_requests_in_the_query() {
    let server = start(&["--par-required"]);
    let document = server.discovery().await;
    // RFC 9126 §5.
    assert_eq!(document["require_pushed_authorization_requests"], true);
    let mut query = request(&[]);
    query.push(("client_id", PUBLIC.id()));
    let query = redirected(&server.authorize(&query).await);
    assert_eq!(value(&query, "error"), Some("invalid_request"));
    assert_eq!(value(&query, "state"), Some(STATE));
    assert_eq!(value(&query, "code"), None);

    let request_uri = pushed(&server, PUBLIC).await;
    let query = redirected(&authorize(&server, PUBLIC.id(), &request_uri).await);
    assert!(value(&query, "code").is_some());
}

#[tokio::test]
async fn client_that_registered_it_must_push() {
    let client = |id: &str, required: Value| {
        json!({
            "client_id": id, "token_endpoint_auth_method": "none", "scope": "read",
            "redirect_uris": [CALLBACK], "require_pushed_authorization_requests": required,
        })
    };
    let clients = json!([client("must", json!(true)), client("may", json!(false))]);
    let path = clients_file("must_push", &clients.to_string());
    let server = start(&["--clients", &path.to_string_lossy()]);
    let document = server.discovery().await;
    let member = "require_pushed_authorization_requests";
    assert!(document.get(member).is_none(), "{document}");
    // RFC 9126 §6.
    for (who, error) in [
        (Who::Public("must"), Some("invalid_request")),
        (Who::Public("may"), None),
    ] {
        let mut query = request(&[]);
        query.push(("client_id", who.id()));
        let query = redirected(&server.authorize(&query).await);
        assert_eq!(value(&query, "error"), error);
        let request_uri = pushed(&server, who).await;
        let query = redirected(&authorize(&server, who.id(), &request_uri).await);
        assert!(value(&query, "code").is_some());
    }
}

#[tokio::test]
async fn ten_thousand_requests_of_a_client_push_out_none() {
    let server = start(&[]);
    let other = pushed(&server, BASIC).await;
    let first = pushed(&server, PUBLIC).await;
    let form = request(&[]);
    let mut created = 1;
    for _ in 0..100 {
        let answers = (0..100).map(|_| server.post("/par", PUBLIC, &form));
        for answer in futures_util::future::join_all(answers).await {
            if answer.status == StatusCode::CREATED {
                created += 1;
                continue;
            }
            // RFC 9126 §2.3.
            answer.refused(429, "temporarily_unavailable");
            answer.comes_back_after(10);
        }
    }
    assert_eq!(created, 10_000, "the share of a client");
    for (who, request_uri) in [(BASIC, &other), (PUBLIC, &first)] {
        let query = redirected(&authorize(&server, who.id(), request_uri).await);
        assert!(value(&query, "code").is_some());
    }
    // A request that was used makes room for another.
    pushed(&server, PUBLIC).await;
    push(&server, PUBLIC, &[])
        .await
        .refused(429, "temporarily_unavailable");
}

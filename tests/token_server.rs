//! The reference server as a process, driven over HTTP: each fact that
//! holds for `examples/token_server` is a test here, but for those about
//! client assertions.

#[path = "common/token_server.rs"]
mod server;

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use server::*;
use tokio::net::TcpSocket;

const LOCAL: &str = "--dangerously-allow-local-jwks-uri";

// ---- POST /token: client_credentials ----

#[tokio::test]
async fn client_credentials_answer_is_what_clients_parse() {
    let server = start(&[]);
    for who in [BASIC, POST, URL_ID, UNICODE] {
        let answer = server
            .token(who, &[CLIENT_CREDENTIALS, ("scope", "read")])
            .await
            .granted();
        assert_eq!(answer.text("token_type"), "Bearer");
        assert_eq!(answer.text("scope"), "read");
        assert!(answer.body["expires_in"].is_u64(), "{}", answer.body);
        assert_eq!(
            answer.text("access_token").len(),
            43,
            "256 bits in base64url"
        );
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(answer.headers[header::PRAGMA], "no-cache");
        assert!(
            answer.body.get("refresh_token").is_none(),
            "RFC 6749 §4.4.3"
        );
    }
}

#[tokio::test]
async fn client_credentials_without_scope_get_the_registered_scope() {
    let server = start(&[]);
    let answer = server.token(BASIC, &[CLIENT_CREDENTIALS]).await.granted();
    assert_eq!(answer.text("scope"), "read write");
}

#[tokio::test]
async fn client_credentials_are_not_for_public_clients_nor_beyond_the_registered_scope() {
    let server = start(&[]);
    let answer = server.token(PUBLIC, &[CLIENT_CREDENTIALS]).await;
    answer.refused(400, "unauthorized_client");
    let answer = server
        .token(BASIC, &[CLIENT_CREDENTIALS, ("scope", "read admin")])
        .await;
    answer.refused(400, "invalid_scope");
}

#[tokio::test]
async fn ids_that_are_urls_and_secrets_outside_ascii_work_however_they_are_sent() {
    let path = clients_file(
        "spellings",
        r#"[{"client_id": "https://a.example/ü", "client_secret": "p o+s%t:/&ß",
             "token_endpoint_auth_method": "client_secret_post",
             "grant_types": ["client_credentials"]},
            {"client_id": "https://b.example/?x=1&y", "client_secret": "b a+s%i:/&ß",
             "grant_types": ["client_credentials"]}]"#,
    );
    let file = start(&["--clients", &path.to_string_lossy()]);
    let demo = start(&[]);
    let raw_unicode = Who::RawBasic("démo-ключ", "s p+a%c:e/s & ключ €");
    for (server, who) in [
        (&demo, UNICODE),
        (&demo, raw_unicode),
        (&demo, URL_ID),
        (
            &demo,
            Who::RawBasic("https%3A%2F%2Fclient.example.com%2Fdemo", "demo-url-secret"),
        ),
        (&file, Who::Post("https://a.example/ü", "p o+s%t:/&ß")),
        (&file, Who::Basic("https://b.example/?x=1&y", "b a+s%i:/&ß")),
    ] {
        server.token(who, &[CLIENT_CREDENTIALS]).await.granted();
        let wrong = server
            .token(who.with_secret("wrong"), &[CLIENT_CREDENTIALS])
            .await;
        wrong.refused(401, "invalid_client");
        assert!(wrong.headers.contains_key(header::WWW_AUTHENTICATE));
    }
}

// ---- POST /token: authorization_code ----

#[tokio::test]
async fn code_with_pkce_is_exchanged_by_confidential_and_public_clients() {
    let server = start(&[]);
    for who in [BASIC, POST, PUBLIC, UNICODE] {
        let code = server.code(who, CALLBACK, "read").await;
        let answer = server.redeem(who, &code).await.granted();
        assert_eq!(answer.text("token_type"), "Bearer");
        assert_eq!(answer.text("scope"), "read");
        assert!(!answer.text("refresh_token").is_empty());
    }
}

#[tokio::test]
async fn code_used_twice_revokes_the_tokens_issued_for_it() {
    let server = start(&[]);
    let code = server.code(BASIC, CALLBACK, "read").await;
    let (access, refresh) = pair(&server.redeem(BASIC, &code).await.granted());
    let (access_2, refresh_2) = pair(&server.refresh(BASIC, &refresh).await.granted());
    let (other, _) = server.grant(BASIC, "read").await;

    server
        .redeem(BASIC, &code)
        .await
        .refused(400, "invalid_grant");
    for gone in [&access, &access_2, &refresh_2] {
        assert!(!server.is_active(BASIC, gone).await);
    }
    server
        .refresh(BASIC, &refresh_2)
        .await
        .refused(400, "invalid_grant");
    assert!(
        server.is_active(BASIC, &other).await,
        "another grant is untouched"
    );
}

#[tokio::test]
async fn code_sent_by_many_at_once_works_for_one() {
    let server = start(&[]);
    let code = server.code(PUBLIC, CALLBACK, "read").await;
    let attempts = (0..20).map(|_| server.redeem(PUBLIC, &code));
    let mut granted = 0;
    for answer in futures_join(attempts).await {
        granted += usize::from(answer.status == StatusCode::OK);
    }
    assert_eq!(granted, 1);
}

/// Polls all at once, on this task.
async fn futures_join<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.map(Box::pin).map(Some).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|cx| {
        for slot in &mut pending {
            if let Some(future) = slot
                && let std::task::Poll::Ready(output) = future.as_mut().poll(cx)
            {
                done.push(output);
                *slot = None;
            }
        }
        if pending.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}

#[tokio::test]
async fn code_is_bound_to_client_redirect_uri_and_challenge() {
    let server = start(&[]);
    let code = server.code(BASIC, CALLBACK, "read").await;
    let other_verifier = "x".repeat(43);
    let too_short = &VERIFIER[..42];
    let too_long = "x".repeat(129);
    let not_unreserved = format!("{}=", &VERIFIER[..42]);
    for (changed, value) in [
        ("redirect_uri", "http://127.0.0.1:8080/callback"), // the client's own, but another
        ("redirect_uri", "http://localhost:8080/callback/"),
        ("code_verifier", &other_verifier),
        ("code_verifier", CHALLENGE),
        ("code_verifier", too_short),
        ("code_verifier", &too_long),
        ("code_verifier", &not_unreserved),
    ] {
        let form = exchange(&code).map(|(k, v)| if k == changed { (k, value) } else { (k, v) });
        server
            .token(BASIC, &form)
            .await
            .refused(400, "invalid_grant");
    }
    for other in [POST, PUBLIC, URL_ID] {
        server
            .redeem(other, &code)
            .await
            .refused(400, "invalid_grant");
    }
    // None of these spent it.
    server.redeem(BASIC, &code).await.granted();
}

#[tokio::test]
async fn missing_parameter_of_the_exchange_is_named() {
    let server = start(&[]);
    let code = server.code(BASIC, CALLBACK, "read").await;
    for missing in ["code", "redirect_uri", "code_verifier"] {
        let form: Vec<_> = exchange(&code)
            .into_iter()
            .filter(|(k, _)| *k != missing)
            .collect();
        let answer = server.token(BASIC, &form).await;
        answer.refused(400, "invalid_request");
        assert!(
            answer.text("error_description").contains(missing),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn failed_client_authentication_spends_nothing() {
    let server = start(&[]);
    for who in [BASIC, POST] {
        let code = server.code(who, CALLBACK, "read").await;
        let wrong = who.with_secret("wrong");
        server
            .redeem(wrong, &code)
            .await
            .refused(401, "invalid_client");
        let (_, refresh) = pair(&server.redeem(who, &code).await.granted());

        // Not even a code or a refresh token that was used before ends a grant then.
        let (_, refresh_2) = pair(&server.refresh(who, &refresh).await.granted());
        server
            .redeem(wrong, &code)
            .await
            .refused(401, "invalid_client");
        server
            .refresh(wrong, &refresh)
            .await
            .refused(401, "invalid_client");
        server
            .refresh(wrong, &refresh_2)
            .await
            .refused(401, "invalid_client");
        server.refresh(who, &refresh_2).await.granted();
    }
}

#[tokio::test]
async fn client_not_registered_for_refresh_token_gets_none() {
    let server = start(&[]);
    let redirect_uri = "http://localhost:8080/callback?from=demo";
    let code = server.code(URL_ID, redirect_uri, "read").await;
    let form = exchange(&code).map(|(k, v)| {
        if v == CALLBACK {
            (k, redirect_uri)
        } else {
            (k, v)
        }
    });
    let answer = server.token(URL_ID, &form).await.granted();
    assert!(answer.body.get("refresh_token").is_none());
    // A code used twice ends the access token all the same.
    server
        .token(URL_ID, &form)
        .await
        .refused(400, "invalid_grant");
    assert!(!server.is_active(URL_ID, answer.text("access_token")).await);
    let answer = server.refresh(URL_ID, "anything").await;
    answer.refused(400, "unauthorized_client");
}

// ---- POST /token: refresh_token ----

#[tokio::test]
async fn refresh_token_rotates_and_an_old_one_revokes_the_family() {
    let server = start(&[]);
    for who in [BASIC, PUBLIC, UNICODE] {
        let (_, first) = server.grant(who, "read write").await;
        let (_, second) = pair(&server.refresh(who, &first).await.granted());
        let (_, third) = pair(&server.refresh(who, &second).await.granted());
        assert!(first != second && second != third);
        server
            .refresh(who, &first)
            .await
            .refused(400, "invalid_grant");
        server
            .refresh(who, &third)
            .await
            .refused(400, "invalid_grant");
    }
}

#[tokio::test]
async fn access_tokens_end_with_their_family_and_no_others_do() {
    let server = start(&[]);
    let (access, first) = server.grant(BASIC, "read").await;
    let (access_2, second) = pair(&server.refresh(BASIC, &first).await.granted());
    let (other, _) = server.grant(BASIC, "read").await;
    assert!(
        server.is_active(BASIC, &access).await,
        "rotation alone ends no access token"
    );
    assert!(server.is_active(BASIC, &second).await);
    assert!(
        !server.is_active(BASIC, &first).await,
        "a spent refresh token is not active"
    );

    server
        .refresh(BASIC, &first)
        .await
        .refused(400, "invalid_grant");
    for gone in [&access, &access_2, &second] {
        assert!(!server.is_active(BASIC, gone).await);
    }
    assert!(server.is_active(BASIC, &other).await);
}

#[tokio::test]
async fn refresh_may_narrow_the_scope_and_the_next_gives_all_of_it_again() {
    let server = start(&[]);
    let (_, refresh) = server.grant(BASIC, "read write").await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &refresh),
        ("scope", "write"),
    ];
    let answer = server.token(BASIC, &form).await.granted();
    assert_eq!(answer.text("scope"), "write");
    let answer = server
        .refresh(BASIC, answer.text("refresh_token"))
        .await
        .granted();
    assert_eq!(answer.text("scope"), "read write");
}

#[tokio::test]
async fn refresh_that_widens_the_scope_is_invalid_scope_and_spends_nothing() {
    let server = start(&[]);
    let (_, refresh) = server.grant(BASIC, "read").await;
    for scope in ["read write", "write", "read admin"] {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("scope", scope),
        ];
        server
            .token(BASIC, &form)
            .await
            .refused(400, "invalid_scope");
    }
    let answer = server.refresh(BASIC, &refresh).await.granted();
    assert_eq!(answer.text("scope"), "read");
}

#[tokio::test]
async fn refresh_token_of_another_client_is_unknown_and_stays_good() {
    let server = start(&[]);
    let (_, refresh) = server.grant(BASIC, "read").await;
    for other in [POST, PUBLIC, UNICODE] {
        server
            .refresh(other, &refresh)
            .await
            .refused(400, "invalid_grant");
    }
    for garbage in [
        "x",
        ".",
        "..",
        "é",
        &refresh[..43],
        "2YotnFZFEjr1zCsicMWpAA",
    ] {
        server
            .refresh(BASIC, garbage)
            .await
            .refused(400, "invalid_grant");
    }
    server.refresh(BASIC, &refresh).await.granted();
}

// ---- GET /authorize ----

fn request<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
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
        .authorize(&request(&[("nonce", "n"), ("prompt", "login")]))
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

// ---- discovery ----

#[tokio::test]
async fn discovery_has_the_required_members_and_all_four_endpoints() {
    let server = start(&[]);
    let document = server.discovery().await;
    let base = &server.base;
    for (member, expected) in [
        ("issuer", json!(base)),
        ("authorization_endpoint", json!(format!("{base}/authorize"))),
        ("token_endpoint", json!(format!("{base}/token"))),
        (
            "introspection_endpoint",
            json!(format!("{base}/introspect")),
        ),
        ("revocation_endpoint", json!(format!("{base}/revoke"))),
        ("response_types_supported", json!(["code"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        (
            "authorization_response_iss_parameter_supported",
            json!(true),
        ),
    ] {
        assert_eq!(document[member], expected, "{member}");
    }
    let methods =
        |endpoint: &str| document[format!("{endpoint}_endpoint_auth_methods_supported")].clone();
    let confidential = [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
    ];
    let all = json!([&confidential[..], &["none"]].concat());
    assert_eq!(methods("token"), all);
    assert_eq!(methods("revocation"), all);
    assert_eq!(methods("introspection"), json!(confidential));
}

#[tokio::test]
async fn discovery_agrees_with_what_the_endpoints_do() {
    let server = start(&[]);
    let document = server.discovery().await;
    let grants: Vec<&str> = document["grant_types_supported"]
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(grants.len(), 3, "{grants:?}");
    for grant in [
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "password",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ] {
        let answer = server.token(BASIC, &[("grant_type", grant)]).await;
        let refused = answer.body["error"] == "unsupported_grant_type";
        assert_eq!(
            refused,
            !grants.contains(&grant),
            "{grant}: {}",
            answer.body
        );
    }
    for (endpoint, path) in [("introspection", "/introspect"), ("revocation", "/revoke")] {
        let methods = &document[format!("{endpoint}_endpoint_auth_methods_supported")];
        for (who, method) in [
            (BASIC, "client_secret_basic"),
            (POST, "client_secret_post"),
            (PUBLIC, "none"),
        ] {
            let answer = server.post(path, who, &[("token", "t")]).await;
            let listed = methods
                .as_array()
                .expect("an array")
                .contains(&json!(method));
            let expected = if listed {
                StatusCode::OK
            } else {
                StatusCode::UNAUTHORIZED
            };
            assert_eq!(
                answer.status, expected,
                "{method} at {path}: {}",
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn issuer_flag_decides_the_document_and_iss() {
    for issuer in ["https://as.example.com", "https://as.example.com/tenant"] {
        let server = start(&["--issuer", issuer]);
        let document = server.discovery().await;
        assert_eq!(document["issuer"], issuer);
        for (member, path) in [
            ("authorization_endpoint", "authorize"),
            ("token_endpoint", "token"),
            ("introspection_endpoint", "introspect"),
            ("revocation_endpoint", "revoke"),
        ] {
            assert_eq!(document[member], format!("{issuer}/{path}"));
        }
        let (_, query) = location(&server.authorize(&request(&[])).await);
        assert_eq!(value(&query, "iss"), Some(issuer));
    }
}

// ---- POST /introspect, POST /revoke ----

#[tokio::test]
async fn introspection_tells_a_client_about_its_own_tokens() {
    let server = start(&[]);
    for who in [BASIC, POST, UNICODE] {
        let (access, refresh) = server.grant(who, "read").await;
        let found = server.introspect(who, &access).await;
        assert_eq!(found["active"], true);
        assert_eq!(found["client_id"], who.id());
        assert_eq!(found["scope"], "read");
        assert_eq!(found["token_type"], "Bearer");
        assert_eq!(found["iss"], server.base);
        let (iat, exp) = (found["iat"].as_u64(), found["exp"].as_u64());
        assert_eq!(
            exp.zip(iat).map(|(exp, iat)| exp - iat),
            Some(3600),
            "{found}"
        );

        let found = server.introspect(who, &refresh).await;
        assert_eq!(
            (&found["active"], &found["scope"]),
            (&json!(true), &json!("read"))
        );
        assert!(found.get("token_type").is_none());
    }
}

#[tokio::test]
async fn introspection_tells_nobody_else() {
    let server = start(&[]);
    let (access, refresh) = server.grant(BASIC, "read").await;
    for token in [access.as_str(), refresh.as_str(), "unknown", ".", "é"] {
        for other in [POST, URL_ID, UNICODE] {
            assert_eq!(
                server.introspect(other, token).await,
                json!({ "active": false })
            );
        }
    }
    assert_eq!(
        server.introspect(BASIC, "unknown").await,
        json!({ "active": false })
    );
    let answer = server
        .post("/introspect", PUBLIC, &[("token", &access)])
        .await;
    answer.refused(401, "invalid_client");
    let answer = server.post("/introspect", BASIC, &[]).await;
    answer.refused(400, "invalid_request");
}

#[tokio::test]
async fn revoked_access_token_is_gone_and_its_refresh_token_is_not() {
    let server = start(&[]);
    let (access, refresh) = server.grant(BASIC, "read").await;
    let answer = server
        .post("/revoke", BASIC, &[("token", &access)])
        .await
        .granted();
    assert_eq!(answer.body, json!({}));
    assert!(!server.is_active(BASIC, &access).await);
    server.refresh(BASIC, &refresh).await.granted();
}

#[tokio::test]
async fn revoked_refresh_token_takes_its_access_tokens_along() {
    let server = start(&[]);
    // The hint is a hint, also where it is wrong (RFC 7009 §2.1).
    for hint in ["refresh_token", "access_token", "nonsense"] {
        let (access, refresh) = server.grant(BASIC, "read").await;
        let form = [("token", refresh.as_str()), ("token_type_hint", hint)];
        server.post("/revoke", BASIC, &form).await.granted();
        assert!(!server.is_active(BASIC, &access).await);
        server
            .refresh(BASIC, &refresh)
            .await
            .refused(400, "invalid_grant");
    }
}

#[tokio::test]
async fn public_client_revokes_by_client_id() {
    let server = start(&[]);
    let (_, refresh) = server.grant(PUBLIC, "read").await;
    server
        .post("/revoke", PUBLIC, &[("token", &refresh)])
        .await
        .granted();
    server
        .refresh(PUBLIC, &refresh)
        .await
        .refused(400, "invalid_grant");
}

#[tokio::test]
async fn revoking_an_unknown_token_is_200_and_a_foreign_one_stays_good() {
    let server = start(&[]);
    let (access, refresh) = server.grant(BASIC, "read").await;
    for token in ["unknown", access.as_str(), refresh.as_str()] {
        for other in [POST, PUBLIC] {
            let answer = server
                .post("/revoke", other, &[("token", token)])
                .await
                .granted();
            assert_eq!(answer.body, json!({}));
        }
    }
    assert!(server.is_active(BASIC, &access).await);
    server.refresh(BASIC, &refresh).await.granted();
}

// ---- the process: flags, output, end ----

#[test]
fn wrong_flags_and_clients_files_are_one_line_on_stderr_and_exit_2() {
    let missing = "/nonexistent/clients.json";
    let not_json = clients_file("not_json", "[{");
    let object = clients_file("object", "{}");
    let bad_scope = clients_file(
        "bad_scope",
        r#"[{"client_id": "good", "client_secret": "canary"},
            {"client_id": "bad\nid", "client_secret": "canary", "scope": "a  b"}]"#,
    );
    let duplicate = clients_file(
        "duplicate",
        r#"[{"client_id": "twin", "client_secret": "canary"},
            {"client_id": "twin", "client_secret": "canary"}]"#,
    );
    let [not_json, object, bad_scope, duplicate] =
        [&not_json, &object, &bad_scope, &duplicate].map(|path| path.to_string_lossy());
    let any_port = "--listen=127.0.0.1:0";
    // Where a socket is bound and does not listen, nobody else does.
    let bound = TcpSocket::new_v4().expect("a socket");
    let any = "127.0.0.1:0".parse().expect("an address");
    bound.bind(any).expect("there is a free port");
    let nobody = bound.local_addr().expect("it is bound");
    let no_redis = format!("redis://:canary@{nobody}");
    let local_with_a_value = format!("{LOCAL}=yes");
    for (arguments, says) in [
        (vec!["--frobnicate"], vec!["--frobnicate"]),
        (vec!["positional"], vec!["positional"]),
        (vec!["two\nlines"], vec!["two"]),
        (vec!["--listen"], vec!["--listen", "value"]),
        (vec!["--listen="], vec!["--listen", "value"]),
        (vec!["--listen", "nonsense"], vec!["--listen", "nonsense"]),
        (
            vec!["--listen", "127.0.0.1:99999"],
            vec!["--listen", "127.0.0.1:99999"],
        ),
        (vec![any_port, any_port], vec!["--listen", "twice"]),
        (
            vec![any_port, "--issuer", "not a url"],
            vec!["--issuer", "not a url"],
        ),
        (
            vec![any_port, "--issuer", "as.example.com"],
            vec!["--issuer", "as.example.com"],
        ),
        (
            vec![any_port, "--clients", missing],
            vec!["--clients", missing, "No such file"],
        ),
        (vec![any_port, "--clients", "/"], vec!["--clients", "\"/\""]),
        (
            vec![any_port, "--clients", &not_json],
            vec!["--clients", &not_json, "line 1"],
        ),
        (
            vec![any_port, "--clients", &object],
            vec!["--clients", &object],
        ),
        (
            vec![any_port, "--clients", &bad_scope],
            vec!["--clients", "entry 1", "scope"],
        ),
        (
            vec![any_port, "--clients", &duplicate],
            vec!["--clients", "entry 1", "twin"],
        ),
        (vec!["--redis"], vec!["--redis", "value"]),
        (vec![any_port, "--redis", "nonsense"], vec!["--redis"]),
        (
            vec![any_port, "--redis", "http://:canary@127.0.0.1"],
            vec!["--redis"],
        ),
        (
            vec![any_port, "--redis", &no_redis],
            vec!["--redis", "cannot be reached"],
        ),
        (vec![LOCAL, LOCAL], vec![LOCAL, "twice"]),
        (vec![&local_with_a_value], vec![LOCAL, "no value"]),
    ] {
        let output = run(&arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
        for part in says {
            assert!(
                stderr.contains(part),
                "{arguments:?} does not say {part:?}: {stderr}"
            );
        }
        assert!(!stderr.contains("canary"), "{stderr}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn address_in_use_is_one_line_on_stderr_and_exit_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let output = run(&["--listen", &address]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains(&address) && stderr.lines().count() == 1,
        "{stderr}"
    );
}

#[test]
fn help_names_every_flag_on_stdout_and_exits_0() {
    for flag in ["--help", "-h"] {
        let output = run(&[flag]);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0));
        for flag in [
            "--listen",
            "--issuer",
            "--clients",
            "--redis",
            LOCAL,
            "--help",
        ] {
            assert!(stdout.contains(flag), "{stdout}");
        }
        assert!(output.stderr.is_empty());
    }
}

#[tokio::test]
async fn secrets_of_a_clients_file_and_of_requests_are_never_printed() {
    let path = clients_file(
        "canary",
        r#"[{"client_id": "service", "client_secret": "canary-1-%25+", "scope": "read",
             "grant_types": ["client_credentials", "authorization_code", "refresh_token"],
             "redirect_uris": ["http://localhost:8080/callback"]}]"#,
    );
    let server = start_logging("trace", &["--clients", &path.to_string_lossy()]);
    let service = Who::Basic("service", "canary-1-%25+");
    let token = server.token(service, &[CLIENT_CREDENTIALS]).await.granted();
    let (access, refresh) = server.grant(service, "read").await;
    server.refresh(service, &refresh).await.granted();
    for wrong in [
        service.with_secret("canary-2"),
        Who::Post("service", "canary-3"),
    ] {
        server
            .token(wrong, &[CLIENT_CREDENTIALS])
            .await
            .refused(401, "invalid_client");
    }
    let url = format!("{}/token?client_secret=canary-4", server.base);
    let answer = server
        .http
        .post(url)
        .form(&[CLIENT_CREDENTIALS])
        .send()
        .await;
    assert_eq!(
        answer.expect("the server answers").status(),
        StatusCode::BAD_REQUEST
    );

    let output = wait_for("log line", || {
        Some(server.output()).filter(|out| out.contains("wrong_secret"))
    });
    for secret in [
        "canary",
        "Y2FuYXJ5",
        VERIFIER,
        token.text("access_token"),
        &access,
        &refresh,
    ] {
        let at = output
            .find(secret)
            .map(|at| &output[at.saturating_sub(200)..at]);
        assert!(at.is_none(), "{secret} follows {at:?}");
    }
}

#[tokio::test]
async fn log_lines_are_on_stderr_and_no_parameter_starts_one() {
    let server = start(&[]);
    let forged = Who::Post("nobody\nFORGED", "x");
    server
        .token(forged, &[CLIENT_CREDENTIALS])
        .await
        .refused(401, "invalid_client");
    let form = [("grant_type", "x\nFORGED"), ("scope", "y\r\nFORGED")];
    server
        .token(BASIC, &form)
        .await
        .refused(400, "unsupported_grant_type");
    let stderr = wait_for("log line", || {
        let stderr = server
            .stderr
            .lock()
            .expect("the collector does not panic")
            .clone();
        (stderr.contains("unknown_client") && stderr.contains("unsupported_grant_type"))
            .then_some(stderr)
    });
    assert!(
        !stderr
            .lines()
            .any(|line| line.trim_start().starts_with("FORGED")),
        "{stderr}"
    );
    let stdout = server.stdout.lock().expect("the collector does not panic");
    assert!(!stdout.contains("unknown_client"));
}

#[cfg(unix)]
fn signal(server: &Server, name: &str) {
    let pid = server.process.0.id().to_string();
    let status = Command::new("kill")
        .args([name, &pid])
        .status()
        .expect("kill runs");
    assert!(status.success());
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_and_sigterm_end_it_in_order() {
    for name in ["-INT", "-TERM"] {
        let mut server = start(&[]);
        server.token(BASIC, &[CLIENT_CREDENTIALS]).await.granted(); // leaves a connection open
        signal(&server, name);
        assert_eq!(
            server.process.exit_code(Duration::from_secs(4)),
            Some(0),
            "{name}"
        );
    }
}

#[cfg(unix)]
#[test]
fn request_in_flight_is_answered_after_ctrl_c() {
    let mut server = start(&[]);
    let address = server.base.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).expect("it listens");
    let body = "grant_type=client_credentials";
    let head = format!(
        "POST /token HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\
         Authorization: Basic {}\r\nExpect: 100-continue\r\n\r\n",
        body.len(),
        STANDARD.encode("demo-basic:demo-basic-secret"),
    );
    stream.write_all(head.as_bytes()).expect("it reads");
    let mut asked_for_body = [0; 25];
    stream
        .read_exact(&mut asked_for_body)
        .expect("it has read the head and wants the body");
    assert_eq!(&asked_for_body, b"HTTP/1.1 100 Continue\r\n\r\n");

    signal(&server, "-INT");
    wait_for("end of listening", || TcpStream::connect(&address).err());
    stream.write_all(body.as_bytes()).expect("it still reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("it answers and closes");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(server.process.exit_code(Duration::from_secs(4)), Some(0));
}

#[cfg(unix)]
#[test]
fn stalled_request_does_not_keep_it_from_ending() {
    let mut server = start(&[]);
    let address = server.base.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).expect("it listens");
    stream
        .write_all(b"POST /token HTTP/1.1\r\nHost: x\r\n")
        .expect("it reads");
    std::thread::sleep(Duration::from_millis(200));
    signal(&server, "-INT");
    assert_eq!(server.process.exit_code(Duration::from_secs(15)), Some(0));
}

#[cfg(unix)]
#[test]
fn printed_curl_commands_work() {
    let server = start(&[]);
    let script = server.printed();
    let script: Vec<&str> = script.lines().skip(1).collect();
    // One line of output for each command, whether or not curl ends it.
    let script = script
        .join("\n")
        .replace("\ncurl", "\necho; curl")
        .replace("\n#", "\necho\n#");
    let output = Command::new("sh")
        .args(["-euc", &script])
        .output()
        .expect("sh runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answers: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let summary: Vec<String> = answers
        .iter()
        .map(|answer| {
            let first = ["error", "active", "refresh_token", "access_token", "issuer"]
                .into_iter()
                .find(|member| answer.get(*member).is_some());
            match first {
                Some("error") => answer["error"].as_str().unwrap_or_default().to_owned(),
                Some("active") => format!("active={}", answer["active"]),
                Some(member) => member.to_owned(),
                None => answer.to_string(),
            }
        })
        .collect();
    let expected = [
        "access_token", // client_credentials: Basic, body, an id and secret that need care
        "access_token",
        "access_token",
        "invalid_client",
        "invalid_scope",
        "refresh_token", // the exchange of the code
        "refresh_token", // the refresh
        "invalid_grant", // the same again
        "active=true",
        "{}",
        "active=false",
        "access_token",   // client_secret_jwt
        "invalid_client", // the same assertion again
        "access_token",   // private_key_jwt
        "issuer",
    ];
    assert_eq!(summary, expected, "{text}");
    assert!(
        text.contains("HTTP/1.1 401") && text.to_lowercase().contains("www-authenticate: basic")
    );
}

#[tokio::test]
async fn printed_commands_for_a_clients_file_name_nothing_of_it() {
    let path = clients_file(
        "own",
        r#"[{"client_id": "my-client", "client_secret": "my-secret"}]"#,
    );
    let server = start(&["--clients", &path.to_string_lossy()]);
    let stdout = server.printed();
    assert!(
        !stdout.contains("my-") && !stdout.contains("demo"),
        "{stdout}"
    );
    assert!(
        stdout.contains(r#"-u "$CLIENT_ID:$CLIENT_SECRET""#),
        "{stdout}"
    );
}

// ---- the README ----

/// The commands of the README, each with the answer that stands below it, for the server at `base`.
fn readme_commands(base: &str) -> Vec<(String, String)> {
    let readme = include_str!("../README.md").replace("http://127.0.0.1:3000", base);
    let blocks: Vec<&str> = readme.split("```").skip(1).step_by(2).collect();
    let pairs = blocks.windows(2).filter_map(|pair| {
        let command = pair[0]
            .strip_prefix("sh\n")
            .filter(|it| it.starts_with("curl "))?;
        let (_language, answer) = pair[1].split_once('\n')?;
        Some((command.trim_end().to_owned(), answer.trim_end().to_owned()))
    });
    pairs.collect()
}

/// An answer as curl prints it, less what differs from one to the next: the head, which is empty
/// without `-i`, and the body.
fn comparable(answer: &str) -> (BTreeSet<String>, Value) {
    let (head, body) = answer.rsplit_once("\n\n").unwrap_or(("", answer));
    let varies = |line: &&str| line.starts_with("date: ") || line.starts_with("content-length: ");
    let head = head.lines().filter(|line| !varies(line));
    let mut body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    if let Some(token) = body.get_mut("access_token") {
        assert!(token.as_str().is_some_and(|token| token.len() >= 43));
        *token = json!("a token");
    }
    (head.map(str::to_owned).collect(), body)
}

#[test]
fn commands_of_the_readme_are_among_the_printed_ones() {
    let server = start(&[]);
    let printed = server.printed();
    let commands = readme_commands(&server.base);
    assert!(commands.len() >= 3, "{commands:?}");
    for (command, _) in commands {
        assert!(printed.lines().any(|line| line == command), "{command}");
    }
}

#[cfg(unix)]
#[test]
fn answers_of_the_readme_are_those_of_the_server() {
    let server = start(&[]);
    for (command, expected) in readme_commands(&server.base) {
        let output = Command::new("sh").args(["-euc", &command]).output();
        let output = output.expect("sh runs");
        assert!(output.status.success(), "{command}: {output:?}");
        let answer = String::from_utf8(output.stdout).expect("UTF-8");
        let answer = answer.replace('\r', "");
        assert_eq!(comparable(&answer), comparable(&expected), "{command}");
    }
}

// ---- the other examples ----

#[test]
fn minimal_example_prints_the_answer_to_one_request() {
    let output = run_example("minimal", &[]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    assert!(
        stdout.starts_with("200 OK") && stdout.contains(r#""scope":"read""#),
        "{stdout}"
    );
}

#[test]
fn custom_store_example_keeps_its_tenants_apart() {
    let output = run_example("custom_store", &[]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<_> = stdout
        .lines()
        .filter_map(|line| line.split_once(": ")?.1.split(' ').next())
        .collect();
    assert_eq!(answers, ["200", "200", "401", "503"], "{stdout}");
}

#[test]
fn private_key_jwt_example_gets_one_token_for_one_assertion() {
    let output = run_example("private_key_jwt", &[]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    let says = |name: &str| {
        let mut lines = stdout.lines().filter_map(|line| line.split_once(": "));
        lines.find(|line| line.0 == name).map(|line| line.1)
    };
    let starts = |name, with| says(name).is_some_and(|text| text.starts_with(with));
    assert!(starts("first", r#"200 OK {"access_token":"#), "{stdout}");
    assert!(starts("second", "401 Unauthorized"), "{stdout}");
    assert_eq!(says("for the log"), Some("replayed_assertion"), "{stdout}");
}

#[tokio::test]
async fn hyper_server_example_answers_like_the_one_on_axum() {
    let mut command = Command::new(binary("hyper_server"));
    command.arg("127.0.0.1:0");
    let server = spawn(command);
    let demo = Who::Basic("demo", "demo-secret");
    let answer = server.token(demo, &[CLIENT_CREDENTIALS]).await.granted();
    assert_eq!(answer.text("token_type"), "Bearer");
    let answer = server
        .token(demo.with_secret("wrong"), &[CLIENT_CREDENTIALS])
        .await;
    answer.refused(401, "invalid_client");
    let other = server
        .http
        .get(format!("{}/other", server.base))
        .send()
        .await;
    assert_eq!(
        other.expect("the server answers").status(),
        StatusCode::NOT_FOUND
    );
}

// ---- what takes too long or too much to show over HTTP ----

mod memory {
    use std::time::{Duration, SystemTime};

    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use tower_token_endpoint::ErrorCode;

    use super::{CALLBACK, CHALLENGE, VERIFIER, expiring::Expiring, vault};

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn code() -> vault::Code {
        let challenge = URL_SAFE_NO_PAD.decode(CHALLENGE).expect("base64url");
        let challenge = challenge.try_into().expect("a SHA-256");
        vault::Code::new(CALLBACK.to_owned(), challenge, Some("read".into()))
    }

    #[test]
    fn code_expires() {
        let mut vault = vault::Vault::new(10);
        let mut redeem = |after: Duration| {
            let code = vault.issue_code(code(), NOW);
            vault
                .redeem(&code, CALLBACK, VERIFIER, true, NOW + after)
                .map(|_| ())
                .map_err(|e| e.code())
        };
        assert_eq!(
            redeem(vault::CODE_LIFETIME - Duration::from_secs(1)),
            Ok(())
        );
        assert_eq!(redeem(vault::CODE_LIFETIME), Err(ErrorCode::InvalidGrant));
    }

    #[test]
    fn access_and_refresh_tokens_expire() {
        let mut vault = vault::Vault::new(10);
        let code = vault.issue_code(code(), NOW);
        let issued = vault
            .redeem(&code, CALLBACK, VERIFIER, true, NOW)
            .expect("the code is good");
        let refresh_token = issued.refresh_token.expect("asked for");
        let before = vault::ACCESS_LIFETIME - Duration::from_secs(1);
        assert!(vault.inspect(&issued.access_token, NOW + before).is_some());
        assert!(
            vault
                .inspect(&issued.access_token, NOW + vault::ACCESS_LIFETIME)
                .is_none()
        );
        assert!(
            vault
                .inspect(&refresh_token, NOW + vault::ACCESS_LIFETIME)
                .is_some()
        );
        let refreshed = vault.refresh(&refresh_token, None, NOW + vault::GRANT_LIFETIME);
        assert_eq!(
            refreshed.map(|_| ()).map_err(|e| e.code()),
            Err(ErrorCode::InvalidGrant)
        );
    }

    #[test]
    fn beyond_its_share_a_client_loses_its_own_oldest() {
        let mut vault = vault::Vault::new(3);
        let tokens: Vec<_> = (0..5)
            .map(|_| vault.issue(None, NOW).access_token)
            .collect();
        let kept: Vec<_> = tokens
            .iter()
            .map(|token| vault.inspect(token, NOW).is_some())
            .collect();
        assert_eq!(kept, [false, false, true, true, true]);
    }

    #[test]
    fn what_expired_or_was_removed_makes_room() {
        let mut map = Expiring::new(Duration::from_secs(10), 2);
        let at = |seconds| NOW + Duration::from_secs(seconds);
        map.insert("a".to_owned(), 1, at(0));
        map.insert("b".to_owned(), 2, at(5));
        map.remove("a");
        map.insert("c".to_owned(), 3, at(6));
        assert_eq!(map.get("b", at(7)).map(|found| *found.0), Some(2));
        map.insert("d".to_owned(), 4, at(15));
        assert!(map.get("b", at(15)).is_none(), "expired, not pushed out");
        assert_eq!(map.get("c", at(15)).map(|found| *found.0), Some(3));
        assert!(map.sweep(at(20)), "one is left");
        assert!(!map.sweep(at(25)), "nothing is left");
    }
}

#[path = "../examples/token_server/expiring.rs"]
mod expiring;
#[path = "../examples/token_server/vault.rs"]
#[expect(
    dead_code,
    reason = "the example uses all of it, the tests above what needs a clock"
)]
mod vault;

//! What a client with a document gets.

use serde_json::json;

use crate::common::token_server::*;
use crate::site::{Site, authorize, page, start_local};

#[tokio::test]
async fn public_client_gets_tokens_refreshes_and_revokes_them() {
    let (site, server) = (Site::start().await, start_local(&[]));
    let client = site.publish("/client.json", json!({}));
    let (access, refresh) = server.grant(client, "read").await;

    let resource = server.http.get(format!("{}/resource", server.base));
    let resource = |token: &str| resource.try_clone().expect("no body").bearer_auth(token);
    let response = resource(&access).send().await.expect("the server answers");
    let found = read(response).await.granted();
    assert_eq!(found.text("client_id"), client.id());
    assert_eq!(found.text("scope"), "read");

    let answer = server.refresh(client, &refresh).await.granted();
    let (access, refresh) = pair(&answer);
    let revoke = [("token", &*refresh)];
    server.post("/revoke", client, &revoke).await.granted();
    let response = resource(&access).send().await.expect("the server answers");
    assert_eq!(response.status(), 401);
    let answer = server.refresh(client, &refresh).await;
    answer.refused(400, "invalid_grant");
    assert_eq!(site.asked("/client.json"), 1, "the document is kept");
}

/// RFC 8252 §7.3.
#[tokio::test]
async fn native_client_may_have_another_port_at_its_loopback_redirect_uri() {
    let (site, server) = (Site::start().await, start_local(&[]));
    let uris =
        json!({ "redirect_uris": ["http://127.0.0.1/callback", "https://app.example.com/cb"] });
    let client = site.publish("/native.json", uris);
    for (redirect_uri, is_allowed) in [
        ("http://127.0.0.1:51004/callback", true),
        ("http://127.0.0.1/callback", true),
        ("https://app.example.com/cb", true),
        ("https://app.example.com:8443/cb", false),
        ("http://127.0.0.1:51004/other", false),
        ("http://app.example.com/cb", false),
    ] {
        let response = authorize(&server, client.id(), redirect_uri).await;
        if !is_allowed {
            let text = page(response, 400).await;
            assert!(text.contains("redirect URI"), "{redirect_uri}: {text}");
            continue;
        }
        assert_eq!(response.status(), 303, "{redirect_uri}");
        let (path, query) = location(&response);
        assert_eq!(path, redirect_uri);
        let code = value(&query, "code").expect("a code");
        let mut form = exchange(code);
        form[2].1 = redirect_uri;
        server.token(client, &form).await.granted();
    }
}

/// A document can list any URI, but a code goes nowhere by plain http.
#[tokio::test]
async fn listed_http_redirect_uri_of_another_machine_gets_no_code() {
    let (site, server) = (Site::start().await, start_local(&[]));
    let uri = "http://app.example.com/cb";
    let client = site.publish("/client.json", json!({ "redirect_uris": [uri] }));
    page(authorize(&server, client.id(), uri).await, 400).await;
}

#[tokio::test]
async fn client_gets_only_the_scope_and_the_grants_of_its_document() {
    let (site, server) = (Site::start().await, start_local(&[]));
    let bare = json!({ "scope": null, "grant_types": null });
    let client = site.publish("/bare.json", bare);
    let response = authorize(&server, client.id(), CALLBACK).await;
    let (_, query) = location(&response);
    let code = value(&query, "code").expect("a code");
    let answer = server.redeem(client, code).await.granted();
    assert_eq!(answer.json().get("scope"), None);
    assert_eq!(answer.json().get("refresh_token"), None);

    let scope = [
        ("response_type", "code"),
        ("client_id", client.id()),
        ("redirect_uri", CALLBACK),
        ("scope", "read"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let (_, query) = location(&server.authorize(&scope).await);
    assert_eq!(value(&query, "error"), Some("invalid_scope"));
}

#[tokio::test]
async fn code_of_a_client_is_unknown_to_another_client_of_the_same_host() {
    let (site, server) = (Site::start().await, start_local(&[]));
    let one = site.publish("/one.json", json!({}));
    let two = site.publish("/two.json", json!({}));
    let code = server.code(one, CALLBACK, "read").await;
    let answer = server.redeem(two, &code).await;
    answer.refused(400, "invalid_grant");
    server.redeem(one, &code).await.granted();
}

#[tokio::test]
async fn client_pushes_requests_and_starts_devices() {
    let (site, server) = (Site::start().await, start_local(&["--poll-interval", "1"]));
    let device_code = "urn:ietf:params:oauth:grant-type:device_code";
    let grants = json!({ "grant_types": ["authorization_code", device_code] });
    let client = site.publish("/client.json", grants);
    let pushed = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let answer = server.post("/par", client, &pushed).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let query = [
        ("client_id", client.id()),
        ("request_uri", answer.text("request_uri")),
    ];
    let (_, query) = location(&server.authorize(&query).await);
    let code = value(&query, "code").expect("a code");
    server.redeem(client, code).await.granted();

    let answer = server.post("/device_authorization", client, &[]).await;
    let answer = answer.granted();
    let page = server.http.get(answer.text("verification_uri_complete"));
    let page = page.send().await.expect("the server answers");
    assert_eq!(page.status(), 200);
    let form = [
        ("grant_type", device_code),
        ("device_code", answer.text("device_code")),
    ];
    server.token(client, &form).await.granted();
}

#[tokio::test]
async fn registered_client_is_served_as_without_documents_and_nothing_is_fetched_for_it() {
    let site = Site::start().await;
    let url = site.publish("/registered.json", json!({})).id();
    let clients = json!([{
        "client_id": url,
        "client_secret": "a-secret",
        "grant_types": ["client_credentials", "authorization_code"],
        "redirect_uris": [CALLBACK],
        "scope": "read",
    }]);
    let clients = clients_file("registered", &clients.to_string());
    let server = start_local(&["--clients", &clients.to_string_lossy()]);
    let registered = Who::Basic(url, "a-secret");
    let answer = server.token(registered, &[CLIENT_CREDENTIALS]).await;
    assert_eq!(answer.granted().text("scope"), "read");
    let code = server.code(registered, CALLBACK, "read").await;
    server.redeem(registered, &code).await.granted();
    // As it is registered, and not as its document says.
    let code = server.code(registered, CALLBACK, "read").await;
    let answer = server.redeem(Who::Public(url), &code).await;
    answer.refused(401, "invalid_client");
    assert_eq!(site.asked("/registered.json"), 0);
}

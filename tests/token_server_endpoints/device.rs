//! `POST /device_authorization`, `GET /device` and the device grant (RFC 8628).

use http::{StatusCode, header};

use crate::common::Reply;
use crate::common::token_server::*;

const DEVICE: Who = Who::Public("demo-device");

async fn ask(server: &Server, who: Who) -> Reply {
    let answer = server
        .post("/device_authorization", who, &[("scope", "read")])
        .await;
    answer.granted()
}

async fn poll(server: &Server, who: Who, device_code: &str) -> Reply {
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    server
        .token(who, &[("grant_type", grant), ("device_code", device_code)])
        .await
}

async fn open(server: &Server, user_code: &str) -> StatusCode {
    let page = server.http.get(format!("{}/device", server.base));
    let page = page.query(&[("user_code", user_code)]).send().await;
    page.expect("the server answers").status()
}

#[tokio::test]
async fn device_gets_tokens_after_its_user_has_opened_the_page() {
    let server = start(&["--poll-interval", "1"]);
    let answer = ask(&server, DEVICE).await;
    // RFC 8628 §3.2.
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    assert_eq!(answer.json()["expires_in"], 600);
    assert_eq!(answer.json()["interval"], 1);
    let page = format!("{}/device", server.base);
    let user_code = answer.text("user_code");
    assert_eq!(answer.text("verification_uri"), page);
    let complete = answer.text("verification_uri_complete");
    assert_eq!(complete, format!("{page}?user_code={user_code}"));
    // RFC 8628 §6.1.
    let letters =
        |part: &str| part.len() == 4 && part.bytes().all(|b| b"BCDFGHJKLMNPQRSTVWXZ".contains(&b));
    let (start, end) = user_code.split_once('-').expect("two parts");
    assert!(letters(start) && letters(end), "{user_code}");

    // RFC 8628 §3.5.
    let device_code = answer.text("device_code");
    let pending = poll(&server, DEVICE, device_code).await;
    pending.refused(400, "authorization_pending");
    let opened = server.http.get(complete).send().await;
    assert_eq!(opened.expect("the server answers").status(), StatusCode::OK);
    let tokens = poll(&server, DEVICE, device_code).await.granted();
    assert_eq!(tokens.text("scope"), "read");
    let refreshed = server.refresh(DEVICE, tokens.text("refresh_token")).await;
    refreshed.granted();

    // It works once.
    poll(&server, DEVICE, device_code)
        .await
        .refused(400, "invalid_grant");
}

#[tokio::test]
async fn who_polls_too_soon_has_to_slow_down() {
    let server = start(&["--poll-interval", "60"]);
    let answer = ask(&server, DEVICE).await;
    assert_eq!(answer.json()["interval"], 60);
    let device_code = answer.text("device_code");
    // RFC 8628 §3.5.
    for error in ["authorization_pending", "slow_down", "slow_down"] {
        let answer = poll(&server, DEVICE, device_code).await;
        answer.refused(400, error);
    }
    // Nothing is pending any more, so nobody has to wait.
    assert_eq!(
        open(&server, answer.text("user_code")).await,
        StatusCode::OK
    );
    poll(&server, DEVICE, device_code).await.granted();
}

#[tokio::test]
async fn device_code_is_good_only_for_its_client() {
    let path = clients_file(
        "devices",
        r#"[{"client_id": "a", "token_endpoint_auth_method": "none", "scope": "read",
             "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"]},
            {"client_id": "b", "client_secret": "b", "scope": "read",
             "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"]}]"#,
    );
    let server = start(&["--clients", &path.to_string_lossy()]);
    let (a, b) = (Who::Public("a"), Who::Basic("b", "b"));
    for (owner, other) in [(a, b), (b, a)] {
        let answer = ask(&server, owner).await;
        let device_code = answer.text("device_code");
        assert_eq!(answer.json()["interval"], 5);
        poll(&server, other, device_code)
            .await
            .refused(400, "invalid_grant");
        assert_eq!(
            open(&server, answer.text("user_code")).await,
            StatusCode::OK
        );
        poll(&server, other, device_code)
            .await
            .refused(400, "invalid_grant");
        let tokens = poll(&server, owner, device_code).await.granted();
        // The client is not registered for it.
        assert!(tokens.json().get("refresh_token").is_none());
    }
    let wrong = ask(&server, b).await;
    let wrong = poll(&server, b.with_secret("x"), wrong.text("device_code")).await;
    wrong.refused(401, "invalid_client");
    poll(&server, a, "unknown")
        .await
        .refused(400, "invalid_grant");
}

#[tokio::test]
async fn user_code_is_read_as_people_type_it_and_only_once() {
    let server = start(&[]);
    // RFC 8628 §6.1.
    let as_typed: [fn(&str) -> String; 5] = [
        str::to_owned,
        str::to_lowercase,
        |code| code.replace('-', ""),
        |code| code.replace('-', " "),
        |code| format!(" {} ", code.replace('-', ".").to_lowercase()),
    ];
    for typed in as_typed {
        let answer = ask(&server, DEVICE).await;
        let device_code = answer.text("device_code");
        let user_code = answer.text("user_code");
        for wrong in ["", "BBBB", device_code, &user_code[..8], "é", "BBBBBBBBB"] {
            assert_eq!(
                open(&server, wrong).await,
                StatusCode::BAD_REQUEST,
                "{wrong}"
            );
        }
        poll(&server, DEVICE, device_code)
            .await
            .refused(400, "authorization_pending");
        assert_eq!(open(&server, &typed(user_code)).await, StatusCode::OK);
        assert_eq!(open(&server, user_code).await, StatusCode::BAD_REQUEST);
        poll(&server, DEVICE, device_code).await.granted();
    }
    let page = server
        .http
        .get(format!("{}/device", server.base))
        .send()
        .await;
    let page = page.expect("the server answers");
    assert_eq!(page.status(), StatusCode::OK);
    assert!(
        page.text()
            .await
            .expect("a text")
            .contains("name=\"user_code\"")
    );
}

#[tokio::test]
async fn only_clients_of_the_grant_and_the_scope_get_a_device_code() {
    let server = start(&[]);
    for (section, who, scope, status, error) in [
        ("RFC 8628 §3.1", PUBLIC, "read", 400, "unauthorized_client"),
        ("RFC 8628 §3.1", BASIC, "read", 400, "unauthorized_client"),
        (
            "RFC 8628 §3.1",
            Who::Public("nobody"),
            "read",
            401,
            "invalid_client",
        ),
        ("RFC 6749 §3.3", DEVICE, "admin", 400, "invalid_scope"),
        ("RFC 6749 §3.3", DEVICE, "read  read", 400, "invalid_scope"),
    ] {
        let answer = server
            .post("/device_authorization", who, &[("scope", scope)])
            .await;
        assert_eq!(answer.json()["error"], error, "{section} {}", who.id());
        answer.refused(status, error);
    }
    // RFC 6749 §3.3: without a scope, it is the registered one.
    let answer = server
        .post("/device_authorization", DEVICE, &[])
        .await
        .granted();
    assert_eq!(
        open(&server, answer.text("user_code")).await,
        StatusCode::OK
    );
    let tokens = poll(&server, DEVICE, answer.text("device_code"))
        .await
        .granted();
    assert_eq!(tokens.text("scope"), "read write");
}

#[tokio::test]
async fn client_with_its_share_of_device_codes_gets_no_more_and_loses_none() {
    // With this many clients, each may have 16.
    let device = |nth| {
        serde_json::json!({
            "client_id": format!("client-{nth}"), "token_endpoint_auth_method": "none",
            "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "scope": "read"
        })
    };
    let clients: Vec<_> = (0..12_500).map(device).collect();
    let path = clients_file("many_devices", &serde_json::json!(clients).to_string());
    let server = start(&["--clients", &path.to_string_lossy()]);
    let (stranger, other) = (Who::Public("client-0"), Who::Public("client-1"));
    let mut all = vec![(other, ask(&server, other).await)];
    for _ in 0..16 {
        all.push((stranger, ask(&server, stranger).await));
    }
    let form = [("scope", "read")];
    for _ in 0..20 {
        let answer = server.post("/device_authorization", stranger, &form).await;
        answer.refused(429, "temporarily_unavailable");
        answer.comes_back_after(10);
    }
    for (who, answer) in all {
        assert_eq!(
            open(&server, answer.text("user_code")).await,
            StatusCode::OK
        );
        poll(&server, who, answer.text("device_code"))
            .await
            .granted();
    }
    ask(&server, stranger).await;
}

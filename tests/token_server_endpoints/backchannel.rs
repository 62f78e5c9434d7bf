//! `POST /backchannel_authentication` and the CIBA grant (OpenID Connect CIBA Core).

use std::time::Duration;

use http::header;
use serde_json::json;

use crate::common::Reply;
use crate::common::token_server::*;

const CIBA: Who = Who::Basic("demo-ciba", "demo-ciba-secret");
const SCOPE: (&str, &str) = ("scope", "read");
const USER: (&str, &str) = ("login_hint", "demo-user");

async fn ask(server: &Server, who: Who, form: &[(&str, &str)]) -> Reply {
    server.post("/backchannel_authentication", who, form).await
}

async fn poll(server: &Server, who: Who, auth_req_id: &str) -> Reply {
    let grant = "urn:openid:params:grant-type:ciba";
    server
        .token(who, &[("grant_type", grant), ("auth_req_id", auth_req_id)])
        .await
}

async fn wait() {
    tokio::time::sleep(Duration::from_millis(1100)).await;
}

#[tokio::test]
async fn demo_user_approves_at_the_second_poll() {
    let server = start(&["--poll-interval", "1"]);
    let answer = ask(&server, CIBA, &[SCOPE, USER]).await.granted();
    // CIBA Core §7.3.
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    assert_eq!(answer.json()["expires_in"], 300);
    assert_eq!(answer.json()["interval"], 1);
    let id = answer.text("auth_req_id");
    assert_eq!(id.len(), 43);

    // CIBA Core §11.
    poll(&server, CIBA, id)
        .await
        .refused(400, "authorization_pending");
    wait().await;
    // It is of another client, and stays good.
    let other = Who::Basic("demo-exchange", "demo-exchange-secret");
    poll(&server, other, id)
        .await
        .refused(400, "unauthorized_client");
    let tokens = poll(&server, CIBA, id).await.granted();
    assert_eq!(tokens.text("scope"), "read");
    server
        .refresh(CIBA, tokens.text("refresh_token"))
        .await
        .granted();
    poll(&server, CIBA, id).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn poll_that_is_too_soon_is_told_to_slow_down_and_does_not_count() {
    let server = start(&["--poll-interval", "60"]);
    let answer = ask(&server, CIBA, &[SCOPE, USER]).await.granted();
    let id = answer.text("auth_req_id");
    // CIBA Core §11.
    for error in ["authorization_pending", "slow_down", "slow_down"] {
        poll(&server, CIBA, id).await.refused(400, error);
    }
}

#[tokio::test]
async fn auth_req_id_is_good_only_for_its_client_and_until_it_expires() {
    let client = |id: &str| {
        json!({
            "client_id": id, "client_secret": id, "scope": "read",
            "grant_types": ["urn:openid:params:grant-type:ciba"]
        })
    };
    let clients = json!([client("a"), client("b")]).to_string();
    let path = clients_file("ciba", &clients);
    let server = start(&["--poll-interval=1", "--clients", &path.to_string_lossy()]);
    let (a, b) = (Who::Basic("a", "a"), Who::Basic("b", "b"));
    let answer = ask(&server, a, &[SCOPE, USER]).await.granted();
    let id = answer.text("auth_req_id");
    let form = [SCOPE, USER, ("requested_expiry", "1")];
    let short = ask(&server, a, &form).await.granted();
    assert_eq!(short.json()["expires_in"], 1);

    poll(&server, a, id)
        .await
        .refused(400, "authorization_pending");
    for _ in 0..3 {
        poll(&server, b, id).await.refused(400, "invalid_grant");
    }
    wait().await;
    poll(&server, b, id).await.refused(400, "invalid_grant");
    let tokens = poll(&server, a, id).await.granted();
    assert!(tokens.json().get("refresh_token").is_none());

    let expired = poll(&server, a, short.text("auth_req_id")).await;
    expired.refused(400, "expired_token");
}

#[tokio::test]
async fn requests_that_the_user_never_sees() {
    let path = clients_file(
        "modes",
        r#"[{"client_id": "poll", "client_secret": "x", "scope": "read",
             "grant_types": ["urn:openid:params:grant-type:ciba"]},
            {"client_id": "ping", "client_secret": "x", "scope": "read",
             "grant_types": ["urn:openid:params:grant-type:ciba"],
             "backchannel_token_delivery_mode": "ping",
             "backchannel_client_notification_endpoint": "https://client.example.com/cb"},
            {"client_id": "none", "client_secret": "x", "scope": "read"}]"#,
    );
    let server = start(&["--clients", &path.to_string_lossy()]);
    let ok = Who::Basic("poll", "x");
    let token = (
        "client_notification_token",
        "8d67dc78-7faa-4d41-aabd-67707b374255",
    );
    type Row<'a> = (&'a str, Who, &'a [(&'a str, &'a str)], u16, &'a str);
    let rows: [Row; 15] = [
        (
            "CIBA §13",
            ok,
            &[SCOPE, ("login_hint", "nobody")],
            400,
            "unknown_user_id",
        ),
        (
            "CIBA §13",
            ok,
            &[SCOPE, ("login_hint", "DEMO-USER")],
            400,
            "unknown_user_id",
        ),
        (
            "CIBA §13",
            ok,
            &[SCOPE, ("login_hint_token", "e30.e30.")],
            400,
            "unknown_user_id",
        ),
        (
            "CIBA §13",
            ok,
            &[SCOPE, ("id_token_hint", "e30.e30.")],
            400,
            "unknown_user_id",
        ),
        ("CIBA §7.1", ok, &[SCOPE], 400, "invalid_request"),
        (
            "CIBA §7.1",
            ok,
            &[SCOPE, USER, ("id_token_hint", "e30.e30.")],
            400,
            "invalid_request",
        ),
        ("CIBA §7.1", ok, &[USER], 400, "invalid_request"),
        (
            "CIBA §7.1",
            ok,
            &[SCOPE, USER, ("requested_expiry", "0")],
            400,
            "invalid_request",
        ),
        (
            "CIBA §7.1",
            ok,
            &[SCOPE, USER, ("requested_expiry", "soon")],
            400,
            "invalid_request",
        ),
        (
            "CIBA §7.1.1",
            ok,
            &[SCOPE, USER, ("request", "e30.e30.")],
            400,
            "invalid_request",
        ),
        (
            "CIBA §13",
            ok,
            &[("scope", "admin"), USER],
            400,
            "invalid_scope",
        ),
        (
            "CIBA §13",
            Who::Basic("ping", "x"),
            &[SCOPE, USER, token],
            400,
            "unauthorized_client",
        ),
        (
            "CIBA §13",
            Who::Basic("none", "x"),
            &[SCOPE, USER],
            400,
            "unauthorized_client",
        ),
        (
            "CIBA §13",
            ok.with_secret("y"),
            &[SCOPE, USER],
            401,
            "invalid_client",
        ),
        (
            "CIBA §7.1",
            Who::Public("poll"),
            &[SCOPE, USER],
            401,
            "invalid_client",
        ),
    ];
    for (section, who, form, status, error) in rows {
        let answer = ask(&server, who, form).await;
        assert_eq!(answer.json()["error"], error, "{section} {form:?}");
        answer.refused(status, error);
    }
    let form = [
        SCOPE,
        USER,
        ("requested_expiry", "86400"),
        ("binding_message", "W4SCT"),
    ];
    let answer = ask(&server, ok, &form).await.granted();
    assert_eq!(answer.json()["expires_in"], 300);
    assert_eq!(answer.json()["interval"], 5);
}

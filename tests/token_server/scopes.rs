//! A client that registered no scope.

use reqwest::StatusCode;

use crate::authorize::request;
use crate::common::token_server::*;

const WHO: Who = Who::Basic("service", "service-secret");

fn start_without_scope() -> Server {
    let path = clients_file(
        "scopes",
        r#"[{"client_id": "service", "client_secret": "service-secret",
             "grant_types": ["client_credentials", "authorization_code", "refresh_token"],
             "redirect_uris": ["http://localhost:8080/callback"]}]"#,
    );
    start(&["--clients", &path.to_string_lossy()])
}

#[tokio::test]
async fn client_without_a_registered_scope_gets_none_for_itself() {
    let server = start_without_scope();
    let answer = server.token(WHO, &[CLIENT_CREDENTIALS]).await.granted();
    assert!(answer.json().get("scope").is_none(), "{answer:?}");
    let token = answer.text("access_token");
    assert!(server.introspect(WHO, token).await.get("scope").is_none());
    for scope in ["read", "admin", "read write", "openid"] {
        let form = [CLIENT_CREDENTIALS, ("scope", scope)];
        let answer = server.token(WHO, &form).await;
        answer.refused(400, "invalid_scope");
        assert!(answer.text("error_description").contains("scope"));
    }
}

#[tokio::test]
async fn client_without_a_registered_scope_gets_none_by_a_code() {
    let server = start_without_scope();
    // A parameter without a value is as if it were left out (RFC 6749 §3.1).
    let code = server.code(WHO, CALLBACK, "").await;
    let answer = server.redeem(WHO, &code).await.granted();
    assert!(answer.json().get("scope").is_none(), "{answer:?}");
    let refresh = answer.text("refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("scope", "read"),
    ];
    let refused = server.token(WHO, &form).await;
    refused.refused(400, "invalid_scope");
    let answer = server.refresh(WHO, refresh).await.granted();
    assert!(answer.json().get("scope").is_none(), "{answer:?}");

    let query = request(&[("client_id", WHO.id()), ("scope", "read")]);
    let response = server.authorize(&query).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let (_, query) = location(&response);
    assert_eq!(value(&query, "error"), Some("invalid_scope"));
    assert_eq!(value(&query, "code"), None);
}

//! `POST /introspect` and `POST /revoke`.

use serde_json::json;

use crate::common::token_server::*;

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
    assert_eq!(*answer.json(), json!({}));
    assert!(!server.is_active(BASIC, &access).await);
    server.refresh(BASIC, &refresh).await.granted();
}

#[tokio::test]
async fn revoked_refresh_token_takes_its_access_tokens_along() {
    let server = start(&[]);
    // The hint is only a hint, also if it is wrong (RFC 7009 §2.1).
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
            assert_eq!(*answer.json(), json!({}));
        }
    }
    assert!(server.is_active(BASIC, &access).await);
    server.refresh(BASIC, &refresh).await.granted();
}

//! `POST /token`: refresh_token.

use crate::common::token_server::*;

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

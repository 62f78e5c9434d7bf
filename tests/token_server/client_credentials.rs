//! `POST /token`: client_credentials.

use reqwest::header;

use crate::common::token_server::*;

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
        assert!(answer.json()["expires_in"].is_u64(), "{}", answer.json());
        assert_eq!(
            answer.text("access_token").len(),
            43,
            "256 bits in base64url"
        );
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(answer.headers[header::PRAGMA], "no-cache");
        assert!(
            answer.json().get("refresh_token").is_none(),
            "RFC 6749 §4.4.3"
        );
    }
}

#[tokio::test]
async fn clients_with_hashed_secrets_get_a_token_and_only_with_their_secret() {
    let server = start(&[]);
    for who in [ARGON2, BCRYPT, PBKDF2, NEW_SECRET, OLD_SECRET] {
        let answer = server.token(who, &[CLIENT_CREDENTIALS]).await.granted();
        assert_eq!(answer.text("scope"), "read write");
        let wrong = who.with_secret("demo-basic-secret");
        let answer = server.token(wrong, &[CLIENT_CREDENTIALS]).await;
        answer.refused(401, "invalid_client");
    }
}

#[tokio::test]
async fn hashed_secrets_of_a_clients_file_are_accepted() {
    // Of the secret `gX1fBat3bV`, by bcrypt for Python.
    let path = clients_file(
        "hashed",
        r#"[{"client_id": "a", "grant_types": ["client_credentials"], "client_secrets": [
             {"hash": "$2b$04$S8EkAeRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphpW2"},
             {"secret": "expired", "expires_at": 1000000000}]}]"#,
    );
    let server = start(&["--clients", &path.to_string_lossy()]);
    let right = Who::Basic("a", "gX1fBat3bV");
    server.token(right, &[CLIENT_CREDENTIALS]).await.granted();
    for secret in ["expired", "gX1fBat3bW"] {
        let wrong = right.with_secret(secret);
        let answer = server.token(wrong, &[CLIENT_CREDENTIALS]).await;
        answer.refused(401, "invalid_client");
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

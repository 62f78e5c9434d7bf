//! Secrets come and go while requests are served.

use tokio::time::{Duration, sleep};

use super::{APP, Database, post, post_as, secret};

#[tokio::test]
async fn both_secrets_are_accepted_until_the_old_one_expires() {
    let (database, old) = Database::with_app().await;
    let app = database.app();
    let added = database.clients.add_secret("app", 1).await.expect("added");
    let new = secret(&added);
    assert_eq!(added["also_accepted"], serde_json::json!([1]));
    database
        .execute("UPDATE client_secrets SET expires_at = unixepoch() + 2 WHERE number = 1")
        .await;
    post(&app, &old).await.is(200);
    post(&app, &new).await.is(200);
    sleep(Duration::from_millis(2_100)).await;
    post(&app, &old).await.is(401);
    post(&app, &new).await.is(200);
}

#[tokio::test]
async fn an_expired_secret_gets_the_401_of_an_unknown_client() {
    let (database, only) = Database::with_app().await;
    let app = database.app();
    database
        .execute("UPDATE client_secrets SET expires_at = unixepoch()")
        .await;
    let (expired, unknown) = (
        post(&app, &only).await,
        post_as(&app, "nobody", &only).await,
    );
    expired.is(401);
    unknown.is(401);
    assert_eq!(expired.body, unknown.body);
    assert!(expired.retry_after.is_none());
}

#[tokio::test]
async fn a_revoked_secret_is_refused_at_once() {
    let (database, first) = Database::with_app().await;
    let app = database.app();
    let second = database.clients.add_secret("app", 1).await.expect("added");
    let number = second["number"].as_i64().expect("a number");
    let second = secret(&second);

    database.clients.revoke("app", 1).await.expect("revoked");
    post(&app, &first).await.is(401);
    post(&app, &second).await.is(200);
    database
        .clients
        .revoke("app", number)
        .await
        .expect("revoked");
    post(&app, &second).await.is(401);

    // Rotation after that begins anew, and the revoked ones are gone.
    let third = database.clients.add_secret("app", 1).await.expect("added");
    assert_eq!(third["also_accepted"], serde_json::json!([]));
    assert_eq!(third["number"], 3);
    post(&app, &secret(&third)).await.is(200);
    post(&app, &second).await.is(401);
}

#[tokio::test]
async fn what_cannot_be_changed_is_an_error() {
    let (database, secret) = Database::with_app().await;
    let clients = &database.clients;
    let nothing = |()| serde_json::Value::Null;
    for (changed, says) in [
        (clients.add_client(APP, 1).await, "UNIQUE"),
        (clients.add_client("{", 1).await, "EOF"),
        (
            clients.add_client(r#"{"scope": "a"}"#, 1).await,
            "client_id",
        ),
        (
            clients
                .add_client(r#"{"client_id": "b", "client_secret": "canary"}"#, 1)
                .await,
            "leave the secret out",
        ),
        (
            clients.add_secret("nobody", 1).await,
            "no client has the id \"nobody\"",
        ),
        (
            clients.revoke("app", 2).await.map(nothing),
            "\"app\" has no secret 2",
        ),
        (
            clients.revoke("other", 1).await.map(nothing),
            "\"other\" has no secret 1",
        ),
    ] {
        let error = changed.expect_err(says).to_string();
        assert!(error.contains(says), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
    post(&database.app(), &secret).await.is(200);
}

#[tokio::test]
async fn the_database_has_no_secret_in_the_open() {
    let (database, first) = Database::with_app().await;
    let second = database.clients.add_secret("app", 1).await.expect("added");
    database.clients.pool().close().await;
    for file in std::fs::read_dir(database.folder.path()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("readable");
        for secret in [
            first.as_str(),
            second["client_secret"].as_str().expect("one"),
        ] {
            let is_there = bytes.windows(43).any(|window| window == secret.as_bytes());
            assert!(!is_there);
        }
    }
}

#[tokio::test]
async fn a_slow_hash_in_the_table_is_verified() {
    let database = Database::new().await;
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$ZGVtby1hcmdvbjItc2FsdA$iBDpa/qdUs4ucROlAx9GpwZJQz4oz0YvPwHP0E8z5Gc";
    database
        .execute(&format!(
            "INSERT INTO clients VALUES ('app', '{APP}');
             INSERT INTO client_secrets (client_id, hash) VALUES ('app', '{hash}')"
        ))
        .await;
    let app = database.app();
    post(&app, "demo-argon2-secret").await.is(200);
    post(&app, "demo-argon2-secreT").await.is(401);
}

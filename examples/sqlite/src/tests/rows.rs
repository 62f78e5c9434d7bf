//! What a row becomes: a client, or an error that names it.

use std::{fs::File, sync::Arc};

use http::Request;
use serde_json::json;
use tower_token_endpoint::{Client, store::ClientStore as _, testing};

use super::{APP, Database, post};
use crate::store::SqliteClients;

async fn holding(clients: SqliteClients, registered: Vec<Client>) -> SqliteClients {
    let hash = format!("sha256:{}", "0".repeat(64));
    for client in registered {
        for sql in [
            "INSERT INTO clients (client_id, metadata) VALUES (?1, ?2)",
            "INSERT INTO client_secrets (client_id, hash) VALUES (?1, ?3)",
        ] {
            let inserted = sqlx::query(sql)
                .bind(client.client_id())
                .bind(json!(client).to_string())
                .bind(&hash)
                .execute(clients.pool());
            inserted.await.expect("inserted");
        }
    }
    clients
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_keeps_the_contract_in_a_file() {
    let database = Database::new().await;
    testing::client_store(async |clients| holding(database.clients.clone(), clients).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_keeps_the_contract_in_memory() {
    testing::client_store(async |clients| {
        holding(
            SqliteClients::in_memory().await.expect("a database"),
            clients,
        )
        .await
    })
    .await;
}

#[tokio::test]
async fn metadata_reads_back_as_the_client_that_was_written() {
    let database = Database::new().await;
    for metadata in [
        json!({"client_id": "minimal"}),
        json!({
            "client_id": "https://client.example.com/ä 'x'",
            "client_name": "Ä",
            "client_name#de": "\u{1f511}",
            "token_endpoint_auth_methods": ["client_secret_basic", "client_secret_post"],
            "grant_types": ["authorization_code", "refresh_token", "urn:x:y"],
            "scope": "read write",
            "redirect_uris": ["https://client.example.com/cb?x='"],
            "contacts": ["a@example.com"],
            "number": 1.5,
        }),
        json!({"client_id": "public", "token_endpoint_auth_method": "none", "scope": ""}),
        json!({
            "client_id": "signs",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": "https://client.example.com/jwks",
        }),
    ] {
        let (wanted, clients) = (written(&metadata), &database.clients);
        let added = clients.add_client(&metadata.to_string(), 1).await;
        let added = added.expect("added");
        let has_secret = metadata["token_endpoint_auth_method"].is_null();
        assert_eq!(added["client_secret"].is_string(), has_secret, "{metadata}");

        let (request, ()) = Request::post("/token")
            .body(())
            .expect("a request")
            .into_parts();
        let client_id = metadata["client_id"].as_str().expect("a text");
        let found = clients.find(client_id, &request).await.expect("readable");
        assert_eq!(json!(found), wanted);
        for (name, value) in metadata.as_object().expect("an object") {
            assert_eq!(wanted[name], *value, "{name}");
        }
    }
}

fn written(metadata: &serde_json::Value) -> serde_json::Value {
    let mut metadata = metadata.clone();
    metadata["client_secret"] = json!("s");
    json!(Client::from_json(metadata.to_string().as_bytes()).expect("a client"))
}

/// The client has done nothing wrong, so it gets no 401, and the operator is told which row it is.
#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_outage_whose_event_names_it() {
    for (change, cause) in [
        ("clients SET metadata = ''", "EOF while parsing"),
        ("clients SET metadata = '{'", "EOF while parsing"),
        ("clients SET metadata = '[]'", "invalid type: sequence"),
        ("clients SET metadata = '{}'", "client_id"),
        ("clients SET metadata = CAST(x'ff' AS TEXT)", "utf-8"),
        (
            "clients SET metadata = json_set(metadata, '$.scope', 'a  b')",
            "`scope`",
        ),
        (
            "clients SET metadata = json_set(metadata, '$.client_id', 'other')",
            "has the client_id \\\"other\\\"",
        ),
        ("client_secrets SET hash = ''", "secret 1: "),
        (
            "client_secrets SET hash = 'sha256:0'",
            "secret 1: `sha256:` must be",
        ),
        ("client_secrets SET hash = '$argon2id$v=19'", "secret 1: "),
        ("client_secrets SET expires_at = -1", "secret 1: "),
        ("client_secrets SET client_id = 'other'", "client_secret"),
    ] {
        let (database, secret) = Database::with_app().await;
        // As in a database that another program has written.
        database
            .execute(&format!(
                "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; UPDATE {change}"
            ))
            .await;
        let (log, file) = log();
        let reply = {
            let _guard = tracing::subscriber::set_default(log);
            post(&database.app(), &secret).await
        };
        reply.is_outage();
        let log = std::fs::read_to_string(file.path()).expect("a log");
        let event = log.lines().find(|line| line.contains("store_unavailable"));
        let event = event.unwrap_or_else(|| panic!("{change}: {log}"));
        assert!(event.contains("ERROR"), "{change}: {event}");
        let row = "the row of the client \\\"app\\\" cannot be read";
        assert!(event.contains(row), "{change}: {event}");
        assert!(event.contains(cause), "{change}: {event}");
        assert!(!reply.body.contains("row"), "{change}: {}", reply.body);
    }
}

fn log() -> (impl tracing::Subscriber, tempfile::NamedTempFile) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let writer: Arc<File> = Arc::new(file.reopen().expect("the same file"));
    let log = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(writer);
    (log.finish(), file)
}

#[tokio::test]
async fn the_tables_refuse_what_could_not_be_read() {
    let (database, _secret) = Database::with_app().await;
    for change in [
        "UPDATE clients SET metadata = '{'",
        "UPDATE clients SET metadata = '[]'",
        "UPDATE clients SET metadata = '{}'",
        "UPDATE clients SET metadata = x'7b7d'",
        "UPDATE clients SET metadata = NULL",
        "UPDATE clients SET metadata = json_set(metadata, '$.client_id', 'other')",
        "UPDATE clients SET client_id = 'other'",
        "UPDATE client_secrets SET client_id = 'other'",
        "UPDATE client_secrets SET expires_at = 0",
        "UPDATE client_secrets SET expires_at = 1893456000000",
        "UPDATE client_secrets SET expires_at = 'tomorrow'",
        "UPDATE client_secrets SET hash = NULL",
        "INSERT INTO client_secrets (client_id, hash) SELECT client_id, hash FROM client_secrets",
    ] {
        let executed = sqlx::raw_sql(change).execute(database.clients.pool()).await;
        assert!(executed.is_err(), "{change}");
    }
    let changed = sqlx::query("UPDATE clients SET metadata = ?").bind(APP);
    changed
        .execute(database.clients.pool())
        .await
        .expect("as it was");
}

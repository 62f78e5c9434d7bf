//! The database is gone, locked, slow or busy. A client gets a 503, in time, and never a 401.

use std::time::Duration;

use sqlx::{Connection as _, SqliteConnection};

use super::{APP, Database, post, secret, within};
use crate::{
    DEADLINE,
    store::{CONNECTIONS, SqliteClients, WAIT},
};

#[tokio::test]
async fn a_closed_database_is_an_outage() {
    let (database, secret) = Database::with_app().await;
    let app = database.app();
    database.clients.pool().close().await;
    post(&app, &secret).await.is_outage();
    post(&app, "wrong").await.is_outage();
}

/// New connections find no file, or another one. Those that are open still have the old one.
#[tokio::test]
async fn a_file_that_is_gone_is_an_outage() {
    let (database, secret) = Database::with_app().await;
    let app = database.app();
    database.close_connections().await;
    std::fs::remove_file(database.folder.path().join("clients.db")).expect("removed");
    post(&app, &secret).await.is_outage();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_outage() {
    let (database, secret) = Database::with_app().await;
    let app = database.app();
    database.close_connections().await;
    std::fs::write(database.folder.path().join("clients.db"), [b'x'; 8192]).expect("written");
    post(&app, &secret).await.is_outage();
}

#[tokio::test]
async fn a_table_that_is_gone_is_an_outage() {
    let (database, secret) = Database::with_app().await;
    let app = database.app();
    database
        .execute("ALTER TABLE clients RENAME TO others")
        .await;
    post(&app, &secret).await.is_outage();
    database
        .execute("ALTER TABLE others RENAME TO clients")
        .await;
    post(&app, &secret).await.is(200);
}

#[tokio::test]
async fn a_server_makes_no_new_database() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("typo.db");
    let opened = SqliteClients::file(&file, false).await;
    assert!(opened.is_err());
    assert!(!file.exists());
}

/// Of another process, which changes the clients for a long time.
#[tokio::test]
async fn a_write_lock_delays_no_request() {
    let (database, secret) = Database::with_app().await;
    let app = database.app();
    let mut other = database.connect().await;
    run(&mut other, "BEGIN EXCLUSIVE; DELETE FROM clients").await;
    let reply = post(&app, &secret).await;
    reply.is(200);
    assert!(reply.took < WAIT, "{:?}", reply.took);
    run(&mut other, "ROLLBACK").await;
}

#[tokio::test]
async fn a_locked_database_is_an_outage_before_the_deadline() {
    let (database, secret) = Database::with_app().await;
    let app = database.app();
    database.close_connections().await;
    let mut other = database.connect().await;
    run(
        &mut other,
        "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE",
    )
    .await;
    let reply = post(&app, &secret).await;
    reply.is_outage();
    assert!(reply.took < DEADLINE, "{:?}", reply.took);
    other.close().await.expect("closed");
    post(&app, &secret).await.is(200);
}

#[tokio::test]
async fn a_lock_in_memory_is_an_outage_at_the_deadline() {
    let clients = SqliteClients::in_memory().await.expect("a database");
    let secret = secret(&clients.add_client(APP, 1).await.expect("added"));
    let app = within(&clients, Duration::from_millis(300));
    let mut writing = clients.pool().begin().await.expect("begun");
    run(&mut writing, "DELETE FROM clients").await;
    post(&app, &secret).await.is_outage();
    writing.rollback().await.expect("rolled back");
    post(&app, &secret).await.is(200);
}

#[tokio::test]
async fn an_empty_pool_is_an_outage_before_the_deadline() {
    let (database, secret) = Database::with_app().await;
    let app = database.app();
    let mut others = Vec::new();
    for _ in 0..CONNECTIONS {
        others.push(
            database
                .clients
                .pool()
                .acquire()
                .await
                .expect("one is free"),
        );
    }
    let reply = post(&app, &secret).await;
    reply.is_outage();
    assert!(
        reply.took >= WAIT && reply.took < DEADLINE,
        "{:?}",
        reply.took
    );
    drop(others);
    post(&app, &secret).await.is(200);
}

/// The layer gives up, the database does not. So no more lookups run than there are connections.
#[tokio::test]
async fn a_slow_database_is_an_outage_at_the_deadline_and_keeps_its_connection() {
    const DEADLINE: Duration = Duration::from_millis(300);
    let (database, secret) = Database::with_app().await;
    let app = within(&database.clients, DEADLINE);
    // A lookup counts to a number first, which takes seconds.
    database
        .execute(
            "ALTER TABLE clients RENAME TO stored;
             CREATE VIEW clients AS WITH RECURSIVE numbers (n) AS
                 (VALUES (0) UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000000)
             SELECT * FROM stored WHERE (SELECT max(n) FROM numbers) > 0",
        )
        .await;
    let pool = database.clients.pool();
    for _ in 0..CONNECTIONS + 2 {
        let reply = post(&app, &secret).await;
        reply.is_outage();
        assert!(
            reply.took >= DEADLINE && reply.took < WAIT,
            "{:?}",
            reply.took
        );
    }
    assert_eq!((pool.size(), pool.num_idle()), (CONNECTIONS, 0));
}

impl Database {
    /// A connection of another process.
    async fn connect(&self) -> SqliteConnection {
        let file = self.folder.path().join("clients.db");
        let connected = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await;
        connected.expect("connected")
    }

    /// The next lookup opens a new one.
    async fn close_connections(&self) {
        while self.clients.pool().size() > 0 {
            let connection = self.clients.pool().acquire().await.expect("one is free");
            connection.close().await.expect("closed");
        }
    }
}

async fn run(connection: &mut SqliteConnection, sql: &str) {
    let executed = sqlx::raw_sql(sql).execute(connection).await;
    executed.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

//! The store in a server, with databases in files and in memory.

mod outage;
mod rotation;
mod rows;

use std::time::{Duration, Instant};

use axum::{Router, body::Body};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::{DEADLINE, app, store::SqliteClients};

const APP: &str = r#"{"client_id": "app", "grant_types": ["client_credentials"]}"#;

/// A database in a file of its own.
struct Database {
    clients: SqliteClients,
    folder: TempDir,
}

impl Database {
    async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let clients = SqliteClients::file(folder.path().join("clients.db"), true).await;
        let clients = clients.expect("a new database");
        Self { clients, folder }
    }

    /// With one client, and its secret.
    async fn with_app() -> (Self, String) {
        let database = Self::new().await;
        let secret = secret(&database.clients.add_client(APP, 1).await.expect("added"));
        (database, secret)
    }

    async fn execute(&self, sql: &str) {
        let executed = sqlx::raw_sql(sql).execute(self.clients.pool()).await;
        executed.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn app(&self) -> Router {
        within(&self.clients, DEADLINE)
    }
}

fn within(clients: &SqliteClients, deadline: Duration) -> Router {
    app(clients.clone(), "https://as.example.com", deadline).expect("the settings are right")
}

fn secret(added: &Value) -> String {
    added["client_secret"]
        .as_str()
        .expect("a secret")
        .to_owned()
}

struct Reply {
    status: StatusCode,
    retry_after: Option<String>,
    body: String,
    took: Duration,
}

/// A token request of `app` with this secret.
async fn post(app: &Router, secret: &str) -> Reply {
    post_as(app, "app", secret).await
}

async fn post_as(app: &Router, client_id: &str, secret: &str) -> Reply {
    let basic = STANDARD.encode(format!("{client_id}:{secret}"));
    let basic = format!("Basic {basic}");
    let request = Request::post("/token")
        .header(header::AUTHORIZATION, basic)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("grant_type=client_credentials"))
        .expect("a request");
    let start = Instant::now();
    let Ok(response) = app.clone().oneshot(request).await;
    let took = start.elapsed();
    let (head, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Reply {
        status: head.status,
        retry_after: head
            .headers
            .get(header::RETRY_AFTER)
            .map(|it| it.to_str().expect("a number").to_owned()),
        body: String::from_utf8(body.into()).expect("JSON"),
        took,
    }
}

impl Reply {
    #[track_caller]
    fn is(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.body);
    }

    /// A client that gets this keeps its registration, and tries again.
    #[track_caller]
    fn is_outage(&self) {
        self.is(503);
        assert!(self.retry_after.is_some());
        assert!(
            self.body.contains("temporarily_unavailable"),
            "{}",
            self.body
        );
    }
}

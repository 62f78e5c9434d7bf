//! A site with documents, and a server that fetches them from this machine.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse as _;
use reqwest::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::certificates::CA;
use crate::common::listen;
use crate::common::token_server::*;

pub(crate) const DOCUMENTS: &str = "--client-documents";
pub(crate) const LOCAL_DOCUMENTS: &str = "--dangerously-allow-local-client-documents";

/// What there is at a path: a status and a body, and how often it was asked for.
type Pages = HashMap<String, (StatusCode, String, usize)>;

/// Serves documents on loopback.
pub(crate) struct Site {
    /// Without a slash at its end.
    pub(crate) origin: String,
    pub(crate) app: Router,
    pages: Arc<Mutex<Pages>>,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let (listener, address) = listen().await;
        let site = Self::at(&format!("http://{address}"));
        site.serve(listener);
        site
    }

    /// A site that does not listen yet.
    pub(crate) fn at(origin: &str) -> Self {
        let pages: Arc<Mutex<Pages>> = Arc::default();
        let found = Arc::clone(&pages);
        let app = Router::new().fallback(async move |uri: Uri| {
            let mut pages = found.lock().expect("no panic before");
            let Some((status, body, asked)) = pages.get_mut(uri.path()) else {
                return StatusCode::NOT_FOUND.into_response();
            };
            *asked += 1;
            let json = [(header::CONTENT_TYPE, "application/json")];
            (*status, json, body.clone()).into_response()
        });
        Self {
            origin: origin.to_owned(),
            app,
            pages,
        }
    }

    pub(crate) fn serve(&self, listener: TcpListener) {
        let app = self.app.clone();
        tokio::spawn(async { axum::serve(listener, app).await });
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub(crate) fn put(&self, path: &str, status: StatusCode, body: &str) {
        let mut pages = self.pages.lock().expect("no panic before");
        let page = pages.entry(path.to_owned()).or_default();
        (page.0, page.1) = (status, body.to_owned());
    }

    /// Publishes the document of a public client, with these members as well. `null` leaves one out.
    pub(crate) fn publish(&self, path: &str, members: Value) -> Who {
        self.publish_at(&self.url(path), path, members)
    }

    /// The same with another name of this machine.
    pub(crate) fn publish_at(&self, url: &str, path: &str, members: Value) -> Who {
        let mut document = json!({
            "client_id": url,
            "client_name": "A client of the tests",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "read write",
        });
        for (name, member) in members.as_object().expect("an object") {
            document[name] = member.clone();
        }
        let members = document.as_object_mut().expect("an object");
        members.retain(|_, member| !member.is_null());
        self.put(path, StatusCode::OK, &document.to_string());
        Who::Public(url.to_owned().leak())
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        let pages = self.pages.lock().expect("no panic before");
        pages.get(path).map_or(0, |page| page.2)
    }
}

/// So that the tests do not depend on the certificates of the system.
pub(crate) static ROOTS: LazyLock<PathBuf> = LazyLock::new(|| file("roots.pem", &CA.pem));

/// A server with these flags that trusts only the authority of the tests.
pub(crate) fn start_with(arguments: &[&str]) -> Server {
    let mut command = command(arguments);
    command
        .env("SSL_CERT_FILE", &*ROOTS)
        .env_remove("SSL_CERT_DIR")
        .env("RUST_LOG", "info");
    spawn(command)
}

/// A server that reads documents of this machine.
pub(crate) fn start_local(more: &[&str]) -> Server {
    start_with(&[&[DOCUMENTS, LOCAL_DOCUMENTS], more].concat())
}

/// A request to `/authorize` with this client and redirect URI.
pub(crate) async fn authorize(server: &Server, client_id: &str, redirect_uri: &str) -> Response {
    let query = [
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    server.authorize(&query).await
}

/// The text of a page, which is no redirect.
pub(crate) async fn page(response: Response, status: u16) -> String {
    assert_eq!(response.status().as_u16(), status, "{response:?}");
    let headers = response.headers();
    assert!(!headers.contains_key(header::LOCATION));
    assert_eq!(headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    response.text().await.expect("a body")
}

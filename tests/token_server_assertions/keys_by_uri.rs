//! Keys by URI.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::common::token_server::*;
use crate::common::{listen, pem};
use crate::signers::{demo_signers, key_pair};

/// Serves key sets on loopback, and counts how often it is asked.
struct Source {
    uri: String,
    keys: Arc<Mutex<Vec<Value>>>,
    asked: Arc<AtomicUsize>,
}

impl Source {
    async fn start(keys: Vec<Value>) -> Self {
        let (listener, address) = listen().await;
        let keys = Arc::new(Mutex::new(keys));
        let asked = Arc::new(AtomicUsize::new(0));
        let answer = {
            let (keys, asked) = (Arc::clone(&keys), Arc::clone(&asked));
            async move || {
                asked.fetch_add(1, Ordering::SeqCst);
                let keys = keys.lock().expect("no panic before");
                Json(json!({ "keys": *keys }))
            }
        };
        let app = Router::new().route("/jwks.json", get(answer));
        tokio::spawn(async { axum::serve(listener, app).await });
        Self {
            uri: format!("http://{address}/jwks.json"),
            keys,
            asked,
        }
    }

    fn clients(&self, name: &str, id: &str) -> PathBuf {
        let client = json!([{
            "client_id": id,
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": self.uri,
            "grant_types": ["client_credentials"],
        }]);
        clients_file(name, &client.to_string())
    }
}

/// A server of these clients that trusts only the certificate in `roots`.
fn start_trusting(roots: &Path, clients: &Path, more: &[&str]) -> Server {
    let mut command = command(&["--clients", &clients.to_string_lossy()]);
    command
        .args(more)
        .env("SSL_CERT_FILE", roots)
        .env_remove("SSL_CERT_DIR")
        .env("RUST_LOG", "info");
    spawn(command)
}

/// Any root certificate, so that the test does not depend on those of the system.
static ROOTS: LazyLock<PathBuf> = LazyLock::new(|| {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let certified = certified.expect("a certificate");
    file("roots.pem", &pem("CERTIFICATE", certified.cert.der()))
});

#[tokio::test]
async fn keys_rotate_at_their_jwks_uri_without_a_restart() {
    let (old, old_jwk) = key_pair("rotating", "old");
    let (new, new_jwk) = key_pair("rotating", "new");
    let source = Source::start(vec![old_jwk]).await;
    let server = start_trusting(&ROOTS, &source.clients("rotating", "rotating"), &[LOCAL]);
    let asked = || source.asked.load(Ordering::SeqCst);

    assert_eq!(asked(), 0, "nothing is fetched before it is needed");
    for _ in 0..3 {
        server
            .token_for(&old.assertion(&server.base))
            .await
            .granted();
    }
    assert_eq!(asked(), 1, "what was fetched is kept");

    *source.keys.lock().expect("no panic before") = vec![new_jwk];
    for _ in 0..3 {
        server
            .token_for(&new.assertion(&server.base))
            .await
            .granted();
    }
    assert_eq!(asked(), 2, "a `kid` that is not known is asked for");
    let answer = server.token_for(&old.assertion(&server.base)).await;
    answer.refused(401, "invalid_client");
}

#[tokio::test]
async fn local_jwks_uri_is_not_asked_without_the_flag() {
    let (signer, jwk) = key_pair("local", "key");
    let source = Source::start(vec![jwk]).await;
    let server = start_trusting(&ROOTS, &source.clients("local", "local"), &[]);
    let answer = server.token_for(&signer.assertion(&server.base)).await;
    answer.refused(503, "temporarily_unavailable");
    assert_eq!(source.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn without_root_certificates_it_serves_all_but_clients_with_a_jwks_uri() {
    let (signer, jwk) = key_pair("local", "key");
    let source = Source::start(vec![jwk]).await;
    let nowhere = Path::new("/nonexistent/roots.pem");
    let clients = source.clients("without_roots", "local");
    let server = start_trusting(nowhere, &clients, &[LOCAL]);
    let stderr = wait_for("warning", || {
        let stderr = server.stderr.lock().expect("no panic before").clone();
        stderr.ends_with('\n').then_some(stderr)
    });
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for part in ["WARN", "jwks_uri", "root certificates"] {
        assert!(stderr.contains(part), "{stderr}");
    }
    let answer = server.token_for(&signer.assertion(&server.base)).await;
    answer.refused(401, "invalid_client");
    assert_eq!(source.asked.load(Ordering::SeqCst), 0);

    let mut command = command(&[]);
    command
        .env("SSL_CERT_FILE", nowhere)
        .env_remove("SSL_CERT_DIR");
    let demo = spawn(command);
    for signer in demo_signers() {
        demo.token_for(&signer.assertion(&demo.base))
            .await
            .granted();
    }
}

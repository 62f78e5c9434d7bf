//! How long an event may be: one record a line, at most 4 KiB, whatever was sent, in text and in JSON.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use http::request::Parts;
use tower::BoxError;
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::layer::TraceIds;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{Client, ErrorCode, MemoryClientStore, TokenEndpointLayer, TokenError};
use tracing_subscriber::filter::LevelFilter;

use crate::common::{Built as _, ISSUER, Log, basic, body, by_assertion, post, signed_hs256};
use crate::{clients, exchange};

/// What a reader of JSON escapes, and what a terminal would obey.
fn long() -> [String; 4] {
    ["\"", "\\", "é\u{7f}\u{202e}", "\n"].map(|it| it.repeat(5000))
}

/// Runs it with a log of each form, and looks at the events.
async fn bounded(name: &str, run: impl AsyncFn()) {
    for is_json in [false, true] {
        let log = Log::default();
        match is_json {
            false => {
                let _guard = log.of_thread(LevelFilter::TRACE);
                run().await;
            }
            true => {
                let _guard = log.of_thread_in_json(LevelFilter::TRACE);
                run().await;
            }
        }
        let lines = log.take();
        assert!(!lines.is_empty(), "{name}");
        for line in lines {
            assert!(line.len() <= 4096, "{name}: {} bytes: {line}", line.len());
            assert!(!line.contains(char::is_control), "{name}: {line}");
            let is_object = serde_json::from_str::<serde_json::Value>(&line).is_ok();
            assert_eq!(is_object, is_json, "{name}: {line}");
        }
    }
}

const SECRET: &str = "a secret that is longer than the hash";

#[tokio::test]
async fn an_event_is_one_line_of_4_kib_whatever_was_sent() {
    let long = long().concat();
    let id: String = long
        .chars()
        .filter(|it| !it.is_control())
        .take(3000)
        .collect();
    let client = Client::builder(&*id).secret(ClientSecret::plain(SECRET));
    let client = client.auth_method(AuthMethod::ClientSecretJwt).build();
    let clients = MemoryClientStore::new([client.expect("a client")]).expect("one client");
    let layer = TokenEndpointLayer::builder(clients, ISSUER)
        .client_assertions(MemoryReplayStore::new())
        .body_limit(1 << 20);
    let layer = layer.assertion_limit(1 << 18).built();
    let exp = UNIX_EPOCH.elapsed().expect("after 1970").as_secs() + 60;
    let claims =
        serde_json::json!({"iss": id, "sub": id, "aud": [long, long], "exp": exp, "jti": "1"});
    let asserted = body(&by_assertion(&signed_hs256(SECRET, &claims.to_string())));
    let many = "n".repeat(9000);
    for (name, call) in [
        (
            "a path",
            asserted.clone().to(&format!("/{}", "p".repeat(20_000))),
        ),
        (
            "a path of quotes",
            asserted.to(&format!("/{}", "\"".repeat(2000))),
        ),
        ("a parameter", post(format!("{many}=1&{many}=2"))),
    ] {
        bounded(name, async || drop(call.send(&layer).await)).await;
    }
}

/// Says so much that no log should have all of it.
struct Talkative(String);

impl ClientStore for Talkative {
    type Error = BoxError;

    async fn find(&self, _: &str, _: &Parts) -> Result<Option<Arc<Client>>, BoxError> {
        Err(self.0.as_str().into())
    }
}

#[tokio::test]
async fn an_event_is_one_line_of_4_kib_whatever_a_store_or_the_inner_service_says() {
    for text in long() {
        let layer = TokenEndpointLayer::builder(Talkative(text.clone()), ISSUER)
            .trace_ids(TraceIds::new())
            .built();
        let call = basic("app:s3cret").to(&format!("/{}", "\"".repeat(2000)));
        bounded("a store", async || drop(call.send(&layer).await)).await;

        let clients = MemoryClientStore::new(clients()).expect("clients that load");
        let layer = TokenEndpointLayer::builder(clients, ISSUER).built();
        bounded("the inner service", async || {
            let error = TokenError::new(ErrorCode::InvalidGrant).description(text.clone());
            let (response, _) = exchange(&layer, &basic("app:s3cret"), error).await;
            assert_eq!(response.status(), 400);
        })
        .await;
    }
}

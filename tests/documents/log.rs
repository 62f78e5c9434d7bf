//! What the operator is told, and how many documents are counted.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::json;
use tokio::time::advance;
use tower_token_endpoint::rejection::metrics::CLIENT_DOCUMENTS_KEPT;
use tracing_subscriber::filter::LevelFilter;

use crate::common::{Call, FORM, Key, Log, call, form_encode, post};
use crate::keys::{Keys, with_uri};
use crate::served::{layer, public, signed};
use crate::source::{
    Does, Found, HOUR, ID, MINUTE, SECOND, SHORTEST, Source, builder, document, find, invented,
    settle, store,
};

/// A query may have a secret.
const SECRET: &str = "https://app.example.com/client.json?token=canary";

#[tokio::test(start_paused = true)]
async fn a_copy_that_is_used_is_one_warning_for_each_failure() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    let log = Log::default();
    let guard = log.of_thread(LevelFilter::INFO);
    assert_eq!(find(&*store, SECRET).await, Found::Client);
    assert_eq!(log.take(), [""; 0]);
    for (down, wanted) in [
        (
            Does::Fails,
            "error=\"the document of the client cannot be fetched\" cause=\"the source is down\"",
        ),
        (
            Does::Hangs,
            "error=\"the source of documents did not respond within 8 s\"",
        ),
    ] {
        source.now(down);
        advance(SHORTEST).await;
        assert_eq!(find(&*store, SECRET).await, Found::Client);
        let lines = log.take();
        let start = "WARN tower_token_endpoint: a client's document could not be fetched, so its \
                     last copy is used client_id=\"https://app.example.com/client.json\"";
        assert_eq!(lines.len(), 1, "{lines:#?}");
        assert!(lines[0].starts_with(start), "{lines:#?}");
        assert!(lines[0].contains(wanted), "{lines:#?}");
    }
    // Requests that fetch nothing are not told, however many they are.
    source.now(Does::Fails);
    let fetches = source.fetches();
    for _ in 0..100 {
        assert_eq!(find(&*store, SECRET).await, Found::Client);
        settle().await;
    }
    assert_eq!(log.take().len(), source.fetches() - fetches);
    source.now(Does::Document);
    advance(MINUTE).await;
    assert_eq!(find(&*store, SECRET).await, Found::Client);
    assert_eq!(log.take(), [""; 0]);
    drop(guard);
}

#[tokio::test(start_paused = true)]
async fn a_known_client_whose_document_is_no_more_valid_is_one_warning() {
    let json = document("https://other.example/client.json", "");
    for (does, wanted) in [
        (Does::Gone, "410"),
        (Does::Refuses, "does not like"),
        (Does::Json("[]".to_owned()), "object"),
        (Does::Json(json), "client_id"),
    ] {
        let source = Source::that(Does::Document);
        let store = store(&source);
        let log = Log::default();
        let guard = log.of_thread(LevelFilter::INFO);
        assert_eq!(find(&*store, SECRET).await, Found::Client);
        source.now(does);
        advance(SHORTEST).await;
        for minute in 0..3 {
            for _ in 0..3 {
                assert_eq!(find(&*store, SECRET).await, Found::Nobody);
            }
            let lines = log.take();
            if minute > 0 {
                assert_eq!(lines, [""; 0], "told again");
            } else {
                let start = "WARN tower_token_endpoint: a client's document is not valid any more, \
                             so the client is refused \
                             client_id=\"https://app.example.com/client.json\" error=";
                assert_eq!(lines.len(), 1, "{lines:#?}");
                assert!(lines[0].starts_with(start), "{lines:#?}");
                assert!(lines[0].contains(wanted), "{lines:#?}");
                assert!(!lines[0].contains("canary"), "{lines:#?}");
            }
            advance(MINUTE).await;
        }
        drop(guard);
    }
}

/// Whatever a stranger does, it is no outage, and does not fill the log with warnings.
#[tokio::test(start_paused = true)]
async fn what_strangers_can_cause_is_logged_as_information() {
    let log = Log::default();
    let guard = log.of_thread(LevelFilter::INFO);
    let key = Key::new("key");
    let signs = r#""token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://a.example/k?token=canary""#;
    for does in [
        Does::Document,
        Does::Gone,
        Does::Refuses,
        Does::Fails,
        Does::Hangs,
        Does::Json("<html>".to_owned()),
        Does::Json(document("https://other.example/client.json", "")),
        Does::With(r#""client_secret":"canary""#.to_owned()),
        Does::With(signs.to_owned()),
    ] {
        let source = Source::that(does.clone());
        let layer = layer(store(&source));
        for call in [
            public(SECRET),
            public(SECRET),
            public(SECRET),
            post(format!(
                "grant_type=password&client_id={}",
                form_encode(SECRET)
            )),
            wrong_type(),
        ] {
            call.send(&layer).await;
        }
        for id in invented(100) {
            public(&id).send(&layer).await;
        }
        let lines = log.take();
        for line in lines {
            assert!(line.starts_with("INFO"), "{does:?}: {line}");
            assert!(!line.contains("canary"), "{does:?}: {line}");
        }
    }
    // A key set is fetched for whoever signs, and its failure is told of the client.
    let source = Source::that(Does::With(signs.to_owned()));
    let layer = layer(store(&source));
    signed(&key, SECRET).send(&layer).await;
    for line in log.take() {
        assert!(!line.starts_with("ERROR"), "{line}");
        assert!(!line.contains("canary"), "{line}");
    }
    drop(guard);
}

/// Strangers write them, so only a set that is kept and cannot be fetched again is a warning.
#[tokio::test(start_paused = true)]
async fn of_the_key_sets_of_documents_a_warning_is_only_a_failure_with_a_set_that_is_kept() {
    let [one, other] = ["one", "other"].map(Key::new);
    let set = |key: &Key| {
        let wrong = json!({"kty": "EC", "crv": "P-256", "kid": "wrong", "x": "AA", "y": "AA"});
        json!({"keys": [wrong, key.jwk()]}).to_string()
    };
    let keys = Keys::of(&one);
    keys.fails.store(true, Ordering::SeqCst);
    let source = Source::that(Does::With(with_uri(
        "https://keys.example.net/k?token=canary",
    )));
    source.max_age(HOUR);
    let store = builder(&source).jwks_source(Arc::clone(&keys)).build();
    let layer = layer(store.expect("settings that agree"));
    let log = Log::default();
    let guard = log.of_thread(LevelFilter::DEBUG);
    let of_sets = || {
        let lines = log.take();
        assert!(
            !lines.iter().any(|line| line.contains("canary")),
            "{lines:#?}"
        );
        let of_sets = lines.into_iter().filter(|it| it.contains("key set"));
        let of_sets = of_sets.filter(|it| !it.starts_with("INFO"));
        of_sets.collect::<Vec<_>>()
    };
    signed(&one, ID).send(&layer).await;
    assert_eq!(of_sets(), [""; 0], "without a set");
    keys.fails.store(false, Ordering::SeqCst);
    for key in [&one, &other] {
        keys.json(set(key));
        advance(MINUTE).await;
        for _ in 0..3 {
            signed(key, ID).send(&layer).await.inner_request();
        }
        let lines = of_sets();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        let start = "DEBUG tower_token_endpoint: a key of a client's key set is not valid and was \
                     skipped jwks_uri=\"https://keys.example.net/k\" key=";
        assert!(lines[0].starts_with(start), "{lines:#?}");
    }
    keys.fails.store(true, Ordering::SeqCst);
    advance(MINUTE * 20).await;
    signed(&other, ID).send(&layer).await.inner_request();
    let lines = of_sets();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let start = "WARN tower_token_endpoint: a client's key set could not be fetched \
                 jwks_uri=\"https://keys.example.net/k\" error=\"the key source failed\"";
    assert!(lines[0].starts_with(start), "{lines:#?}");
    drop(guard);
}

fn wrong_type() -> Call {
    call("POST", "/token")
        .set("content-type", FORM.replace("form", "other"))
        .with_body(format!("client_id={}", form_encode(SECRET)))
}

#[test]
fn the_gauge_counts_the_documents_that_are_kept_in_all_stores() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let kept = || {
        let text = handle.render();
        let start = format!("{CLIENT_DOCUMENTS_KEPT} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&start));
        line.map(str::to_owned)
    };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let source = Source::that(Does::Fails);
            let one = builder(&source).max_documents(3).build();
            let one = Arc::new(one.expect("settings that agree"));
            let other = store(&source);
            assert_eq!(find(&*one, ID).await, Found::Unavailable);
            source.now(Does::Gone);
            assert_eq!(find(&*one, "https://a.example/gone").await, Found::Nobody);
            assert_eq!(kept(), None, "nothing was ever kept");
            source.now(Does::Document);
            for _ in 0..2 {
                assert_eq!(find(&*one, ID).await, Found::Client);
                assert_eq!(kept().as_deref(), Some("1"));
            }
            assert_eq!(find(&*other, ID).await, Found::Client);
            assert_eq!(kept().as_deref(), Some("2"));
            // One that is fetched again is still one.
            advance(SHORTEST).await;
            assert_eq!(find(&*one, ID).await, Found::Client);
            assert_eq!(kept().as_deref(), Some("2"));
            // A copy is kept.
            source.now(Does::Fails);
            advance(SHORTEST).await;
            assert_eq!(find(&*one, ID).await, Found::Client);
            assert_eq!(kept().as_deref(), Some("2"));
            source.now(Does::Gone);
            advance(MINUTE).await;
            assert_eq!(find(&*one, ID).await, Found::Nobody);
            assert_eq!(kept().as_deref(), Some("1"));
            // At most as many as there is room for.
            source.now(Does::Document);
            for id in invented(10) {
                assert_eq!(find(&*one, &id).await, Found::Client);
            }
            assert_eq!(kept().as_deref(), Some("4"));
            other.invalidate(ID);
            assert_eq!(kept().as_deref(), Some("3"));
            one.clear();
            assert_eq!(kept().as_deref(), Some("0"));
            advance(SECOND * 15).await;
            assert_eq!(find(&*other, ID).await, Found::Client);
            assert_eq!(kept().as_deref(), Some("1"));
            drop(other);
            assert_eq!(kept().as_deref(), Some("0"));
        });
    });
}

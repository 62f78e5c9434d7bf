//! What the operator is told.

use serde_json::json;
use tracing_subscriber::filter::LevelFilter;

use crate::common::{Key, Log};
use crate::source::{
    Behaviour, Source, assert_accepted, assert_paused, assert_unavailable, keys, pass, send,
};

#[tokio::test]
async fn a_skipped_key_is_a_warning_once_for_each_set() {
    let key = Key::new("good");
    let set = |more: &[serde_json::Value]| {
        let keys: Vec<_> = more.iter().cloned().chain([key.jwk()]).collect();
        Behaviour::Keys(json!({ "keys": keys }).to_string())
    };
    let mut broken = Key::new("broken").jwk();
    broken["x"] = "AA".into();
    let long = "k".repeat(10_000);
    let source = Source::start(set(&[])).await;
    let uri = format!("http://127.0.0.1:{}/jwks", source.port);
    let table = [
        // Keys for encryption, whatever is wrong with them.
        (
            set(&[
                json!({"kty": "RSA", "use": "enc", "kid": 1}),
                json!({"kty": "OKP", "crv": "X25519", "x": "AA"}),
            ]),
            vec![],
        ),
        (
            set(&[
                json!({"kty": "oct", "k": "AA"}),
                broken.clone(),
                json!({"kty": "EC", "crv": "secp256k1"}),
            ]),
            vec![
                r#"key=0 member="kty" cause="`kty` \"oct\" is a secret"#.to_owned(),
                r#"key=1 kid="broken" member="x" cause="`x` has 1 bytes"#.to_owned(),
                r#"key=2 member="crv" cause="`crv` \"secp256k1\" is not supported"#.to_owned(),
            ],
        ),
        (
            set(&[
                json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
                json!({"kid": "two\nlines"}),
                json!("canary"),
                json!({"kid": long, "kty": 1}),
            ]),
            vec![
                r#"key=0 member="n" cause="the RSA key has 17 bits"#.to_owned(),
                r#"key=1 kid="two\nlines" member="kty" cause="`kty` is missing"#.to_owned(),
                r#"key=2 cause="it must be an object"#.to_owned(),
                format!(r#"key=3 kid="{}…" member="kty""#, &long[..64]),
            ],
        ),
        // The same set in another order is another set.
        (
            set(&[broken]),
            vec![r#"key=0 kid="broken" member="x""#.to_owned()],
        ),
    ];
    let layer = source.layer();
    let log = Log::default();
    let guard = log.of_thread(LevelFilter::INFO);
    assert_accepted(&send(&layer, &key).await);
    assert_eq!(log.take(), [""; 0]);
    for (row, (set, wanted)) in table.into_iter().enumerate() {
        source.now(set);
        for fetch in 0..3 {
            pass(10 * 60).await;
            let fetches = source.fetches();
            assert_accepted(&send(&layer, &key).await);
            assert_eq!(source.fetches(), fetches + 1);
            let lines = log.take();
            if fetch > 0 {
                assert_eq!(lines, [""; 0], "{row}: told again");
                continue;
            }
            assert_eq!(lines.len(), wanted.len(), "{row}: {lines:#?}");
            for (line, wanted) in lines.iter().zip(&wanted) {
                let start = "WARN tower_token_endpoint: a key of a client's key set is not valid \
                             and was skipped";
                assert!(line.starts_with(start), "{row}: {line}");
                assert!(
                    line.contains(&format!("jwks_uri=\"{uri}\" {wanted}")),
                    "{row}: {line}"
                );
                assert!(!line.contains("canary"), "{row}: {line}");
            }
        }
    }
    drop(guard);
}

#[tokio::test]
async fn a_set_that_is_gone_is_a_warning_and_a_pause_is_no_error() {
    let [key, invented] = ["key", "invented"].map(Key::new);
    let source = Source::start(keys(&[&key])).await;
    let layer = source.layer();
    let log = Log::default();
    let guard = log.of_thread(LevelFilter::INFO);
    assert_accepted(&send(&layer, &key).await);
    for _ in 0..3 {
        let _answer = send(&layer, &invented).await;
    }
    assert_paused(&send(&layer, &invented).await);
    // A stranger can cause these, so they do not call for the operator.
    let lines = log.take();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(
        lines.iter().all(|line| line.starts_with("INFO")),
        "{lines:#?}"
    );
    assert!(lines[3].contains("key_fetch_paused"), "{lines:#?}");
    assert!(lines[3].contains("pause"), "{lines:#?}");

    source.now(Behaviour::Status(404));
    for told in [1, 0, 0] {
        pass(10 * 60).await;
        let _answer = send(&layer, &key).await;
        let lines = log.take();
        let warnings = lines.iter().filter(|line| line.starts_with("WARN"));
        assert_eq!(warnings.count(), told, "{lines:#?}");
        assert!(
            lines.iter().any(|line| line.contains("unknown_key")),
            "{lines:#?}"
        );
    }
    source.now(Behaviour::Down);
    pass(10 * 60).await;
    assert_unavailable(&send(&layer, &key).await);
    let lines = log.take();
    let levels: Vec<_> = lines.iter().map(|line| &line[..5]).collect();
    assert_eq!(levels, ["WARN ", "ERROR"], "{lines:#?}");
    drop(guard);
}

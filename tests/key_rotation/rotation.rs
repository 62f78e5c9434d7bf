//! Keys rotate at their source, and nobody can spoil that.

use std::sync::Arc;

use serde_json::json;
use tower_token_endpoint::rejection::RejectionReason;

use crate::common::Key;
use crate::source::{Behaviour, Source, assert_accepted, assert_paused, keys, pass, send};

#[tokio::test]
async fn keys_rotate_at_their_source_without_a_restart() {
    let [old, new] = ["old", "new"].map(Key::new);
    let source = Source::start(keys(&[&old])).await;
    let layer = source.layer();
    assert_accepted(&send(&layer, &old).await);
    assert_accepted(&send(&layer, &old).await);
    assert_eq!(source.fetches(), 1);

    // Both are published while the client goes over to the new one.
    source.now(keys(&[&old, &new]));
    assert_accepted(&send(&layer, &new).await);
    assert_accepted(&send(&layer, &old).await);
    assert_eq!(source.fetches(), 2);

    // The old one is taken out, and ends when the set is fresh no longer.
    source.now(keys(&[&new]));
    pass(10 * 60).await;
    let answer = send(&layer, &old).await;
    answer.rejected(401, "invalid_client", RejectionReason::UnknownKey);
    assert_accepted(&send(&layer, &new).await);
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_five_times_a_minute_and_is_503_in_between() {
    let [known, unknown] = ["known", "unknown"].map(Key::new);
    let source = Source::start(keys(&[&known])).await;
    let layer = source.layer();
    assert_accepted(&send(&layer, &known).await);
    for minute in 1..=3 {
        for second in 0..60 {
            let before = source.fetches();
            let answer = send(&layer, &unknown).await;
            if source.fetches() > before {
                // It was just looked for, so it is known to be wrong.
                answer.rejected(401, "invalid_client", RejectionReason::UnknownKey);
            } else {
                assert_paused(&answer);
                assert!(answer.response.headers().contains_key("retry-after"));
            }
            if second == 30 {
                assert_accepted(&send(&layer, &known).await);
            }
            pass(1).await;
        }
        assert!(source.fetches() <= 1 + 5 * minute, "{}", source.fetches());
    }
    assert!(source.fetches() > 10, "{}", source.fetches());
}

#[tokio::test]
async fn a_stranger_who_invents_keys_cannot_spoil_a_rotation() {
    // Seconds between two invented keys, and the most that a rotation may have to wait.
    for (every, limit) in [(60, 0), (30, 0), (10, 15), (1, 15)] {
        let names = ["0", "1", "2", "3"];
        let pairs = names.map(Key::new);
        let invented = Key::new("invented");
        let source = Source::start(keys(&[&pairs[0]])).await;
        let layer = source.layer();
        assert_accepted(&send(&layer, &pairs[0]).await);
        for pair in &pairs[1..] {
            for second in 0..120 {
                if second % every == 0 {
                    let _stranger = send(&layer, &invented).await;
                }
                pass(1).await;
            }
            let _stranger = send(&layer, &invented).await;
            source.now(keys(&[pair]));
            let mut waited = 0;
            loop {
                let answer = send(&layer, pair).await;
                if answer.response.status() == 200 {
                    break;
                }
                assert_paused(&answer);
                waited += 1;
                pass(1).await;
            }
            assert!(waited <= limit, "{every}: {waited}");
        }
    }
}

#[tokio::test]
async fn a_hundred_assertions_wait_for_one_fetch() {
    let key = Arc::new(Key::new("key"));
    let source = Source::start(keys(&[&key])).await;
    let layer = source.layer();
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (layer, key) = (layer.clone(), Arc::clone(&key));
        sent.spawn(async move { send(&layer, &key).await });
    }
    for exchange in sent.join_all().await {
        assert_accepted(&exchange);
    }
    assert_eq!(source.fetches(), 1);
}

/// A library may send a `kid` that nobody registered.
#[tokio::test]
async fn a_key_without_kid_is_used_and_still_looked_for() {
    let [old, new] = ["old", "new"].map(Key::new);
    let mut unnamed = old.jwk();
    unnamed["kid"] = "".into();
    let source = Source::start(Behaviour::Keys(json!({"keys": [unnamed]}).to_string())).await;
    let layer = source.layer();
    for _ in 0..10 {
        assert_accepted(&send(&layer, &old).await);
    }
    // Twice at once, and no more.
    assert_eq!(source.fetches(), 3);
    pass(60).await;
    source.now(keys(&[&new]));
    assert_accepted(&send(&layer, &new).await);
    let answer = send(&layer, &old).await;
    answer.rejected(401, "invalid_client", RejectionReason::UnknownKey);
}

//! A source that is down, and one that says that there are no keys any more.

use std::time::Duration;

use tower_token_endpoint::Endpoint;
use tower_token_endpoint::rejection::RejectionReason;

use crate::common::{Built, Key, body, by_assertion};
use crate::source::{
    Behaviour, Builder, Source, assert_accepted, assert_unavailable, keys, pass, send,
};

#[tokio::test]
async fn the_last_keys_go_on_while_their_source_is_down() {
    let key = Key::new("key");
    for answer in [
        Behaviour::Down,
        Behaviour::Hangs,
        Behaviour::Status(500),
        Behaviour::Status(403),
        Behaviour::Keys("<html>".to_owned()),
    ] {
        let source = Source::start(keys(&[&key])).await;
        let layer = source.layer();
        assert_accepted(&send(&layer, &key).await);
        source.now(answer);
        pass(10 * 60).await;
        assert_accepted(&send(&layer, &key).await);
        assert_eq!(source.fetches(), 2);
        // It is not asked again for five seconds, and none of them goes by.
        tokio::time::pause();
        for _ in 0..5 {
            assert_accepted(&send(&layer, &key).await);
        }
        tokio::time::resume();
        assert_eq!(source.fetches(), 2);
    }
}

#[tokio::test]
async fn stale_keys_end_after_a_day_or_what_the_setting_says() {
    const DAY: u64 = 24 * 60 * 60;
    let key = Key::new("key");
    type Set = fn(Builder) -> Builder;
    let table: [(Set, u64, bool); 6] = [
        (|it| it, DAY - 1, true),
        (|it| it, DAY, false),
        (
            |it| it.jwks_stale_if_error(Duration::from_secs(60)),
            59,
            true,
        ),
        (
            |it| it.jwks_stale_if_error(Duration::from_secs(60)),
            60,
            false,
        ),
        (|it| it.jwks_stale_if_error(None), 365 * DAY, true),
        (|it| it.jwks_stale_if_error(Duration::ZERO), 0, false),
    ];
    for (row, (set, stale, is_accepted)) in table.into_iter().enumerate() {
        let source = Source::start(keys(&[&key])).await;
        let layer = set(source.builder()).built();
        // The layers of other endpoints have the setting as well.
        let other = layer.for_endpoint(Endpoint::Revocation, "/revoke");
        let other = other.expect("settings that agree");
        assert_accepted(&send(&layer, &key).await);
        source.now(Behaviour::Down);
        pass(10 * 60 + stale).await;
        let answer = send(&layer, &key).await;
        assert_eq!(answer.response.status() == 200, is_accepted, "{row}");
        if !is_accepted {
            assert_unavailable(&answer);
        }
        let revoke = format!("{}&token=t", by_assertion(&key.assertion()));
        let answer = body(&revoke).to("/revoke").send(&other).await;
        assert_eq!(answer.response.status() == 200, is_accepted, "{row}");
    }
}

#[tokio::test]
async fn a_client_takes_its_keys_back_by_a_set_without_them() {
    let key = Key::new("key");
    let source = Source::start(keys(&[&key])).await;
    let layer = source.layer();
    assert_accepted(&send(&layer, &key).await);
    for nothing in [
        keys(&[]),
        Behaviour::Keys(r#"{"keys":[{"kty":"oct"}]}"#.into()),
        Behaviour::Status(404),
        Behaviour::Status(410),
    ] {
        source.now(nothing);
        pass(10 * 60).await;
        // It is no outage, however often somebody asks.
        for _ in 0..10 {
            let refused = send(&layer, &key).await;
            refused.rejected(401, "invalid_client", RejectionReason::UnknownKey);
        }
        source.now(keys(&[&key]));
        pass(10 * 60).await;
        assert_accepted(&send(&layer, &key).await);
    }
}

#[tokio::test]
async fn without_any_keys_a_source_that_is_down_is_503_until_it_is_back() {
    let key = Key::new("key");
    for answer in [Behaviour::Down, Behaviour::Hangs, Behaviour::Status(500)] {
        let source = Source::start(answer).await;
        let layer = source.layer();
        assert_unavailable(&send(&layer, &key).await);
        assert_eq!(source.fetches(), 1);
        tokio::time::pause();
        for _ in 0..5 {
            assert_unavailable(&send(&layer, &key).await);
        }
        tokio::time::resume();
        assert_eq!(source.fetches(), 1);

        source.now(keys(&[&key]));
        pass(5).await;
        assert_accepted(&send(&layer, &key).await);
        assert_eq!(source.fetches(), 2);
    }
}

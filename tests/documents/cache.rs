//! How long a document is used, and that all who ask at once share one fetch.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, advance, sleep};
use tower_token_endpoint::store::ClientStore as _;

use crate::common::poll_once;
use crate::source::{
    Builder, DAY, Does, Found, HOUR, ID, MINUTE, SECOND, SHORTEST, Source, assert_at_once, builder,
    find, finding, head, settle, store,
};

#[tokio::test(start_paused = true)]
async fn a_document_is_fresh_for_as_long_as_it_says_from_five_minutes_to_a_day() {
    type Set = fn(Builder) -> Builder;
    let default: Set = |it| it;
    let hours: Set = |it| it.fresh_for(HOUR..=HOUR * 2);
    let one: Set = |it| it.fresh_for(HOUR..=HOUR);
    let none: Set = |it| it.fresh_for(Duration::ZERO..=MINUTE);
    let ever: Set = |it| it.fresh_for(MINUTE..=Duration::MAX);
    let table: &[(Set, Option<Duration>, Duration)] = &[
        (default, None, SHORTEST),
        (default, Some(Duration::ZERO), SHORTEST),
        (default, Some(SHORTEST - SECOND), SHORTEST),
        (default, Some(SHORTEST + SECOND), SHORTEST + SECOND),
        (default, Some(HOUR), HOUR),
        (default, Some(DAY - SECOND), DAY - SECOND),
        (default, Some(DAY + SECOND), DAY),
        (default, Some(DAY * 365), DAY),
        (default, Some(Duration::MAX), DAY),
        (hours, None, HOUR),
        (hours, Some(MINUTE), HOUR),
        (hours, Some(HOUR + SECOND), HOUR + SECOND),
        (hours, Some(DAY), HOUR * 2),
        (one, Some(DAY), HOUR),
        (none, None, Duration::ZERO),
        (none, Some(SECOND), SECOND),
        (none, Some(HOUR), MINUTE),
        (ever, Some(DAY * 365), DAY * 365),
    ];
    for (row, &(set, max_age, fresh)) in table.iter().enumerate() {
        let source = Source::that(Does::Document);
        source.max_age(max_age);
        let store = set(builder(&source)).build().expect("settings that agree");
        assert_eq!(find(&store, ID).await, Found::Client, "{row}");
        if let Some(almost) = fresh.checked_sub(Duration::from_millis(1)) {
            advance(almost).await;
            assert_eq!(find(&store, ID).await, Found::Client, "{row}");
            assert_eq!(source.fetches(), 1, "{row}: too soon");
            advance(Duration::from_millis(1)).await;
        }
        assert_eq!(find(&store, ID).await, Found::Client, "{row}");
        assert_eq!(source.fetches(), 2, "{row}: too late");
    }
}

/// Whatever a stranger says, and whatever an operator sets: a time without end is not an error.
#[tokio::test(start_paused = true)]
async fn a_document_may_be_fresh_for_ever() {
    let source = Source::that(Does::Document);
    source.max_age(Duration::MAX);
    let ever = builder(&source).fresh_for(SHORTEST..=Duration::MAX);
    let store = ever.max_copy_age(Duration::MAX).build();
    let store = store.expect("settings that agree");
    for _ in 0..3 {
        assert_eq!(find(&store, ID).await, Found::Client);
        advance(DAY * 365).await;
    }
    assert_eq!(source.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_no_longer_fresh_is_fetched_before_it_is_used() {
    let source = Source::that(Does::With(r#""scope":"one""#.to_owned()));
    let store = store(&source);
    let scope = async || {
        let found = store.find(ID, &head()).await.expect("no error");
        let client = found.expect("a client");
        client.scope().expect("a scope").to_string()
    };
    assert_eq!(scope().await, "one");
    source.now(Does::With(r#""scope":"two""#.to_owned()));
    source.takes(SECOND);
    advance(SHORTEST - SECOND).await;
    assert_eq!(scope().await, "one");
    advance(SECOND).await;
    let start = Instant::now();
    assert_eq!(scope().await, "two");
    assert_eq!(start.elapsed(), SECOND, "it waits for the fetch");
    // Fresh from the time of its own fetch.
    source.now(Does::With(r#""scope":"three""#.to_owned()));
    advance(SHORTEST - SECOND).await;
    assert_eq!(scope().await, "two");
    advance(SECOND).await;
    assert_eq!(scope().await, "three");
}

#[tokio::test(start_paused = true)]
async fn two_hundred_requests_at_once_are_one_fetch() {
    for (does, wanted) in [
        (Does::Document, Found::Client),
        (Does::Gone, Found::Nobody),
        (Does::Json("{}".to_owned()), Found::Nobody),
        (Does::Fails, Found::Unavailable),
        (Does::Hangs, Found::Unavailable),
        (Does::Panics, Found::Unavailable),
    ] {
        let source = Source::that(does.clone());
        source.takes(SECOND);
        let store = store(&source);
        let mut all: Vec<_> = (0..200).map(|_| finding(&store, ID)).collect();
        settle().await;
        assert_eq!(source.running(), 1, "{does:?}");
        // Others come while it is in progress.
        sleep(SECOND / 2).await;
        all.extend((0..200).map(|_| finding(&store, ID)));
        for finding in all {
            assert_eq!(finding.await.expect("no panic"), wanted, "{does:?}");
        }
        assert_eq!(source.fetches(), 1, "{does:?}");
    }
}

/// On many threads, with real time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_requests_at_once_on_many_threads_are_one_fetch() {
    let source = Source::that(Does::Document);
    source.takes(Duration::from_millis(100));
    let store = store(&source);
    let all: Vec<_> = (0..200).map(|_| finding(&store, ID)).collect();
    for finding in all {
        assert_eq!(finding.await.expect("no panic"), Found::Client);
    }
    assert_eq!(source.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stale_document_is_fetched_once_for_all_who_ask() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    assert_eq!(find(&*store, ID).await, Found::Client);
    source.takes(SECOND);
    advance(SHORTEST).await;
    let all: Vec<_> = (0..200).map(|_| finding(&store, ID)).collect();
    for finding in all {
        assert_eq!(finding.await.expect("no panic"), Found::Client);
    }
    assert_eq!(source.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_first_of_them_may_be_given_up() {
    let source = Source::that(Does::Document);
    source.takes(SECOND);
    let store = store(&source);
    let first = finding(&store, ID);
    settle().await;
    let all: Vec<_> = (0..200).map(|_| finding(&store, ID)).collect();
    settle().await;
    first.abort();
    settle().await;
    assert_eq!(source.running(), 1, "the fetch goes on");
    let start = Instant::now();
    for finding in all {
        assert_eq!(finding.await.expect("no panic"), Found::Client);
    }
    assert_eq!(start.elapsed(), SECOND);
    assert_eq!(source.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_does_not_lose_the_fetch() {
    let source = Source::that(Does::Document);
    source.takes(SECOND);
    let store = store(&source);
    {
        let head = head();
        let mut only = pin!(store.find(ID, &head));
        assert!(poll_once(only.as_mut()).is_pending());
    }
    sleep(SECOND * 2).await;
    let start = Instant::now();
    assert_eq!(find(&*store, ID).await, Found::Client);
    assert_at_once(start);
    assert_eq!(source.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn that_a_document_is_gone_or_not_valid_is_remembered_for_a_minute() {
    for does in [Does::Gone, Does::Refuses, Does::Json("[]".to_owned())] {
        let source = Source::that(does.clone());
        let store = store(&source);
        for minute in 1..=3 {
            for half in [0, 30] {
                assert_eq!(find(&*store, ID).await, Found::Nobody, "{does:?}");
                assert_eq!(source.fetches(), minute, "{does:?}: {half}");
                advance(SECOND * 30 - Duration::from_millis(1)).await;
                assert_eq!(find(&*store, ID).await, Found::Nobody, "{does:?}");
                assert_eq!(source.fetches(), minute, "{does:?}: {half}");
                advance(Duration::from_millis(1)).await;
            }
        }
        // It may be valid now.
        source.now(Does::Document);
        assert_eq!(find(&*store, ID).await, Found::Client, "{does:?}");
        assert_eq!(source.fetches(), 4, "{does:?}");
    }
}

/// However long it says that it is fresh.
#[tokio::test(start_paused = true)]
async fn an_answer_without_a_document_is_never_remembered_for_longer() {
    let source = Source::that(Does::Gone);
    source.max_age(DAY);
    let store = store(&source);
    assert_eq!(find(&*store, ID).await, Found::Nobody);
    source.now(Does::Document);
    advance(MINUTE).await;
    assert_eq!(find(&*store, ID).await, Found::Client);
}

#[tokio::test(start_paused = true)]
async fn a_document_that_becomes_invalid_is_not_used_any_more() {
    for does in [Does::Gone, Does::Refuses, Does::Json("[]".to_owned())] {
        let source = Source::that(Does::Document);
        let store = store(&source);
        assert_eq!(find(&*store, ID).await, Found::Client);
        source.now(does.clone());
        advance(SHORTEST).await;
        assert_eq!(find(&*store, ID).await, Found::Nobody, "{does:?}");
        // The copy is dropped, so it does not come back in an outage.
        source.now(Does::Fails);
        advance(SECOND * 59).await;
        assert_eq!(find(&*store, ID).await, Found::Nobody, "{does:?}");
        advance(SECOND).await;
        assert_eq!(find(&*store, ID).await, Found::Unavailable, "{does:?}");
        source.now(Does::Document);
        advance(MINUTE).await;
        assert_eq!(find(&*store, ID).await, Found::Client, "{does:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_failure_of_one_document_is_not_that_of_another() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    let other = "https://app.example.com/other.json";
    assert_eq!(find(&*store, ID).await, Found::Client);
    source.now(Does::Gone);
    assert_eq!(find(&*store, other).await, Found::Nobody);
    assert_eq!(find(&*store, ID).await, Found::Client);
    assert_eq!(source.ids(), [ID, other]);
}

//! Documents that cannot be fetched: the last copy serves for a day, and nobody waits for long.

use std::time::Duration;

use tokio::time::{Instant, advance};

use crate::source::{
    Builder, DAY, Does, Found, HOUR, ID, MINUTE, SECOND, SHORTEST, Source, builder, failure, find,
    finding, invented, settle, store,
};

/// How a source can be down.
const DOWN: [Does; 3] = [Does::Fails, Does::Hangs, Does::Panics];

#[tokio::test(start_paused = true)]
async fn in_an_outage_of_an_hour_the_copy_serves_and_after_it_the_document() {
    for down in DOWN {
        let source = Source::that(Does::Document);
        let store = store(&source);
        assert_eq!(find(&*store, ID).await, Found::Client);
        source.now(down.clone());
        advance(SHORTEST).await;
        for minute in 0..60 {
            assert_eq!(find(&*store, ID).await, Found::Client, "{down:?}: {minute}");
            advance(MINUTE).await;
        }
        assert!(source.fetches() > 30, "{down:?}: it is tried all the time");
        // What was fetched after the outage is used from then on.
        source.now(Does::Document);
        settle().await;
        advance(SECOND * 15).await;
        assert_eq!(find(&*store, ID).await, Found::Client, "{down:?}");
        advance(SECOND * 15).await;
        settle().await;
        let fetches = source.fetches();
        assert_eq!(find(&*store, ID).await, Found::Client, "{down:?}");
        assert_eq!(source.fetches(), fetches, "{down:?}: it is fresh");
        source.now(Does::Gone);
        advance(SHORTEST).await;
        assert_eq!(find(&*store, ID).await, Found::Nobody, "{down:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn in_an_outage_of_twenty_five_hours_the_copy_ends() {
    for down in DOWN {
        let source = Source::that(Does::Document);
        let store = store(&source);
        assert_eq!(find(&*store, ID).await, Found::Client);
        source.now(down.clone());
        let mut last = Duration::ZERO;
        let start = Instant::now();
        while start.elapsed() < HOUR * 25 {
            if find(&*store, ID).await == Found::Client {
                last = start.elapsed();
            }
            advance(MINUTE * 10).await;
        }
        assert!(last > HOUR * 23, "{down:?}: {last:?}");
        assert!(last <= DAY, "{down:?}: {last:?}");
        assert_eq!(find(&*store, ID).await, Found::Unavailable, "{down:?}");
        source.now(Does::Document);
        advance(MINUTE).await;
        assert_eq!(find(&*store, ID).await, Found::Client, "{down:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_age_of_a_copy_counts_from_its_fetch_and_can_be_set() {
    type Set = fn(Builder) -> Builder;
    let table: [(Set, Option<Duration>, Duration, Found); 9] = [
        (|it| it, None, DAY - SECOND, Found::Client),
        (|it| it, None, DAY + SECOND, Found::Unavailable),
        // It may have been fresh for most of the time.
        (|it| it, Some(HOUR * 20), DAY - SECOND, Found::Client),
        (|it| it, Some(HOUR * 20), DAY + SECOND, Found::Unavailable),
        (
            |it| it.max_copy_age(HOUR),
            None,
            HOUR - SECOND,
            Found::Client,
        ),
        (
            |it| it.max_copy_age(HOUR),
            None,
            HOUR + SECOND,
            Found::Unavailable,
        ),
        (
            |it| it.max_copy_age(Duration::ZERO),
            None,
            SHORTEST,
            Found::Unavailable,
        ),
        (
            |it| it.max_copy_age(Duration::MAX),
            None,
            DAY * 365,
            Found::Client,
        ),
        // A document that is fresh is not a copy.
        (
            |it| it.max_copy_age(MINUTE),
            Some(HOUR),
            HOUR - SECOND,
            Found::Client,
        ),
    ];
    for (row, (set, max_age, age, wanted)) in table.into_iter().enumerate() {
        let source = Source::that(Does::Document);
        source.max_age(max_age);
        let store = set(builder(&source)).build().expect("settings that agree");
        assert_eq!(find(&store, ID).await, Found::Client, "{row}");
        source.now(Does::Fails);
        advance(age).await;
        assert_eq!(find(&store, ID).await, wanted, "{row}");
    }
}

/// A copy does not become younger by being used.
#[tokio::test(start_paused = true)]
async fn a_copy_that_is_used_all_the_time_ends_as_well() {
    let source = Source::that(Does::Document);
    let store = builder(&source).max_copy_age(HOUR).build();
    let store = store.expect("settings that agree");
    assert_eq!(find(&store, ID).await, Found::Client);
    source.now(Does::Fails);
    for _ in 0..HOUR.as_secs() {
        assert_eq!(find(&store, ID).await, Found::Client);
        advance(SECOND).await;
    }
    settle().await;
    assert_eq!(find(&store, ID).await, Found::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn without_a_copy_it_is_not_known_whether_there_is_a_client() {
    for (down, wanted) in [
        (Does::Fails, "the source is down"),
        (Does::Hangs, "did not respond within 8 s"),
        (Does::Panics, "interrupted"),
    ] {
        let source = Source::that(down.clone());
        let store = store(&source);
        let start = Instant::now();
        let error = failure(&*store, ID).await;
        assert!(error.contains(wanted), "{down:?}: {error}");
        assert!(
            start.elapsed() < SECOND * 10,
            "{down:?}: before the deadline"
        );
        settle().await;
        assert_eq!(source.running(), 0, "{down:?}: the fetch is let go");
        source.now(Does::Document);
        assert_eq!(find(&*store, ID).await, Found::Client, "{down:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_has_a_copy_waits_at_most_once_for_a_source_that_hangs() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    assert_eq!(find(&*store, ID).await, Found::Client);
    source.now(Does::Hangs);
    advance(SHORTEST).await;
    let start = Instant::now();
    assert_eq!(find(&*store, ID).await, Found::Client);
    let waited = start.elapsed();
    assert!(!waited.is_zero() && waited < SECOND * 10, "{waited:?}");
    // From now on, one request a second for ten minutes.
    for second in 0..600 {
        let start = Instant::now();
        assert_eq!(find(&*store, ID).await, Found::Client);
        assert_eq!(start.elapsed(), Duration::ZERO, "{second}");
        advance(SECOND).await;
        settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn all_who_come_while_a_source_hangs_get_the_copy_together() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    assert_eq!(find(&*store, ID).await, Found::Client);
    source.now(Does::Hangs);
    advance(SHORTEST).await;
    let start = Instant::now();
    let all: Vec<_> = (0..200).map(|_| finding(&store, ID)).collect();
    for finding in all {
        assert_eq!(finding.await.expect("no panic"), Found::Client);
    }
    assert!(start.elapsed() < SECOND * 10);
    assert_eq!(source.fetches(), 2);
}

/// A fetch in the background is used as well.
#[tokio::test(start_paused = true)]
async fn the_end_of_an_outage_is_found_by_whoever_asks() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    assert_eq!(find(&*store, ID).await, Found::Client);
    source.now(Does::Fails);
    advance(SHORTEST).await;
    assert_eq!(find(&*store, ID).await, Found::Client);
    source.now(Does::Gone);
    advance(SECOND).await;
    assert_eq!(find(&*store, ID).await, Found::Client, "it does not wait");
    settle().await;
    assert_eq!(find(&*store, ID).await, Found::Nobody, "it is gone");
    assert_eq!(source.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_many_hosts_leaves_no_fetch_behind() {
    let source = Source::that(Does::Hangs);
    let store = store(&source);
    let waiting: Vec<_> = invented(64).map(|id| finding(&store, &id)).collect();
    settle().await;
    assert_eq!(source.running(), 48);
    for finding in waiting {
        assert_eq!(finding.await.expect("no panic"), Found::Unavailable);
    }
    assert_eq!((source.running(), source.fetches()), (0, 48));
}

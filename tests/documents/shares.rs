//! What was fetched before is fetched again, whatever strangers do meanwhile, and they push out nothing that is
//! remembered.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, advance};
use tracing_subscriber::filter::LevelFilter;

use crate::common::Log;
use crate::source::{
    Documents, Does, Found, ID, MINUTE, SECOND, SHORTEST, STRANGER, Source, assert_at_once,
    failure, find, finding, invented, settle, store,
};

fn of_host(number: usize) -> String {
    format!("https://app.example.com/{number}")
}

/// How often this URL was fetched.
fn fetches_of(source: &Source, id: &str) -> usize {
    source.ids().iter().filter(|it| *it == id).count()
}

/// Strangers at many hosts hold all permits that they get, and all places to wait.
async fn flood(source: &Source, store: &Arc<Documents>) {
    source.takes(SECOND * 7);
    let ids: Vec<_> = invented(600).collect();
    for some in ids.chunks(48) {
        for id in some {
            finding(store, id);
        }
        settle().await;
    }
    assert_eq!(source.running(), 48);
    let start = Instant::now();
    assert_eq!(find(&**store, STRANGER).await, Found::Unavailable);
    assert_at_once(start);
}

#[tokio::test(start_paused = true)]
async fn a_known_document_is_fetched_again_while_strangers_hold_all_that_they_get() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    let known: Vec<_> = (0..16)
        .map(|number| format!("https://known{number}.example/client.json"))
        .collect();
    for id in &known {
        assert_eq!(find(&*store, id).await, Found::Client);
    }
    advance(SHORTEST).await;
    flood(&source, &store).await;
    let start = Instant::now();
    source.takes(SECOND);
    let all: Vec<_> = known.iter().map(|id| finding(&store, id)).collect();
    settle().await;
    assert_eq!(source.running(), 64, "16 are left for others");
    for finding in all {
        assert_eq!(finding.await.expect("no panic"), Found::Client);
    }
    assert_eq!(start.elapsed(), SECOND);
    for id in &known {
        assert_eq!(fetches_of(&source, id), 2, "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_known_document_is_fetched_again_while_strangers_use_up_the_fetches_of_its_host() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    for number in 0..12 {
        assert_eq!(find(&*store, &of_host(number)).await, Found::Client);
    }
    advance(SHORTEST).await;
    for number in 100..200 {
        let wanted = match number < 120 {
            true => Found::Client,
            false => Found::Unavailable,
        };
        assert_eq!(find(&*store, &of_host(number)).await, wanted, "{number}");
    }
    let start = Instant::now();
    for number in 0..12 {
        let id = of_host(number);
        assert_eq!(find(&*store, &id).await, Found::Client);
        let fetches = if number < 10 { 2 } else { 1 };
        assert_eq!(fetches_of(&source, &id), fetches, "{id}");
    }
    assert_at_once(start);
    assert_eq!(source.fetches(), 12 + 20 + 10);
}

/// No URL pays for it that others are at work.
#[tokio::test(start_paused = true)]
async fn a_fetch_that_did_not_begin_is_no_outage_and_does_not_count_for_its_url() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    assert_eq!(find(&*store, ID).await, Found::Client);
    advance(SHORTEST).await;
    let log = Log::default();
    let guard = log.of_thread(LevelFilter::INFO);
    for round in 0..3 {
        source.takes(SECOND * 7);
        let strangers = [0, 1, 2, 3].map(|it| finding(&store, &of_host(round * 4 + it)));
        settle().await;
        assert_eq!(source.running(), 4);
        for _ in 0..2 {
            let start = Instant::now();
            assert_eq!(find(&*store, ID).await, Found::Client, "the copy");
            assert_eq!(start.elapsed(), SECOND * 3, "as if nothing were down");
        }
        for stranger in strangers {
            assert_eq!(stranger.await.expect("no panic"), Found::Client);
        }
    }
    assert_eq!(fetches_of(&source, ID), 1);
    assert_eq!(log.take(), [""; 0]);
    source.takes(Duration::ZERO);
    source.now(Does::Fails);
    for _ in 0..20 {
        assert_eq!(find(&*store, ID).await, Found::Client);
        settle().await;
    }
    assert_eq!(fetches_of(&source, ID), 1 + 5);
    assert_eq!(log.take().len(), 5);
    drop(guard);
}

/// Strangers who are over a limit are not remembered, so they push out nothing that is.
#[tokio::test(start_paused = true)]
async fn urls_that_are_not_fetched_push_out_nothing_that_is_remembered() {
    let [gone, down] = [
        "https://gone.example/client.json",
        "https://down.example/client.json",
    ];
    // The fetches of one host, and the places of all.
    for is_host in [true, false] {
        let source = Source::that(Does::Gone);
        let store = store(&source);
        assert_eq!(find(&*store, gone).await, Found::Nobody);
        source.now(Does::Fails);
        for _ in 0..5 {
            assert_eq!(find(&*store, down).await, Found::Unavailable);
        }
        source.now(Does::Gone);
        if is_host {
            for number in 0..20 {
                assert_eq!(find(&*store, &of_host(number)).await, Found::Nobody);
            }
        } else {
            flood(&source, &store).await;
        }
        let (start, fetches) = (Instant::now(), source.fetches());
        for number in 100..20_100 {
            let id = match is_host {
                true => of_host(number),
                false => format!("https://more{number}.example/client.json"),
            };
            assert_eq!(find(&*store, &id).await, Found::Unavailable, "{id}");
        }
        source.now(Does::Document);
        assert_eq!(find(&*store, gone).await, Found::Nobody, "it is remembered");
        let error = failure(&*store, down).await;
        assert!(error.contains("5 times a minute"), "{error}");
        assert_at_once(start);
        assert_eq!(source.fetches(), fetches, "{is_host}");
        advance(MINUTE).await;
        settle().await;
        source.takes(Duration::ZERO);
        for id in [gone, down] {
            assert_eq!(find(&*store, id).await, Found::Client, "{id}");
        }
    }
}

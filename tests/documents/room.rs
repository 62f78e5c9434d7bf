//! How many documents are kept, and which of them go.

use tokio::time::{Instant, advance};
use tower_token_endpoint::client::documents::ClientDocuments;

use crate::source::{
    Documents, Does, Found, HOUR, ID, MINUTE, SECOND, SHORTEST, Source, assert_at_once, builder,
    find, finding, invented, settle, store,
};

/// Which of these are kept, without changing it.
async fn fetched_again(source: &Source, store: &Documents, ids: &[&str]) -> Vec<String> {
    let before = source.fetches();
    for id in ids {
        assert_eq!(find(store, id).await, Found::Client);
    }
    source.ids().split_off(before)
}

#[tokio::test(start_paused = true)]
async fn the_documents_that_were_not_used_for_the_longest_time_go() {
    let ids: Vec<_> = invented(4).collect();
    let [a, b, c, d] = [0, 1, 2, 3].map(|at| &*ids[at]);
    let source = Source::that(Does::Document);
    let store = builder(&source).max_documents(3).build();
    let store = store.expect("settings that agree");
    assert_eq!(fetched_again(&source, &store, &[a, b, c]).await, [a, b, c]);
    // A use counts, also one without a fetch.
    assert_eq!(fetched_again(&source, &store, &[a]).await, [""; 0]);
    assert_eq!(fetched_again(&source, &store, &[d]).await, [d]);
    assert!(format!("{store:?}").contains("kept: 3"), "{store:?}");
    assert_eq!(fetched_again(&source, &store, &[a, c, d]).await, [""; 0]);
    assert_eq!(fetched_again(&source, &store, &[b]).await, [b]);
    assert_eq!(fetched_again(&source, &store, &[c, d, b]).await, [""; 0]);
    assert_eq!(fetched_again(&source, &store, &[a]).await, [a]);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_documents_are_kept() {
    let source = Source::that(Does::Document);
    source.max_age(HOUR);
    let store = store(&source);
    let ids: Vec<_> = invented(10_001).collect();
    for id in &ids[..10_000] {
        assert_eq!(find(&*store, id).await, Found::Client);
    }
    for id in &ids[..10_000] {
        assert_eq!(find(&*store, id).await, Found::Client);
    }
    assert_eq!(source.fetches(), 10_000);
    assert_eq!(find(&*store, &ids[10_000]).await, Found::Client);
    assert!(format!("{store:?}").contains("kept: 10000"), "{store:?}");
    assert_eq!(find(&*store, &ids[0]).await, Found::Client);
    assert_eq!(source.fetches(), 10_002);
}

#[tokio::test(start_paused = true)]
async fn invented_urls_push_out_no_document() {
    let source = Source::that(Does::Document);
    source.max_age(HOUR);
    let store = builder(&source).max_documents(5).build();
    let store = store.expect("settings that agree");
    let known: Vec<_> = (0..5)
        .map(|number| format!("https://known{number}.example/client.json"))
        .collect();
    for id in &known {
        assert_eq!(find(&store, id).await, Found::Client);
    }
    let ways = [Does::Gone, Does::Json("[]".to_owned()), Does::Fails];
    for (id, does) in invented(20_000).zip(ways.iter().cycle()) {
        source.now(does.clone());
        assert_ne!(find(&store, &id).await, Found::Client);
    }
    assert_eq!(source.fetches(), 20_005, "the strangers were asked for");
    for id in &known {
        assert_eq!(find(&store, id).await, Found::Client);
    }
    assert_eq!(source.fetches(), 20_005, "all are still there");
    assert!(format!("{store:?}").contains("kept: 5"), "{store:?}");
}

/// Also not a copy, while its source is down.
#[tokio::test(start_paused = true)]
async fn invented_urls_push_out_no_copy() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    assert_eq!(find(&*store, ID).await, Found::Client);
    source.now(Does::Fails);
    advance(SHORTEST).await;
    for id in invented(20_000) {
        assert_eq!(find(&*store, &id).await, Found::Unavailable);
    }
    assert_eq!(find(&*store, ID).await, Found::Client);
}

/// A fetch that ends after more URLs than are remembered is still the only one of its URL.
#[tokio::test(start_paused = true)]
async fn invented_urls_push_out_no_fetch_that_somebody_waits_for() {
    let source = Source::that(Does::Document);
    source.takes(SECOND);
    let store = store(&source);
    let waiting = finding(&store, ID);
    settle().await;
    source.takes(std::time::Duration::ZERO);
    source.now(Does::Gone);
    for id in invented(20_000) {
        assert_eq!(find(&*store, &id).await, Found::Nobody);
    }
    let second = finding(&store, ID);
    settle().await;
    let fetched = source.ids().iter().filter(|id| *id == ID).count();
    assert_eq!(fetched, 1);
    for finding in [waiting, second] {
        assert_eq!(finding.await.expect("no panic"), Found::Client);
    }
}

#[tokio::test(start_paused = true)]
async fn invalidate_forgets_one_document() {
    let [other, gone] = [
        "https://other.example/client.json",
        "https://gone.example/client.json",
    ];
    let source = Source::that(Does::Document);
    let store = store(&source);
    for id in [ID, other] {
        assert_eq!(find(&*store, id).await, Found::Client);
    }
    source.now(Does::Gone);
    assert_eq!(find(&*store, gone).await, Found::Nobody);
    source.now(Does::Document);
    store.invalidate("https://app.example.com/CLIENT.json");
    store.invalidate("app");
    store.invalidate("");
    assert_eq!(find(&*store, ID).await, Found::Client);
    assert_eq!(source.fetches(), 3);
    store.invalidate(ID);
    store.invalidate(gone);
    for id in [ID, gone, other] {
        assert_eq!(find(&*store, id).await, Found::Client, "{id}");
    }
    assert_eq!(source.ids()[3..], [ID, gone]);

    // The copy is gone as well.
    store.invalidate(ID);
    source.now(Does::Fails);
    assert_eq!(find(&*store, ID).await, Found::Unavailable);
    assert_eq!(find(&*store, other).await, Found::Client);
}

#[tokio::test(start_paused = true)]
async fn clear_forgets_all_documents() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    let ids: Vec<_> = invented(10).collect();
    for id in &ids {
        assert_eq!(find(&*store, id).await, Found::Client);
    }
    store.clear();
    assert!(format!("{store:?}").contains("kept: 0"), "{store:?}");
    source.now(Does::Fails);
    for id in &ids {
        assert_eq!(find(&*store, id).await, Found::Unavailable);
    }
    assert_eq!(source.fetches(), 20);
}

/// A fetch that started before cannot bring back what was forgotten.
#[tokio::test(start_paused = true)]
async fn a_fetch_in_progress_is_not_kept_if_the_document_is_forgotten_meanwhile() {
    type Forget = fn(&Documents);
    let ways: [Forget; 2] = [|store| store.invalidate(ID), ClientDocuments::clear];
    for forget in ways {
        for had in [false, true] {
            let source = Source::that(Does::Document);
            let store = store(&source);
            if had {
                assert_eq!(find(&*store, ID).await, Found::Client);
                advance(SHORTEST).await;
            }
            source.takes(SECOND);
            let before = finding(&store, ID);
            settle().await;
            forget(&store);
            source.now(Does::Gone);
            source.takes(std::time::Duration::ZERO);
            // Who asks now gets what is there now.
            assert_eq!(find(&*store, ID).await, Found::Nobody);
            assert_eq!(before.await.expect("no panic"), Found::Client);
            let start = Instant::now();
            assert_eq!(find(&*store, ID).await, Found::Nobody, "{had}");
            assert_at_once(start);
            assert!(format!("{store:?}").contains("kept: 0"), "{store:?}");
        }
    }
}

/// A URL is fetched at most 5 times a minute, also if there is no room for its document.
#[tokio::test(start_paused = true)]
async fn a_document_that_is_pushed_out_is_fetched_no_more_often() {
    let source = Source::that(Does::Document);
    let store = builder(&source).max_documents(1).build();
    let store = store.expect("settings that agree");
    let [one, other] = [
        "https://one.example/client.json",
        "https://other.example/client.json",
    ];
    let start = Instant::now();
    while start.elapsed() < MINUTE {
        for id in [one, other] {
            let _found = find(&store, id).await;
        }
        advance(SECOND).await;
    }
    let of_one = source.ids().iter().filter(|id| *id == one).count();
    assert!(of_one <= 5, "{of_one} fetches in a minute");
}

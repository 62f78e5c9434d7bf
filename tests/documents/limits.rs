//! How much strangers can make this server fetch, and that nobody waits for a place.

use std::time::Duration;

use tokio::time::{Instant, advance, sleep};

use crate::source::{
    Does, Found, ID, MINUTE, SECOND, SHORTEST, Source, assert_at_once, failure, find, finding,
    invented, settle, store,
};

/// Panics if there are more than so many within any minute.
#[track_caller]
fn assert_at_most(times: &[Instant], most: usize) {
    for of_more in times.windows(most + 1) {
        let time = of_more[most] - of_more[0];
        assert!(time >= MINUTE, "{} within {time:?}", most + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn at_most_64_documents_are_fetched_at_once() {
    let source = Source::that(Does::Document);
    source.takes(SECOND * 3);
    let store = store(&source);
    let ids: Vec<_> = invented(80).collect();
    let waiting: Vec<_> = ids[..64].iter().map(|id| finding(&store, id)).collect();
    settle().await;
    assert_eq!(source.running(), 64);
    let start = Instant::now();
    for id in &ids[64..] {
        let error = failure(&*store, id).await;
        assert!(error.contains("64"), "{error}");
        assert_eq!(find(&*store, id).await, Found::Unavailable, "{id}");
    }
    assert_at_once(start);
    assert_eq!(source.fetches(), 64);
    for finding in waiting {
        assert_eq!(finding.await.expect("no panic"), Found::Client);
    }
    // Those who were refused have a place now.
    let waiting: Vec<_> = ids[64..].iter().map(|id| finding(&store, id)).collect();
    advance(MINUTE).await;
    for finding in waiting {
        finding.await.expect("no panic");
    }
    for id in &ids {
        assert_eq!(find(&*store, id).await, Found::Client, "{id}");
    }
    assert_eq!(source.most(), 64);
}

#[tokio::test(start_paused = true)]
async fn at_most_4_documents_of_a_host_are_fetched_at_once_however_it_is_written() {
    let source = Source::that(Does::Document);
    source.takes(SECOND * 3);
    let store = store(&source);
    let waiting = [
        "https://app.example.com/1",
        "https://APP.example.com/2",
        "https://app.EXAMPLE.com:8443/3",
        "https://app.example.com:443/4",
    ];
    let waiting = waiting.map(|id| finding(&store, id));
    settle().await;
    let start = Instant::now();
    for id in [
        "https://app.example.com/5",
        "https://App.Example.Com/6",
        "https://app.example.com:9443/7",
        "HTTPS://app.example.com/8",
    ] {
        let error = failure(&*store, id).await;
        assert!(error.contains('4'), "{error}");
    }
    assert_at_once(start);
    // One host does not stop the others.
    let other = finding(&store, "https://www.app.example.com/client.json");
    settle().await;
    assert_eq!(source.running(), 5);
    for finding in waiting.into_iter().chain([other]) {
        assert_eq!(finding.await.expect("no panic"), Found::Client);
    }
    let found = find(&*store, "https://app.example.com/5").await;
    assert_eq!(found, Found::Client, "there is a place again");
}

#[tokio::test(start_paused = true)]
async fn a_url_is_fetched_at_most_5_times_a_minute() {
    for pause in [Duration::from_millis(200), SECOND, SECOND * 7] {
        let source = Source::that(Does::Fails);
        let store = store(&source);
        let start = Instant::now();
        while start.elapsed() < MINUTE * 10 {
            let fetches = source.fetches();
            let asked = Instant::now();
            let error = failure(&*store, ID).await;
            assert_at_once(asked);
            match source.fetches() - fetches {
                0 => assert!(error.contains("5 times a minute"), "{error}"),
                _ => assert!(error.contains("is down"), "{error}"),
            }
            advance(pause).await;
        }
        let times = source.times();
        assert_at_most(&times, 5);
        assert!(times.len() >= 35, "{} in ten minutes", times.len());
        // And the next fetch is never far away.
        for two in times.windows(2) {
            assert!(two[1] - two[0] <= SECOND * 15 + pause, "{two:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_is_asked_at_most_30_times_a_minute_however_it_is_written() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    let hosts = ["app.example.com", "APP.example.com", "App.Example.COM:8443"];
    let mut refused = 0;
    for number in 0..1200 {
        let id = format!("https://{}/{number}", hosts[number % 3]);
        let asked = Instant::now();
        let found = find(&*store, &id).await;
        if found != Found::Client {
            assert_eq!(found, Found::Unavailable, "{id}");
            refused += 1;
        }
        assert_at_once(asked);
        advance(SECOND / 4).await;
    }
    let times = source.times();
    assert_eq!(times.len() + refused, 1200);
    assert_at_most(&times, 30);
    assert!(times.len() >= 50, "{} in five minutes", times.len());
    // One may be due, but no second one. Others are not in it.
    let _found = find(&*store, "https://app.example.com/due").await;
    let error = failure(&*store, "https://app.example.com/more").await;
    assert!(error.contains("30 times a minute"), "{error}");
    assert_eq!(
        find(&*store, "https://example.com/more").await,
        Found::Client
    );
}

#[tokio::test(start_paused = true)]
async fn thirty_documents_of_a_host_in_a_minute_are_found() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    for number in 0..30 {
        let id = format!("https://app.example.com/{number}");
        assert_eq!(find(&*store, &id).await, Found::Client, "{number}");
        advance(SECOND * 2).await;
    }
}

#[tokio::test(start_paused = true)]
async fn above_a_limit_the_copy_serves_if_there_is_one() {
    // The fetches of a host, how many of a host at once, and how many of all.
    for way in 0..3 {
        let source = Source::that(Does::Document);
        let store = store(&source);
        assert_eq!(find(&*store, ID).await, Found::Client);
        advance(SHORTEST).await;
        let of_host = |number| format!("https://app.example.com/{number}");
        match way {
            0 => {
                source.now(Does::Gone);
                for number in 0..40 {
                    let _found = find(&*store, &of_host(number)).await;
                }
            }
            1 => {
                source.takes(SECOND * 3);
                for number in 0..4 {
                    finding(&store, &of_host(number));
                }
            }
            _ => {
                source.takes(SECOND * 3);
                for id in invented(64) {
                    finding(&store, &id);
                }
            }
        }
        settle().await;
        let fetches = source.fetches();
        let start = Instant::now();
        assert_eq!(find(&*store, ID).await, Found::Client, "{way}");
        assert_eq!(
            find(&*store, &of_host(99)).await,
            Found::Unavailable,
            "{way}"
        );
        assert_at_once(start);
        assert_eq!(source.fetches(), fetches, "{way}: nothing is fetched");
    }
}

/// The same for the fetches of its own URL.
#[tokio::test(start_paused = true)]
async fn above_the_limit_of_its_url_the_copy_serves() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    assert_eq!(find(&*store, ID).await, Found::Client);
    source.now(Does::Fails);
    advance(SHORTEST).await;
    let start = source.fetches();
    for _ in 0..100 {
        assert_eq!(find(&*store, ID).await, Found::Client);
        settle().await;
    }
    assert!(source.fetches() - start <= 5);
}

#[tokio::test(start_paused = true)]
async fn a_place_is_free_when_the_fetch_ends_and_not_when_the_request_does() {
    let source = Source::that(Does::Document);
    source.takes(SECOND * 5);
    let store = store(&source);
    let of_host = |number| format!("https://app.example.com/{number}");
    let waiting: Vec<_> = (0..4).map(|it| finding(&store, &of_host(it))).collect();
    settle().await;
    for finding in waiting {
        finding.abort();
    }
    settle().await;
    assert_eq!(source.running(), 4, "the fetches go on");
    sleep(SECOND * 4).await;
    assert_eq!(find(&*store, &of_host(4)).await, Found::Unavailable);
    sleep(SECOND * 2).await;
    assert_eq!(source.running(), 0);
    assert_eq!(find(&*store, &of_host(4)).await, Found::Client);
    for number in 0..4 {
        let start = Instant::now();
        assert_eq!(find(&*store, &of_host(number)).await, Found::Client);
        assert_at_once(start);
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_comes_back_however_the_fetch_ends() {
    for does in [Does::Gone, Does::Fails, Does::Panics, Does::Hangs] {
        let source = Source::that(does.clone());
        let store = store(&source);
        for number in 0..20 {
            let id = format!("https://app.example.com/{number}");
            let error = store_error(&store, &id).await;
            assert!(!error.contains("at the same time"), "{does:?}: {error}");
        }
        assert_eq!(source.fetches(), 20, "{does:?}");
        assert_eq!(source.most(), 1, "{does:?}");
    }
}

async fn store_error(store: &crate::source::Documents, id: &str) -> String {
    use tower_token_endpoint::store::ClientStore as _;

    match store.find(id, &crate::source::head()).await {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

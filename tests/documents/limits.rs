//! How much strangers can make this server fetch, and for how long somebody waits for that.

use std::time::Duration;

use tokio::time::{Instant, advance, sleep};

use crate::source::{
    Does, Found, HOUR, ID, MINUTE, SECOND, SHORTEST, STRANGER, Source, assert_at_once, failure,
    find, finding, invented, settle, store,
};

/// Panics if there are more than so many within any minute.
#[track_caller]
pub(crate) fn assert_at_most(times: &[Instant], most: usize) {
    for of_more in times.windows(most + 1) {
        let time = of_more[most] - of_more[0];
        assert!(time >= MINUTE, "{} within {time:?}", most + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn at_most_64_documents_are_fetched_at_once() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    // These are no strangers.
    let ids: Vec<_> = invented(80).collect();
    for id in &ids {
        assert_eq!(find(&*store, id).await, Found::Client);
    }
    advance(SHORTEST).await;
    source.takes(SECOND * 4);
    let start = Instant::now();
    let waiting: Vec<_> = ids.iter().map(|id| finding(&store, id)).collect();
    settle().await;
    assert_eq!(source.running(), 64);
    let error = failure(&*store, STRANGER).await;
    assert!(error.contains("longer than 3 s"), "{error}");
    assert!(error.contains("at most 64 are in progress"), "{error}");
    assert_eq!(start.elapsed(), SECOND * 3);
    for (finding, id) in waiting.into_iter().zip(&ids) {
        assert_eq!(finding.await.expect("no panic"), Found::Client, "{id}");
    }
    assert_eq!(source.fetches(), 80 + 64, "16 got their copies");
    // Those who were refused have a permit now.
    source.takes(Duration::ZERO);
    for id in ids.iter().map(|id| &**id).chain([STRANGER]) {
        assert_eq!(find(&*store, id).await, Found::Client, "{id}");
    }
    assert_eq!(source.fetches(), 80 + 64 + 16 + 1);
    assert_eq!(source.most(), 64);
}

#[tokio::test(start_paused = true)]
async fn at_most_48_of_them_are_for_strangers() {
    for (takes, found) in [(SECOND * 2, 60), (SECOND * 4, 48)] {
        let source = Source::that(Does::Document);
        source.takes(takes);
        let store = store(&source);
        let start = Instant::now();
        let waiting: Vec<_> = invented(60).map(|id| finding(&store, &id)).collect();
        settle().await;
        assert_eq!(source.running(), 48);
        for (number, finding) in waiting.into_iter().enumerate() {
            let wanted = match number < found {
                true => Found::Client,
                false => Found::Unavailable,
            };
            assert_eq!(finding.await.expect("no panic"), wanted, "{number}");
        }
        assert_eq!(start.elapsed(), SECOND * 4);
        assert_eq!((source.fetches(), source.most()), (found, 48));
    }
}

/// 256 wait, and of these, strangers get 192 places.
#[tokio::test(start_paused = true)]
async fn whoever_finds_no_place_to_wait_is_responded_to_at_once() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    let known: Vec<_> = (0..81)
        .map(|number| format!("https://known{number}.example/client.json"))
        .collect();
    for id in &known {
        assert_eq!(find(&*store, id).await, Found::Client);
    }
    advance(SHORTEST).await;
    source.takes(SECOND * 4);
    let start = Instant::now();
    let mut strangers = Vec::new();
    let ids: Vec<_> = invented(48 + 192).collect();
    for some in ids.chunks(48) {
        strangers.extend(some.iter().map(|id| finding(&store, id)));
        settle().await;
    }
    assert_eq!(source.running(), 48);
    assert_eq!(find(&*store, STRANGER).await, Found::Unavailable);
    assert_at_once(start);
    // Nobody else has less for it.
    let mut waiting = Vec::new();
    for some in [&known[..16], &known[16..80]] {
        waiting.extend(some.iter().map(|id| finding(&store, id)));
        settle().await;
    }
    assert_eq!(source.running(), 64);
    let fetches = source.fetches();
    assert_eq!(find(&*store, &known[80]).await, Found::Client, "the copy");
    assert_at_once(start);
    assert!(waiting.iter().skip(16).all(|it| !it.is_finished()));
    for (number, finding) in strangers.into_iter().enumerate() {
        let wanted = match number < 48 {
            true => Found::Client,
            false => Found::Unavailable,
        };
        assert_eq!(finding.await.expect("no panic"), wanted, "{number}");
    }
    for finding in waiting {
        assert_eq!(finding.await.expect("no panic"), Found::Client);
    }
    assert_eq!(start.elapsed(), SECOND * 4);
    assert_eq!(source.fetches(), fetches, "nobody who waited was asked for");
    assert_eq!(find(&*store, STRANGER).await, Found::Client);
}

#[tokio::test(start_paused = true)]
async fn at_most_4_documents_of_a_host_are_fetched_at_once_however_it_is_written() {
    let source = Source::that(Does::Document);
    source.takes(SECOND * 4);
    let store = store(&source);
    let start = Instant::now();
    let first = [
        "https://app.example.com/1",
        "https://APP.example.com/2",
        "https://app.EXAMPLE.com:8443/3",
        "https://app.example.com:443/4",
    ];
    let first = first.map(|id| finding(&store, id));
    settle().await;
    let more = [
        "https://app.example.com/5",
        "https://App.Example.Com/6",
        "https://app.example.com:9443/7",
        "HTTPS://app.example.com/8",
    ];
    let refused = more.map(|id| finding(&store, id));
    // One host does not stop the others.
    let other = finding(&store, "https://www.app.example.com/client.json");
    settle().await;
    assert_eq!(source.running(), 5);
    let error = failure(&*store, "https://app.example.com/9").await;
    assert!(error.contains("at most 4 of them for one host"), "{error}");
    for finding in refused {
        assert_eq!(finding.await.expect("no panic"), Found::Unavailable);
    }
    assert_eq!(start.elapsed(), SECOND * 3);
    for finding in first.into_iter().chain([other]) {
        assert_eq!(finding.await.expect("no panic"), Found::Client);
    }
    // Who waits for less than 3 s gets what becomes free.
    source.takes(SECOND * 2);
    let all = more.map(|id| finding(&store, id));
    let last = find(&*store, "https://app.example.com/9").await;
    assert_eq!(last, Found::Client);
    for finding in all {
        assert_eq!(finding.await.expect("no panic"), Found::Client);
    }
    assert_eq!(source.fetches(), 10);
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
        assert_eq!(times.len(), 50, "in ten minutes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_is_asked_at_most_30_times_a_minute_however_it_is_written() {
    let source = Source::that(Does::Document);
    source.max_age(HOUR);
    let store = store(&source);
    let hosts = ["app.example.com", "APP.example.com", "App.Example.COM:8443"];
    let ids: Vec<_> = (0..40)
        .map(|number| format!("https://{}/{number}", hosts[number % 3]))
        .collect();
    for some in ids.chunks(20) {
        for id in some {
            assert_eq!(find(&*store, id).await, Found::Client, "{id}");
        }
        advance(MINUTE).await;
    }
    advance(HOUR).await;
    // The copies serve, and it is tried to fetch them again.
    source.now(Does::Fails);
    for number in 0..1200 {
        let asked = Instant::now();
        let id = &ids[number % 40];
        assert_eq!(find(&*store, id).await, Found::Client, "{id}");
        assert_at_once(asked);
        settle().await;
        advance(SECOND / 4).await;
    }
    let times = source.times().split_off(40);
    assert_at_most(&times, 30);
    assert_eq!(times.len(), 150, "in five minutes");
    // Others are not in it.
    source.now(Does::Document);
    for id in [
        STRANGER,
        "https://example.com/",
        "https://app.example.com./",
    ] {
        let id = format!("{id}more");
        assert_eq!(find(&*store, &id).await, Found::Client);
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_is_asked_at_most_20_times_a_minute_for_strangers() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    let hosts = ["app.example.com", "APP.example.com", "App.Example.COM:8443"];
    for number in 0..1200 {
        let id = format!("https://{}/{number}", hosts[number % 3]);
        let (asked, fetches) = (Instant::now(), source.fetches());
        let wanted = match find(&*store, &id).await {
            Found::Client => 1,
            Found::Unavailable => 0,
            found @ (Found::Nobody | Found::Failed) => panic!("{id}: {found:?}"),
        };
        assert_eq!(source.fetches() - fetches, wanted, "{id}");
        assert_at_once(asked);
        advance(SECOND / 4).await;
    }
    let times = source.times();
    assert_at_most(&times, 20);
    assert_eq!(times.len(), 100, "in five minutes");
}

#[tokio::test(start_paused = true)]
async fn twenty_documents_of_a_host_in_a_minute_are_found() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    let of_host = |number| format!("https://app.example.com/{number}");
    for number in 0..20 {
        let found = find(&*store, &of_host(number)).await;
        assert_eq!(found, Found::Client, "{number}");
    }
    let start = Instant::now();
    let error = failure(&*store, &of_host(20)).await;
    assert!(error.contains("30 times a minute, 20 of them"), "{error}");
    assert_at_once(start);
    advance(MINUTE).await;
    assert_eq!(find(&*store, &of_host(20)).await, Found::Client);
}

#[tokio::test(start_paused = true)]
async fn above_a_limit_the_copy_serves_if_there_is_one() {
    // The fetches of a host, how many of a host at once, and how many of all.
    for (way, waits) in [(0, Duration::ZERO), (1, SECOND * 3), (2, SECOND * 3)] {
        let source = Source::that(Does::Document);
        let store = store(&source);
        let of_host = |number| format!("https://app.example.com/{number}");
        let known: Vec<_> = (0..10).map(of_host).chain(invented(64)).collect();
        for id in known.iter().map(|id| &**id).chain([ID]) {
            assert_eq!(find(&*store, id).await, Found::Client);
        }
        advance(SHORTEST).await;
        match way {
            0 => {
                for id in (0..10).chain(20..60).map(of_host) {
                    let _found = find(&*store, &id).await;
                }
            }
            1 => {
                source.takes(SECOND * 4);
                for number in 20..24 {
                    finding(&store, &of_host(number));
                }
            }
            _ => {
                source.takes(SECOND * 4);
                for id in &known[10..] {
                    finding(&store, id);
                }
            }
        }
        settle().await;
        let fetches = source.fetches();
        let start = Instant::now();
        let with_copy = finding(&store, ID);
        let without = find(&*store, &of_host(99)).await;
        assert_eq!(without, Found::Unavailable, "{way}");
        assert_eq!(with_copy.await.expect("no panic"), Found::Client, "{way}");
        assert_eq!(start.elapsed(), waits, "{way}");
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
    assert_eq!(source.fetches() - start, 5);
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
    sleep(SECOND).await;
    let start = Instant::now();
    assert_eq!(find(&*store, &of_host(4)).await, Found::Unavailable);
    assert_eq!(start.elapsed(), SECOND * 3);
    assert_eq!(source.running(), 4);
    source.takes(Duration::ZERO);
    assert_eq!(find(&*store, &of_host(4)).await, Found::Client);
    assert_eq!(start.elapsed(), SECOND * 4, "then one fetch had ended");
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

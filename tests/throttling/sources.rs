//! Where a request comes from, and requests from nowhere.

use std::time::Duration;

use http::HeaderName;
use tower_token_endpoint::layer::TraceIds;
use tower_token_endpoint::throttle::{MemoryThrottle, ThrottleSource};
use tracing_subscriber::filter::LevelFilter;

use crate::common::{Built, Log, basic, builder};
use crate::setup::*;

#[tokio::test]
async fn sources_are_networks_of_one_host() {
    // Two addresses, and whether they count as one.
    let rows = [
        ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.2", false),
        ("192.0.2.1", "::ffff:192.0.2.1", true),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
        ("192.0.2.1", "2001:db8::1", false),
    ];
    for (one, other, are_one) in rows {
        let layer = limited(1, 9).built();
        assert_eq!(status(&send_from(&layer, one, &basic("svc:x")).await), 401);
        let second = send_from(&layer, other, &basic("svc:x")).await;
        assert_eq!(is_throttled(&second), are_one, "{one}, {other}");
    }
}

#[tokio::test]
async fn the_last_address_of_a_header_is_the_source() {
    let header = HeaderName::from_static("x-forwarded-for");
    let settings = throttling(MemoryThrottle::new(), 1, 9);
    let settings = settings.source(ThrottleSource::last_address_in(header));
    let layer = builder(cast()).throttle(settings).built();
    let from = |list: &str| basic("svc:x").add("x-forwarded-for", list);
    for (call, throttled) in [
        (from("192.0.2.1"), false),
        // What a client sends itself does not make it another source.
        (from("198.51.100.7, 192.0.2.1:4711"), true),
        (
            from("198.51.100.8").add("x-forwarded-for", "192.0.2.1"),
            true,
        ),
        (from("198.51.100.7"), false),
        // No address: all of these are one source.
        (basic("svc:x"), false),
        (from("unknown"), true),
        (from("192.0.2.9, "), true),
    ] {
        let exchange = call.send(&layer).await;
        assert_eq!(is_throttled(&exchange), throttled, "{call:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_source_counts_for_a_common_one() {
    let (log, guard) = logged(LevelFilter::WARN);
    let layer = limited(3, 9).trace_ids(TraceIds::new()).built();
    for status in [401, 401, 401, 429, 429] {
        let exchange = basic("svc:x").send(&layer).await;
        assert_eq!(exchange.response.status(), status);
    }
    // Others are not affected.
    assert_eq!(status(&send_from(&layer, HERE, &basic("svc:x")).await), 401);
    let told = |log: &Log| {
        let lines = log.take().into_iter();
        lines
            .filter(|it| !it.contains("token request"))
            .collect::<Vec<_>>()
    };
    let lines = told(&log);
    let [line] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert!(
        line.contains("WARN ") && line.contains("has no source"),
        "{line}"
    );
    assert!(line.contains(r#"path="/token""#), "{line}");
    assert!(line.contains(r#"trace_id=""#), "{line}");

    tokio::time::advance(Duration::from_secs(59)).await;
    basic("svc:x").send(&layer).await;
    assert_eq!(told(&log), Vec::<String>::new());
    tokio::time::advance(Duration::from_secs(1)).await;
    basic("svc:x").send(&layer).await;
    basic("svc:x").send(&layer).await;
    assert_eq!(told(&log).len(), 1);
    drop(guard);
}

#[tokio::test]
async fn the_source_is_not_asked_for_a_request_that_does_not_count() {
    let (log, guard) = logged(LevelFilter::WARN);
    let layer = limited(3, 9).built();
    for call in [basic("svc"), basic("svc:x").method("GET")] {
        call.send(&layer).await;
    }
    assert_eq!(log.take(), Vec::<String>::new());
    drop(guard);
}

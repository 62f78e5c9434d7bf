//! What a request over the limit gets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::header;
use tower_token_endpoint::client::{ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::rejection::RejectionReason::Throttled;
use tower_token_endpoint::throttle::{ExceededLimit, MemoryThrottle, ThrottleLimit};
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer};
use tracing_subscriber::filter::LevelFilter;

use crate::common::{Asked, Built, Call, ISSUER, basic, body, builder, by_assertion, hs256};
use crate::setup::*;

/// Uses up the one slot of each of these clients, or that of their source.
async fn fill(layer: &Layer, client_ids: &[&str]) {
    for client_id in client_ids {
        send_from(layer, HERE, &basic(format!("{client_id}:x"))).await;
    }
}

#[tokio::test]
async fn over_the_limit_all_get_the_same_bytes() {
    let mut bytes = Vec::new();
    // A full source, then full clients.
    for (per_source, per_client) in [(1, 9), (9, 1)] {
        let layer = limited(per_source, per_client).built();
        fill(&layer, &["svc", "nobody", "signer", "public", "poster"]).await;
        let jwt = |client_id| body(&by_assertion(&hs256(client_id, SECRET, "")));
        let calls: [Call; 11] = [
            basic(format!("svc:{SECRET}")),
            basic("svc:x"),
            basic("nobody:x"),
            body(&format!("client_id=svc&client_secret={SECRET}")),
            body("client_id=nobody&client_secret=x"),
            body("client_id=public"),
            body("client_id=nobody"),
            basic(format!("poster:{SECRET}")),
            jwt("signer"),
            jwt("nobody"),
            basic(format!("svc:{SECRET}")).with_body("scope=\""),
        ];
        for call in &calls {
            let exchange = send_from(&layer, HERE, call).await;
            let error = exchange.rejected(429, "temporarily_unavailable", Throttled);
            assert!(error.rejection.client().is_none(), "{error:?}");
            exchange.comes_back_after(3600);
            let mut headers = exchange.response.headers().clone();
            headers.remove(header::RETRY_AFTER);
            bytes.push((headers, exchange.response.body().clone()));
        }
    }
    bytes.dedup();
    assert_eq!(bytes.len(), 1, "{bytes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_request_takes_no_slot() {
    let limit = ThrottleLimit::new(2, Duration::from_secs(100));
    let settings = throttling(MemoryThrottle::new(), 9, 9).per_client(limit);
    let layer = builder(cast()).throttle(settings).built();
    fill(&layer, &["svc", "svc"]).await;
    for _ in 0..50 {
        let exchange = send_from(&layer, HERE, &basic("svc:x")).await;
        exchange.rejected(429, "temporarily_unavailable", Throttled);
        exchange.comes_back_after(100);
    }
}

#[tokio::test]
async fn retry_after_is_the_time_until_one_slot_is_free() {
    for (burst, period, expected) in [(1, 7, 7), (5, 12, 12), (20, 3, 3), (3, 1, 1), (1, 60, 60)] {
        let limit = ThrottleLimit::new(burst, Duration::from_secs(period));
        let settings = throttling(MemoryThrottle::new(), 99, 99).per_client(limit);
        let layer = builder(cast()).throttle(settings).built();
        for _ in 0..burst {
            assert_eq!(status(&send_from(&layer, HERE, &basic("svc:x")).await), 401);
        }
        let exchange = send_from(&layer, HERE, &basic("svc:x")).await;
        exchange.rejected(429, "temporarily_unavailable", Throttled);
        exchange.comes_back_after(expected);
        let rejection = exchange.rejection().expect("a rejection");
        let retry_after = rejection.retry_after().expect("a time");
        assert!(
            retry_after <= Duration::from_secs(expected),
            "{retry_after:?}"
        );
    }
}

#[tokio::test]
async fn the_store_of_clients_is_not_asked() {
    let clients = Asked::over(MemoryClientStore::new(cast()).expect("clients"));
    let layer = TokenEndpointLayer::builder(Arc::clone(&clients), ISSUER)
        .throttle(throttling(MemoryThrottle::new(), 9, 1))
        .built();
    for call in [basic("svc:x"), basic("nobody:x")] {
        assert_eq!(status(&send_from(&layer, HERE, &call).await), 401);
        let asked = clients.ids().len();
        assert!(is_throttled(&send_from(&layer, HERE, &call).await));
        assert_eq!(clients.ids().len(), asked);
    }
}

/// Counts how often it is computed.
#[derive(Debug, Default)]
struct Counted(AtomicUsize);

impl SecretHash for Counted {
    fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
        SecretCheck::blocking(move || {
            self.0.fetch_add(1, Ordering::SeqCst);
            false
        })
    }

    fn kind(&self) -> &str {
        "counted"
    }
}

#[tokio::test]
async fn no_hash_is_computed() {
    let hash = Arc::new(Counted::default());
    let client = Client::builder("slow").secret(ClientSecret::hashed(Arc::clone(&hash) as _));
    let layer = builder([client.build().expect("a client")])
        .throttle(throttling(MemoryThrottle::new(), 9, 1))
        .built();
    let computed = || hash.0.load(Ordering::SeqCst);
    for (call, expected) in [(basic("slow:x"), 1), (basic("nobody:x"), 2)] {
        assert_eq!(status(&send_from(&layer, HERE, &call).await), 401);
        assert_eq!(computed(), expected);
        assert!(is_throttled(&send_from(&layer, HERE, &call).await));
        assert_eq!(computed(), expected);
    }
}

#[tokio::test]
async fn an_honest_client_from_another_source_is_never_refused() {
    let settings = throttling(MemoryThrottle::new(), 20, 5);
    let layer = builder(cast()).throttle(settings).built();
    let honest = basic(format!("svc:{SECRET}"));
    for attacker in 0..200 {
        let address = format!("203.0.113.{attacker}");
        for _ in 0..50 {
            assert_ne!(
                status(&send_from(&layer, &address, &basic("svc:x")).await),
                200
            );
        }
        assert_eq!(status(&send_from(&layer, HERE, &honest).await), 200);
    }
}

#[tokio::test]
async fn another_client_of_the_same_source_is_refused_with_the_source_only() {
    let layer = limited(3, 2).built();
    fill(&layer, &["svc", "svc"]).await;
    let other = basic(format!("other:{SECRET}"));
    assert!(is_throttled(
        &send_from(&layer, HERE, &basic("svc:x")).await
    ));
    assert_eq!(status(&send_from(&layer, HERE, &other).await), 200);
    fill(&layer, &["nobody"]).await;
    assert!(is_throttled(&send_from(&layer, HERE, &other).await));
    assert_eq!(status(&send_from(&layer, THERE, &other).await), 200);
}

/// Layers with the limits as they are set, and the limit that two failures of one client fill.
fn full_after_two() -> Vec<(Layer, ExceededLimit)> {
    let (two, nine) = (only(2), only(9));
    let settings = |per_source, per_client| {
        let settings = throttling(MemoryThrottle::new(), 9, 9);
        settings.per_source(per_source).per_client(per_client)
    };
    [
        (settings(two, nine), ExceededLimit::Source(two)),
        (settings(nine, two), ExceededLimit::Client(two)),
        (
            settings(two, nine).dangerously_throttle_by_client(),
            ExceededLimit::Source(two),
        ),
        (
            settings(nine, two).dangerously_throttle_by_client(),
            ExceededLimit::Client(two),
        ),
    ]
    .map(|(settings, exceeded)| (builder(cast()).throttle(settings).built(), exceeded))
    .into()
}

#[tokio::test]
async fn the_rejection_has_the_limit() {
    for client_id in ["svc", "nobody", "a+b"] {
        for (layer, exceeded) in full_after_two() {
            fill(&layer, &[client_id, client_id]).await;
            let refused = send_from(&layer, HERE, &basic(format!("{client_id}:x"))).await;
            let rejection = refused.rejection().expect("a rejection");
            assert_eq!(rejection.exceeded_limit(), Some(exceeded), "{client_id}");
            let shown = format!("{rejection:?}");
            assert!(shown.contains(&format!("{exceeded:?}")), "{shown}");
            assert!(!shown.contains(client_id), "{shown}");
        }
    }
    for call in [basic("svc:x"), basic(format!("svc:{SECRET}")).with_body("")] {
        let refused = send_from(&limited(9, 9).built(), HERE, &call).await;
        let rejection = refused.rejection().expect("a rejection");
        assert_eq!(rejection.exceeded_limit(), None, "{rejection:?}");
    }
}

#[tokio::test]
async fn the_event_names_the_address_and_the_limit_and_no_client() {
    let (log, guard) = logged(LevelFilter::INFO);
    let from = "2001:db8:1:2:3:4:5:6";
    for call in [basic("svc:canary"), basic("nobody-canary:x")] {
        for (layer, exceeded) in full_after_two() {
            for _ in 0..2 {
                send_from(&layer, from, &call).await;
            }
            // Of a 401.
            for line in log.take() {
                for part in ["limit=", "burst=", "period=", "retry_after="] {
                    assert!(!line.contains(part), "{line}");
                }
            }
            send_from(&layer, from, &call).await;
            let lines = log.take();
            let [line] = &lines[..] else {
                panic!("{lines:?}");
            };
            for part in [
                "WARN ",
                r#"reason="throttled""#,
                "address=2001:db8:1:2::",
                &format!(r#" limit="{}" burst=2 period=3600s "#, exceeded.as_str()),
                // A little less than the period.
                " retry_after=35",
            ] {
                assert!(line.contains(part), "{line}");
            }
            for part in ["client_id", "canary"] {
                assert!(!line.contains(part), "{line}");
            }
        }
    }
    drop(guard);
}

#[tokio::test]
async fn without_a_throttle_nothing_is_refused() {
    let layer = builder(cast()).built();
    for _ in 0..200 {
        assert_eq!(status(&send_from(&layer, HERE, &basic("svc:x")).await), 401);
    }
}

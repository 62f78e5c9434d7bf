//! `dangerously_throttle_by_client`.

use tower_token_endpoint::throttle::MemoryThrottle;

use crate::common::{Built, basic, body, builder};
use crate::setup::*;

fn by_client(per_source: u32, per_client: u32) -> Layer {
    let settings = throttling(MemoryThrottle::new(), per_source, per_client);
    let settings = settings.dangerously_throttle_by_client();
    builder(cast()).throttle(settings).built()
}

#[tokio::test]
async fn failures_from_all_sources_count_for_a_client_together() {
    let layer = by_client(9, 3);
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
        assert_eq!(
            status(&send_from(&layer, address, &basic("svc:x")).await),
            401
        );
    }
    let right = basic(format!("svc:{SECRET}"));
    assert!(is_throttled(&send_from(&layer, "192.0.2.4", &right).await));
    let other = basic(format!("other:{SECRET}"));
    assert_eq!(status(&send_from(&layer, "192.0.2.4", &other).await), 200);
}

#[tokio::test]
async fn the_limit_of_a_source_stays() {
    let layer = by_client(2, 9);
    for client_id in ["one", "two"] {
        let call = basic(format!("{client_id}:x"));
        assert_eq!(status(&send_from(&layer, HERE, &call).await), 401);
    }
    let right = basic(format!("svc:{SECRET}"));
    assert!(is_throttled(&send_from(&layer, HERE, &right).await));
    assert_eq!(status(&send_from(&layer, THERE, &right).await), 200);
}

#[tokio::test]
async fn a_client_over_its_limit_takes_no_slot_of_the_source() {
    let layer = by_client(2, 1);
    assert_eq!(status(&send_from(&layer, HERE, &basic("svc:x")).await), 401);
    for _ in 0..20 {
        assert!(is_throttled(
            &send_from(&layer, HERE, &basic("svc:x")).await
        ));
    }
    assert_eq!(
        status(&send_from(&layer, HERE, &basic("other:x")).await),
        401
    );
    assert!(is_throttled(
        &send_from(&layer, HERE, &basic("nobody:x")).await
    ));
}

#[tokio::test]
async fn slots_of_both_are_given_back() {
    let layer = by_client(1, 1);
    for _ in 0..20 {
        for call in [
            basic(format!("svc:{SECRET}")),
            basic(format!("a+b:{SECRET}")),
            body(&format!("client_id=other&client_secret={SECRET}&scope=a")),
        ] {
            let exchange = send_from(&layer, HERE, &call).await;
            assert!(matches!(status(&exchange), 200 | 400), "{exchange:?}");
        }
    }
}

#[tokio::test]
async fn two_readings_count_once_for_each_client() {
    let layer = by_client(9, 2);
    for _ in 0..2 {
        assert_eq!(status(&send_from(&layer, HERE, &basic("a+b:x")).await), 401);
    }
    for client_id in ["a+b", "a%20b", "a%2Bb"] {
        let call = body(&format!("client_id={client_id}&client_secret=x"));
        assert!(
            is_throttled(&send_from(&layer, THERE, &call).await),
            "{client_id}"
        );
    }
}

//! What takes too long to show over HTTP.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::expiring::Expiring;
use crate::per_client::PerClient;

const NOW: SystemTime = SystemTime::UNIX_EPOCH;
const LIFETIME: Duration = Duration::from_secs(90);
const SECOND: Duration = Duration::from_secs(1);

fn kept(clients: usize) -> PerClient<Expiring<u32>> {
    PerClient::new(clients, |share| Expiring::new(LIFETIME, share))
}

/// How many values one client can put in.
fn room(kept: &PerClient<Expiring<u32>>, client_id: &str, now: SystemTime) -> usize {
    let put = |nth: u32| {
        kept.at(client_id, now, |values| {
            values.insert_if_room(format!("{now:?} {nth}"), nth, now)
        })
    };
    (0..20_000).take_while(|nth| put(*nth)).count()
}

#[test]
fn each_client_has_a_share_that_no_other_one_can_use() {
    for (clients, share) in [
        (0, 10_000),
        (1, 10_000),
        (20, 10_000),
        (200, 1_000),
        (100_000, 16),
    ] {
        let kept = kept(clients);
        let put = |values: &mut Expiring<u32>| values.insert_if_room("mine".to_owned(), 1, NOW);
        assert!(kept.at("victim", NOW, put));
        assert_eq!(room(&kept, "other", NOW), share);
        assert_eq!(room(&kept, "other", NOW + LIFETIME - SECOND), 0);
        let found = kept.at("victim", NOW, |values| values.get("mine", NOW).is_some());
        assert!(found);
    }
}

#[test]
fn what_expired_makes_room() {
    let kept = kept(100_000);
    assert_eq!(room(&kept, "client", NOW), 16);
    let end = NOW + LIFETIME;
    let found = |now| {
        kept.at("client", now, |values| {
            values.get(&format!("{NOW:?} 0"), now).is_some()
        })
    };
    assert!(found(end - SECOND) && !found(end));
    assert_eq!(room(&kept, "client", end), 16);
}

#[test]
fn nothing_is_kept_of_clients_whose_values_have_expired() {
    let kept = PerClient::new(100_000, |share| Expiring::new(LIFETIME, share));
    let value = Arc::new(());
    let put = |client_id: &str, now| {
        kept.at(client_id, now, |values| {
            values.insert("key".to_owned(), Arc::clone(&value), now);
        });
    };
    for nth in 0..1000 {
        put(&nth.to_string(), NOW);
    }
    assert_eq!(Arc::strong_count(&value), 1001);
    put("later", NOW + LIFETIME);
    assert_eq!(Arc::strong_count(&value), 2);
}

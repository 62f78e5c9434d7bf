//! What is limited: slots of failed authentications, and permits for slow hashes.
//!
//! The slot that a dropped request holds stays taken for its period, since the request may have been
//! a guess. It takes no other one with it, and nothing else.

use std::net::IpAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tower_token_endpoint::MemoryClientStore;
use tower_token_endpoint::client::ClientSecret;
use tower_token_endpoint::client::hashing::HashPool;
use tower_token_endpoint::throttle::{MemoryThrottle, Throttle, ThrottleSource, Throttling};

use crate::common::{Built, basic, builder};
use crate::outside::{Clients, Computed, Hash, Inner, Throttles};
use crate::requests::{NOBODY, RIGHT, SECRET, WRONG, client, digest, over, whole};
use crate::situation::{Called, Live, Scene, alone, drop_at_every_poll};

fn throttling(store: impl Throttle) -> Throttling {
    let here = ThrottleSource::from_fn(|_| Some(IpAddr::from([192, 0, 2, 1])));
    let throttling = Throttling::new(store).source(here);
    throttling.max_wait(Duration::from_secs(1))
}

/// With this many slots for all.
fn throttled(slots: usize, credentials: &'static str) -> Scene {
    let live = Live::default();
    let store = Throttles::new(slots, &live);
    let clients = MemoryClientStore::new([digest()]).expect("one client");
    let layer = over(Clients(clients, live.clone())).throttle(throttling(store.clone()));
    let request = whole(basic(credentials));
    let scene = Scene::new(&layer.built(), Inner::new(&live), request);
    scene.also("it holds its own slot at most", move || store.expire() <= 1)
}

#[test]
fn a_request_that_waits_for_the_throttle_leaves_at_most_its_slot() {
    let _alone = alone();
    for (credentials, status, at_least) in [(RIGHT, 200, 8), (WRONG, 401, 6), (NOBODY, 401, 6)] {
        let scene = || throttled(1, credentials);
        let polls = drop_at_every_poll(credentials, status, Called::Never, scene);
        assert!(polls > at_least, "{credentials}: {polls} polls");
    }
}

/// It is also dropped when it has its turn, and does not know yet.
#[test]
fn a_request_that_waits_for_its_turn_leaves_at_most_its_slot() {
    let _alone = alone();
    for (credentials, status, at_least) in [(RIGHT, 200, 13), (WRONG, 401, 11), (NOBODY, 401, 11)] {
        let scene = || throttled(1, credentials).beside(whole(basic(RIGHT)));
        let polls = drop_at_every_poll(credentials, status, Called::Never, scene);
        assert!(polls > at_least, "{credentials}: {polls} polls");
    }
}

/// With one permit.
fn hashed(credentials: &'static str) -> Scene {
    let live = Live::default();
    let pool = HashPool::new().permits(1);
    let hash = Hash {
        right: SECRET,
        computed: Computed::HereSlowly,
        live: live.clone(),
    };
    let layer = builder([client(ClientSecret::hashed(Arc::new(hash)))])
        .hash_pool(pool.clone())
        .throttle(throttling(MemoryThrottle::new()));
    let request = whole(basic(credentials));
    let scene = Scene::new(&layer.built(), Inner::new(&live), request);
    let is_free = move || pool.running() == 0 && pool.waiting() == 0;
    scene.also("all permits are free", move || {
        // A hash that ran has ended, and gives its permit back just after that.
        let mut looks = 0..1000;
        while !is_free() && looks.next().is_some() {
            thread::sleep(Duration::from_millis(1));
        }
        is_free()
    })
}

#[test]
fn a_request_whose_hash_runs_leaves_nothing() {
    let _alone = alone();
    for (credentials, status) in [(RIGHT, 200), (WRONG, 401), (NOBODY, 401)] {
        let scene = || hashed(credentials);
        let polls = drop_at_every_poll(credentials, status, Called::Never, scene);
        assert!(polls > 1, "{credentials}: {polls} polls");
    }
}

#[test]
fn a_request_that_waits_for_a_permit_leaves_nothing() {
    let _alone = alone();
    for (credentials, status) in [(RIGHT, 200), (WRONG, 401), (NOBODY, 401)] {
        let scene = || hashed(credentials).beside(whole(basic(RIGHT)));
        let polls = drop_at_every_poll(credentials, status, Called::Never, scene);
        assert!(polls > 2, "{credentials}: {polls} polls");
    }
}

use std::{
    collections::HashMap,
    time::{Duration, UNIX_EPOCH},
};

use proptest::{collection::vec, prelude::*};

use super::{clock::Clock, shards::lock, *};
use crate::protocol::replay::ReplayPurpose;

const ISSUER: &str = "https://as.example.com";

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

/// The moment at which a clock that is right shows this.
fn right(wall: SystemTime) -> Now {
    let since = UNIX_EPOCH - Duration::from_secs(2 * 86_400);
    let monotonic = wall.duration_since(since).expect("not as long ago");
    Now { wall, monotonic }
}

/// The moment `at(seconds)`, when the clock shows `at(shown)`.
fn wrong(seconds: u64, shown: u64) -> Now {
    Now {
        wall: at(shown),
        ..right(at(seconds))
    }
}

impl MemoryReplayStore {
    /// Asks when the clock is right.
    fn remember_when(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
        wall: SystemTime,
    ) -> Result<Remembered, ReplayStoreFull> {
        self.remember_at(key, until, right(wall))
    }
}

fn of<'a>(client_id: &'a str, jti: &'a str) -> ReplayKey<'a> {
    ReplayKey::new(ReplayPurpose::ClientAssertion, ISSUER, client_id, jti)
}

#[test]
fn a_value_is_new_once_until_its_time() {
    let replays = MemoryReplayStore::new();
    let asked = |until, now| replays.remember_when(&of("a", "1"), until, now);
    assert_eq!(asked(at(10), at(0)), Ok(Remembered::New));
    assert_eq!(asked(at(10), at(0)), Ok(Remembered::Known));
    assert_eq!(asked(at(10), at(9)), Ok(Remembered::Known));
    assert_eq!(asked(at(20), at(10)), Ok(Remembered::New));
    assert_eq!(asked(at(30), at(19)), Ok(Remembered::Known));
}

#[test]
fn who_asks_again_changes_no_time() {
    let replays = MemoryReplayStore::new();
    let asked = |until, now| replays.remember_when(&of("a", "1"), until, now);
    assert_eq!(asked(at(10), at(0)), Ok(Remembered::New));
    assert_eq!(asked(at(5), at(1)), Ok(Remembered::Known));
    assert_eq!(asked(at(90), at(2)), Ok(Remembered::Known));
    assert_eq!(asked(at(0), at(3)), Ok(Remembered::Known));
    assert_eq!(asked(at(30), at(9)), Ok(Remembered::Known));
    assert_eq!(asked(at(30), at(10)), Ok(Remembered::New));
}

#[test]
fn a_part_of_a_second_is_a_whole_one() {
    let replays = MemoryReplayStore::new();
    let half = Duration::from_millis(500);
    let asked = |until, now| replays.remember_when(&of("a", "1"), until, now);
    assert_eq!(asked(at(10) + half, at(0)), Ok(Remembered::New));
    let last_moment = at(10) + half - Duration::from_nanos(1);
    assert_eq!(asked(at(20), last_moment), Ok(Remembered::Known));
    assert_eq!(asked(at(20), at(11)), Ok(Remembered::New));
}

#[test]
fn what_has_passed_already_is_new_and_takes_no_place() {
    let replays = MemoryReplayStore::with_capacity(1);
    for jti in ["1", "2", "1"] {
        let passed = replays.remember_when(&of("a", jti), at(5), at(5));
        assert_eq!(passed, Ok(Remembered::New));
    }
    assert_eq!(
        replays.remember_when(&of("a", "1"), at(6), at(5)),
        Ok(Remembered::New)
    );
}

#[test]
fn a_time_beyond_counting_is_never_forgotten() {
    let replays = MemoryReplayStore::new();
    let centuries = |n: u64| UNIX_EPOCH + Duration::from_secs(n * 36_525 * 86_400);
    let asked = |now| replays.remember_when(&of("a", "1"), centuries(9), now);
    assert_eq!(asked(at(0)), Ok(Remembered::New));
    assert_eq!(asked(centuries(2)), Ok(Remembered::Known));
    assert_eq!(asked(centuries(20)), Ok(Remembered::Known));
}

#[test]
fn a_clock_before_1970_forgets_nothing() {
    let replays = MemoryReplayStore::new();
    let asked = |now| replays.remember_when(&of("a", "1"), at(0), now);
    let before = UNIX_EPOCH - Duration::from_secs(86_400);
    assert_eq!(asked(before), Ok(Remembered::New));
    assert_eq!(asked(before), Ok(Remembered::Known));
}

#[test]
fn a_full_store_refuses_until_something_expires() {
    let replays = MemoryReplayStore::with_capacity(2).client_share(2);
    let asked = |jti, until, now| replays.remember_when(&of("a", jti), at(until), at(now));
    assert_eq!(asked("1", 10, 0), Ok(Remembered::New));
    assert_eq!(
        replays.remember_when(&of("b", "2"), at(20), at(0)),
        Ok(Remembered::New)
    );
    assert_eq!(asked("3", 30, 9), Err(ReplayStoreFull::Store));
    assert_eq!(asked("1", 30, 9), Ok(Remembered::Known));
    assert_eq!(asked("3", 30, 10), Ok(Remembered::New));
    assert_eq!(asked("1", 30, 10), Err(ReplayStoreFull::Store));
}

#[test]
fn a_client_has_its_share_and_no_more() {
    let replays = MemoryReplayStore::with_capacity(100_000).client_share(3);
    let asked =
        |client, jti, until, now| replays.remember_when(&of(client, jti), at(until), at(now));
    for (jti, until) in [("1", 10), ("2", 20), ("3", 30)] {
        assert_eq!(asked("a", jti, until, 0), Ok(Remembered::New));
    }
    assert_eq!(asked("a", "4", 40, 0), Err(ReplayStoreFull::ClientShare));
    assert_eq!(asked("b", "4", 40, 0), Ok(Remembered::New));
    assert_eq!(asked("a", "4", 40, 10), Ok(Remembered::New));
    assert_eq!(asked("a", "5", 40, 19), Err(ReplayStoreFull::ClientShare));
    assert_eq!(asked("a", "5", 40, 20), Ok(Remembered::New));
    let elsewhere = ReplayKey::new(
        ReplayPurpose::ClientAssertion,
        "https://other.example",
        "a",
        "5",
    );
    assert_eq!(
        replays.remember_when(&elsewhere, at(40), at(20)),
        Ok(Remembered::New)
    );
}

#[test]
fn a_128th_is_the_share_of_a_client() {
    for (capacity, share) in [(1280, 10), (1000, 7), (256, 2), (255, 1), (100, 1), (1, 1)] {
        let replays = MemoryReplayStore::with_capacity(capacity);
        let news = (0..100).filter(|jti: &u32| {
            replays.remember_when(&of("a", &jti.to_string()), at(9), at(0)) == Ok(Remembered::New)
        });
        assert_eq!(news.count(), share, "{capacity}");
    }
}

/// The clock leaps from `at(10)` to `at(leap)`, and is set back ten seconds later.
#[test]
fn a_clock_that_leaps_and_is_set_back_makes_no_value_new_twice() {
    const HOUR: u64 = 3600;
    for leap in [20, 60, HOUR, 24 * HOUR, 10 * 365 * 24 * HOUR] {
        let replays = MemoryReplayStore::with_capacity(2).client_share(2);
        let asked = |jti, until, now| replays.remember_at(&of("a", jti), at(until), now);
        let leapt = |seconds: u64| wrong(seconds, seconds - 10 + leap);
        assert_eq!(asked("before", HOUR, wrong(0, 0)), Ok(Remembered::New));

        // It does not matter what is asked for in the meantime.
        for seconds in 10..20 {
            let until = leap + HOUR;
            let known = asked("before", until, leapt(seconds));
            assert_eq!(known, Ok(Remembered::Known), "{leap}");
            // For at least as long as it takes to set the clock back.
            let expected = match seconds {
                10 => Remembered::New,
                _ => Remembered::Known,
            };
            let during = asked("during", leap + 30, leapt(seconds));
            assert_eq!(during, Ok(expected), "{leap}");
            let more = asked("more", until, leapt(seconds));
            assert_eq!(more, Err(ReplayStoreFull::Store), "{leap}");
        }

        for (jti, until) in [("before", HOUR), ("during", leap + 30)] {
            for seconds in [20, 21, until / 2, until - 1] {
                let known = asked(jti, until, wrong(seconds.max(20), seconds.max(20)));
                assert_eq!(known, Ok(Remembered::Known), "{leap}: {jti} at {seconds}");
            }
        }
    }
}

#[test]
fn a_clock_that_only_leaps_delays_what_it_forgets() {
    let replays = MemoryReplayStore::new();
    let asked = |until, now| replays.remember_at(&of("a", "1"), at(until), now);
    assert_eq!(asked(30, wrong(0, 0)), Ok(Remembered::New));
    assert_eq!(asked(1000, wrong(29, 529)), Ok(Remembered::Known));
    assert_eq!(asked(1000, wrong(30, 530)), Ok(Remembered::New));
}

#[test]
fn a_clock_that_is_slowed_down_makes_no_value_new_twice() {
    let replays = MemoryReplayStore::new();
    let asked = |jti, until, now| replays.remember_at(&of("a", jti), at(until), now);
    assert_eq!(asked("1", 1000, wrong(0, 0)), Ok(Remembered::New));
    // It loses a twentieth, which is less than a second each time.
    for seconds in 0..1052 {
        let now = wrong(seconds, seconds * 19 / 20);
        assert_eq!(asked("1", 5000, now), Ok(Remembered::Known), "{seconds}");
    }
}

/// What comes from reading the clocks one after the other adds up to nothing.
#[test]
fn clocks_that_are_read_one_after_the_other_make_no_time() {
    let replays = MemoryReplayStore::new();
    let asked = |until, now| replays.remember_at(&of("a", "1"), at(until), now);
    assert_eq!(asked(1000, wrong(0, 0)), Ok(Remembered::New));
    for seconds in 1..1000 {
        let late = Duration::from_millis(900 * (seconds % 2));
        let mut now = wrong(seconds, seconds);
        now.wall += late;
        assert_eq!(asked(5000, now), Ok(Remembered::Known), "{seconds}");
    }
    assert_eq!(asked(5000, wrong(1001, 1001)), Ok(Remembered::New));
}

#[test]
fn a_clock_that_is_set_back_counts_once_whatever_order_threads_come_in() {
    let clock = Clock::new();
    let second = Duration::from_secs(1);
    let read = |monotonic: u32, lead: u32| {
        let monotonic = second * monotonic;
        Now {
            wall: at(1000) + monotonic + second * lead,
            monotonic,
        }
    };
    let start = clock.seconds(read(0, 10));
    assert_eq!(clock.seconds(read(5, 10)), start + 5);
    // Read before the clock is set back, by a thread that is overtaken by two others.
    let late = read(6, 10);
    assert_eq!(clock.seconds(read(7, 0)), start + 7 - 10);
    assert_eq!(clock.seconds(late), start + 6 - 10);
    assert_eq!(clock.seconds(read(8, 0)), start + 8 - 10);
}

#[test]
fn nothing_is_taken_where_nothing_may_be_kept() {
    let none = MemoryReplayStore::with_capacity(0).client_share(1);
    assert_eq!(
        none.remember_when(&of("a", "1"), at(9), at(0)),
        Err(ReplayStoreFull::Store)
    );
    let none = MemoryReplayStore::with_capacity(9).client_share(0);
    assert_eq!(
        none.remember_when(&of("a", "1"), at(9), at(0)),
        Err(ReplayStoreFull::ClientShare)
    );
}

#[test]
fn tables_do_not_grow_by_what_was_forgotten() {
    let replays = MemoryReplayStore::with_capacity(448).client_share(448);
    let mut news = 0;
    for second in 0..1000 {
        for n in 0..100 {
            let jti = format!("{second} {n}");
            // Others come and go, so that their counts do.
            let client = if n % 2 == 0 { "a" } else { &*jti };
            let asked = replays.remember_when(&of(client, &jti), at(second + 4), at(second));
            news += u32::from(asked == Ok(Remembered::New));
        }
    }
    assert_eq!(news, 100_000);
    let [shard] = &*replays.shared.shards else {
        panic!("a small store has one shard")
    };
    assert_eq!(lock(&shard.entries).capacity(), 448);
    let [clients] = &*replays.shared.clients else {
        panic!("and one of clients")
    };
    assert!(
        lock(clients).capacity() <= 448,
        "{}",
        lock(clients).capacity()
    );
}

#[test]
fn a_poisoned_lock_is_no_end() {
    let replays = MemoryReplayStore::with_capacity(9).client_share(9);
    assert_eq!(
        replays.remember_when(&of("a", "1"), at(9), at(0)),
        Ok(Remembered::New)
    );
    let poison = std::thread::scope(|scope| {
        let locking = || {
            let _guards = (
                lock(&replays.shared.shards[0].entries),
                lock(&replays.shared.clients[0]),
            );
            panic!("on purpose");
        };
        scope.spawn(locking).join().is_err()
    });
    assert!(poison && replays.shared.clients[0].is_poisoned());
    assert_eq!(
        replays.remember_when(&of("a", "1"), at(9), at(0)),
        Ok(Remembered::Known)
    );
    assert_eq!(
        replays.remember_when(&of("a", "2"), at(9), at(0)),
        Ok(Remembered::New)
    );
}

/// What the store should do, in the simplest way.
struct Model {
    capacity: usize,
    share: usize,
    entries: HashMap<(u8, u8), u64>,
}

impl Model {
    fn remember(
        &mut self,
        key: (u8, u8),
        until: u64,
        now: u64,
    ) -> Result<Remembered, ReplayStoreFull> {
        self.entries.retain(|_, until| *until > now);
        let of_client = self
            .entries
            .keys()
            .filter(|(client, _)| *client == key.0)
            .count();
        if self.entries.contains_key(&key) {
            Ok(Remembered::Known)
        } else if until <= now {
            Ok(Remembered::New)
        } else if self.entries.len() >= self.capacity {
            Err(ReplayStoreFull::Store)
        } else if of_client >= self.share {
            Err(ReplayStoreFull::ClientShare)
        } else {
            self.entries.insert(key, until);
            Ok(Remembered::New)
        }
    }
}

proptest! {
    #[test]
    fn it_does_what_the_model_does(
        capacity in 0_usize..40,
        share in 0_usize..20,
        calls in vec((0_u8..4, 0_u8..32, 0_u64..12, 0_u64..3), 1..400),
    ) {
        let replays = MemoryReplayStore::with_capacity(capacity).client_share(share);
        let mut model = Model { capacity, share, entries: HashMap::new() };
        let mut now = 0;
        for (client, jti, lasting, passing) in calls {
            now += passing / 2;
            let (client_id, jti_text) = (client.to_string(), jti.to_string());
            let answer = replays.remember_when(&of(&client_id, &jti_text), at(now + lasting), at(now));
            prop_assert_eq!(answer, model.remember((client, jti), now + lasting, now));
        }
        let counted: u32 = replays.shared.clients.iter().flat_map(|it| lock(it).values().copied().collect::<Vec<_>>()).sum();
        prop_assert_eq!(counted as usize, replays.shared.len());
    }
}

/// Anybody can publish any number of documents, at any number of hosts.
#[tokio::test]
async fn documents_fill_no_more_than_their_part_and_leave_registered_clients_alone() {
    const CAPACITY: usize = 128 * 64;
    // Also if a client may have a quarter of it.
    for share in [CAPACITY / 128, CAPACITY / 4] {
        let store = MemoryReplayStore::with_capacity(CAPACITY).client_share(share);
        let until = SystemTime::now() + Duration::from_secs(3600);
        let mut of_documents = 0;
        for host in 0..400 {
            let id = format!("https://h{host}.example/client");
            for jti in 0..200 {
                let jti = jti.to_string();
                let key = ReplayKey::new(ReplayPurpose::ClientAssertion, "i", &id, &jti);
                match store.remember(&key.of_document(true), until).await {
                    Ok(remembered) => {
                        assert_eq!(remembered, Remembered::New);
                        of_documents += 1;
                    }
                    Err(full) => assert_eq!(full, ReplayStoreFull::ClientShare),
                }
            }
        }
        assert!(
            (CAPACITY / 5..=CAPACITY / 4).contains(&of_documents),
            "{of_documents}"
        );
        for client in 0..40 {
            let id = client.to_string();
            for jti in 0..CAPACITY / 128 {
                let jti = jti.to_string();
                let key = ReplayKey::new(ReplayPurpose::ClientAssertion, "i", &id, &jti);
                let remembered = store.remember(&key, until).await;
                assert_eq!(remembered, Ok(Remembered::New), "{client} {jti}");
            }
        }
    }
}

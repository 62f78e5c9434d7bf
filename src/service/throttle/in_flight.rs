//! Which requests hold slots at the moment, and which wait for one of them to end.

use std::{
    collections::{BTreeMap, HashMap, hash_map},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::oneshot, task::yield_now};

use crate::protocol::throttle::ThrottleAttempt;

/// How many requests may wait at once. Each of them keeps its connection and its parameters.
pub(in crate::service) const MAX_WAITING: usize = 1024;

/// The requests of this process, by the counters that they hold slots of.
///
/// There is an entry for each counter of a request under way, and nothing else, so the memory is
/// bounded by these requests.
#[derive(Default)]
pub(super) struct InFlight {
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    of: HashMap<Counter, Entry>,
    /// The number of the next one that waits.
    next: u64,
    /// How many wait for any counter.
    waiting: usize,
}

/// A key of an attempt and the name of one of its counters.
pub(in crate::service) type Counter = ([u8; 32], [u8; 16]);

#[derive(Default)]
struct Entry {
    /// Requests under way. There is at least one.
    requests: usize,
    /// Those that wait, in their order.
    waiting: BTreeMap<u64, oneshot::Sender<Turn>>,
    /// How many slots were given back while nobody waited.
    unclaimed: u64,
}

/// A request under way. Dropping it ends it.
pub(in crate::service) struct Entered {
    all: Arc<InFlight>,
    /// A source and two clients, at most.
    counters: [Option<Own>; 3],
}

/// A counter of a request.
#[derive(Clone, Copy)]
struct Own {
    counter: Counter,
    /// The `unclaimed` of its entry before the request took slots. If it is another one now, then
    /// there may be a slot that the request has missed.
    unclaimed: u64,
}

/// A request that waits until one of its own ends.
pub(in crate::service) struct Waiting {
    all: Arc<InFlight>,
    counter: Counter,
    number: u64,
    turn: oneshot::Receiver<Turn>,
    /// It has its turn from the start.
    is_ready: bool,
}

/// A slot was given back, and it is this one's turn to take it. It counts as a request under way.
///
/// Dropping it hands the turn on to the next one that waits, if it was handed over.
pub(in crate::service) struct Turn {
    /// `None` if nobody got it.
    all: Option<Arc<InFlight>>,
    counter: Counter,
    /// It was handed over, and was not used.
    is_free: bool,
}

impl InFlight {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Nothing in here panics between two changes.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request that is about to take slots.
    pub(super) fn enter<'a>(
        self: &Arc<Self>,
        attempts: impl Iterator<Item = &'a ThrottleAttempt>,
    ) -> Entered {
        let named = attempts.flat_map(|attempt| {
            let key = attempt.key();
            attempt.counters().map(move |it| (key, it.name()))
        });
        let mut counters = [None; 3];
        let mut entries = self.entries();
        for (counter, place) in named.zip(&mut counters) {
            let entry = entries.of.entry(counter).or_default();
            entry.requests += 1;
            *place = Some(Own {
                counter,
                unclaimed: entry.unclaimed,
            });
        }
        drop(entries);
        Entered {
            all: Arc::clone(self),
            counters,
        }
    }

    /// Ends a request for one counter. If it gave its slot back, the next one that waits has its
    /// turn. If it was the last one, nobody can wait any longer.
    fn leave(self: &Arc<Self>, counter: Counter, is_free: bool) {
        loop {
            let mut entries = self.entries();
            let hash_map::Entry::Occupied(mut entry) = entries.of.entry(counter) else {
                return;
            };
            let next = match is_free {
                true => entry.get_mut().waiting.pop_first(),
                false => None,
            };
            let Some((_, waiting)) = next else {
                entry.get_mut().requests -= 1;
                entry.get_mut().unclaimed += u64::from(is_free);
                let ended = (entry.get().requests == 0).then(|| entry.remove());
                drop(entries);
                // Wakes those that still wait, outside of the lock.
                drop(ended);
                return;
            };
            drop(entries);
            let turn = Turn {
                all: Some(Arc::clone(self)),
                counter,
                is_free,
            };
            // The request stays counted as the turn.
            let Err(mut unsent) = waiting.send(turn) else {
                return;
            };
            // It went away meanwhile: the turn goes to the one after it.
            unsent.all = None;
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.entries().of.len()
    }
}

impl Entered {
    /// Ends a request that gave back its slots.
    pub(in crate::service) fn end(mut self) {
        for own in mem::take(&mut self.counters).into_iter().flatten() {
            self.all.leave(own.counter, true);
        }
    }

    /// Lets others have what it gave back for one of its attempts, and stays under way.
    pub(in crate::service) fn gave_back(&self, attempt: &ThrottleAttempt) {
        let key = attempt.key();
        for counter in attempt.counters().map(|it| (key, it.name())) {
            // One more request, which ends at once.
            let mut entries = self.all.entries();
            let Some(entry) = entries.of.get_mut(&counter) else {
                continue;
            };
            entry.requests += 1;
            drop(entries);
            self.all.leave(counter, true);
        }
    }

    /// Whether [`wait`](Self::wait) would be of use: other requests hold slots of this counter, which
    /// must be one of its own, or have given one back since this one entered.
    pub(in crate::service) fn has_others(&self, counter: Counter) -> bool {
        let mut entries = self.all.entries();
        self.others(&mut entries, counter).is_some()
    }

    /// Waits for one of the others, instead of holding slots. `None` if there is none, or if too many
    /// wait already.
    ///
    /// If one has given a slot back since this one entered, nobody else may do so again. So it is
    /// the turn of this one at once.
    pub(in crate::service) fn wait(self, counter: Counter) -> Option<Waiting> {
        let mut entries = self.all.entries();
        let number = entries.next;
        let (sender, turn) = oneshot::channel();
        let (entry, is_ready) = self.others(&mut entries, counter)?;
        let unsent = if is_ready {
            entry.requests += 1;
            sender.send(Turn {
                all: Some(Arc::clone(&self.all)),
                counter,
                // All others that missed the slot know as well.
                is_free: false,
            })
        } else {
            entry.waiting.insert(number, sender);
            Ok(())
        };
        entries.next += 1;
        entries.waiting += 1;
        drop(entries);
        // It ends outside of the lock. The receiver is here, so there is none.
        drop(unsent);
        Some(Waiting {
            all: Arc::clone(&self.all),
            counter,
            number,
            turn,
            is_ready,
        })
    }

    /// The entry of a counter of its own, if it has others, and whether one of them gave a slot
    /// back meanwhile.
    fn others<'e>(
        &self,
        entries: &'e mut Entries,
        counter: Counter,
    ) -> Option<(&'e mut Entry, bool)> {
        let mut owns = self.counters.iter().flatten();
        let own = owns.find(|own| own.counter == counter)?;
        let entry = entries.of.get_mut(&counter)?;
        let is_ready = entry.unclaimed != own.unclaimed;
        let may_wait = entry.requests > 1 && entries.waiting < MAX_WAITING;
        (is_ready || may_wait).then_some((entry, is_ready))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        for own in mem::take(&mut self.counters).into_iter().flatten() {
            self.all.leave(own.counter, false);
        }
    }
}

impl Waiting {
    /// `None` if all of them ended without giving back a slot.
    pub(in crate::service) async fn turn(&mut self) -> Option<Turn> {
        if mem::take(&mut self.is_ready) {
            // Others may be faster each time. So it also uses up its patience here.
            yield_now().await;
        }
        (&mut self.turn).await.ok()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut entries = self.all.entries();
        entries.waiting -= 1;
        let entry = entries.of.get_mut(&self.counter);
        let sender = entry.and_then(|entry| entry.waiting.remove(&self.number));
        drop(entries);
        drop(sender);
    }
}

impl Turn {
    /// Whether another one that waits may have it instead.
    pub(in crate::service) fn is_free(&self) -> bool {
        self.is_free
    }

    /// Nobody else can use the slot.
    pub(in crate::service) fn used(mut self) {
        self.is_free = false;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(all) = self.all.take() {
            all.leave(self.counter, self.is_free);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, pin::Pin, time::Duration};

    use super::*;
    use crate::protocol::throttle::{Origin, ThrottleLimit};

    const LIMIT: ThrottleLimit = ThrottleLimit::new(1, Duration::from_secs(1));

    /// An attempt of a client from the one source.
    fn attempt(client_id: &str) -> ThrottleAttempt {
        let source = Origin::Source(Some(IpAddr::from([192, 0, 2, 1])));
        let attempt = ThrottleAttempt::new("https://as.example.com", source);
        attempt.for_origin(LIMIT).for_client(client_id, LIMIT)
    }

    fn enter(all: &Arc<InFlight>, client_id: &str) -> Entered {
        all.enter([attempt(client_id)].iter())
    }

    /// The counter of a client, or that of the source.
    fn counter(client_id: Option<&str>) -> Counter {
        let attempt = attempt(client_id.unwrap_or("a"));
        let nth = usize::from(client_id.is_some());
        let counter = attempt.counters().nth(nth).expect("one of two");
        (attempt.key(), counter.name())
    }

    fn wait(all: &Arc<InFlight>, client_id: &str) -> Waiting {
        let waiting = enter(all, client_id).wait(counter(Some(client_id)));
        waiting.expect("another request")
    }

    /// `None` if it still waits; else whether it has its turn.
    fn poll(waiting: &mut Waiting) -> Option<Option<Turn>> {
        use std::{
            future::Future as _,
            task::{Context, Poll, Waker},
        };
        let mut turn = std::pin::pin!(waiting.turn());
        let turn: Pin<&mut _> = turn.as_mut();
        match turn.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    #[test]
    fn nothing_is_left_when_all_have_ended() {
        let all = Arc::new(InFlight::default());
        let gave_back = enter(&all, "a");
        let failed = enter(&all, "a");
        let other = enter(&all, "b");
        let went_away = wait(&all, "a");
        let mut has_turn = wait(&all, "a");
        assert!(poll(&mut has_turn).is_none());
        assert_eq!(all.len(), 3);
        drop(went_away);
        gave_back.end();
        let turn = poll(&mut has_turn).expect("it ended");
        turn.expect("a slot").used();
        drop((failed, other));
        assert_eq!(all.len(), 0);
    }

    #[test]
    fn only_others_of_the_counter_can_be_waited_for() {
        let all = Arc::new(InFlight::default());
        let [a, b, source] = [Some("a"), Some("b"), None].map(counter);
        let enter = |client_id| enter(&all, client_id);
        for counter in [a, b, source] {
            assert!(!enter("a").has_others(counter));
            assert!(enter("a").wait(counter).is_none());
        }
        let _first = enter("a");
        for (client_id, counter, expected) in [
            ("a", a, true),
            ("a", source, true),
            ("b", source, true),
            ("b", b, false),
            // It is not one of its own.
            ("b", a, false),
            ("a", ([0; 32], [0; 16]), false),
        ] {
            assert_eq!(enter(client_id).has_others(counter), expected);
            assert_eq!(enter(client_id).wait(counter).is_some(), expected);
        }
    }

    #[test]
    fn a_bounded_number_waits_for_all_counters_together() {
        let all = Arc::new(InFlight::default());
        let (_a, _b) = (enter(&all, "a"), enter(&all, "b"));
        let mut waiting: Vec<_> = (1..MAX_WAITING).map(|_| wait(&all, "a")).collect();
        assert!(enter(&all, "b").has_others(counter(Some("b"))));
        waiting.push(wait(&all, "b"));
        for client_id in ["a", "b"] {
            let counter = counter(Some(client_id));
            assert!(!enter(&all, client_id).has_others(counter));
            assert!(enter(&all, client_id).wait(counter).is_none());
        }
        // One that has its turn at once does not wait.
        let late = enter(&all, "b");
        enter(&all, "b").end();
        waiting.pop();
        waiting.push(wait(&all, "a"));
        assert!(late.wait(counter(Some("b"))).is_some());
        drop(waiting);
        drop(wait(&all, "a"));
        assert_eq!(all.entries().waiting, 0);
    }

    #[test]
    fn each_slot_that_is_given_back_wakes_the_first_that_waits() {
        let all = Arc::new(InFlight::default());
        let [one, two] = [enter(&all, "a"), enter(&all, "a")];
        let mut waiting = [wait(&all, "a"), wait(&all, "a"), wait(&all, "a")];
        one.end();
        let first = poll(&mut waiting[0]).expect("its turn").expect("a slot");
        assert!(poll(&mut waiting[1]).is_none());
        two.end();
        let second = poll(&mut waiting[1]).expect("its turn").expect("a slot");
        assert!(poll(&mut waiting[2]).is_none());
        // A turn that is not used goes to the next one.
        drop(first);
        let third = poll(&mut waiting[2]).expect("its turn").expect("a slot");
        second.used();
        third.used();
        drop(waiting);
        assert_eq!(all.len(), 0);
    }

    #[test]
    fn who_missed_a_slot_has_its_turn_at_once_and_only_once() {
        let all = Arc::new(InFlight::default());
        let one = enter(&all, "a");
        let late = [enter(&all, "a"), enter(&all, "a")];
        let another = enter(&all, "b");
        one.end();
        for entered in late {
            assert!(entered.has_others(counter(Some("a"))));
            let mut waiting = entered.wait(counter(Some("a"))).expect("a slot");
            assert!(poll(&mut waiting).is_none(), "it lets others run");
            let turn = poll(&mut waiting).expect("its turn").expect("a slot");
            assert!(!turn.is_free());
            // It tries again, without success.
            let again = enter(&all, "a");
            drop(turn);
            let mut waiting = again.wait(counter(Some("a")));
            assert!(waiting.iter_mut().all(|it| poll(it).is_none()));
        }
        assert!(!another.has_others(counter(Some("b"))));
        drop(another);
        assert_eq!(all.len(), 0);
    }

    #[test]
    fn a_slot_that_went_to_one_that_waits_was_not_missed() {
        let all = Arc::new(InFlight::default());
        let one = enter(&all, "a");
        let mut first = wait(&all, "a");
        let late = enter(&all, "a");
        one.end();
        let turn = poll(&mut first).expect("its turn").expect("a slot");
        let mut late = late.wait(counter(Some("a"))).expect("it is under way");
        for _ in 0..3 {
            assert!(poll(&mut late).is_none());
        }
        turn.used();
    }

    #[test]
    fn a_turn_passes_those_that_went_away() {
        let all = Arc::new(InFlight::default());
        let one = enter(&all, "a");
        let [gone, told, mut last] = [wait(&all, "a"), wait(&all, "a"), wait(&all, "a")];
        drop(gone);
        one.end();
        assert!(poll(&mut last).is_none());
        // It has its turn, and goes away before it knows.
        drop(told);
        assert!(poll(&mut last).expect("its turn").is_some());
        drop(last);
        assert_eq!(all.len(), 0);
    }

    #[test]
    fn all_stop_waiting_when_the_last_one_fails() {
        let all = Arc::new(InFlight::default());
        let [one, two] = [enter(&all, "a"), enter(&all, "a")];
        let mut waiting = [wait(&all, "a"), wait(&all, "a")];
        drop(one);
        assert!(waiting.iter_mut().all(|it| poll(it).is_none()));
        drop(two);
        assert!(waiting.iter_mut().all(|it| matches!(poll(it), Some(None))));
        assert_eq!(all.len(), 0);
    }

    #[test]
    fn who_waited_before_does_not_end_who_waits_now() {
        let all = Arc::new(InFlight::default());
        let before = enter(&all, "a");
        let mut over = wait(&all, "a");
        drop(before);
        let _now = enter(&all, "a");
        let mut waiting = wait(&all, "a");
        assert!(matches!(poll(&mut over), Some(None)));
        drop(over);
        assert!(poll(&mut waiting).is_none());
    }

    #[test]
    fn all_who_may_wait_can_go_away() {
        let all = Arc::new(InFlight::default());
        let one = enter(&all, "a");
        let waiting: Vec<_> = (0..MAX_WAITING).map(|_| wait(&all, "a")).collect();
        drop(waiting);
        one.end();
        assert_eq!(all.len(), 0);
    }
}

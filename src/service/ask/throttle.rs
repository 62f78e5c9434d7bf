//! Were there too many failed authentications from this source, or for this client from it?

use std::{
    iter, mem,
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    thread,
};

use http::request::Parts;
use tokio::runtime::Handle;

use crate::{
    protocol::{
        accepted::attached::Accepted,
        exchange::Claimant,
        incoming::refused::Refused,
        rejection::Rejection,
        settings::Settings,
        throttle::{ExceededLimit, Origin, ThrottleAttempt},
    },
    service::{
        deadline::Deadline,
        throttle::{Entered, Full, Kept, Throttles, Turn},
    },
};

/// What a request counts for if its authentication fails.
#[derive(Clone)]
pub(in crate::service) struct Attempts {
    throttles: Arc<Throttles>,
    address: Option<IpAddr>,
    first: ThrottleAttempt,
    /// Clients that are counted apart from the source: see `dangerously_throttle_by_client`.
    clients: Vec<ThrottleAttempt>,
}

/// The slots that a request holds.
///
/// They are kept if it is dropped, since the client may have gone away in the middle of a guess.
/// They are given back if something panics.
pub(in crate::service) struct Slots {
    attempts: Attempts,
    /// For each attempt that took its slots.
    kept: [Option<Kept>; MAX_ATTEMPTS],
    /// While the request is under way.
    entered: Option<Entered>,
}

/// A source and two clients.
const MAX_ATTEMPTS: usize = 3;

/// What is known at once.
pub(in crate::service) enum Asked {
    Taken(Slots),
    Refused(Rejection),
    /// There is something to wait for: not all of them are taken.
    Waits(Slots),
}

impl Attempts {
    /// `None` if the request does not count, with any outcome.
    pub(in crate::service) fn of(
        throttles: &Arc<Throttles>,
        claimed: &Result<Claimant, Refused>,
        settings: &Settings,
        request: &Parts,
    ) -> Option<Self> {
        let attempts = |client_ids: &mut dyn Iterator<Item = &str>| {
            Self::new(throttles, client_ids, settings, request)
        };
        match claimed {
            Ok(claimant) => Some(attempts(&mut claimant.client_ids())),
            Err(refused) => Some(attempts(&mut refused.client_ids()?)),
        }
    }

    fn new(
        throttles: &Arc<Throttles>,
        client_ids: &mut dyn Iterator<Item = &str>,
        settings: &Settings,
        request: &Parts,
    ) -> Self {
        let limits = &throttles.settings;
        let address = throttles.source(request, settings);
        let of = |origin| ThrottleAttempt::new(&settings.issuer, origin);
        let mut first = of(Origin::Source(address)).for_origin(limits.per_source);
        let mut clients = Vec::new();
        for client_id in client_ids {
            if limits.by_client {
                let client = of(Origin::Client(client_id));
                clients.push(client.for_origin(limits.per_client));
            } else {
                first = first.for_client(client_id, limits.per_client);
            }
        }
        Self {
            throttles: Arc::clone(throttles),
            address,
            first,
            clients,
        }
    }

    fn iter(&self) -> impl Iterator<Item = &ThrottleAttempt> {
        iter::once(&self.first).chain(&self.clients)
    }

    /// The limit of a counter, unless a store told one that is not there.
    fn limit(&self, full: Full) -> Option<ExceededLimit> {
        let (key, name) = full.counter;
        let attempt = self.iter().find(|attempt| attempt.key() == key)?;
        let counter = attempt.counters().find(|counter| counter.name() == name)?;
        let is_of_source = key == self.first.key() && counter.is_of_origin();
        Some(match is_of_source {
            true => ExceededLimit::Source(counter.limit()),
            false => ExceededLimit::Client(counter.limit()),
        })
    }
}

impl Slots {
    /// Takes the slots if there is nothing to wait for.
    pub(in crate::service) fn ask_now(attempts: Attempts) -> Asked {
        let mut slots = Self {
            attempts,
            kept: [None; MAX_ATTEMPTS],
            entered: None,
        };
        slots.enter();
        match slots.take_now() {
            Some(Ok(())) => Asked::Taken(slots),
            Some(Err(full)) if !slots.may_wait(full) && !slots.hold_any() => {
                Asked::Refused(slots.refuse(full))
            }
            Some(Err(_)) | None => Asked::Waits(slots),
        }
    }

    /// Takes the slots. If one is missing, waits until another request that holds one of the same
    /// counter gives it back.
    pub(in crate::service) async fn ask(mut self) -> Result<Self, Rejection> {
        let mut patience = Deadline::new(self.attempts.throttles.settings.max_wait);
        let mut turn: Option<Turn> = None;
        let mut hands_on = true;
        loop {
            self.enter();
            let Err(full) = self.take().await else {
                if let Some(turn) = turn {
                    turn.used();
                }
                return Ok(self);
            };
            match turn.take() {
                // Another counter has no slot, so somebody else may have more luck. But a turn
                // must not go round among those who all cannot use it.
                Some(turn) if hands_on && turn.is_free() => {
                    hands_on = false;
                    drop(turn);
                }
                Some(turn) => turn.used(),
                None => {}
            }
            turn = self.wait(full, &mut patience).await;
            if turn.is_none() {
                return Err(self.refuse(full));
            }
        }
    }

    /// From here on, the request is under way for the others.
    fn enter(&mut self) {
        let attempts = &self.attempts;
        self.entered = Some(attempts.throttles.enter(attempts.iter()));
    }

    /// Takes the slots of all attempts, or none. `None` if the store has to wait.
    fn take_now(&mut self) -> Option<Result<(), Full>> {
        let throttles = &self.attempts.throttles;
        let mut taken = Some(Ok(()));
        for (attempt, place) in self.attempts.iter().zip(&mut self.kept) {
            match throttles.take_now(attempt) {
                Some(Ok(kept)) => *place = Some(kept),
                Some(Err(full)) => taken = Some(Err(full)),
                None => taken = None,
            }
            if taken != Some(Ok(())) {
                break;
            }
        }
        if taken != Some(Ok(())) {
            let held = self.kept;
            self.give_back_now();
            self.hand_on(&held);
        }
        taken
    }

    async fn take(&mut self) -> Result<(), Full> {
        let throttles = &self.attempts.throttles;
        let mut taken = Ok(());
        for (attempt, place) in self.attempts.iter().zip(&mut self.kept) {
            if place.is_some() {
                // Taken at once before, and the store has to wait to give them back.
                continue;
            }
            match throttles.take(attempt).await {
                Ok(kept) => *place = Some(kept),
                Err(full) => {
                    taken = Err(full);
                    break;
                }
            }
        }
        if taken.is_err() {
            let held = self.kept;
            self.give_back().await;
            self.hand_on(&held);
        }
        taken
    }

    /// Lets others have those of these slots that were given back, because another one is missing.
    fn hand_on(&self, held: &[Option<Kept>; MAX_ATTEMPTS]) {
        let Some(entered) = &self.entered else {
            return;
        };
        for (attempt, (before, now)) in self.attempts.iter().zip(held.iter().zip(&self.kept)) {
            if before.is_some() && now.is_none() {
                entered.gave_back(attempt);
            }
        }
    }

    /// Whether there is somebody to wait for, or who gave a slot back meanwhile, and a clock for how
    /// long. The slots of the other counters are not what is missing.
    fn may_wait(&self, full: Full) -> bool {
        let entered = self.entered.as_ref();
        !self.attempts.throttles.settings.max_wait.is_zero()
            && entered.is_some_and(|it| it.has_others(full.counter))
            && Handle::try_current().is_ok()
    }

    /// Waits for another request to end, if there is one that has not ended yet.
    async fn wait(&mut self, full: Full, patience: &mut Deadline) -> Option<Turn> {
        let may_wait = self.may_wait(full);
        let entered = self.entered.take().filter(|_| may_wait)?;
        let mut waiting = entered.wait(full.counter)?;
        patience.within(pin!(waiting.turn())).await.ok()?
    }

    fn refuse(&self, full: Full) -> Rejection {
        let limit = self.attempts.limit(full);
        Rejection::throttled(self.attempts.address, limit, full.retry_after)
    }

    /// What they were taken for was decided at once.
    pub(in crate::service) fn end_now(mut self, decided: &Result<Accepted, Rejection>) {
        if !counts(decided) {
            self.give_back_now();
            self.leave();
        }
    }

    /// What they were taken for was decided.
    pub(in crate::service) async fn end(mut self, decided: &Result<Accepted, Rejection>) {
        if !counts(decided) {
            self.give_back().await;
            self.leave();
        }
    }

    fn give_back_now(&mut self) {
        for (attempt, place) in self.attempts.iter().zip(&mut self.kept) {
            // If the store panics, it may have the slots already: they are not given back twice.
            if let Some(kept) = place.take()
                && !self.attempts.throttles.give_back_now(attempt, kept)
            {
                *place = Some(kept);
            }
        }
    }

    async fn give_back(&mut self) {
        for (attempt, place) in self.attempts.iter().zip(&mut self.kept) {
            if let Some(kept) = place.take() {
                self.attempts.throttles.give_back(attempt, kept).await;
            }
        }
    }

    /// Lets others have what was given back.
    fn leave(&mut self) {
        if let Some(entered) = self.entered.take() {
            entered.end();
        }
    }

    fn hold_any(&self) -> bool {
        self.kept.iter().any(Option::is_some)
    }

    /// A panic says nothing about the secret.
    fn give_back_after_panic(&mut self) {
        // A second panic would end the process.
        let _ = catch_unwind(AssertUnwindSafe(|| self.give_back_now()));
        if !self.hold_any() {
            self.leave();
            return;
        }
        // Others get their turn only when the store has the slots again.
        let permits = Arc::clone(&self.attempts.throttles.after_panics);
        if let (Ok(runtime), Ok(permit)) = (Handle::try_current(), permits.try_acquire_owned()) {
            let mut rest = Self {
                attempts: self.attempts.clone(),
                kept: mem::take(&mut self.kept),
                entered: self.entered.take(),
            };
            runtime.spawn(async move {
                let _permit = permit;
                rest.give_back().await;
                rest.leave();
            });
        }
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        if thread::panicking() {
            self.give_back_after_panic();
        }
    }
}

/// Whether it was a guess that failed. A 503 is one if the right secret would have been accepted.
fn counts(decided: &Result<Accepted, Rejection>) -> bool {
    match decided {
        Ok(_) => false,
        Err(rejection) => rejection.is_guess(),
    }
}

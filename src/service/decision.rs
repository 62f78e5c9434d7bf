//! One decision: drives the chain of the exchange, and says what becomes of the
//! request.
//!
//! What can be decided at once is decided in place. Only what has to wait for an
//! answer from outside becomes a future on the heap.

use std::{
    sync::Arc,
    time::{Instant, SystemTime},
};

use bytes::Bytes;
use http::{Response, request::Parts};

use super::{
    ask::{
        self,
        throttle::{Asked, Attempts, Slots},
    },
    deadline::Deadline,
    decoys::Decoys,
    hash_pool::HashPool,
    jitter,
    observe::{self, Observer, Started},
    throttle::Throttles,
};
use crate::{
    protocol::{
        accepted::attached::Accepted,
        candidates::{Candidates, Found},
        exchange::{Claimant, Proven, Unspent},
        incoming::{dpop_header::DpopHeader, head::Head, refused::Refused},
        outcome::Outcome,
        proof::Verified,
        reason::RejectionReason,
        rejection::Rejection,
        settings::Settings,
    },
    store::{
        clients::ClientStore,
        key_cache::KeyCache,
        memory::remembered::{Mark, RememberedSecrets},
        replays::AnyReplayStore,
    },
    verify,
};

/// What every decision of one layer shares.
pub(super) struct Core<C> {
    pub(super) settings: Settings,
    pub(super) observer: Observer,
    /// Shared by the layers of all endpoints, as all that follows.
    pub(super) clients: Arc<C>,
    /// `None`: failed authentications are not limited.
    pub(super) throttles: Option<Arc<Throttles>>,
    pub(super) decoys: Decoys,
    pub(super) hash_pool: HashPool,
    pub(super) remembered: Option<RememberedSecrets>,
    pub(super) keys: Option<Arc<KeyCache>>,
    pub(super) replays: Arc<dyn AnyReplayStore>,
}

/// The inner service gets the request, or this is the response instead of its own.
pub(super) type Decided = Result<(), Response<Bytes>>;

impl<C> Clone for Core<C> {
    fn clone(&self) -> Self {
        Self {
            settings: self.settings.clone(),
            observer: self.observer.clone(),
            clients: Arc::clone(&self.clients),
            throttles: self.throttles.clone(),
            decoys: self.decoys.clone(),
            hash_pool: self.hash_pool.clone(),
            remembered: self.remembered.clone(),
            keys: self.keys.clone(),
            replays: Arc::clone(&self.replays),
        }
    }
}

impl<C> Core<C> {
    /// Ends every decision: reports it, and makes the response of a rejection.
    #[inline]
    #[expect(clippy::result_large_err, reason = "to box a response costs more")]
    pub(super) fn end(
        &self,
        mut decided: Result<Accepted, Rejection>,
        request: &mut Parts,
        started: Started,
    ) -> Decided {
        if let Err(rejection) = &mut decided
            && let Some(trace_id) = self.settings.trace_id(&request.extensions)
        {
            rejection.set_trace_id(trace_id.clone());
        }
        self.observer
            .decided(&decided, request, &self.settings, started);
        match decided {
            Ok(accepted) => {
                accepted.attach(&mut request.extensions);
                Ok(())
            }
            Err(rejection) => {
                let Settings {
                    responses,
                    endpoint,
                    reports_outcome,
                    ..
                } = &self.settings;
                let outcome = reports_outcome.then(|| Outcome::rejected(*endpoint, &rejection));
                Err(responses.reject(rejection, outcome, request, jitter::random))
            }
        }
    }
}

/// How far a decision has come when it has to wait.
pub(super) enum Stage {
    Claimant(Claimant),
    Found(Claimant, Found),
    Unspent(Unspent),
}

pub(super) enum Progress {
    Decided(Result<Accepted, Rejection>),
    /// With the slots that the request holds.
    Stopped(Stage, Option<Box<Slots>>),
    /// It has to wait for its slots.
    Unthrottled(Box<Unthrottled>),
}

pub(super) struct Unthrottled {
    claimed: Result<Claimant, Refused>,
    slots: Slots,
}

impl<C: ClientStore> Core<C> {
    /// Decides about a request whose body was read, as far as it can without waiting.
    pub(super) fn start(&self, head: Head, parts: &Parts, body: &[u8]) -> Progress {
        let claimed = Claimant::new(head, parts.uri.query(), body, &self.settings);
        if let Some(throttles) = &self.throttles {
            return self.start_throttled(throttles, claimed, parts);
        }
        match claimed {
            Ok(claimant) => self.look_up(claimant, parts),
            Err(refused) => Progress::Decided(Err(refused.into())),
        }
    }

    /// Asks the throttle first, also about a request that is refused in any case: a stranger
    /// must not see from the 401 that its guess was not counted.
    #[inline(never)]
    fn start_throttled(
        &self,
        throttles: &Arc<Throttles>,
        claimed: Result<Claimant, Refused>,
        parts: &Parts,
    ) -> Progress {
        let attempts = Attempts::of(throttles, &claimed, &self.settings, parts);
        let slots = match attempts.map(Slots::ask_now) {
            None => None,
            Some(Asked::Taken(slots)) => Some(slots),
            Some(Asked::Refused(rejection)) => return Progress::Decided(Err(rejection)),
            Some(Asked::Waits(slots)) => {
                return Progress::Unthrottled(Box::new(Unthrottled { claimed, slots }));
            }
        };
        let progress = match claimed {
            Ok(claimant) => self.look_up(claimant, parts),
            Err(refused) => Progress::Decided(Err(refused.into())),
        };
        match (progress, slots) {
            (Progress::Decided(decided), Some(slots)) => {
                slots.end_now(&decided);
                Progress::Decided(decided)
            }
            (Progress::Stopped(stage, _), slots) => Progress::Stopped(stage, slots.map(Box::new)),
            (progress @ (Progress::Decided(_) | Progress::Unthrottled(_)), _) => progress,
        }
    }

    #[inline]
    fn look_up(&self, claimant: Claimant, parts: &Parts) -> Progress {
        let found = match ask::clients::find_now(&*self.clients, &claimant, parts) {
            Some(Ok(found)) => found,
            Some(Err(rejection)) => return Progress::Decided(Err(rejection)),
            None => return Progress::Stopped(Stage::Claimant(claimant), None),
        };
        let verified = {
            let mut candidates = self.candidates(&claimant, &found);
            if candidates.have_questions(&self.settings, SystemTime::now)
                && !ask::hashes::recall(self.remembered.as_ref(), &mut candidates, &self.settings)
            {
                drop(candidates);
                return Progress::Stopped(Stage::Found(claimant, found), None);
            }
            self.prove(&mut candidates, parts)
        };
        let proven = match verified {
            Ok(verified) => self.bind(claimant, verified, parts),
            Err(rejection) => Err(rejection),
        };
        match proven {
            Ok(Proven::Authenticated(client)) => Progress::Decided(client.accept(&self.settings)),
            Ok(Proven::Unspent(unspent)) => Progress::Stopped(Stage::Unspent(unspent), None),
            Err(rejection) => Progress::Decided(Err(rejection)),
        }
    }

    /// Goes on from where [`start`](Self::start) stopped.
    pub(super) async fn wait(
        self: Arc<Self>,
        stage: Stage,
        slots: Option<Box<Slots>>,
        mut parts: Parts,
        mut deadline: Deadline,
        started: Started,
    ) -> (Decided, Parts) {
        let decided = self.finish(stage, &parts, &mut deadline).await;
        if let Some(slots) = slots {
            slots.end(&decided).await;
        }
        (self.end(decided, &mut parts, started), parts)
    }

    /// Goes on from [`Progress::Unthrottled`].
    pub(super) async fn wait_throttled(
        self: Arc<Self>,
        unthrottled: Box<Unthrottled>,
        mut parts: Parts,
        mut deadline: Deadline,
        started: Started,
    ) -> (Decided, Parts) {
        let decided = self
            .finish_throttled(*unthrottled, &parts, &mut deadline)
            .await;
        (self.end(decided, &mut parts, started), parts)
    }

    async fn finish_throttled(
        &self,
        Unthrottled { claimed, slots }: Unthrottled,
        parts: &Parts,
        deadline: &mut Deadline,
    ) -> Result<Accepted, Rejection> {
        let slots = slots.ask().await?;
        let decided = match claimed {
            Ok(claimant) => {
                self.finish(Stage::Claimant(claimant), parts, deadline)
                    .await
            }
            Err(refused) => Err(refused.into()),
        };
        slots.end(&decided).await;
        decided
    }

    async fn finish(
        &self,
        stage: Stage,
        parts: &Parts,
        deadline: &mut Deadline,
    ) -> Result<Accepted, Rejection> {
        let settings = &self.settings;
        let (proven, matched) = match stage {
            Stage::Claimant(claimant) => {
                let found = ask::clients::find(&*self.clients, &claimant, parts, deadline).await?;
                self.ask_and_prove(claimant, found, parts, deadline).await?
            }
            Stage::Found(claimant, found) => {
                self.ask_and_prove(claimant, found, parts, deadline).await?
            }
            Stage::Unspent(unspent) => (Proven::Unspent(unspent), None),
        };
        let client = ask::replays::spend(&*self.replays, proven, settings, deadline).await?;
        if let (Some(remembered), Some(matched)) = (&self.remembered, matched) {
            remembered.keep(matched, Instant::now());
        }
        client.accept(settings)
    }

    async fn ask_and_prove(
        &self,
        claimant: Claimant,
        found: Found,
        parts: &Parts,
        deadline: &mut Deadline,
    ) -> Result<(Proven, Option<Mark>), Rejection> {
        let mut candidates = self.candidates(&claimant, &found);
        let keys = self.keys.as_deref();
        ask::keys::fetch(keys, &mut candidates, &self.settings, deadline).await?;
        let (pool, remembered) = (&self.hash_pool, self.remembered.as_ref());
        let matched =
            ask::hashes::check(pool, remembered, &mut candidates, &self.settings, deadline).await;
        let verified = self.prove(&mut candidates, parts)?;
        drop(candidates);
        Ok((self.bind(claimant, verified, parts)?, matched))
    }

    fn candidates<'c>(&self, claimant: &'c Claimant, found: &'c Found) -> Candidates<'c> {
        claimant.candidates(found, |found| self.decoys.choose(&*self.clients, found))
    }

    /// Binds the request of a client that has authenticated to the key that it has, if it has one.
    #[inline]
    fn bind(
        &self,
        claimant: Claimant,
        verified: Verified,
        parts: &Parts,
    ) -> Result<Proven, Rejection> {
        let unbound = claimant.proven(verified, &self.settings)?;
        let header = self.settings.dpop();
        let header = header.and_then(|_| DpopHeader::find(&parts.headers));
        let key = verify::prove_key(header, &unbound, &self.settings, SystemTime::now);
        unbound.bind(key)
    }

    fn prove(&self, candidates: &mut Candidates<'_>, parts: &Parts) -> Result<Verified, Rejection> {
        verify::prove(candidates, &self.settings, SystemTime::now).map_err(|unproven| {
            if unproven.reason == RejectionReason::UnknownClient {
                let trace_id = self.settings.trace_id(&parts.extensions);
                let client_id = candidates.both().0.client_id;
                observe::unknown_client(client_id, unproven.method, trace_id);
                let why = self.clients.why_unknown(client_id, parts);
                let why = why.filter(|why| !ask::clients::is_of_client(&**why));
                let method = unproven.method;
                let rejection = candidates.refuse(unproven, &self.settings, SystemTime::now);
                return match why {
                    Some(why) if rejection.reason() == RejectionReason::UnknownClient => {
                        let reason = RejectionReason::InvalidRegistration;
                        Rejection::caused_by(reason, why).by_method(method)
                    }
                    Some(_) | None => rejection,
                };
            }
            candidates.refuse(unproven, &self.settings, SystemTime::now)
        })
    }
}

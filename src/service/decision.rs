//! One decision: drives the chain of the exchange, and says what becomes of the
//! request.
//!
//! What can be decided at once is decided in place. Only what has to wait for an
//! answer from outside becomes a future on the heap.

use std::{sync::Arc, time::SystemTime};

use bytes::Bytes;
use http::{Response, request::Parts};

use super::{ask, deadline::Deadline, decoys::Decoys, observe};
use crate::{
    protocol::{
        accepted::attached::Accepted,
        exchange::{Candidates, Claimant, Found, Proven, Unspent},
        incoming::head::Head,
        proof::Verified,
        rejection::Rejection,
        settings::Settings,
    },
    store::{clients::ClientStore, key_cache::KeyCache, replays::AnyReplayStore},
    verify,
};

/// What every decision of one layer shares.
pub(super) struct Core<C> {
    pub(super) settings: Settings,
    /// Shared by the layers of all endpoints, as all that follows.
    pub(super) clients: Arc<C>,
    pub(super) decoys: Decoys,
    pub(super) keys: Option<Arc<KeyCache>>,
    pub(super) replays: Arc<dyn AnyReplayStore>,
}

/// The inner service gets the request, or this is the response instead of its own.
pub(super) type Decided = Result<(), Response<Bytes>>;

impl<C> Clone for Core<C> {
    fn clone(&self) -> Self {
        Self {
            settings: self.settings.clone(),
            clients: Arc::clone(&self.clients),
            decoys: self.decoys.clone(),
            keys: self.keys.clone(),
            replays: Arc::clone(&self.replays),
        }
    }
}

impl<C> Core<C> {
    /// Ends every decision: reports it, and makes the response of a rejection.
    #[inline]
    #[expect(clippy::result_large_err, reason = "to box a response costs more")]
    pub(super) fn end(&self, decided: Result<Accepted, Rejection>, request: &mut Parts) -> Decided {
        observe::decided(&decided, request);
        match decided {
            Ok(accepted) => {
                accepted.attach(&mut request.extensions);
                Ok(())
            }
            Err(rejection) => Err(self.settings.responses.reject(rejection, request)),
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
    Stopped(Stage),
}

impl<C: ClientStore> Core<C> {
    /// Decides about a request whose body was read, as far as it can without waiting.
    pub(super) fn start(&self, head: Head, parts: &Parts, body: &[u8]) -> Progress {
        let claimant = match Claimant::new(head, parts.uri.query(), body, &self.settings) {
            Ok(claimant) => claimant,
            Err(rejection) => return Progress::Decided(Err(rejection)),
        };
        let found = match ask::clients::find_now(&*self.clients, &claimant, parts) {
            Some(Ok(found)) => found,
            Some(Err(rejection)) => return Progress::Decided(Err(rejection)),
            None => return Progress::Stopped(Stage::Claimant(claimant)),
        };
        let candidates = self.candidates(&claimant, &found);
        if candidates.have_questions(&self.settings, SystemTime::now) {
            drop(candidates);
            return Progress::Stopped(Stage::Found(claimant, found));
        }
        let proven = match self.prove(candidates) {
            Ok(verified) => claimant.proven(verified, &self.settings),
            Err(rejection) => Err(rejection),
        };
        match proven {
            Ok(Proven::Authenticated(client)) => Progress::Decided(client.accept(&self.settings)),
            Ok(Proven::Unspent(unspent)) => Progress::Stopped(Stage::Unspent(unspent)),
            Err(rejection) => Progress::Decided(Err(rejection)),
        }
    }

    /// Goes on from where [`start`](Self::start) stopped.
    pub(super) async fn wait(
        self: Arc<Self>,
        stage: Stage,
        mut parts: Parts,
        mut deadline: Deadline,
    ) -> (Decided, Parts) {
        let decided = self.finish(stage, &parts, &mut deadline).await;
        (self.end(decided, &mut parts), parts)
    }

    async fn finish(
        &self,
        stage: Stage,
        parts: &Parts,
        deadline: &mut Deadline,
    ) -> Result<Accepted, Rejection> {
        let settings = &self.settings;
        let proven = match stage {
            Stage::Claimant(claimant) => {
                let found = ask::clients::find(&*self.clients, &claimant, parts, deadline).await?;
                self.ask_and_prove(claimant, found, deadline).await?
            }
            Stage::Found(claimant, found) => self.ask_and_prove(claimant, found, deadline).await?,
            Stage::Unspent(unspent) => Proven::Unspent(unspent),
        };
        let client = ask::replays::spend(&*self.replays, proven, settings, deadline).await?;
        client.accept(settings)
    }

    async fn ask_and_prove(
        &self,
        claimant: Claimant,
        found: Found,
        deadline: &mut Deadline,
    ) -> Result<Proven, Rejection> {
        let mut candidates = self.candidates(&claimant, &found);
        let keys = self.keys.as_deref();
        ask::keys::fetch(keys, &mut candidates, &self.settings, deadline).await?;
        ask::hashes::check(&mut candidates, deadline).await;
        let verified = self.prove(candidates)?;
        claimant.proven(verified, &self.settings)
    }

    fn candidates<'c>(&self, claimant: &'c Claimant, found: &'c Found) -> Candidates<'c> {
        claimant.candidates(found, |found| self.decoys.choose(&*self.clients, found))
    }

    fn prove(&self, candidates: Candidates<'_>) -> Result<Verified, Rejection> {
        verify::prove(&candidates, &self.settings, SystemTime::now)
            .map_err(|unproven| candidates.refuse(unproven, &self.settings))
    }
}

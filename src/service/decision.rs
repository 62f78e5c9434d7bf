//! One decision: drives the chain of the exchange, and says what becomes of the
//! request.
//!
//! What can be decided at once is decided in place. Only what has to wait for an
//! answer from outside becomes a future on the heap.

use std::{
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use bytes::Bytes;
use http::{Response, request::Parts};

use super::{ask, deadline::Deadline, observe};
use crate::{
    protocol::{
        client_secret::ClientSecret,
        decoy::Decoy,
        exchange::{Accepted, Candidates, Claimant, Found, Proven, Unspent},
        incoming::head::Head,
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

/// Whose secrets are verified if there is no client.
#[derive(Clone)]
pub(super) struct Decoys {
    /// `None`: the store's.
    pub(super) set: Option<Decoy>,
    /// For a store that has none: made of the first client with slow hashes that it
    /// found.
    found: Arc<OnceLock<Decoy>>,
    /// Until it has found one.
    digest: Decoy,
}

impl Default for Decoys {
    fn default() -> Self {
        Self {
            set: None,
            found: Arc::default(),
            digest: Decoy::of_a_digest(),
        }
    }
}

impl Decoys {
    /// Adds a secret to the decoy that was set.
    pub(super) fn add(&mut self, secret: ClientSecret) {
        let before = self.set.as_ref().map_or(&[][..], Decoy::secrets);
        let secrets = before.iter().cloned().chain([secret]);
        self.set = Some(Decoy::new(secrets));
    }

    fn choose(&self, store: &impl ClientStore, found: &Found) -> Decoy {
        if let Some(decoy) = self.set.clone().or_else(|| store.decoy()) {
            return decoy;
        }
        let mut of_hashes = found.iter().flatten().filter_map(|it| Decoy::of_hashes(it));
        match of_hashes.next() {
            Some(decoy) => self.found.get_or_init(|| decoy).clone(),
            None => self.found.get().unwrap_or(&self.digest).clone(),
        }
    }
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
    /// The end of every decision: tells what came of it, and makes that of it.
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
    Candidates(Candidates),
    Unspent(Unspent),
}

pub(super) enum Progress {
    Decided(Result<Accepted, Rejection>),
    Stopped(Stage),
}

impl<C: ClientStore> Core<C> {
    /// Decides about a request whose body was read, as far as it can without waiting.
    pub(super) fn start(&self, head: Head, parts: &Parts, body: &[u8]) -> Progress {
        let claimant = match Claimant::new(head, body, &self.settings) {
            Ok(claimant) => claimant,
            Err(rejection) => return Progress::Decided(Err(rejection)),
        };
        let candidates = match ask::clients::find_now(&*self.clients, &claimant, parts) {
            Some(Ok(found)) => self.candidates(claimant, found),
            Some(Err(rejection)) => return Progress::Decided(Err(rejection)),
            None => return Progress::Stopped(Stage::Claimant(claimant)),
        };
        if candidates.have_questions() {
            return Progress::Stopped(Stage::Candidates(candidates));
        }
        match self.prove(candidates) {
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
        let mut candidates = match stage {
            Stage::Claimant(claimant) => {
                let found = ask::clients::find(&*self.clients, &claimant, parts, deadline).await?;
                self.candidates(claimant, found)
            }
            Stage::Candidates(candidates) => candidates,
            Stage::Unspent(unspent) => {
                let proven = Proven::Unspent(unspent);
                let client =
                    ask::replays::spend(&*self.replays, proven, settings, deadline).await?;
                return client.accept(settings);
            }
        };
        ask::keys::fetch(self.keys.as_deref(), &mut candidates, settings, deadline).await?;
        ask::hashes::check(&mut candidates, deadline).await?;
        let proven = self.prove(candidates)?;
        let client = ask::replays::spend(&*self.replays, proven, settings, deadline).await?;
        client.accept(settings)
    }

    fn candidates(&self, claimant: Claimant, found: Found) -> Candidates {
        claimant.clients(found, |found| self.decoys.choose(&*self.clients, found))
    }

    fn prove(&self, candidates: Candidates) -> Result<Proven, Rejection> {
        let proof = verify::prove(&candidates, &self.settings, SystemTime::now);
        candidates.proof(proof, &self.settings)
    }
}

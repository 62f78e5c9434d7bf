//! A fetch that is in progress.

use std::sync::Arc;

use tokio::{sync::watch, time::Instant};

use super::{
    cache::Cache,
    entry::{Counted, Entry, Flight, Kept, Landed, Outcome},
    failure::{Cause, NoClient},
    source::{FetchedDocument, Found},
};
use crate::{error::BoxError, protocol::client::Client, store::key::Key};

pub(super) async fn outcome_of(mut flight: Flight) -> Outcome {
    match flight.wait_for(Option::is_some).await.as_deref() {
        Ok(Some(outcome)) => outcome.clone(),
        Ok(None) | Err(_) => Outcome::NotFetched(Cause::Abandoned.into()),
    }
}

/// However it ends, the requests that wait are told: also if the source panics, or if the runtime shuts
/// down.
pub(super) struct Attempt {
    pub(super) cache: Arc<Cache>,
    pub(super) entry: Arc<Entry>,
    pub(super) client_id: Box<str>,
    pub(super) landing: Option<watch::Sender<Option<Outcome>>>,
}

impl Attempt {
    pub(super) fn land(mut self, fetched: Result<FetchedDocument, Cause>) {
        let read = fetched
            .map_err(|cause| Outcome::NotFetched(cause.into()))
            .and_then(|fetched| self.read(fetched));
        self.end(read);
    }

    fn read(&self, fetched: FetchedDocument) -> Result<Kept, Outcome> {
        let refused = |why: BoxError| Outcome::NoClient(NoClient::new(why));
        let json = match fetched.found {
            Found::Document(json) => json,
            Found::Refused(why) => return Err(refused(why)),
        };
        let limit = self.cache.max_bytes;
        if json.len() > limit {
            return Err(Outcome::NotFetched(Cause::TooLong(limit).into()));
        }
        let client = Client::from_document_of(&self.client_id, &json);
        let mut client = client.map_err(|error| refused(error.into()))?;
        let keys = Arc::clone(&self.cache.keys);
        client.extensions_mut().insert(keys);
        let fresh = &self.cache.times.fresh;
        let max_age = fetched.max_age.unwrap_or(*fresh.start());
        Ok(Kept {
            client: Arc::new(client),
            fetched_at: Instant::now(),
            fresh_for: max_age.clamp(*fresh.start(), *fresh.end()),
            _counted: Counted::new(self.cache.reports.kept),
        })
    }

    fn end(&mut self, read: Result<Kept, Outcome>) {
        let Some(landing) = self.landing.take() else {
            return;
        };
        let cache = &self.cache;
        let failed = match &read {
            Err(Outcome::NotFetched(failed)) => Some(failed.clone()),
            Ok(_) | Err(Outcome::Client(_) | Outcome::NoClient(_)) => None,
        };
        let (landed, dropped) = self.entry.land(read, Instant::now(), &cache.times);
        let Landed {
            outcome,
            had_document,
            has_copy,
        } = landed;
        if failed.is_none() {
            let key = Key::new("", &self.client_id);
            let max = cache.max_documents;
            cache.entries.note(key, &self.entry, max);
        }
        landing.send_replace(Some(outcome.clone()));
        // Last, since these run code of the user.
        drop(dropped);
        match (outcome, failed) {
            (_, Some(failed)) if has_copy => (cache.reports.not_fetched)(&self.client_id, &failed),
            (Outcome::NoClient(why), _) if had_document => {
                (cache.reports.refused)(&self.client_id, &why);
            }
            (Outcome::Client(_) | Outcome::NoClient(_) | Outcome::NotFetched(_), _) => {}
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.end(Err(Outcome::NotFetched(Cause::Abandoned.into())));
    }
}

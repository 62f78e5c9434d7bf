//! One decision: has the body read, asks the store, has the client proved, and
//! says what becomes of the request.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::Body;

#[cfg(feature = "jwt")]
use super::ask::Assertions;
#[cfg(feature = "tracing")]
use super::observe;
use super::{
    deadline::{Deadline, Elapsed},
    read::read,
};
use crate::{
    error::BoxError,
    protocol::{
        client::Client,
        exchange::{Accepted, Found, Head, Proven},
        reason::Reason,
        rejection::Rejection,
        settings::Settings,
    },
    store::clients::ClientStore,
    verify,
};

/// What every decision of one layer shares.
pub(super) struct Core<C> {
    pub(super) settings: Settings,
    pub(super) clients: Arc<C>,
    /// For a store that has no decoy: one made of the first client with slow
    /// hashes that it found. Shared by the layers of all endpoints.
    pub(super) fallback_decoy: Arc<OnceLock<Arc<Client>>>,
    #[cfg(feature = "jwt")]
    pub(super) assertions: Assertions,
}

impl<C> Clone for Core<C> {
    fn clone(&self) -> Self {
        Self {
            settings: self.settings.clone(),
            clients: Arc::clone(&self.clients),
            fallback_decoy: Arc::clone(&self.fallback_decoy),
            #[cfg(feature = "jwt")]
            assertions: self.assertions.clone(),
        }
    }
}

/// The request that the inner service gets, or the answer in its place.
pub(super) type Decision = Result<Request<Bytes>, Response<Bytes>>;

impl<C> Core<C> {
    /// What the head alone decides.
    pub(super) fn check_head(&self, parts: &mut Parts) -> Result<Head, Rejection> {
        Head::check(parts, &self.settings)
    }

    /// The answer in the place of the inner service's.
    pub(super) fn refuse(&self, rejection: Rejection, parts: Parts) -> Response<Bytes> {
        #[cfg(feature = "tracing")]
        observe::rejected(&rejection, &parts);
        self.settings.responses.reject(rejection, parts)
    }
}

impl<C: ClientStore> Core<C> {
    /// Not an `async fn`, which would keep its arguments twice: the future of
    /// a decision is moved into a box, and its size is what that costs.
    #[expect(clippy::manual_async_fn, reason = "see above")]
    pub(super) fn decide<B>(
        self: Arc<Self>,
        head: Head,
        mut parts: Parts,
        body: B,
    ) -> impl Future<Output = Decision> + Send
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<BoxError>,
    {
        async move {
            match self.accept(head, &parts, body).await {
                Ok((accepted, body)) => {
                    #[cfg(feature = "tracing")]
                    observe::accepted(&accepted, &parts);
                    accepted.attach(&mut parts.extensions);
                    Ok(Request::from_parts(parts, body))
                }
                Err(rejection) => Err(self.refuse(rejection, parts)),
            }
        }
    }

    #[expect(clippy::manual_async_fn, reason = "as for `decide`")]
    fn accept<B>(
        &self,
        head: Head,
        parts: &Parts,
        body: B,
    ) -> impl Future<Output = Result<(Accepted, Bytes), Rejection>> + Send
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<BoxError>,
    {
        async move {
            let settings = &self.settings;
            let mut deadline = Deadline::new(settings.deadline);
            let body = match deadline.within(pin!(read(body, settings.body_limit))).await {
                Ok(body) => body?,
                Err(Elapsed) => return Err(Reason::BodyTimeout.into()),
            };
            let claimant = head.body(&body, settings)?;
            let mut found = Found::default();
            for (client_id, found) in claimant.client_ids().zip(&mut found) {
                match deadline
                    .within(pin!(self.clients.find(client_id, parts)))
                    .await
                {
                    Ok(Ok(client)) => *found = client,
                    Ok(Err(error)) => {
                        let reason = Reason::StoreUnavailable;
                        return Err(Rejection::caused_by(reason, error.into()));
                    }
                    Err(Elapsed) => return Err(Reason::DecisionTimeout.into()),
                }
            }
            // What few requests come to is boxed: the future of a decision stays small.
            #[cfg(feature = "jwt")]
            let fetched = match claimant.keys_to_fetch(&found, settings, SystemTime::now) {
                Some(wanted) => Box::pin(self.assertions.fetch(wanted, &mut deadline)).await?,
                None => None,
            };
            #[cfg(not(feature = "jwt"))]
            let fetched = None;
            let candidates = claimant.clients(found, fetched, |found| self.decoy(found));
            let proof = verify::prove(&candidates, settings, SystemTime::now);
            let authenticated = match candidates.proof(proof, settings)? {
                Proven::Lasting(authenticated) => authenticated,
                #[cfg(feature = "jwt")]
                Proven::Once(unspent) => {
                    Box::pin(self.assertions.spend(unspent, settings, &mut deadline)).await?
                }
                #[cfg(not(feature = "jwt"))]
                Proven::Once(unspent) => {
                    return Err(unspent.refuse(Reason::MethodNotVerifiable.into()));
                }
            };
            Ok((authenticated.accept(settings)?, body))
        }
    }

    /// Whose secrets are verified where there is no client.
    fn decoy(&self, found: &Found) -> Arc<Client> {
        let set = self.settings.decoy.clone();
        set.or_else(|| self.clients.decoy())
            .unwrap_or_else(|| self.fallback_decoy(found))
    }

    fn fallback_decoy(&self, found: &Found) -> Arc<Client> {
        let mut clients = found.iter().flatten();
        let decoy = match clients.find(|client| client.has_hashed_secret()) {
            Some(client) => self
                .fallback_decoy
                .get_or_init(|| Arc::new(client.as_decoy())),
            None => self
                .fallback_decoy
                .get()
                .unwrap_or(&self.settings.default_decoy),
        };
        Arc::clone(decoy)
    }
}

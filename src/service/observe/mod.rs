//! Reports the result of a decision. Each reader of it is a file here, and no other place
//! knows whether its feature is on.

#[cfg(all(feature = "client-documents", feature = "tracing"))]
mod documents;
#[cfg(feature = "tracing")]
mod events;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "metrics")]
mod throttled;

use std::error::Error;
#[cfg(feature = "tracing")]
use std::sync::Arc;

use http::{Request, request::Parts};

#[cfg(feature = "tracing")]
use super::once_a_minute::OnceAMinute;
#[cfg(any(feature = "metrics", feature = "tracing"))]
use crate::protocol::{accepted::authenticated::AuthenticatedRequest, grant::GrantType};
use crate::{
    protocol::{
        accepted::attached::Accepted,
        auth_method::AuthMethod,
        incoming::presented::CertificateProblem,
        outgoing::token_error::SentError,
        rejection::Rejection,
        settings::{Settings, endpoint::Endpoint},
        trace_id::TraceId,
    },
    store::{key_cache::attempt::Reports, memory::clients::error::LoadProblem},
};

/// When a request came, if somebody wants to know.
#[derive(Clone, Copy)]
pub(super) struct Started {
    #[cfg(feature = "metrics")]
    at: Option<std::time::Instant>,
}

/// What a layer tells of its decisions. The layers of all endpoints share what a clone shares.
#[derive(Clone, Default)]
pub(super) struct Observer {
    #[cfg(feature = "metrics")]
    pub(super) records_metrics: bool,
    #[cfg(feature = "metrics")]
    pub(super) counts_clients: bool,
    #[cfg(feature = "metrics")]
    throttled: throttled::ThrottledSources,
    #[cfg(feature = "tracing")]
    unread_certificates: Arc<OnceAMinute>,
}

impl Observer {
    #[inline]
    pub(super) fn started(&self) -> Started {
        Started {
            #[cfg(feature = "metrics")]
            at: self.records_metrics.then(std::time::Instant::now),
        }
    }

    /// Called once for each request that is for the layer.
    #[cfg_attr(
        not(all(feature = "metrics", feature = "tracing")),
        expect(unused_variables, reason = "each reader wants something else")
    )]
    #[inline]
    pub(super) fn decided(
        &self,
        decided: &Result<Accepted, Rejection>,
        parts: &Parts,
        settings: &Settings,
        started: Started,
    ) {
        #[cfg(feature = "tracing")]
        events::decided(decided, parts, settings);
        #[cfg(feature = "metrics")]
        if let Some(started) = started.at {
            metrics::decided(decided, started, settings.endpoint, self.counts_clients);
            if let Err(rejection) = decided {
                self.throttled.note(rejection);
            }
        }
    }

    /// Called if a request has a certificate that cannot be read. A stranger can cause as many as he likes, so there is
    /// one warning each minute.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(unused_variables, clippy::unused_self, reason = "nobody reads it")
    )]
    pub(super) fn certificate_unread<B>(
        &self,
        problem: &CertificateProblem,
        request: &Request<B>,
        settings: &Settings,
    ) {
        #[cfg(feature = "tracing")]
        {
            let trace_id = settings.trace_id(request.extensions());
            let is_due = self.unread_certificates.pass();
            events::certificate_unread(problem, request.uri(), trace_id, is_due);
        }
    }
}

/// What all endpoints share, and the grant.
#[cfg(any(feature = "metrics", feature = "tracing"))]
fn parts_of(accepted: &Accepted) -> (&AuthenticatedRequest, Option<&GrantType>) {
    match accepted {
        Accepted::Token(request) => (request.authenticated(), Some(request.grant_type())),
        Accepted::Introspection(request) => (request.authenticated(), None),
        Accepted::Revocation(request) => (request.authenticated(), None),
        Accepted::PushedAuthorization(request) => (request.authenticated(), None),
        Accepted::DeviceAuthorization(request) => (request.authenticated(), None),
        Accepted::BackchannelAuthentication(request) => (request.authenticated(), None),
    }
}

/// What a slow hash is counted as.
#[derive(Clone, Copy)]
pub(super) enum HashState {
    Running,
    Waiting,
}

/// A slow hash in a state. Dropping it ends that.
pub(super) struct CountedHash(HashState);

impl CountedHash {
    pub(super) fn new(state: HashState) -> Self {
        count_hash(state, 1.0);
        Self(state)
    }
}

impl Drop for CountedHash {
    fn drop(&mut self) {
        count_hash(self.0, -1.0);
    }
}

#[cfg_attr(
    not(feature = "metrics"),
    expect(unused_variables, reason = "nobody reads it")
)]
fn count_hash(state: HashState, more: f64) {
    #[cfg(feature = "metrics")]
    metrics::hashes(state, more);
}

/// Called if a request names a client that does not exist.
#[cfg_attr(
    not(feature = "tracing"),
    expect(unused_variables, reason = "nobody reads it")
)]
pub(super) fn unknown_client(
    client_id: &str,
    method: Option<AuthMethod>,
    trace_id: Option<&TraceId>,
) {
    #[cfg(feature = "tracing")]
    events::unknown_client(client_id, method, trace_id);
}

/// Called once for each error that the inner service responds to an accepted request with.
#[cfg_attr(
    not(feature = "tracing"),
    expect(unused_variables, reason = "nobody reads it")
)]
pub(super) fn inner_failed(error: &SentError, trace_id: Option<&TraceId>, endpoint: Endpoint) {
    #[cfg(feature = "tracing")]
    events::inner_failed(error, trace_id, endpoint);
}

/// Called once for the clients of a new layer.
#[cfg_attr(
    not(feature = "tracing"),
    expect(unused_variables, reason = "nobody reads it")
)]
pub(super) fn clients_warned(warnings: &[LoadProblem]) {
    #[cfg(feature = "tracing")]
    events::clients_warned(warnings);
}

/// Called for a request without the source that its failures should count for, at most once a
/// minute.
#[cfg_attr(
    not(feature = "tracing"),
    expect(unused_variables, reason = "nobody reads it")
)]
pub(super) fn source_missing(parts: &Parts, trace_id: Option<&TraceId>) {
    #[cfg(feature = "tracing")]
    events::source_missing(parts, trace_id);
}

/// Called if the store of failed authentications does not count, at most once a minute.
#[cfg_attr(
    not(feature = "tracing"),
    expect(unused_variables, reason = "nobody reads it")
)]
pub(super) fn throttle_failed(error: &(dyn Error + 'static)) {
    #[cfg(feature = "tracing")]
    events::throttle_failed(error);
}

/// What is told of client metadata documents.
#[cfg(feature = "client-documents")]
pub(super) const DOCUMENTS: crate::store::documents::cache::Reports =
    crate::store::documents::cache::Reports {
        #[cfg(feature = "tracing")]
        not_fetched: documents::not_fetched,
        #[cfg(not(feature = "tracing"))]
        not_fetched: |_, _| (),
        #[cfg(feature = "tracing")]
        refused: documents::refused,
        #[cfg(not(feature = "tracing"))]
        refused: |_, _| (),
        #[cfg(feature = "metrics")]
        kept: metrics::documents,
        #[cfg(not(feature = "metrics"))]
        kept: |_| (),
    };

/// What is told of the key sets that documents name. Strangers choose these, so less of it is a warning.
#[cfg(feature = "client-documents")]
pub(super) const KEY_SETS_OF_DOCUMENTS: Reports = Reports {
    #[cfg(feature = "tracing")]
    failed: documents::key_set_not_fetched,
    #[cfg(feature = "tracing")]
    skipped: documents::key_skipped,
    gone: |_| (),
    ..KEY_SETS
};

/// What is told of key sets.
pub(super) const KEY_SETS: Reports = Reports {
    #[cfg(feature = "tracing")]
    failed: events::key_set_not_fetched,
    #[cfg(not(feature = "tracing"))]
    failed: |_, _, _| (),
    #[cfg(feature = "tracing")]
    skipped: events::key_skipped,
    #[cfg(not(feature = "tracing"))]
    skipped: |_, _| (),
    #[cfg(feature = "tracing")]
    gone: events::key_set_gone,
    #[cfg(not(feature = "tracing"))]
    gone: |_| (),
    #[cfg(feature = "metrics")]
    kept: metrics::key_sets,
    #[cfg(not(feature = "metrics"))]
    kept: |_| (),
};

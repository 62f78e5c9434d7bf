//! Reports the result of a decision. Each reader of it is a file here, and no other place
//! knows whether its feature is on.

#[cfg(feature = "tracing")]
mod events;

use std::error::Error;

use http::request::Parts;

use crate::{
    protocol::{
        accepted::attached::Accepted,
        outgoing::token_error::SentError,
        rejection::Rejection,
        settings::{Settings, endpoint::Endpoint},
        trace_id::TraceId,
    },
    store::{key_cache::attempt::Reports, memory::clients::error::LoadProblem},
};

/// Called once for each request that is for the layer.
#[cfg_attr(
    not(feature = "tracing"),
    expect(unused_variables, reason = "nobody reads it")
)]
pub(super) fn decided(decided: &Result<Accepted, Rejection>, parts: &Parts, settings: &Settings) {
    #[cfg(feature = "tracing")]
    events::decided(decided, parts, settings);
}

/// Called if a request names a client that does not exist.
#[cfg_attr(
    not(feature = "tracing"),
    expect(unused_variables, reason = "nobody reads it")
)]
pub(super) fn unknown_client(client_id: &str, trace_id: Option<&TraceId>) {
    #[cfg(feature = "tracing")]
    events::unknown_client(client_id, trace_id);
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
pub(super) fn source_missing(parts: &Parts) {
    #[cfg(feature = "tracing")]
    events::source_missing(parts);
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

/// What is told of key sets.
#[cfg(feature = "tracing")]
pub(super) const KEY_SETS: Reports = Reports {
    failed: events::key_set_not_fetched,
    skipped: events::key_skipped,
    gone: events::key_set_gone,
};

/// What is told of key sets.
#[cfg(not(feature = "tracing"))]
pub(super) const KEY_SETS: Reports = Reports {
    failed: |_, _, _| (),
    skipped: |_, _| (),
    gone: |_| (),
};

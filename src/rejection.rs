//! Reasons of refused requests, for logs, metrics and other layers.
//!
//! Every response that the layer makes itself has a [`Rejection`] in its extensions.
//!
//! # Events (feature `tracing`)
//!
//! The target of all events is `tower_token_endpoint`. The layer emits one event for each
//! request that it decides, with the message `token request`:
//!
//! | event | level |
//! |---|---|
//! | an accepted request | `DEBUG` |
//! | a refused request, also for [`KeyFetchPaused`] and [`ClientUnavailable`], since nothing of the server is down then | `INFO` |
//! | a request that is refused because of its number: [`Throttled`], or [`HashingOverloaded`] if too many slow hashes are wanted | `WARN` |
//! | a request that is refused because something of the server is wrong: [`StoreUnavailable`], [`SecretHashUnavailable`], [`KeySourceMissing`], [`KeySourceUnavailable`], [`ReplayStoreUnavailable`] or [`DecisionTimeout`] | `ERROR` |
//!
//! | field | value |
//! |---|---|
//! | `outcome` | the [name of the kind](OutcomeKind::as_str), as in metrics: `accepted`, `rejected`, `throttled` or `unavailable` |
//! | `path` | the path of the request, without the query |
//! | `reason` | the [name of the reason](RejectionReason::as_str), if the request was refused |
//! | `method` | the authentication method |
//! | `registered_methods` | for a 401: the methods that the client is registered for; empty if there is no such client |
//! | `parameter` | the [name of the parameter](Rejection::parameter) or of the claim that is wrong or missing |
//! | `grant_type` | the grant, if the server serves it |
//! | `client_id` | the id of the client, if it is registered, and without the query if it is the URL of its document; for a 401, empty if there is no such client |
//! | `error` | the error of a store, of the hash of a secret, of a source of keys or of a body, with its causes; for `decision_timeout`, the reason that a failure of what was late would have had; how many slow hashes run and wait, and the limits; or what was wrong about an assertion and what is accepted: its audience, `alg`, `kid` or time; or what was wrong about a certificate: its name, key or time, or else its `x5t#S256` and its subject |
//! | `address` | for the reason `throttled`: the address that the failures are counted for (IPv6 without the last 64 bits), if the request has one |
//! | `limit` | for the reason `throttled`: the limit that is exceeded: `source`, of all failures from this address, or `client`, of those for the client that the request names |
//! | `burst`, `period` | for the reason `throttled`: this limit: how many failures may happen at once, and the time after which one more may happen |
//! | `retry_after` | for the reason `throttled`: the time until the request may be sent again |
//! | `trace_id` | the identifier of the request, with [`trace_ids`](crate::layer::TokenEndpointLayerBuilder::trace_ids) |
//!
//! A field without a value is left out, except for `client_id` and `registered_methods`: each field takes
//! its time, and the time of a 401 must not tell whether the client exists. Texts are plain strings. They
//! are cut, and what could end a line is escaped, so that an event is one line of less than 4 KiB.
//!
//! These events are `DEBUG`:
//!
//! | event | message | fields |
//! |---|---|---|
//! | a request names a client that does not exist | `no client is registered with this id` | `client_id`, escaped and with at most 64 characters, `method` by which the request tried to authenticate, `trace_id`. Somebody may have sent a secret as the id |
//! | the inner service responds to an accepted request with a [`TokenError`](crate::TokenError) | `the inner service responded with an error` | `endpoint`, `error` (the code), `description`, `trace_id` |
//! | a key of a fetched set is for certificates only, once for each set | `a key of a client's key set is used only for certificates` | as for a key that is not valid |
//!
//! At this level, a 401 has a second event if the client is unknown, and otherwise none. So the time of a 401 tells whether
//! the client exists: log at `DEBUG` only while you look for a mistake.
//!
//! The other events are `WARN`, and of the first one only one a minute:
//!
//! | event | message | fields |
//! |---|---|---|
//! | a request has a client certificate that cannot be read, or its header is not in its format; once a minute, and otherwise `DEBUG` | `the certificate of a client cannot be read, so the request counts as one without` | `path`, `error`, which names the header, `trace_id` |
//! | a key set could not be fetched | `a client's key set could not be fetched` | `jwks_uri` without the query, `error`, `cause`, and `is_set_kept`, which tells whether an earlier set is used |
//! | a key of a fetched set is not valid, once for each set | `a key of a client's key set is not valid and was skipped` | `jwks_uri` without the query, `key` (its number, from 0), `kid`, `member`, `cause` |
//! | a key of a fetched set contradicts its certificate, once for each set | `a key of a client's key set is used only for assertions, because it contradicts its certificate` | as for a key that is not valid |
//! | a `jwks_uri` responds with 404 or 410, once until it has a set again | ``there is no key set at a client's `jwks_uri`, so its assertions and certificates are refused`` | `jwks_uri` without the query |
//! | a [metadata document](crate::store::ClientUnavailable) of a client could not be fetched, and a copy is used | `a client's document could not be fetched, so its last copy is used` | `client_id` without the query, `error`, `cause` |
//! | the document of a client that was known is gone (410) or not valid | `a client's document is not valid any more, so the client is refused` | `client_id` without the query, `error` |
//! | a request has no [source](crate::throttle::ThrottleSource), at most once a minute | `a request has no source, so its failed authentications count for all such requests together` | `path`, `trace_id` |
//! | a [store of failed authentications](crate::throttle::Throttle) fails or is silent, at most once a minute | `the store of failed authentications does not count, so this process counts by itself` | `error` |
//! | a [warning](crate::store::ClientStore::warnings) of the clients, when the builder of a layer is made | `probably a mistake in the clients: …` | none |
//!
//! [`StoreUnavailable`]: RejectionReason::StoreUnavailable
//! [`KeyFetchPaused`]: RejectionReason::KeyFetchPaused
//! [`ClientUnavailable`]: RejectionReason::ClientUnavailable
//! [`Throttled`]: RejectionReason::Throttled
//! [`HashingOverloaded`]: RejectionReason::HashingOverloaded
//! [`SecretHashUnavailable`]: RejectionReason::SecretHashUnavailable
//! [`KeySourceMissing`]: RejectionReason::KeySourceMissing
//! [`KeySourceUnavailable`]: RejectionReason::KeySourceUnavailable
//! [`ReplayStoreUnavailable`]: RejectionReason::ReplayStoreUnavailable
//! [`DecisionTimeout`]: RejectionReason::DecisionTimeout

#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(feature = "pages")]
pub mod pages;

pub use crate::protocol::{
    outcome::{Outcome, OutcomeKind},
    outgoing::error_response::ErrorResponse,
    reason::RejectionReason,
    rejection::Rejection,
    trace_id::{ParseTraceIdError, TraceId},
};

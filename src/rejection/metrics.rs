//! Metrics of the layer, by the facade [`metrics`](https://docs.rs/metrics) (feature `metrics`).
//!
//! Install a recorder, such as that of `metrics-exporter-prometheus`, and switch on
//! [`record_metrics`](crate::layer::TokenEndpointLayerBuilder::record_metrics) of the layer.
//!
//! | metric | kind | labels |
//! |---|---|---|
//! | [`oauth_client_authentication_total`](AUTHENTICATIONS) | counter | `endpoint`, `outcome`, `reason`, `method`, `grant_type` |
//! | [`oauth_client_authentication_duration_seconds`](DURATION) | histogram | `endpoint`, `outcome` |
//! | [`oauth_secret_hashes_running`](HASHES_RUNNING) | gauge | |
//! | [`oauth_secret_hashes_waiting`](HASHES_WAITING) | gauge | |
//! | [`oauth_key_sets_kept`](KEY_SETS_KEPT) | gauge | |
//! | [`oauth_client_documents_kept`](CLIENT_DOCUMENTS_KEPT) | gauge | |
//! | [`oauth_sources_throttled`](SOURCES_THROTTLED) | gauge | |
//!
//! | label | values |
//! |---|---|
//! | `endpoint` | [name of the endpoint](crate::Endpoint::as_str): `token`, `introspection`, `revocation`, `pushed_authorization_request`, `device_authorization`, `backchannel_authentication` |
//! | `outcome` | [name of the kind](crate::rejection::OutcomeKind::as_str): `accepted`, `rejected`, `throttled`, `unavailable` |
//! | `reason` | [name of the reason](crate::rejection::RejectionReason::as_str); empty for an accepted request |
//! | `method` | authentication method; empty if the request was refused before it was known |
//! | `grant_type` | grant, if the server serves it; otherwise empty |
//! | `client_id` | id of the registered client, otherwise empty, also for a client [from a document](crate::Client::is_from_document), since anybody can publish one; only with [`count_clients`](crate::layer::TokenEndpointLayerBuilder::count_clients) |
//!
//! No value comes from a request that was not checked, so that nobody can make new time series.
//!
//! **Do not let strangers read the metrics: the label `reason` is the cause of a 401.** Serve them on an
//! address that only Prometheus can reach.
//!
//! The duration is from the first byte that the layer sees to its decision. It includes the time until
//! the body has arrived, and the time that stores and hashes take, but not that of the inner service.
//! Use [`DURATION_BUCKETS`] for its buckets:
//!
//! ```
//! use std::time::Duration;
//!
//! use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
//! use tower_token_endpoint::rejection::metrics::{DURATION, DURATION_BUCKETS};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), tower_token_endpoint::BoxError> {
//! let metrics = PrometheusBuilder::new()
//!     .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), DURATION_BUCKETS)?
//!     .install_recorder()?;
//! let upkeep = metrics.clone();
//! tokio::spawn(async move {
//!     loop {
//!         tokio::time::sleep(Duration::from_secs(5)).await;
//!         upkeep.run_upkeep();
//!     }
//! });
//! let text = metrics.render(); // for each scrape
//! # Ok(())
//! # }
//! ```
//!
//! This recorder keeps every duration until it is counted, by a scrape or by `run_upkeep`. Without the task,
//! it needs more and more memory while nobody scrapes.

/// Counter of the requests that a layer decided.
pub const AUTHENTICATIONS: &str = "oauth_client_authentication_total";

/// Histogram of the time until the decision, in seconds.
pub const DURATION: &str = "oauth_client_authentication_duration_seconds";

/// Gauge of the slow hashes that are being computed: see
/// [`HashPool`](crate::client::hashing::HashPool). If a server has several pools, it is their sum.
pub const HASHES_RUNNING: &str = "oauth_secret_hashes_running";

/// Gauge of the requests that wait for a permit of the [`HashPool`](crate::client::hashing::HashPool).
pub const HASHES_WAITING: &str = "oauth_secret_hashes_waiting";

/// Gauge of the key sets of clients that are kept. A `jwks_uri` whose set was never fetched does not
/// count. If layers were built apart from each other, it is the sum of theirs.
pub const KEY_SETS_KEPT: &str = "oauth_key_sets_kept";

/// Gauge of the metadata documents of clients that are kept, with feature `client-documents`. If there are several
/// stores of documents, it is the sum of theirs.
pub const CLIENT_DOCUMENTS_KEPT: &str = "oauth_client_documents_kept";

/// Gauge of the [sources](crate::throttle::ThrottleSource) that this process refused with a 429, each
/// until it may send a request again. It falls within a second of that time, also if the source sends
/// no request any more.
///
/// A source counts once: at all endpoints of a server, and also if only one client from there is over
/// its limit. All requests without a source are one. At most 10,000 are counted, so that an attacker
/// with many addresses needs no more memory. If layers were built apart from each other, it is the
/// sum of theirs.
///
/// Only layers that [record metrics](crate::layer::TokenEndpointLayerBuilder::record_metrics) count
/// them, and only inside a tokio runtime. If the runtime has no timer, the gauge falls only when the next
/// source gets a 429. Their addresses are in the events.
pub const SOURCES_THROTTLED: &str = "oauth_sources_throttled";

/// Upper bounds of buckets for [`DURATION`], in seconds: from 0.25 ms, which a digest takes, to the
/// default deadline.
pub const DURATION_BUCKETS: &[f64] = &[
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0,
];

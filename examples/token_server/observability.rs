//! What leads from a response to its cause: identifiers of requests, and metrics.

use std::time::Duration;

use axum::{
    http::{HeaderName, HeaderValue},
    response::Response,
    routing::{MethodRouter, get},
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use tower_token_endpoint::{
    layer::TraceIds,
    rejection::{
        Outcome,
        metrics::{DURATION, DURATION_BUCKETS},
    },
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// From the proxy in front, if there is one.
pub(crate) fn trace_ids() -> TraceIds {
    TraceIds::new().header(REQUEST_ID).traceparent()
}

/// Adds the identifier to each response of an endpoint, with the name that proxies know.
pub(crate) async fn add_request_id(mut response: Response) -> Response {
    let outcome: Option<&Outcome> = response.extensions().get();
    let id = outcome.and_then(|outcome| outcome.trace_id());
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(id).ok()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// `GET /metrics`, as Prometheus reads it.
pub(crate) fn metrics() -> Result<MethodRouter, String> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &DURATION_BUCKETS)
        .map_err(|error| error.to_string())?;
    let handle = builder
        .install_recorder()
        .map_err(|error| error.to_string())?;
    // The recorder keeps every duration until somebody counts it.
    let upkeep = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            upkeep.run_upkeep();
        }
    });
    Ok(get(async move || handle.render()))
}

//! What leads from a response to its cause: identifiers of requests, and metrics.

use std::{net::SocketAddr, time::Duration};

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse as _, Response},
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

use crate::paths::Paths;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// From the proxy in front, if there is one.
pub(crate) fn trace_ids() -> TraceIds {
    TraceIds::new().header(REQUEST_ID).traceparent()
}

/// Adds the identifier to each response of an endpoint, with the name that proxies know.
pub(crate) async fn add_request_id(mut response: Response) -> Response {
    let outcome: Option<&Outcome> = response.extensions().get();
    let id = outcome.and_then(|outcome| outcome.trace_id());
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(id.as_str()).ok()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Whether a request comes from this machine, and through no proxy on it. Only such a request may read the
/// metrics: the label `reason` is the cause of a 401, which a stranger must not learn.
fn is_local(request: &Request, address_header: Option<&HeaderName>) -> bool {
    let peer = request.extensions().get::<SocketAddr>();
    let is_proxied = [
        Some(&header::FORWARDED),
        Some(&X_FORWARDED_FOR),
        address_header,
    ]
    .into_iter()
    .flatten()
    .any(|name| request.headers().contains_key(name));
    !is_proxied && peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
}

/// `GET /metrics`, as Prometheus reads it. For a request that is not local, there is no such path.
pub(crate) fn metrics(
    paths: Paths,
    address_header: Option<HeaderName>,
) -> Result<MethodRouter, String> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), DURATION_BUCKETS)
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
    let respond = move |request: Request| {
        if is_local(&request, address_header.as_ref()) {
            handle.render().into_response()
        } else {
            paths.not_found(request.uri().path())
        }
    };
    Ok(get(async move |request: Request| respond(request)))
}

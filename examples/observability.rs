//! From an error response to its cause: request ids, a log in JSON, spans of OpenTelemetry, and metrics
//! for Prometheus.
//!
//! ```text
//! cargo run --example observability
//! ```
//!
//! It sends one request with a wrong secret to itself. stdout shows the response that the client gets, the
//! span and the metrics; stderr is the log. Response, span and log have the same `trace_id`, so each leads
//! to the others in one look-up. `examples/grafana` has a dashboard and alerts for these metrics.
//!
//! A server exports spans with `opentelemetry-otlp` instead of `opentelemetry-stdout`, and serves the text
//! of the metrics at `GET /metrics`. Do not let strangers read the metrics: the label `reason` is the cause of
//! a 401.

use std::{error::Error, time::Duration};

use axum::{Router, body::Body, http::Request, routing::post};
use http_body_util::BodyExt as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::{
    ServiceBuilderExt as _,
    request_id::{MakeRequestUuid, RequestId},
    trace::TraceLayer,
};
use tower_token_endpoint::{
    Client, MemoryClientStore, TokenEndpointLayer, TokenRequest, TokenResponse,
    client::ClientSecret,
    layer::TraceIds,
    rejection::metrics::{DURATION, DURATION_BUCKETS},
};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let spans = SdkTracerProvider::builder()
        .with_simple_exporter(opentelemetry_stdout::SpanExporter::default())
        .build();
    // The events of the layer become events of the span of their request.
    tracing_subscriber::registry()
        .with(EnvFilter::new("info,tower_http=debug"))
        .with(tracing_opentelemetry::layer().with_tracer(spans.tracer("token-server")))
        .with(
            tracing_subscriber::fmt::layer()
                .json()
                .with_writer(std::io::stderr),
        )
        .init();
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), DURATION_BUCKETS)?
        .install_recorder()?;
    // The recorder keeps every duration until it is counted: by a scrape, or by this, if nobody scrapes.
    let upkeep = metrics.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            upkeep.run_upkeep();
        }
    });

    let response = app()?.oneshot(wrong_secret()?).await?;
    let (head, body) = response.into_parts();
    println!("{} {:#?}", head.status, head.headers);
    let body = body.collect().await?.to_bytes();
    println!("{}", String::from_utf8_lossy(&body));
    spans.shutdown()?;
    println!("{}", metrics.render());
    Ok(())
}

fn app() -> Result<Router, Box<dyn Error>> {
    let client = Client::builder("demo").secret(ClientSecret::sha256_of("demo-secret"));
    let clients = MemoryClientStore::new([client.build()?])?;
    let token = TokenEndpointLayer::builder(clients, "https://as.example.com")
        .path("/token")
        .record_metrics(true)
        .trace_ids(TraceIds::new().extension(|id: &RequestId| id.header_value().to_str().ok()))
        .build()?;
    // From the outside to the inside: each sees what those before it have set.
    let observed = ServiceBuilder::new()
        .set_x_request_id(MakeRequestUuid)
        .layer(
            TraceLayer::new_for_http().make_span_with(|request: &Request<Body>| {
                let id = request.extensions().get::<RequestId>();
                let id = id.and_then(|id| id.header_value().to_str().ok());
                tracing::info_span!("request", trace_id = id, path = request.uri().path())
            }),
        )
        .propagate_x_request_id();
    Ok(Router::new()
        .route("/token", post(issue))
        .layer(token)
        .layer(observed))
}

async fn issue(request: TokenRequest) -> TokenResponse {
    TokenResponse::bearer(format!("token-of-{}", request.client().client_id()))
}

fn wrong_secret() -> http::Result<Request<Body>> {
    Request::post("/token")
        .header("authorization", "Basic ZGVtbzp3cm9uZw==") // demo:wrong
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("grant_type=client_credentials"))
}

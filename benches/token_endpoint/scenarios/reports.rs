//! Layers that report more of a request than its response shows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{
    Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use tower_token_endpoint::MemoryClientStore;
use tower_token_endpoint::layer::{TokenEndpointLayerBuilder, TraceIds};

use super::Report;

/// Switches on what the layer reports.
pub(super) fn switch_on(
    report: Report,
    builder: TokenEndpointLayerBuilder<MemoryClientStore>,
) -> TokenEndpointLayerBuilder<MemoryClientStore> {
    match report {
        Report::TraceIds => builder.trace_ids(TraceIds::new()),
        Report::Outcome => builder.report_outcome(true),
        Report::Metrics => {
            // Another scenario may have set it before.
            let _ = metrics::set_global_recorder(CountsOnly::default());
            builder.record_metrics(true)
        }
        Report::All => [Report::TraceIds, Report::Outcome, Report::Metrics]
            .into_iter()
            .fold(builder, |builder, report| switch_on(report, builder)),
    }
}

/// A recorder that looks up nothing, so that the cost is that of the layer and of the facade.
#[derive(Default)]
struct CountsOnly {
    counter: Arc<AtomicU64>,
    histogram: Arc<Samples>,
}

#[derive(Default)]
struct Samples(AtomicU64);

impl HistogramFn for Samples {
    fn record(&self, _: f64) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Recorder for CountsOnly {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::clone(&self.counter))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::clone(&self.histogram))
    }
}

//! The gauge of kept key sets, as a recorder sees it.

use metrics_exporter_prometheus::PrometheusBuilder;
use tower_token_endpoint::rejection::metrics::KEY_SETS_KEPT;

use crate::common::{Built as _, Key};
use crate::source::{Behaviour, Source, assert_accepted, assert_unavailable, keys, send};

#[test]
fn it_counts_the_sets_of_all_layers_and_no_failures() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let value = || {
        let text = handle.render();
        let mut lines = text.lines();
        let line = lines.find_map(|line| line.strip_prefix(&format!("{KEY_SETS_KEPT} ")));
        line.map(str::to_owned)
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let key = Key::new("key");
            let down = Source::start(Behaviour::Down).await;
            let source = Source::start(keys(&[&key])).await;
            assert_unavailable(&send(&down.layer(), &key).await);
            assert_eq!(value(), None);
            let [one, other] = [(); 2].map(|()| source.builder().record_metrics(true).built());
            for (layer, kept) in [(&one, "1"), (&one, "1"), (&other, "2")] {
                assert_accepted(&send(layer, &key).await);
                assert_eq!(value().as_deref(), Some(kept));
            }
            drop(one);
            assert_eq!(value().as_deref(), Some("1"));
            drop(other);
            assert_eq!(value().as_deref(), Some("0"));
        });
    });
}

//! Metrics, as a recorder sees them.

#[path = "common/mod.rs"]
mod common;

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use http::HeaderName;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tower_token_endpoint::client::hashing::HashPool;
use tower_token_endpoint::client::{ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::rejection::metrics::{
    DURATION, DURATION_BUCKETS, HASHES_RUNNING, HASHES_WAITING, SOURCES_THROTTLED,
};
use tower_token_endpoint::throttle::{
    MemoryThrottle, Slots, Throttle, ThrottleAttempt, ThrottleLimit, ThrottleSource, Throttling,
};
use tower_token_endpoint::{Client, Endpoint, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built as _, Call, basic, block_on, body, builder, call, post};

fn clients() -> [Client; 1] {
    let app = Client::builder("app")
        .secret(ClientSecret::sha256_of("s3cret"))
        .scope("read")
        .grant_types([GrantType::ClientCredentials]);
    [app.build().expect("a client")]
}

/// A hash that runs until it is told to end.
#[derive(Debug)]
struct Slow(Mutex<mpsc::Receiver<()>>);

impl SecretHash for Slow {
    fn kind(&self) -> &str {
        "slow"
    }

    fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
        SecretCheck::blocking(move || {
            let end = self.0.lock().expect("no panic");
            end.recv().is_err()
        })
    }
}

/// Records what the closure does on this thread, and renders it as Prometheus reads it.
fn recorded(run: impl FnOnce()) -> String {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), DURATION_BUCKETS)
        .expect("there are buckets")
        .build_recorder();
    let handle: PrometheusHandle = recorder.handle();
    metrics::with_local_recorder(&recorder, run);
    handle.render()
}

fn series(text: &str) -> usize {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .count()
}

#[test]
fn every_decision_is_counted_once_with_its_labels() {
    let layer = builder(clients()).record_metrics(true).built();
    let revocation = layer
        .for_endpoint(Endpoint::Revocation, "/revoke")
        .expect("an endpoint");
    let text = recorded(|| {
        for call in [
            basic("app:s3cret"),
            basic("app:s3cret"),
            basic("app:wrong"),
            basic("nobody:x"),
            call("GET", "/token"),
            basic("app:s3cret").with_body("grant_type=client_credentials&scope=x"),
            call("GET", "/other"),
        ] {
            block_on(call.send(&layer));
        }
        block_on(
            basic("app:s3cret")
                .with_body("token=a")
                .to("/revoke")
                .send(&revocation),
        );
    });
    const NAME: &str = "oauth_client_authentication_total";
    for (labels, count) in [
        (
            r#"endpoint="token",outcome="accepted",reason="",method="client_secret_basic",grant_type="client_credentials""#,
            2,
        ),
        (
            r#"endpoint="token",outcome="rejected",reason="wrong_secret",method="client_secret_basic",grant_type="""#,
            1,
        ),
        (
            r#"endpoint="token",outcome="rejected",reason="unknown_client",method="client_secret_basic",grant_type="""#,
            1,
        ),
        (
            r#"endpoint="token",outcome="rejected",reason="method_not_allowed",method="",grant_type="""#,
            1,
        ),
        (
            r#"endpoint="token",outcome="rejected",reason="scope_not_registered",method="client_secret_basic",grant_type="client_credentials""#,
            1,
        ),
        (
            r#"endpoint="revocation",outcome="accepted",reason="",method="client_secret_basic",grant_type="""#,
            1,
        ),
    ] {
        let line = format!("{NAME}{{{labels}}} {count}\n");
        assert!(text.contains(&line), "{line} is not in {text}");
    }
    let lines = text
        .lines()
        .filter(|line| line.starts_with(&format!("{NAME}{{")));
    assert_eq!(lines.count(), 6, "{text}");
    for (labels, count) in [
        (r#"endpoint="token",outcome="accepted""#, 2),
        (r#"endpoint="token",outcome="rejected""#, 4),
        (r#"endpoint="revocation",outcome="accepted""#, 1),
    ] {
        let line = format!("{DURATION}_count{{{labels}}} {count}\n");
        assert!(text.contains(&line), "{line} is not in {text}");
        // A true histogram, with a bucket below what a slow hash takes.
        let first = format!(r#"{DURATION}_bucket{{{labels},le="0.00025"}}"#);
        assert!(text.contains(&first), "{first} is not in {text}");
    }
    assert!(!text.contains("client_id"), "{text}");
}

#[test]
fn a_throttled_request_has_an_outcome_of_its_own() {
    let limit = ThrottleLimit::new(1, Duration::from_secs(60));
    let source = ThrottleSource::last_address_in(HeaderName::from_static("x-real-ip"));
    let throttling = Throttling::new(MemoryThrottle::new()).source(source);
    let layer = builder(clients())
        .record_metrics(true)
        .throttle(throttling.per_client(limit))
        .built();
    let text = recorded(|| {
        for _ in 0..2 {
            block_on(
                basic("app:wrong")
                    .set("x-real-ip", "192.0.2.1")
                    .send(&layer),
            );
        }
    });
    for part in [
        r#"outcome="rejected",reason="wrong_secret""#,
        r#"outcome="throttled",reason="throttled""#,
    ] {
        assert!(text.contains(part), "{text}");
    }
}

/// The value of a metric without labels.
fn value(text: &str, name: &str) -> Option<String> {
    let line = text
        .lines()
        .find(|line| line.starts_with(&format!("{name} ")))?;
    line.rsplit_once(' ').map(|it| it.1.to_owned())
}

/// A layer that allows one failure of each source in a minute.
fn strict() -> TokenEndpointLayer<MemoryClientStore> {
    let limit = ThrottleLimit::new(1, Duration::from_secs(60));
    let source = ThrottleSource::last_address_in(HeaderName::from_static("x-real-ip"));
    let throttling = Throttling::new(MemoryThrottle::new()).source(source);
    builder(clients())
        .record_metrics(true)
        .throttle(throttling.per_source(limit).per_client(limit))
        .built()
}

async fn fails_from(layer: &TokenEndpointLayer<MemoryClientStore>, address: &str) -> u16 {
    let call = basic("app:wrong").set("x-real-ip", address);
    call.send(layer).await.response.status().as_u16()
}

/// Records on this thread. The clock is tokio's, and moves only if all tasks sleep.
fn recorded_in_paused_time<F: Future<Output = ()>>(run: impl FnOnce(PrometheusHandle) -> F) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    metrics::with_local_recorder(&recorder, || runtime.block_on(run(recorder.handle())));
}

#[test]
fn sources_are_counted_from_their_429_until_they_may_try_again() {
    recorded_in_paused_time(async |handle| {
        let layer = strict();
        let revocation = layer
            .for_endpoint(Endpoint::Revocation, "/revoke")
            .expect("an endpoint");
        let now = || value(&handle.render(), SOURCES_THROTTLED);
        assert_eq!(fails_from(&layer, "192.0.2.1").await, 401);
        assert_eq!(now(), None);
        // Each of them once: also at another endpoint, or from another host of its network.
        for (address, sources) in [
            ("192.0.2.1", "1"),
            ("192.0.2.1", "1"),
            ("2001:db8::1", "2"),
            ("2001:db8::2", "2"),
            ("none", "3"),
            ("unknown", "3"),
        ] {
            fails_from(&layer, address).await;
            assert_eq!(fails_from(&layer, address).await, 429, "{address}");
            assert_eq!(now().as_deref(), Some(sources), "{address}");
        }
        let elsewhere = basic("app:wrong")
            .set("x-real-ip", "192.0.2.1")
            .to("/revoke")
            .with_body("token=a");
        assert_eq!(elsewhere.send(&revocation).await.response.status(), 429);
        assert_eq!(now().as_deref(), Some("3"));
        // Nobody sends a request any more.
        for (seconds, sources) in [(58, "3"), (4, "0")] {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            assert_eq!(now().as_deref(), Some(sources), "{seconds}");
        }
    });
}

#[test]
fn sources_are_not_counted_any_more_when_their_layers_are_gone() {
    recorded_in_paused_time(async |handle| {
        let [one, other] = [strict(), strict()];
        for layer in [&one, &one, &other, &other] {
            fails_from(layer, "192.0.2.1").await;
        }
        let now = || value(&handle.render(), SOURCES_THROTTLED);
        assert_eq!(now().as_deref(), Some("2"));
        drop(one);
        assert_eq!(now().as_deref(), Some("1"));
        drop(other);
        assert_eq!(now().as_deref(), Some("0"));
    });
}

/// Refuses everybody for a minute.
struct Full;

impl Throttle for Full {
    type Error = std::convert::Infallible;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, Self::Error> {
        self.take_now(attempt).expect("it responds at once")
    }

    async fn give_back(&self, _: &ThrottleAttempt) -> Result<(), Self::Error> {
        Ok(())
    }

    fn take_now(&self, attempt: &ThrottleAttempt) -> Option<Result<Slots, Self::Error>> {
        Some(Ok(Slots::Exhausted {
            retry_after: Duration::from_secs(60),
            counter: attempt.counters().next()?,
        }))
    }

    fn give_back_now(&self, _: &ThrottleAttempt) -> Option<Result<(), Self::Error>> {
        Some(Ok(()))
    }
}

#[test]
fn a_hundred_thousand_throttled_sources_are_one_series() {
    recorded_in_paused_time(async |handle| {
        let source = ThrottleSource::last_address_in(HeaderName::from_static("x-real-ip"));
        let layer = builder(clients())
            .record_metrics(true)
            .throttle(Throttling::new(Full).source(source))
            .built();
        for number in 0..100_000_u32 {
            let address = std::net::Ipv4Addr::from_bits(number).to_string();
            assert_eq!(fails_from(&layer, &address).await, 429);
        }
        let text = handle.render();
        let sources = value(&text, SOURCES_THROTTLED);
        assert_eq!(sources.as_deref(), Some("10000"));
        assert!(text.lines().count() < 40, "{text}");
        tokio::time::sleep(Duration::from_secs(62)).await;
        let sources = value(&handle.render(), SOURCES_THROTTLED);
        assert_eq!(sources.as_deref(), Some("0"));
    });
}

/// Without `record_metrics`, there is no gauge and no task.
#[test]
fn a_layer_that_records_nothing_does_not_count_its_sources() {
    recorded_in_paused_time(async |handle| {
        let source = ThrottleSource::from_fn(|_| None);
        let layer = builder(clients())
            .throttle(Throttling::new(Full).source(source))
            .built();
        assert_eq!(fails_from(&layer, "192.0.2.1").await, 429);
        assert_eq!(handle.render(), "");
        let tasks = tokio::runtime::Handle::current().metrics();
        assert_eq!(tasks.num_alive_tasks(), 0);
    });
}

#[tokio::test]
async fn slow_hashes_are_counted_while_they_run_or_wait() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    // The threads that hash are others, so it is the recorder of this process.
    metrics::set_global_recorder(recorder).expect("the first");
    let (end, ends) = mpsc::channel();
    let secret = ClientSecret::hashed(Arc::new(Slow(Mutex::new(ends))));
    let client = Client::builder("slow")
        .secret(secret)
        .build()
        .expect("a client");
    let layer = builder([client])
        .hash_pool(HashPool::new().permits(1))
        .built();
    let requests = [(); 3].map(|()| {
        let layer = layer.clone();
        tokio::spawn(async move { basic("slow:wrong").send(&layer).await })
    });
    let reaches = async |running: &str, waiting: &str| {
        let start = Instant::now();
        loop {
            let [now, waits] =
                [HASHES_RUNNING, HASHES_WAITING].map(|name| value(&handle.render(), name));
            if now.as_deref() == Some(running) && waits.as_deref() == Some(waiting) {
                return;
            }
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "{now:?} {waits:?}"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    reaches("1", "2").await;
    end.send(()).expect("it runs");
    reaches("1", "1").await;
    // Also if nobody waits for the response any longer.
    for request in requests {
        request.abort();
    }
    reaches("1", "0").await;
    drop(end);
    reaches("0", "0").await;
}

/// Nobody can make new time series.
#[test]
fn ten_thousand_invented_ids_grants_methods_and_paths_make_no_series() {
    let layer = builder(clients()).record_metrics(true).built();
    let invented = |n: usize| -> [Call; 6] {
        [
            basic(format!("id-{n}:x")),
            body(&format!("client_id=id-{n}")),
            basic("app:s3cret").with_body(format!("grant_type=grant-{n}")),
            basic("app:s3cret").with_body(format!("grant_type=client_credentials&scope=s{n}")),
            call(&format!("M{n}"), "/token"),
            post("grant_type=client_credentials").to(&format!("/{n}")),
        ]
    };
    let send = |numbers: std::ops::Range<usize>| {
        for call in numbers.flat_map(invented) {
            block_on(call.send(&layer));
        }
    };
    let few = series(&recorded(|| send(0..1)));
    let many = series(&recorded(|| send(0..10_000)));
    assert_eq!(many, few);
}

/// Anybody can publish a document, and each would make a new time series.
#[test]
fn a_client_with_a_document_has_no_label() {
    let id = "https://client.example/document";
    let document = format!(r#"{{"client_id":"{id}","grant_types":["authorization_code"]}}"#);
    let client = Client::from_document(id, document.as_bytes()).expect("a document");
    let layer = builder([client])
        .record_metrics(true)
        .count_clients(true)
        .built();
    let form = format!("grant_type=authorization_code&code=c&code_verifier=v&client_id={id}");
    let text = recorded(|| {
        let exchange = block_on(post(form).send(&layer));
        assert_eq!(exchange.response.status(), 200);
    });
    assert!(text.contains("client_id=\"\""), "{text}");
    assert!(!text.contains("client.example"), "{text}");
}

#[test]
fn clients_are_a_label_only_if_that_is_set_and_if_they_are_registered() {
    let layer = builder(clients())
        .record_metrics(true)
        .count_clients(true)
        .built();
    let text = recorded(|| {
        for call in [basic("app:s3cret"), basic("nobody:x"), basic("nobody2:x")] {
            block_on(call.send(&layer));
        }
    });
    assert!(text.contains(r#"client_id="app""#), "{text}");
    assert!(!text.contains("nobody"), "{text}");
    // All have the same labels, and nobody's is empty.
    let counters = text
        .lines()
        .filter(|it| it.starts_with("oauth_client_authentication_total{"));
    assert!(counters.clone().all(|it| it.contains(",client_id=\"")));
    let of_nobody = counters.filter(|it| it.ends_with(r#",client_id=""} 2"#));
    assert_eq!(of_nobody.count(), 1, "{text}");
}

#[test]
fn clients_are_counted_only_if_something_is() {
    for (records, is_sound) in [(true, true), (false, false)] {
        let layer = builder(clients())
            .count_clients(true)
            .record_metrics(records);
        let error = layer.build().err();
        let problem = error.as_ref().and_then(|it| it.problems().next());
        assert_eq!(problem.is_none(), is_sound, "{problem:?}");
        assert!(problem.is_none_or(|it| it.setting() == "count_clients"));
    }
}

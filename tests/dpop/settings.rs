//! What a builder refuses, and what discovery says.

use std::time::Duration;

use tower_token_endpoint::client::SigningAlgorithm;
use tower_token_endpoint::dpop::{Dpop, DpopNonces};
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};

use crate::cast::{builder_over, default_layer, es256_layer, without_dpop};
use crate::common::{Built, ISSUER};
use crate::replays::Recorder;

#[test]
fn wrong_settings_are_told_when_the_layer_is_built() {
    for (dpop, value, wanted) in [
        (
            Dpop::new().window(Duration::ZERO),
            Some("0ns"),
            "must have a `window` that is longer than zero, and at most one hour",
        ),
        (
            Dpop::new().window(Duration::from_secs(3601)),
            Some("3601s"),
            "must have a `window` that is longer than zero, and at most one hour",
        ),
        (
            Dpop::new().signing_algorithms([]),
            None,
            "must have at least one algorithm in `signing_algorithms`",
        ),
        (
            Dpop::new().signing_algorithms([SigningAlgorithm::ES256, SigningAlgorithm::HS256]),
            Some("HS256"),
            "must be without HMAC in `signing_algorithms`: a proof brings its public key",
        ),
        (
            Dpop::new().nonces(DpopNonces::from_secrets([])),
            None,
            "must have at least one secret in `nonces`",
        ),
    ] {
        let error = builder_over(Recorder::new()).dpop(dpop).build();
        let error = error.expect_err(wanted);
        let problems: Vec<_> = error.problems().collect();
        let [problem] = problems[..] else {
            panic!("{error}")
        };
        assert_eq!(problem.setting(), "dpop");
        assert_eq!((problem.value(), problem.wanted()), (value, wanted));
    }
}

#[test]
fn a_layer_that_cannot_check_proofs_is_not_built() {
    let clients = MemoryClientStore::new([]).expect("no clients");
    let builder = TokenEndpointLayer::builder(clients, ISSUER).dpop(Dpop::new());
    let error = builder.clone().build().expect_err("neither URL nor store");
    let wanted: Vec<_> = error.problems().map(|it| it.wanted()).collect();
    assert_eq!(
        wanted,
        [
            "needs `path` or `endpoint_url`: a proof is for the URL of the endpoint",
            "needs `replay_store` or `client_assertions`: a proof is accepted once",
        ]
    );
    let builder = builder.replay_store(MemoryReplayStore::new());
    assert!(builder.clone().path("/token").build().is_ok());
    assert!(
        builder
            .endpoint_url("https://as.example.com/token")
            .build()
            .is_ok()
    );
}

#[test]
fn discovery_lists_what_is_accepted() {
    let listed = |layer: crate::judge::Layer| {
        let mut metadata = layer.server_metadata();
        metadata.remove("dpop_signing_alg_values_supported")
    };
    assert_eq!(listed(without_dpop(Recorder::new())), None);
    assert_eq!(
        listed(es256_layer(Recorder::new())),
        Some(serde_json::json!(["ES256"]))
    );
    let all = serde_json::json!([
        "ES256", "ES384", "ES512", "Ed25519", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384",
        "RS512"
    ]);
    assert_eq!(listed(default_layer(Recorder::new())), Some(all));
}

/// Only `client_assertions` switches assertions on.
#[test]
fn a_store_alone_accepts_no_assertions() {
    let clients = MemoryClientStore::new([]).expect("no clients");
    let layer = TokenEndpointLayer::builder(clients, ISSUER)
        .path("/token")
        .replay_store(MemoryReplayStore::new())
        .dpop(Dpop::new())
        .built();
    let metadata = layer.server_metadata();
    assert!(!metadata.contains_key("token_endpoint_auth_signing_alg_values_supported"));
}

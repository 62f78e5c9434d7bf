//! Layers without a source of keys, and with a strict one, and the contract of a source.

use tower_token_endpoint::jwks::HttpJwksSource;
use tower_token_endpoint::jwks::fetch::GuardedFetch;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::replay::MemoryReplayStore;

use tower_token_endpoint::testing;

use crate::common::{Built, Key, builder};
use crate::source::{Behaviour, Source, assert_unavailable, keys, send, trusting};

#[tokio::test]
async fn a_jwks_uri_without_a_key_source_is_401() {
    let key = Key::new("key");
    let source = Source::start(keys(&[&key])).await;
    let layer = builder([source.client()])
        .client_assertions(MemoryReplayStore::new())
        .built();
    let answer = send(&layer, &key).await;
    answer.rejected(401, "invalid_client", RejectionReason::KeySourceMissing);
    assert_eq!(source.fetches(), 0);
}

#[tokio::test]
async fn the_switch_is_off_by_default() {
    let key = Key::new("key");
    let source = Source::start(keys(&[&key])).await;
    let root = rcgen::generate_simple_self_signed(["unused.example".to_owned()]);
    let root = root.expect("a certificate").cert;
    let strict = GuardedFetch::with_root_certificates([root.der()]).expect("a root certificate");
    let layer = builder([source.client()])
        .client_assertions(MemoryReplayStore::new())
        .jwks_source(HttpJwksSource::with_fetch(strict))
        .built();
    assert_unavailable(&send(&layer, &key).await);
    assert_eq!(source.fetches(), 0);
}

#[tokio::test]
async fn the_source_over_http_keeps_the_contract() {
    let key = Key::new("key");
    let with = Source::start(keys(&[&key])).await;
    for nothing in [Behaviour::Status(404), Behaviour::Status(410), keys(&[])] {
        let without = Source::start(nothing).await;
        testing::jwks_source(trusting(), &with.uri(), &without.uri()).await;
    }
}

//! Settings that are wrong are told by their names.

use std::ops::RangeInclusive;
use std::time::Duration;

use tower::BoxError;
use tower_token_endpoint::jwks::fetch::GuardedFetch;
use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};

use crate::certificates::CA;
use crate::source::{Builder, Does, Source, around, builder, registered};

fn of(set: impl FnOnce(Builder) -> Builder) -> Result<(), Vec<(&'static str, Option<String>)>> {
    let built = set(builder(&Source::that(Does::Document))).build();
    built.map(drop).map_err(|error| {
        let problems = error.problems();
        let problem = |it: &tower_token_endpoint::layer::ConfigProblem| {
            assert!(!it.wanted().is_empty());
            (it.setting(), it.value().map(str::to_owned))
        };
        problems.map(problem).collect()
    })
}

fn one(setting: &'static str, value: &str) -> Result<(), Vec<(&'static str, Option<String>)>> {
    Err(vec![(setting, Some(value.to_owned()))])
}

#[test]
fn a_document_has_from_1_byte_to_64_kib() {
    for bytes in [0, 65_537, usize::MAX] {
        let wanted = one("max_bytes", &bytes.to_string());
        assert_eq!(of(|it| it.max_bytes(bytes)), wanted);
    }
    for bytes in [1, 5 * 1024, 65_536] {
        assert_eq!(of(|it| it.max_bytes(bytes)), Ok(()), "{bytes}");
    }
}

#[test]
#[expect(clippy::reversed_empty_ranges, reason = "this is what is refused")]
fn the_shortest_time_comes_before_the_longest() {
    let seconds = |times: RangeInclusive<u64>| {
        Duration::from_secs(*times.start())..=Duration::from_secs(*times.end())
    };
    let wanted = one("fresh_for", "60s..=59s");
    assert_eq!(of(|it| it.fresh_for(seconds(60..=59))), wanted);
    for times in [0..=0, 60..=60, 0..=u64::MAX] {
        assert_eq!(of(|it| it.fresh_for(seconds(times))), Ok(()));
    }
}

#[test]
fn at_least_one_document_is_kept() {
    assert_eq!(of(|it| it.max_documents(0)), one("max_documents", "0"));
    assert_eq!(of(|it| it.max_documents(1)), Ok(()));
}

#[test]
fn hosts_are_names_of_hosts_and_at_least_one() {
    assert_eq!(of(|it| it.hosts([""; 0])), Err(vec![("hosts", None)]));
    for wrong in [
        "",
        "https://claude.ai",
        "claude.ai:443",
        "claude.ai/",
        "claude.ai/client.json",
        "user@claude.ai",
        "claude.ai?",
        "claude.ai#",
        "claude ai",
        " claude.ai",
        // These would never allow anything.
        "*.claude.ai",
        "*",
        "claude.ai,vscode.dev",
    ] {
        let got = of(|it| it.hosts(["vscode.dev", wrong]));
        assert_eq!(got, one("hosts", wrong));
    }
    for hosts in [
        vec!["claude.ai"],
        vec!["Claude.AI", "localhost", "a_b.example"],
    ] {
        assert_eq!(of(|it| it.hosts(hosts.clone())), Ok(()), "{hosts:?}");
    }
}

/// If nothing is left that it could fetch, whoever set it expects too much of it.
#[test]
fn a_fetch_has_something_to_fetch() {
    struct NoKeys;

    impl JwksSource for NoKeys {
        type Error = BoxError;

        async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
            Err(jwks_uri.into())
        }
    }

    let fetch = || GuardedFetch::with_root_certificates([&CA.der]).expect("a root certificate");
    let got = of(|it| it.fetch(fetch()).jwks_source(NoKeys));
    assert_eq!(got, Err(vec![("fetch", None)]));
    assert_eq!(of(|it| it.fetch(fetch())), Ok(()), "it fetches key sets");
    assert_eq!(of(|it| it.jwks_source(NoKeys)), Ok(()));
    let keys = around(registered()).fetch(fetch()).jwks_source(NoKeys);
    assert!(keys.build().is_ok(), "it fetches documents");
}

#[test]
fn all_wrong_settings_are_told_at_once() {
    let all = of(|it| {
        let it = it.max_bytes(0).max_documents(0).hosts(["a b", "c:1"]);
        it.fresh_for(Duration::MAX..=Duration::ZERO)
    });
    let names: Vec<_> = all
        .expect_err("wrong")
        .iter()
        .map(|(name, _)| *name)
        .collect();
    let wanted = ["max_bytes", "fresh_for", "max_documents", "hosts", "hosts"];
    assert_eq!(names, wanted);
}

//! What the environment of the process decides, each in a process of its own.

use std::process::Command;
use std::sync::Arc;

use tokio_rustls::rustls;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tower_token_endpoint::jwks::fetch::GuardedFetch;
use tower_token_endpoint::jwks::{HttpJwksSource, JwksSource};

use crate::certificates::CA;
use crate::common::block_on;
use crate::server::{Server, ok};
use crate::setup::{HOST, JSON, LONG, Names, Trap, source, text};

/// Runs one test of this file in a process of its own, with these variables.
fn in_child(test: &str, variables: &[(&str, &str)]) {
    let child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, test)
        .env_remove("SSL_CERT_DIR")
        .env_remove("SSL_CERT_FILE")
        .envs(variables.iter().copied())
        .output()
        .expect("a process");
    let out = String::from_utf8_lossy(&child.stdout);
    let is_passed = child.status.success() && out.contains("1 passed");
    let error = String::from_utf8_lossy(&child.stderr);
    assert!(is_passed, "{test}:\n{out}\n{error}");
}

const CHILD: &str = "KEY_SOURCES_TEST";

/// Whether this is the process that [`in_child`] started for the test.
fn is_child(test: &str) -> bool {
    std::env::var(CHILD).is_ok_and(|child| child == test)
}

#[test]
fn new_takes_the_roots_of_the_system_and_fails_without_any() {
    const TEST: &str = "environment::new_takes_the_roots_of_the_system_and_fails_without_any";
    if is_child(TEST) {
        let made = GuardedFetch::new();
        assert_eq!(HttpJwksSource::new().is_ok(), made.is_ok());
        let Ok(uri) = std::env::var("KEY_SOURCES_URI") else {
            let error = text(&made.expect_err("there are none"));
            assert!(error.contains("ca-certificates"), "{error}");
            return;
        };
        let made = made.expect("a root").dangerously_allow_loopback_and_http();
        let made = made
            .resolver(Names::all_are("127.0.0.1"))
            .total_timeout(LONG);
        let made = HttpJwksSource::with_fetch(made);
        let _keys = block_on(made.fetch(&uri)).expect("keys");
        return;
    }
    let folder = std::env::temp_dir().join(format!("key-sources-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = |name: &str, content: &str| {
        let path = folder.join(name);
        std::fs::write(&path, content).expect("a file");
        path.into_os_string()
            .into_string()
            .expect("a path in UTF-8")
    };
    in_child(TEST, &[("SSL_CERT_FILE", &file("none.pem", ""))]);

    // The server goes on while this thread waits for the child.
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::https(CA.sign(HOST, 2020..2100)));
    let variables = [
        ("SSL_CERT_FILE", &*file("roots.pem", &CA.pem)),
        ("KEY_SOURCES_URI", &server.https_uri()),
    ];
    in_child(TEST, &variables);
    runtime.block_on(server.request()).expect("a request");
    std::fs::remove_dir_all(&folder).expect("the folder");
}

#[test]
fn proxies_of_the_environment_are_ignored() {
    const TEST: &str = "environment::proxies_of_the_environment_are_ignored";
    if is_child(TEST) {
        return block_on(async {
            let server = Server::http(ok(JSON)).await;
            let _keys = source().fetch(&server.http_uri()).await.expect("keys");
            let server = Server::https(CA.sign(HOST, 2020..2100)).await;
            let _keys = source().fetch(&server.https_uri()).await.expect("keys");
        });
    }
    let trap = Trap::set();
    let proxy = format!("http://127.0.0.1:{}", trap.port());
    let variables = ["http_proxy", "https_proxy", "all_proxy"].map(|it| (it, &*proxy));
    let upper = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(|it| (it, &*proxy));
    in_child(
        TEST,
        &[&variables[..], &upper, &[("NO_PROXY", "")]].concat(),
    );
    trap.assert_untouched("a proxy");
}

#[test]
fn the_default_provider_of_the_process_is_neither_needed_nor_used() {
    const TEST: &str =
        "environment::the_default_provider_of_the_process_is_neither_needed_nor_used";
    if !is_child(TEST) {
        return in_child(TEST, &[]);
    }
    block_on(async {
        let fetch = || async {
            let server = Server::https(CA.sign(HOST, 2020..2100)).await;
            let _keys = source().fetch(&server.https_uri()).await.expect("keys");
        };
        fetch().await;
        assert!(CryptoProvider::get_default().is_none(), "one was set");

        // One that no connection can be made with.
        let mut useless = aws_lc_rs::default_provider();
        useless.cipher_suites.clear();
        useless.install_default().expect("the first");
        let default = CryptoProvider::get_default().expect("a default");
        let with_it = rustls::ClientConfig::builder_with_provider(Arc::clone(default));
        assert!(with_it.with_safe_default_protocol_versions().is_err());
        fetch().await;
    });
}

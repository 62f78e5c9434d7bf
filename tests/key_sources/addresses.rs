//! Which addresses are connected to.

use std::future::pending;
use std::io;
use std::net::IpAddr;

use tower_token_endpoint::jwks::fetch::{GuardedFetch, HostResolver};
use tower_token_endpoint::jwks::{HttpJwksSource, JwksSource};

use crate::certificates::CA;
use crate::server::{Server, ok};
use crate::setup::{HOST, JSON, LONG, Names, SHORT, Trap, failed, loopback, source, strict};

#[tokio::test]
async fn uris_are_refused_before_anything_is_resolved_or_connected_to() {
    let trap = Trap::set();
    let port = trap.port();
    // Each with the switch and without it.
    let table = [
        ("https://10.0.0.1:PORT/", "IP address"),
        ("https://8.8.8.8:PORT/", "IP address"),
        ("https://0.0.0.0:PORT/", "IP address"),
        ("https://[::]:PORT/", "IP address"),
        ("https://[::ffff:127.0.0.1]:PORT/", "IP address"),
        ("https://127.1:PORT/", "IP address"),
        ("https://0x7f.1:PORT/", "IP address"),
        ("https://0x7f000001:PORT/", "IP address"),
        ("https://2130706433:PORT/", "IP address"),
        ("https://017700000001:PORT/", "IP address"),
        ("https://127.0.0.1.:PORT/", "IP address"),
        ("https://keys.client.example.:PORT/", "dot"),
        ("https://user@keys.client.example:PORT/", "user"),
        ("https://user:canary@keys.client.example:PORT/", "user"),
        ("https://keys.client.example:PORT@127.0.0.1:PORT/", "user"),
        ("ftp://keys.client.example:PORT/", "https://"),
        ("//keys.client.example:PORT/", "https://"),
        ("keys.client.example:PORT", "https://"),
        ("/jwks", "https://"),
        ("", "not a valid URI"),
    ];
    let without_the_switch = [
        ("http://keys.client.example:PORT/", "https://"),
        ("https://127.0.0.1:PORT/", "IP address"),
        ("https://[::1]:PORT/", "IP address"),
    ];
    let names = Names::all_are("127.0.0.1");
    let (strict, source) = (
        HttpJwksSource::with_fetch(strict().resolver(names.clone())),
        HttpJwksSource::with_fetch(loopback().resolver(names.clone())),
    );
    let both = table
        .iter()
        .flat_map(|row| [(&strict, row), (&source, row)]);
    let strict_alone = without_the_switch.iter().map(|row| (&strict, row));
    for (source, (uri, wanted)) in both.chain(strict_alone) {
        let uri = uri.replace("PORT", &port.to_string());
        let error = failed(source.fetch(&uri).await, &uri);
        assert!(error.contains(wanted), "{uri}: {error}");
        trap.assert_untouched(&uri);
    }
    assert_eq!(names.calls(), 0);
}

#[tokio::test]
async fn a_name_with_any_address_that_is_not_public_is_not_connected_to() {
    let trap = Trap::set();
    let uri = format!("https://{HOST}:{}/jwks", trap.port());
    let table = [
        ("127.0.0.1", "127.0.0.1 (loopback)"),
        ("::1", "::1 (loopback)"),
        ("::ffff:127.0.0.1", "mapped"),
        ("10.0.0.1", "private"),
        ("169.254.169.254", "link-local"),
        ("100.64.0.1", "shared"),
        ("fd00::1", "unique-local"),
        ("fe80::1", "link-local"),
        ("0.0.0.0", "this network"),
        ("64:ff9b::127.0.0.1", "loopback"),
        ("224.0.0.1", "multicast"),
        // of both sorts, in any order
        ("8.8.8.8 127.0.0.1", "127.0.0.1 (loopback)"),
        ("127.0.0.1 8.8.8.8", "127.0.0.1 (loopback)"),
        ("8.8.8.8 2606:4700::1111 ::1 1.1.1.1", "::1 (loopback)"),
        ("", "no address"),
    ];
    for (addresses, wanted) in table {
        let names = Names::all_are(addresses);
        let source = HttpJwksSource::with_fetch(strict().resolver(names.clone()));
        let fetched = source.fetch(&uri).await;
        let error = failed(fetched, addresses);
        assert!(error.contains(wanted), "{addresses}: {error}");
        assert!(error.contains(HOST), "{addresses}: {error}");
        assert_eq!(names.calls(), 1, "{addresses}");
        trap.assert_untouched(addresses);
    }
    // The switch allows loopback, not what stands beside it.
    for addresses in [
        "127.0.0.1 10.0.0.1",
        "192.168.0.1",
        "::ffff:127.0.0.1",
        "::",
    ] {
        let fetch = loopback().resolver(Names::all_are(addresses));
        let fetched = HttpJwksSource::with_fetch(fetch).fetch(&uri).await;
        let error = failed(fetched, addresses);
        assert!(error.contains("must be public"), "{addresses}: {error}");
        trap.assert_untouched(addresses);
    }
}

#[tokio::test]
async fn a_name_is_resolved_once_so_it_cannot_change_after_the_check() {
    let server = Server::http(ok(JSON)).await;
    let names = Names::first_then(&["127.0.0.1", "10.0.0.1"]);
    let source = HttpJwksSource::with_fetch(loopback().resolver(names.clone()));
    let _keys = source.fetch(&server.http_uri()).await.expect("keys");
    assert_eq!(names.calls(), 1);
    // And is looked at anew for the next fetch.
    let error = failed(source.fetch(&server.http_uri()).await, "the second fetch");
    assert!(error.contains("10.0.0.1 (private"), "{error}");
    assert_eq!(names.calls(), 2);
}

#[tokio::test]
async fn the_systems_resolver_is_looked_at_as_any_other() {
    let trap = Trap::set();
    let fetch = GuardedFetch::with_root_certificates([&CA.der]).expect("a root certificate");
    let source = HttpJwksSource::with_fetch(fetch.total_timeout(LONG));
    let uri = format!("https://localhost:{}/", trap.port());
    let error = failed(source.fetch(&uri).await, "localhost");
    assert!(error.contains("(loopback)"), "{error}");
    trap.assert_untouched("localhost");
}

#[tokio::test]
async fn the_switch_allows_loopback_addresses_in_place_of_a_name() {
    let server = Server::http(ok(JSON)).await;
    let uri = format!("http://127.0.0.1:{}/", server.port);
    let _keys = source().fetch(&uri).await.expect("keys");
    let head = server.request().await.expect("a request");
    assert!(head.to_lowercase().contains("host: 127.0.0.1:"), "{head}");
}

#[tokio::test]
async fn a_name_that_is_not_known_or_not_found_in_time_is_an_error() {
    let unknown = HttpJwksSource::with_fetch(loopback().resolver(Names::default()));
    let error = failed(
        unknown.fetch("https://keys.client.example/").await,
        "unknown",
    );
    assert!(
        error.ends_with("cannot be resolved: no such name"),
        "{error}"
    );

    struct Hangs;
    impl HostResolver for Hangs {
        async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
            pending().await
        }
    }
    let hangs = HttpJwksSource::with_fetch(loopback().resolver(Hangs).total_timeout(SHORT));
    let error = failed(hangs.fetch("https://keys.client.example/").await, "hangs");
    assert!(error.contains("within 300ms"), "{error}");
}

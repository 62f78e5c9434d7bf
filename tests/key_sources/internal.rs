//! Fetching from internal networks: which networks, which certificate authority.

use http::HeaderValue;
use tower_token_endpoint::jwks::fetch::{GuardedFetch, GuardedFetchBuilder, IpNetwork};
use tower_token_endpoint::jwks::{FetchedKeys, HttpJwksSource, JwksSource};

use crate::certificates::{CA, Ca};
use crate::server::Server;
use crate::setup::{HOST, JSON, LONG, Names, Trap, assert_same, failed, text};

fn networks(networks: &str) -> Vec<IpNetwork> {
    let networks = networks.split_whitespace();
    networks.map(|it| it.parse().expect(it)).collect()
}

fn internal() -> GuardedFetchBuilder {
    GuardedFetch::for_internal_networks().root_certificates([&CA.der])
}

/// The name has these addresses.
fn named(fetch: GuardedFetch, addresses: &str) -> GuardedFetch {
    fetch
        .connect_timeout(LONG)
        .total_timeout(LONG)
        .resolver(Names::all_are(addresses))
}

/// A source whose name has these addresses.
fn source_of(fetch: GuardedFetchBuilder, addresses: &str) -> HttpJwksSource {
    HttpJwksSource::with_fetch(named(fetch.build().expect("a fetch"), addresses))
}

#[tokio::test]
async fn only_the_allowed_networks_are_connected_to() {
    for allowed in ["127.0.0.0/8", "127.0.0.1/32", "10.0.0.0/8 127.0.0.1"] {
        let source = source_of(internal().networks(networks(allowed)), "127.0.0.1");
        let server = Server::https(CA.sign(HOST, 2020..2100)).await;
        let fetched = source.fetch(&server.https_uri()).await;
        assert_same(&fetched.expect(allowed), &FetchedKeys::new(JSON), allowed);
        server.request().await.expect("a request");
    }
    let trap = Trap::set();
    let uri = format!("https://{HOST}:{}/jwks", trap.port());
    let table = [
        ("10.0.0.0/8", "127.0.0.1", "127.0.0.1 (loopback)"),
        ("127.0.0.2/32", "127.0.0.1", "127.0.0.1 (loopback)"),
        ("127.0.0.0/8", "::1", "::1 (loopback)"),
        ("127.0.0.0/8", "::ffff:127.0.0.1", "mapped"),
        // Any of several, in any order.
        ("127.0.0.0/8", "127.0.0.1 10.0.0.1", "10.0.0.1 (private"),
        (
            "127.0.0.0/8",
            "8.8.8.8 127.0.0.1",
            "8.8.8.8 (not in an allowed network)",
        ),
        ("127.0.0.0/8", "", "no address"),
        // A network that is wider than a special range does not open it.
        ("0.0.0.0/0 ::/0", "127.0.0.1", "127.0.0.1 (loopback)"),
        ("0.0.0.0/0 ::/0", "::1", "::1 (loopback)"),
        ("0.0.0.0/0 ::/0", "10.0.0.1", "10.0.0.1 (private"),
        ("0.0.0.0/1 168.0.0.0/5", "169.254.169.254", "link-local"),
        ("126.0.0.0/7", "127.0.0.1", "127.0.0.1 (loopback)"),
    ];
    for (allowed, addresses, wanted) in table {
        let source = source_of(internal().networks(networks(allowed)), addresses);
        let error = failed(source.fetch(&uri).await, allowed);
        assert!(error.contains(wanted), "{allowed}: {error}");
        let says_what = error.contains("allowed `networks`") || addresses.is_empty();
        assert!(says_what, "{allowed}: {error}");
        trap.assert_untouched(allowed);
    }
    // Without networks, it is as strict as any other.
    let source = source_of(internal(), "127.0.0.1");
    let error = failed(source.fetch(&uri).await, "none");
    assert!(error.contains("must be public"), "{error}");
    trap.assert_untouched("none");
}

#[tokio::test]
async fn an_allowed_network_changes_nothing_about_the_uri() {
    let trap = Trap::set();
    let source = source_of(
        internal().networks(networks("127.0.0.0/8 ::1")),
        "127.0.0.1",
    );
    for (uri, wanted) in [
        ("http://keys.client.example:PORT/", "https://"),
        ("https://127.0.0.1:PORT/", "IP address"),
        ("https://[::1]:PORT/", "IP address"),
        ("https://127.1:PORT/", "IP address"),
        ("https://user@keys.client.example:PORT/", "user"),
    ] {
        let uri = uri.replace("PORT", &trap.port().to_string());
        let error = failed(source.fetch(&uri).await, &uri);
        assert!(error.contains(wanted), "{uri}: {error}");
        trap.assert_untouched(&uri);
    }
}

#[tokio::test]
async fn a_private_authority_is_the_only_one_that_is_trusted() {
    let other = Ca::new("another root");
    let fetch = || {
        let private = GuardedFetch::for_internal_networks().root_certificates([&other.der]);
        let fetch = private.networks(networks("127.0.0.0/8")).build();
        named(fetch.expect("a fetch"), "127.0.0.1")
    };
    let both = fetch().root_certificate(&CA.der).expect("a certificate");
    let table = [
        ("its own", fetch(), &other, HOST, None),
        ("another", fetch(), &*CA, HOST, Some("UnknownIssuer")),
        ("one more", both, &*CA, HOST, None),
        (
            "for another name",
            fetch(),
            &other,
            "other.example",
            Some("not valid for name"),
        ),
    ];
    for (name, fetch, ca, host, wanted) in table {
        let source = HttpJwksSource::with_fetch(fetch);
        let server = Server::https(ca.sign(host, 2020..2100)).await;
        let fetched = source.fetch(&server.https_uri()).await;
        match wanted {
            None => assert_same(&fetched.expect(name), &FetchedKeys::new(JSON), name),
            Some(wanted) => {
                let error = failed(fetched, name);
                assert!(error.contains(wanted), "{name}: {error}");
            }
        }
    }
}

#[test]
fn settings_that_are_wrong_or_contradict_are_errors_of_build() {
    type Set = fn(GuardedFetchBuilder) -> GuardedFetchBuilder;
    let table: [(&str, Set, &str); 18] = [
        ("no networks", |it| it.networks([]), "`networks` is empty"),
        (
            "networks and a proxy",
            |it| {
                it.networks(networks("10.0.0.0/8"))
                    .proxy("http://proxy.example")
            },
            "both set",
        ),
        (
            "the same in the other order",
            |it| {
                it.proxy("http://proxy.example")
                    .networks(networks("10.0.0.0/8"))
            },
            "both set",
        ),
        (
            "credentials for no proxy",
            |it| it.proxy_authorization(HeaderValue::from_static("Basic canary")),
            "needs `proxy`",
        ),
        (
            "no certificates",
            |it| it.root_certificates([[0; 0]; 0]),
            "no root certificates",
        ),
        ("no DER", |it| it.root_certificates(["canary"]), "in DER"),
        ("empty", |it| it.proxy(""), "`proxy` must be http://"),
        (
            "a host alone",
            |it| it.proxy("proxy.example"),
            "`proxy` must be http://",
        ),
        (
            "host and port",
            |it| it.proxy("proxy.example:3128"),
            "`proxy` must be http://",
        ),
        (
            "https",
            |it| it.proxy("https://proxy.example"),
            "`proxy` must be http://",
        ),
        (
            "socks",
            |it| it.proxy("socks5://proxy.example"),
            "`proxy` must be http://",
        ),
        (
            "no host",
            |it| it.proxy("http://"),
            "`proxy` must be http://",
        ),
        (
            "a port alone",
            |it| it.proxy("http://:3128"),
            "`proxy` must be http://",
        ),
        (
            "no port",
            |it| it.proxy("http://proxy.example:99999"),
            "`proxy` must be http://",
        ),
        (
            "a path",
            |it| it.proxy("http://proxy.example/canary"),
            "`proxy` must be http://",
        ),
        (
            "a query",
            |it| it.proxy("http://proxy.example?canary"),
            "`proxy` must be http://",
        ),
        (
            "spaces",
            |it| it.proxy("http://proxy example"),
            "`proxy` must be http://",
        ),
        (
            "a password",
            |it| it.proxy("http://user:canary@proxy.example"),
            "use `proxy_authorization`",
        ),
    ];
    for (name, set, wanted) in table {
        let error = set(internal()).build().expect_err(name);
        let error = text(&error);
        assert!(error.contains(wanted), "{name}: {error}");
        assert!(!error.contains("canary"), "{name}: {error}");
    }
    for proxy in [
        "http://proxy.example",
        "http://10.0.0.1:3128/",
        "HTTP://[fd00::1]:3128",
    ] {
        let _fetch = internal().proxy(proxy).build().expect(proxy);
    }
}

#[test]
fn debug_shows_no_credentials() {
    let canary = HeaderValue::from_static("Basic canary");
    let set = internal()
        .proxy("http://proxy.example:3128")
        .proxy_authorization(canary);
    for wrong in [
        set.clone(),
        set.clone().proxy("http://user:canary@proxy.example"),
    ] {
        let shown = format!("{wrong:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
    let shown = format!("{:?}", set.build().expect("a fetch"));
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("http://proxy.example:3128"), "{shown}");
}

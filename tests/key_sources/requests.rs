//! The request that is sent, and what a sound answer says of itself.

use std::error::Error;
use std::sync::Mutex;
use std::time::Duration;

use tower_token_endpoint::jwks::fetch::FetchError;
use tower_token_endpoint::jwks::{FetchedKeys, HttpJwksSource, JwksSource};

use crate::server::Behaviour::Close;
use crate::server::{Server, bytes, ok};
use crate::setup::{HOST, JSON, Names, Trap, assert_same, failed, loopback, source};

#[tokio::test]
async fn a_set_is_fetched_by_one_plain_request() {
    let server = Server::http(ok(JSON)).await;
    let names = Names::all_are("127.0.0.1");
    let uri = format!("http://{HOST}:{}/a/b?c=d", server.port);
    let port = server.port;
    let fetched = HttpJwksSource::with_fetch(loopback().resolver(names.clone()))
        .fetch(&uri)
        .await;
    assert_same(&fetched.expect("keys"), &FetchedKeys::new(JSON), "keys");
    assert_eq!(names.calls(), 1);

    let head = server.request().await.expect("a request");
    let mut lines: Vec<_> = head.trim_end().split("\r\n").collect();
    assert_eq!(lines.remove(0), "GET /a/b?c=d HTTP/1.1");
    let mut lines: Vec<_> = lines.iter().map(|line| line.to_lowercase()).collect();
    lines.sort();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        lines,
        [
            "accept-encoding: identity".to_owned(),
            "accept: application/jwk-set+json, application/json".to_owned(),
            "connection: close".to_owned(),
            format!("host: {HOST}:{port}"),
            format!("user-agent: tower-token-endpoint/{version}"),
        ]
    );
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let trap = Trap::set();
    for status in [300, 301, 302, 303, 307, 308] {
        for host in ["127.0.0.1", HOST, "10.0.0.1", "localhost"] {
            let head = format!(
                "HTTP/1.1 {status} Found\r\nLocation: http://{host}:{}/\r\nContent-Length: 0",
                trap.port()
            );
            let server = Server::http(Close(bytes(&head, ""))).await;
            let error = failed(source().fetch(&server.http_uri()).await, host);
            assert!(error.contains("redirects are not followed"), "{error}");
            trap.assert_untouched(host);
        }
    }
}

#[tokio::test]
async fn cache_control_tells_for_how_long_a_set_is_fresh() {
    let keys = || FetchedKeys::new(JSON);
    let seconds = |seconds| keys().max_age(Duration::from_secs(seconds));
    let table = [
        ("", keys()),
        ("\r\nCache-Control: public", keys()),
        ("\r\nCache-Control: max-age=300", seconds(300)),
        ("\r\nCACHE-CONTROL: Public, Max-Age=\"300\"", seconds(300)),
        (
            "\r\nCache-Control: public\r\nCache-Control: max-age=300",
            seconds(300),
        ),
        ("\r\nCache-Control: max-age=300\r\nAge: 100", seconds(200)),
        ("\r\nCache-Control: max-age=300, s-maxage=900", seconds(300)),
        ("\r\nCache-Control: max-age=300, no-cache", seconds(0)),
        ("\r\nCache-Control: no-store", seconds(0)),
        ("\r\nCache-Control: max-age=soon", seconds(0)),
        ("\r\nExpires: Thu, 01 Jan 1970 00:00:00 GMT", keys()),
    ];
    for (headers, wanted) in table {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}{headers}", JSON.len());
        let server = Server::http(Close(bytes(&head, JSON))).await;
        let fetched = source().fetch(&server.http_uri()).await.expect(headers);
        assert_same(&fetched, &wanted, headers);
    }
}

#[test]
fn debug_shows_settings_and_no_certificates() {
    let shown = format!("{:?}", source());
    assert!(shown.contains("allows_loopback_and_http: true"), "{shown}");
    assert!(shown.contains("roots: 1,"), "{shown}");
}

#[test]
fn it_is_shared_between_threads() {
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    fn is_error<T: Error + Send + Sync + 'static>() {}
    is_shared::<HttpJwksSource>();
    is_error::<FetchError>();
    let used = Mutex::new(source());
    drop(used);
}

//! The headers of a request for a document and of its response, and how long a document may be.

use std::time::Duration;

use tokio::time::advance;
use tower_token_endpoint::client::AuthMethod;

use crate::served::{assert_accepted, unavailable};
use crate::server::{Answer, HOST, Site, json, pass, response};
use crate::source::{
    DAY, Does, Found, HOUR, ID, SECOND, SHORTEST, Source, builder, document, failure, find,
};

#[tokio::test]
async fn a_document_is_asked_for_as_json_at_the_url_that_the_client_wrote() {
    let site = Site::start().await;
    let id = format!("{}?a=b&c=%64", site.id);
    site.server.now(json(&document(&id, "")));
    let exchange = crate::served::public(&id).send(&site.layer).await;
    assert_accepted(&exchange, &id, AuthMethod::None);
    let head = site.server.heads().remove(0);
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("GET /client.json?a=b&c=%64 HTTP/1.1"));
    let lines: Vec<_> = lines.map(str::to_ascii_lowercase).collect();
    for wanted in [
        "accept: application/json".to_owned(),
        "accept-encoding: identity".to_owned(),
        format!("host: {HOST}:{}", site.server.port),
    ] {
        assert!(lines.contains(&wanted), "{wanted}: {head}");
    }
    for name in ["authorization", "cookie", "referer"] {
        let is_sent = lines.iter().any(|line| line.starts_with(name));
        assert!(!is_sent, "{name}: {head}");
    }
}

#[tokio::test]
async fn a_document_has_a_media_type_of_json() {
    for media_type in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"utf-8\"",
        "application/oauth-client-id-metadata+json",
        "application/ld+json; profile=x",
    ] {
        let site = Site::start().await;
        let head = format!("200 OK\r\nContent-Type: {media_type}");
        site.server.now(response(&head, &document(&site.id, "")));
        assert_accepted(&site.send().await, &site.id, AuthMethod::None);
    }
}

#[tokio::test]
async fn a_document_has_up_to_5_kib_or_as_much_as_is_set_up_to_64() {
    for (set, limit) in [
        (None, 5 * 1024),
        (Some(100), 100),
        (Some(64 * 1024), 64 * 1024),
    ] {
        let site = Site::with(|builder| match set {
            Some(bytes) => builder.max_bytes(bytes),
            None => builder,
        })
        .await;
        let body = document(&site.id, "");
        let of = |length: usize| format!("{body}{}", " ".repeat(length - body.len()));
        let whole = |body: String| json(&body);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json";
        let until_closed = |body: String| Answer::Close(format!("{head}\r\n\r\n{body}").into());
        let chunked = |body: String| {
            let length = body.len();
            let chunks = format!("{length:x}\r\n{body}\r\n0\r\n\r\n");
            Answer::Close(format!("{head}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}").into())
        };
        let ways: [&dyn Fn(String) -> Answer; 3] = [&whole, &until_closed, &chunked];
        for way in ways {
            site.server.now(way(of(limit + 1)));
            let why = unavailable(&site.send().await);
            assert!(why.contains(&format!("longer than {limit} bytes")), "{why}");
            site.server.now(way(of(limit)));
            assert_accepted(&site.send().await, &site.id, AuthMethod::None);
            site.store.clear();
        }
    }
}

/// Also if a source of one's own has read more.
#[tokio::test(start_paused = true)]
async fn a_source_of_ones_own_gives_no_longer_documents() {
    for (set, limit) in [
        (None, 5 * 1024),
        (Some(100), 100),
        (Some(64 * 1024), 64 * 1024),
    ] {
        let body = document(ID, "");
        let of = |length: usize| Does::Json(format!("{body}{}", " ".repeat(length - body.len())));
        let source = Source::that(of(limit + 1));
        let store = match set {
            Some(bytes) => builder(&source).max_bytes(bytes).build(),
            None => builder(&source).build(),
        };
        let store = store.expect("settings that agree");
        let error = failure(&store, ID).await;
        assert!(
            error.contains(&format!("longer than {limit} bytes")),
            "{error}"
        );
        source.now(of(limit));
        assert_eq!(find(&store, ID).await, Found::Client, "{limit}");
        // It is as an outage: the copy.
        source.now(of(limit + 1));
        advance(SHORTEST).await;
        assert_eq!(find(&store, ID).await, Found::Client, "{limit}");
        advance(DAY).await;
        assert_eq!(find(&store, ID).await, Found::Unavailable, "{limit}");
        assert_eq!(source.fetches(), 4);
    }
}

#[tokio::test]
async fn cache_control_says_how_long_a_document_is_fresh_within_the_limits() {
    for (headers, fresh) in [
        ("", SHORTEST),
        ("Cache-Control: no-store\r\n", SHORTEST),
        ("Cache-Control: no-cache, max-age=7200\r\n", SHORTEST),
        ("Cache-Control: max-age=60\r\n", SHORTEST),
        ("Cache-Control: max-age=soon\r\n", SHORTEST),
        ("Cache-Control: public, max-age=7200\r\n", HOUR * 2),
        ("Cache-Control: max-age=7200\r\nAge: 3600\r\n", HOUR),
        ("Cache-Control: max-age=31536000, immutable\r\n", DAY),
        ("Cache-Control: max-age=99999999999999999999\r\n", DAY),
        ("Expires: Thu, 31 Dec 2099 23:59:59 GMT\r\n", SHORTEST),
    ] {
        let site = Site::start().await;
        let head = format!("200 OK\r\n{headers}Content-Type: application/json");
        site.server.now(response(&head, &document(&site.id, "")));
        for (time, fetches) in [
            (Duration::ZERO, 1),
            // What the test itself takes is less than that.
            (fresh - SECOND * 20, 1),
            (SECOND * 20, 2),
        ] {
            pass(time).await;
            assert_accepted(&site.send().await, &site.id, AuthMethod::None);
            assert_eq!(site.server.connections(), fetches, "{headers}");
        }
    }
}

//! Answers that are not a key set, and how long an answer may be.

use std::time::Duration;

use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};

use crate::server::Behaviour::Close;
use crate::server::{Server, bytes, ok};
use crate::setup::{HOST, JSON, assert_same, failed, source};

const LIMIT: usize = 64 * 1024;

#[tokio::test]
async fn answers_that_are_no_key_set_are_refused() {
    let ok = "HTTP/1.1 200 OK";
    let long = "canary".repeat(200_000);
    let table = [
        // status
        (
            "HTTP/1.1 201 Created\r\nContent-Length: 6",
            "canary",
            "201 instead of 200",
        ),
        ("HTTP/1.1 204 No Content", "", "204"),
        (
            "HTTP/1.1 206 Partial Content\r\nContent-Length: 6",
            "canary",
            "206",
        ),
        ("HTTP/1.1 304 Not Modified", "", "304"),
        (
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 6",
            "canary",
            "401",
        ),
        ("HTTP/1.1 403 canary\r\nContent-Length: 6", "canary", "403"),
        ("HTTP/1.1 500 Oh\r\nContent-Length: 6", "canary", "500"),
        ("HTTP/1.1 999 Oh\r\nContent-Length: 6", "canary", "999"),
        // Content-Encoding (RFC 9110 §8.4)
        (
            &*format!("{ok}\r\nContent-Encoding: gzip\r\nContent-Length: 6"),
            "canary",
            "Content-Encoding",
        ),
        (
            &*format!("{ok}\r\ncontent-encoding: br, gzip\r\nContent-Length: 6"),
            "canary",
            "Content-Encoding",
        ),
        (
            &*format!("{ok}\r\nContent-Encoding: identity\r\nContent-Length: 6"),
            "canary",
            "Content-Encoding",
        ),
        // lengths (RFC 9112 §6.3)
        (
            &*format!("{ok}\r\nContent-Length: 7"),
            "canary",
            "broke off",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 65537"),
            "canary",
            "longer than 65536",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 10485760"),
            &long,
            "longer than 65536",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 9223372036854775807"),
            "canary",
            "longer than 65536",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 18446744073709551614"),
            "canary",
            "response cannot be read",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 99999999999999999999999"),
            "canary",
            "response cannot be read",
        ),
        (
            &*format!("{ok}\r\nContent-Length: -1"),
            "canary",
            "response cannot be read",
        ),
        (
            &*format!("{ok}\r\nContent-Length: 6\r\nContent-Length: 5"),
            "canary",
            "response cannot be read",
        ),
        (ok, &long, "longer than 65536"),
        (
            &*format!("{ok}\r\nTransfer-Encoding: chunked"),
            "6\r\ncanary\r\n",
            "broke off",
        ),
        (
            &*format!("{ok}\r\nTransfer-Encoding: chunked"),
            "canary",
            "broke off",
        ),
        (
            &*format!("{ok}\r\nTransfer-Encoding: chunked"),
            "fffffffffffffffff\r\ncanary",
            "broke off",
        ),
        // no HTTP at all
        ("SSH-2.0-canary", "", "response cannot be read"),
        ("<html>canary", "", "response cannot be read"),
        ("HTTP/2.0 200 canary", "", "response cannot be read"),
        ("HTTP/1.1 200 OK\r\ncanary", "", "response cannot be read"),
        // heads without measure
        (
            &*format!("{ok}\r\nX: {}", &long[..17_000]),
            "",
            "response cannot be read",
        ),
        (
            &*format!("{ok}\r\nX: {long}"),
            "",
            "response cannot be read",
        ),
        (
            &*format!("{ok}{}", "\r\nX: canary".repeat(10_000)),
            "",
            "response cannot be read",
        ),
    ];
    for (head, body, wanted) in table {
        let name = &head[..head.len().min(80)];
        let server = Server::http(Close(bytes(head, body))).await;
        let error = failed(source().fetch(&server.http_uri()).await, name);
        assert!(error.contains(wanted), "{name}: {error}");
        assert!(error.contains(HOST), "{name}: {error}");
    }
    for nothing in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-"] {
        let server = Server::http(Close(nothing.into())).await;
        let error = failed(source().fetch(&server.http_uri()).await, nothing);
        assert!(
            error.contains("response cannot be read"),
            "{nothing}: {error}"
        );
    }
}

#[tokio::test]
async fn a_source_that_has_no_set_any_more_has_spoken() {
    let table = [
        ("HTTP/1.1 404 canary\r\nContent-Length: 6", "canary", None),
        ("HTTP/1.1 410 Gone", "", None),
        (
            "HTTP/1.1 404 Not Found\r\nCache-Control: max-age=90",
            "<html>",
            Some(Duration::from_secs(90)),
        ),
        (
            "HTTP/1.1 410 Gone\r\nContent-Encoding: gzip\r\nContent-Length: 10485760",
            "",
            None,
        ),
    ];
    for (head, body, fresh_for) in table {
        let server = Server::http(Close(bytes(head, body))).await;
        let fetched = source().fetch(&server.http_uri()).await.expect(head);
        assert!(fetched.is_gone(), "{head}");
        assert_eq!(fetched.json(), r#"{"keys":[]}"#, "{head}");
        assert_eq!(fetched.fresh_for(), fresh_for, "{head}");
    }
    // A set without keys means the same, but is one.
    let server = Server::http(ok(JSON)).await;
    let fetched = source().fetch(&server.http_uri()).await.expect("keys");
    assert!(!fetched.is_gone());
}

#[tokio::test]
async fn an_answer_has_up_to_64_kib_however_its_length_is_told() {
    let ok = "HTTP/1.1 200 OK";
    for len in [0, 1, LIMIT - 1, LIMIT, LIMIT + 1] {
        let body = "x".repeat(len);
        let chunked = match len {
            0 => "0\r\n\r\n".to_owned(),
            _ => format!("{len:x}\r\n{body}\r\n0\r\n\r\n"),
        };
        let table = [
            ("length", format!("{ok}\r\nContent-Length: {len}"), &body),
            ("close", ok.to_owned(), &body),
            (
                "chunked",
                format!("{ok}\r\nTransfer-Encoding: chunked"),
                &chunked,
            ),
        ];
        for (name, head, bytes_of_body) in table {
            let server = Server::http(Close(bytes(&head, bytes_of_body))).await;
            let fetched = source().fetch(&server.http_uri()).await;
            if len <= LIMIT {
                assert_same(&fetched.expect(name), &FetchedKeys::new(body.clone()), name);
            } else {
                let error = failed(fetched, name);
                assert!(error.contains("longer than 65536"), "{name}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn another_limit_can_be_set() {
    let ok = "HTTP/1.1 200 OK";
    for (limit, len, is_fetched) in [
        (100, 100, true),
        (100, 101, false),
        (LIMIT * 4, LIMIT * 4, true),
        (LIMIT * 4, LIMIT * 4 + 1, false),
        (0, 1, false),
    ] {
        let body = "x".repeat(len);
        for head in [format!("{ok}\r\nContent-Length: {len}"), ok.to_owned()] {
            let server = Server::http(Close(bytes(&head, &body))).await;
            let fetched = source().max_bytes(limit).fetch(&server.http_uri()).await;
            if is_fetched {
                assert_eq!(fetched.expect(&head).json(), &body, "{head}");
            } else {
                let error = failed(fetched, &head);
                let wanted = format!("longer than {limit} bytes");
                assert!(error.contains(&wanted), "{head}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn a_head_may_have_some_kib() {
    let head = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(8000));
    let server = Server::http(Close(bytes(&head, JSON))).await;
    let _keys = source().fetch(&server.http_uri()).await.expect("keys");
}

#[tokio::test]
async fn what_follows_the_length_is_not_read() {
    let body = format!("{JSON}canary");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}", JSON.len());
    let server = Server::http(Close(bytes(&head, &body))).await;
    let fetched = source().fetch(&server.http_uri()).await.expect("keys");
    assert_same(&fetched, &FetchedKeys::new(JSON), "keys");
}

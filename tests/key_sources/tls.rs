//! Certificates, and their roots.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower_token_endpoint::jwks::fetch::GuardedFetch;
use tower_token_endpoint::jwks::{FetchedKeys, HttpJwksSource, JwksSource};

use crate::certificates::{CA, Ca};
use crate::common::listen;
use crate::server::Behaviour::Close;
use crate::server::{Server, ok};
use crate::setup::{HOST, JSON, assert_same, failed, loopback, source, text};

#[tokio::test]
async fn a_certificate_must_be_valid_now_for_the_name_and_from_a_known_root() {
    let other = Ca::new("another root");
    let pretender = Ca::new("a root");
    let trusts_both = loopback()
        .root_certificate(&other.der)
        .expect("a certificate");
    let trusts_both = HttpJwksSource::with_fetch(trusts_both);
    let table = [
        ("valid", source(), CA.sign(HOST, 2020..2100), None),
        (
            "two roots, the first",
            trusts_both.clone(),
            CA.sign(HOST, 2020..2100),
            None,
        ),
        (
            "two roots, the second",
            trusts_both,
            other.sign(HOST, 2020..2100),
            None,
        ),
        (
            "a wildcard",
            source(),
            CA.sign("*.client.example", 2020..2100),
            None,
        ),
        (
            "another name",
            source(),
            CA.sign("other.example", 2020..2100),
            Some("not valid for name"),
        ),
        (
            "the address",
            source(),
            CA.sign("127.0.0.1", 2020..2100),
            Some("not valid for name"),
        ),
        (
            "expired",
            source(),
            CA.sign(HOST, 2020..2021),
            Some("expired"),
        ),
        (
            "of the future",
            source(),
            CA.sign(HOST, 2098..2100),
            Some("not valid yet"),
        ),
        (
            "a root of the same name",
            source(),
            pretender.sign(HOST, 2020..2100),
            Some("BadSignature"),
        ),
        (
            "an unknown root",
            source(),
            other.sign(HOST, 2020..2100),
            Some("UnknownIssuer"),
        ),
    ];
    for (name, source, chain, wanted) in table {
        let server = Server::https(chain).await;
        let fetched = source.fetch(&server.https_uri()).await;
        match wanted {
            None => {
                assert_same(&fetched.expect(name), &FetchedKeys::new(JSON), name);
                let head = server.request().await.expect(name);
                assert!(head.contains(HOST), "{head}");
            }
            Some(wanted) => {
                let error = failed(fetched, name);
                assert!(error.contains("no connection"), "{name}: {error}");
                assert!(error.contains(wanted), "{name}: {error}");
                server.request().await.expect_err("nothing is asked");
            }
        }
    }
}

#[tokio::test]
async fn https_is_not_spoken_to_a_port_that_does_not_speak_it() {
    let (listener, address) = listen().await;
    let port = address.port();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let Close(plain) = ok(JSON) else {
            unreachable!()
        };
        stream.write_all(&plain).await?;
        let mut sent = Vec::new();
        stream.read_to_end(&mut sent).await?;
        Ok::<_, io::Error>(sent)
    });
    let uri = format!("https://{HOST}:{port}/jwks");
    let error = failed(source().fetch(&uri).await, "plain");
    assert!(error.contains("no connection"), "{error}");
    let sent = served.await.expect("no panic").unwrap_or_default();
    assert!(!sent.windows(4).any(|it| it == b"GET "), "asked in plain");
}

#[test]
fn roots_that_are_none_are_refused() {
    let nothing: [&[u8]; 0] = [];
    let error = GuardedFetch::with_root_certificates(nothing).expect_err("none");
    assert!(text(&error).contains("no root certificates"), "{error}");
    for der in [&b""[..], b"canary", CA.pem.as_bytes()] {
        let error = GuardedFetch::with_root_certificates([der]).expect_err("no DER");
        assert!(text(&error).contains("in DER"), "{error}");
        let error = loopback().root_certificate(der).expect_err("no DER");
        assert!(!text(&error).contains("canary"), "{error}");
    }
}

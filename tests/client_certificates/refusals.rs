//! What a refused client sees: always the same.

use http::HeaderMap;
use tower_token_endpoint::rejection::RejectionReason::{self, *};

use crate::cast::*;
use crate::common::basic;
use crate::issued::*;
use crate::judge::*;

#[tokio::test]
async fn every_401_has_the_same_bytes_and_headers() {
    let layer = layer();
    let mut seen: Vec<(HeaderMap, Vec<u8>)> = Vec::new();
    let mut reasons: Vec<RejectionReason> = Vec::new();
    for (call, certificate) in [
        (id("nobody"), None),
        (id("nobody"), verified(&GOOD)),
        (id("named"), None),
        (id("named"), verified(&OTHER)),
        (id("named"), unverified(&GOOD)),
        (id("named"), verified(&EXPIRED)),
        (id("named"), verified(&FUTURE)),
        (id("dns"), verified(&OTHER)),
        (id("keyed"), None),
        (id("keyed"), verified(&OTHER)),
        (id("empty"), verified(&GOOD)),
        (id("basic"), verified(&GOOD)),
        (basic("named:secret"), verified(&GOOD)),
        (basic("basic:wrong"), verified(&GOOD)),
    ] {
        let exchange = send_with(&layer, &call, certificate).await;
        let error = exchange.error();
        assert_eq!(error.status, 401);
        reasons.push(error.rejection.reason());
        let response = &exchange.response;
        seen.push((response.headers().clone(), response.body().to_vec()));
    }
    for reason in [
        UnknownClient,
        CertificateMissing,
        CertificateNotVerified,
        CertificateExpired,
        CertificateNotRegistered,
    ] {
        assert!(reasons.contains(&reason), "{reason}");
    }
    assert!(seen.iter().all(|it| *it == seen[0]), "{seen:?}");
}

/// For an operator, who has to compare both sides. Nothing of it is in the response.
#[tokio::test]
async fn the_source_tells_both_sides() {
    let layer = layer();
    let now = std::time::UNIX_EPOCH
        .elapsed()
        .expect("after 1970")
        .as_secs()
        / 1000;
    for (client, certificate, says) in [
        (
            "other-name",
            &GOOD,
            r#"`tls_client_auth_subject_dn` is 'CN=other', and the certificate has 'CN=app,O=Example\\, \\\"Inc.\\\",C=DE'"#.to_owned(),
        ),
        (
            "dns",
            &OTHER,
            "`tls_client_auth_san_dns` is 'APP.example.org', and the certificate has 'other.example.org'".to_owned(),
        ),
        (
            "ip",
            &OTHER,
            "`tls_client_auth_san_ip` is '192.0.2.1', and the certificate has '192.0.2.2'".to_owned(),
        ),
        ("keyed", &OTHER, format!("`x5t#S256` {} is not in the key set", OTHER.thumbprint())),
        (
            "named",
            &EXPIRED,
            format!("valid from 946684800 to 1577836800, and the clock of the server is {now}"),
        ),
    ] {
        let exchange = send_with(&layer, &id(client), verified(certificate)).await;
        let error = exchange.error();
        let source = std::error::Error::source(error.rejection).expect("a source").to_string();
        assert!(source.contains(&says), "{client}: {source}");
        assert!(source.len() < 600, "{source}");
    }
}

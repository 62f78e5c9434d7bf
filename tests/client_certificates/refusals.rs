//! What a refused client sees: always the same.

use std::time::Duration;

use http::HeaderMap;
use tower_token_endpoint::client::certificates::{ClientCertificate, ClientCertificates};
use tower_token_endpoint::rejection::RejectionReason::{self, *};
use tower_token_endpoint::throttle::{MemoryThrottle, ThrottleLimit, ThrottleSource, Throttling};

use crate::cast::*;
use crate::common::{Built, CC, basic, post};
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
        (post(CC), verified(&GOOD)),
        (post(CC), None),
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
        ("keyed", &OTHER, format!("`x5t#S256` {} and the subject 'CN=other,", OTHER.thumbprint())),
        ("keyed", &OTHER, "is not in the key set of the client".to_owned()),
        ("nobody", &GOOD, format!("the certificate has the `x5t#S256` {} and the subject 'CN=app,", GOOD.thumbprint())),
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

/// A refused certificate counts as a wrong secret does, and an accepted one does not.
#[tokio::test]
async fn refused_certificates_count_as_failed_authentications() {
    let limit = |burst| ThrottleLimit::new(burst, Duration::from_secs(3600));
    let throttling = Throttling::new(MemoryThrottle::new())
        .source(ThrottleSource::extension(|_: &ClientCertificate| {
            [192, 0, 2, 1].into()
        }))
        .per_source(limit(3))
        .per_client(limit(3));
    let layer = builder_of(ClientCertificates::from_acceptor())
        .throttle(throttling)
        .built();
    for (client, certificate, outcome) in [
        ("named", &GOOD, By(BY_NAME)),
        ("named", &OTHER, Refused(CertificateNotRegistered)),
        ("keyed", &OTHER, Refused(CertificateNotRegistered)),
        ("named", &GOOD, By(BY_NAME)),
        ("nobody", &OTHER, Refused(UnknownClient)),
    ] {
        let exchange = send_with(&layer, &id(client), verified(certificate)).await;
        judge_answer(outcome, &exchange);
    }
    // Also one that would be accepted: it is not looked at.
    for certificate in [&OTHER, &GOOD] {
        let exchange = send_with(&layer, &id("named"), verified(certificate)).await;
        exchange.rejected(429, "temporarily_unavailable", Throttled);
    }
}

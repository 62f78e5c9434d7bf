//! Where the certificate comes from.

use http::HeaderName;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::client::certificates::{ClientCertificate, ClientCertificates};
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{Built, Call, basic, pem, percent_encode};
use crate::issued::*;
use crate::judge::*;

/// As nginx and AWS ALB send it.
fn escaped_pem(certificate: &Issued) -> String {
    percent_encode(&pem("CERTIFICATE", &certificate.der))
}

fn nginx(call: Call, certificate: &Issued, verify: &str) -> Call {
    call.add("x-ssl-client-cert", escaped_pem(certificate))
        .add("x-ssl-client-verify", verify)
}

#[tokio::test]
async fn a_header_is_read_and_taken_out_of_the_request() {
    let layer = builder_of(ClientCertificates::nginx()).built();
    for (call, outcome) in [
        (nginx(id("named"), &GOOD, "SUCCESS"), By(BY_NAME)),
        (nginx(id("keyed"), &GOOD, "FAILED:self-signed"), By(BY_KEY)),
        // Other authentication does not need it, and nobody else must believe it.
        (
            nginx(basic("basic:secret"), &GOOD, "SUCCESS"),
            By(AuthMethod::ClientSecretBasic),
        ),
        (
            basic("basic:secret").add("x-ssl-client-cert", "nonsense"),
            By(AuthMethod::ClientSecretBasic),
        ),
    ] {
        let call = call.add("x-other", "stays");
        let exchange = call.send(&layer).await;
        judge_answer(outcome, &exchange);
        let headers = exchange.inner_request().headers();
        assert!(!headers.contains_key("x-ssl-client-cert"));
        assert!(!headers.contains_key("x-ssl-client-verify"));
        assert_eq!(headers["x-other"], "stays");
    }
    let exchange = nginx(id("named"), &GOOD, "FAILED:x").send(&layer).await;
    judge_answer(Refused(CertificateNotVerified), &exchange);
}

#[tokio::test]
async fn a_request_that_passes_through_keeps_its_headers() {
    let layer = builder_of(ClientCertificates::nginx()).built();
    let call = nginx(id("named"), &GOOD, "SUCCESS").to("/other");
    let exchange = call.send(&layer).await;
    let headers = exchange.inner_request().headers();
    assert!(headers.contains_key("x-ssl-client-cert"));
    assert!(headers.contains_key("x-ssl-client-verify"));
}

#[tokio::test]
async fn headers_of_other_formats_are_not_looked_at() {
    let layer = builder_of(ClientCertificates::rfc9440_verified()).built();
    let exchange = nginx(id("named"), &GOOD, "SUCCESS").send(&layer).await;
    judge_answer(Refused(CertificateMissing), &exchange);
    let own = id("named").add("client-cert", format!(":{}:", GOOD.base64()));
    judge_answer(By(BY_NAME), &own.send(&layer).await);
    // With no header configured, none is.
    let exchange = own.send(&crate::cast::layer()).await;
    judge_answer(Refused(CertificateMissing), &exchange);
}

#[tokio::test]
async fn two_headers_of_the_name_are_no_certificate() {
    let layer = builder_of(ClientCertificates::rfc9440_verified()).built();
    let value = format!(":{}:", GOOD.base64());
    let call = id("named")
        .add("client-cert", &value)
        .add("client-cert", &value);
    judge_answer(Refused(CertificateMissing), &call.send(&layer).await);
}

#[tokio::test]
async fn a_header_never_completes_or_replaces_what_the_connection_had() {
    let layer = builder_of(ClientCertificates::nginx()).built();
    let named = nginx(id("named"), &GOOD, "SUCCESS");
    let malformed = ClientCertificate::from_der(&b"0\x03\x02\x01\x05"[..]).verified(true);
    for (of_connection, outcome) in [
        (OTHER.verified(), Refused(CertificateNotRegistered)),
        (GOOD.unverified(), Refused(CertificateNotVerified)),
        (malformed, Refused(CertificateMissing)),
        (GOOD.verified(), By(BY_NAME)),
    ] {
        let exchange = send_with(&layer, &named, Some(of_connection)).await;
        judge_answer(outcome, &exchange);
    }
    // Nor does a wrong one.
    let call = id("named").add("x-ssl-client-cert", "nonsense");
    let exchange = send_with(&layer, &call, verified(&GOOD)).await;
    judge_answer(By(BY_NAME), &exchange);
}

#[tokio::test]
async fn what_is_not_exactly_one_certificate_counts_as_none() {
    let layer = layer();
    let long = [GOOD.der.clone(), vec![0; 16 * 1024]].concat();
    let trailing = [&GOOD.der[..], &[0]].concat();
    let cut = GOOD.der[..GOOD.der.len() - 1].to_vec();
    for der in [long, trailing, cut, vec![], b"nonsense".to_vec()] {
        let certificate = ClientCertificate::from_der(der).verified(true);
        for client in ["named", "keyed", "thumbprint"] {
            let exchange = send_with(&layer, &id(client), Some(certificate.clone())).await;
            judge_answer(Refused(CertificateMissing), &exchange);
        }
        let exchange = send_with(&layer, &basic("basic:secret"), Some(certificate)).await;
        judge_answer(By(AuthMethod::ClientSecretBasic), &exchange);
        assert_eq!(exchange.token_request().certificate_thumbprint(), None);
    }
}

#[tokio::test]
async fn the_names_of_the_headers_can_be_set() {
    let names = ["ssl-client-cert", "ssl-client-verify"].map(HeaderName::from_static);
    let [certificate, verify] = names.clone();
    let setting = ClientCertificates::nginx().header_names(certificate, verify);
    let layer = builder_of(setting).built();
    let call = id("named")
        .add("ssl-client-cert", escaped_pem(&GOOD))
        .add("ssl-client-verify", "SUCCESS");
    let exchange = call.send(&layer).await;
    judge_answer(By(BY_NAME), &exchange);
    for name in names {
        assert!(!exchange.inner_request().headers().contains_key(name));
    }
}

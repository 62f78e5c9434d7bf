//! The events about a certificate that cannot be read, and about keys of a fetched set.

use tower_token_endpoint::client::certificates::{ClientCertificate, ClientCertificates};
use tracing_subscriber::filter::LevelFilter;

use crate::cast::*;
use crate::common::{Built, Log, basic};
use crate::issued::*;
use crate::judge::*;

const MESSAGE: &str =
    "the certificate of a client cannot be read, so the request counts as one without";

#[test]
fn a_certificate_that_cannot_be_read_is_one_warning_without_its_value() {
    let log = Log::default();
    let _guard = log.of_thread(LevelFilter::TRACE);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let headers = || builder_of(ClientCertificates::nginx());
    let canary = ClientCertificate::from_der(&b"0\x03canary"[..]);
    let der = |len| ClientCertificate::from_der(vec![b'0'; len]);
    for (call, certificate, says) in [
        (
            id("named")
                .add("x-ssl-client-cert", "canary")
                .add("x-ssl-client-cert", "canary"),
            None,
            "the header `x-ssl-client-cert` is there more than once",
        ),
        (id("named"), Some(der(16 * 1024 + 1)), "longer than 16 KiB"),
        (
            id("named"),
            Some(ClientCertificate::from_der(
                [&GOOD.der[..], b"canary"].concat(),
            )),
            "more bytes follow the certificate",
        ),
        (
            id("named").add("x-ssl-client-cert", "canary%"),
            None,
            "the header `x-ssl-client-cert` has",
        ),
        (
            basic("basic:secret").add("x-ssl-client-verify", "canary"),
            None,
            "the header `x-ssl-client-verify` has",
        ),
        (id("named"), Some(canary), "it is not a certificate in DER"),
    ] {
        // There is one warning a minute for a layer and its clones.
        let layer = headers().built();
        let before = log.text().len();
        runtime.block_on(send_with(&layer, &call, certificate.clone()));
        let after = log.text().len();
        runtime.block_on(send_with(&layer.clone(), &call, certificate));
        let again = log.text()[after..].to_owned();
        let [more] = again
            .lines()
            .filter(|it| it.contains(MESSAGE))
            .collect::<Vec<_>>()[..]
        else {
            panic!("{again}");
        };
        assert!(more.contains("DEBUG") && more.contains(says), "{more}");
        let text = &log.text()[..after];
        let text = text[before..].to_owned();
        let warnings: Vec<_> = text.lines().filter(|it| it.contains(" WARN ")).collect();
        let [warning] = warnings[..] else {
            panic!("{text}");
        };
        assert!(warning.contains(MESSAGE), "{warning}");
        assert!(warning.contains(says), "{warning}");
        assert!(warning.contains("path=\"/token\""), "{warning}");
        assert!(!text.contains("canary"), "{text}");
    }
}

/// A key that only certificates are compared with is no mistake.
#[test]
fn a_fetched_key_that_contradicts_its_certificate_is_a_warning_and_no_other() {
    let log = Log::default();
    let _guard = log.of_thread(LevelFilter::TRACE);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let layer = layer();
        let exchange = send_with(&layer, &id("mixed"), unverified(&GOOD)).await;
        judge_answer(By(BY_KEY), &exchange);
    });
    let text = log.text();
    let found = |level: &str| {
        let lines = text.lines().filter(|it| it.contains("key set"));
        let lines = lines.filter(|it| it.contains(level));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let [warning] = &found("WARN")[..] else {
        panic!("{text}");
    };
    assert!(warning.contains("key=1"), "{warning}");
    assert!(warning.contains("is used only for assertions"), "{warning}");
    assert!(warning.contains("contradicts the key"), "{warning}");
    let [other] = &found("DEBUG")[..] else {
        panic!("{text}");
    };
    assert!(other.contains("key=0"), "{other}");
    assert!(other.contains("is used only for certificates"), "{other}");
}

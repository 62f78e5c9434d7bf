//! Proxies that say in a second header whether the chain was verified.

use http::HeaderName;

use super::{
    FIRST, Read, alb, base64, nginx,
    table::{
        Expected::{self, Flaw, Nothing, Unverified, Verified},
        value,
    },
    take,
};
use crate::protocol::{
    incoming::client_certificate::problem::Flaw::{
        ContradictsVerification, NotBase64, NotOneBlock, OnlyVerification, Repeated,
        UnknownVerification,
    },
    settings::client_certificates::ClientCertificates,
};

const CERT: &str = "x-ssl-client-cert";
const VERIFY: &str = "x-ssl-client-verify";

/// A name, the values of both headers, the header that a flaw is in, what is read, and where it is written.
type Row<'r> = (
    &'r str,
    &'r [&'r str],
    &'r [&'r str],
    &'static str,
    Expected,
    &'r str,
);

fn check(setting: &ClientCertificates, rows: &[Row<'_>]) {
    for &(name, certificates, verifications, flawed, expected, source) in rows {
        let certificates = certificates.iter().map(|it| (CERT, value(it)));
        let verifications = verifications.iter().map(|it| (VERIFY, value(it)));
        let headers: Vec<_> = verifications.chain(certificates).collect();
        let read = Read::from(take(setting, &headers));
        assert_eq!(
            read,
            expected.read(flawed),
            "{name} ({source}): {headers:?}"
        );
    }
}

#[test]
fn headers_of_nginx() {
    let one = &*nginx(&FIRST);
    let plus = &*alb(&FIRST);
    let space = &*plus.replace('+', " ");
    let tabs = &*one.replace("%0A", "%0A%09");
    let source = "ngx_event_openssl.c";
    let only = Flaw(OnlyVerification);
    let unknown = Flaw(UnknownVerification);
    let failed = "FAILED:unable to verify the first certificate";
    check(
        &ClientCertificates::nginx(),
        &[
            ("verified", &[one], &["SUCCESS"], "", Verified, source),
            ("not verified", &[one], &[failed], "", Unverified, source),
            (
                "nginx before 1.11.7",
                &[one],
                &["FAILED"],
                "",
                Unverified,
                "nginx CHANGES",
            ),
            (
                "a failure without why",
                &[one],
                &["FAILED:"],
                "",
                Unverified,
                source,
            ),
            (
                "`+` stays",
                &[plus],
                &["SUCCESS"],
                "",
                Verified,
                "certificates.md",
            ),
            (
                "`+` as in a form",
                &[space],
                &["SUCCESS"],
                CERT,
                Flaw(NotBase64),
                "certificates.md",
            ),
            (
                "a tab before each line",
                &[tabs],
                &["SUCCESS"],
                CERT,
                Flaw(NotOneBlock),
                source,
            ),
            ("no certificate", &[], &["NONE"], "", Nothing, source),
            ("an empty one", &[""], &["NONE"], "", Nothing, source),
            ("no TLS", &[], &[], "", Nothing, "ngx_http_ssl_module.c"),
            (
                "no TLS, both empty",
                &[""],
                &[""],
                "",
                Nothing,
                "ngx_http_ssl_module.c",
            ),
            ("no result", &[one], &[], "", Unverified, "certificates.md"),
            (
                "an empty result",
                &[one],
                &[""],
                "",
                Unverified,
                "certificates.md",
            ),
            (
                "a result alone",
                &[],
                &["SUCCESS"],
                CERT,
                only,
                "certificates.md",
            ),
            (
                "a result and an empty one",
                &[""],
                &["SUCCESS"],
                CERT,
                only,
                "certificates.md",
            ),
            (
                "a failure alone",
                &[],
                &[failed],
                CERT,
                only,
                "certificates.md",
            ),
            (
                "a certificate, and none",
                &[one],
                &["NONE"],
                CERT,
                Flaw(ContradictsVerification),
                "certificates.md",
            ),
            ("another word", &[one], &["OK"], VERIFY, unknown, source),
            (
                "another case",
                &[one],
                &["success"],
                VERIFY,
                unknown,
                source,
            ),
            (
                "more than the word",
                &[one],
                &["SUCCESS:x"],
                VERIFY,
                unknown,
                source,
            ),
            (
                "a failure in other words",
                &[one],
                &["FAILURE"],
                VERIFY,
                unknown,
                source,
            ),
            ("that of HAProxy", &[one], &["0"], VERIFY, unknown, source),
            ("a word alone", &[], &["OK"], VERIFY, unknown, source),
            (
                "a list",
                &[one],
                &["SUCCESS, NONE"],
                VERIFY,
                unknown,
                source,
            ),
            (
                "two results",
                &[one],
                &["SUCCESS", "SUCCESS"],
                VERIFY,
                Flaw(Repeated),
                "certificates.md",
            ),
            (
                "two results alone",
                &[],
                &["NONE", "NONE"],
                VERIFY,
                Flaw(Repeated),
                "certificates.md",
            ),
            (
                "two certificates",
                &[one, one],
                &["SUCCESS"],
                CERT,
                Flaw(Repeated),
                "certificates.md",
            ),
            (
                "not PEM",
                &["x"],
                &["SUCCESS"],
                CERT,
                Flaw(NotOneBlock),
                source,
            ),
            (
                "not PEM, and failed",
                &["x"],
                &[failed],
                CERT,
                Flaw(NotOneBlock),
                source,
            ),
            (
                "two blocks",
                &[&format!("{one}{one}")],
                &["SUCCESS"],
                CERT,
                Flaw(NotOneBlock),
                "certificates.md",
            ),
        ],
    );
}

#[test]
fn headers_of_haproxy() {
    let one = &*base64(&FIRST);
    let source = "HAProxy: ssl_c_verify";
    let unknown = Flaw(UnknownVerification);
    check(
        &ClientCertificates::haproxy(),
        &[
            ("verified", &[one], &["0"], "", Verified, source),
            ("self-signed", &[one], &["18"], "", Unverified, source),
            (
                "the largest",
                &[one],
                &["4294967295"],
                "",
                Unverified,
                source,
            ),
            (
                "no certificate",
                &[""],
                &["0"],
                "",
                Nothing,
                "HAProxy: set-header",
            ),
            ("no certificate at all", &[], &["0"], "", Nothing, source),
            ("no TLS", &[""], &[""], "", Nothing, "HAProxy: set-header"),
            ("no result", &[one], &[], "", Unverified, "certificates.md"),
            (
                "a failure alone",
                &[],
                &["18"],
                CERT,
                Flaw(OnlyVerification),
                "certificates.md",
            ),
            ("two zeros", &[one], &["00"], VERIFY, unknown, source),
            ("a zero in front", &[one], &["018"], VERIFY, unknown, source),
            ("a sign", &[one], &["-0"], VERIFY, unknown, source),
            ("no number", &[one], &["0x0"], VERIFY, unknown, source),
            (
                "a long number",
                &[one],
                &["11111111111"],
                VERIFY,
                unknown,
                source,
            ),
            ("a list", &[one], &["0,0"], VERIFY, unknown, source),
            (
                "that of nginx",
                &[one],
                &["SUCCESS"],
                VERIFY,
                unknown,
                source,
            ),
            (
                "two results",
                &[one],
                &["0", "18"],
                VERIFY,
                Flaw(Repeated),
                "certificates.md",
            ),
            (
                "PEM",
                &[&alb(&FIRST)],
                &["0"],
                CERT,
                Flaw(NotBase64),
                "HAProxy: ssl_c_der",
            ),
            (
                "no padding",
                &[one.trim_end_matches('=')],
                &["0"],
                CERT,
                Flaw(NotBase64),
                "HAProxy: base64",
            ),
            (
                "a comma",
                &[&format!("{one},{one}")],
                &["0"],
                CERT,
                Flaw(NotBase64),
                "HAProxy: base64",
            ),
        ],
    );
}

#[test]
fn headers_with_other_names() {
    let (cert, verify) = ("ssl-client-cert", "ssl-client-verify");
    let names = (
        HeaderName::from_static(cert),
        HeaderName::from_static(verify),
    );
    for (setting, text, fine) in [
        (ClientCertificates::nginx(), nginx(&FIRST), "SUCCESS"),
        (ClientCertificates::haproxy(), base64(&FIRST), "0"),
    ] {
        let setting = setting.header_names(names.0.clone(), names.1.clone());
        let headers = [(cert, value(&text)), (verify, value(fine))];
        let read = Read::from(take(&setting, &headers));
        assert_eq!(read, Read::Certificate(FIRST.clone(), true));
        // Those of before stay, and are not looked at.
        let mut headers = http::HeaderMap::new();
        headers.append(CERT, value(&text));
        headers.append(VERIFY, value(fine));
        assert!(matches!(setting.take(&mut headers), Ok(None)));
        assert_eq!(headers.len(), 2);
    }
}

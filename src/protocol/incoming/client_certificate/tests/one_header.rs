//! What holds for every header, and the headers of RFC 9440 and of AWS.

use super::{
    FIRST, OTHER, alb, base64, proxies, rfc9440,
    table::{
        Expected::{self, Flaw, Nothing, Unverified, Verified},
        Row, check,
    },
};
use crate::protocol::{
    incoming::client_certificate::problem::Flaw::{
        BadEscape, CertificateTooLong, EmptyCertificate, NotAChain, NotBase64, NotByteSequence,
        NotOneBlock, Repeated, TooLong,
    },
    settings::client_certificates::ClientCertificates,
};

/// What holds for every header.
#[test]
fn any_header() {
    for (setting, header, encode, verified) in proxies() {
        let one = encode(&FIRST);
        let found = if verified { Verified } else { Unverified };
        let rows: Vec<Row> = vec![
            ("no header", vec![], Nothing, "RFC 9440 §2.4"),
            ("no value", vec!["".into()], Nothing, "RFC 9110 §5.5"),
            ("a space", vec![" ".into()], Nothing, "RFC 9110 §5.5"),
            ("one", vec![one.clone()], found, "its own document"),
            (
                "space around it",
                vec![format!(" {one}\t")],
                found,
                "RFC 9110 §5.5",
            ),
            (
                "two of one name",
                vec![one.clone(), one.clone()],
                Flaw(Repeated),
                "certificates.md",
            ),
            (
                "an empty one first",
                vec!["".into(), one.clone()],
                Flaw(Repeated),
                "certificates.md",
            ),
            (
                "over 128 KiB",
                vec!["A".repeat(128 * 1024 + 1)],
                Flaw(TooLong),
                "certificates.md",
            ),
            (
                "over 16 KiB of DER",
                vec![encode(&[0x30; 16 * 1024 + 1])],
                Flaw(CertificateTooLong),
                "certificates.md",
            ),
            (
                "far over 16 KiB of DER",
                vec![encode(&[0x30; 20_000])],
                Flaw(CertificateTooLong),
                "certificates.md",
            ),
        ];
        check(&setting, header, rows);
        let longest = vec![0x30; 16 * 1024];
        let headers = [(header, super::table::value(&encode(&longest)))];
        let read = super::take(&setting, &headers)
            .expect("16 KiB")
            .expect("16 KiB");
        assert_eq!(read.der(), longest, "{header}");
    }
}

#[test]
fn client_cert_of_rfc_9440() {
    let base64 = base64(&FIRST);
    let unpadded = base64.trim_end_matches('=');
    let rows = |found: Expected| -> Vec<Row> {
        let no = |text: String| vec![text];
        vec![
            ("an Item", vec![rfc9440(&FIRST)], found, "RFC 9440 §2.2"),
            (
                "no colons",
                no(base64.clone()),
                Flaw(NotByteSequence),
                "RFC 8941 §4.2.7",
            ),
            (
                "one colon",
                no(format!(":{base64}")),
                Flaw(NotByteSequence),
                "RFC 8941 §4.2.7",
            ),
            (
                "a colon",
                no(":".into()),
                Flaw(NotByteSequence),
                "RFC 8941 §4.2.7",
            ),
            (
                "no bytes",
                no("::".into()),
                Flaw(EmptyCertificate),
                "RFC 9440 §2.2",
            ),
            (
                "a parameter",
                no(format!(":{base64}:;a=1")),
                Flaw(NotByteSequence),
                "RFC 9440 §2.2",
            ),
            (
                "a list",
                no(format!(":{base64}:, :{base64}:")),
                Flaw(NotBase64),
                "RFC 9440 §2.2",
            ),
            (
                "no padding",
                no(format!(":{unpadded}:")),
                Flaw(NotBase64),
                "RFC 8941 §3.3.5",
            ),
            (
                "bits left over",
                no(":MAF=:".into()),
                Flaw(NotBase64),
                "RFC 4648 §3.5",
            ),
            (
                "base64url",
                no(":-_8=:".into()),
                Flaw(NotBase64),
                "RFC 8941 §3.3.5",
            ),
            (
                "a space in it",
                no(":MA A=:".into()),
                Flaw(NotBase64),
                "RFC 8941 §4.2.7",
            ),
            (
                "a String",
                no(format!("\"{base64}\"")),
                Flaw(NotByteSequence),
                "RFC 9440 §2.2",
            ),
            (
                "percent-encoded",
                no(":MA%3D%3D:".into()),
                Flaw(NotBase64),
                "RFC 8941 §3.3.5",
            ),
            (
                "PEM",
                no(alb(&FIRST)),
                Flaw(NotByteSequence),
                "RFC 9440 §2.1",
            ),
        ]
    };
    let header = "client-cert";
    check(&ClientCertificates::rfc9440(), header, rows(Unverified));
    check(
        &ClientCertificates::rfc9440_verified(),
        header,
        rows(Verified),
    );
    // It is removed, and never looked at.
    let chain = "client-cert-chain";
    let setting = ClientCertificates::rfc9440_verified();
    check(
        &setting,
        chain,
        vec![
            (
                "a chain alone",
                vec![rfc9440(&FIRST)],
                Nothing,
                "RFC 9440 §2.3",
            ),
            (
                "any chain",
                vec!["%".into(), "x".into()],
                Nothing,
                "RFC 9440 §2.3",
            ),
        ],
    );
}

#[test]
fn headers_of_an_aws_load_balancer() {
    let (one, other) = (alb(&FIRST), alb(&OTHER));
    let doc = "AWS: HTTP headers and mutual TLS";
    let both = |found: Expected| -> Vec<Row> {
        vec![
            ("`+=/` are left alone", vec![one.clone()], found, doc),
            (
                "`=` is encoded",
                vec![one.replace('=', "%3D")],
                found,
                "its examples",
            ),
            (
                "all is encoded",
                vec![super::nginx(&FIRST)],
                found,
                "RFC 3986 §2.4",
            ),
            (
                "digits without case",
                vec![one.replace("%0A", "%0a")],
                found,
                "RFC 3986 §2.1",
            ),
            (
                "no last end of line",
                vec![one.trim_end_matches("%0A").into()],
                found,
                "RFC 7468 §3",
            ),
        ]
    };
    let mut rows = both(Verified);
    rows.extend([
        (
            "a chain",
            vec![one.clone() + &other],
            Flaw(NotOneBlock),
            doc,
        ),
        (
            "half an escape",
            vec![one.clone() + "%"],
            Flaw(BadEscape),
            "RFC 3986 §2.1",
        ),
        (
            "one digit",
            vec![one.clone() + "%0"],
            Flaw(BadEscape),
            "RFC 3986 §2.1",
        ),
        (
            "no digits",
            vec![one.clone() + "%zz"],
            Flaw(BadEscape),
            "RFC 3986 §2.1",
        ),
        (
            "encoded twice",
            vec![one.replace('%', "%25")],
            Flaw(NotOneBlock),
            "RFC 3986 §2.4",
        ),
        (
            "`+` for a space",
            vec![one.replace("%20", "+")],
            Flaw(NotOneBlock),
            doc,
        ),
        ("base64 alone", vec![base64(&FIRST)], Flaw(NotOneBlock), doc),
    ]);
    check(
        &ClientCertificates::aws_alb(),
        "x-amzn-mtls-clientcert-leaf",
        rows,
    );
    let mut rows = both(Unverified);
    rows.extend([
        ("a chain", vec![one.clone() + &other], Unverified, doc),
        (
            "a chain of three",
            vec![[&*one, &*other, &*one].concat()],
            Unverified,
            doc,
        ),
        (
            "a wrong certificate last",
            vec![one.clone() + "x"],
            Flaw(NotAChain),
            "RFC 7468 §5.1",
        ),
        (
            "half a certificate last",
            vec![one.clone() + &other[..99]],
            Flaw(NotAChain),
            "RFC 7468 §5.1",
        ),
        (
            "a line between",
            vec![format!("{one}%0A{other}")],
            Flaw(NotAChain),
            "certificates.md",
        ),
        (
            "a text before",
            vec![format!("subject=x%0A{one}")],
            Flaw(NotAChain),
            "certificates.md",
        ),
    ]);
    check(
        &ClientCertificates::aws_alb_passthrough(),
        "x-amzn-mtls-clientcert",
        rows,
    );
}

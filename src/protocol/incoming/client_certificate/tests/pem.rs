//! PEM, in the header of nginx without percent-encoding that could hide a line.

use super::{
    FIRST, OTHER, base64, escape, pem,
    table::{
        Expected::{Flaw, Unverified},
        Row, check,
    },
};
use crate::protocol::{
    incoming::client_certificate::problem::Flaw::{EmptyCertificate, NotBase64, NotOneBlock},
    settings::client_certificates::ClientCertificates,
};

#[test]
fn one_block_and_nothing_else() {
    let one = pem(&FIRST);
    let base64 = base64(&FIRST);
    let (begin, end) = (
        "-----BEGIN CERTIFICATE-----\n",
        "-----END CERTIFICATE-----\n",
    );
    let text = |text: String| vec![escape(&text, "-")];
    let narrow = base64.as_bytes().chunks(3);
    let narrow: Vec<_> = narrow.map(String::from_utf8_lossy).collect();
    let rfc = "RFC 7468 §3";
    let row = |name, text: Vec<String>, expected| -> Row { (name, text, expected, rfc) };
    let rows = vec![
        row("64 to a line", text(one.clone()), Unverified),
        row("CR LF", text(one.replace('\n', "\r\n")), Unverified),
        row(
            "no last end of line",
            text(one.trim_end().into()),
            Unverified,
        ),
        row(
            "one line",
            text(format!("{begin}{base64}\n{end}")),
            Unverified,
        ),
        row(
            "3 to a line",
            text(format!("{begin}{}\n{end}", narrow.join("\n"))),
            Unverified,
        ),
        row("CR", text(one.replace('\n', "\r")), Flaw(NotOneBlock)),
        row(
            "two CR",
            text(one.replace('\n', "\r\r\n")),
            Flaw(NotOneBlock),
        ),
        row(
            "CR at the end",
            text(one.trim_end().to_owned() + "\r"),
            Flaw(NotOneBlock),
        ),
        row("no lines", text(one.replace('\n', "")), Flaw(NotOneBlock)),
        row(
            "an empty line",
            text(one.replacen('\n', "\n\n", 1)),
            Flaw(NotOneBlock),
        ),
        row(
            "an empty line at the end",
            text(one.clone() + "\n"),
            Flaw(NotOneBlock),
        ),
        row(
            "an empty line first",
            text("\n".to_owned() + &one),
            Flaw(NotOneBlock),
        ),
        row(
            "a space at the end of a line",
            text(one.replacen("-\n", "- \n", 1)),
            Flaw(NotOneBlock),
        ),
        row(
            "a space before a line",
            text(one.replacen('\n', "\n ", 1)),
            Flaw(NotBase64),
        ),
        row(
            "a header",
            text(one.replacen('\n', "\nProc-Type: 4\n", 1)),
            Flaw(NotBase64),
        ),
        row(
            "a text before",
            text("subject=x\n".to_owned() + &one),
            Flaw(NotOneBlock),
        ),
        row("a text after", text(one.clone() + "x"), Flaw(NotOneBlock)),
        row(
            "another label",
            text(one.replace("CERT", "X509 CERT")),
            Flaw(NotOneBlock),
        ),
        row(
            "a trusted one",
            text(one.replace("CERT", "TRUSTED CERT")),
            Flaw(NotOneBlock),
        ),
        row(
            "a label in lower case",
            text(one.to_lowercase()),
            Flaw(NotOneBlock),
        ),
        row(
            "two labels",
            text(one.replace("END CERT", "END X509 CERT")),
            Flaw(NotOneBlock),
        ),
        row("no end", text(one.replace(end, "")), Flaw(NotOneBlock)),
        row(
            "no beginning",
            text(one.replace(begin, "")),
            Flaw(NotOneBlock),
        ),
        row("a beginning alone", text(begin.into()), Flaw(NotOneBlock)),
        row(
            "an empty block",
            text(format!("{begin}{end}")),
            Flaw(EmptyCertificate),
        ),
        row(
            "one in the other",
            text(one.replace(end, &one)),
            Flaw(NotBase64),
        ),
        row(
            "another one after it",
            text(one.clone() + &pem(&OTHER)),
            Flaw(NotOneBlock),
        ),
        row(
            "padding within",
            text(format!("{begin}MA==\nMAAA\n{end}")),
            Flaw(NotBase64),
        ),
        row(
            "a zero byte",
            vec![escape(&one, "-") + "%00"],
            Flaw(NotOneBlock),
        ),
    ];
    check(&ClientCertificates::nginx(), "x-ssl-client-cert", rows);
}

//! The header of Envoy.

use super::{
    FIRST, OTHER, base64, cert_of_envoy, nginx,
    table::{
        Expected::{Flaw, Verified},
        Row, check,
    },
};
use crate::protocol::{
    incoming::client_certificate::problem::Flaw::{
        BadEscape, EmptyElement, NoCert, NotElements, NotOneBlock, RepeatedCert,
    },
    settings::client_certificates::ClientCertificates,
};

#[test]
fn header_of_envoy() {
    let first = cert_of_envoy(&FIRST);
    let (one, other) = (
        format!("Cert=\"{first}\""),
        format!("Cert=\"{}\"", cert_of_envoy(&OTHER)),
    );
    let doc = "Envoy: x-forwarded-client-cert";
    let row = |name, text: &str, expected| -> Row {
        // `<` and `>` stand for the two certificates.
        let text = text.replace('<', &one).replace('>', &other);
        (name, vec![text], expected, doc)
    };
    let elements = Flaw(NotElements);
    let rows = vec![
        row("`Cert` alone", "<", Verified),
        row(
            "its order",
            "By=spiffe://as;Hash=46;<;Subject=\"CN=a\";URI=;DNS=a.b;DNS=c.d",
            Verified,
        ),
        row("another order", "URI=https://a?b=c;<;By=x", Verified),
        row("keys have no case", &one.replace("Cert", "cERT"), Verified),
        row("a chain is ignored", "<;Chain=\"x\"", Verified),
        row("a separator in quotes", "Subject=\"O=a;b, c\";<", Verified),
        row(
            "a quote in quotes",
            "Subject=\"O=\\\"a\\\";Cert=x\";<",
            Verified,
        ),
        row("a backslash in quotes", "Subject=\"a\\\\\";<", Verified),
        row(
            "`Cert` in quotes of another",
            "Subject=\"Cert=\\\"x\\\"\";<",
            Verified,
        ),
        row("the last element", ">,<", Verified),
        row("the last of three", ">,By=x;Hash=y,<", Verified),
        row("a space after the comma", ">, <", Verified),
        row("two of them in an earlier element", ">;>,<", Verified),
        row("without quotes", &format!("Hash=46;Cert={first}"), Verified),
        row(
            "all percent-encoded",
            &format!("Cert=\"{}\"", nginx(&FIRST)),
            Verified,
        ),
        row("no `Cert` in the last", "<,By=x;Hash=y", Flaw(NoCert)),
        row("a chain alone", "Chain=\"x\"", Flaw(NoCert)),
        row("another key", "Certs=x", Flaw(NoCert)),
        row("two of them", "<;<", Flaw(RepeatedCert)),
        row(
            "two of them, in another case",
            "<;CERT=x",
            Flaw(RepeatedCert),
        ),
        row("three of them", "<;<;<", Flaw(RepeatedCert)),
        row("an empty element at the end", "<,", Flaw(EmptyElement)),
        row("an element of a space", "<, ,<", Flaw(EmptyElement)),
        row("an empty element first", ",<", Flaw(EmptyElement)),
        row("an empty element between", "<,,<", Flaw(EmptyElement)),
        row("a comma", ",", Flaw(EmptyElement)),
        row("an empty pair at the end", "<;", elements),
        row("an empty pair", "By=x;;<", elements),
        row("no `=`", "By;<", elements),
        row("no key", "=x;<", elements),
        row("a space in a key", "By =x;<", elements),
        row("a space before a key", "By=x; <", elements),
        row("a quote that stays open", "By=\"x;<", elements),
        row("a quote that stays open before", "By=\",<", elements),
        row(
            "a backslash before the last quote",
            "<;Subject=\"x\\\"",
            elements,
        ),
        row("a quote within a value", "By=x\"y\";<", elements),
        row("a text after a quote", "By=\"x\"y;<", elements),
        row("a space after a quote", "< ;By=x", elements),
        row("an escape that is none", "Cert=\"%4\"", Flaw(BadEscape)),
        row("an empty `Cert`", "Cert=\"\"", Flaw(NotOneBlock)),
        row("an empty `Cert` without quotes", "Cert=", Flaw(NotOneBlock)),
        row(
            "base64 alone",
            &format!("Cert=\"{}\"", base64(&FIRST)),
            Flaw(NotOneBlock),
        ),
        row(
            "a backslash in `Cert`",
            &one.replace("%20", "\\ "),
            Flaw(NotOneBlock),
        ),
        row(
            "two blocks",
            &format!("Cert=\"{first}{first}\""),
            Flaw(NotOneBlock),
        ),
    ];
    check(
        &ClientCertificates::envoy(),
        "x-forwarded-client-cert",
        rows,
    );
}

/// A proxy that appends writes after what the client sent.
#[test]
fn what_a_client_sends_before_never_hides_or_replaces_the_last_element() {
    let (first, other) = (cert_of_envoy(&FIRST), cert_of_envoy(&OTHER));
    let own = format!("By=spiffe://as;Hash=46;Cert=\"{first}\";Subject=\"CN=\\\"a\\\"\"");
    let theirs = format!("Cert=\"{other}\"");
    for before in [
        &*theirs,
        "By=\"",
        "By=\"\\",
        "By=\\",
        &format!("{theirs};By=\""),
        &format!("{theirs};By=\"\\"),
        &format!("{theirs};By"),
        "\"",
        "\\",
        "",
        ",",
        ";",
    ] {
        let value = super::table::value(&format!("{before},{own}"));
        let headers = [("x-forwarded-client-cert", value)];
        let taken = super::take(&ClientCertificates::envoy(), &headers);
        if let Ok(read) = taken {
            let read = read.expect("a certificate");
            assert_eq!(read.der(), *FIRST, "{before}");
        }
    }
}

//! The header of Traefik.

use super::{
    FIRST, OTHER, alb, pem,
    table::{
        Expected::{self, Flaw, Unverified, Verified},
        Row, check,
    },
    traefik_2, traefik_3,
};
use crate::protocol::{
    incoming::client_certificate::problem::Flaw::{BadEscape, EmptyElement, NotBase64},
    settings::client_certificates::ClientCertificates,
};

#[test]
fn header_of_traefik() {
    let (one, other) = (traefik_2(&FIRST), traefik_2(&OTHER));
    let plain = traefik_3(&FIRST);
    let source = "pass_tls_client_cert.go";
    let rows = |found: Expected| -> Vec<Row> {
        vec![
            ("version 2", vec![one.clone()], found, source),
            ("version 3", vec![plain.clone()], found, source),
            (
                "a chain of version 2",
                vec![format!("{one},{other}")],
                found,
                source,
            ),
            (
                "a chain of version 3",
                vec![format!("{plain},{}", traefik_3(&OTHER))],
                found,
                source,
            ),
            (
                "a comma at the end",
                vec![format!("{one},")],
                Flaw(EmptyElement),
                source,
            ),
            (
                "a comma first",
                vec![format!(",{one}")],
                Flaw(EmptyElement),
                source,
            ),
            (
                "two commas",
                vec![format!("{one},,{other}")],
                Flaw(EmptyElement),
                source,
            ),
            (
                "an encoded comma",
                vec![format!("{one}%2C{other}")],
                Flaw(NotBase64),
                source,
            ),
            (
                "a wrong one last",
                vec![format!("{one},x")],
                Flaw(NotBase64),
                source,
            ),
            (
                "a space after the comma",
                vec![format!("{one}, {other}")],
                Flaw(NotBase64),
                source,
            ),
            (
                "a space for `+`",
                vec![plain.replace('+', " ")],
                Flaw(NotBase64),
                source,
            ),
            (
                "half an escape",
                vec![format!("{one}%2")],
                Flaw(BadEscape),
                "RFC 3986 §2.1",
            ),
            ("PEM", vec![alb(&FIRST)], Flaw(NotBase64), source),
            (
                "PEM without ends of lines",
                vec![pem(&FIRST).replace('\n', "")],
                Flaw(NotBase64),
                source,
            ),
        ]
    };
    let header = "x-forwarded-tls-client-cert";
    check(&ClientCertificates::traefik(), header, rows(Unverified));
    check(
        &ClientCertificates::traefik_verified(),
        header,
        rows(Verified),
    );
}

//! Client certificates through real proxies, each with the configuration that the docs print, and clients that
//! send the headers of the proxy themselves.

#[path = "../common/mod.rs"]
mod common;

mod curl;
mod issued;
mod other_site;
mod printed;
mod proxies;
mod server;

use std::net::SocketAddr;

use curl::{Got, Request};
use issued::{Issued, Pki};
use proxies::{KINDS, Kind};

/// Who has sent which certificate, and what the response says of it.
struct Row<'a> {
    name: &'static str,
    client_id: &'static str,
    certificate: Option<&'a Issued>,
    expected: Expected<'a>,
}

#[derive(Clone, Copy)]
enum Expected<'a> {
    Accepted(Option<&'a Issued>),
    Refused,
}

impl Expected<'_> {
    /// What the response says.
    fn got(self) -> Got {
        match self {
            Self::Accepted(bound) => Got::Accepted(bound.map(Issued::thumbprint)),
            Self::Refused => Got::Refused,
        }
    }
}

fn rows<'a>(kind: &Kind, pki: &'a Pki) -> Vec<Row<'a>> {
    use Expected::{Accepted, Refused};
    let (app, other, own) = (Some(&pki.app), Some(&pki.other), Some(&pki.own));
    let row = |name, client_id, certificate, expected| Row {
        name,
        client_id,
        certificate,
        expected,
    };
    let if_verified = |accepted| match kind.tells_verified {
        true => accepted,
        false => Refused,
    };
    vec![
        row("its name", "named", app, if_verified(Accepted(app))),
        row("another name", "named", other, Refused),
        row("its name, by itself", "named", own, Refused),
        row("no certificate", "named", None, Refused),
        row("its key", "keyed", own, Accepted(own)),
        row("another key", "keyed", app, Refused),
        row("no certificate for the key", "keyed", None, Refused),
        row("public", "public", other, Accepted(other)),
        row("public without", "public", None, Accepted(None)),
    ]
}

/// Calls `judge` for each proxy with its address with TLS, and that without.
async fn behind_each(
    test: &str,
    mut judge: impl AsyncFnMut(&Kind, &Pki, SocketAddr, SocketAddr) -> usize,
) {
    for kind in &KINDS {
        let pki = Pki::new(&format!("{test}-{}", kind.name));
        let server = server::start((kind.setting)(), kind.headers, &pki).await;
        let Some(proxy) = (kind.start)(server, &pki.files) else {
            continue;
        };
        let judged = judge(kind, &pki, proxy.address(0), proxy.address(1)).await;
        assert!(judged >= 9, "{judged} requests through {}", kind.name);
    }
}

/// What came of a request, if the proxy ends the handshakes of some.
fn judge(
    kind: &Kind,
    what: &str,
    certificate: Option<&Issued>,
    pki: &Pki,
    got: Got,
    expected: Got,
) {
    let is_unverified = certificate.is_some_and(|it| it.der == pki.own.der);
    let expected = match kind.ends_unverified && is_unverified {
        true => Got::NoConnection,
        false => expected,
    };
    assert_eq!(got, expected, "{}: {what}", kind.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_proxy_as_the_docs_print_it_tells_of_certificates() {
    behind_each("tells", async |kind, pki, tls, plain| {
        let rows = rows(kind, pki);
        for row in &rows {
            let request = Request::new(tls, row.client_id).with(row.certificate);
            let got = request.send().await;
            judge(
                kind,
                row.name,
                row.certificate,
                pki,
                got,
                row.expected.got(),
            );
        }
        let got = Request::plain(plain, "named").send().await;
        assert_eq!(got, Got::Refused, "{}: without TLS", kind.name);
        rows.len()
    })
    .await;
}

/// The headers of every format, so that a mistake for one of the others is found as well.
fn forged(of: &Issued) -> Vec<Vec<String>> {
    let headers = |pairs: &[(&str, String)]| {
        let line = |(name, value): &(&str, String)| format!("{name}: {value}");
        pairs.iter().map(line).collect::<Vec<_>>()
    };
    let (pem, base64) = (of.escaped_pem(), of.base64());
    let rfc9440 = format!(":{base64}:");
    let nginx = headers(&[
        ("X-SSL-Client-Cert", pem.clone()),
        ("X-SSL-Client-Verify", "SUCCESS".into()),
    ]);
    let haproxy = headers(&[
        ("X-SSL-Client-Cert", base64.clone()),
        ("X-SSL-Client-Verify", "0".into()),
    ]);
    vec![
        nginx.clone(),
        haproxy.clone(),
        headers(&[("Client-Cert", rfc9440.clone())]),
        // Only the result.
        headers(&[("X-SSL-Client-Verify", "SUCCESS".into())]),
        headers(&[("X-SSL-Client-Verify", "0".into())]),
        // Each of them twice.
        [nginx.clone(), nginx].concat(),
        [haproxy.clone(), haproxy].concat(),
        headers(&[
            ("Client-Cert", rfc9440.clone()),
            ("client-cert", rfc9440.clone()),
        ]),
        // Some servers take `_` for `-`.
        headers(&[
            ("X_SSL_Client_Cert", pem.clone()),
            ("X_SSL_Client_Verify", "SUCCESS".into()),
            ("Client_Cert", rfc9440.clone()),
        ]),
        headers(&[
            ("X-SSL-CLIENT-CERT", pem),
            ("x-ssl-client-verify", "SUCCESS".into()),
        ]),
        // A proxy may take out what `Connection` names, after it has written it.
        headers(&[
            ("Client-Cert", rfc9440),
            (
                "Connection",
                "close, Client-Cert, X-SSL-Client-Cert, X-SSL-Client-Verify".into(),
            ),
        ]),
        headers(&[("Connection", "close, X-SSL-Client-Verify".into())]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_the_header_itself_is_refused_through_each_proxy() {
    behind_each("forged", async |kind, pki, tls, plain| {
        let mut judged = 0;
        let (app, other, own) = (Some(&pki.app), Some(&pki.other), Some(&pki.own));
        // The second one needs no authority.
        for (client_id, victim, presented) in [
            ("named", &pki.app, vec![None, other, own]),
            ("keyed", &pki.own, vec![None, app]),
        ] {
            for headers in forged(victim) {
                let what = format!("{client_id}: {headers:?}");
                for &certificate in &presented {
                    let request = Request::new(tls, client_id).with(certificate);
                    let got = request.headers(&headers).send().await;
                    judge(kind, &what, certificate, pki, got, Got::Refused);
                    judged += 1;
                }
                let request = Request::plain(plain, client_id).headers(&headers);
                let got = request.send().await;
                assert_eq!(got, Got::Refused, "{} without TLS: {what}", kind.name);
            }
        }
        judged
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_sends_never_binds_a_token() {
    behind_each("bound", async |kind, pki, tls, plain| {
        let mut judged = 0;
        for headers in forged(&pki.app) {
            let request = Request::new(tls, "public").headers(&headers);
            let got = request.send().await;
            assert_eq!(got, Got::Accepted(None), "{}: {headers:?}", kind.name);
            let request = Request::plain(plain, "public").headers(&headers);
            let got = request.send().await;
            assert_eq!(got, Got::Accepted(None), "{}: {headers:?}", kind.name);
            judged += 1;
        }
        judged
    })
    .await;
}

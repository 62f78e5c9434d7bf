//! Why all sites of a proxy must trust the same authorities: a client chooses the site of its handshake, and that of
//! its request.

use std::net::SocketAddr;

use tower_token_endpoint::client::certificates::ClientCertificates;

use crate::common::proxy::Proxy;
use crate::curl::{Got, Request};
use crate::issued::{Issued, Pki};
use crate::printed::{printed, replace};
use crate::proxies::{listen, start_haproxy, start_nginx};
use crate::server;

#[tokio::test(flavor = "multi_thread")]
async fn nginx_verifies_by_the_authority_of_another_site_on_the_port() {
    let pki = Pki::new("other-site-nginx");
    let printed = printed("nginx");
    let own = replace(
        &printed,
        "listen 443 ssl;",
        "listen 443 ssl; server_name as.example.com;",
    );
    let start = |server| start_nginx(server, &pki.files, &own, other_server);
    judge(&pki, ClientCertificates::nginx, start).await;
}

fn other_server(port: u16) -> String {
    let own = listen(port).replacen("ssl;", "ssl default_server;", 1);
    format!(
        "server {{ {own} server_name other.example.com;
ssl_client_certificate other-ca.pem; ssl_verify_client optional; return 204; }}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn haproxy_verifies_by_the_authority_of_another_site_on_the_port() {
    let pki = Pki::new("other-site-haproxy");
    let own = replace(&printed("haproxy"), "crt server.pem", "crt-list sites.txt");
    let start = |server| start_haproxy(server, &pki.files, &own, "X-SSL-Client");
    judge(&pki, ClientCertificates::haproxy, start).await;
}

/// The other site is the default one of the port.
async fn judge(
    pki: &Pki,
    setting: fn() -> ClientCertificates,
    start: impl Fn(SocketAddr) -> Option<Proxy>,
) {
    let headers = &["x-ssl-client-cert", "x-ssl-client-verify"];
    let server = server::start(setting(), headers, pki).await;
    let Some(proxy) = start(server) else {
        return;
    };
    let accepted = |it: &Issued| Got::Accepted(Some(it.thumbprint()));
    let (app, stranger) = (&pki.app, &pki.of_other_site);
    for (name, certificate, expected) in [
        ("as.example.com", app, accepted(app)),
        ("as.example.com", stranger, Got::Refused),
        // No name in the handshake, and one that no site has.
        ("127.0.0.1", stranger, accepted(stranger)),
        ("else.example.com", stranger, accepted(stranger)),
    ] {
        let request = Request::by_handshake_for(name, proxy.address(0), "named");
        let got = request.with(Some(certificate)).send().await;
        assert_eq!(got, expected, "{name}");
    }
}

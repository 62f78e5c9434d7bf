//! Each proxy with the configuration that the docs print. It listens with TLS on its first port, and without on
//! its second one.

use std::net::SocketAddr;

use tower_token_endpoint::client::certificates::ClientCertificates;

use crate::common::nginx;
use crate::common::proxy::Proxy;
use crate::issued::Files;
use crate::printed::{lines, printed, replace};

/// A proxy, and the setting that belongs to it.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) setting: fn() -> ClientCertificates,
    /// The headers that it sets.
    pub(crate) headers: &'static [&'static str],
    pub(crate) start: fn(SocketAddr, &Files) -> Option<Proxy>,
    /// Whether the server gets to know of any certificate that its chain was verified.
    pub(crate) tells_verified: bool,
    /// Whether the handshake fails with a certificate that no authority has signed.
    pub(crate) ends_unverified: bool,
}

pub(crate) const KINDS: [Kind; 4] = [
    Kind {
        name: "nginx",
        setting: ClientCertificates::nginx,
        headers: &["x-ssl-client-cert", "x-ssl-client-verify"],
        start: |server, files| start_nginx(server, files, &printed("nginx"), |_| String::new()),
        tells_verified: true,
        ends_unverified: false,
    },
    Kind {
        name: "haproxy",
        setting: ClientCertificates::haproxy,
        headers: &["x-ssl-client-cert", "x-ssl-client-verify"],
        start: |server, files| start_haproxy(server, files, &printed("haproxy"), "X-SSL-Client"),
        tells_verified: true,
        ends_unverified: false,
    },
    Kind {
        name: "rfc9440",
        setting: ClientCertificates::rfc9440,
        headers: &["client-cert", "client-cert-chain"],
        start: |server, files| start_haproxy(server, files, &rfc9440(), "Client-Cert"),
        tells_verified: false,
        ends_unverified: false,
    },
    Kind {
        name: "rfc9440_verified",
        setting: ClientCertificates::rfc9440_verified,
        headers: &["client-cert", "client-cert-chain"],
        start: |server, files| start_haproxy(server, files, &rfc9440_verified(), "Client-Cert"),
        tells_verified: true,
        ends_unverified: true,
    },
];

/// With this server, and others on the port with TLS.
pub(crate) fn start_nginx(
    server: SocketAddr,
    files: &Files,
    own: &str,
    others: impl Fn(u16) -> String,
) -> Option<Proxy> {
    let own = replace(own, "127.0.0.1:3000", &server.to_string());
    let (_, location) = own.split_once("    location").expect("a location");
    Proxy::start("nginx", &nginx::ARGUMENTS, |[tls, plain]| {
        let own = replace(&own, "listen 443 ssl;", &listen(tls));
        let plain = format!("server {{ listen 127.0.0.1:{plain}; location{location}");
        let conf = nginx::configuration(&format!("{own}\n{plain}\n{}", others(tls)));
        let mut files = pem_files(files);
        files.push(("nginx.conf", conf));
        files
    })
}

/// The lines of a server of nginx with TLS.
pub(crate) fn listen(port: u16) -> String {
    format!(
        "listen 127.0.0.1:{port} ssl;\nssl_certificate server.pem;\nssl_certificate_key server.pem;"
    )
}

fn pem_files(files: &Files) -> Vec<(&'static str, String)> {
    vec![
        ("server.pem", files.server.clone()),
        ("clients-ca.pem", files.authority.clone()),
        ("other-ca.pem", files.other_authority.clone()),
    ]
}

/// As the docs say: with the `bind` of the other one.
fn rfc9440() -> String {
    let without = replace_lines(&printed("haproxy"), "http-request", "");
    format!("{without}\n{}", printed("rfc9440"))
}

/// As the docs say: without the two `ignore-err`.
fn rfc9440_verified() -> String {
    let without = replace_lines(&printed("haproxy"), "http-request", "");
    let without = replace(&without, " ca-ignore-err all crt-ignore-err all", "");
    assert!(without.contains("ca-file clients-ca.pem verify optional\n"));
    format!("{without}\n{}", printed("rfc9440_verified"))
}

fn replace_lines(text: &str, with: &str, new: &str) -> String {
    replace(text, &lines(text, with), new)
}

/// Without TLS, the lines of the frontend count that have this text.
pub(crate) fn start_haproxy(
    server: SocketAddr,
    files: &Files,
    frontend: &str,
    header: &str,
) -> Option<Proxy> {
    let header = lines(frontend, header);
    Proxy::start("haproxy", &["-db", "-f", "haproxy.cfg"], |[tls, plain]| {
        let frontend = replace(frontend, "bind :443", &format!("bind 127.0.0.1:{tls}"));
        let conf = format!(
            "defaults
    mode http
    timeout connect 10s
    timeout client 60s
    timeout server 60s
{frontend}
frontend http
    bind 127.0.0.1:{plain}
    default_backend authorization_server
{header}
backend authorization_server
    server one {server}
"
        );
        let mut files = pem_files(files);
        files.push(("haproxy.cfg", conf));
        // Whoever names neither in the handshake gets the first.
        let sites = "server.pem [ca-file other-ca.pem verify optional] other.example.com\n\
                     server.pem as.example.com\n";
        files.push(("sites.txt", sites.into()));
        files
    })
}

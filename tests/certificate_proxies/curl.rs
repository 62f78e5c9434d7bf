//! curl as the client.

use std::net::SocketAddr;
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::issued::Issued;

/// What a client gets.
#[derive(Debug, PartialEq)]
pub(crate) enum Got {
    /// With the thumbprint that the token is bound to.
    Accepted(Option<String>),
    /// By a 401.
    Refused,
    /// The handshake failed, or the proxy has answered itself.
    NoConnection,
}

pub(crate) struct Request(Command);

/// The site that the proxy serves.
const SITE: &str = "as.example.com";

impl Request {
    /// With TLS.
    pub(crate) fn new(proxy: SocketAddr, client_id: &str) -> Self {
        Self::by_handshake_for(SITE, proxy, client_id)
    }

    /// With TLS, and another name in the handshake than in the request. With an address, the handshake has none.
    pub(crate) fn by_handshake_for(name: &str, proxy: SocketAddr, client_id: &str) -> Self {
        let (address, port) = (proxy.ip(), proxy.port());
        let mut request = Self::to(&format!("https://{name}:{port}/token"), client_id);
        let resolved = format!("{name}:{port}:{address}");
        request.0.args(["--resolve", &resolved]);
        request.headers(&[format!("Host: {SITE}")])
    }

    pub(crate) fn plain(proxy: SocketAddr, client_id: &str) -> Self {
        Self::to(&format!("http://{proxy}/token"), client_id)
    }

    fn to(url: &str, client_id: &str) -> Self {
        let mut curl = Command::new("curl");
        let grant = match client_id {
            // RFC 7636, appendix B.
            "public" => {
                "grant_type=authorization_code&code=x\
                 &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
            }
            _ => "grant_type=client_credentials",
        };
        curl.args(["-sk", "--noproxy", "*", "--max-time", "60"])
            .args(["-w", "\n%{http_code}", url])
            .args(["-d", grant])
            .args(["-d", &format!("client_id={client_id}")])
            .stdin(Stdio::null());
        Self(curl)
    }

    pub(crate) fn with(mut self, certificate: Option<&Issued>) -> Self {
        if let Some(certificate) = certificate {
            self.0.arg("--cert").arg(&certificate.file);
        }
        self
    }

    pub(crate) fn headers(mut self, headers: &[String]) -> Self {
        for header in headers {
            self.0.args(["-H", header]);
        }
        self
    }

    pub(crate) async fn send(mut self) -> Got {
        let output = self.0.output().await.expect("`curl` runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let (body, status) = text.rsplit_once('\n').expect("the status is last");
        match status {
            "200" => {
                let body: Value = serde_json::from_str(body).expect("JSON");
                Got::Accepted(body["bound_to"].as_str().map(str::to_owned))
            }
            "401" => {
                let body: Value = serde_json::from_str(body).expect("JSON");
                assert_eq!(body["error"], "invalid_client", "{body}");
                Got::Refused
            }
            // By nginx, in the words of its page.
            "400" if body.contains("SSL certificate error") => Got::NoConnection,
            "000" => Got::NoConnection,
            _ => panic!("{status}: {body}"),
        }
    }
}

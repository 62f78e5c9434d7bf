//! The reference server with its own TLS, and a client that presents any certificate.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, LazyLock};

use http::{HeaderMap, Method, Request, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{
    self, ClientConfig, RootCertStore, SignatureScheme, SupportedProtocolVersion,
};

use crate::clients::CLIENTS;
use crate::common::Reply;
use crate::common::token_server::*;
use crate::identity::{CA, Identity, SERVER};

/// The certificate of the server and its key. Like the next one, it is written once: another server may be
/// reading it.
pub(crate) static SERVER_FILES: LazyLock<[String; 2]> = LazyLock::new(|| {
    let files = SERVER.files("server");
    files.map(|file| file.to_string_lossy().into_owned())
});
/// The authority of clients.
pub(crate) static AUTHORITY: LazyLock<PathBuf> = LazyLock::new(|| CA.file("ca.pem"));

/// A certificate with the key of this identity, also if it does not fit.
#[derive(Debug)]
struct Presented(Arc<CertifiedKey>);

impl ResolvesClientCert for Presented {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The settings of a client that presents the certificate of `by` and signs with the key of `signer`.
pub(crate) fn config(
    by: Option<(&Identity, &Identity)>,
    versions: &[&'static SupportedProtocolVersion],
) -> ClientConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CA.der.clone()).expect("a root");
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("versions")
        .with_root_certificates(roots);
    match by {
        None => builder.with_no_client_auth(),
        Some((by, signer)) => {
            builder.with_client_cert_resolver(presented(vec![by.der.clone()], signer))
        }
    }
}

/// A client that presents this chain.
pub(crate) fn config_of_chain(chain: Vec<CertificateDer<'static>>, by: &Identity) -> ClientConfig {
    let mut config = config_of(None);
    config.client_auth_cert_resolver = presented(chain, by);
    config
}

fn presented(
    chain: Vec<CertificateDer<'static>>,
    signer: &Identity,
) -> Arc<dyn ResolvesClientCert> {
    let key = PrivateKeyDer::from(signer.key.clone_key());
    let key = aws_lc_rs::default_provider()
        .key_provider
        .load_private_key(key);
    let presented = CertifiedKey::new(chain, key.expect("a key"));
    Arc::new(Presented(Arc::new(presented)))
}

/// Of either version of TLS.
pub(crate) fn config_of(by: Option<&Identity>) -> ClientConfig {
    config(by.map(|by| (by, by)), rustls::ALL_VERSIONS)
}

pub(crate) async fn connect(
    address: SocketAddr,
    config: ClientConfig,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").expect("a name");
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, stream).await
}

/// The server, with the flags for its certificate, the authority of clients and the clients.
pub(crate) fn start_https(flags: &[&str]) -> Server {
    start_https_at("127.0.0.1:0", flags)
}

pub(crate) fn start_https_at(listen: &str, flags: &[&str]) -> Server {
    let [certificate, key] = &*SERVER_FILES;
    let mut command = Command::new(binary("token_server"));
    command
        .args(["--listen", listen, "--tls-cert", certificate])
        .args(["--tls-key", key, "--client-ca"])
        .arg(&*AUTHORITY)
        .arg("--clients")
        .arg(&*CLIENTS)
        .args(flags)
        .env("RUST_LOG", "info");
    spawn(command)
}

/// The body of a request of this client, and what it sends in addition.
pub(crate) fn body(who: Who, form: &[(&str, &str)]) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form).append_pair("client_id", who.id());
    if let Who::Post(_, secret) = who {
        body.append_pair("client_secret", secret);
    }
    body.finish()
}

impl Server {
    pub(crate) fn address(&self) -> SocketAddr {
        let (_, address) = self.base.split_once("://").expect("a URL");
        address.parse().expect("an address")
    }

    /// A request over a connection of its own. An error is one of the connection.
    pub(crate) async fn request(
        &self,
        config: ClientConfig,
        request: Request<String>,
    ) -> Result<Reply, Box<dyn std::error::Error>> {
        let stream = connect(self.address(), config).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Reply::read(sender.send_request(request).await?).await)
    }

    /// `POST` by a client with this certificate.
    pub(crate) async fn post_by(
        &self,
        by: Option<&Identity>,
        path: &str,
        who: Who,
        form: &[(&str, &str)],
    ) -> Reply {
        let request = post(path, who, form);
        let sent = self.request(config_of(by), request).await;
        sent.expect("the server answers")
    }

    pub(crate) async fn token_by(
        &self,
        by: Option<&Identity>,
        who: Who,
        form: &[(&str, &str)],
    ) -> Reply {
        self.post_by(by, "/token", who, form).await
    }

    /// The `cnf` of a token that is valid. Clients that need no certificate for it have none here.
    pub(crate) async fn confirmation(&self, by: Option<&Identity>, who: Who, token: &str) -> Value {
        let form = [("token", token)];
        let found = self.post_by(by, "/introspect", who, &form).await.granted();
        assert_eq!(found.json()["active"], true, "{found:?}");
        found.json()["cnf"].clone()
    }

    /// `GET /resource` with a token that is sent by `Bearer`, over a connection with this certificate.
    pub(crate) async fn resource_by(&self, by: Option<&Identity>, token: &str) -> Reply {
        let authorization = format!("Bearer {token}");
        let request = get("/resource").header(header::AUTHORIZATION, authorization);
        let request = request.body(String::new()).expect("a request");
        let sent = self.request(config_of(by), request).await;
        sent.expect("the server answers")
    }

    /// A code of a client, asked for by a browser without a certificate.
    pub(crate) async fn code_of(&self, who: Who) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", who.id()),
                ("redirect_uri", CALLBACK),
                ("scope", "read"),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ])
            .finish();
        let request = get(&format!("/authorize?{query}")).body(String::new());
        let sent = self.request(config_of(None), request.expect("a request"));
        let reply = sent.await.expect("the server answers");
        code(&reply.headers)
    }

    /// Tokens for a new code: access and refresh token.
    pub(crate) async fn pair_by(&self, by: Option<&Identity>, who: Who) -> (String, String) {
        let code = self.code_of(who).await;
        pair(&self.token_by(by, who, &exchange(&code)).await.granted())
    }
}

fn code(headers: &HeaderMap) -> String {
    let location = headers[header::LOCATION].to_str().expect("ASCII");
    let (_, query) = location.split_once('?').expect("a query");
    let mut query = form_urlencoded::parse(query.as_bytes());
    let code = query.find(|(name, _)| name == "code");
    code.expect("a code").1.into_owned()
}

pub(crate) fn post(path: &str, who: Who, form: &[(&str, &str)]) -> Request<String> {
    Request::post(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, crate::common::FORM)
        .body(body(who, form))
        .expect("a request")
}

pub(crate) fn get(path: &str) -> http::request::Builder {
    let request = Request::builder().method(Method::GET);
    request.uri(path).header(header::HOST, "localhost")
}

pub(crate) fn refresh_form(token: &str) -> [(&str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", token)]
}

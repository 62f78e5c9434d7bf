//! The server of the clients' documents: over https on this machine, with a certificate of its own.

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rcgen::{KeyPair, PublicKeyData as _};
use serde_json::json;
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::common::token_server::file;
use crate::common::{listen, pem};

pub(crate) struct Documents {
    base: String,
    /// Its certificate.
    pub(crate) roots: PathBuf,
    /// The private key of the clients that sign.
    pub(crate) key: String,
    task: AbortHandle,
}

impl Documents {
    pub(crate) async fn start(name: &str) -> Self {
        let (listener, address) = listen().await;
        let base = format!("https://localhost:{}", address.port());
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let certified = certified.expect("a certificate");
        let der = certified.cert.der().clone();
        let roots = pem("CERTIFICATE", &der);
        let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
        let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|tls| {
                tls.with_no_client_auth()
                    .with_single_cert(vec![der], key.into())
            });
        let tls = TlsAcceptor::from(Arc::new(tls.expect("settings of TLS")));

        let signer = KeyPair::generate().expect("a key");
        let app = app(&base, &signer);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, app) = (tls.clone(), TowerToHyperService::new(app.clone()));
                tokio::spawn(async move {
                    let stream = TokioIo::new(tls.accept(stream).await?);
                    auto::Builder::new(TokioExecutor::new())
                        .serve_connection(stream, app)
                        .await
                });
            }
        });
        Self {
            base,
            roots: file(&format!("mcp_clients_{name}.pem"), &roots),
            key: pem("PRIVATE KEY", &signer.serialize_der()),
            task: task.abort_handle(),
        }
    }

    /// The id of the client with this document: `public` or `signing`.
    pub(crate) fn client_id(&self, document: &str) -> String {
        format!("{}/{document}", self.base)
    }
}

impl Drop for Documents {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Both as Claude Code and ChatGPT publish them, apart from the hosts.
fn app(base: &str, signer: &KeyPair) -> Router {
    // RFC 7518 §6.2.1; the point is 0x04, x, y.
    let point = signer.der_bytes();
    let [x, y] = [&point[1..33], &point[33..]].map(|it| URL_SAFE_NO_PAD.encode(it));
    let jwk = json!({"kty": "EC", "crv": "P-256", "kid": "key", "x": x, "y": y});
    let base = base.to_owned();
    let document = async move |Path(name): Path<String>| {
        let mut document = json!({
            "client_id": format!("{base}/{name}"),
            "client_name": name,
            "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        });
        if name == "signing" {
            document["token_endpoint_auth_method"] = json!("private_key_jwt");
            document["jwks_uri"] = json!(format!("{base}/keys/jwks.json"));
        }
        Json(document)
    };
    Router::new()
        .route(
            "/keys/jwks.json",
            get(async move || Json(json!({ "keys": [jwk] }))),
        )
        .route("/{name}", get(document))
}

//! Documents by https, and the certificate authorities of `SSL_CERT_FILE`.

use std::path::Path;
use std::sync::Arc;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

use crate::certificates::{CA, Ca};
use crate::common::listen;
use crate::common::token_server::*;
use crate::site::{DOCUMENTS, LOCAL_DOCUMENTS, ROOTS, Site, authorize, page};

/// Serves the site by https, with a certificate of the authority of the tests.
async fn serve(site: &Site, listener: TcpListener) {
    let chain = CA.sign("localhost", 2020..2100);
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![chain.leaf], chain.key.into())
        .expect("a certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, app) = (acceptor.clone(), site.app.clone());
        tokio::spawn(async move {
            // Who does not trust the certificate goes away.
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let service = TowerToHyperService::new(app);
            let builder = auto::Builder::new(TokioExecutor::new());
            let _ = builder
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

fn start_trusting(roots: &Path) -> Server {
    let mut command = command(&[DOCUMENTS, LOCAL_DOCUMENTS]);
    command
        .env("SSL_CERT_FILE", roots)
        .env_remove("SSL_CERT_DIR")
        .env("RUST_LOG", "info");
    spawn(command)
}

#[tokio::test]
async fn https_document_is_fetched_if_its_authority_is_trusted() {
    let (listener, address) = listen().await;
    let site = Arc::new(Site::at(&format!("https://localhost:{}", address.port())));
    let served = Arc::clone(&site);
    tokio::spawn(async move { serve(&served, listener).await });
    let client = site.publish("/client.json", json!({}));

    let other = file("other.pem", &Ca::new("another root").pem);
    let distrusting = start_trusting(&other);
    let response = authorize(&distrusting, client.id(), CALLBACK).await;
    page(response, 503).await;
    let answer = distrusting.redeem(client, "a-code").await;
    answer.refused(503, "temporarily_unavailable");
    assert_eq!(site.asked("/client.json"), 0);

    let trusting = start_trusting(&ROOTS);
    trusting.grant(client, "read").await;
    assert_eq!(site.asked("/client.json"), 1);
}

//! A source that is asked once, and what it does then.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use Behaviour::{Close, Drip, Repeat, Stall};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

use crate::certificates::Chain;
use crate::common::listen;
use crate::setup::{HOST, JSON, LONG};

/// What a source does once it has the head of a request.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Sends this and closes the connection.
    Close(Vec<u8>),
    /// Sends this and waits for the other side to close it.
    Stall(Vec<u8>),
    /// Sends the first, and then the second again and again, until the other side closes it.
    Repeat(Vec<u8>, Vec<u8>),
    /// The same, with a while between.
    Drip(Vec<u8>, Vec<u8>),
}

impl Behaviour {
    pub(crate) async fn give(
        self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ) -> io::Result<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8(head).expect("a head in UTF-8");
        match self {
            Close(bytes) => {
                stream.write_all(&bytes).await?;
                stream.shutdown().await?;
            }
            Stall(bytes) => {
                stream.write_all(&bytes).await?;
                stream.flush().await?;
                let end = stream.read(&mut [0]).await;
                assert_eq!(end.unwrap_or(0), 0, "more than one request");
            }
            Repeat(bytes, again) => {
                stream.write_all(&bytes).await?;
                while stream.write_all(&again).await.is_ok() {}
            }
            Drip(bytes, again) => {
                stream.write_all(&bytes).await?;
                while stream.write_all(&again).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
        Ok(head)
    }
}

/// A source that is asked once.
pub(crate) struct Server {
    pub(crate) port: u16,
    /// The head of the request, once the connection is at its end.
    pub(crate) served: JoinHandle<io::Result<String>>,
}

impl Server {
    pub(crate) async fn http(answer: Behaviour) -> Self {
        Self::start(answer, None).await
    }

    pub(crate) async fn https(chain: Chain) -> Self {
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![chain.leaf], chain.key.into())
            .expect("a certificate");
        Self::start(ok(JSON), Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    pub(crate) async fn start(answer: Behaviour, tls: Option<TlsAcceptor>) -> Self {
        let (listener, address) = listen().await;
        let port = address.port();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            match tls {
                Some(tls) => answer.give(&mut tls.accept(stream).await?).await,
                None => answer.give(&mut stream).await,
            }
        });
        Self { port, served }
    }

    pub(crate) fn http_uri(&self) -> String {
        format!("http://{HOST}:{}/jwks", self.port)
    }

    pub(crate) fn https_uri(&self) -> String {
        format!("https://{HOST}:{}/jwks", self.port)
    }

    /// Waits until the connection is at its end: the other side has let it go.
    pub(crate) async fn request(self) -> io::Result<String> {
        let served = tokio::time::timeout(LONG, self.served).await;
        served.expect("the connection is held").expect("no panic")
    }
}

pub(crate) fn bytes(head: &str, body: &str) -> Vec<u8> {
    format!("{head}\r\n\r\n{body}").into_bytes()
}

pub(crate) fn ok(json: &str) -> Behaviour {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}", json.len());
    Close(bytes(&head, json))
}

//! TLS for the loop in `mod.rs`, by rustls. Clients are asked for a certificate, and need none.
//!
//! RFC 8705 has clients whose certificates no authority has signed. So every certificate is let through if the
//! client has its key, and each request is told whether the chain was verified. What rustls cannot read ends the
//! handshake: certificates of version 1, RSA keys of less than 2,048 bits, critical extensions that it does not know.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use http::Extensions;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig,
        SignatureScheme,
        client::danger::HandshakeSignatureValid,
        crypto::{
            CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature,
            verify_tls13_signature,
        },
        pki_types::{
            CertificateDer, PrivateKeyDer, UnixTime,
            pem::{self, PemObject as _},
        },
        server::{
            WebPkiClientVerifier,
            danger::{ClientCertVerified, ClientCertVerifier},
        },
    },
    server::TlsStream,
};
use tower_token_endpoint::client::certificates::ClientCertificate;

use crate::serve::Transport;

/// The files with the certificates, in PEM.
pub(crate) struct Files {
    /// The certificate of the server, followed by the rest of its chain.
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    /// The authorities that are trusted to name clients.
    pub(crate) client_authorities: Option<PathBuf>,
}

/// Which of the files is wrong, and why.
pub(crate) enum Wrong {
    Certificate(String),
    Key(String),
    ClientAuthorities(String),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, problem) = match self {
            Self::Certificate(problem) => ("the certificate of the server", problem),
            Self::Key(problem) => ("the key of the server", problem),
            Self::ClientAuthorities(problem) => ("the authorities of clients", problem),
        };
        write!(f, "the file with {file}: {problem}")
    }
}

/// Transport that ends the TLS connections of clients.
#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    /// `None`: no chain is verified.
    authorities: Option<Arc<dyn ClientCertVerifier>>,
}

impl Tls {
    /// Returns an error if a file cannot be used.
    pub(crate) fn from_files(files: &Files) -> Result<Self, Wrong> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let authorities = files.client_authorities.as_deref();
        let authorities = authorities.map(|file| authorities_of(file, &provider));
        let authorities = authorities.transpose().map_err(Wrong::ClientAuthorities)?;
        let chain = certificates(&files.certificate).map_err(Wrong::Certificate)?;
        let key = PrivateKeyDer::from_pem_file(&files.key);
        let key = key.map_err(|error| Wrong::Key(unreadable(error, "private key")))?;
        let asks = Arc::new(AnyCertificate {
            algorithms: provider.signature_verification_algorithms,
        });
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has algorithms for both versions")
            .with_client_cert_verifier(asks)
            .with_single_cert(chain, key);
        let mut config = config.map_err(|error| {
            if let Error::InvalidCertificate(_) = error {
                Wrong::Certificate(error.to_string())
            } else if let Error::InconsistentKeys(_) = error {
                Wrong::Key("is not the key of the certificate of the server".to_owned())
            } else {
                Wrong::Key(error.to_string())
            }
        })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            authorities,
        })
    }

    /// The certificate of the client of a connection. Its chain is verified here and not during the handshake, because
    /// rustls does not verify it again if a session is resumed: so an expired certificate does not live on in a session.
    fn certificate(&self, chain: &[CertificateDer<'_>]) -> Option<ClientCertificate> {
        let (own, others) = chain.split_first()?;
        let certificate = ClientCertificate::from_der(own.to_vec());
        let Some(authorities) = &self.authorities else {
            return Some(certificate);
        };
        let verified = if chain.len() > MAX_CHAIN {
            Err(Error::General(format!(
                "its chain has {} certificates, and at most {MAX_CHAIN} are looked at",
                chain.len()
            )))
        } else {
            authorities.verify_client_cert(own, others, UnixTime::now())
        };
        if let Err(error) = &verified {
            // The event of a request that is refused has the thumbprint as well.
            tracing::info!(
                "x5t#S256" = certificate.thumbprint(),
                %error,
                "the certificate of a client is not verified"
            );
        }
        Some(certificate.verified(verified.is_ok()))
    }
}

/// A stranger chooses the certificates of a chain, and how long it takes to find a way through them: with a
/// hundred of one name, for example, it is a tenth of a second for each connection.
const MAX_CHAIN: usize = 4;

impl Transport for Tls {
    type Stream = TlsStream<TcpStream>;

    async fn accept(&self, stream: TcpStream) -> io::Result<(Self::Stream, Extensions)> {
        let accepted = self.acceptor.accept(stream).await;
        let stream = accepted.inspect_err(|error| {
            let tls = error.get_ref().and_then(|it| it.downcast_ref());
            if let Some(Error::InvalidCertificate(error)) = tls {
                tracing::info!(%error, "the certificate of a client ends its handshake");
            }
        })?;
        let (_, session) = stream.get_ref();
        let chain = session.peer_certificates().unwrap_or_default();
        let mut extensions = Extensions::new();
        if let Some(certificate) = self.certificate(chain) {
            extensions.insert(certificate);
        }
        Ok((stream, extensions))
    }
}

fn authorities_of(
    file: &Path,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for root in certificates(file)? {
        roots.add(root).map_err(|error| error.to_string())?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| error.to_string())
}

/// The certificates in a file, at least one.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    let certificates = certificates.and_then(|all: Vec<_>| match all.is_empty() {
        true => Err(pem::Error::NoItemsFound),
        false => Ok(all),
    });
    certificates.map_err(|error| unreadable(error, "certificate"))
}

/// On one line, and without what is in the file.
fn unreadable(error: pem::Error, wanted: &str) -> String {
    if let pem::Error::Io(error) = error {
        error.to_string()
    } else if let pem::Error::NoItemsFound = error {
        format!("has no {wanted} in PEM")
    } else {
        "is not valid PEM".to_owned()
    }
}

/// Asks clients for a certificate, and accepts any if the client has its key.
#[derive(Debug)]
struct AnyCertificate {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// None: many clients send only a certificate of the authorities that are named here.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    /// [`Tls::certificate`] verifies the chain, after the handshake.
    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    /// Whether the client has the key of the certificate. Otherwise, anybody could present that of another one.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    /// The same in TLS 1.3.
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

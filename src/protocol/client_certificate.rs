//! The certificate of a client, as whoever ended its TLS connection hands it on.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;

use crate::crypto::{Certificate, InvalidCertificate};

/// Certificate that a client presented in its TLS connection.
///
/// The layer does not end TLS connections. The code that ends them, the *acceptor* (such as
/// `tokio_rustls::TlsAcceptor`), puts this type into the extensions of each request of the connection. Behind a proxy that
/// ends them, [`ClientCertificates`] reads it from a header instead. Without the setting
/// [`client_certificates`](crate::layer::TokenEndpointLayerBuilder::client_certificates), the layer looks at neither.
///
/// The bytes are kept as they are: the thumbprint `x5t#S256` is the SHA-256 of them. A clone costs little, and a certificate
/// is read only once for it and all of its clones: so make one for each connection, and put a clone of it into each request.
///
/// [RFC 8705 §2](https://www.rfc-editor.org/rfc/rfc8705#section-2) and
/// [§3](https://www.rfc-editor.org/rfc/rfc8705#section-3).
///
/// ```
/// use http::Request;
/// use tower_token_endpoint::client::certificates::ClientCertificate;
///
/// // For each connection. With rustls, `chain` is what `ServerConnection::peer_certificates` returns. `is_verified` is
/// // `true` only if the verifier of the acceptor has refused every other chain, as `WebPkiClientVerifier` does.
/// fn of_connection(chain: &[impl AsRef<[u8]>], is_verified: bool) -> Option<ClientCertificate> {
///     let own = chain.first()?.as_ref().to_vec();
///     Some(ClientCertificate::from_der(own).verified(is_verified))
/// }
///
/// // For each request of the connection.
/// fn tell<B>(request: &mut Request<B>, certificate: Option<&ClientCertificate>) {
///     if let Some(certificate) = certificate {
///         request.extensions_mut().insert(certificate.clone());
///     }
/// }
/// ```
///
/// [`ClientCertificates`]: crate::protocol::settings::client_certificates::ClientCertificates
#[derive(Clone)]
pub struct ClientCertificate {
    shared: Arc<Shared>,
    is_verified: bool,
}

/// What all clones have.
struct Shared {
    der: Bytes,
    /// Filled when a request is decided.
    read: OnceLock<Result<Arc<Certificate>, InvalidCertificate>>,
}

impl ClientCertificate {
    /// The certificate of the client itself, in DER, without the rest of its chain.
    ///
    /// Nothing is checked here. If it is longer than 16 KiB, or not exactly one certificate, the layer decides the
    /// request as one without a certificate.
    ///
    /// [RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1).
    #[must_use]
    pub fn from_der(der: impl Into<Bytes>) -> Self {
        let shared = Shared {
            der: der.into(),
            read: OnceLock::new(),
        };
        Self {
            shared: Arc::new(shared),
            is_verified: false,
        }
    }

    /// Sets whether the chain of the certificate was verified, up to a certificate authority that is
    /// trusted to name clients.
    ///
    /// **Default: `false`.** The method `tls_client_auth` requires it: without it, such a client gets a 401.
    /// For `self_signed_tls_client_auth`, the chain does not count.
    ///
    /// [RFC 8705 §2.1](https://www.rfc-editor.org/rfc/rfc8705#section-2.1).
    #[must_use]
    pub fn verified(mut self, verified: bool) -> Self {
        self.is_verified = verified;
        self
    }

    /// Returns whether the chain of the certificate was verified.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.is_verified
    }

    /// Returns the certificate in DER, as it was received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.shared.der
    }

    /// Returns the thumbprint `x5t#S256`: the SHA-256 of the DER in base64url. This works for any bytes, also if they are
    /// not a certificate.
    ///
    /// Log it in the acceptor if a chain is not verified: the event of the refused request has it as well.
    ///
    /// [RFC 8705 §3.1](https://www.rfc-editor.org/rfc/rfc8705#section-3.1).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        Certificate::thumbprint_of(self.der())
    }

    pub(crate) fn read(&self) -> Result<Arc<Certificate>, InvalidCertificate> {
        let Shared { der, read } = &*self.shared;
        read.get_or_init(|| Certificate::read(der.clone()).map(Arc::new))
            .clone()
    }
}

/// Shows the length only: a certificate says who the client is, and its names are the client's to choose.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("der", &format_args!("{} bytes", self.der().len()))
            .field("is_verified", &self.is_verified)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_verified_only_if_somebody_says_so_and_debug_has_only_its_length() {
        let certificate = ClientCertificate::from_der(b"0\x03canary".to_vec());
        assert!(!certificate.is_verified());
        assert!(!certificate.clone().verified(false).is_verified());
        let certificate = certificate.verified(true);
        assert!(certificate.is_verified());
        assert_eq!(certificate.der(), b"0\x03canary");
        // printf '0\003canary' | openssl dgst -sha256 -binary | basenc --base64url
        assert_eq!(
            certificate.thumbprint(),
            "ruGq8PKk_8eN4XqweCT90d4siW7atOREeh0xvu__6AI"
        );
        assert_eq!(
            format!("{certificate:?}"),
            "ClientCertificate { der: 8 bytes, is_verified: true }"
        );
    }
}

//! Where the certificate of a request is.
//!
//! 1. Without the setting, nothing is looked at.
//! 2. The configured headers are taken out of the request in any case.
//! 3. What an acceptor put into the extensions wins: a header never completes or replaces it.
//! 4. It is read after the rest of the head was found in order. If it cannot be read, the request counts as one without
//!    a certificate, and an event says so.

use std::fmt;

use http::Request;

use super::client_certificate::problem::HeaderProblem;
use crate::{
    crypto::InvalidCertificate,
    error::BoxError,
    protocol::{
        client_certificate::ClientCertificate,
        presented::PresentedCertificate,
        settings::{Settings, client_certificates::ClientCertificates},
    },
};

/// Why there is no certificate although somebody sent something. Nothing of its value is in here.
#[derive(Debug)]
pub(crate) enum CertificateProblem {
    Header(HeaderProblem),
    Certificate(InvalidCertificate),
}

impl fmt::Display for CertificateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(problem) => problem.fmt(f),
            Self::Certificate(problem) => problem.fmt(f),
        }
    }
}

/// Takes the configured headers out of the request.
pub(super) fn take<B>(
    request: &mut Request<B>,
    settings: &Settings,
) -> Result<Option<ClientCertificate>, HeaderProblem> {
    let source = settings.client_certificates.as_ref();
    source.map_or(Ok(None), |source| source.take_from(request))
}

/// Reads what was taken.
pub(super) fn read(
    taken: Result<Option<ClientCertificate>, HeaderProblem>,
) -> Result<Option<PresentedCertificate>, CertificateProblem> {
    let taken = taken.map_err(CertificateProblem::Header)?;
    let read = taken.map(PresentedCertificate::read).transpose();
    read.map_err(CertificateProblem::Certificate)
}

impl ClientCertificates {
    /// Returns the thumbprint (`x5t#S256`) of the client certificate of a request, for a protected resource without a layer.
    ///
    /// Accept an access token whose `cnf` has `x5t#S256` only if this is the same thumbprint. If it is another one, or if
    /// there is no certificate, respond with 401 and `invalid_token`.
    ///
    /// As the layer does, it removes the configured header from the request, so call it once. A [`ClientCertificate`] in the
    /// extensions comes first.
    ///
    /// Returns an error if the certificate cannot be read. Respond as if there were none.
    ///
    /// ```
    /// use http::Request;
    /// use tower_token_endpoint::client::certificates::ClientCertificates;
    ///
    /// /// `bound` is `x5t#S256` of the access token.
    /// fn is_holder<B>(request: &mut Request<B>, bound: &str) -> bool {
    ///     let sent = ClientCertificates::nginx().take_thumbprint(request);
    ///     sent.ok().flatten().as_deref() == Some(bound)
    /// }
    /// # let mut request = Request::new(());
    /// # assert!(!is_holder(&mut request, ""));
    /// # request.headers_mut().insert("x-ssl-client-cert", "x".parse()?);
    /// # assert!(!is_holder(&mut request, ""));
    /// # assert!(request.headers().is_empty());
    /// # Ok::<_, http::header::InvalidHeaderValue>(())
    /// ```
    ///
    /// [RFC 8705 §3](https://www.rfc-editor.org/rfc/rfc8705#section-3).
    ///
    /// [`ClientCertificate`]: crate::protocol::client_certificate::ClientCertificate
    pub fn take_thumbprint<B>(&self, request: &mut Request<B>) -> Result<Option<String>, BoxError> {
        let presented = read(self.take_from(request)).map_err(|it| it.to_string())?;
        Ok(presented.map(|it| it.certificate.thumbprint().to_owned()))
    }

    fn take_from<B>(
        &self,
        request: &mut Request<B>,
    ) -> Result<Option<ClientCertificate>, HeaderProblem> {
        let of_header = self.take(request.headers_mut());
        match request.extensions().get::<ClientCertificate>() {
            Some(of_connection) => Ok(Some(of_connection.clone())),
            None => of_header,
        }
    }
}

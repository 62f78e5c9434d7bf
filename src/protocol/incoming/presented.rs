//! Where the certificate of a request is.
//!
//! 1. Without the setting, nothing is looked at.
//! 2. The configured headers are taken out of the request, whatever else holds.
//! 3. What an acceptor put into the extensions wins: a header never completes or replaces it.
//! 4. What cannot be read is no certificate, and somebody is told.

use std::{fmt, sync::Arc};

use http::Request;

use super::client_certificate::problem::HeaderProblem;
use crate::{
    crypto::{Certificate, InvalidCertificate},
    protocol::{
        client_certificate::ClientCertificate, presented::PresentedCertificate, settings::Settings,
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

/// Takes the configured headers out of the request, and reads the certificate.
pub(super) fn take<B>(
    request: &mut Request<B>,
    settings: &Settings,
) -> Result<Option<Arc<PresentedCertificate>>, CertificateProblem> {
    let Some(source) = &settings.client_certificates else {
        return Ok(None);
    };
    let of_header = source.take(request.headers_mut());
    let presented = match request.extensions().get::<ClientCertificate>() {
        Some(presented) => Some(presented.clone()),
        None => of_header.map_err(CertificateProblem::Header)?,
    };
    let Some(presented) = presented else {
        return Ok(None);
    };
    match Certificate::read(presented.der()) {
        Ok(certificate) => {
            let is_verified = presented.is_verified();
            let presented = PresentedCertificate::new(certificate, is_verified);
            Ok(Some(Arc::new(presented)))
        }
        Err(problem) => Err(CertificateProblem::Certificate(problem)),
    }
}

//! The certificate of the client that sent a request, read and ready to be compared.
//!
//! 1. Without the setting, nothing is looked at.
//! 2. The configured headers are taken out of the request, whatever else holds.
//! 3. What an acceptor put into the extensions wins: a header never completes or replaces it.
//! 4. What cannot be read is no certificate, and somebody is told.

use std::{fmt, sync::Arc, time::SystemTime};

use http::Request;

use super::client_certificate::problem::HeaderProblem;
use crate::{
    crypto::{Certificate, InvalidCertificate},
    protocol::{
        auth_method::AuthMethod, certificate_mismatch::CertificateMismatch,
        client::registered_name::RegisteredName, client_certificate::ClientCertificate,
        proof::Unproven, reason::RejectionReason, rejection::Rejection, settings::Settings,
    },
};

/// A certificate that was read. Nothing of it is believed before it is compared.
#[derive(Debug)]
pub(crate) struct PresentedCertificate {
    pub(crate) certificate: Certificate,
    is_verified: bool,
}

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

impl PresentedCertificate {
    /// Takes the configured headers out of the request, and reads the certificate.
    pub(super) fn take<B>(
        request: &mut Request<B>,
        settings: &Settings,
    ) -> Result<Option<Arc<Self>>, CertificateProblem> {
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
            Ok(certificate) => Ok(Some(Arc::new(Self {
                certificate,
                is_verified: presented.is_verified(),
            }))),
            Err(problem) => Err(CertificateProblem::Certificate(problem)),
        }
    }

    /// Whether it is verified, of this time, and has this name (RFC 8705 §2.1). The work is the same
    /// with any name and without one.
    pub(crate) fn check_name(
        &self,
        name: Option<&RegisteredName>,
        now: SystemTime,
    ) -> Result<(), RejectionReason> {
        let is_named = RegisteredName::is_among_names(name, &self.certificate);
        let is_valid = self.certificate.is_valid_at(now);
        match (self.is_verified, is_valid, is_named) {
            (false, _, _) => Err(RejectionReason::CertificateNotVerified),
            (true, false, _) => Err(RejectionReason::CertificateExpired),
            (true, true, false) => Err(RejectionReason::CertificateNotRegistered),
            (true, true, true) => Ok(()),
        }
    }

    /// The refusal for this reason, with what was wrong if an operator has to compare it.
    pub(crate) fn refuse(&self, unproven: &Unproven, now: SystemTime) -> Rejection {
        let reason = unproven.reason;
        let Some(client) = &unproven.client else {
            return reason.into();
        };
        let certificate = &self.certificate;
        let mismatch = match (reason, client.registered_name()) {
            (RejectionReason::CertificateExpired, _) => CertificateMismatch::Time {
                from: certificate.not_before(),
                until: certificate.not_after(),
                now,
            },
            (RejectionReason::CertificateNotRegistered, Some(name))
                if unproven.method == Some(AuthMethod::TlsClientAuth) =>
            {
                let (member, registered) = name.registered(client.metadata());
                CertificateMismatch::Name {
                    member,
                    registered: registered.unwrap_or_default().into(),
                    found: name.own_kind_of(certificate).into(),
                }
            }
            (RejectionReason::CertificateNotRegistered, _) => CertificateMismatch::Key {
                thumbprint: certificate.thumbprint().into(),
            },
            _ => return reason.into(),
        };
        Rejection::caused_by(reason, Box::new(mismatch))
    }
}

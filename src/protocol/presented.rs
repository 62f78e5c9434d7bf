//! The certificate of the client that sent a request, read and ready to be compared.

use std::{fmt, time::SystemTime};

use super::{client::registered_name::RegisteredName, reason::RejectionReason};
use crate::crypto::Certificate;

/// A certificate that was read. Nothing of it is believed before it is compared.
pub(crate) struct PresentedCertificate {
    pub(crate) certificate: Certificate,
    /// Whether somebody says that its chain was verified.
    is_verified: bool,
}

impl PresentedCertificate {
    pub(crate) const fn new(certificate: Certificate, is_verified: bool) -> Self {
        Self {
            certificate,
            is_verified,
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
}

/// Leaves out the names, which are the client's to choose.
impl fmt::Debug for PresentedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresentedCertificate")
            .field("thumbprint", &self.certificate.thumbprint())
            .field("is_verified", &self.is_verified)
            .finish_non_exhaustive()
    }
}

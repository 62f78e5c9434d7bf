//! The certificate of the client that sent a request, read and ready to be compared.

use std::{fmt, sync::Arc, time::SystemTime};

use super::{
    client::registered_name::RegisteredName, client_certificate::ClientCertificate,
    reason::RejectionReason,
};
use crate::crypto::{Certificate, InvalidCertificate};

/// A certificate that was read. Nothing of it is believed before it is compared.
pub(crate) struct PresentedCertificate {
    pub(crate) certificate: Arc<Certificate>,
    pub(crate) as_sent: ClientCertificate,
}

impl PresentedCertificate {
    pub(crate) fn read(as_sent: ClientCertificate) -> Result<Self, InvalidCertificate> {
        Ok(Self {
            certificate: as_sent.read()?,
            as_sent,
        })
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
        match (self.as_sent.is_verified(), is_valid, is_named) {
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
            .field("is_verified", &self.as_sent.is_verified())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "mtls"))]
mod tests {
    use super::*;
    use crate::crypto::samples;

    #[test]
    fn debug_leaves_out_the_names() {
        let as_sent = ClientCertificate::from_der(samples::der("plain"));
        let presented = PresentedCertificate::read(as_sent).expect("a certificate");
        let thumbprint = presented.certificate.thumbprint();
        assert_eq!(
            format!("{presented:?}"),
            format!(
                "PresentedCertificate {{ thumbprint: {thumbprint:?}, is_verified: false, .. }}"
            )
        );
    }
}

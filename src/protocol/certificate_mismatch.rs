//! What an operator has to compare if a certificate is refused.

use std::{error::Error, fmt, sync::Arc, time::SystemTime};

use super::{
    auth_method::AuthMethod,
    client::{Client, registered_name::shown},
    presented::PresentedCertificate,
    proof::Unproven,
    quoted::SingleQuoted,
    reason::RejectionReason,
    rejection::Rejection,
};

/// Both sides of what did not fit, in one line for a log. It is made for every refusal, also of an
/// unknown client, and its text only if somebody wants it: so the work is about the same.
pub(crate) struct CertificateMismatch {
    presented: Arc<PresentedCertificate>,
    client: Option<Arc<Client>>,
    method: Option<AuthMethod>,
    reason: RejectionReason,
    now: SystemTime,
}

impl CertificateMismatch {
    /// The refusal of a request with this certificate.
    pub(crate) fn refuse(
        presented: &Arc<PresentedCertificate>,
        unproven: &Unproven,
        now: SystemTime,
    ) -> Rejection {
        let mismatch = Self {
            presented: Arc::clone(presented),
            client: unproven.client.clone(),
            method: unproven.method,
            reason: unproven.reason,
            now,
        };
        Rejection::caused_by(unproven.reason, Box::new(mismatch))
    }
}

impl fmt::Display for CertificateMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let certificate = &self.presented.certificate;
        let thumbprint = certificate.thumbprint();
        if self.reason == RejectionReason::CertificateExpired {
            let [from, until] = [certificate.not_before(), certificate.not_after()];
            let [from, until, now] = [from, until, self.now].map(seconds);
            return write!(
                f,
                "the certificate is valid from {from} to {until}, and the clock of the server is {now}"
            );
        }
        let is_wrong = self.reason == RejectionReason::CertificateNotRegistered;
        let client = self.client.as_deref().filter(|_| is_wrong);
        let Some(client) = client else {
            // As long as the text of a client that is known: the time of a log must not tell who is.
            let subject = shown::subject(certificate);
            let subject = SingleQuoted(&subject);
            return write!(
                f,
                "the certificate has the `x5t#S256` {thumbprint} and the subject {subject}"
            );
        };
        let by_name = self.method == Some(AuthMethod::TlsClientAuth);
        match client.registered_name().filter(|_| by_name) {
            Some(name) => {
                let (member, registered) = name.registered(client.metadata());
                let registered = SingleQuoted(registered.unwrap_or_default());
                let found = name.own_kind_of(certificate);
                write!(
                    f,
                    "`{member}` is {registered}, and the certificate has {found}"
                )
            }
            None => {
                let subject = shown::subject(certificate);
                let subject = SingleQuoted(&subject);
                write!(
                    f,
                    "the key of the certificate with the `x5t#S256` {thumbprint} and the subject {subject} is not \
                     in the key set of the client"
                )
            }
        }
    }
}

/// The same as `Display`, so that it is one line as well.
impl fmt::Debug for CertificateMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for CertificateMismatch {}

/// Since 1970.
fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

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
        let is_wrong = self.reason == RejectionReason::CertificateNotRegistered;
        let client = self.client.as_deref().filter(|_| is_wrong);
        let by_name = self.method == Some(AuthMethod::TlsClientAuth);
        let name = client.and_then(|client| Some((client, client.registered_name()?)));
        let name = name.filter(|_| by_name);
        // All of these are written for any client, also if they are not shown: the time that a log takes must not tell
        // which clients exist.
        let subject = SingleQuoted(&shown::subject(certificate)).to_string();
        let names = shown::names(certificate, name.map(|(_, name)| name));
        let (member, registered) = match name {
            Some((client, name)) => name.registered(client.metadata()),
            None => ("", Some(DECOY)),
        };
        let registered = SingleQuoted(registered.unwrap_or_default()).to_string();
        let [from, until] = [certificate.not_before(), certificate.not_after()];
        let times = [from, until, self.now].map(|time| seconds(time).to_string());
        match (client, name) {
            (None, _) if self.reason == RejectionReason::CertificateExpired => {
                let [from, until, now] = times;
                write!(
                    f,
                    "the certificate is valid from {from} to {until}, and the clock of the server is {now}"
                )
            }
            (None, _) => write!(
                f,
                "the certificate has the `x5t#S256` {thumbprint} and the subject {subject}"
            ),
            (Some(_), None) => write!(
                f,
                "the key of the certificate with the `x5t#S256` {thumbprint} and the subject {subject} is not in \
                 the key set of the client"
            ),
            (Some(_), Some((_, name))) => {
                let found = if name.is_subject() { &subject } else { &names };
                write!(
                    f,
                    "`{member}` is {registered}, and the certificate has {found}"
                )
            }
        }
    }
}

/// As long as what clients are registered with.
const DECOY: &str = "CN=client.example.org,O=Example,C=DE";

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

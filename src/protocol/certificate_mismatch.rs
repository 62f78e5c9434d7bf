//! What an operator has to compare if a certificate is refused.

use std::{error::Error, fmt, time::SystemTime};

use super::quoted::SingleQuoted;

/// Both sides of what did not fit, in one line for a log.
#[derive(Debug)]
pub(crate) enum CertificateMismatch {
    Name {
        member: &'static str,
        registered: Box<str>,
        /// The names of the certificate, quoted and cut.
        found: Box<str>,
    },
    Key {
        thumbprint: Box<str>,
    },
    Time {
        from: SystemTime,
        until: SystemTime,
        now: SystemTime,
    },
}

impl fmt::Display for CertificateMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name {
                member,
                registered,
                found,
            } => write!(
                f,
                "`{member}` is {}, and the certificate has {found}",
                SingleQuoted(registered)
            ),
            Self::Key { thumbprint } => write!(
                f,
                "the key of the certificate with the `x5t#S256` {thumbprint} is not in the key set of the client"
            ),
            Self::Time { from, until, now } => write!(
                f,
                "the certificate is valid from {} to {}, and the clock of the server is {}",
                seconds(*from),
                seconds(*until),
                seconds(*now)
            ),
        }
    }
}

impl Error for CertificateMismatch {}

/// Since 1970; a certificate may be older.
fn seconds(time: SystemTime) -> String {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => since.as_secs().to_string(),
        Err(before) => format!("-{}", before.duration().as_secs()),
    }
}

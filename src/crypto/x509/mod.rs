//! Certificates (RFC 5280), as far as a client is recognised by one.
//!
//! Nothing here verifies a signature or a chain: whoever ends the TLS connection has done that.
//! Only `read` knows a library.

pub(super) mod fields;
#[cfg(feature = "mtls")]
mod read;
#[cfg(not(feature = "mtls"))]
#[path = "without.rs"]
mod read;
pub(super) mod value;

use std::time::SystemTime;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use self::fields::{Attribute, Fields, InvalidCertificate, SubjectAltNames};
use super::fingerprint::KeyFingerprint;

/// The longest certificate that is read, in bytes of DER. Those of the field have one or two KiB.
pub(crate) const MAX_LEN: usize = 16 * 1024;

/// A certificate that was read. It does not say whether its chain was verified.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    fields: Fields,
    thumbprint: Box<str>,
}

impl Certificate {
    /// Reads a certificate as DER of at most 16 KiB, with nothing after it.
    pub(crate) fn read(der: &[u8]) -> Result<Self, InvalidCertificate> {
        if der.len() > MAX_LEN {
            return Err(InvalidCertificate::TooLong);
        }
        Ok(Self {
            fields: read::fields(der)?,
            thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(der)).into(),
        })
    }

    /// The subject: sets of attributes, in the order of the certificate (RFC 5280 §4.1.2.6).
    pub(crate) fn subject(&self) -> &[Vec<Attribute>] {
        &self.fields.subject
    }

    /// RFC 5280 §4.2.1.6. No names if the extension is not there.
    pub(crate) const fn subject_alt_names(&self) -> &SubjectAltNames {
        &self.fields.names
    }

    pub(crate) const fn not_before(&self) -> SystemTime {
        self.fields.not_before
    }

    pub(crate) const fn not_after(&self) -> SystemTime {
        self.fields.not_after
    }

    /// Both ends count (RFC 5280 §4.1.2.5).
    pub(crate) fn is_valid_at(&self, time: SystemTime) -> bool {
        (self.fields.not_before..=self.fields.not_after).contains(&time)
    }

    /// What tells its public key from others. A key that no JWK can have is told by its DER.
    pub(crate) const fn key_fingerprint(&self) -> KeyFingerprint {
        self.fields.key
    }

    /// `x5t#S256`: SHA-256 of the DER as it was received, in base64url (RFC 8705 §3.1).
    pub(crate) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

#[cfg(all(test, feature = "mtls"))]
pub(super) mod tests;

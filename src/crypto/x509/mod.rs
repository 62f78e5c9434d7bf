//! Certificates (RFC 5280), as far as a client is recognised by one.
//!
//! Nothing here verifies a signature or a chain: whoever ends the TLS connection has done that.
//! Only `read` knows a library.

pub(super) mod fields;
mod key;
#[cfg(feature = "mtls")]
mod read;
#[cfg(not(feature = "mtls"))]
#[path = "without.rs"]
mod read;
pub(super) mod value;

use std::time::SystemTime;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use self::{
    fields::{Attribute, Fields, InvalidCertificate, SubjectAltNames},
    key::CertifiedKey,
};
use super::fingerprint::KeyFingerprint;

/// More than any certificate of a client has, and little work to read.
const MAX_LEN: usize = 16 * 1024;

/// A certificate that was read. Whether it is verified is somebody else's knowledge.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    fields: Fields,
    thumbprint: Box<str>,
    key_fingerprint: KeyFingerprint,
}

impl Certificate {
    /// Reads a certificate as DER of at most 16 KiB, with nothing after it.
    pub(crate) fn read(der: &[u8]) -> Result<Self, InvalidCertificate> {
        if der.len() > MAX_LEN {
            return Err(InvalidCertificate::TooLong);
        }
        let fields = read::fields(der)?;
        let key = fields.key.as_ref().and_then(CertifiedKey::fingerprint);
        Ok(Self {
            key_fingerprint: key
                .unwrap_or_else(|| KeyFingerprint::of_info(&fields.public_key_info)),
            fields,
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

    /// The SubjectPublicKeyInfo as DER (RFC 5280 §4.1.2.7).
    #[cfg(test)]
    pub(crate) fn public_key_info(&self) -> &[u8] {
        &self.fields.public_key_info
    }

    /// What tells its public key from others. A key of a kind that no JWK can have is told by its DER.
    pub(crate) const fn key_fingerprint(&self) -> KeyFingerprint {
        self.key_fingerprint
    }

    /// `x5t#S256`: SHA-256 of the DER as it was received, in base64url (RFC 8705 §3.1).
    pub(crate) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

#[cfg(all(test, feature = "mtls"))]
pub(super) mod tests;

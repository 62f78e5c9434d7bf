//! Base64 of a certificate (RFC 4648 §4): one text for each certificate.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;

use super::problem::Flaw;
use crate::crypto::MAX_CERTIFICATE_LEN;

/// The longest text of a certificate that is not too long.
pub(super) const MAX_TEXT: usize = MAX_CERTIFICATE_LEN.div_ceil(3) * 4;

/// With padding, and with zeros in the bits that are left over. Nothing is skipped.
pub(super) fn decode(text: &[u8]) -> Result<Bytes, Flaw> {
    if text.is_empty() {
        return Err(Flaw::EmptyCertificate);
    }
    if text.len() > MAX_TEXT {
        return Err(Flaw::CertificateTooLong);
    }
    // The error would show a byte of the text.
    let der = BASE64_STANDARD.decode(text).map_err(|_| Flaw::NotBase64)?;
    if der.len() > MAX_CERTIFICATE_LEN {
        return Err(Flaw::CertificateTooLong);
    }
    Ok(der.into())
}

//! `ssl_c_der,base64` and `ssl_c_verify` of HAProxy.

use bytes::Bytes;

use super::{base64, problem::Flaw, verification::Verification};

/// Base64 of the DER, without anything around it.
pub(super) fn read(value: &[u8]) -> Result<Bytes, Flaw> {
    base64::decode(value)
}

/// The number of an error of the TLS library, where `0` is none. It is `0` as well if there was no
/// certificate, or no TLS.
pub(super) fn verification(value: &[u8], has_certificate: bool) -> Result<Verification, Flaw> {
    match value {
        b"0" if has_certificate => Ok(Verification::Succeeded),
        b"0" => Ok(Verification::Nothing),
        [b'1'..=b'9', rest @ ..] if rest.len() < 10 && rest.iter().all(u8::is_ascii_digit) => {
            Ok(Verification::Failed)
        }
        _ => Err(Flaw::UnknownVerification),
    }
}

//! `$ssl_client_escaped_cert` and `$ssl_client_verify` of nginx's `ngx_http_ssl_module`.

use bytes::Bytes;

use super::{escaped, pem, problem::Flaw, verification::Verification};

/// PEM, with everything percent-encoded that is not unreserved in a URL.
pub(super) fn read(value: &[u8]) -> Result<Bytes, Flaw> {
    pem::only(&escaped::decode(value)?)
}

/// `SUCCESS`, `NONE`, or `FAILED:` and why. Before nginx 1.11.7, there was no why.
pub(super) fn verification(value: &[u8]) -> Result<Verification, Flaw> {
    match value {
        b"SUCCESS" => Ok(Verification::Succeeded),
        b"NONE" => Ok(Verification::Nothing),
        b"FAILED" => Ok(Verification::Failed),
        failed if failed.starts_with(b"FAILED:") => Ok(Verification::Failed),
        _ => Err(Flaw::UnknownVerification),
    }
}

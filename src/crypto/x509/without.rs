//! Without feature `mtls`: clients can be registered for certificates, but none is read.

use super::fields::{Fields, InvalidCertificate};

pub(super) const fn fields(_: &[u8]) -> Result<Fields, InvalidCertificate> {
    Err(InvalidCertificate::NotRead)
}

//! `Client-Cert` (RFC 9440 §2.2): a Byte Sequence of RFC 8941 §3.3.5, which is base64 between two colons.
//!
//! Three things that a general parser of RFC 8941 §4.2 accepts are refused, because no proxy needs them:
//! parameters after the value (RFC 9440 has no room for them in its grammar), base64 without padding, and
//! bits left over that are not zero (RFC 9440 §2.1 wants the encoding of RFC 4648 §4, which has neither).

use bytes::Bytes;

use super::{base64, problem::Flaw};

pub(super) fn read(value: &[u8]) -> Result<Bytes, Flaw> {
    match value {
        [b':', base64 @ .., b':'] => base64::decode(base64),
        _ => Err(Flaw::NotByteSequence),
    }
}

//! `X-Amzn-Mtls-Clientcert-Leaf` and `X-Amzn-Mtls-Clientcert` of an AWS Application Load Balancer.
//!
//! Both are percent-encoded PEM, in which `+`, `=` and `/` may stay as they are. The examples of AWS
//! encode the `=`, so both spellings are accepted.

use bytes::Bytes;

use super::{escaped, pem, problem::Flaw};

/// Mode `verify`: only the certificate of the client.
pub(super) fn read_leaf(value: &[u8]) -> Result<Bytes, Flaw> {
    pem::only(&escaped::decode(value)?)
}

/// Mode `passthrough`: the whole chain as the client sent it, so its own certificate is the first
/// (RFC 8446 §4.4.2).
pub(super) fn read_chain(value: &[u8]) -> Result<Bytes, Flaw> {
    pem::first(&escaped::decode(value)?)
}

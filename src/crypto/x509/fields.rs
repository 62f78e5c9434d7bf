//! What is read from a certificate, and why it cannot be read.

use std::{fmt, net::IpAddr, time::SystemTime};

use super::value::AttributeValue;
use crate::crypto::fingerprint::KeyFingerprint;

#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) subject: Vec<Vec<Attribute>>,
    pub(super) names: SubjectAltNames,
    pub(super) not_before: SystemTime,
    pub(super) not_after: SystemTime,
    pub(super) key: KeyFingerprint,
}

/// AttributeTypeAndValue (RFC 5280 §4.1.2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// The content of the DER, which any number of any size fits into.
    pub(crate) oid: Box<[u8]>,
    pub(crate) value: AttributeValue,
}

/// The names that a client can be registered by. A name that is not in ASCII, or an address that
/// has neither 4 nor 16 octets, is left out: it is not the name of anybody.
#[derive(Clone, Debug, Default)]
pub(crate) struct SubjectAltNames {
    pub(crate) dns: Vec<Box<str>>,
    pub(crate) uris: Vec<Box<str>>,
    pub(crate) emails: Vec<Box<str>>,
    pub(crate) addresses: Vec<IpAddr>,
}

/// Error returned when bytes are not a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvalidCertificate {
    TooLong,
    TrailingBytes,
    Malformed,
    #[cfg(not(feature = "mtls"))]
    NotRead,
}

impl InvalidCertificate {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "the certificate is longer than 16 KiB",
            Self::TrailingBytes => "more bytes follow the certificate",
            Self::Malformed => "it is not a certificate in DER (RFC 5280 §4.1)",
            #[cfg(not(feature = "mtls"))]
            Self::NotRead => "certificates are read only with feature `mtls`",
        }
    }
}

impl fmt::Display for InvalidCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

//! What is read from a certificate, and why it cannot be read.

use std::{fmt, ops::Range, time::SystemTime};

use super::value::AttributeValue;
use crate::crypto::comparable_key::ComparableKey;

/// Names stay where they are in the DER, so that to read a certificate allocates little.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) subject: Vec<AttributeSpans>,
    pub(super) names: Vec<NameSpan>,
    pub(super) not_before: SystemTime,
    pub(super) not_after: SystemTime,
    pub(super) key: ComparableKey,
}

/// Where some bytes of the DER are in it.
pub(super) type Span = Range<usize>;

#[derive(Clone, Debug)]
pub(super) struct AttributeSpans {
    /// Whether it is in one set with the attribute before it.
    pub(super) joins: bool,
    pub(super) oid: Span,
    /// DER
    pub(super) value: Span,
}

#[derive(Clone, Debug)]
pub(super) struct NameSpan {
    pub(super) kind: NameKind,
    pub(super) text: Span,
}

/// The kinds of GeneralName that a client can be registered by, with their numbers (RFC 5280 §4.2.1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameKind {
    Email = 1,
    Dns = 2,
    Uri = 6,
    Ip = 7,
}

/// AttributeTypeAndValue (RFC 5280 §4.1.2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    /// The content of the DER, which any number of any size fits into.
    pub(crate) oid: &'a [u8],
    pub(crate) value: AttributeValue<'a>,
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

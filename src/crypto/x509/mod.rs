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

use std::{net::IpAddr, time::SystemTime};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use self::{
    fields::{Attribute, AttributeSpans, Fields, InvalidCertificate, NameKind, Span},
    value::AttributeValue,
};
use super::comparable_key::ComparableKey;

/// The longest certificate that is read, in bytes of DER. Those of the field have one or two KiB.
pub(crate) const MAX_LEN: usize = 16 * 1024;

/// A certificate that was read. It does not say whether its chain was verified.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    der: Bytes,
    fields: Fields,
    thumbprint: Box<str>,
}

impl Certificate {
    /// Reads a certificate as DER of at most 16 KiB, with nothing after it.
    pub(crate) fn read(der: impl Into<Bytes>) -> Result<Self, InvalidCertificate> {
        let der = der.into();
        if der.len() > MAX_LEN {
            return Err(InvalidCertificate::TooLong);
        }
        Ok(Self {
            fields: read::fields(&der)?,
            thumbprint: Self::thumbprint_of(&der).into(),
            der,
        })
    }

    /// `x5t#S256` of a certificate as DER, also if it cannot be read (RFC 8705 §3.1).
    pub(crate) fn thumbprint_of(der: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(der))
    }

    /// The subject: sets of attributes, in the order of the certificate (RFC 5280 §4.1.2.6).
    pub(crate) fn subject(
        &self,
    ) -> impl DoubleEndedIterator<Item = impl ExactSizeIterator<Item = Attribute<'_>>> {
        let sets = self.fields.subject.chunk_by(|_, next| next.joins);
        sets.map(|set| set.iter().map(|spans| self.attribute(spans)))
    }

    fn attribute(&self, spans: &AttributeSpans) -> Attribute<'_> {
        let value = self.part(&spans.value);
        Attribute {
            oid: self.part(&spans.oid),
            // When the certificate was read, it was DER.
            value: AttributeValue::from_der(value).unwrap_or(AttributeValue::Other(value.into())),
        }
    }

    /// The names of this kind, in ASCII (RFC 5280 §4.2.1.6). There are none if the extension is not there.
    pub(crate) fn texts(&self, kind: NameKind) -> impl Iterator<Item = &str> {
        self.names(kind)
            .filter_map(|name| str::from_utf8(name).ok())
    }

    pub(crate) fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.names(NameKind::Ip).filter_map(|octets| {
            let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from))
                .ok()
        })
    }

    fn names(&self, kind: NameKind) -> impl Iterator<Item = &[u8]> {
        let names = self.fields.names.iter();
        names
            .filter(move |name| name.kind == kind)
            .map(|name| self.part(&name.text))
    }

    fn part(&self, span: &Span) -> &[u8] {
        self.der.get(span.clone()).unwrap_or_default()
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

    /// What tells its public key from others. A key of another kind, or a compressed point, is told by its DER.
    pub(crate) const fn key(&self) -> &ComparableKey {
        &self.fields.key
    }

    /// `x5t#S256`: SHA-256 of the DER as it was received, in base64url (RFC 8705 §3.1).
    pub(crate) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

#[cfg(all(test, feature = "mtls"))]
pub(super) mod tests;

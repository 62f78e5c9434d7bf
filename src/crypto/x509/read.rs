//! Reads the fields of a certificate, with the reader of the library `der`. `x509-cert` is built on it and opens every name,
//! so it refuses a certificate because of a type of string in a name that nobody needs here.
//!
//! The reader accepts DER only: lengths in one form, no indefinite ones, and nothing left over in
//! any structure that is opened here. What is not needed is not opened. So a certificate may have any
//! types of strings in its issuer, any extensions and any key.

use std::time::{Duration, SystemTime};

use ::der::{
    AnyRef, Decode as _, Error, Reader as _, Result, SliceReader, Tag, TagNumber, Tagged as _,
    asn1::{BitStringRef, GeneralizedTime, IntRef, UintRef},
};

use super::{
    fields::{AttributeSpans, Fields, InvalidCertificate, NameKind, NameSpan, Span},
    value::AttributeValue,
};
use crate::crypto::{
    comparable_key::ComparableKey,
    public_numbers::{Curve, PublicNumbers},
};

/// The contents of object identifiers.
mod oid {
    /// id-ce-subjectAltName, 2.5.29.17 (RFC 5280 §4.2.1.6)
    pub(super) const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
    /// rsaEncryption, 1.2.840.113549.1.1.1 (RFC 3279 §2.3.1)
    pub(super) const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    /// id-RSASSA-PSS, 1.2.840.113549.1.1.10 (RFC 4055 §1.2)
    pub(super) const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
    /// id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480 §2.1.1)
    pub(super) const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    /// secp256r1, 1.2.840.10045.3.1.7 (RFC 5480 §2.1.1.1)
    pub(super) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    /// secp384r1, 1.3.132.0.34
    pub(super) const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
    /// secp521r1, 1.3.132.0.35
    pub(super) const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
    /// id-Ed25519, 1.3.101.112 (RFC 8410 §3)
    pub(super) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
}

pub(super) fn fields(der: &[u8]) -> core::result::Result<Fields, InvalidCertificate> {
    let malformed = |_: Error| InvalidCertificate::Malformed;
    let mut reader = SliceReader::new(der).map_err(malformed)?;
    let found = Finder(der);
    let fields = reader.sequence(|reader| found.certificate(reader));
    let fields = fields.map_err(malformed)?;
    match reader.is_finished() {
        true => Ok(fields),
        false => Err(InvalidCertificate::TrailingBytes),
    }
}

/// Finds the fields in this DER.
#[derive(Clone, Copy)]
struct Finder<'d>(&'d [u8]);

impl<'d> Finder<'d> {
    /// Where this part of the DER is in it. It is one: the reader copies nothing.
    fn span(self, part: &[u8]) -> Span {
        let start = part.as_ptr().addr() - self.0.as_ptr().addr();
        start..start + part.len()
    }

    /// RFC 5280 §4.1.
    fn certificate(self, reader: &mut SliceReader<'d>) -> Result<Fields> {
        let fields = reader.sequence(|reader| self.to_be_signed(reader))?;
        next(reader, Tag::Sequence)?;
        BitStringRef::decode(reader)?;
        Ok(fields)
    }

    /// RFC 5280 §4.1.2.
    fn to_be_signed(self, reader: &mut SliceReader<'d>) -> Result<Fields> {
        if let Some(version) = optional(reader, true, 0)? {
            let number = next_in(version, Tag::Integer)?;
            if !matches!(number, [0..=2]) {
                return Err(Tag::Integer.value_error().into());
            }
        }
        // serialNumber, signature, issuer
        IntRef::decode(reader)?;
        next(reader, Tag::Sequence)?;
        next(reader, Tag::Sequence)?;
        let (not_before, not_after) = reader.sequence(|validity| {
            let not_before = time(validity)?;
            Ok::<_, Error>((not_before, time(validity)?))
        })?;
        let subject = self.subject(next(reader, Tag::Sequence)?)?;
        Tag::peek(reader)?.assert_eq(Tag::Sequence)?;
        let public_key_info = reader.tlv_bytes()?;
        // issuerUniqueID and subjectUniqueID of version 2
        optional(reader, false, 1)?;
        optional(reader, false, 2)?;
        let names = match optional(reader, true, 3)? {
            Some(extensions) => self.subject_alt_names(next_in(extensions, Tag::Sequence)?)?,
            None => Vec::new(),
        };
        Ok(Fields {
            subject,
            names,
            not_before,
            not_after,
            key: key(public_key_info)
                .ok()
                .flatten()
                .unwrap_or_else(|| ComparableKey::of_info(public_key_info)),
        })
    }

    /// The attributes of a Name, from its content (RFC 5280 §4.1.2.4). The order of a set, which DER also fixes, does
    /// not matter here, and several issuers have got it wrong.
    fn subject(self, name: &'d [u8]) -> Result<Vec<AttributeSpans>> {
        let mut subject = Vec::with_capacity(8);
        each(name, |set| {
            set.tag().assert_eq(Tag::Set)?;
            let first = subject.len();
            each(set.value(), |attribute| {
                attribute.tag().assert_eq(Tag::Sequence)?;
                let mut reader = SliceReader::new(attribute.value())?;
                let oid = next(&mut reader, Tag::ObjectIdentifier)?;
                // The library does not know all types of strings.
                let value = reader.read_slice(reader.remaining_len())?;
                if AttributeValue::from_der(value).is_none() {
                    return Err(Tag::Sequence.value_error().into());
                }
                subject.push(AttributeSpans {
                    joins: subject.len() > first,
                    oid: self.span(oid),
                    value: self.span(value),
                });
                Ok(())
            })?;
            match subject.len() == first {
                true => Err(Tag::Set.length_error().into()),
                false => Ok(()),
            }
        })?;
        Ok(subject)
    }

    /// The names of the extension, from the content of all extensions. One that is there twice makes
    /// the certificate malformed (RFC 5280 §4.2): two readers could each see another one.
    fn subject_alt_names(self, extensions: &'d [u8]) -> Result<Vec<NameSpan>> {
        let mut found = None;
        each(extensions, |extension| {
            extension.tag().assert_eq(Tag::Sequence)?;
            let mut reader = SliceReader::new(extension.value())?;
            let id = next(&mut reader, Tag::ObjectIdentifier)?;
            if Tag::peek(&reader)? == Tag::Boolean {
                // DER leaves FALSE out, but many issuers write it.
                let critical = next(&mut reader, Tag::Boolean)?;
                if !matches!(critical, [0x00 | 0xff]) {
                    return Err(Tag::Boolean.value_error().into());
                }
            }
            let value = next(&mut reader, Tag::OctetString)?;
            reader.finish()?;
            match id == oid::SUBJECT_ALT_NAME && found.replace(value).is_some() {
                true => Err(Tag::Sequence.value_error().into()),
                false => Ok(()),
            }
        })?;
        match found {
            Some(names) => self.general_names(next_in(names, Tag::Sequence)?),
            None => Ok(Vec::new()),
        }
    }

    /// GeneralNames (RFC 5280 §4.2.1.6), from their content. A name that is not in ASCII, or an address that has neither
    /// 4 nor 16 octets, is left out: it is not the name of anybody.
    fn general_names(self, content: &'d [u8]) -> Result<Vec<NameSpan>> {
        let mut names = Vec::with_capacity(8);
        each(content, |name| {
            if !name.tag().is_context_specific() {
                return Err(Tag::Sequence.value_error().into());
            }
            let text = name.value();
            let kinds = [NameKind::Email, NameKind::Dns, NameKind::Uri, NameKind::Ip];
            let mut kinds = kinds.into_iter();
            let is_of =
                |kind: &NameKind| name.tag() == TagNumber(*kind as u32).context_specific(false);
            let kind = kinds.find(is_of).filter(|kind| match kind {
                NameKind::Email | NameKind::Dns | NameKind::Uri => text.is_ascii(),
                NameKind::Ip => matches!(text.len(), 4 | 16),
            });
            let text = self.span(text);
            names.extend(kind.map(|kind| NameSpan { kind, text }));
            Ok(())
        })?;
        Ok(names)
    }
}

/// The content of the next value, which must be of this type.
fn next<'r>(reader: &mut SliceReader<'r>, tag: Tag) -> Result<&'r [u8]> {
    let next = AnyRef::decode(reader)?;
    next.tag().assert_eq(tag)?;
    Ok(next.value())
}

/// The content of the only value in `content`, which must be of this type.
fn next_in(content: &[u8], tag: Tag) -> Result<&[u8]> {
    let mut reader = SliceReader::new(content)?;
    let value = next(&mut reader, tag)?;
    reader.finish()?;
    Ok(value)
}

/// The content of the next value, if it has this context-specific tag.
fn optional<'r>(
    reader: &mut SliceReader<'r>,
    constructed: bool,
    number: u32,
) -> Result<Option<&'r [u8]>> {
    let tag = TagNumber(number).context_specific(constructed);
    let is_next = !reader.is_finished() && Tag::peek(reader)? == tag;
    is_next.then(|| next(reader, tag)).transpose()
}

/// Reads each element of the content of a SEQUENCE OF or SET OF.
fn each<'r>(content: &'r [u8], mut read: impl FnMut(AnyRef<'r>) -> Result<()>) -> Result<()> {
    let mut reader = SliceReader::new(content)?;
    while !reader.is_finished() {
        read(AnyRef::decode(&mut reader)?)?;
    }
    Ok(())
}

/// UTCTime or GeneralizedTime, to the second and in UTC (RFC 5280 §4.1.2.5). A time before 1970 counts as the start
/// of 1970: it is over, and the library has none that is earlier.
fn time(reader: &mut SliceReader<'_>) -> Result<SystemTime> {
    let time = AnyRef::decode(reader)?;
    let mut text = [0; 15];
    match (time.tag(), time.value()) {
        (Tag::UtcTime, value @ [tens, ..]) if value.len() == text.len() - 2 => {
            let century = if *tens < b'5' { b"20" } else { b"19" };
            text[..2].copy_from_slice(century);
            text[2..].copy_from_slice(value);
        }
        (Tag::GeneralizedTime, value) if value.len() == text.len() => text.copy_from_slice(value),
        (tag, _) => return Err(tag.value_error().into()),
    }
    let year = &mut text[..4];
    let is_before_1970 = year.iter().all(u8::is_ascii_digit) && *year < b"1970"[..];
    if is_before_1970 {
        // A leap year, as any of them may be.
        year.copy_from_slice(b"1972");
    }
    let time = AnyRef::new(Tag::GeneralizedTime, &text)?.decode_as::<GeneralizedTime>()?;
    let since_1970 = match is_before_1970 {
        true => Duration::ZERO,
        false => time.to_unix_duration(),
    };
    let time = SystemTime::UNIX_EPOCH.checked_add(since_1970);
    time.ok_or_else(|| Tag::GeneralizedTime.value_error().into())
}

/// The key of a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). `None` or an error if it is not one that a JWK of a client
/// can have, which does not make the certificate malformed. A point must be whole, as nearly all are: a compressed
/// one (SEC 1 §2.3.3) would have to be computed before it can be compared.
fn key(info: &[u8]) -> Result<Option<ComparableKey>> {
    const UNCOMPRESSED: u8 = 0x04;
    SliceReader::new(info)?.sequence(|info| {
        let (algorithm, parameters) = info.sequence(|algorithm| {
            let id = next(algorithm, Tag::ObjectIdentifier)?;
            let is_empty = algorithm.is_finished();
            let parameters = (!is_empty).then(|| AnyRef::decode(algorithm)).transpose()?;
            Ok::<_, Error>((id, parameters))
        })?;
        let Some(key) = BitStringRef::decode(info)?.as_bytes() else {
            return Ok(None);
        };
        match algorithm {
            oid::RSA | oid::RSA_PSS => {
                let mut key = SliceReader::new(key)?;
                let numbers = key.sequence(|key| {
                    let n = UintRef::decode(key)?;
                    Ok::<_, Error>((n, UintRef::decode(key)?))
                });
                let (n, e) = numbers?;
                key.finish()?;
                let [n, e] = [&n, &e].map(UintRef::as_bytes);
                Ok(ComparableKey::of(PublicNumbers::Rsa { n, e }))
            }
            oid::EC => {
                let curve = match parameters.filter(|it| it.tag() == Tag::ObjectIdentifier) {
                    Some(curve) if curve.value() == oid::P256 => Curve::P256,
                    Some(curve) if curve.value() == oid::P384 => Curve::P384,
                    Some(curve) if curve.value() == oid::P521 => Curve::P521,
                    Some(_) | None => return Ok(None),
                };
                let Some((&UNCOMPRESSED, coordinates)) = key.split_first() else {
                    return Ok(None);
                };
                let coordinates = coordinates.split_at_checked(curve.coordinate_len());
                Ok(coordinates
                    .and_then(|(x, y)| ComparableKey::of(PublicNumbers::Ec { curve, x, y })))
            }
            oid::ED25519 => Ok(ComparableKey::of(PublicNumbers::Ed25519 { x: key })),
            _ => Ok(None),
        }
    })
}

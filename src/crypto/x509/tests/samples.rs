//! Certificates for tests: those that `scripts/certificates` made, and others of any shape. Nobody
//! verifies the signatures.

use std::{fs, path::Path};

use ::der::{Reader as _, SliceReader};

use crate::crypto::Certificate;

pub(crate) const CN: &[u8] = &[0x55, 4, 3];
pub(crate) const C: &[u8] = &[0x55, 4, 6];
pub(crate) const O: &[u8] = &[0x55, 4, 10];
pub(crate) const OU: &[u8] = &[0x55, 4, 11];
pub(crate) const EMAIL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];

pub(crate) const UTF8: u8 = 0x0c;
pub(crate) const PRINTABLE: u8 = 0x13;
pub(crate) const TELETEX: u8 = 0x14;
pub(crate) const IA5: u8 = 0x16;
pub(crate) const UNIVERSAL: u8 = 0x1c;
pub(crate) const BMP: u8 = 0x1e;

/// The DER of a certificate in `tests/certificates`.
pub(crate) fn der(name: &str) -> Vec<u8> {
    let path = format!("tests/certificates/{name}.der");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// The SubjectPublicKeyInfo of such a certificate.
pub(crate) fn public_key_info(name: &str) -> Vec<u8> {
    let der = der(name);
    let mut parts = vec![];
    let _ = SliceReader::new(&der)
        .expect("a length")
        .sequence(|certificate| {
            certificate.sequence(|to_be_signed| {
                while !to_be_signed.is_finished() {
                    parts.push(to_be_signed.tlv_bytes()?.to_vec());
                }
                Ok::<_, ::der::Error>(())
            })
        });
    // After version, serial number, signature, issuer, validity and subject.
    parts.swap_remove(6)
}

pub(crate) fn read(name: &str) -> Certificate {
    Certificate::read(der(name)).expect("a certificate")
}

/// One value of DER, whose content are these parts.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let len = content.len();
    let mut tlv = vec![tag];
    match len {
        0..0x80 => tlv.push(len as u8),
        0x80..0x100 => tlv.extend([0x81, len as u8]),
        0x100..0x1_0000 => tlv.extend([0x82, (len >> 8) as u8, len as u8]),
        _ => tlv.extend([0x83, (len >> 16) as u8, (len >> 8) as u8, len as u8]),
    }
    tlv.extend(content);
    tlv
}

/// The parts of a certificate as DER. Each test changes some.
pub(crate) struct Parts {
    pub(crate) version: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) validity: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) key: Vec<u8>,
    /// What follows the key.
    pub(crate) rest: Vec<u8>,
}

pub(crate) const ED25519: &[u8] = &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70];
pub(crate) const NOT_BEFORE: &[u8] = b"260101000000Z";
pub(crate) const NOT_AFTER: &[u8] = b"21260101000000Z";

impl Default for Parts {
    fn default() -> Self {
        Self {
            version: vec![0xa0, 3, 2, 1, 2],
            serial: vec![2, 1, 1],
            issuer: vec![0x30, 0],
            validity: tlv(0x30, &[&tlv(0x17, &[NOT_BEFORE]), &tlv(0x18, &[NOT_AFTER])]),
            subject: vec![0x30, 0],
            key: tlv(0x30, &[ED25519, &tlv(3, &[&[0], &[7; 32]])]),
            rest: Vec::new(),
        }
    }
}

impl Parts {
    pub(crate) fn der(&self) -> Vec<u8> {
        let parts: [&[u8]; 8] = [
            &self.version,
            &self.serial,
            ED25519,
            &self.issuer,
            &self.validity,
            &self.subject,
            &self.key,
            &self.rest,
        ];
        let signed = tlv(0x30, &parts);
        tlv(0x30, &[&signed, ED25519, &tlv(3, &[&[0; 65]])])
    }
}

/// Object identifier, type of string, and content.
pub(crate) type Attribute<'a> = (&'a [u8], u8, &'a [u8]);

/// A Name of these sets, in this order.
pub(crate) fn name(sets: &[&[Attribute<'_>]]) -> Vec<u8> {
    let attribute =
        |&(oid, tag, content): &Attribute<'_>| tlv(0x30, &[&tlv(6, &[oid]), &tlv(tag, &[content])]);
    let set = |set: &&[Attribute<'_>]| {
        let attributes: Vec<_> = set.iter().map(attribute).collect();
        tlv(0x31, &[&attributes.concat()])
    };
    let sets: Vec<_> = sets.iter().map(set).collect();
    tlv(0x30, &[&sets.concat()])
}

/// The extensions, as they follow the key: the names with the numbers of their kinds.
pub(crate) fn alt_names(names: &[(u8, &[u8])]) -> Vec<u8> {
    let names = names.iter().map(|(kind, name)| tlv(0x80 | kind, &[name]));
    extensions(&[alt_name_extension(&tlv(
        0x30,
        &[&names.collect::<Vec<_>>().concat()],
    ))])
}

pub(crate) fn alt_name_extension(value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&[6, 3, 0x55, 0x1d, 0x11], &tlv(4, &[value])])
}

pub(crate) fn extensions(all: &[Vec<u8>]) -> Vec<u8> {
    tlv(0xa3, &[&tlv(0x30, &[&all.concat()])])
}

/// A certificate with this subject.
pub(crate) fn of(sets: &[&[Attribute<'_>]]) -> Certificate {
    let subject = name(sets);
    let parts = Parts {
        subject,
        ..Parts::default()
    };
    Certificate::read(parts.der()).expect("a certificate")
}

/// A certificate with these names.
pub(crate) fn with_names(names: &[(u8, &[u8])]) -> Certificate {
    let rest = alt_names(names);
    let parts = Parts {
        rest,
        ..Parts::default()
    };
    Certificate::read(parts.der()).expect("a certificate")
}

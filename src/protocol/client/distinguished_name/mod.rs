//! Distinguished names: the subject of a certificate, and the string that a client registers for it
//! (RFC 4514).
//!
//! Two names are the same if they have the same attributes in the same order. Of an attribute, the
//! object identifier counts and the text, in any type of string:
//!
//! | part | compared |
//! |---|---|
//! | relative names | one by one: a string has the last one of the certificate first (RFC 4514 §2.1), and no other order is tried |
//! | several attributes in one relative name | as a set |
//! | type | by its object identifier |
//! | text | without the case of ASCII letters; several spaces are one; spaces at the ends do not count |
//! | other letters, other white space, NUL | as they are |
//! | a value that is not a string | by its DER |

pub(super) mod attribute_types;
mod parse;
mod scan;

use self::parse::{ParseNameError, relative_names};
use crate::crypto::{self, AttributeValue, Certificate};

/// A name that can be compared: folded, and its sets in one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DistinguishedName {
    /// In the order of the certificate.
    relative_names: Vec<Vec<Attribute>>,
}

/// The content of an object identifier, and a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Attribute {
    oid: Box<[u8]>,
    value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Folded(String),
    Der(Box<[u8]>),
}

impl DistinguishedName {
    /// Reads a name of RFC 4514, and what RFC 2253 §4 also allows. It has at least one attribute.
    pub(crate) fn parse(text: &str) -> Result<Self, ParseNameError> {
        let mut parsed = relative_names(text)?;
        parsed.reverse();
        Ok(Self::new(parsed.into_iter().map(|attributes| {
            let attributes = attributes.into_iter();
            attributes
                .map(|(oid, value)| Attribute::new(oid, &value))
                .collect()
        })))
    }

    /// The subject of a certificate, which may be empty.
    pub(crate) fn of(certificate: &Certificate) -> Self {
        let subject = certificate.subject().iter();
        Self::new(subject.map(|attributes| {
            let attributes = attributes.iter();
            attributes
                .map(|crypto::Attribute { oid, value }| Attribute::new(oid.clone(), value))
                .collect()
        }))
    }

    /// The name without attributes.
    pub(super) const fn empty() -> Self {
        Self {
            relative_names: Vec::new(),
        }
    }

    /// Whether the string was probably written the other way round, as OpenSSL prints names unless it
    /// is told otherwise: with the country first, and the common name last.
    pub(super) fn seems_reversed(&self) -> bool {
        let has = |attributes: Option<&Vec<Attribute>>, name| {
            let oid = attribute_types::oid(name);
            attributes.is_some_and(|all| all.iter().any(|it| oid.as_ref() == Some(&it.oid)))
        };
        let written_first = self.relative_names.last();
        let written_last = self.relative_names.first();
        (has(written_first, "C") || has(written_first, "DC")) && has(written_last, "CN")
    }

    fn new(relative_names: impl Iterator<Item = Vec<Attribute>>) -> Self {
        let relative_names = relative_names.map(|mut attributes| {
            attributes.sort_unstable();
            attributes
        });
        Self {
            relative_names: relative_names.collect(),
        }
    }
}

impl Attribute {
    fn new(oid: Box<[u8]>, value: &AttributeValue) -> Self {
        let value = match value {
            AttributeValue::Text(text) => Value::Folded(folded(text)),
            AttributeValue::Other(der) => Value::Der(der.clone()),
        };
        Self { oid, value }
    }
}

/// A text as it is compared (RFC 4518 §2.6.1, for spaces and ASCII letters only).
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().map(|letter| letter.to_ascii_lowercase()));
    }
    folded
}

#[cfg(test)]
mod tests;

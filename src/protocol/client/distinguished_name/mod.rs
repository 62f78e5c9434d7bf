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

use std::iter;

use self::parse::{ParseNameError, relative_names};
use crate::crypto::{Attribute, AttributeValue, Certificate};

/// A name that can be compared: all that counts of it, in one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DistinguishedName(Vec<u8>);

/// A name as it was registered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ParsedName {
    pub(super) name: DistinguishedName,
    /// Whether the string was probably written the other way round, as OpenSSL prints names unless it
    /// is told otherwise: with the country first, and the common name last.
    pub(super) seems_reversed: bool,
}

impl ParsedName {
    /// Reads a name of RFC 4514, and what RFC 2253 §4 also allows. It has at least one attribute.
    pub(super) fn parse(text: &str) -> Result<Self, ParseNameError> {
        let written = relative_names(text)?;
        let in_order = written.iter().rev();
        let in_order = in_order.map(|set| {
            set.iter().map(|(oid, value)| Attribute {
                oid,
                value: value.clone(),
            })
        });
        let has = |set: Option<&Vec<_>>, name| {
            let oid = attribute_types::oid(name);
            set.is_some_and(|set| set.iter().any(|(own, _)| Some(own) == oid.as_ref()))
        };
        let (first, last) = (written.first(), written.last());
        Ok(Self {
            name: DistinguishedName::new(in_order),
            seems_reversed: (has(first, "C") || has(first, "DC")) && has(last, "CN"),
        })
    }
}

impl DistinguishedName {
    /// The subject of a certificate, which may be empty.
    pub(crate) fn of(certificate: &Certificate) -> Self {
        Self::new(certificate.subject())
    }

    /// The name without attributes.
    pub(super) fn empty() -> Self {
        Self::new(iter::empty::<iter::Empty<_>>())
    }

    /// From sets of attributes, in the order of the certificate.
    fn new<'a>(sets: impl Iterator<Item = impl ExactSizeIterator<Item = Attribute<'a>>>) -> Self {
        let mut text = Vec::with_capacity(256);
        for mut set in sets {
            text.extend(set.len().to_be_bytes());
            match (set.len(), set.next()) {
                (1, Some(attribute)) => push(&attribute, &mut text),
                (_, first) => {
                    let attributes = first.into_iter().chain(set).map(|attribute| {
                        let mut text = Vec::new();
                        push(&attribute, &mut text);
                        text
                    });
                    let mut attributes: Vec<_> = attributes.collect();
                    // In any order.
                    attributes.sort_unstable();
                    text.extend(attributes.into_iter().flatten());
                }
            }
        }
        Self(text)
    }
}

/// With the length of each part in front of it, so that no two attributes have the same text.
fn push(Attribute { oid, value }: &Attribute<'_>, to: &mut Vec<u8>) {
    to.extend(oid.len().to_be_bytes());
    to.extend(*oid);
    let len_at = to.len();
    to.extend(0_usize.to_be_bytes());
    let start = to.len();
    match value {
        AttributeValue::Text(text) => {
            to.push(b't');
            fold(text, to);
        }
        AttributeValue::Other(der) => {
            to.push(b'd');
            to.extend(&**der);
        }
    }
    let len = to.len() - start;
    to[len_at..start].copy_from_slice(&len.to_be_bytes());
}

/// A text as it is compared (RFC 4518 §2.6.1, for spaces and ASCII letters only).
fn fold(text: &str, to: &mut Vec<u8>) {
    let words = text.split(' ').filter(|word| !word.is_empty());
    for (at, word) in words.enumerate() {
        if at > 0 {
            to.push(b' ');
        }
        to.extend(word.bytes().map(|byte| byte.to_ascii_lowercase()));
    }
}

#[cfg(test)]
mod tests;

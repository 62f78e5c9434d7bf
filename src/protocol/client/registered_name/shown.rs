//! How the names of a certificate are shown to an operator who has to compare them.

use std::fmt;

use super::RegisteredName;
use crate::{
    crypto::{Attribute, AttributeValue, Certificate},
    protocol::{client::distinguished_name::attribute_types, quoted::SingleQuoted},
};

/// More than these are not shown.
const MAX_NAMES: usize = 4;

impl RegisteredName {
    /// The names of the certificate that are of the same kind, in one short line.
    pub(crate) fn own_kind_of(&self, certificate: &Certificate) -> String {
        let names = certificate.subject_alt_names();
        match self {
            Self::SubjectDn(_) => SingleQuoted(&subject(certificate)).to_string(),
            Self::SanDns(_) => list(&names.dns),
            Self::SanUri(_) => list(&names.uris),
            Self::SanIp(_) => list(&names.addresses),
            Self::SanEmail(_) => list(&names.emails),
        }
    }
}

fn list(names: &[impl fmt::Display]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let shown = names.iter().take(MAX_NAMES);
    let mut shown: Vec<_> = shown
        .map(|name| SingleQuoted(&name.to_string()).to_string())
        .collect();
    if names.len() > MAX_NAMES {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

/// The subject about as it would have to be registered (RFC 4514 §2): the last attribute first.
fn subject(certificate: &Certificate) -> String {
    let relative_names = certificate.subject().iter().rev();
    let relative_names: Vec<_> = relative_names
        .map(|attributes| {
            let attributes: Vec<_> = attributes.iter().map(attribute).collect();
            attributes.join("+")
        })
        .collect();
    relative_names.join(",")
}

fn attribute(Attribute { oid, value }: &Attribute) -> String {
    let name = attribute_types::shown(oid);
    match value {
        AttributeValue::Text(text) => {
            let mut shown = format!("{name}=");
            for character in text.chars() {
                if matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';') {
                    shown.push('\\');
                }
                shown.push(character);
            }
            shown
        }
        AttributeValue::Other(der) => {
            let hex = der.iter().map(|byte| format!("{byte:02x}"));
            format!("{name}=#{}", hex.collect::<String>())
        }
    }
}

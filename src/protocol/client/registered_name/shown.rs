//! How the names of a certificate are shown to an operator who has to compare them.

use std::fmt;

use super::RegisteredName;
use crate::{
    crypto::{Attribute, AttributeValue, Certificate, NameKind},
    protocol::{client::distinguished_name::attribute_types, quoted::SingleQuoted},
};

/// More than these are not shown.
const MAX_NAMES: usize = 4;

/// The alternative names of the certificate that are of the same kind, in one short line. For a subject, or without a
/// registered name, its DNS names.
pub(crate) fn names(certificate: &Certificate, registered: Option<&RegisteredName>) -> String {
    match registered {
        None | Some(RegisteredName::SubjectDn(_) | RegisteredName::SanDns(_)) => {
            list(certificate.texts(NameKind::Dns))
        }
        Some(RegisteredName::SanUri(_)) => list(certificate.texts(NameKind::Uri)),
        Some(RegisteredName::SanIp(_)) => list(certificate.addresses()),
        Some(RegisteredName::SanEmail(_)) => list(certificate.texts(NameKind::Email)),
    }
}

fn list(mut names: impl Iterator<Item = impl fmt::Display>) -> String {
    let shown = names.by_ref().take(MAX_NAMES);
    let mut shown: Vec<_> = shown
        .map(|name| SingleQuoted(&name.to_string()).to_string())
        .collect();
    if shown.is_empty() {
        return "none".to_owned();
    }
    if names.next().is_some() {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

/// More than is shown in quotes. A stranger chooses how long his subject is.
const MAX_SUBJECT: usize = 256;

/// The subject about as it would have to be registered (RFC 4514 §2): the last attribute first. Of a long one, only the
/// beginning.
pub(crate) fn subject(certificate: &Certificate) -> String {
    let mut shown = String::new();
    for attributes in certificate.subject().rev() {
        for (at, attribute) in attributes.enumerate() {
            if shown.len() > MAX_SUBJECT {
                return shown;
            }
            if !shown.is_empty() {
                shown.push(if at == 0 { ',' } else { '+' });
            }
            push(&attribute, &mut shown);
        }
    }
    shown
}

fn push(Attribute { oid, value }: &Attribute<'_>, shown: &mut String) {
    shown.push_str(&attribute_types::shown(oid));
    shown.push('=');
    match value {
        AttributeValue::Text(text) => {
            for character in text.chars().take(MAX_SUBJECT) {
                if matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';') {
                    shown.push('\\');
                }
                shown.push(character);
            }
        }
        AttributeValue::Other(der) => {
            shown.push('#');
            let hex = der.iter().take(MAX_SUBJECT);
            shown.extend(hex.map(|byte| format!("{byte:02x}")));
        }
    }
}

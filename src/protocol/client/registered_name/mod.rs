//! The one name that the certificate of a `tls_client_auth` client has (RFC 8705 §2.1.2).
//!
//! | member | what is the same |
//! |---|---|
//! | `tls_client_auth_subject_dn` | [`DistinguishedName`] says; never an alternative name |
//! | `tls_client_auth_san_dns` | any dNSName, without case. A `*` is a `*`, and a dot at the end is another name |
//! | `tls_client_auth_san_uri` | any uniformResourceIdentifier, byte for byte |
//! | `tls_client_auth_san_ip` | any iPAddress, by its octets: IPv4 is never IPv6 |
//! | `tls_client_auth_san_email` | any rfc822Name: what is before the `@` exactly, what follows it without case; never `emailAddress` of the subject |

mod decoys;
pub(crate) mod shown;

use std::{borrow::Cow, net::IpAddr};

use serde_json::{Map, Value};

use super::{
    distinguished_name::{DistinguishedName, ParsedName},
    keys::member,
    problem::{Found, kind},
};
use crate::{
    crypto::{Certificate, NameKind},
    protocol::{quoted::Quoted, uri},
};

const SUBJECT_DN: &str = "tls_client_auth_subject_dn";
const SAN_DNS: &str = "tls_client_auth_san_dns";
const SAN_URI: &str = "tls_client_auth_san_uri";
const SAN_IP: &str = "tls_client_auth_san_ip";
const SAN_EMAIL: &str = "tls_client_auth_san_email";

const MEMBERS: [&str; 5] = [SUBJECT_DN, SAN_DNS, SAN_URI, SAN_IP, SAN_EMAIL];

/// A registered name, ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RegisteredName {
    SubjectDn(DistinguishedName),
    SanDns(Box<str>),
    SanUri(Box<str>),
    SanIp(IpAddr),
    SanEmail(Box<str>),
}

impl RegisteredName {
    /// Reads the name from the metadata, which must have exactly one.
    pub(super) fn read(metadata: &Map<String, Value>, found: &mut Found) -> Option<Self> {
        let mut set = MEMBERS
            .into_iter()
            .filter_map(|name| Some((name, member(metadata, name)?)));
        let Some((name, value)) = set.next() else {
            found.problem(
                SUBJECT_DN,
                "`tls_client_auth` needs the name that the certificate has: add this member, or one \
                 of `tls_client_auth_san_dns`, `…_san_uri`, `…_san_ip` and `…_san_email` \
                 (RFC 8705 §2.1.2)",
            );
            return None;
        };
        let mut is_only = true;
        for (other, _) in set {
            let text = format!("`{name}` is also set: keep one of the two (RFC 8705 §2.1.2)");
            found.problem(other, text);
            is_only = false;
        }
        let Some(text) = value.as_str() else {
            let text = format!("it is {}: write the name as a string", kind(value));
            found.problem(name, text);
            return None;
        };
        match Self::parse(name, text) {
            Ok((registered, seems_reversed)) => {
                if seems_reversed {
                    found.warning(
                        name,
                        "it is probably the wrong way round: it starts with the last attribute of the \
                         certificate, as in CN=client,O=Example,C=DE (RFC 4514 §2.1)",
                    );
                }
                Some(registered).filter(|_| is_only)
            }
            Err(problem) => {
                found.problem(name, problem);
                None
            }
        }
    }

    /// Also returns whether it was probably written the wrong way round.
    fn parse(member: &str, text: &str) -> Result<(Self, bool), Cow<'static, str>> {
        let wrong = |instead| Err(format!("{} {instead}", Quoted(text)).into());
        let name = match member {
            SAN_DNS if !is_host(text) => wrong(
                "is not the name of a host: write only the name, such as client.example.org, in \
                 ASCII (xn--…)",
            ),
            SAN_DNS => Ok(Self::SanDns(text.into())),
            SAN_URI if !uri::is_absolute(text) => {
                wrong("is not a URI: write one such as https://client.example.org/ (RFC 3986)")
            }
            SAN_URI => Ok(Self::SanUri(text.into())),
            SAN_IP => match text.parse() {
                Ok(address) => Ok(Self::SanIp(address)),
                Err(_) => wrong(
                    "is not an IP address: write one such as 192.0.2.1 or 2001:db8::1, without a \
                     port, a prefix or brackets",
                ),
            },
            SAN_EMAIL if !is_mailbox(text) => wrong(
                "is not an email address: write only the address, such as client@example.org, in \
                 ASCII",
            ),
            SAN_EMAIL => Ok(Self::SanEmail(text.into())),
            _ => {
                return match ParsedName::parse(text) {
                    Ok(parsed) => Ok((Self::SubjectDn(parsed.name), parsed.seems_reversed)),
                    Err(error) => {
                        Err(format!("it is not a distinguished name (RFC 4514), {error}").into())
                    }
                };
            }
        };
        name.map(|name| (name, false))
    }

    /// The member that has it, and the registered text.
    pub(crate) fn registered<'m>(
        &self,
        metadata: &'m Map<String, Value>,
    ) -> (&'static str, Option<&'m str>) {
        let name = match self {
            Self::SubjectDn(_) => SUBJECT_DN,
            Self::SanDns(_) => SAN_DNS,
            Self::SanUri(_) => SAN_URI,
            Self::SanIp(_) => SAN_IP,
            Self::SanEmail(_) => SAN_EMAIL,
        };
        (name, metadata.get(name).and_then(Value::as_str))
    }

    /// Whether it is the subject, and not one of the alternative names.
    pub(crate) const fn is_subject(&self) -> bool {
        matches!(self, Self::SubjectDn(_))
    }

    /// Whether the certificate has this name.
    pub(crate) fn is_of(&self, certificate: &Certificate) -> bool {
        let texts = |kind, is: &dyn Fn(&str) -> bool| certificate.texts(kind).any(is);
        match self {
            Self::SubjectDn(name) => *name == DistinguishedName::of(certificate),
            Self::SanDns(name) => texts(NameKind::Dns, &|it| it.eq_ignore_ascii_case(name)),
            Self::SanUri(uri) => texts(NameKind::Uri, &|it| *it == **uri),
            Self::SanIp(address) => certificate.addresses().any(|it| it == *address),
            Self::SanEmail(email) => texts(NameKind::Email, &|it| is_same_mailbox(it, email)),
        }
    }
}

/// What a dNSName can have. `_` and `*` are not in the names of hosts, but in certificates.
fn is_host(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte))
}

/// Local-part and Domain (RFC 5321 §4.1.2), as far as a mistake would not be noticed: what is not an
/// address never is one of a certificate.
fn is_mailbox(text: &str) -> bool {
    let is_graphic = text.bytes().all(|byte| byte.is_ascii_graphic());
    let parts = text.rsplit_once('@');
    is_graphic
        && !text.contains(['<', '>'])
        && parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

/// RFC 5280 §7.5.
fn is_same_mailbox(one: &str, other: &str) -> bool {
    match (one.rsplit_once('@'), other.rsplit_once('@')) {
        (Some((local, domain)), Some((other_local, other_domain))) => {
            local == other_local && domain.eq_ignore_ascii_case(other_domain)
        }
        (None, _) | (_, None) => false,
    }
}

#[cfg(test)]
mod tests;

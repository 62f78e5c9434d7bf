//! `X-Forwarded-Client-Cert` of Envoy.
//!
//! 1. Elements are separated by commas, one for each proxy on the way. The last one is from the proxy in
//!    front of this server, and only that one counts.
//! 2. An element has pairs, separated by semicolons: a key, `=`, and a value. Keys have no case.
//! 3. A value in double quotes goes on to the next quote, in which a backslash takes the meaning of what
//!    follows. After it comes a separator or the end. Any other value goes on to the next separator, and
//!    has no quotes.
//! 4. `Cert` is percent-encoded PEM. Every other pair is ignored.
//!
//! The elements before the last may come from the client, if the proxy appends. They are held to the same
//! grammar, since a quote that is left open there would reach into the last.

use bytes::Bytes;

use super::{escaped, pem, problem::Flaw};

pub(super) fn read(value: &[u8]) -> Result<Bytes, Flaw> {
    let mut rest = value;
    let last = loop {
        let (element, after) = Element::read(rest)?;
        match after {
            Some(after) => rest = after,
            None => break element,
        }
    };
    match last {
        Element::NoCert => Err(Flaw::NoCert),
        Element::Cert(cert) => pem::only(&escaped::decode(cert)?),
        Element::RepeatedCert => Err(Flaw::RepeatedCert),
    }
}

/// What an element has of `Cert`. Its backslashes are left in: percent-encoded PEM has none.
#[derive(Clone, Copy)]
enum Element<'h> {
    NoCert,
    Cert(&'h [u8]),
    RepeatedCert,
}

impl<'h> Element<'h> {
    /// The first element, and what follows its comma. `None` if there is no comma.
    fn read(text: &'h [u8]) -> Result<(Self, Option<&'h [u8]>), Flaw> {
        let mut rest = text.trim_ascii_start();
        if matches!(rest, [] | [b',', ..]) {
            return Err(Flaw::EmptyElement);
        }
        let mut element = Self::NoCert;
        loop {
            let (key, value, after) = pair(rest).ok_or(Flaw::NotElements)?;
            if key.eq_ignore_ascii_case(b"Cert") {
                element = match element {
                    Self::NoCert => Self::Cert(value),
                    Self::Cert(_) | Self::RepeatedCert => Self::RepeatedCert,
                };
            }
            match after {
                [] => return Ok((element, None)),
                [b';', after @ ..] => rest = after,
                [b',', after @ ..] => return Ok((element, Some(after))),
                _ => return Err(Flaw::NotElements),
            }
        }
    }
}

/// The first pair, and what follows it.
fn pair(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let is_key = |&byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let key_len = text.iter().take_while(|byte| is_key(byte)).count();
    let (key, rest) = text.split_at(key_len);
    let rest = rest.strip_prefix(b"=").filter(|_| !key.is_empty())?;
    if let Some(quoted) = rest.strip_prefix(b"\"") {
        let end = closing_quote(quoted)?;
        return Some((key, &quoted[..end], &quoted[end + 1..]));
    }
    let ends = |byte: &u8| matches!(byte, b';' | b',');
    let (value, after) = rest.split_at(rest.iter().position(ends).unwrap_or(rest.len()));
    (!value.contains(&b'"')).then_some((key, value, after))
}

fn closing_quote(quoted: &[u8]) -> Option<usize> {
    let mut is_escaped = false;
    quoted.iter().position(|&byte| {
        let closes = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        closes
    })
}

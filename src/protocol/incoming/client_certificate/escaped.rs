//! Percent-encoding (RFC 3986 §2.1).

use std::borrow::Cow;

use super::problem::Flaw;

/// Undoes the encoding, once. Every other byte stands for itself, also a `+`: it is a digit of base64,
/// and not a space as in a form.
pub(super) fn decode(text: &[u8]) -> Result<Cow<'_, [u8]>, Flaw> {
    let Some(first) = memchr::memchr(b'%', text) else {
        return Ok(text.into());
    };
    let mut decoded = Vec::with_capacity(text.len());
    decoded.extend_from_slice(&text[..first]);
    let mut rest = &text[first..];
    while let [byte, after @ ..] = rest {
        rest = after;
        let byte = match byte {
            b'%' => {
                let [high, low, after @ ..] = rest else {
                    return Err(Flaw::BadEscape);
                };
                rest = after;
                digit(*high)? << 4 | digit(*low)?
            }
            &byte => byte,
        };
        decoded.push(byte);
    }
    Ok(decoded.into())
}

fn digit(byte: u8) -> Result<u8, Flaw> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        b'A'..=b'F' => Ok(byte - b'A' + 10),
        _ => Err(Flaw::BadEscape),
    }
}

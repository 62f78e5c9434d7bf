//! The encoding of names and values in a form, and of the halves of Basic credentials.

use std::{borrow::Cow, ops::Range};

use crate::protocol::{
    reason::RejectionReason,
    rejection::Rejection,
    wipe::{WipedBytes, WipedText},
};

/// Whether decoding could change anything.
pub(crate) fn is_encoded(bytes: &[u8]) -> bool {
    memchr::memchr2(b'%', b'+', bytes).is_some()
}

/// Undoes the encoding of one name or value.
pub(crate) fn decode(encoded: &[u8]) -> Result<WipedText, PercentError> {
    let mut decoded = WipedBytes::from(encoded);
    let len = decode_bytes(&mut decoded)?;
    decoded.truncate(len);
    decoded.into_text().ok_or(PercentError::NotUtf8)
}

/// Undoes the encoding as the URL standard does, which never fails: a `%` without two digits
/// stays, and what is not UTF-8 becomes U+FFFD.
pub(crate) fn decode_lossily(encoded: &str) -> Cow<'_, str> {
    if !is_encoded(encoded.as_bytes()) {
        return encoded.into();
    }
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        decoded.push(match (byte, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => {
                match (hex_digit(Some(*high)), hex_digit(Some(*low))) {
                    (Ok(high), Ok(low)) => {
                        rest = after;
                        high << 4 | low
                    }
                    _ => b'%',
                }
            }
            (&byte, _) => byte,
        });
    }
    String::from_utf8_lossy(&decoded).into_owned().into()
}

/// Undoes the encoding of a part of the text, and returns the range of the result. The
/// room that is left is zeroed: it could hold half a character.
pub(super) fn decode_in_place(
    text: &mut [u8],
    part: Range<usize>,
) -> Result<Range<usize>, PercentError> {
    let len = decode_bytes(&mut text[part.clone()])?;
    let decoded = part.start..part.start + len;
    if str::from_utf8(&text[decoded.clone()]).is_err() {
        return Err(PercentError::NotUtf8);
    }
    text[decoded.end..part.end].fill(0);
    Ok(decoded)
}

/// Decodes in place, which never takes more room, and returns the new length.
fn decode_bytes(text: &mut [u8]) -> Result<usize, PercentError> {
    let mut len = 0;
    let mut next = 0;
    while let Some(&byte) = text.get(next) {
        next += 1;
        text[len] = match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [text.get(next).copied(), text.get(next + 1).copied()];
                next += 2;
                hex_digit(digits[0])? << 4 | hex_digit(digits[1])?
            }
            byte => byte,
        };
        len += 1;
    }
    Ok(len)
}

fn hex_digit(byte: Option<u8>) -> Result<u8, PercentError> {
    match byte {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        Some(_) | None => Err(PercentError::BadEscape),
    }
}

/// Why a name or value does not decode.
// A word, as `RejectionReason` is.
#[repr(usize)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PercentError {
    /// A `%` without two hexadecimal digits.
    BadEscape,
    NotUtf8,
}

impl From<PercentError> for Rejection {
    fn from(error: PercentError) -> Self {
        match error {
            PercentError::BadEscape => RejectionReason::BadPercentEncoding.into(),
            PercentError::NotUtf8 => RejectionReason::FormNotUtf8.into(),
        }
    }
}

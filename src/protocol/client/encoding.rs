//! The text of a file: UTF-8 or UTF-16, with or without a byte order mark.
//!
//! JSON is UTF-8 without a mark (RFC 8259 §8.1), but editors and shells of Windows write
//! the others.

use std::ops::Deref;

use crate::protocol::wipe::{WipedBytes, WipedText};

/// The text of a file. It is wiped if it is a copy, since it has secrets in it.
pub(crate) enum Decoded<'f> {
    Same(&'f str),
    Copy(WipedText),
}

impl Deref for Decoded<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Same(text) => text,
            Self::Copy(text) => text,
        }
    }
}

/// Decodes a file.
///
/// # Errors
///
/// Says where it is not UTF-8, or not UTF-16.
pub(crate) fn decode(file: &[u8]) -> Result<Decoded<'_>, String> {
    match file {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            Err("it is UTF-32: save the file as UTF-8".into())
        }
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // JSON starts with a character of ASCII, and has no NUL.
        [1..=0xff, 0, ..] => utf16(file, u16::from_le_bytes),
        [0, 1..=0xff, ..] => utf16(file, u16::from_be_bytes),
        _ => decode_utf8(file).map(Decoded::Same),
    }
}

/// Decodes what can only be UTF-8, with or without a mark, which RFC 8259 §8.1 allows to ignore.
///
/// # Errors
///
/// Says where it is not UTF-8.
pub(super) fn decode_utf8(file: &[u8]) -> Result<&str, String> {
    match file {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest, 3),
        _ => utf8(file, 0),
    }
}

fn utf8(text: &[u8], skipped: usize) -> Result<&str, String> {
    str::from_utf8(text).map_err(|error| {
        let before = &text[..error.valid_up_to()];
        let line_start = before.iter().rposition(|&byte| byte == b'\n');
        let line = &before[line_start.map_or(0, |at| at + 1)..];
        // The first byte of each character.
        let columns = line.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        format!(
            "it is not UTF-8 at line {}, column {} (byte {}): save the file as UTF-8",
            lines(before),
            columns + 1,
            skipped + before.len() + 1,
        )
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Decoded<'static>, String> {
    let (units, rest) = bytes.as_chunks::<2>();
    // A unit is at most three bytes of UTF-8, so the text never moves while it grows.
    let mut text = WipedBytes::with_capacity(3 * units.len());
    for character in char::decode_utf16(units.iter().map(|it| unit(*it))) {
        let Ok(character) = character else {
            return Err(not_utf16(&text));
        };
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    match rest {
        [] => text
            .into_text()
            .map(Decoded::Copy)
            .ok_or_else(|| not_utf16(&[])),
        _ => Err(not_utf16(&text)),
    }
}

fn not_utf16(before: &[u8]) -> String {
    let line = lines(before);
    format!("it is not UTF-16 at line {line}: save the file as UTF-8")
}

fn lines(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    fn text(file: &[u8]) -> Result<String, String> {
        decode(file).map(|text| text.to_owned())
    }

    #[test]
    fn utf_8_and_utf_16_with_and_without_a_mark() {
        for json in ["[]", "[{\"client_name\": \"Ä € 𝄞\"}]\n", "{\"a\":1}"] {
            let marked = format!("\u{feff}{json}");
            for file in [
                json.as_bytes().to_vec(),
                marked.as_bytes().to_vec(),
                encoded(json, u16::to_le_bytes),
                encoded(json, u16::to_be_bytes),
                encoded(&marked, u16::to_le_bytes),
                encoded(&marked, u16::to_be_bytes),
            ] {
                assert_eq!(text(&file).as_deref(), Ok(json), "{file:02x?}");
            }
        }
        for empty in [&b""[..], b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"] {
            assert_eq!(text(empty).as_deref(), Ok(""), "{empty:02x?}");
        }
    }

    #[test]
    fn another_encoding_is_named_with_its_place() {
        for (file, says) in [
            (
                &b"[{\"client_name\": \"M\xfcller\"}]"[..],
                "not UTF-8 at line 1, column 20 (byte 20)",
            ),
            (
                b"[\n{\n  \"a\": \"\xe9\"}]",
                "not UTF-8 at line 3, column 9 (byte 13)",
            ),
            (
                b"[\n \"\xc3\xa9 \xe9\"]",
                "not UTF-8 at line 2, column 5 (byte 8)",
            ),
            (b"\xef\xbb\xbf[\"\x80\"]", "line 1, column 3 (byte 6)"),
            (b"[\"\xed\xa0\x80\"]", "not UTF-8 at line 1, column 3"),
            (b"\xff\xfe[\0\n\0\x00\xd8]\0", "not UTF-16 at line 2"),
            (b"\xff\xfe[\0]", "not UTF-16 at line 1"),
            (b"\xff\xfe\0\0[\0\0\0", "UTF-32"),
            (b"\0\0\xfe\xff\0\0\0[", "UTF-32"),
            (b"\x1f\x8b\x08", "not UTF-8 at line 1, column 2"),
        ] {
            let problem = text(file).expect_err("not decoded");
            assert!(problem.contains(says), "{problem}");
            assert!(problem.contains("UTF-8"), "{problem}");
        }
    }
}

//! The value of an attribute of a name, and the types of strings that it can have.
//!
//! | type | read as |
//! |---|---|
//! | UTF8String | UTF-8 |
//! | PrintableString, IA5String, NumericString, VisibleString | ASCII |
//! | TeletexString | Latin-1, which is what issuers put there |
//! | BMPString | UTF-16 |
//! | UniversalString | UTF-32 |
//! | any other type, or a string that is not what its type says | its bytes |

use std::borrow::Cow;

/// The value of an attribute. Strings of any type are equal if their text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AttributeValue<'a> {
    Text(Cow<'a, str>),
    /// DER
    Other(Cow<'a, [u8]>),
}

const UTF8_STRING: u8 = 12;
const NUMERIC_STRING: u8 = 18;
const PRINTABLE_STRING: u8 = 19;
const TELETEX_STRING: u8 = 20;
const IA5_STRING: u8 = 22;
const VISIBLE_STRING: u8 = 26;
const UNIVERSAL_STRING: u8 = 28;
const BMP_STRING: u8 = 30;

impl<'a> AttributeValue<'a> {
    /// Reads one value. BER also allows a length in more bytes than it needs. `None` if the bytes
    /// are less or more than one value.
    pub(crate) fn from_ber(bytes: &'a [u8]) -> Option<Self> {
        let (&tag, rest) = bytes.split_first()?;
        let content = content(rest)?;
        // A tag in several bytes. No attribute has one.
        if tag & 0x1f == 0x1f {
            return None;
        }
        if let Some(text) = text(tag, content) {
            return Some(Self::Text(text));
        }
        let has_shortest_length = head_len(content.len()) + content.len() == bytes.len();
        Some(Self::Other(match has_shortest_length {
            true => bytes.into(),
            false => der(tag, content).into(),
        }))
    }

    /// Reads one value as DER, whose lengths have one form.
    pub(super) fn from_der(bytes: &'a [u8]) -> Option<Self> {
        let content = content(bytes.get(1..)?)?;
        let is_der = head_len(content.len()) + content.len() == bytes.len();
        is_der.then(|| Self::from_ber(bytes)).flatten()
    }

    pub(crate) fn into_owned(self) -> AttributeValue<'static> {
        match self {
            Self::Text(text) => AttributeValue::Text(text.into_owned().into()),
            Self::Other(der) => AttributeValue::Other(der.into_owned().into()),
        }
    }
}

/// What follows the length, which must be all that there is.
fn content(bytes: &[u8]) -> Option<&[u8]> {
    const LONG: u8 = 0x80;
    let (&first, rest) = bytes.split_first()?;
    let (len, content) = if first < LONG {
        (usize::from(first), rest)
    } else {
        let (digits, content) = rest.split_at_checked(usize::from(first - LONG))?;
        // Without any digit, the length is indefinite.
        let is_length = !digits.is_empty() && digits.len() <= 4;
        let push = |len: u64, &digit: &u8| (len << 8) | u64::from(digit);
        let len = is_length.then(|| digits.iter().fold(0, push))?;
        (len.try_into().ok()?, content)
    };
    (content.len() == len).then_some(content)
}

/// The number of bytes of tag and length, if the length is in as few bytes as it needs.
const fn head_len(content_len: usize) -> usize {
    match content_len {
        0..0x80 => 2,
        // A `usize` has at most 8 bytes.
        len => 2 + (usize::BITS - len.leading_zeros()).div_ceil(8) as usize,
    }
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let digits = len.to_be_bytes();
    let zeros = len.leading_zeros() as usize / 8;
    let digits = &digits[zeros..];
    let mut der = vec![tag];
    match u8::try_from(len) {
        Ok(short @ ..0x80) => der.push(short),
        // A `usize` has at most 8 bytes.
        Ok(_) | Err(_) => {
            der.push(0x80 | digits.len() as u8);
            der.extend(digits);
        }
    }
    der.extend(content);
    der
}

/// `None` if it is not a string, or not what its type says.
fn text(tag: u8, content: &[u8]) -> Option<Cow<'_, str>> {
    let utf8 = || str::from_utf8(content).ok().map(Cow::Borrowed);
    match tag {
        UTF8_STRING => utf8(),
        NUMERIC_STRING | PRINTABLE_STRING | IA5_STRING | VISIBLE_STRING => {
            utf8().filter(|_| content.is_ascii())
        }
        TELETEX_STRING => Some(content.iter().copied().map(char::from).collect()),
        BMP_STRING => {
            let (units, rest) = content.as_chunks();
            let units = units.iter().copied().map(u16::from_be_bytes);
            let text: Result<_, _> = char::decode_utf16(units).collect();
            text.ok().filter(|_| rest.is_empty())
        }
        UNIVERSAL_STRING => {
            let (units, rest) = content.as_chunks();
            let mut units = units.iter().copied().map(u32::from_be_bytes);
            let text: Option<_> = units.by_ref().map(char::from_u32).collect();
            text.filter(|_| rest.is_empty())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> String {
        match AttributeValue::from_ber(bytes) {
            None => "none".into(),
            Some(AttributeValue::Text(text)) => format!("{text:?}"),
            Some(AttributeValue::Other(der)) => format!("{der:02x?}"),
        }
    }

    #[test]
    fn strings_are_their_text_and_other_values_their_der() {
        for (bytes, expected) in [
            (&b"\x0c\x02\xc3\xa9"[..], "\"é\""),
            (b"\x0c\x01\xe9", "[0c, 01, e9]"),
            (b"\x12\x0212", "\"12\""),
            (b"\x13\x01a", "\"a\""),
            // Not in its alphabet, but common.
            (b"\x13\x03a@*", "\"a@*\""),
            (b"\x13\x01\xe9", "[13, 01, e9]"),
            (b"\x14\x01\xe9", "\"é\""),
            (b"\x16\x01a", "\"a\""),
            (b"\x16\x01\xe9", "[16, 01, e9]"),
            (b"\x1a\x01a", "\"a\""),
            (b"\x1c\x04\0\0\0\xe9", "\"é\""),
            (b"\x1c\x04\0\0\xd8\0", "[1c, 04, 00, 00, d8, 00]"),
            (b"\x1c\x03\0\0\xe9", "[1c, 03, 00, 00, e9]"),
            (b"\x1e\x02\0\xe9", "\"é\""),
            (b"\x1e\x04\xd8\x3d\xde\x00", "\"😀\""),
            (b"\x1e\x02\xd8\x3d", "[1e, 02, d8, 3d]"),
            (b"\x1e\x03\0\xe9\0", "[1e, 03, 00, e9, 00]"),
            (b"\x0c\0", "\"\""),
            (b"\x0c\x03a\0b", "\"a\\0b\""),
            // Neither is a string: an INTEGER, a constructed string, a GeneralizedTime
            (b"\x02\x01\x05", "[02, 01, 05]"),
            (b"\x2c\x03\x0c\x01a", "[2c, 03, 0c, 01, 61]"),
            (b"\x18\x01a", "[18, 01, 61]"),
            // BER allows a longer length.
            (b"\x0c\x81\x01a", "\"a\""),
            (b"\x02\x82\0\x01\x05", "[02, 01, 05]"),
            (b"\x0c\x84\0\0\0\x01a", "\"a\""),
            (b"\x0c\x85\0\0\0\0\x01a", "none"),
            // Less or more than one value.
            (b"", "none"),
            (b"\x0c", "none"),
            (b"\x0c\x02a", "none"),
            (b"\x0c\x01ab", "none"),
            (b"\x0c\x81", "none"),
            (b"\x0c\x80a\0\0", "none"),
            (b"\x0c\xffa", "none"),
            (b"\x0c\x84\xff\xff\xff\xffa", "none"),
            (b"\x1f\x20\x01a", "none"),
        ] {
            assert_eq!(shown(bytes), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn der_has_one_form_of_each_length() {
        for len in [0, 1, 127, 128, 255, 256, 65535, 65536] {
            let bytes = der(UTF8_STRING, &vec![b'a'; len]);
            let expected = Some(AttributeValue::Text("a".repeat(len).into()));
            assert_eq!(AttributeValue::from_der(&bytes), expected, "{len}");
        }
        for longer in [&b"\x0c\x81\x01a"[..], b"\x0c\x82\0\x01a"] {
            assert!(AttributeValue::from_ber(longer).is_some());
            assert_eq!(AttributeValue::from_der(longer), None);
        }
    }
}

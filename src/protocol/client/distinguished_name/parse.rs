//! Reads the string of a distinguished name.
//!
//! | part | rule |
//! |---|---|
//! | separators | `,` or `;` between relative names, `+` in one, with spaces around them (RFC 4514 §3, RFC 2253 §4) |
//! | type | a name, or an object identifier, also after `OID.` |
//! | value | as it is, with `\` in front of what has a meaning, or of two hexadecimal digits: bytes of UTF-8 (RFC 4514 §2.4) |
//! | value in quotes | everything up to the next `"`, with the same escapes; `""` is one `"`, as .NET writes it |
//! | value after `#` | hexadecimal digits: one value in BER |

use std::fmt;

use super::{attribute_types, scan::Scan};
use crate::{crypto::AttributeValue, protocol::quoted::Quoted};

/// Longer than the name of any certificate of 16 KiB, with every byte as an escape.
const MAX_LEN: usize = 64 * 1024;

/// Error returned when a string is not a distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParseNameError {
    /// The number of characters in front of the wrong one.
    position: usize,
    problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    TooLong,
    NoType,
    Slashes,
    Label,
    UnknownType(String),
    NoEquals,
    Unescaped(char),
    Nul,
    Escape,
    NotUtf8,
    NoEndQuote,
    AfterQuote,
    Hex,
    NotBer,
}

impl ParseNameError {
    const fn new(position: usize, problem: Problem) -> Self {
        Self { position, problem }
    }
}

/// One line, which says where and what to write.
impl fmt::Display for ParseNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at character {}: ", self.position + 1)?;
        match &self.problem {
            Problem::TooLong => f.write_str("it is longer than 64 KiB"),
            Problem::NoType => f.write_str("an attribute is missing: write one such as CN=client"),
            Problem::Slashes => f.write_str(
                "it starts with `/`: separate the attributes with `,`, the last one of the \
                 certificate first, as in CN=client,O=Example",
            ),
            Problem::Label => f.write_str("remove the label in front of the name"),
            Problem::UnknownType(name) => write!(
                f,
                "no attribute has the name {}: write its object identifier, such as 2.5.4.3",
                Quoted(name)
            ),
            Problem::NoEquals => f.write_str(
                "write `=` and a value after the attribute's name, and `\\,` for a `,` in a value",
            ),
            Problem::Unescaped(c) => write!(f, "write `\\{c}` for a `{c}` in a value"),
            Problem::Nul => f.write_str("write `\\00` for a NUL"),
            Problem::Escape => f.write_str(
                "after `\\`, write a special character or two hexadecimal digits, and `\\\\` for \
                 one `\\`",
            ),
            Problem::NotUtf8 => f.write_str("the bytes of the value are not UTF-8"),
            Problem::NoEndQuote => f.write_str("the closing `\"` of this value is missing"),
            Problem::AfterQuote => f.write_str("after the closing `\"`, write `,` or `+`"),
            Problem::Hex => f.write_str("after `#`, write pairs of hexadecimal digits"),
            Problem::NotBer => {
                f.write_str("the digits after `#` are not one value in BER (RFC 4514 §2.4)")
            }
        }
    }
}

type Attribute = (Box<[u8]>, AttributeValue<'static>);

/// The relative names in the order of the string. There is at least one, and none is empty.
pub(super) fn relative_names(text: &str) -> Result<Vec<Vec<Attribute>>, ParseNameError> {
    if text.len() > MAX_LEN {
        return Err(ParseNameError::new(0, Problem::TooLong));
    }
    let mut scan = Scan::new(text);
    let mut names = vec![vec![attribute(&mut scan)?]];
    while let Some(separator) = scan.peek() {
        let position = scan.position();
        scan.next();
        let in_same = separator == '+';
        if !in_same && !is_separator(separator) {
            return Err(ParseNameError::new(position, Problem::AfterQuote));
        }
        let attribute = attribute(&mut scan)?;
        match names.last_mut().filter(|_| in_same) {
            Some(last) => last.push(attribute),
            None => names.push(vec![attribute]),
        }
    }
    Ok(names)
}

const fn is_separator(c: char) -> bool {
    matches!(c, ',' | ';')
}

/// Reads one attribute and the spaces around it.
fn attribute(scan: &mut Scan<'_>) -> Result<Attribute, ParseNameError> {
    scan.skip_spaces();
    let start = scan.position();
    let name = scan.take_while(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    let after_name = scan.position();
    scan.skip_spaces();
    if name.is_empty() {
        let problem = match scan.peek() {
            Some('/') if start == 0 => Problem::Slashes,
            Some(_) | None => Problem::NoType,
        };
        return Err(ParseNameError::new(start, problem));
    }
    let is_label = ["subject", "issuer", "DN"]
        .iter()
        .any(|label| start == 0 && label.eq_ignore_ascii_case(name));
    if is_label {
        return Err(ParseNameError::new(start, Problem::Label));
    }
    if scan.next_if(|c| c == '=').is_none() {
        return Err(ParseNameError::new(after_name, Problem::NoEquals));
    }
    let unknown = || ParseNameError::new(start, Problem::UnknownType(name.to_owned()));
    let oid = attribute_types::oid(name).ok_or_else(unknown)?;
    scan.skip_spaces();
    let value = match scan.peek() {
        Some('#') => hexadecimal(scan)?,
        Some('"') => AttributeValue::Text(quoted(scan)?.into()),
        Some(_) | None => AttributeValue::Text(unquoted(scan)?.into()),
    };
    Ok((oid, value))
}

/// Up to the next separator. Spaces at its ends do not count, so they may stay.
fn unquoted(scan: &mut Scan<'_>) -> Result<String, ParseNameError> {
    let start = scan.position();
    let mut bytes = Vec::new();
    while let Some(c) = scan.next_if(|c| c != '+' && !is_separator(c)) {
        let here = || scan.position() - 1;
        match c {
            '\\' => escaped(scan, &mut bytes)?,
            '"' | '<' | '>' => return Err(ParseNameError::new(here(), Problem::Unescaped(c))),
            '\0' => return Err(ParseNameError::new(here(), Problem::Nul)),
            _ => push(c, &mut bytes),
        }
    }
    text(bytes, start)
}

/// RFC 2253 §4. RFC 4514 has no quotes, but what prints names still does.
fn quoted(scan: &mut Scan<'_>) -> Result<String, ParseNameError> {
    let start = scan.position();
    scan.next();
    let mut bytes = Vec::new();
    loop {
        match scan.next() {
            None => return Err(ParseNameError::new(start, Problem::NoEndQuote)),
            Some('\\') => escaped(scan, &mut bytes)?,
            Some('"') if scan.next_if(|c| c == '"').is_none() => break,
            Some('\0') => return Err(ParseNameError::new(scan.position() - 1, Problem::Nul)),
            Some(c) => push(c, &mut bytes),
        }
    }
    scan.skip_spaces();
    text(bytes, start)
}

/// What follows a `\`.
fn escaped(scan: &mut Scan<'_>, bytes: &mut Vec<u8>) -> Result<(), ParseNameError> {
    const MEANT: &str = " \"#+,;<=>\\";
    let error = ParseNameError::new(scan.position() - 1, Problem::Escape);
    if let Some(c) = scan.next_if(|c| MEANT.contains(c)) {
        push(c, bytes);
        return Ok(());
    }
    let byte = digit(scan).and_then(|high| Some(high << 4 | digit(scan)?));
    bytes.push(byte.ok_or(error)?);
    Ok(())
}

fn digit(scan: &mut Scan<'_>) -> Option<u8> {
    let digit = scan.next_if(|c| c.is_ascii_hexdigit())?.to_digit(16)?;
    digit.try_into().ok()
}

fn push(c: char, bytes: &mut Vec<u8>) {
    bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
}

fn text(bytes: Vec<u8>, start: usize) -> Result<String, ParseNameError> {
    let text = String::from_utf8(bytes);
    text.map_err(|_| ParseNameError::new(start, Problem::NotUtf8))
}

/// `#` and the digits of a value in BER.
fn hexadecimal(scan: &mut Scan<'_>) -> Result<AttributeValue<'static>, ParseNameError> {
    let start = scan.position();
    scan.next();
    let mut bytes = Vec::new();
    while let Some(high) = digit(scan) {
        let position = scan.position();
        let low = digit(scan).ok_or(ParseNameError::new(position, Problem::Hex))?;
        bytes.push(high << 4 | low);
    }
    scan.skip_spaces();
    let ends = scan.peek().is_none_or(|c| c == '+' || is_separator(c));
    if bytes.is_empty() || !ends {
        return Err(ParseNameError::new(scan.position(), Problem::Hex));
    }
    let value = AttributeValue::from_ber(&bytes).map(AttributeValue::into_owned);
    value.ok_or(ParseNameError::new(start, Problem::NotBer))
}

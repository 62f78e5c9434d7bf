//! Forms, read once and kept as ranges of the body.

use std::ops::Range;

use bytes::Bytes;

/// The parameters of a body. Those without a value are left out (RFC 6749 §3.2).
pub(crate) struct Parameters {
    text: Bytes,
    pairs: Vec<Pair>,
}

struct Pair {
    name: Range<usize>,
    value: Range<usize>,
}

/// More parameters than any grant has. It bounds the search for one that is there twice.
const MAX_PARAMETERS: usize = 32;
/// As many as most grants have.
const USUAL_PARAMETERS: usize = 6;

impl Parameters {
    /// `None` for bad escapes, bad UTF-8, a parameter twice, and too many.
    pub(super) fn parse(body: &Bytes) -> Option<Self> {
        std::str::from_utf8(body).ok()?;
        let mut decoded = is_encoded(body).then(|| body.to_vec());
        let mut pairs: Vec<Pair> = Vec::with_capacity(USUAL_PARAMETERS);
        let mut start = 0;
        for pair in body.split(|&byte| byte == b'&') {
            let end = start + pair.len();
            let equals = pair.iter().position(|&byte| byte == b'=');
            let name_end = equals.map_or(end, |at| start + at);
            let mut name = start..name_end;
            let mut value = (name_end + 1).min(end)..end;
            start = end + 1;
            if let Some(decoded) = &mut decoded {
                for part in [&mut name, &mut value] {
                    part.end = part.start + decode(&mut decoded[part.clone()])?.len();
                }
            }
            let text = decoded.as_deref().unwrap_or(body);
            let is_known = |known: &Pair| text[known.name.clone()] == text[name.clone()];
            if pairs.len() == MAX_PARAMETERS || pairs.iter().any(is_known) {
                return None;
            }
            if !value.is_empty() {
                pairs.push(Pair { name, value });
            }
        }
        let text = decoded.map_or_else(|| body.clone(), Bytes::from);
        Some(Self { text, pairs })
    }

    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        let value = &self.pairs[self.position(name)?].value;
        Some(&self.text[value.clone()])
    }

    /// Leaves a parameter out of those that the inner service gets.
    pub(super) fn remove(&mut self, name: &str) {
        if let Some(position) = self.position(name) {
            self.pairs.remove(position);
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        let is_named = |pair: &Pair| self.text[pair.name.clone()] == *name.as_bytes();
        self.pairs.iter().position(is_named)
    }
}

fn is_encoded(text: &[u8]) -> bool {
    memchr::memchr2(b'%', b'+', text).is_some()
}

/// Undoes the encoding of a name or a value in place, which never makes it longer. `None` for a bad
/// escape and for bad UTF-8.
pub(super) fn decode(text: &mut [u8]) -> Option<&str> {
    let mut length = text.len();
    if is_encoded(text) {
        length = 0;
        let mut next = 0;
        while next < text.len() {
            let byte = match text[next] {
                b'+' => b' ',
                b'%' => {
                    let digits = text.get(next + 1..next + 3)?;
                    next += 2;
                    hex_digit(digits[0])? << 4 | hex_digit(digits[1])?
                }
                byte => byte,
            };
            text[length] = byte;
            length += 1;
            next += 1;
        }
    }
    std::str::from_utf8(&text[..length]).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

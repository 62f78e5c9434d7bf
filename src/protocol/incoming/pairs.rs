//! The pairs of a form, which are also those of a query.

use std::{iter, ops::Range};

/// Where the names and values are, each still encoded. Empty pairs are skipped.
pub(crate) fn split(encoded: &[u8]) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let mut start = 0;
    iter::from_fn(move || {
        let rest = encoded.get(start..)?;
        let end = start + memchr::memchr(b'&', rest).unwrap_or(rest.len());
        let pair = start..end;
        start = end + 1;
        Some(pair)
    })
    .filter(|pair| !pair.is_empty())
    .map(|pair| {
        // Names are short: looking at each byte is faster than starting a search.
        let equals = encoded[pair.clone()].iter().position(|&byte| byte == b'=');
        match equals.map(|at| pair.start + at) {
            Some(equals) => (pair.start..equals, equals + 1..pair.end),
            None => (pair.clone(), pair.end..pair.end),
        }
    })
}

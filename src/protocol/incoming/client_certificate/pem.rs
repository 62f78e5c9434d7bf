//! Certificates in PEM (RFC 7468 §5), stricter than the RFC asks of a reader:
//!
//! - The text starts with `-----BEGIN CERTIFICATE-----`, and each block ends with
//!   `-----END CERTIFICATE-----`. There is nothing before, between and after the blocks, and no other label.
//! - A line ends with LF or with CR LF. Only the last one may have no end.
//! - Between the two are lines of base64 of any length, but not empty, and without spaces. Together they
//!   are one text of base64 with its padding at the end: so whoever joins the lines, and whoever reads
//!   line by line, finds the same certificate or none.

use bytes::Bytes;

use super::{
    base64::{self, MAX_TEXT},
    problem::Flaw,
};

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// The certificate of the only block.
pub(super) fn only(text: &[u8]) -> Result<Bytes, Flaw> {
    match block(text)? {
        Some((certificate, [])) => Ok(certificate),
        Some(_) | None => Err(Flaw::NotOneBlock),
    }
}

/// The certificate of the first block. Those after it have to be blocks as well.
pub(super) fn first(text: &[u8]) -> Result<Bytes, Flaw> {
    let (certificate, mut rest) = block(text)?.ok_or(Flaw::NotAChain)?;
    while !rest.is_empty() {
        (_, rest) = block(rest)?.ok_or(Flaw::NotAChain)?;
    }
    Ok(certificate)
}

/// A block, and what follows it. `None` if it is not one.
fn block(text: &[u8]) -> Result<Option<(Bytes, &[u8])>, Flaw> {
    let (begin, mut rest) = line(text);
    if begin != BEGIN {
        return Ok(None);
    }
    let mut encoded = Vec::with_capacity(rest.len().min(MAX_TEXT));
    loop {
        let (line, after) = line(rest);
        rest = after;
        match line {
            // Also where the text ends without an end of the block.
            [] => return Ok(None),
            END => break,
            line if encoded.len() + line.len() > MAX_TEXT => return Err(Flaw::CertificateTooLong),
            line => encoded.extend_from_slice(line),
        }
    }
    Ok(Some((base64::decode(&encoded)?, rest)))
}

/// The first line without its end, and what follows it.
fn line(text: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'\n', text) {
        Some(end) => {
            let line = &text[..end];
            (line.strip_suffix(b"\r").unwrap_or(line), &text[end + 1..])
        }
        None => (text, &[]),
    }
}

//! `X-Forwarded-Tls-Client-Cert` of Traefik's middleware `PassTLSClientCert`, with `pem: true`.
//!
//! It is PEM without its first and last line and without ends of lines, so it is base64; the chain of the
//! client is joined by commas. Before 2.9.4, Traefik percent-encodes each certificate.

use bytes::Bytes;

use super::{base64, escaped, problem::Flaw};

/// The first of the chain is that of the client (RFC 8446 §4.4.2). Those after it have to be certificates as
/// well. The commas are found before anything is decoded: Traefik never encodes them.
pub(super) fn read(value: &[u8]) -> Result<Bytes, Flaw> {
    let mut chain = value
        .split(|&byte| byte == b',')
        .map(|element| match element {
            [] => Err(Flaw::EmptyElement),
            element => base64::decode(&escaped::decode(element)?),
        });
    let first = chain.next().unwrap_or(Err(Flaw::EmptyElement))?;
    chain.try_for_each(|other| other.map(drop))?;
    Ok(first)
}

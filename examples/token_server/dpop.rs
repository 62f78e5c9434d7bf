//! `--dpop-nonces`, `--dpop-nonce-secret` and `--dpop-required`: which DPoP proofs are accepted, and
//! when one is needed (RFC 9449).

use tower_token_endpoint::dpop::{Dpop, DpopNonces};

pub(crate) const NONCES: &str = "--dpop-nonces";
pub(crate) const NONCE_SECRET: &str = "--dpop-nonce-secret";
pub(crate) const REQUIRED: &str = "--dpop-required";

/// The settings that the flags make. Proofs are always accepted.
pub(crate) fn settings(nonces: bool, secrets: &[String], required: bool) -> Result<Dpop, String> {
    // What is not required here may be required by the profile.
    let dpop = match required {
        true => Dpop::new().required(true),
        false => Dpop::new(),
    };
    let (mut keys, mut problems) = (Vec::new(), Vec::new());
    for (nth, secret) in (1..).zip(secrets) {
        match key(secret) {
            Some(key) => keys.push(key),
            // Nearly right may be nearly the secret, so the message does not repeat it.
            None => problems.push(format!(
                "{NONCE_SECRET}, number {nth}: must be 64 hexadecimal digits, as `openssl rand -hex 32` prints"
            )),
        }
    }
    Ok(match (&*keys, nonces) {
        _ if !problems.is_empty() => return Err(problems.join("\n")),
        ([], false) => dpop,
        ([], true) => dpop.nonces(DpopNonces::random()),
        (_, _) => dpop.nonces(DpopNonces::from_secrets(keys)),
    })
}

fn key(hex: &str) -> Option<[u8; 32]> {
    let digit = |digit: &u8| u8::try_from(char::from(*digit).to_digit(16)?).ok();
    let digits: Option<Vec<u8>> = hex.as_bytes().iter().map(digit).collect();
    let digits: [u8; 64] = digits?.try_into().ok()?;
    let (pairs, _) = digits.as_chunks();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    bytes.try_into().ok()
}

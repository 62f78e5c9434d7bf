//! The canary, and where it may not be.

use std::fmt::Debug;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::common::form_encode;

/// Part of every secret, and the same in every encoding of the form.
pub(crate) const CANARY: &str = "c4n4ry";
/// Secrets that change by decoding.
pub(crate) const RIGHT: &str = "+c4n4ryR1ght%2B";
pub(crate) const WRONG: &str = "+c4n4ryWr0ng%2B";
/// Long enough for HS256.
pub(crate) const HMAC_SECRET: &str = "c4n4ry, and more than thirty-two bytes of it";

/// Finds the canary in every form in which it could leak.
pub(crate) fn assert_silent(place: &str, text: &str) {
    static NEEDLES: LazyLock<Vec<String>> = LazyLock::new(needles);
    for needle in &*NEEDLES {
        assert!(!text.contains(needle), "{needle} in {place}: {text}");
    }
}

fn needles() -> Vec<String> {
    let digest: [u8; 32] = Sha256::digest(RIGHT).into();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut needles = vec![
        CANARY.to_owned(),
        hex.to_uppercase(),
        hex,
        STANDARD.encode(digest),
        format!("{:?}", &digest[..4]).replace(']', ","),
        format!("{:#?}", &digest[..4]).replace("\n]", ""),
    ];
    for word in digest.chunks_exact(8) {
        let word = word.try_into().expect("eight bytes");
        needles.push(u64::from_le_bytes(word).to_string());
        needles.push(u64::from_be_bytes(word).to_string());
    }
    for secret in [RIGHT, WRONG] {
        for secret in [secret.to_owned(), form_encode(secret)] {
            let token = STANDARD.encode(format!("basic:{secret}"));
            needles.extend([STANDARD.encode(secret), token]);
        }
    }
    needles
}

pub(crate) fn assert_debug_silent(place: &str, value: &dyn Debug) {
    // What shows nothing at all would also show no secret.
    assert!(!format!("{value:?}").is_empty(), "{place}");
    assert_silent(place, &format!("{value:?}"));
    assert_silent(place, &format!("{value:#?}"));
}

//! Whatever a text is: reading it never panics, and what was read can be computed.

use proptest::prelude::*;

use super::{PasswordHash, VECTORS};
use crate::crypto::password_hash::limits::HashLimits;

/// Small enough to compute many.
fn small() -> HashLimits {
    HashLimits::new()
        .argon2_memory(256)
        .argon2_passes(3)
        .argon2_lanes(16)
        .bcrypt_cost(5)
        .pbkdf2_rounds(2000)
}

fn check(text: &str, presented: &[u8]) {
    let read = PasswordHash::parse(text, &HashLimits::new());
    if let Err(error) = &read {
        let error = error.to_string();
        assert!(error.lines().count() == 1 && error.len() < 400, "{error}");
    }
    let Ok(hash) = PasswordHash::parse(text, &small()) else {
        return;
    };
    assert!(read.is_ok(), "{text}");
    assert!(!hash.kind().contains('$'));
    hash.verify(presented)
        .expect("what was read can be computed");
    let (decoy, _) = PasswordHash::decoy(text).expect("a decoy of what was read");
    assert_eq!(decoy.kind(), hash.kind());
}

/// Pieces of hashes, from which most texts nearly are one.
const PIECES: [&str; 30] = [
    "$",
    "$argon2id$",
    "$argon2i$",
    "$argon2d$",
    "$2a$",
    "$2b$",
    "$2y$",
    "$2x$",
    "$pbkdf2-sha256$",
    "$pbkdf2-sha512$",
    "v=19",
    "v=16",
    "v=",
    "m=8",
    "m=64",
    "m=4294967295",
    "t=1",
    "t=0",
    "p=1",
    "p=2",
    "p=4294967295",
    ",",
    "i=1",
    "i=1000",
    "l=32",
    "04$",
    "31$",
    "MDEyMzQ1Njc4OWFiY2RlZg",
    "TkhJ4rQep9OyHyYjDf4OuuMPozovcLiMlbimeF714Gw",
    "é",
];

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), presented in any::<Vec<u8>>()) {
        check(&text, &presented);
    }

    #[test]
    fn any_pieces_of_a_hash_are_read_or_refused(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..14),
        presented in any::<Vec<u8>>(),
    ) {
        check(&pieces.concat(), &presented);
    }

    #[test]
    fn any_parameters_are_read_or_refused(
        (m, t, p) in (0_u32..300, 0_u32..5, 0_u32..20),
        (rounds, cost) in (0_u32..2100, 0_u32..8),
        output in 0_usize..70,
        presented in any::<Vec<u8>>(),
    ) {
        let base64 = |len: usize| "A".repeat((len * 4).div_ceil(3));
        let (salt, output) = (base64(16), base64(output));
        for name in ["argon2id", "argon2i", "argon2d"] {
            check(&format!("${name}$v=19$m={m},t={t},p={p}${salt}${output}"), &presented);
        }
        for name in ["pbkdf2-sha256", "pbkdf2-sha512"] {
            check(&format!("${name}$i={rounds}${salt}${output}"), &presented);
            check(&format!("${name}${rounds}${salt}${output}"), &presented);
        }
        check(&format!("$2b${cost:02}${}", ".".repeat(53)), &presented);
    }

    #[test]
    fn a_changed_hash_is_read_or_refused(
        at in any::<prop::sample::Index>(),
        of in any::<prop::sample::Index>(),
        to in any::<char>(),
        presented in any::<Vec<u8>>(),
    ) {
        let (_, text) = VECTORS[of.index(VECTORS.len())];
        let mut changed: Vec<char> = text.chars().collect();
        let at = at.index(changed.len());
        changed[at] = to;
        check(&changed.into_iter().collect::<String>(), &presented);
    }
}

//! `client_secret_basic` and `client_secret_post`: the secret must be one of the client's.

use std::{cell::OnceCell, time::SystemTime};

use subtle::Choice;

use crate::protocol::{
    candidate::Candidate, client_secret::ClientSecret, proof::Proof, reason::RejectionReason,
    secret::SecretDigest,
};

/// Compares the presented secret with every secret of the client, and with those of the
/// decoy that fill up their number, without stopping at a match.
///
/// Slow hashes were computed before: `checked` has the results, in the order of the secrets.
#[inline]
pub(super) fn check(
    candidate: &Candidate<'_>,
    presented: &str,
    checked: &mut impl Iterator<Item = bool>,
    now: impl Fn() -> SystemTime,
) -> Result<Proof, RejectionReason> {
    // Hashed once, and not at all if every secret has a hash of its own.
    let digest = OnceCell::new();
    let mut compare = |secret: &ClientSecret| match secret.as_digest() {
        Some(kept) => kept.ct_eq(digest.get_or_init(|| SecretDigest::new(presented))),
        None => Choice::from(u8::from(checked.next().unwrap_or_default())),
    };
    let (own, padding) = candidate.secrets();
    let mut matches_live = Choice::from(0);
    let mut matches_expired = Choice::from(0);
    for secret in own {
        let expired = Choice::from(u8::from(secret.is_expired(&now)));
        let matches = compare(secret);
        matches_live |= matches & !expired;
        matches_expired |= matches & expired;
    }
    for secret in padding {
        // What matches a decoy proves nothing.
        let _: Choice = compare(secret);
    }
    if matches_live.into() {
        Ok(Proof::default())
    } else if matches_expired.into() {
        Err(RejectionReason::ExpiredSecret)
    } else {
        Err(RejectionReason::WrongSecret)
    }
}

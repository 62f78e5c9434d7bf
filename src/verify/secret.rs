//! `client_secret_basic` and `client_secret_post`: the secret is one of the
//! client's.

use std::{cell::OnceCell, time::SystemTime};

use subtle::Choice;

use crate::protocol::{
    exchange::Candidate,
    proof::Proof,
    reason::Reason,
    secret::{ClientSecret, KeptSecret, SecretDigest},
};

/// Compares with every secret of the client and with what makes that up to the
/// decoy's, and stops at none of them.
pub(super) fn check(
    candidate: &Candidate<'_>,
    presented: &str,
    now: impl Fn() -> SystemTime,
) -> Result<Proof, Reason> {
    let own = candidate.client.map_or(&[][..], |client| client.secrets());
    // Hashed once, and not at all where every secret has a hash of its own.
    let digest = OnceCell::new();
    let mut matches_live = Choice::from(0);
    let mut matches_expired = Choice::from(0);
    for secret in own {
        let expired = Choice::from(u8::from(secret.is_expired(&now)));
        let matches = compare(secret, presented, &digest);
        matches_live |= matches & !expired;
        matches_expired |= matches & expired;
    }
    if let Some(decoy) = candidate.decoy {
        for secret in padding(own, decoy.secrets()) {
            // What matches a decoy proves nothing.
            let _: Choice = compare(secret, presented, &digest);
        }
    }
    if matches_live.into() {
        Ok(Proof::Lasting)
    } else if matches_expired.into() {
        Err(Reason::ExpiredSecret)
    } else {
        Err(Reason::WrongSecret)
    }
}

/// What else is to be compared, for the time of it: the slow hashes that the
/// client has fewer of than the decoy and, where the client has no secret at
/// all, the decoy's digests. One digest more or less is no time.
fn padding<'a>(
    own: &[ClientSecret],
    decoy: &'a [ClientSecret],
) -> impl Iterator<Item = &'a ClientSecret> {
    let own_hashed = own.iter().filter(|secret| secret.is_hashed()).count();
    let hashed = decoy.iter().filter(|secret| secret.is_hashed());
    let digests = decoy.iter().filter(|secret| !secret.is_hashed());
    let digests = digests.take(if own.is_empty() { usize::MAX } else { 0 });
    hashed.skip(own_hashed).chain(digests)
}

fn compare(secret: &ClientSecret, presented: &str, digest: &OnceCell<SecretDigest>) -> Choice {
    match secret.as_kept() {
        KeptSecret::Digest(kept) | KeptSecret::Plain { digest: kept, .. } => {
            kept.ct_eq(digest.get_or_init(|| SecretDigest::of(presented)))
        }
        KeptSecret::Hashed(hash) => Choice::from(u8::from(hash.matches(presented))),
    }
}

//! `client_secret_basic` and `client_secret_post`: the secret is one of the
//! client's.

use std::{cell::OnceCell, time::SystemTime};

use subtle::Choice;

use crate::protocol::{
    exchange::Candidate,
    rejection::Reason,
    secret::{ClientSecret, KeptSecret, SecretDigest},
};

/// Compares with every secret of the client, or with the decoy's where it has
/// none, and stops at none of them.
pub(super) fn check(candidate: &Candidate<'_>, now: SystemTime) -> Result<(), Reason> {
    let own = candidate.client.map_or(&[][..], |client| client.secrets());
    let secrets = if own.is_empty() {
        candidate.decoy.secrets()
    } else {
        own
    };
    // Hashed once, and not at all where every secret has a hash of its own.
    let digest = OnceCell::new();
    let mut matches_live = Choice::from(0);
    let mut matches_expired = Choice::from(0);
    for secret in secrets {
        let expired = Choice::from(u8::from(secret.is_expired(now)));
        let matches = compare(secret, candidate.secret, &digest);
        matches_live |= matches & !expired;
        matches_expired |= matches & expired;
    }
    if own.is_empty() {
        // What matches a decoy proves nothing.
        Err(Reason::WrongSecret)
    } else if matches_live.into() {
        Ok(())
    } else if matches_expired.into() {
        Err(Reason::ExpiredSecret)
    } else {
        Err(Reason::WrongSecret)
    }
}

fn compare(secret: &ClientSecret, presented: &str, digest: &OnceCell<SecretDigest>) -> Choice {
    match secret.as_kept() {
        KeptSecret::Digest(kept) | KeptSecret::Plain { digest: kept, .. } => {
            kept.ct_eq(digest.get_or_init(|| SecretDigest::of(presented)))
        }
        KeptSecret::Hashed(hash) => Choice::from(u8::from(hash.matches(presented))),
    }
}

//! `client_secret_basic` and `client_secret_post`: the secret is one of the
//! client's.

use std::{cell::OnceCell, time::SystemTime};

use subtle::Choice;

use crate::protocol::{
    exchange::Candidate,
    rejection::Reason,
    secret::{ClientSecret, KeptSecret, SecretDigest},
};

/// Compares with every secret of the client, and with the decoy's beyond those,
/// so that it is always as many. Stops at none of them.
pub(super) fn check(candidate: &Candidate<'_>, now: impl Fn() -> SystemTime) -> Result<(), Reason> {
    let own = candidate.client.map_or(&[][..], |client| client.secrets());
    let decoy = candidate.decoy.map_or(&[][..], |decoy| decoy.secrets());
    let padding = decoy.iter().skip(own.len());
    // Hashed once, and not at all where every secret has a hash of its own.
    let digest = OnceCell::new();
    let mut matches_live = Choice::from(0);
    let mut matches_expired = Choice::from(0);
    for secret in own {
        let expired = Choice::from(u8::from(secret.is_expired(&now)));
        let matches = compare(secret, candidate.secret, &digest);
        matches_live |= matches & !expired;
        matches_expired |= matches & expired;
    }
    for secret in padding {
        // What matches a decoy proves nothing.
        let _: Choice = compare(secret, candidate.secret, &digest);
    }
    if matches_live.into() {
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

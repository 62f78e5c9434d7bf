//! Which keys of a set the header of an assertion can choose.
//!
//! If two keys fit the header, the assertion is refused, as OpenID Connect Core §10.1
//! requires. So a key that always has such a rival is never used.

use super::{jwk::Key, skipped::SkippedKey};
use crate::crypto::SigningAlgorithm;

/// The keys that no header can choose, each with its rival. `algorithm` is the only one of
/// the client, if it registered one.
pub(super) fn never_chosen(
    keys: &[Key],
    algorithm: Option<SigningAlgorithm>,
) -> (Vec<SkippedKey>, bool) {
    let mut never = Vec::new();
    let mut is_any_chosen = false;
    for key in keys {
        let algorithms = SigningAlgorithm::ALL.into_iter();
        let mut fitting = algorithms
            .filter(|it| algorithm.is_none_or(|only| only == *it) && key.fits(*it))
            .peekable();
        let Some(&first) = fitting.peek() else {
            continue;
        };
        let rival = |it| rivals(keys, key, it).find(|rival| rival.kid == key.kid);
        let is_chosen = fitting.any(|it| {
            // By a header without `kid`, or by one that names it.
            rivals(keys, key, it).next().is_none() || key.kid.is_some() && rival(it).is_none()
        });
        is_any_chosen |= is_chosen;
        if !is_chosen {
            let rival = rival(first).or_else(|| rivals(keys, key, first).next());
            never.push(never_for(key, rival));
        }
    }
    (never, is_any_chosen)
}

/// The other keys for this algorithm.
fn rivals<'k>(
    keys: &'k [Key],
    key: &'k Key,
    algorithm: SigningAlgorithm,
) -> impl Iterator<Item = &'k Key> {
    let others = keys.iter().filter(|other| other.number != key.number);
    others.filter(move |other| other.fits(algorithm))
}

fn never_for(key: &Key, rival: Option<&Key>) -> SkippedKey {
    let rival = rival.map_or(key.number, |rival| rival.number);
    let cause = match &key.kid {
        None => format!(
            "`kid` is missing, and key {rival} is for the same algorithm, so an assertion cannot \
             tell which of them it means: give each key its own `kid`"
        ),
        Some(_) => format!(
            "`kid` is also that of key {rival}, which is for the same algorithm, so an assertion \
             cannot tell which of them it means: give each key its own `kid`"
        ),
    };
    SkippedKey::new(key.number, key.kid.as_deref(), Some("kid"), cause)
}

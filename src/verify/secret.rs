//! `client_secret_basic` and `client_secret_post`: the secret must be one of the client's.
//!
//! All secrets of a client are verified, and then those of the decoy, so that all refusals
//! cost the same. Only the secret that the client is accepted by is the last one.

use std::{cell::OnceCell, ops::BitOr as _, sync::Arc, time::SystemTime};

use subtle::Choice;

use crate::protocol::{
    auth_method::AuthMethods,
    candidate::Candidate,
    client::Client,
    client_secret::ClientSecret,
    incoming::evidence::claim::Credential,
    matched_secret::MatchedSecret,
    proof::Proof,
    reason::RejectionReason,
    secret::{Secret, SecretDigest},
    secret_hash::{SecretHash, Work},
    settings::Settings,
};

/// Compares the presented secret with the secrets of the client, and with those of the decoy
/// that fill up their number.
///
/// Slow hashes were computed before: `checked` has the results, in the order of the secrets.
#[inline]
pub(super) fn check(
    candidate: &Candidate<'_>,
    presented: &str,
    methods: AuthMethods,
    checked: &mut impl Iterator<Item = bool>,
    now: impl Fn() -> SystemTime,
) -> Result<Proof, RejectionReason> {
    let is_registered = candidate.may_use(methods);
    let presented = Presented::new(presented);
    let read = OnceCell::new();
    let now = || *read.get_or_init(&now);
    let mut compare = |secret: &ClientSecret| match secret.as_digest() {
        Some(kept) => presented.ct_eq(kept).into(),
        None => checked.next().unwrap_or_default(),
    };
    let (own, padding) = candidate.secrets();
    let mut matches_expired = false;
    for secret in own {
        // No `&&` and no `||`: a branch that only some of the refusals take has a time of its own.
        let accepts = compare(secret) & is_registered;
        if accepts & !secret.has_expiry() {
            return Ok(Proof::default());
        }
        // Read for each refusal, and after the digest: the processor waits for it.
        let now = now();
        let is_expired = secret.is_expired(|| now);
        if accepts & !is_expired {
            return Ok(Proof::default());
        }
        matches_expired |= accepts;
    }
    for secret in padding {
        // What matches a decoy proves nothing.
        let _: bool = compare(secret);
    }
    // Also for a client without secrets.
    let _: SystemTime = now();
    if matches_without_white_space(candidate, presented.secret) & is_registered {
        return Err(RejectionReason::WhiteSpaceInSecret);
    }
    // By a method that the client is not registered for, the right secret is a wrong one.
    let reasons = [RejectionReason::WrongSecret, RejectionReason::ExpiredSecret];
    Err(reasons[usize::from(matches_expired)])
}

/// Whether it would be the right secret without the white space at its ends. Nobody sees white space in
/// a secret, so the log has to tell. It is looked for whoever the client is, so that the time tells
/// nothing.
fn matches_without_white_space(candidate: &Candidate<'_>, presented: &str) -> bool {
    if !presented.starts_with(char::is_whitespace) && !presented.ends_with(char::is_whitespace) {
        return false;
    }
    let trimmed = Presented::new(presented.trim());
    let matches = |secret: &ClientSecret| {
        let digest = secret.as_digest();
        digest.map_or(Choice::from(0), |kept| trimmed.ct_eq(kept))
    };
    let (own, padding) = candidate.secrets();
    let own = own.iter().map(matches).fold(Choice::from(0), Choice::bitor);
    for secret in padding {
        let _: Choice = matches(secret);
    }
    own.into()
}

/// A secret whose SHA-256 is computed at most once, and not at all if every secret that it
/// is compared with has a hash of its own.
struct Presented<'a> {
    secret: &'a str,
    digest: OnceCell<SecretDigest>,
}

impl<'a> Presented<'a> {
    const fn new(secret: &'a str) -> Self {
        Self {
            secret,
            digest: OnceCell::new(),
        }
    }

    fn ct_eq(&self, kept: &SecretDigest) -> Choice {
        #[cfg(test)]
        COMPARISONS.set(COMPARISONS.get() + 1);
        kept.ct_eq(self.digest.get_or_init(|| SecretDigest::new(self.secret)))
    }
}

#[cfg(test)]
thread_local! {
    static COMPARISONS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How many digests this thread has compared, including those of decoys.
#[cfg(test)]
pub(crate) fn comparisons() -> usize {
    COMPARISONS.get()
}

/// A slow hash to compute before the proof.
pub(crate) struct SlowCheck<'c> {
    hash: &'c Arc<dyn SecretHash>,
    presented: &'c str,
    client: Option<&'c Client>,
    client_id: &'c str,
    /// Whether the client is accepted if this hash matches. Then it is the last one.
    pub(crate) is_accepted_by: bool,
    /// Whether no other client could be accepted by a hash in front of this one.
    pub(crate) may_be_recalled: bool,
}

impl SlowCheck<'_> {
    pub(crate) fn work(&self) -> Work {
        let presented = Secret::new(self.presented);
        Arc::clone(self.hash).check(presented).into_work()
    }

    /// What to remember if the client is accepted by this hash. `None` if the hash does not tell
    /// how it is stored.
    pub(crate) fn matched<'a>(&'a self, settings: &'a Settings) -> Option<MatchedSecret<'a>> {
        // A text that is always empty would not change with the secret.
        let stored = self.hash.stored().filter(|stored| !stored.is_empty())?;
        let client = self.client;
        Some(MatchedSecret {
            issuer: client.map_or(&settings.issuer, |client| settings.issuer_for(client)),
            client_id: client.map_or(self.client_id, Client::client_id),
            stored,
            presented: self.presented,
        })
    }
}

/// The slow hashes to compute for this candidate. `None` if there are no more to compute: the
/// client is accepted without any, by a digest, or no secret is presented.
pub(super) fn slow_checks<'c, N: Fn() -> SystemTime + Copy>(
    candidate: &Candidate<'c>,
    methods: AuthMethods,
    may_be_recalled: bool,
    now: N,
) -> Option<impl Iterator<Item = SlowCheck<'c>> + use<'c, N>> {
    let Credential::Secret(secret) = candidate.credential else {
        return None;
    };
    let is_registered = candidate.may_use(methods);
    let presented = Presented::new(secret);
    let (own, padding) = candidate.secrets();
    let mut digests = own.iter().filter(|own| !own.is_expired(now));
    let matches = |own: &ClientSecret| {
        let digest = own.as_digest();
        digest.is_some_and(|digest| presented.ct_eq(digest).into())
    };
    if is_registered && digests.any(matches) {
        return None;
    }
    let client = candidate.client.map(AsRef::as_ref);
    let client_id = candidate.client_id;
    let check = move |hashed: &'c ClientSecret, is_accepted_by| {
        Some(SlowCheck {
            hash: hashed.as_hash()?,
            presented: secret,
            client,
            client_id,
            is_accepted_by,
            may_be_recalled,
        })
    };
    let own = own.iter().filter_map(move |own| {
        let is_live = !own.is_expired(now);
        check(own, is_registered && is_live)
    });
    let padding = padding.filter_map(move |decoy| check(decoy, false));
    Some(own.chain(padding))
}

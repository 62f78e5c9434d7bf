//! Verifies credentials: the only place where a client becomes a verified one.

mod assertion;
mod certificate;
mod dpop;
mod none;
#[cfg(feature = "jwt")]
mod resource;
mod secret;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::SystemTime};

#[cfg(feature = "jwt")]
pub use self::resource::{ResourceProof, ResourceRequest};
pub(crate) use self::{dpop::check_request as prove_key, secret::SlowCheck};
use crate::protocol::{
    auth_method::AuthMethods,
    candidate::Candidate,
    candidates::Candidates,
    incoming::evidence::claim::Credential,
    proof::{Proof, Unproven, Verified},
    reason::RejectionReason,
    settings::Settings,
};

/// Proves the candidates. The first one that is proven is accepted, and nothing more is
/// verified. All refusals cost the same.
#[inline]
pub(crate) fn prove(
    candidates: &Candidates<'_>,
    settings: &Settings,
    now: impl Fn() -> SystemTime,
) -> Result<Verified, Unproven> {
    let methods = candidates.methods();
    let mut checked = candidates.checked();
    let mut prove = |candidate: &Candidate<'_>| {
        // The proof comes first, whoever the client is: the same work for all.
        let (methods, proof) = match candidate.credential {
            Credential::Secret(presented) => (
                methods,
                secret::check(candidate, presented, methods, &mut checked, &now),
            ),
            Credential::Assertion(assertion) => (
                methods,
                assertion::check(candidate, assertion, methods, settings, &now),
            ),
            Credential::Certificate(presented) => {
                certificate::check(candidate, presented, methods, now())
            }
            Credential::Nothing => none::check(candidate, methods),
        };
        settle(candidate, methods, proof, settings)
    };
    let (preferred, alternative) = candidates.both();
    let first = match prove(&preferred) {
        Ok(verified) => return Ok(verified),
        Err(first) => first,
    };
    let Some(alternative) = alternative else {
        return Err(first);
    };
    match prove(&alternative) {
        Ok(verified) => Ok(verified),
        // The failure of a client that exists says more.
        Err(second) if first.client.is_none() => Err(second),
        Err(_) => Err(first),
    }
}

/// Whether the client of the preferred reading is proven by a certificate.
pub(crate) fn is_preferred_proven(
    candidates: &Candidates<'_>,
    settings: &Settings,
    now: impl Fn() -> SystemTime,
) -> bool {
    let candidate = candidates.both().0;
    let Credential::Certificate(presented) = candidate.credential else {
        return false;
    };
    let (methods, proof) = certificate::check(&candidate, presented, candidates.methods(), now());
    settle(&candidate, methods, proof, settings).is_ok()
}

/// The slow hashes to compute before the proof, in the order in which it wants the results. Call
/// it only if there may be any: it compares the digests that are in front of them.
pub(crate) fn slow_checks<'c>(
    candidates: &'c Candidates<'_>,
    now: impl Fn() -> SystemTime + Copy,
) -> impl Iterator<Item = SlowCheck<'c>> {
    let methods = candidates.methods();
    let first = candidates.both().0.client;
    let checks = candidates.iter().map_while(move |candidate| {
        // Who a request is from must not depend on what is remembered.
        let is_same = |first| candidate.client.is_some_and(|it| Arc::ptr_eq(it, first));
        let may_be_recalled = first.is_none_or(is_same);
        secret::slow_checks(&candidate, methods, may_be_recalled, now)
    });
    checks.flatten()
}

/// Returns the client and its method, if the proof succeeded.
#[inline]
fn settle(
    candidate: &Candidate<'_>,
    methods: AuthMethods,
    proof: Result<Proof, RejectionReason>,
    settings: &Settings,
) -> Result<Verified, Unproven> {
    let refused = |reason, method| Unproven {
        reason,
        client: candidate.client.cloned(),
        method,
    };
    let meant = methods.first();
    let client = candidate
        .client
        .ok_or_else(|| refused(RejectionReason::UnknownClient, meant))?;
    let method = client.settle(methods);
    let method = method.ok_or_else(|| refused(settings.refuse_method(client), meant))?;
    match proof {
        Ok(proof) => Ok(Verified::new(Arc::clone(client), method, proof)),
        Err(reason) => Err(refused(reason, Some(method))),
    }
}

//! Verifies credentials: the only place where a client becomes a verified one.

mod assertion;
mod none;
mod secret;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::SystemTime};

use crate::protocol::{
    auth_method::AuthMethods,
    candidate::Candidate,
    exchange::Candidates,
    incoming::evidence::claim::Credential,
    proof::{Proof, Unproven, Verified},
    reason::RejectionReason,
    settings::Settings,
};

/// Proves every candidate, without stopping at the first one that succeeds, since the time
/// must not tell which one it was. The first proven candidate is accepted.
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
        let proof = match candidate.credential {
            Credential::Secret(presented) => {
                secret::check(candidate, presented, &mut checked, &now)
            }
            Credential::Assertion(assertion) => {
                assertion::check(candidate, assertion, settings, &now)
            }
            Credential::Nothing => none::check(),
        };
        settle(candidate, methods, proof, settings)
    };
    let (preferred, alternative) = candidates.both();
    let preferred = prove(&preferred);
    let Some(alternative) = alternative else {
        return preferred;
    };
    match (preferred, prove(&alternative)) {
        (Ok(verified), _) | (Err(_), Ok(verified)) => Ok(verified),
        // The failure of a client that exists says more.
        (Err(first), Err(_)) if first.client.is_some() => Err(first),
        (Err(_), Err(second)) => Err(second),
    }
}

/// Returns the client and its method, if the proof succeeded.
#[inline]
fn settle(
    candidate: &Candidate<'_>,
    methods: AuthMethods,
    proof: Result<Proof, RejectionReason>,
    settings: &Settings,
) -> Result<Verified, Unproven> {
    let refused = |reason| Unproven {
        reason,
        client: candidate.client.cloned(),
        method: methods.first(),
    };
    let client = candidate
        .client
        .ok_or_else(|| refused(RejectionReason::UnknownClient))?;
    let method = client.settle(methods);
    let method = method.ok_or_else(|| refused(settings.refuse_method(client)))?;
    match proof {
        Ok(proof) => Ok(Verified::new(Arc::clone(client), method, proof)),
        Err(reason) => Err(refused(reason)),
    }
}

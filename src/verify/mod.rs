//! Proving a credential: the only place where a client becomes a verified one.

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
    reason::Reason,
    settings::Settings,
};

/// Proves every candidate, without stopping at the first that is: the time
/// must not tell which one it was. The first proven one holds.
pub(crate) fn prove(
    candidates: &Candidates,
    settings: &Settings,
    now: impl Fn() -> SystemTime,
) -> Result<Verified, Unproven> {
    let methods = candidates.evidence().methods();
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
        settle(candidate, methods, proof)
    };
    let (preferred, alternative) = candidates.both();
    let preferred = prove(&preferred);
    let Some(alternative) = alternative else {
        return preferred;
    };
    match (preferred, prove(&alternative)) {
        (Ok(verified), _) | (Err(_), Ok(verified)) => Ok(verified),
        // The more telling one: a client that is there.
        (Err(first), Err(_)) if first.client.is_some() => Err(first),
        (Err(_), Err(second)) => Err(second),
    }
}

/// Says which client it is, and by which of the methods, if it is proven.
fn settle(
    candidate: &Candidate<'_>,
    methods: AuthMethods,
    proof: Result<Proof, Reason>,
) -> Result<Verified, Unproven> {
    let refused = |reason| Unproven {
        reason,
        client: candidate.client.cloned(),
        method: methods.first(),
    };
    let client = candidate
        .client
        .ok_or_else(|| refused(Reason::UnknownClient))?;
    let method = client.settle(methods);
    let method = method.ok_or_else(|| refused(Reason::MethodNotRegistered))?;
    match proof {
        Ok(proof) => Ok(Verified::new(Arc::clone(client), method, proof)),
        Err(reason) => Err(refused(reason)),
    }
}

//! Proving a credential: the only place where a client becomes a verified one.

mod assertion;
mod none;
mod secret;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::SystemTime};

use crate::protocol::{
    auth_method::AuthMethod,
    client::Client,
    exchange::{Candidate, Candidates},
    incoming::evidence::Presented,
    proof::{Unproven, Verified},
    reason::Reason,
    settings::Settings,
};

/// Proves every candidate, without stopping at the first that is: the time
/// must not tell which one it was. The first proven one holds.
pub(crate) fn prove(
    candidates: &Candidates<'_>,
    settings: &Settings,
    now: impl Fn() -> SystemTime,
) -> Result<Verified, Unproven> {
    let preferred = prove_one(&candidates.preferred(), settings, &now);
    let Some(alternative) = candidates.alternative() else {
        return preferred;
    };
    match (preferred, prove_one(&alternative, settings, &now)) {
        (Ok(verified), _) | (Err(_), Ok(verified)) => Ok(verified),
        // The more telling one: a client that is there.
        (Err(first), Err(_)) if first.client.is_some() => Err(first),
        (Err(_), Err(second)) => Err(second),
    }
}

fn prove_one(
    candidate: &Candidate<'_>,
    settings: &Settings,
    now: impl Fn() -> SystemTime,
) -> Result<Verified, Unproven> {
    // The proof comes first, whoever the client is: the same work for all.
    let proof = match (candidate.method, candidate.presented) {
        (
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost,
            Presented::Secret(secret),
        ) => secret::check(candidate, secret, now),
        (AuthMethod::None, Presented::Secret(secret)) => none::check(secret),
        (
            AuthMethod::ClientSecretJwt | AuthMethod::PrivateKeyJwt,
            Presented::Assertion(assertion),
        ) => assertion::check(candidate, assertion, settings, now),
        (
            AuthMethod::ClientSecretBasic
            | AuthMethod::ClientSecretPost
            | AuthMethod::ClientSecretJwt
            | AuthMethod::PrivateKeyJwt
            | AuthMethod::TlsClientAuth
            | AuthMethod::SelfSignedTlsClientAuth
            | AuthMethod::None,
            Presented::Secret(_) | Presented::Assertion(_),
        ) => Err(Reason::MethodNotVerifiable),
    };
    let Some(client) = candidate.client else {
        return Err(unproven(Reason::UnknownClient, None));
    };
    if !client.allows_method(candidate.method) {
        return Err(unproven(Reason::MethodNotRegistered, Some(client)));
    }
    match proof {
        Ok(proof) => Ok(Verified::new(Arc::clone(client), candidate.method, proof)),
        Err(reason) => Err(unproven(reason, Some(client))),
    }
}

fn unproven(reason: Reason, client: Option<&Arc<Client>>) -> Unproven {
    Unproven {
        reason,
        client: client.cloned(),
    }
}

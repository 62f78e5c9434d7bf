//! Proving a credential: the only place where a client becomes a verified one.

mod none;
mod secret;

use std::{sync::Arc, time::SystemTime};

use crate::protocol::{
    auth_method::AuthMethod,
    client::Client,
    exchange::{Candidate, Candidates},
    proof::{Unproven, Verified},
    rejection::Reason,
};

/// Proves every candidate, without stopping at the first that is: the time
/// must not tell which one it was. The first proven one holds.
pub(crate) fn prove(candidates: &Candidates<'_>, now: SystemTime) -> Result<Verified, Unproven> {
    candidates
        .iter()
        .map(|candidate| prove_one(&candidate, now))
        .reduce(|first, second| match (first, second) {
            (Ok(verified), _) => Ok(verified),
            (Err(_), Ok(verified)) => Ok(verified),
            // The more telling one: a client that is there.
            (Err(first), Err(_)) if first.client.is_some() => Err(first),
            (Err(_), Err(second)) => Err(second),
        })
        .unwrap_or(Err(Unproven {
            reason: Reason::NoCredentials,
            client: None,
        }))
}

fn prove_one(candidate: &Candidate<'_>, now: SystemTime) -> Result<Verified, Unproven> {
    // The secret comes first, whoever the client is: the same work for all.
    let proof = match candidate.method {
        AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => {
            secret::check(candidate, now)
        }
        AuthMethod::None => none::check(candidate),
        AuthMethod::ClientSecretJwt
        | AuthMethod::PrivateKeyJwt
        | AuthMethod::TlsClientAuth
        | AuthMethod::SelfSignedTlsClientAuth => Err(Reason::MethodNotVerifiable),
    };
    let Some(client) = candidate.client else {
        return Err(unproven(Reason::UnknownClient, None));
    };
    if !client.allows_method(candidate.method) {
        return Err(unproven(Reason::MethodNotRegistered, Some(client)));
    }
    match proof {
        Ok(()) => Ok(Verified::new(Arc::clone(client), candidate.method)),
        Err(reason) => Err(unproven(reason, Some(client))),
    }
}

fn unproven(reason: Reason, client: Option<&Arc<Client>>) -> Unproven {
    Unproven {
        reason,
        client: client.cloned(),
    }
}

//! `tls_client_auth` and `self_signed_tls_client_auth`: the certificate of the connection is that of the
//! client (RFC 8705 §2).
//!
//! 1. One name of each kind is compared, for any client and for none: see
//!    [`check_name`](PresentedCertificate::check_name). The certificate was read before.
//! 2. `tls_client_auth`: its chain was verified, it is of this time, and it has the registered name.
//! 3. `self_signed_tls_client_auth`: its key is one of the client's. Its chain and its time do not count.
//! 4. A client that is registered for both is accepted by either of them. A public one proves nothing.

use std::time::SystemTime;

use crate::protocol::{
    auth_method::{AuthMethod, AuthMethods},
    candidate::Candidate,
    client::{Client, keys::ClientKeys},
    jwt::key_set::HasKey,
    presented::PresentedCertificate,
    proof::Proof,
    reason::RejectionReason,
};

/// Returns the method that the certificate proves or was meant to, as a set.
pub(super) fn check(
    candidate: &Candidate<'_>,
    presented: &PresentedCertificate,
    methods: AuthMethods,
    now: SystemTime,
) -> (AuthMethods, Result<Proof, RejectionReason>) {
    let name = candidate.client.and_then(|it| it.registered_name());
    let is_named = presented.check_name(name, now);
    let may_use = |method: AuthMethod| candidate.may_use(methods.and(method.into()));
    let mut refused = None;
    if may_use(AuthMethod::TlsClientAuth) {
        match is_named {
            Ok(()) => return (AuthMethod::TlsClientAuth.into(), Ok(Proof::default())),
            Err(reason) => refused = Some((AuthMethod::TlsClientAuth, reason)),
        }
    }
    if may_use(AuthMethod::SelfSignedTlsClientAuth) {
        let method = AuthMethod::SelfSignedTlsClientAuth;
        match check_key(candidate, presented) {
            Ok(()) => return (method.into(), Ok(Proof::default())),
            Err(reason) => refused = refused.or(Some((method, reason))),
        }
    }
    match refused {
        Some((method, reason)) => (method.into(), Err(reason)),
        // It is public, or has no method of these, or does not exist.
        None => (methods, Ok(Proof::default())),
    }
}

fn check_key(
    candidate: &Candidate<'_>,
    presented: &PresentedCertificate,
) -> Result<(), RejectionReason> {
    let keys = match candidate.client.map(|client| Client::keys(client)) {
        Some(ClientKeys::Registered(keys)) => &**keys,
        Some(ClientKeys::At(_)) => candidate.fetched.ok_or(RejectionReason::KeySourceMissing)?,
        Some(ClientKeys::None) | None => return Err(RejectionReason::CertificateNotRegistered),
    };
    match keys.has_key_of(&presented.certificate) {
        HasKey::Yes => Ok(()),
        HasKey::Perhaps | HasKey::No | HasKey::Nothing => {
            Err(RejectionReason::CertificateNotRegistered)
        }
    }
}

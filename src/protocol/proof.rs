//! The proof of the identity of a client.

use std::{sync::Arc, time::SystemTime};

use super::{
    accepted::binding::Binding, auth_method::AuthMethod, client::Client, reason::RejectionReason,
    replay::ReplayPurpose,
};

/// A client that authenticated, its method, and the one-time values that it used.
///
/// Grant checks need it, so authentication comes first by construction. Only `verify/` calls
/// [`new`](Self::new), which `tests/architecture` checks.
pub(crate) struct Verified {
    pub(crate) client: Arc<Client>,
    pub(crate) method: AuthMethod,
    pub(crate) one_time: Vec<OneTimeValue>,
}

impl Verified {
    pub(crate) fn new(client: Arc<Client>, method: AuthMethod, proof: Proof) -> Self {
        Self {
            client,
            method,
            one_time: proof.one_time,
        }
    }
}

/// A key that the client has, and the proof of it, which may be used once.
///
/// Only `verify/` calls [`new`](Self::new), which `tests/architecture` checks.
#[derive(Debug)]
pub(crate) struct ProvenKey {
    pub(crate) binding: Binding,
    pub(crate) one_time: OneTimeValue,
}

impl ProvenKey {
    pub(crate) const fn new(binding: Binding, one_time: OneTimeValue) -> Self {
        Self { binding, one_time }
    }
}

/// A verified credential, with its one-time values.
#[derive(Default)]
pub(crate) struct Proof {
    pub(crate) one_time: Vec<OneTimeValue>,
}

/// A value that must be remembered, so that it is not used a second time.
#[derive(Debug)]
pub(crate) struct OneTimeValue {
    pub(crate) purpose: ReplayPurpose,
    pub(crate) value: String,
    pub(crate) until: SystemTime,
    /// The reason if it was used before.
    pub(crate) replayed: RejectionReason,
}

/// The reason why a client did not authenticate.
pub(crate) struct Unproven {
    pub(crate) reason: RejectionReason,
    /// The registered client, if there is one.
    pub(crate) client: Option<Arc<Client>>,
    /// The method that it tried.
    pub(crate) method: Option<AuthMethod>,
}

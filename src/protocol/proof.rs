//! The proof that a client is who it says it is.

use std::{sync::Arc, time::SystemTime};

use super::{auth_method::AuthMethod, client::Client, reason::Reason, replay::ReplayPurpose};

/// A client that authenticated, how, and what that used up.
///
/// Grant checks ask for it, so authentication comes first by construction.
/// Only `verify/` calls [`new`](Self::new); `tests/architecture.rs` holds that.
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

/// A credential that was verified, and what it may be used for only once.
#[derive(Default)]
pub(crate) struct Proof {
    pub(crate) one_time: Vec<OneTimeValue>,
}

/// A value that must be remembered, so that nobody uses it a second time.
pub(crate) struct OneTimeValue {
    pub(crate) purpose: ReplayPurpose,
    pub(crate) value: String,
    pub(crate) until: SystemTime,
    /// Why a second use is refused.
    pub(crate) replayed: Reason,
}

/// Why a client did not authenticate.
pub(crate) struct Unproven {
    pub(crate) reason: Reason,
    /// The registered one, if there is any.
    pub(crate) client: Option<Arc<Client>>,
    /// The method that it tried.
    pub(crate) method: Option<AuthMethod>,
}

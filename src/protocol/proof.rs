//! The proof that a client is who it says it is.

use std::{sync::Arc, time::SystemTime};

use super::{auth_method::AuthMethod, client::Client, reason::Reason};

/// A client that authenticated, and how.
///
/// Grant checks ask for it, so authentication comes first by construction.
/// Only `verify/` calls [`new`](Self::new); `tests/architecture.rs` holds that.
pub(crate) struct Verified {
    client: Arc<Client>,
    method: AuthMethod,
    proof: Proof,
}

impl Verified {
    pub(crate) const fn new(client: Arc<Client>, method: AuthMethod, proof: Proof) -> Self {
        Self {
            client,
            method,
            proof,
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) const fn method(&self) -> AuthMethod {
        self.method
    }

    pub(crate) const fn proof(&self) -> Proof {
        self.proof
    }

    pub(crate) fn into_parts(self) -> (Arc<Client>, AuthMethod) {
        (self.client, self.method)
    }
}

/// For how long a credential that was verified proves its client.
#[derive(Clone, Copy)]
pub(crate) enum Proof {
    Lasting,
    /// Once, which must be remembered until this time.
    Once {
        until: SystemTime,
    },
}

/// Why a client did not authenticate; `client` is the registered one, if any.
pub(crate) struct Unproven {
    pub(crate) reason: Reason,
    pub(crate) client: Option<Arc<Client>>,
}

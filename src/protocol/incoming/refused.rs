//! A request that is refused by what it says, before anything is asked about its client.

use crate::protocol::{reason::RejectionReason, rejection::Rejection};

/// Refusal of a request whose client was not looked up.
pub(crate) struct Refused {
    rejection: Rejection,
    /// Few refusals have one.
    named: Option<Box<Named>>,
}

/// The clients that a failed authentication named.
struct Named {
    client_ids: Vec<String>,
}

impl Refused {
    /// Notes the clients if it is a failed authentication, which counts for them.
    pub(crate) fn naming<'a>(
        rejection: impl Into<Rejection>,
        client_ids: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let rejection = rejection.into();
        let client_ids = client_ids.into_iter().map(str::to_owned);
        let named = rejection.is_failed_authentication().then(|| {
            Box::new(Named {
                client_ids: client_ids.collect(),
            })
        });
        Self { rejection, named }
    }

    /// The clients that it named, at most two. `None` if it does not count as a failed
    /// authentication: it is not one, or has no credentials.
    pub(crate) fn client_ids(&self) -> Option<impl Iterator<Item = &str>> {
        let named = self.named.as_deref()?;
        Some(named.client_ids.iter().map(String::as_str))
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self {
            rejection,
            named: None,
        }
    }
}

impl From<RejectionReason> for Refused {
    fn from(reason: RejectionReason) -> Self {
        Rejection::from(reason).into()
    }
}

impl From<Refused> for Rejection {
    fn from(refused: Refused) -> Self {
        refused.rejection
    }
}

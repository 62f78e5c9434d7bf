//! The ways to read an id and a secret.

use super::claim::{Claim, Claims, Credential};
use crate::protocol::secret::Secret;

/// The preferred way to read them, and another one if there is any.
pub(crate) struct Readings {
    pub(super) preferred: Reading,
    /// Few requests have one.
    pub(super) alternative: Option<Box<Reading>>,
}

/// One way to read them.
///
/// Both stand in one text, `id:secret`, which is the text of Basic: no copy.
pub(crate) struct Reading {
    text: Secret,
    colon: usize,
}

impl Readings {
    #[inline]
    pub(super) const fn one(preferred: Reading) -> Self {
        Self {
            preferred,
            alternative: None,
        }
    }

    #[inline]
    pub(super) fn have_a_secret(&self) -> bool {
        !self.preferred.secret().is_empty()
    }

    /// What each reading claims.
    #[inline]
    pub(super) fn claims<'a>(
        &'a self,
        credential: impl Fn(&'a Reading) -> Credential<'a>,
    ) -> Claims<'a> {
        let claim = |reading: &'a Reading| Claim {
            client_id: reading.client_id(),
            credential: credential(reading),
        };
        Claims {
            preferred: claim(&self.preferred),
            alternative: self.alternative.as_deref().map(claim),
        }
    }
}

impl Reading {
    pub(super) fn new(client_id: &str, secret: &str) -> Self {
        Self {
            text: Secret::new([client_id, ":", secret].concat()),
            colon: client_id.len(),
        }
    }

    /// `None` if the text has no colon.
    pub(super) fn of_user_pass(text: Secret) -> Option<Self> {
        let colon = memchr::memchr(b':', text.expose_secret().as_bytes())?;
        Some(Self { text, colon })
    }

    #[inline]
    pub(super) fn client_id(&self) -> &str {
        &self.text.expose_secret()[..self.colon]
    }

    /// Empty if there is none.
    #[inline]
    pub(super) fn secret(&self) -> &str {
        &self.text.expose_secret()[self.colon + 1..]
    }

    pub(super) fn text(&self) -> &str {
        self.text.expose_secret()
    }
}

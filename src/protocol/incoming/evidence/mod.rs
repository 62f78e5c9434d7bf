//! What a request says of the client that sent it (RFC 6749 §2.3), one file
//! for each mechanism.

pub(crate) mod assertion;
pub(crate) mod basic;
pub(crate) mod none;
pub(crate) mod post;

use std::iter;

use self::{assertion::Assertion, basic::Basic};
use super::form::Form;
use crate::protocol::{
    auth_method::AuthMethod, reason::Reason, rejection::Rejection, secret::Secret,
    settings::Settings,
};

/// The one mechanism that a request uses.
pub(crate) enum Credentials {
    /// An id, and a secret or none, in each way that they can be read.
    Secret {
        method: AuthMethod,
        preferred: Reading,
        alternative: Option<Reading>,
    },
    Assertion(Box<Assertion>),
}

/// What a client gives to prove who it is.
#[derive(Clone, Copy)]
pub(crate) enum Presented<'a> {
    /// Empty where it gave none.
    Secret(&'a str),
    Assertion(&'a Assertion),
}

impl Credentials {
    /// Finds the one mechanism in the header and the form, and takes its
    /// parameters out of the form.
    pub(crate) fn gather(
        basic: Option<Basic>,
        form: &mut Form<'_>,
        settings: &Settings,
    ) -> Result<Self, Rejection> {
        // With Basic there is usually none of them, which one look tells.
        let is_any_there = form.iter().any(|(name, _)| name.starts_with("client_"));
        let mut take = |name| is_any_there.then(|| form.take(name)).flatten();
        // Each a `Secret` from here on, so that it is wiped whatever comes of the rest.
        let secret = take(post::CLIENT_SECRET).map(Secret::new);
        let assertion = take(assertion::CLIENT_ASSERTION).map(Secret::new);
        let assertion_type = take(assertion::CLIENT_ASSERTION_TYPE);
        let mechanisms = [basic.is_some(), secret.is_some(), assertion.is_some()];
        if mechanisms.into_iter().filter(|&used| used).count() > 1 {
            return Err(Reason::MultipleMechanisms.into());
        }
        let assertion = assertion::check_type(assertion, assertion_type.as_deref())?;

        let client_id = form.get(none::CLIENT_ID);
        let credentials = if let Some(basic) = basic {
            basic.credentials(settings.strict_basic)?
        } else if let Some(secret) = secret {
            post::credentials(client_id, secret)?
        } else if let Some(token) = assertion {
            let assertion = Assertion::parse(token, &settings.assertions)?;
            Self::Assertion(Box::new(assertion))
        } else if let Some(client_id) = client_id {
            none::credentials(client_id)
        } else {
            return Err(Reason::NoCredentials.into());
        };
        if client_id.is_some_and(|id| !credentials.name(id)) {
            return Err(Reason::ClientIdMismatch.into());
        }
        Ok(credentials)
    }

    const fn new(method: AuthMethod, preferred: Reading) -> Self {
        Self::Secret {
            method,
            preferred,
            alternative: None,
        }
    }

    pub(crate) const fn method(&self) -> AuthMethod {
        match self {
            Self::Secret { method, .. } => *method,
            Self::Assertion(assertion) => assertion.method(),
        }
    }

    /// The client that they name, or that they name first.
    pub(crate) fn client_id(&self) -> &str {
        match self {
            Self::Secret { preferred, .. } => preferred.client_id(),
            Self::Assertion(assertion) => assertion.claims.client_id(),
        }
    }

    pub(crate) fn presented(&self) -> Presented<'_> {
        match self {
            Self::Secret { preferred, .. } => Presented::Secret(preferred.secret()),
            Self::Assertion(assertion) => Presented::Assertion(assertion),
        }
    }

    /// The other way to read them, where there is one.
    pub(crate) const fn alternative(&self) -> Option<&Reading> {
        match self {
            Self::Secret { alternative, .. } => alternative.as_ref(),
            Self::Assertion(_) => None,
        }
    }

    fn name(&self, client_id: &str) -> bool {
        let mut ids =
            iter::once(self.client_id()).chain(self.alternative().map(Reading::client_id));
        ids.any(|own| own == client_id)
    }
}

/// One way to read an id and a secret, which is empty where there is none.
///
/// Both stand in one text, `id:secret`, which is the text of Basic: no copy.
pub(crate) struct Reading {
    text: Secret,
    colon: usize,
}

impl Reading {
    pub(crate) fn new(client_id: &str, secret: &str) -> Self {
        Self {
            text: Secret::new([client_id, ":", secret].concat()),
            colon: client_id.len(),
        }
    }

    /// `None` where the text has no colon.
    fn of_user_pass(text: Secret) -> Option<Self> {
        let colon = memchr::memchr(b':', text.expose().as_bytes())?;
        Some(Self { text, colon })
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.text.expose()[..self.colon]
    }

    pub(crate) fn secret(&self) -> &str {
        &self.text.expose()[self.colon + 1..]
    }
}

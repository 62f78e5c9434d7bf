//! What a request says of the client that sent it (RFC 6749 §2.3), one file
//! for each mechanism.

pub(crate) mod assertion;
pub(crate) mod basic;
pub(crate) mod none;
pub(crate) mod post;

use std::iter;

use self::basic::Basic;
use super::{
    auth_method::AuthMethod,
    form::Form,
    rejection::{Reason, Rejection},
    rules::Rules,
    secret::Secret,
};

/// The one mechanism that a request uses, in each way that it can be read.
pub(crate) struct Credentials {
    method: AuthMethod,
    preferred: Reading,
    alternative: Option<Reading>,
}

impl Credentials {
    /// Finds the one mechanism in the header and the form, and takes its
    /// parameters out of the form.
    pub(crate) fn gather(
        basic: Option<Basic>,
        form: &mut Form<'_>,
        rules: &Rules,
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
        assertion::check(assertion.as_ref(), assertion_type.as_deref())?;

        let client_id = form.get(none::CLIENT_ID);
        let credentials = match (basic, secret, client_id) {
            (Some(basic), _, _) => basic.credentials(rules.strict_basic)?,
            (None, Some(secret), client_id) => post::credentials(client_id, secret)?,
            (None, None, Some(client_id)) => none::credentials(client_id),
            (None, None, None) => return Err(Reason::NoCredentials.into()),
        };
        if client_id.is_some_and(|id| {
            credentials
                .readings()
                .all(|reading| reading.client_id() != id)
        }) {
            return Err(Reason::ClientIdMismatch.into());
        }
        Ok(credentials)
    }

    fn new(method: AuthMethod, preferred: Reading) -> Self {
        Self {
            method,
            preferred,
            alternative: None,
        }
    }

    fn or(mut self, alternative: Reading) -> Self {
        self.alternative = Some(alternative);
        self
    }

    pub(crate) const fn method(&self) -> AuthMethod {
        self.method
    }

    pub(crate) const fn preferred(&self) -> &Reading {
        &self.preferred
    }

    pub(crate) const fn alternative(&self) -> Option<&Reading> {
        self.alternative.as_ref()
    }

    pub(crate) fn readings(&self) -> impl Iterator<Item = &Reading> {
        iter::once(&self.preferred).chain(&self.alternative)
    }
}

/// One way to read the credentials: a client and the secret that it gave,
/// which is empty where it gave none.
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

//! What a request carries to show which client sent it (RFC 6749 §2.3), one file
//! for each mechanism.
//!
//! Evidence proves one of a *set* of methods. Which one holds is settled when the
//! client, and so what it is registered for, is known.

pub(crate) mod assertion;
pub(crate) mod basic;
pub(crate) mod claim;
mod client_id;
mod post;
mod readings;

use self::{
    assertion::Assertion,
    basic::Basic,
    claim::{Claim, Claims, Credential},
    readings::Readings,
};
use std::sync::Arc;

use super::{
    form::{CLIENT_ID, FormCredentials},
    refused::Refused,
};
use crate::protocol::{
    accepted::parameters::Parameters,
    auth_method::{AuthMethod, AuthMethods},
    presented::PresentedCertificate,
    reason::RejectionReason,
    settings::Settings,
};

/// The one mechanism that a request uses.
pub(crate) enum Evidence {
    /// A secret in the `Authorization` header.
    Basic(Readings),
    /// A secret in the body.
    Post(Readings),
    /// A signed assertion in the body.
    Assertion(Box<Assertion>),
    /// An id, and nothing that proves it unless it is the certificate of the connection. A certificate is no
    /// mechanism by itself: beside another one, it proves nothing.
    ClientId(Readings, Option<Arc<PresentedCertificate>>),
}

impl Evidence {
    /// Finds the one mechanism in the header and in the form.
    #[inline]
    pub(crate) fn gather(
        basic: Option<Basic>,
        form: Option<Box<FormCredentials>>,
        parameters: &Parameters,
        certificate: Option<&Arc<PresentedCertificate>>,
        settings: &Settings,
    ) -> Result<Self, Refused> {
        let FormCredentials {
            client_secret,
            client_assertion,
            client_assertion_type,
        } = form.map(|form| *form).unwrap_or_default();
        let mechanisms = [
            basic.is_some(),
            client_secret.is_some(),
            client_assertion.is_some(),
        ];
        if mechanisms.into_iter().filter(|&used| used).count() > 1 {
            return Err(RejectionReason::MultipleMechanisms.into());
        }
        let client_id = parameters.get(CLIENT_ID);
        // An assertion that cannot be read names nobody.
        let refuse = |rejection| Refused::naming(rejection, client_id);
        let client_assertion =
            assertion::check_type(client_assertion, client_assertion_type).map_err(refuse)?;

        let evidence = if let Some(basic) = basic {
            let readings = basic.readings(settings.strict_basic)?;
            if readings.have_a_secret() {
                Self::Basic(readings)
            } else {
                Self::ClientId(readings, certificate.cloned())
            }
        } else if let Some(secret) = client_secret {
            Self::Post(post::readings(client_id, &secret)?)
        } else if let Some(token) = client_assertion {
            let assertion = Assertion::parse(token, &settings.assertions).map_err(refuse)?;
            Self::Assertion(Box::new(assertion))
        } else if let Some(client_id) = client_id {
            Self::ClientId(client_id::readings(client_id), certificate.cloned())
        } else {
            return Err(RejectionReason::NoCredentials.into());
        };
        if client_id.is_some_and(|id| !evidence.claims().client_ids().any(|own| own == id)) {
            return Err(RejectionReason::ClientIdMismatch.into());
        }
        Ok(evidence)
    }

    /// The methods of which this proves one.
    #[inline]
    pub(crate) fn methods(&self, settings: &Settings) -> AuthMethods {
        AuthMethods::from(match self {
            Self::Basic(_) => AuthMethod::ClientSecretBasic,
            Self::Post(_) => AuthMethod::ClientSecretPost,
            Self::Assertion(assertion) => assertion.method(),
            // Also without a certificate: then it is missing.
            Self::ClientId(..) if settings.client_certificates.is_some() => {
                return AuthMethods::of_client_id();
            }
            Self::ClientId(..) => AuthMethod::None,
        })
    }

    #[inline]
    pub(crate) fn claims(&self) -> Claims<'_> {
        match self {
            Self::Basic(readings) | Self::Post(readings) => {
                readings.claims(|reading| Credential::Secret(reading.secret()))
            }
            Self::ClientId(readings, None) => readings.claims(|_| Credential::Nothing),
            Self::ClientId(readings, Some(certificate)) => {
                readings.claims(|_| Credential::Certificate(certificate))
            }
            Self::Assertion(assertion) => Claims {
                preferred: Claim {
                    client_id: assertion.claims.client_id(),
                    credential: Credential::Assertion(assertion),
                },
                alternative: None,
            },
        }
    }
}

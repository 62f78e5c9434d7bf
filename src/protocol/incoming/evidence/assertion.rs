//! `private_key_jwt` and `client_secret_jwt`: a client assertion in the body
//! (RFC 7521 §4.2, RFC 7523 §2.2, OpenID Connect Core §9).
//!
//! The client is the `sub` of the assertion, so `client_id` may be left out.
//! Which of the two methods it is, the algorithm says: an HMAC is made with a
//! secret, everything else with a private key, and neither ever with the other.

use std::time::SystemTime;

use crate::protocol::{
    auth_method::AuthMethod,
    client::Client,
    incoming::form::{CLIENT_ASSERTION, CLIENT_ASSERTION_TYPE},
    jwt::{audience::Audience, claims::Claims, jws::Jws, mismatch::Mismatch},
    proof::Unproven,
    reason::RejectionReason,
    rejection::Rejection,
    secret::Secret,
    settings::{Settings, assertions::AssertionSettings},
};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An assertion that was read; nothing about it is verified.
pub(crate) struct Assertion {
    pub(crate) jws: Jws,
    pub(crate) claims: Claims,
}

/// Pairs the assertion with its type.
pub(super) fn check_type(
    assertion: Option<Secret>,
    assertion_type: Option<Secret>,
) -> Result<Option<Secret>, Rejection> {
    match (assertion, assertion_type) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(Rejection::naming(
            RejectionReason::MissingClientAssertionType,
            CLIENT_ASSERTION_TYPE,
        )),
        (None, Some(_)) => Err(Rejection::naming(
            RejectionReason::MissingClientAssertion,
            CLIENT_ASSERTION,
        )),
        (Some(assertion), Some(own)) if own.expose_secret() == JWT_BEARER => Ok(Some(assertion)),
        (Some(_), Some(_)) => Err(RejectionReason::UnknownAssertionType.into()),
    }
}

impl Assertion {
    pub(super) fn parse(token: Secret, settings: &AssertionSettings) -> Result<Self, Rejection> {
        if !settings.accepted {
            return Err(RejectionReason::MethodNotVerifiable.into());
        }
        let jws = Jws::parse(token, settings.max_bytes)?;
        if !settings.algorithms.contains(jws.algorithm()) {
            return Err(RejectionReason::UnsupportedAlgorithm.into());
        }
        let claims = Claims::parse(jws.payload())?;
        Ok(Self { jws, claims })
    }

    /// Whether it is of this client, by an algorithm that the client registered.
    pub(crate) fn check_client(&self, client: &Client) -> Result<(), RejectionReason> {
        // If a store ignores case, each spelling of the id could use the same `jti` once.
        if client.client_id() != self.claims.client_id() {
            return Err(RejectionReason::UnknownClient);
        }
        match client.signing_algorithm() {
            Some(registered) if registered != self.jws.algorithm() => {
                Err(RejectionReason::AlgorithmNotRegistered)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether it is for this server and this time, and until when its `jti` must be
    /// remembered then.
    pub(crate) fn check_claims(
        &self,
        client: &Client,
        settings: &Settings,
        now: SystemTime,
    ) -> Result<SystemTime, RejectionReason> {
        let has_own_type = self.jws.has_own_type();
        let is_audience =
            |audience: &Audience| settings.is_audience(client, audience, has_own_type);
        self.claims.check(is_audience, now)
    }

    /// The refusal for this reason, with what was wrong if an operator has to compare it.
    pub(crate) fn refuse(
        &self,
        unproven: &Unproven,
        settings: &Settings,
        now: impl FnOnce() -> SystemTime,
    ) -> Rejection {
        let reason = unproven.reason;
        let Some(client) = &unproven.client else {
            return reason.into();
        };
        if reason == RejectionReason::WrongAudience {
            let audience = self.claims.audience();
            let has_own_type = self.jws.has_own_type();
            let wrong = settings.wrong_audience(client, audience, has_own_type);
            return Rejection::caused_by(reason, Box::new(wrong));
        }
        match self.mismatch(reason, client, now) {
            Some(mismatch) => Rejection::caused_by(reason, Box::new(mismatch)),
            None => reason.into(),
        }
    }

    fn mismatch(
        &self,
        reason: RejectionReason,
        client: &Client,
        now: impl FnOnce() -> SystemTime,
    ) -> Option<Mismatch> {
        let algorithm = self.jws.algorithm();
        if reason == RejectionReason::AlgorithmNotRegistered {
            return Some(Mismatch::Algorithm {
                found: algorithm,
                registered: client.signing_algorithm()?,
            });
        }
        let is_of_key = [RejectionReason::UnknownKey, RejectionReason::AmbiguousKey];
        if is_of_key.contains(&reason) {
            return Some(Mismatch::Key {
                kid: self.jws.kid().map(Into::into),
                algorithm,
            });
        }
        self.claims.wrong_time(reason, now())
    }

    pub(crate) const fn method(&self) -> AuthMethod {
        AuthMethod::of_assertion(self.jws.algorithm())
    }
}

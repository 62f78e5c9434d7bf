//! DPoP: the client has the key that a token is to be bound to (RFC 9449 §4.3).
//!
//! 1. There is one proof, and it is well-formed, by an algorithm that is accepted.
//! 2. It is for this method, this URL and this time.
//! 3. It is signed by the key that it brings.
//! 4. It has a nonce of this server, if the server gives nonces.
//!
//! At the token endpoint, the client has authenticated before. After all of this, the store is asked whether
//! the `jti` is new.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use http::HeaderValue;
use sha2::{Digest as _, Sha256};

use crate::{
    crypto::{self, MAX_RSA_BITS},
    protocol::{
        accepted::binding::Binding,
        dpop_nonces::{DpopNonces, NonceAge},
        exchange::Unbound,
        incoming::dpop_header::DpopHeader,
        jwt::{
            dpop::{Claims, Parts, WANTED_ALG, mismatch},
            mismatch::Mismatch,
        },
        proof::{OneTimeValue, ProvenKey},
        reason::RejectionReason,
        rejection::Rejection,
        replay::ReplayPurpose,
        settings::{Settings, dpop::Dpop},
    },
};

/// By how much clocks may differ, in seconds.
const SKEW: f64 = 60.0;

/// What a proof must be for.
pub(crate) struct Target<'a> {
    pub(crate) method: &'a str,
    pub(crate) is_url: &'a dyn Fn(&str) -> bool,
    /// The URL, to show it to an operator.
    pub(crate) url: &'a dyn Fn() -> Option<Cow<'a, str>>,
    /// The token that a proof for a protected resource is for.
    pub(crate) access_token: Option<&'a str>,
}

/// `None` if there is no proof, and none is needed.
pub(crate) fn check_request(
    header: Option<DpopHeader<'_>>,
    unbound: &Unbound,
    settings: &Settings,
    now: impl FnOnce() -> SystemTime,
) -> Result<Option<ProvenKey>, Rejection> {
    let client = unbound.client();
    let (Some(header), Some(dpop)) = (header, settings.dpop()) else {
        return match settings.requires_dpop(client, unbound.binds_certificate()) {
            true => Err(RejectionReason::DpopProofRequired.into()),
            false => Ok(None),
        };
    };
    let target = Target {
        method: "POST",
        is_url: &|htu| settings.is_htu(client, htu),
        url: &|| settings.endpoint_url(client).map(Cow::Owned),
        access_token: None,
    };
    check(header.proof()?, &target, dpop, now()).map(Some)
}

/// Checks one proof.
pub(super) fn check(
    proof: &str,
    target: &Target<'_>,
    dpop: &Dpop,
    now: SystemTime,
) -> Result<ProvenKey, Rejection> {
    let parts = Parts::decode(proof)?;
    let header = parts.header()?;
    if !dpop.accepts(header.algorithm) {
        let wanted = WANTED_ALG;
        let found = Some(header.algorithm.as_str());
        let reason = RejectionReason::UnsupportedDpopAlgorithm;
        return Err(mismatch(reason, "alg", found, wanted));
    }
    let claims = parts.claims()?;
    check_target(&claims, target)?;
    let until = check_time(&claims, dpop.window, now)?;
    let (key, jkt) = header.key(MAX_RSA_BITS)?;
    let (message, signature) = (parts.signing_input(), parts.signature());
    if !crypto::verify(
        Some(&key),
        header.algorithm,
        message,
        signature,
        MAX_RSA_BITS,
    ) {
        return Err(RejectionReason::WrongDpopSignature.into());
    }
    let next_nonce = match &dpop.nonces {
        Some(nonces) => check_nonce(claims.nonce.as_deref(), nonces, now)?,
        None => None,
    };
    let jti = BASE64URL.encode(Sha256::digest(&*claims.jti));
    let one_time = OneTimeValue {
        purpose: ReplayPurpose::DpopProof,
        value: format!("{jkt}.{jti}"),
        until,
        replayed: RejectionReason::ReplayedDpopProof,
    };
    Ok(ProvenKey::new(Binding { jkt, next_nonce }, one_time))
}

fn check_target(claims: &Claims<'_>, target: &Target<'_>) -> Result<(), Rejection> {
    if claims.htm != target.method {
        let reason = RejectionReason::WrongDpopMethod;
        return Err(mismatch(reason, "htm", Some(&claims.htm), target.method));
    }
    if !(target.is_url)(&claims.htu) {
        let url = (target.url)();
        let wanted = url.as_deref().unwrap_or("the URL of the endpoint");
        let reason = RejectionReason::WrongDpopUri;
        return Err(mismatch(
            reason,
            "htu",
            Some(&without_secrets(&claims.htu)),
            wanted,
        ));
    }
    let ath = |token| BASE64URL.encode(Sha256::digest(token));
    match target.access_token.map(ath) {
        Some(ath) if claims.ath.as_deref() != Some(&*ath) => {
            let (reason, found) = (RejectionReason::WrongDpopToken, claims.ath.as_deref());
            Err(mismatch(
                reason,
                "ath",
                found,
                "the SHA-256 of the access token",
            ))
        }
        Some(_) | None => Ok(()),
    }
}

/// A URL for a log: without query, fragment and user.
fn without_secrets(url: &str) -> Cow<'_, str> {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}").into(),
        None => url.into(),
    }
}

/// Returns until when the proof must be remembered: for as long as any machine accepts it.
fn check_time(
    claims: &Claims<'_>,
    window: Duration,
    now: SystemTime,
) -> Result<SystemTime, Rejection> {
    let since = now.duration_since(SystemTime::UNIX_EPOCH);
    let now = since.unwrap_or_default().as_secs_f64();
    let wrong = |reason, claim, found, wanted| {
        let mismatch = Mismatch::Time {
            claim,
            found,
            now,
            wanted,
        };
        Err(Rejection::caused_by(reason, Box::new(mismatch)))
    };
    let ahead = |time: f64| time > now + SKEW;
    let iat = claims.issued_at;
    if iat + window.as_secs_f64() + SKEW < now {
        let wanted = "later, by the window of the layer and 60 seconds of tolerance";
        return wrong(RejectionReason::ExpiredDpopProof, "iat", iat, wanted);
    }
    if let Some(expires) = claims.expires.filter(|expires| expires + SKEW <= now) {
        let wanted = "later, with 60 seconds of tolerance";
        return wrong(RejectionReason::ExpiredDpopProof, "exp", expires, wanted);
    }
    let times = [("iat", Some(iat)), ("nbf", claims.not_before)];
    for (claim, time) in times {
        if let Some(time) = time.filter(|time| ahead(*time)) {
            let wanted = "earlier, with 60 seconds of tolerance";
            return wrong(RejectionReason::DpopProofNotYetValid, claim, time, wanted);
        }
    }
    Duration::try_from_secs_f64(iat + window.as_secs_f64() + 2.0 * SKEW)
        .ok()
        .and_then(|until| SystemTime::UNIX_EPOCH.checked_add(until))
        .ok_or_else(|| RejectionReason::ExpiredDpopProof.into())
}

/// Returns the nonce to use next, if there is a newer one.
fn check_nonce(
    sent: Option<&str>,
    nonces: &DpopNonces,
    now: SystemTime,
) -> Result<Option<HeaderValue>, Rejection> {
    let age = sent.map(|sent| nonces.age(sent, now));
    let reason = match age {
        Some(NonceAge::Good { is_newer_known }) => {
            return Ok(nonces.current(now).filter(|_| is_newer_known));
        }
        Some(NonceAge::Unknown) => RejectionReason::WrongDpopNonce,
        None => RejectionReason::MissingDpopNonce,
    };
    Err(Rejection::from(reason).with_dpop_nonce(nonces.current(now)))
}

#[cfg(all(test, feature = "jwt"))]
mod tests {
    use super::*;

    /// RFC 9449 §4.1 and §5.
    const PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    const ISSUED_AT: u64 = 1_562_262_616;

    fn check_at(seconds: u64) -> Result<ProvenKey, Rejection> {
        let target = Target {
            method: "POST",
            is_url: &|url| url == "https://server.example.com/token",
            url: &|| None,
            access_token: None,
        };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        check(PROOF, &target, &Dpop::new(), now)
    }

    #[test]
    fn the_proof_of_rfc_9449_is_accepted_in_its_time() {
        let key = check_at(ISSUED_AT).expect("accepted");
        // The `jkt` of §6.1.
        assert_eq!(
            key.binding.jkt,
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
        );
        assert!(key.binding.next_nonce.is_none());
    }

    #[test]
    fn times_at_their_edges() {
        for (now, expected) in [
            (ISSUED_AT - 60, None),
            (ISSUED_AT - 61, Some(RejectionReason::DpopProofNotYetValid)),
            (ISSUED_AT + 120, None),
            (ISSUED_AT + 121, Some(RejectionReason::ExpiredDpopProof)),
        ] {
            let reason = check_at(now).err().map(|rejection| rejection.reason());
            assert_eq!(reason, expected, "{now}");
        }
        let until = check_at(ISSUED_AT).expect("accepted").one_time.until;
        let until = until
            .duration_since(SystemTime::UNIX_EPOCH)
            .expect("after 1970");
        assert_eq!(until.as_secs(), ISSUED_AT + 180);
    }
}

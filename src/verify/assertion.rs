//! `private_key_jwt` and `client_secret_jwt`: the assertion is signed by the
//! client, for this server and this time (RFC 7523 §3).
//!
//! 1. One signature is verified, whoever the client is and whatever it is
//!    registered for: with the client's key, or with a decoy.
//! 2. The client is there and may authenticate so (`prove_one`).
//! 3. It registered no other algorithm.
//! 4. It has the one key that the header asks for, and the signature is its own.
//! 5. The claims are for this server and this time.
//!
//! That the `jti` is new is asked after all of this, of the store.

use std::time::SystemTime;

use crate::{
    crypto::{self, Family},
    protocol::{
        client::{Client, ClientKeys},
        credentials::assertion::Assertion,
        exchange::Candidate,
        jwt::{jws::Jws, key_set::KeySet},
        proof::Proof,
        rejection::Reason,
        rules::Rules,
    },
};

pub(super) fn check(
    candidate: &Candidate<'_>,
    assertion: &Assertion,
    rules: &Rules,
    now: impl Fn() -> SystemTime,
) -> Result<Proof, Reason> {
    let jws = &assertion.jws;
    let client = candidate.client.map(AsRef::as_ref);
    let is_signed = match jws.algorithm().family() {
        Family::Hmac { secret_len } => check_hmac(client, jws, secret_len, &now),
        Family::Rsa | Family::Ec(_) | Family::Ed25519 => {
            check_signature(client, candidate.fetched, jws)
        }
    };
    let client = client.ok_or(Reason::UnknownClient)?;
    let registered = client.signing_algorithm();
    if registered.is_some_and(|registered| registered != jws.algorithm()) {
        return Err(Reason::AlgorithmNotRegistered);
    }
    is_signed?;
    let is_audience = |audience: &str| rules.is_audience(client, audience);
    let until = assertion.claims.check(is_audience, now())?;
    Ok(Proof::Once { until })
}

fn check_signature(
    client: Option<&Client>,
    fetched: Option<&KeySet>,
    jws: &Jws,
) -> Result<(), Reason> {
    let keys = match client.map(Client::keys) {
        Some(ClientKeys::Registered(keys)) => Ok(&**keys),
        Some(ClientKeys::At(_)) => fetched.ok_or(Reason::KeySourceMissing),
        Some(ClientKeys::None) | None => Err(Reason::UnknownKey),
    };
    let key = keys.and_then(|keys| keys.find(jws.algorithm(), jws.kid()));
    let is_right = crypto::verify(
        key.ok(),
        jws.algorithm(),
        jws.signing_input(),
        jws.signature(),
    );
    match key {
        Ok(_) if is_right => Ok(()),
        Ok(_) => Err(Reason::WrongSignature),
        Err(reason) => Err(reason),
    }
}

/// With every secret of the client that is long enough, without stopping at the
/// right one, or with a decoy. One HMAC more or less is no time.
fn check_hmac(
    client: Option<&Client>,
    jws: &Jws,
    secret_len: usize,
    now: impl Fn() -> SystemTime,
) -> Result<(), Reason> {
    let matches = |secret: &[u8]| {
        let (message, tag) = (jws.signing_input(), jws.signature());
        crypto::verify_hmac(jws.algorithm(), secret, message, tag)
    };
    let secrets = client.map_or(&[][..], Client::secrets);
    let mut is_any_long_enough = false;
    let mut matches_live = false;
    let mut matches_expired = false;
    for registered in secrets {
        let secret = registered
            .as_plain()
            .map(|secret| secret.expose().as_bytes());
        if let Some(secret) = secret.filter(|secret| secret.len() >= secret_len) {
            is_any_long_enough = true;
            let expired = registered.is_expired(&now);
            let matches = matches(secret);
            matches_live |= matches & !expired;
            matches_expired |= matches & expired;
        }
    }
    if !is_any_long_enough {
        // What matches a decoy proves nothing.
        let _: bool = matches(&[0; 64][..secret_len]);
        return Err(Reason::UnknownKey);
    }
    if matches_live {
        Ok(())
    } else if matches_expired {
        Err(Reason::ExpiredSecret)
    } else {
        Err(Reason::WrongSignature)
    }
}

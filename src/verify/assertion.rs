//! `private_key_jwt` and `client_secret_jwt`: the assertion must be signed by the client, for
//! this server and this time (RFC 7523 §3).
//!
//! 1. One signature is verified for any client with any registration: with the client's key,
//!    or with a decoy.
//! 2. The client exists and is registered for the method (`settle`).
//! 3. It registered no other algorithm.
//! 4. It has the key that the header asks for, and the signature is by that key.
//! 5. The claims are for this server and this time.
//!
//! After all of this, the store is asked whether the `jti` is new.

use std::time::SystemTime;

use crate::{
    crypto::{self, Family},
    protocol::{
        candidate::Candidate,
        client::{Client, keys::ClientKeys},
        incoming::evidence::assertion::Assertion,
        jwt::{jws::Jws, key_set::KeySet},
        proof::{OneTimeValue, Proof},
        reason::RejectionReason,
        replay::ReplayPurpose,
        settings::Settings,
    },
};

pub(super) fn check(
    candidate: &Candidate<'_>,
    assertion: &Assertion,
    settings: &Settings,
    now: impl Fn() -> SystemTime,
) -> Result<Proof, RejectionReason> {
    let jws = &assertion.jws;
    let client = candidate.client.map(AsRef::as_ref);
    let is_signed = match jws.algorithm().family() {
        Family::Hmac { secret_len } => check_hmac(client, jws, secret_len, &now),
        Family::Rsa | Family::Ec(_) | Family::Ed25519 => {
            check_signature(client, candidate.fetched, jws)
        }
    };
    let client = client.ok_or(RejectionReason::UnknownClient)?;
    assertion.check_client(client)?;
    let until = assertion.check_claims(client, settings, now());
    match is_signed {
        Ok(()) => Ok(Proof {
            one_time: vec![OneTimeValue {
                purpose: ReplayPurpose::ClientAssertion,
                value: assertion.claims.jti().to_owned(),
                until: until?,
                replayed: RejectionReason::ReplayedAssertion,
            }],
        }),
        // Keys are not fetched if the claims are refused anyway.
        Err(RejectionReason::KeySourceMissing) => {
            Err(until.err().unwrap_or(RejectionReason::KeySourceMissing))
        }
        Err(reason) => Err(reason),
    }
}

fn check_signature(
    client: Option<&Client>,
    fetched: Option<&KeySet>,
    jws: &Jws,
) -> Result<(), RejectionReason> {
    let keys = match client.map(Client::keys) {
        Some(ClientKeys::Registered(keys)) => Ok(&**keys),
        Some(ClientKeys::At(_)) => fetched.ok_or(RejectionReason::KeySourceMissing),
        Some(ClientKeys::None) | None => Err(RejectionReason::UnknownKey),
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
        Ok(_) => Err(RejectionReason::WrongSignature),
        Err(reason) => Err(reason),
    }
}

/// Verifies with every secret of the client that is long enough, without stopping at the
/// right one. If these are fewer than two, decoys make up the number: a client that replaces
/// its secret has two, and verifying a long assertion once more takes measurable time.
fn check_hmac(
    client: Option<&Client>,
    jws: &Jws,
    secret_len: usize,
    now: impl Fn() -> SystemTime,
) -> Result<(), RejectionReason> {
    const MIN_VERIFICATIONS: usize = 2;
    let matches = |secret: &[u8]| {
        let (message, tag) = (jws.signing_input(), jws.signature());
        crypto::verify_hmac(jws.algorithm(), secret, message, tag)
    };
    let mut verified = 0;
    let mut matches_live = false;
    let mut matches_expired = false;
    for registered in client.map_or(&[][..], Client::secrets) {
        let secret = registered
            .as_plain()
            .map(|secret| secret.expose_secret().as_bytes());
        if let Some(secret) = secret.filter(|secret| secret.len() >= secret_len) {
            let expired = registered.is_expired(&now);
            let matches = matches(secret);
            matches_live |= matches & !expired;
            matches_expired |= matches & expired;
            verified += 1;
        }
    }
    for _ in verified..MIN_VERIFICATIONS {
        // What matches a decoy proves nothing.
        let _: bool = matches(&[0; 64][..secret_len]);
    }
    if matches_live {
        Ok(())
    } else if matches_expired {
        Err(RejectionReason::ExpiredSecret)
    } else if verified == 0 {
        Err(RejectionReason::UnknownKey)
    } else {
        Err(RejectionReason::WrongSignature)
    }
}

#[cfg(all(test, feature = "jwt"))]
mod tests {
    use std::sync::Arc;

    use http::Request;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        client::{AuthMethod, ClientBuilder, ClientSecret, SigningAlgorithm},
        protocol::{
            exchange::{Claimant, Found},
            incoming::head::Head,
        },
        verify::prove,
    };

    /// Sends an assertion that nobody signed and counts the verifications that it costs, with
    /// each algorithm.
    fn work(client: Option<ClientBuilder>, kid: &str) -> Vec<usize> {
        use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
        let mut settings = Settings::new("https://as.example.com".into());
        settings.assertions.accepted = true;
        let client = client.map(|client| Arc::new(client.build().expect("a client")));
        let work_of = |algorithm: SigningAlgorithm| {
            let header = json!({"alg": algorithm.as_str(), "kid": kid}).to_string();
            let claims = json!({"iss": "c", "sub": "c", "aud": "x", "exp": 1, "jti": "1"});
            let [header, claims] = [header, claims.to_string()].map(|it| BASE64URL.encode(it));
            let signature = BASE64URL.encode([7; 64]);
            let body = format!(
                "client_assertion={header}.{claims}.{signature}&client_assertion_type=\
                 urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            );
            let mut request = Request::post("/token")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(())
                .expect("a request");
            let head = Head::check(&mut request, &settings);
            let head = head.unwrap_or_else(|reason| panic!("{reason:?}"));
            let claimant = Claimant::new(head, None, body.as_bytes(), &settings)
                .unwrap_or_else(|rejection| panic!("{rejection}"));
            let decoy = |_: &Found| panic!("only for secrets");
            let found = [client.clone(), None];
            let candidates = claimant.candidates(&found, decoy);
            let before = crypto::verifications();
            assert!(prove(&candidates, &settings, SystemTime::now).is_err());
            crypto::verifications() - before
        };
        SigningAlgorithm::ALL.into_iter().map(work_of).collect()
    }

    #[test]
    fn every_refused_assertion_costs_the_same_whoever_the_client_is() {
        let ec = json!({
            "kty": "EC", "crv": "P-256", "kid": "1",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        });
        let mut other_kid = ec.clone();
        other_kid["kid"] = json!("2");
        let plain = || {
            ClientSecret::plain("sixty-four bytes are enough for every hash there is...".repeat(2))
        };
        let keyed = |keys: Vec<Value>| {
            Client::builder("c")
                .auth_method(AuthMethod::PrivateKeyJwt)
                .metadata("jwks", json!({"keys": keys}))
        };
        let hmac = || {
            Client::builder("c")
                .auth_method(AuthMethod::ClientSecretJwt)
                .secret(plain())
        };
        let unknown = work(None, "1");
        assert_eq!(unknown, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2]);
        for (name, client) in [
            ("one key", keyed(vec![ec.clone()])),
            ("a key of another kid", keyed(vec![other_kid.clone()])),
            ("two keys of one kid", keyed(vec![ec.clone(), ec.clone()])),
            ("two keys", keyed(vec![ec.clone(), other_kid])),
            (
                "another algorithm",
                keyed(vec![ec]).metadata("token_endpoint_auth_signing_alg", json!("ES256")),
            ),
            (
                "keys elsewhere",
                Client::builder("c")
                    .auth_method(AuthMethod::PrivateKeyJwt)
                    .metadata("jwks_uri", json!("https://c.example/jwks")),
            ),
            ("one secret", hmac()),
            ("two secrets", hmac().secret(plain())),
            (
                "a secret for Basic",
                Client::builder("c").secret(ClientSecret::sha256_of("s")),
            ),
            ("none", Client::builder("c").auth_method(AuthMethod::None)),
        ] {
            assert_eq!(work(Some(client), "1"), unknown, "{name}");
        }
    }
}

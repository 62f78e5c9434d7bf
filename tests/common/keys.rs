//! Keys of a client that signs assertions.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};

use crate::common::call::ISSUER;

/// The client whose assertions a [`Key`] signs.
pub(crate) const KEYED: &str = "keyed";

/// A key pair, and the id that it is published under.
pub(crate) struct Key {
    kid: &'static str,
    pair: EcdsaKeyPair,
}

impl Key {
    pub(crate) fn new(kid: &'static str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        Self { kid, pair }
    }

    /// RFC 7518 §6.2.1; the point is 0x04, x, y.
    pub(crate) fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(|it| BASE64URL.encode(it));
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": self.kid, "x": x, "y": y})
    }

    /// A new assertion each time (RFC 7523 §3).
    pub(crate) fn assertion(&self) -> String {
        self.assertion_for(ISSUER)
    }

    /// A new assertion with this audience.
    pub(crate) fn assertion_for(&self, audience: &str) -> String {
        static JTI: AtomicU64 = AtomicU64::new(0);
        let jti = JTI.fetch_add(1, Ordering::Relaxed).to_string();
        self.assertion_of(KEYED, audience, &jti)
    }

    /// An assertion of this client for this issuer.
    pub(crate) fn assertion_of(&self, client: &str, issuer: &str, jti: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let exp = now.expect("a clock after 1970").as_secs() + 300;
        let header = json!({"alg": "ES256", "kid": self.kid});
        let claims = json!({"iss": client, "sub": client, "aud": issuer, "exp": exp, "jti": jti});
        let [header, claims] = [header, claims].map(|it| BASE64URL.encode(it.to_string()));
        let message = format!("{header}.{claims}");
        let signed = self.pair.sign(&SystemRandom::new(), message.as_bytes());
        let signature = BASE64URL.encode(signed.expect("a signature"));
        format!("{message}.{signature}")
    }
}

//! Clients that sign, and how they send what they signed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::common::token_server::*;
use crate::common::{JWT_BEARER, Reply};

pub(crate) const ENDPOINTS: [&str; 3] = ["/token", "/introspect", "/revoke"];

/// Who signs, and how.
pub(crate) struct Signer {
    pub(crate) id: &'static str,
    pub(crate) header: Header,
    pub(crate) key: EncodingKey,
}

impl Signer {
    pub(crate) fn new(id: &'static str, algorithm: Algorithm, key: EncodingKey) -> Self {
        let header = Header::new(algorithm);
        Self { id, header, key }
    }

    /// The demo client whose key the server prints.
    pub(crate) fn demo_private_key() -> Self {
        let key = "MC4CAQAwBQYDK2VwBCIEIGGMeBkI/rmHlI1bJUh9IbUNvpZlCPzj2uZEZexfnNJL";
        let key = STANDARD.decode(key).expect("base64");
        let key = EncodingKey::from_ed_der(&key);
        Self::new("demo-private-key-jwt", Algorithm::EdDSA, key)
    }

    pub(crate) fn demo_client_secret() -> Self {
        let secret = "demo-client-secret-jwt-secret-of-32-bytes-or-more";
        let key = EncodingKey::from_secret(secret.as_bytes());
        Self::new("demo-client-secret-jwt", Algorithm::HS256, key)
    }

    /// An assertion that was never there before.
    pub(crate) fn assertion(&self, audience: &str) -> String {
        static JTI: AtomicUsize = AtomicUsize::new(0);
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        let claims = json!({
            "iss": self.id,
            "sub": self.id,
            "aud": audience,
            "jti": format!("jti-{}", JTI.fetch_add(1, Ordering::Relaxed)),
            "iat": now.as_secs(),
            "exp": now.as_secs() + 300,
        });
        jsonwebtoken::encode(&self.header, &claims, &self.key).expect("it signs")
    }
}

/// A key pair with a `kid`, and the public half as a JWK.
pub(crate) fn key_pair(id: &'static str, kid: &str) -> (Signer, Value) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key pair");
    let private = pair.to_pkcs8v1().expect("PKCS #8");
    let key = EncodingKey::from_ec_der(private.as_ref());
    let mut signer = Signer::new(id, Algorithm::ES256, key);
    signer.header.kid = Some(kid.to_owned());
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
    let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y });
    (signer, jwk)
}

impl Server {
    pub(crate) async fn assert(&self, path: &str, assertion: &str, form: &[(&str, &str)]) -> Reply {
        let mut form = form.to_vec();
        form.push(("client_assertion_type", JWT_BEARER));
        form.push(("client_assertion", assertion));
        self.send(path, None, &form).await
    }

    pub(crate) async fn token_for(&self, assertion: &str) -> Reply {
        self.assert("/token", assertion, &[CLIENT_CREDENTIALS])
            .await
    }

    /// With the other parameter that each endpoint wants.
    pub(crate) async fn authenticate(&self, path: &str, assertion: &str) -> Reply {
        let form = match path {
            "/token" => CLIENT_CREDENTIALS,
            _ => ("token", "a-token"),
        };
        self.assert(path, assertion, &[form]).await
    }
}

pub(crate) fn demo_signers() -> [Signer; 2] {
    [Signer::demo_private_key(), Signer::demo_client_secret()]
}

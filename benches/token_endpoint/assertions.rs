//! Clients that authenticate by assertion (RFC 7523 §2.2), and what they send, for every
//! measurement that an assertion is part of.

use std::time::{Duration, SystemTime};

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
    RsaKeyPair, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use serde_json::{Value, json};
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::{Client, GrantType};

use crate::requests::{FORM, ISSUER, TOKEN_PATH, client_id, secret, with_headers};

/// What an assertion is signed with: one of each kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Es256,
    Rs256,
    Ed25519,
    Hs256,
}

enum Key {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Hs256(Box<hmac::Key>),
}

/// A client and its private key.
pub(crate) struct Signer {
    client_id: String,
    algorithm: Algorithm,
    key: Key,
    random: SystemRandom,
    signed: u64,
}

/// A token and the parts of it that a signature is verified over.
pub(crate) struct Signed {
    pub(crate) token: String,
    pub(crate) message_len: usize,
    pub(crate) signature: Vec<u8>,
}

impl Signer {
    pub(crate) fn new(algorithm: Algorithm, n: usize) -> Self {
        const MADE: &str = "a key that the library makes";
        let key = match algorithm {
            Algorithm::Es256 => {
                Key::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect(MADE))
            }
            Algorithm::Rs256 => Key::Rs256(RsaKeyPair::generate(KeySize::Rsa2048).expect(MADE)),
            Algorithm::Ed25519 => Key::Ed25519(Ed25519KeyPair::generate().expect(MADE)),
            Algorithm::Hs256 => Key::Hs256(Box::new(hmac::Key::new(
                hmac::HMAC_SHA256,
                hmac_secret(n).as_bytes(),
            ))),
        };
        Self {
            client_id: client_id(n),
            algorithm,
            key,
            random: SystemRandom::new(),
            signed: 0,
        }
    }

    /// Its registration.
    pub(crate) fn client(&self, n: usize) -> Client {
        let builder = Client::builder(&*self.client_id)
            .grant_types([GrantType::ClientCredentials])
            .scope("read write profile");
        if let Key::Hs256(_) = &self.key {
            return builder
                .auth_method(AuthMethod::ClientSecretJwt)
                .secret(ClientSecret::plain(hmac_secret(n)))
                .build()
                .expect("a valid client");
        }
        let mut jwk = self.jwk();
        jwk["kid"] = "2026-01".into();
        builder
            .auth_method(AuthMethod::PrivateKeyJwt)
            .metadata("jwks", json!({"keys": [jwk]}))
            .build()
            .expect("a valid client")
    }

    /// The public key. `null` for a secret.
    fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.key {
            Key::Es256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)})
            }
            Key::Rs256(pair) => {
                json!({"kty": "RSA", "n": encode(modulus(pair)), "e": "AQAB"})
            }
            Key::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref())})
            }
            Key::Hs256(_) => Value::Null,
        }
    }

    /// An assertion with the claims that most libraries send, for one use.
    pub(crate) fn sign(&mut self) -> Signed {
        self.signed += 1;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.expect("after 1970").as_secs();
        let header = json!({"alg": self.algorithm.name(), "typ": "JWT", "kid": "2026-01"});
        self.sign_parts(
            &header,
            &json!({
                "iss": self.client_id,
                "sub": self.client_id,
                "aud": ISSUER,
                // As long as a UUID, which it mostly is.
                "jti": format!("3f0d8c1e-5b0a-4c57-9c53-{:012x}", self.signed),
                "iat": now,
                "exp": now + Duration::from_secs(3600).as_secs(),
            }),
        )
    }

    /// A DPoP proof (RFC 9449 §4.2), for one use.
    pub(crate) fn prove(&mut self) -> Signed {
        self.signed += 1;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.expect("after 1970").as_secs();
        let jwk = self.jwk();
        let header = json!({"alg": self.algorithm.name(), "typ": "dpop+jwt", "jwk": jwk});
        self.sign_parts(
            &header,
            &json!({
                "jti": format!("3f0d8c1e-5b0a-4c57-9c53-{:012x}", self.signed),
                "htm": "POST",
                "htu": format!("{ISSUER}{TOKEN_PATH}"),
                "iat": now,
            }),
        )
    }

    fn sign_parts(&self, header: &Value, claims: &Value) -> Signed {
        let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
        let message = format!(
            "{}.{}",
            encode(header.to_string()),
            encode(claims.to_string())
        );
        let signature = self.key.sign(&self.random, message.as_bytes());
        Signed {
            token: format!("{message}.{}", URL_SAFE_NO_PAD.encode(&signature)),
            message_len: message.len(),
            signature,
        }
    }

    /// What verifies a signature of it and does nothing else.
    pub(crate) fn verifier(&self) -> Verifier {
        let parsed = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            Verifier::Public(ParsedPublicKey::new(algorithm, key).expect("a public key"))
        };
        match &self.key {
            Key::Es256(pair) => parsed(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref()),
            Key::Rs256(pair) => parsed(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref()),
            Key::Ed25519(pair) => parsed(&ED25519, pair.public_key().as_ref()),
            Key::Hs256(key) => Verifier::Secret(key.clone()),
        }
    }
}

impl Signed {
    /// Makes it one that nobody signed: a number that the library does all its work with.
    pub(crate) fn spoil(&mut self) {
        let first = self.message_len + 1;
        let other = if self.token[first..].starts_with('A') {
            "B"
        } else {
            "A"
        };
        self.token.replace_range(first..=first, other);
    }
}

/// What the library verifies a signature with.
pub(crate) enum Verifier {
    Public(ParsedPublicKey),
    Secret(Box<hmac::Key>),
}

impl Verifier {
    pub(crate) fn verify(&self, signed: &Signed) -> bool {
        let message = &signed.token.as_bytes()[..signed.message_len];
        match self {
            Self::Public(key) => key.verify_sig(message, &signed.signature).is_ok(),
            Self::Secret(key) => hmac::verify(key, message, &signed.signature).is_ok(),
        }
    }
}

impl Algorithm {
    const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ed25519 => "Ed25519",
            Self::Hs256 => "HS256",
        }
    }
}

impl Key {
    fn sign(&self, random: &SystemRandom, message: &[u8]) -> Vec<u8> {
        const SIGNED: &str = "a key of its own";
        match self {
            Self::Es256(pair) => pair.sign(random, message).expect(SIGNED).as_ref().into(),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, random, message, &mut signature)
                    .expect(SIGNED);
                signature
            }
            Self::Ed25519(pair) => pair.sign(message).as_ref().into(),
            Self::Hs256(key) => hmac::sign(key, message).as_ref().into(),
        }
    }
}

/// Of 2048 bits, out of the DER of RFC 8017 §A.1.1: after the heads of sequence and integer and
/// a zero.
fn modulus(pair: &RsaKeyPair) -> &[u8] {
    &pair.public_key().as_ref()[9..][..256]
}

/// 44 characters, since an HMAC with SHA-256 wants 32 at least (RFC 7518 §3.2).
fn hmac_secret(n: usize) -> String {
    [secret(n), secret(n + 1)].concat()
}

/// The form of an assertion.
pub(crate) fn asserted(token: &str) -> String {
    format!(
        "{FORM}&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A\
         jwt-bearer&client_assertion={token}"
    )
}

/// The form of `client_secret_post`.
pub(crate) fn with_secret(n: usize) -> String {
    format!(
        "{FORM}&client_id={}&client_secret={}",
        client_id(n),
        secret(n)
    )
}

/// The request of such a form with a proof.
pub(crate) fn proven(form: impl Into<Bytes>, proof: &Signed) -> Request<Full<Bytes>> {
    let mut request = posted(form);
    let value = HeaderValue::from_str(&proof.token).expect("base64url");
    request.headers_mut().insert("dpop", value);
    request
}

/// The registration of `client_secret_post`.
pub(crate) fn post_client(n: usize) -> Client {
    Client::builder(client_id(n))
        .auth_method(AuthMethod::ClientSecretPost)
        .secret(ClientSecret::sha256_of(secret(n)))
        .grant_types([GrantType::ClientCredentials])
        .scope("read write profile")
        .build()
        .expect("a valid client")
}

/// A request with its credentials in the form. It has as many headers as every other: a proxy added
/// one that is as long as Basic credentials.
pub(crate) fn posted(form: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let form = form.into();
    let mut digits = [0; 8];
    let content_length = decimal(form.len(), &mut digits);
    let forwarded = "for=192.0.2.60;proto=https;host=as.example.com:443";
    with_headers(
        TOKEN_PATH,
        (header::FORWARDED, forwarded),
        content_length,
        form,
    )
}

/// Without an allocation, since requests are made while the clock runs.
fn decimal(mut number: usize, digits: &mut [u8; 8]) -> &str {
    let mut start = digits.len();
    while number > 0 {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    std::str::from_utf8(&digits[start..]).expect("digits are ASCII")
}

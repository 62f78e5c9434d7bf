//! An assertion in the making: every byte of it can be set.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::common::sign::{ED25519, Key, P256, RSA, SECRET, base64url, sign};
pub(crate) use crate::common::{CC, Call, JWT_BEARER};
use crate::common::{ISSUER, form_encode, post};

/// Header and claims before they are signed. Names and values are JSON text.
#[derive(Clone)]
pub(crate) struct Draft {
    header: Members,
    claims: Members,
    header_text: Option<Vec<u8>>,
    claims_text: Option<Vec<u8>>,
    signed_as: String,
    key: &'static Key,
}

/// A sound assertion of this client, signed by this key, that expires in five minutes.
pub(crate) fn assertion(client: &str, alg: &str, key: &'static Key) -> Draft {
    let client = quoted(client);
    let members = |members: &[(&str, &str)]| {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        Members(members.iter().map(owned).collect())
    };
    Draft {
        header: members(&[("alg", &quoted(alg))]),
        claims: members(&[
            ("iss", &client),
            ("sub", &client),
            ("aud", &quoted(ISSUER)),
            ("exp", &at(300)),
            ("jti", &quoted(&fresh())),
        ]),
        header_text: None,
        claims_text: None,
        signed_as: alg.to_owned(),
        key,
    }
}

pub(crate) fn es256() -> Draft {
    assertion("p256", "ES256", &P256)
}

pub(crate) fn rs256() -> Draft {
    assertion("rsa", "RS256", &RSA)
}

pub(crate) fn ed25519() -> Draft {
    assertion("ed25519", "Ed25519", &ED25519)
}

pub(crate) fn hs256() -> Draft {
    assertion("hmac", "HS256", &SECRET)
}

/// A number that no assertion had before.
pub(crate) fn fresh() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("jti-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// So many seconds from now, as a NumericDate (RFC 7519 §2).
pub(crate) fn at(seconds: i64) -> String {
    (now() + seconds).to_string()
}

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_secs()).expect("a time")
}

pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string")
}

impl Draft {
    /// Sets a member of the header.
    pub(crate) fn header(mut self, name: &str, json: impl Into<String>) -> Self {
        self.header.set(name, json.into());
        self
    }

    /// Adds a member to the header, be there one of the name or not.
    pub(crate) fn more_header(mut self, name: &str, json: impl Into<String>) -> Self {
        self.header.0.push((name.to_owned(), json.into()));
        self
    }

    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.header.0.retain(|(own, _)| own != name);
        self
    }

    /// Sets the text of the header itself.
    pub(crate) fn header_text(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.header_text = Some(text.into());
        self
    }

    /// Changes the text of the header.
    pub(crate) fn map_header(self, change: impl Fn(String) -> String) -> Self {
        let text = change(self.header.text());
        self.header_text(text)
    }

    /// Sets a claim.
    pub(crate) fn claim(mut self, name: &str, json: impl Into<String>) -> Self {
        self.claims.set(name, json.into());
        self
    }

    /// Adds a claim, be there one of the name or not.
    pub(crate) fn more_claim(mut self, name: &str, json: impl Into<String>) -> Self {
        self.claims.0.push((name.to_owned(), json.into()));
        self
    }

    pub(crate) fn without_claim(mut self, name: &str) -> Self {
        self.claims.0.retain(|(own, _)| own != name);
        self
    }

    /// Sets the text of the claims itself.
    pub(crate) fn claims_text(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.claims_text = Some(text.into());
        self
    }

    /// Changes the text of the claims.
    pub(crate) fn map_claims(self, change: impl Fn(String) -> String) -> Self {
        let text = change(self.claims.text());
        self.claims_text(text)
    }

    pub(crate) fn kid(self, kid: &str) -> Self {
        self.header("kid", quoted(kid))
    }

    pub(crate) fn aud(self, audience: &str) -> Self {
        self.claim("aud", quoted(audience))
    }

    pub(crate) fn jti(self, jti: &str) -> Self {
        self.claim("jti", quoted(jti))
    }

    /// Signs by this algorithm, whatever the header says.
    pub(crate) fn signed_as(mut self, alg: &str) -> Self {
        self.signed_as = alg.to_owned();
        self
    }

    pub(crate) fn signed_with(mut self, key: &'static Key) -> Self {
        self.key = key;
        self
    }

    pub(crate) fn sign(&self) -> Token {
        let text = |own: &Option<Vec<u8>>, members: &Members| {
            own.clone().unwrap_or_else(|| members.text().into_bytes())
        };
        let header = base64url(text(&self.header_text, &self.header));
        let claims = base64url(text(&self.claims_text, &self.claims));
        let message = format!("{header}.{claims}");
        let signature = sign(&self.signed_as, self.key, message.as_bytes());
        Token {
            header,
            claims,
            signature: base64url(signature),
        }
    }

    pub(crate) fn text(&self) -> String {
        self.sign().text()
    }

    /// The token request that it is sent with.
    pub(crate) fn call(&self) -> Call {
        send(&self.text())
    }
}

#[derive(Clone)]
struct Members(Vec<(String, String)>);

impl Members {
    fn set(&mut self, name: &str, json: String) {
        match self.0.iter_mut().find(|(own, _)| own == name) {
            Some((_, value)) => *value = json,
            None => self.0.push((name.to_owned(), json)),
        }
    }

    fn text(&self) -> String {
        let members: Vec<_> = self
            .0
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}

/// The three parts of a signed assertion, each in base64url.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) header: String,
    pub(crate) claims: String,
    pub(crate) signature: String,
}

impl Token {
    pub(crate) fn text(&self) -> String {
        format!("{}.{}.{}", self.header, self.claims, self.signature)
    }

    pub(crate) fn call(&self) -> Call {
        send(&self.text())
    }

    /// Changes the bytes of the signature.
    pub(crate) fn signature(mut self, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        self.signature = base64url(change(&self.signature_bytes()));
        self
    }

    pub(crate) fn signature_bytes(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD
            .decode(&self.signature)
            .expect("a signature")
    }

    /// This header over the signature of another.
    pub(crate) fn with_header_of(mut self, other: &Self) -> Self {
        self.header.clone_from(&other.header);
        self
    }

    /// These claims under the signature of others.
    pub(crate) fn with_claims_of(mut self, other: &Self) -> Self {
        self.claims.clone_from(&other.claims);
        self
    }
}

/// Client credentials with this assertion.
pub(crate) fn send(assertion: &str) -> Call {
    send_with(assertion, CC)
}

/// A form of these parameters with this assertion.
pub(crate) fn send_with(assertion: &str, parameters: &str) -> Call {
    form(&[
        parameters,
        &format!("client_assertion_type={}", form_encode(JWT_BEARER)),
        &format!("client_assertion={}", form_encode(assertion)),
    ])
}

pub(crate) fn form(parts: &[&str]) -> Call {
    post(parts.join("&"))
}

/// Flips one bit, counted from the first.
pub(crate) fn flip(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 0x80 >> (bit % 8);
    flipped
}

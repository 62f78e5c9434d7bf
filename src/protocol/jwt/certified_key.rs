//! What the certificate of a client is compared with: the keys of its set (RFC 8705 §2.2).
//!
//! | a JWK | is that of a certificate |
//! |---|---|
//! | with the numbers of a known kind of key | if the certificate's key has them; what it is for, and whether it is weak, does not matter: whoever ended the TLS connection has accepted the certificate. A point of a curve must be whole in the certificate |
//! | without numbers, and with `x5c` | if it has the same key as the first certificate there |
//! | with only `x5t#S256` | if this is its thumbprint |
//! | whose `x5c` is of another key than its numbers or its `x5t#S256`, or has numbers beside it that cannot be compared | never, and somebody should know |

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{json::BASE64URL, jwk, skipped::SkippedKey};
use crate::crypto::{Certificate, ComparableKey, Curve, InvalidCertificate, PublicNumbers};

/// The keys of a set, as far as a certificate can be that of one.
#[derive(Debug, Default)]
pub(crate) struct CertifiedKeys(Box<[Entry]>);

#[derive(Debug)]
struct Entry {
    /// The position in the set, from 0.
    number: usize,
    has_numbers: bool,
    key: CertifiedKey,
}

#[derive(Debug)]
enum CertifiedKey {
    Key(ComparableKey),
    /// `x5t#S256`
    Certificate(Box<str>),
}

impl CertifiedKeys {
    /// Reads each key, and tells which have a certificate that is not theirs. If nobody else reads the keys,
    /// it also tells which have nothing but a certificate that cannot be used.
    pub(super) fn read(jwks: &[Value], are_only_use: bool) -> (Self, Vec<SkippedKey>) {
        let mut keys = Vec::new();
        let mut skipped = Vec::new();
        for (number, jwk) in jwks.iter().enumerate() {
            match CertifiedKey::read(jwk) {
                Ok(key) => keys.extend(key.map(|key| Entry {
                    number,
                    has_numbers: has_numbers(jwk),
                    key,
                })),
                Err(flaw) if !flaw.contradicts && !are_only_use => {}
                Err(Flaw { member, cause, .. }) => {
                    skipped.push(SkippedKey::new(number, jwk::kid(jwk), Some(member), cause));
                }
            }
        }
        (Self(keys.into()), skipped)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the key at this position in the set has a certificate or its thumbprint, and no numbers of its own: so it was
    /// never meant to verify signatures.
    pub(super) fn have_only_certificate_of(&self, number: usize) -> bool {
        self.0
            .iter()
            .any(|key| key.number == number && !key.has_numbers)
    }

    /// Whether the key of the certificate is one of these. All of them are compared.
    pub(crate) fn have(&self, certificate: &Certificate) -> bool {
        let keys = self.0.iter().map(|entry| match &entry.key {
            CertifiedKey::Key(key) => key == certificate.key(),
            CertifiedKey::Certificate(thumbprint) => **thumbprint == *certificate.thumbprint(),
        });
        keys.fold(false, |found, is_same| found | is_same)
    }
}

/// What is wrong with which member.
struct Flaw {
    member: &'static str,
    cause: String,
    /// Whether it says something else than the rest of the key.
    contradicts: bool,
}

impl CertifiedKey {
    /// `None` if there is nothing to compare a certificate with.
    fn read(jwk: &Value) -> Result<Option<Self>, Flaw> {
        let own = own_key(jwk);
        let thumbprint = thumbprint(jwk);
        let certificate = match first_certificate(jwk) {
            Some(Ok(certificate)) => Some(certificate),
            // Nothing depends on it.
            Some(Err(_)) if own.is_some() || thumbprint.is_some() => None,
            Some(Err(problem)) => {
                return Err(Flaw {
                    member: "x5c",
                    cause: format!("the first certificate in `x5c` cannot be used: {problem}"),
                    contradicts: false,
                });
            }
            None => None,
        };
        let Some(certificate) = certificate else {
            let thumbprint = || thumbprint.map(|it| Self::Certificate(it.into()));
            return Ok(own.map(Self::Key).or_else(thumbprint));
        };
        match own {
            Some(own) if own != *certificate.key() => {
                return Err(contradicts(
                    "x5c",
                    "it is the certificate of another key, or of a compressed point",
                ));
            }
            None if has_numbers(jwk) => {
                return Err(contradicts(
                    "x5c",
                    "the numbers beside it are not a key of a known kind, so they cannot be compared",
                ));
            }
            Some(_) | None => {}
        }
        if thumbprint.is_some_and(|it| it != certificate.thumbprint()) {
            return Err(contradicts("x5t#S256", "it is not the thumbprint of `x5c`"));
        }
        Ok(Some(Self::Key(certificate.key().clone())))
    }
}

fn contradicts(member: &'static str, why: &str) -> Flaw {
    let cause = format!(
        "`{member}` contradicts the key: {why}, so the key accepts no certificate; fix it or leave it \
         out"
    );
    Flaw {
        member,
        cause,
        contradicts: true,
    }
}

/// RFC 7517 §4.7.
fn first_certificate(jwk: &Value) -> Option<Result<Certificate, InvalidCertificate>> {
    let first = jwk.get("x5c")?.as_array()?.first()?.as_str()?;
    let der = STANDARD.decode(first);
    let der = der.map_err(|_| InvalidCertificate::Malformed);
    Some(der.and_then(Certificate::read))
}

/// RFC 7517 §4.9. `None` if it is not a thumbprint, which base64url has one text for.
fn thumbprint(jwk: &Value) -> Option<&str> {
    const LEN: usize = 32;
    let text = jwk.get("x5t#S256")?.as_str()?;
    let decoded = BASE64URL.decode(text).ok();
    decoded.filter(|it| it.len() == LEN).map(|_| text)
}

/// Whether there is a number of a public key (RFC 7518 §6.2.1 and §6.3.1, RFC 8037 §2).
fn has_numbers(jwk: &Value) -> bool {
    let mut names = ["n", "e", "x", "y"].into_iter();
    names.any(|name| jwk.get(name).is_some_and(|it| !it.is_null()))
}

/// `None` if it is not a whole public key of a known kind.
fn own_key(jwk: &Value) -> Option<ComparableKey> {
    let text = |name| jwk.get(name)?.as_str();
    let number = |name| BASE64URL.decode(text(name)?).ok();
    match (text("kty")?, text("crv")) {
        ("RSA", _) => {
            let (n, e) = (&number("n")?, &number("e")?);
            ComparableKey::of(PublicNumbers::Rsa { n, e })
        }
        ("EC", Some(crv)) => {
            let curve = match crv {
                "P-256" => Curve::P256,
                "P-384" => Curve::P384,
                "P-521" => Curve::P521,
                _ => return None,
            };
            let (x, y) = (&number("x")?, &number("y")?);
            ComparableKey::of(PublicNumbers::Ec { curve, x, y })
        }
        ("OKP", Some("Ed25519")) => {
            let x = &number("x")?;
            ComparableKey::of(PublicNumbers::Ed25519 { x })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;

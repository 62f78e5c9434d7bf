//! The public key in the header of a DPoP proof (RFC 9449 §4.2), and its thumbprint (RFC 7638).

use std::borrow::Cow;

use base64::Engine as _;
use serde::de::{IgnoredAny, MapAccess};
use sha2::{Digest as _, Sha256};

use super::json::{BASE64URL, Members, Text};
use crate::crypto::{Curve, PublicKey, PublicNumbers, SigningAlgorithm};

/// A JWK as it was sent. Borrowed, since every proof brings one.
#[derive(Default)]
pub(super) struct ProofKey<'t> {
    kty: Option<Cow<'t, str>>,
    crv: Option<Cow<'t, str>>,
    x: Option<Cow<'t, str>>,
    y: Option<Cow<'t, str>>,
    n: Option<Cow<'t, str>>,
    e: Option<Cow<'t, str>>,
    alg: Option<Cow<'t, str>>,
    private: Option<&'static str>,
}

impl<'t> Members<'t> for ProofKey<'t> {
    fn read<A: MapAccess<'t>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        /// The members of private and of symmetric keys (RFC 7518 §6).
        const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
        if let Some(name) = PRIVATE.into_iter().find(|private| *private == name) {
            self.private = Some(name);
            map.next_value::<IgnoredAny>()?;
            return Ok(true);
        }
        let member = match name {
            "kty" => &mut self.kty,
            "crv" => &mut self.crv,
            "x" => &mut self.x,
            "y" => &mut self.y,
            "n" => &mut self.n,
            "e" => &mut self.e,
            "alg" => &mut self.alg,
            _ => return Ok(false),
        };
        *member = Some(map.next_value::<Text<'t>>()?.0);
        Ok(true)
    }
}

/// The members that make the key, as text.
#[derive(Clone, Copy)]
enum Required<'k> {
    Ec {
        crv: &'k str,
        x: &'k str,
        y: &'k str,
    },
    Okp {
        crv: &'k str,
        x: &'k str,
    },
    Rsa {
        e: &'k str,
        n: &'k str,
    },
}

impl ProofKey<'_> {
    /// The key for this algorithm, and its thumbprint. The error says for an operator what is wrong.
    pub(super) fn read_for(
        &self,
        algorithm: SigningAlgorithm,
        max_rsa_bits: usize,
    ) -> Result<(PublicKey, String), Cow<'static, str>> {
        if let Some(name) = self.private {
            let cause = format!("`jwk` has `{name}`, which belongs to a private or symmetric key");
            return Err(cause.into());
        }
        let required = self.required()?;
        let key = required.key(max_rsa_bits)?;
        let is_of_algorithm = self
            .alg
            .as_deref()
            .is_none_or(|alg| alg.parse() == Ok(algorithm));
        if !is_of_algorithm || !key.fits(algorithm) {
            return Err(format!("`jwk` is not a key for `alg` {algorithm}").into());
        }
        Ok((key, required.thumbprint()))
    }

    fn required(&self) -> Result<Required<'_>, Cow<'static, str>> {
        match present("kty", &self.kty)? {
            "EC" => Ok(Required::Ec {
                crv: present("crv", &self.crv)?,
                x: present("x", &self.x)?,
                y: present("y", &self.y)?,
            }),
            "OKP" => Ok(Required::Okp {
                crv: present("crv", &self.crv)?,
                x: present("x", &self.x)?,
            }),
            "RSA" => Ok(Required::Rsa {
                e: present("e", &self.e)?,
                n: present("n", &self.n)?,
            }),
            _ => Err("`kty` of `jwk` is not RSA, EC or OKP".into()),
        }
    }
}

fn present<'k>(
    name: &'static str,
    member: &'k Option<Cow<'_, str>>,
) -> Result<&'k str, Cow<'static, str>> {
    let member = member.as_deref();
    member.ok_or_else(|| format!("`jwk` has no `{name}`").into())
}

impl Required<'_> {
    fn key(self, max_rsa_bits: usize) -> Result<PublicKey, Cow<'static, str>> {
        let key = |numbers| {
            PublicKey::new(numbers, max_rsa_bits).map_err(|invalid| invalid.to_string().into())
        };
        match self {
            Self::Ec { crv, x, y } => {
                let curve = match crv {
                    "P-256" => Curve::P256,
                    "P-384" => Curve::P384,
                    "P-521" => Curve::P521,
                    _ => return Err("`crv` of `jwk` is not P-256, P-384 or P-521".into()),
                };
                let (x, y) = (&decode("x", x)?, &decode("y", y)?);
                key(PublicNumbers::Ec { curve, x, y })
            }
            Self::Okp { crv: "Ed25519", x } => {
                let x = &decode("x", x)?;
                key(PublicNumbers::Ed25519 { x })
            }
            Self::Okp { .. } => Err("`crv` of `jwk` is not Ed25519".into()),
            Self::Rsa { e, n } => {
                let (n, e) = (&decode("n", n)?, &decode("e", e)?);
                key(PublicNumbers::Rsa { n, e })
            }
        }
    }

    /// RFC 7638 §3: a hash of the required members, in their order and without white space. What they
    /// decode to was checked, and base64url has one text for each value, so one key has one thumbprint.
    fn thumbprint(self) -> String {
        let mut hash = Sha256::new();
        let mut add = |parts: &[&str]| parts.iter().for_each(|part| hash.update(part));
        match self {
            Self::Ec { crv, x, y } => {
                add(&[
                    r#"{"crv":""#,
                    crv,
                    r#"","kty":"EC","x":""#,
                    x,
                    r#"","y":""#,
                    y,
                    r#""}"#,
                ]);
            }
            Self::Okp { crv, x } => {
                add(&[r#"{"crv":""#, crv, r#"","kty":"OKP","x":""#, x, r#""}"#]);
            }
            Self::Rsa { e, n } => {
                add(&[r#"{"e":""#, e, r#"","kty":"RSA","n":""#, n, r#""}"#]);
            }
        }
        BASE64URL.encode(hash.finalize())
    }
}

fn decode(name: &str, text: &str) -> Result<Vec<u8>, Cow<'static, str>> {
    let malformed = |_| format!("`{name}` of `jwk` is not base64url without padding").into();
    BASE64URL.decode(text).map_err(malformed)
}

#[cfg(all(test, feature = "jwt"))]
mod tests {
    use super::*;
    use crate::{crypto::DEFAULT_RSA_BITS, protocol::jwt::json};

    fn read(jwk: &str, algorithm: &str) -> Result<String, String> {
        let key: ProofKey<'_> = json::read(jwk.as_bytes()).ok_or("malformed")?;
        let algorithm = algorithm.parse().expect("an algorithm");
        let read = key.read_for(algorithm, DEFAULT_RSA_BITS);
        read.map(|(_, jkt)| jkt).map_err(Cow::into_owned)
    }

    /// RFC 7638 §3.1.
    const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    #[test]
    fn thumbprint_of_rfc_7638() {
        let jwk =
            format!(r#"{{"kty":"RSA","n":"{N}","e":"AQAB","alg":"RS256","kid":"2011-04-29"}}"#);
        let jkt = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(read(&jwk, "RS256").as_deref(), Ok(jkt));
        // Neither the order nor other members make a difference (§3.2).
        let jwk = format!(r#"{{"e":"AQAB","use":"sig","n":"{N}","kty":"RSA"}}"#);
        assert_eq!(read(&jwk, "PS512").as_deref(), Ok(jkt));
    }

    /// RFC 9449 §4.1 and §6.1; RFC 8037 appendix A.3.
    #[test]
    fn thumbprints_of_points() {
        let ec = r#"{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
            "y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"#;
        let jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
        assert_eq!(read(ec, "ES256").as_deref(), Ok(jkt));
        let okp =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let jkt = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        assert_eq!(read(okp, "Ed25519").as_deref(), Ok(jkt));
    }

    #[test]
    fn what_is_not_a_public_key_for_the_algorithm_is_refused() {
        const X: &str = "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs";
        const Y: &str = "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA";
        let ec = |more: &str| format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"{more}}}"#);
        assert!(read(&ec(""), "ES256").is_ok());
        assert!(
            read(
                &ec(r#","alg":"ES256","key_ops":["verify"],"ext":true"#),
                "ES256"
            )
            .is_ok()
        );
        for (jwk, algorithm) in [
            (ec(r#","d":"AA""#), "ES256"),
            (ec(r#","d":null"#), "ES256"),
            (ec(r#","p":"AA""#), "ES256"),
            (ec(r#","oth":[]"#), "ES256"),
            (ec(r#","k":"AA""#), "ES256"),
            (ec(r#","alg":"ES384""#), "ES256"),
            (ec(r#","x":"AA""#), "ES256"),
            (ec(""), "ES384"),
            (ec(""), "RS256"),
            (ec("").replace(X, Y), "ES256"),
            (ec("").replace(X, "AA"), "ES256"),
            (ec("").replace(X, &format!("{X}=")), "ES256"),
            (ec("").replace("BFs", "BFt"), "ES256"),
            (ec("").replace("P-256", "P-384"), "ES384"),
            (ec("").replace("P-256", "secp256k1"), "ES256"),
            (ec("").replace("\"EC\"", "\"ec\""), "ES256"),
            (ec("").replace("\"EC\"", "1"), "ES256"),
            (r#"{"kty":"EC"}"#.into(), "ES256"),
            (r#"{"kty":"oct","k":"AAAA"}"#.into(), "ES256"),
            (
                r#"{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
                    .into(),
                "Ed25519",
            ),
            // A point of small order.
            (
                format!(
                    r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#,
                    "A".repeat(43)
                ),
                "Ed25519",
            ),
            (format!(r#"{{"kty":"RSA","n":"{N}","e":"AQ"}}"#), "RS256"),
            (
                format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, &N[..171]),
                "RS256",
            ),
            (
                format!(r#"{{"kty":"RSA","n":"AA{N}","e":"AQAB"}}"#),
                "RS256",
            ),
            ("{}".into(), "ES256"),
            ("[]".into(), "ES256"),
        ] {
            assert!(read(&jwk, algorithm).is_err(), "{jwk}");
        }
    }
}

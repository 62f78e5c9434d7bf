//! Signing algorithms, by the names that IANA registers for JOSE.

use std::{fmt, str::FromStr};

use super::public_numbers::Curve;

/// Signing algorithm of a client assertion.
///
/// The names are those of the IANA registry "JSON Web Signature and Encryption Algorithms"
/// ([RFC 7518 §3.1], [RFC 9864 §2.2]).
///
/// ```
/// use tower_token_endpoint::client::SigningAlgorithm;
///
/// assert_eq!("ES256".parse(), Ok(SigningAlgorithm::ES256));
/// assert_eq!("EdDSA".parse::<SigningAlgorithm>()?.as_str(), "Ed25519");
/// # Ok::<_, tower_token_endpoint::client::ParseSigningAlgorithmError>(())
/// ```
///
/// [RFC 7518 §3.1]: https://www.rfc-editor.org/rfc/rfc7518#section-3.1
/// [RFC 9864 §2.2]: https://www.rfc-editor.org/rfc/rfc9864#section-2.2
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// RSASSA-PSS with SHA-384.
    PS384,
    /// RSASSA-PSS with SHA-512.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// ECDSA on P-521 with SHA-512.
    ES512,
    /// Ed25519, which tokens call `Ed25519` (RFC 9864 §2.2) or `EdDSA`
    /// (RFC 8037 §3.1).
    Ed25519,
    /// HMAC with SHA-256, for `client_secret_jwt`.
    HS256,
    /// HMAC with SHA-384, for `client_secret_jwt`.
    HS384,
    /// HMAC with SHA-512, for `client_secret_jwt`.
    HS512,
}

/// The kind of key that an algorithm needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Rsa,
    Ec(Curve),
    Ed25519,
    /// A secret of at least this many bytes (RFC 7518 §3.2).
    Hmac {
        secret_len: usize,
    },
}

impl SigningAlgorithm {
    /// All algorithms, in the order in which discovery lists them.
    pub(crate) const ALL: [Self; 13] = [
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::Ed25519,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::HS256,
        Self::HS384,
        Self::HS512,
    ];

    /// Returns the registered name, such as `ES256`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.names()[0]
    }

    /// All names that a token may use for it, the preferred one first.
    pub(crate) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::RS256 => &["RS256"],
            Self::RS384 => &["RS384"],
            Self::RS512 => &["RS512"],
            Self::PS256 => &["PS256"],
            Self::PS384 => &["PS384"],
            Self::PS512 => &["PS512"],
            Self::ES256 => &["ES256"],
            Self::ES384 => &["ES384"],
            Self::ES512 => &["ES512"],
            Self::Ed25519 => &["Ed25519", "EdDSA"],
            Self::HS256 => &["HS256"],
            Self::HS384 => &["HS384"],
            Self::HS512 => &["HS512"],
        }
    }

    pub(crate) const fn family(self) -> Family {
        match self {
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => {
                Family::Rsa
            }
            Self::ES256 => Family::Ec(Curve::P256),
            Self::ES384 => Family::Ec(Curve::P384),
            Self::ES512 => Family::Ec(Curve::P521),
            Self::Ed25519 => Family::Ed25519,
            Self::HS256 => Family::Hmac { secret_len: 32 },
            Self::HS384 => Family::Hmac { secret_len: 48 },
            Self::HS512 => Family::Hmac { secret_len: 64 },
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SigningAlgorithm {
    type Err = ParseSigningAlgorithmError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.names().contains(&name))
            .ok_or(ParseSigningAlgorithmError(()))
    }
}

/// Error returned when a name is not a [`SigningAlgorithm`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseSigningAlgorithmError(());

impl fmt::Display for ParseSigningAlgorithmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown signing algorithm: use one of ")?;
        for (index, algorithm) in SigningAlgorithm::ALL.into_iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{algorithm}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ParseSigningAlgorithmError {}

/// A set of algorithms.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SigningAlgorithms(u16);

impl SigningAlgorithms {
    pub(crate) fn all() -> Self {
        SigningAlgorithm::ALL.into_iter().collect()
    }

    pub(crate) const fn contains(self, algorithm: SigningAlgorithm) -> bool {
        self.0 & (1 << algorithm as u16) != 0
    }

    pub(crate) fn is_all(self) -> bool {
        self == Self::all()
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = SigningAlgorithm> {
        SigningAlgorithm::ALL
            .into_iter()
            .filter(move |&algorithm| self.contains(algorithm))
    }
}

impl FromIterator<SigningAlgorithm> for SigningAlgorithms {
    fn from_iter<I: IntoIterator<Item = SigningAlgorithm>>(algorithms: I) -> Self {
        Self(
            algorithms
                .into_iter()
                .fold(0, |set, algorithm| set | 1 << algorithm as u16),
        )
    }
}

impl fmt::Debug for SigningAlgorithms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_what_they_name() {
        for algorithm in SigningAlgorithm::ALL {
            for name in algorithm.names() {
                assert_eq!(name.parse(), Ok(algorithm));
            }
            assert_eq!(format!("{algorithm:?}"), algorithm.as_str());
        }
        for unknown in ["", "none", "es256", "ES256 ", "ES256K", "Ed448", "HS1"] {
            assert!(unknown.parse::<SigningAlgorithm>().is_err(), "{unknown}");
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: SigningAlgorithms = [SigningAlgorithm::HS512, SigningAlgorithm::ES256]
            .into_iter()
            .collect();
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            [SigningAlgorithm::ES256, SigningAlgorithm::HS512]
        );
        assert_eq!(SigningAlgorithms::all().iter().count(), 13);
    }
}

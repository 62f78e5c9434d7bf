//! What an operator has to compare if an assertion is refused.

use std::{error::Error, fmt};

use crate::{crypto::SigningAlgorithm, protocol::quoted::SingleQuoted};

/// Both sides of what did not fit, in one line for a log. What comes from the assertion is quoted and
/// cut.
#[derive(Debug)]
pub(crate) enum Mismatch {
    Algorithm {
        found: SigningAlgorithm,
        registered: SigningAlgorithm,
    },
    Key {
        kid: Option<Box<str>>,
        algorithm: SigningAlgorithm,
    },
    /// In seconds since 1970.
    Time {
        claim: &'static str,
        found: f64,
        now: f64,
        wanted: &'static str,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm { found, registered } => write!(
                f,
                "`alg` is {}, and the client is registered for {}",
                found.as_str(),
                registered.as_str()
            ),
            Self::Key {
                kid: Some(kid),
                algorithm,
            } => write!(
                f,
                "`kid` is {} and `alg` is {}, and the client has no such key",
                SingleQuoted(kid),
                algorithm.as_str()
            ),
            Self::Key {
                kid: None,
                algorithm,
            } => write!(
                f,
                "there is no `kid` and `alg` is {}, and the client does not have exactly one such key",
                algorithm.as_str()
            ),
            Self::Time {
                claim,
                found,
                now,
                wanted,
            } => write!(
                f,
                "`{claim}` is {found:.0}, the clock of the server is {now:.0}, and `{claim}` must be {wanted}"
            ),
        }
    }
}

impl Error for Mismatch {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_one_short_line_with_both_sides() {
        let [found, registered] = ["RS256", "ES256"].map(|it| it.parse().expect("a name"));
        let kid = "a\n\"b".repeat(100);
        for (mismatch, expected) in [
            (
                Mismatch::Algorithm { found, registered },
                "`alg` is RS256, and the client is registered for ES256",
            ),
            (
                Mismatch::Key {
                    kid: Some("old\n".into()),
                    algorithm: found,
                },
                r"`kid` is 'old\n' and `alg` is RS256, and the client has no such key",
            ),
            (
                Mismatch::Key {
                    kid: None,
                    algorithm: found,
                },
                "there is no `kid` and `alg` is RS256, and the client does not have exactly one such key",
            ),
            (
                Mismatch::Time {
                    claim: "exp",
                    found: 1_700_000_000.4,
                    now: 1_700_000_100.0,
                    wanted: "later",
                },
                "`exp` is 1700000000, the clock of the server is 1700000100, and `exp` must be later",
            ),
        ] {
            assert_eq!(mismatch.to_string(), expected);
        }
        let long = Mismatch::Key {
            kid: Some(kid.into()),
            algorithm: found,
        };
        assert!(long.to_string().len() < 300, "{long}");
        assert!(long.to_string().contains("…'"), "{long}");
        let huge = Mismatch::Time {
            claim: "exp",
            found: f64::MAX,
            now: 0.0,
            wanted: "later",
        };
        assert!(huge.to_string().len() < 500, "{huge}");
    }
}

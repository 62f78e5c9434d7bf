//! Nonces for DPoP proofs, which need no store (RFC 9449 §8 and §9).
//!
//! A nonce is a MAC of the time, in steps of a minute. So whoever has the secret can tell whether a nonce
//! is one of the last minutes. There is nothing about the client or the endpoint in it, since clients keep
//! one nonce for each server (§8.2).

use std::{fmt, ops::RangeInclusive, sync::Arc, time::SystemTime};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use http::HeaderValue;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::crypto::MacKey;

/// Nonces that the server gives to clients for their DPoP proofs
/// ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
///
/// A nonce limits how long before its use a proof can have been made. It needs no store: it is a MAC of the
/// time. It is good for four minutes, and the layer gives a new one every minute.
///
/// ```
/// use tower_token_endpoint::dpop::{Dpop, DpopNonces};
///
/// let for_one_process = Dpop::new().nonces(DpopNonces::random());
///
/// // The first secret makes nonces, and the nonces of all are accepted.
/// # let (new, old) = ([1; 32], [2; 32]);
/// let for_several_machines = Dpop::new().nonces(DpopNonces::from_secrets([new, old]));
/// ```
#[derive(Clone)]
#[must_use = "nonces do nothing until they are given to `Dpop::nonces`"]
pub struct DpopNonces {
    /// The first one makes nonces. `None` if the system has no random bytes.
    keys: Option<Arc<[MacKey]>>,
}

/// What a nonce is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NonceAge {
    /// None that this server gives, or too old.
    Unknown,
    Good {
        /// There is a newer one, which the client should use next.
        is_newer_known: bool,
    },
}

/// In seconds.
const STEP: u64 = 60;
/// The steps before this one whose nonces are good. The next one is that of a machine whose clock is
/// ahead.
const LAST: u64 = 3;
const NEXT: u64 = 1;
/// Of the MAC.
const BYTES: usize = 16;

impl DpopNonces {
    /// Makes nonces with a random secret, for a server that is one process. After a restart, each client
    /// is asked once for a new nonce.
    pub fn random() -> Self {
        let key = MacKey::random();
        Self {
            keys: key.map(|key| Arc::from([key])),
        }
    }

    /// Makes nonces with secrets that several machines share. Each secret must be random, such as the
    /// output of `openssl rand -hex 32`.
    ///
    /// The first secret makes nonces, and the nonces of all secrets are accepted. To replace a secret
    /// so that no client is challenged for it, first add the new one at the end on every machine, then move
    /// it to the front, and remove the old one five minutes later.
    ///
    /// If the list is empty, [`build`](crate::layer::TokenEndpointLayerBuilder::build) returns an error.
    pub fn from_secrets(secrets: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let secrets = secrets.into_iter().map(Zeroizing::new);
        let keys = secrets.map(|secret| MacKey::new(&secret)).collect();
        Self { keys: Some(keys) }
    }

    /// Why they can make no nonces.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        match self.keys.as_deref() {
            None => Some("needs random bytes for `nonces`, and the system has none"),
            Some([]) => Some("must have at least one secret in `nonces`"),
            Some(_) => None,
        }
    }

    fn keys(&self) -> &[MacKey] {
        self.keys.as_deref().unwrap_or_default()
    }

    /// The nonce that a client should use now.
    pub(crate) fn current(&self, now: SystemTime) -> Option<HeaderValue> {
        let key = self.keys().first()?;
        HeaderValue::try_from(nonce(key, step(now))).ok()
    }

    pub(crate) fn age(&self, sent: &str, now: SystemTime) -> NonceAge {
        let now = step(now);
        // The newest are the most likely.
        for at in good(now).rev() {
            for (number, key) in self.keys().iter().enumerate() {
                if nonce(key, at).as_bytes().ct_eq(sent.as_bytes()).into() {
                    // That of a machine whose clock is ahead is newer than what this one makes.
                    let is_newer_known = at < now || at == now && number > 0;
                    return NonceAge::Good { is_newer_known };
                }
            }
        }
        NonceAge::Unknown
    }
}

fn step(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs() / STEP
}

fn good(now: u64) -> RangeInclusive<u64> {
    now.saturating_sub(LAST)..=now.saturating_add(NEXT)
}

fn nonce(key: &MacKey, step: u64) -> String {
    let mut message = *b"dpop-nonce\0\0\0\0\0\0\0\0";
    message[10..].copy_from_slice(&step.to_be_bytes());
    BASE64URL.encode(&key.public_mac(&message)[..BYTES])
}

impl fmt::Debug for DpopNonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopNonces")
            .field("secrets", &self.keys().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn current(nonces: &DpopNonces, seconds: u64) -> String {
        let nonce = nonces.current(at(seconds)).expect("a nonce");
        nonce.to_str().expect("text").to_owned()
    }

    const GOOD: NonceAge = NonceAge::Good {
        is_newer_known: false,
    };
    const OLD: NonceAge = NonceAge::Good {
        is_newer_known: true,
    };

    #[test]
    fn a_nonce_is_good_for_the_last_three_steps_and_the_next_one() {
        let nonces = DpopNonces::from_secrets([[7; 32]]);
        assert_eq!(NOW % STEP, 0);
        let nonce = current(&nonces, NOW);
        for (seconds, expected) in [
            (NOW - 61, NonceAge::Unknown),
            (NOW - 60, GOOD),
            (NOW, GOOD),
            (NOW + 59, GOOD),
            (NOW + 60, OLD),
            (NOW + 239, OLD),
            (NOW + 240, NonceAge::Unknown),
        ] {
            assert_eq!(nonces.age(&nonce, at(seconds)), expected, "{seconds}");
        }
        assert_eq!(current(&nonces, NOW + 59), nonce);
        assert_ne!(current(&nonces, NOW + 60), nonce);
    }

    /// The expected text is that of the modules `hmac` and `base64` of Python.
    #[test]
    fn it_is_the_beginning_of_an_hmac_of_the_step() {
        let nonces = DpopNonces::from_secrets([[7; 32]]);
        let nonce = current(&nonces, NOW);
        assert_eq!(nonce, "EubBiJ2cieuyyC6N46_Hng");
        assert_eq!(nonce.len(), 22);
        // RFC 9449 §8.1: the characters of a nonce.
        assert!(
            nonce
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
    }

    #[test]
    fn all_secrets_are_accepted_and_the_first_one_makes_nonces() {
        let old = DpopNonces::from_secrets([[1; 32]]);
        let both = DpopNonces::from_secrets([[2; 32], [1; 32]]);
        let new = DpopNonces::from_secrets([[2; 32]]);
        let of_old = current(&old, NOW);
        assert_eq!(both.age(&of_old, at(NOW)), OLD);
        assert_eq!(both.age(&of_old, at(NOW - 60)), GOOD);
        assert_eq!(new.age(&of_old, at(NOW)), NonceAge::Unknown);
        assert_eq!(new.age(&current(&both, NOW), at(NOW)), GOOD);
        assert_ne!(
            current(&DpopNonces::random(), NOW),
            current(&DpopNonces::random(), NOW)
        );
    }

    #[test]
    fn other_texts_are_no_nonces() {
        let nonces = DpopNonces::from_secrets([[7; 32]]);
        let nonce = current(&nonces, NOW);
        let long = "a".repeat(10_000);
        for other in [
            "",
            "a",
            &nonce[1..],
            &format!("{nonce}="),
            &nonce.to_lowercase(),
            &long,
        ] {
            assert_eq!(nonces.age(other, at(NOW)), NonceAge::Unknown, "{other}");
        }
        for time in [
            SystemTime::UNIX_EPOCH,
            at(0) - Duration::from_secs(1),
            at(u64::MAX >> 2),
        ] {
            assert_eq!(nonces.age("", time), NonceAge::Unknown);
        }
    }

    #[test]
    fn a_problem_is_told_and_no_secret_is() {
        assert_eq!(DpopNonces::random().problem(), None);
        let none = DpopNonces::from_secrets([]);
        assert!(none.problem().is_some());
        assert_eq!(none.current(at(NOW)), None);
        let shown = format!("{:?}", DpopNonces::from_secrets([[77; 32]; 2]));
        assert_eq!(shown, "DpopNonces { secrets: 2, .. }");
    }
}

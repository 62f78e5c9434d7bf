//! bcrypt, as crypt strings: `$2b$`, two digits of the cost, `$`, 22 characters of salt and 31
//! of output.
//!
//! `$2a$`, `$2b$` and `$2y$` are the same hash. Where they differ, there was a bug in the
//! library that wrote them, which only texts over 255 bytes meet, or for `$2a$` some that are
//! not UTF-8.

use base64::alphabet;

use super::{
    error::{ParseSecretHashError, Unverifiable},
    limits::HashLimits,
    phc::{self, Salted},
};

pub(super) const IS_ON: bool = cfg!(feature = "bcrypt");

#[derive(Clone, Copy, Debug)]
pub(super) struct Bcrypt {
    cost: u32,
}

const NAME: &str = "bcrypt";
/// All that follows `$2b$`.
const LEN: usize = 56;
const SALT_LEN: usize = 22;
/// bcrypt would cut what is longer.
const MAX_SECRET: usize = 72;

pub(super) fn parse(
    rest: &str,
    limits: &HashLimits,
) -> Result<(Bcrypt, Salted), ParseSecretHashError> {
    let error = |text| phc::error(NAME, text);
    if rest.len() != LEN || !rest.is_ascii() {
        return Err(error("it must have 60 characters, all of them ASCII"));
    }
    let (cost, encoded) = rest
        .split_once('$')
        .filter(|(cost, _)| cost.len() == 2)
        .ok_or_else(|| error("the cost must have two digits"))?;
    let cost = phc::number(NAME, "the cost", cost.strip_prefix('0').unwrap_or(cost))?;
    if !(4..=31).contains(&cost) {
        return Err(error("the cost must be from 04 to 31"));
    }
    limits.check_bcrypt(cost)?;
    let (salt, output) = encoded.split_at(SALT_LEN);
    let salt = phc::bytes(NAME, "salt", salt, &alphabet::BCRYPT)?;
    let output = phc::bytes(NAME, "output", output, &alphabet::BCRYPT)?;
    Ok((Bcrypt { cost }, Salted::new(salt, output)))
}

impl Bcrypt {
    pub(super) fn kind(self) -> String {
        format!("bcrypt,cost={}", self.cost)
    }

    /// Whether all of the secret counts: bcrypt cuts it after 72 bytes, and many libraries also
    /// at NUL.
    pub(super) fn is_whole(presented: &[u8]) -> bool {
        presented.len() <= MAX_SECRET && !presented.contains(&0)
    }
}

#[cfg(feature = "bcrypt")]
impl Bcrypt {
    pub(super) fn derive(
        self,
        presented: &[u8],
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), Unverifiable> {
        use zeroize::Zeroizing;

        let salt = salt.try_into().map_err(|_| Unverifiable)?;
        let mut key = Zeroizing::new([0; MAX_SECRET]);
        let len = presented.len().min(MAX_SECRET);
        key[..len].copy_from_slice(&presented[..len]);
        // The NUL at its end is a part of the key, if there is room for it.
        let len = (len + 1).min(MAX_SECRET);
        let derived = Zeroizing::new(::bcrypt::bcrypt(self.cost, salt, &key[..len]));
        let derived = derived.get(..output.len()).ok_or(Unverifiable)?;
        output.copy_from_slice(derived);
        Ok(())
    }
}

#[cfg(not(feature = "bcrypt"))]
impl Bcrypt {
    pub(super) const fn derive(self, _: &[u8], _: &[u8], _: &mut [u8]) -> Result<(), Unverifiable> {
        Err(Unverifiable)
    }
}

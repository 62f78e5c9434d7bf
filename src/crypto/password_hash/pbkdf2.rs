//! PBKDF2 (RFC 8018 §5.2) with HMAC-SHA-256 or HMAC-SHA-512.
//!
//! | dialect | what is accepted |
//! |---|---|
//! | PHC, `$pbkdf2-sha256$i=600000,l=32$salt$output` | `i` at least 1; `l`, if it is there, is the length of the output, which is from 16 to 64 bytes |
//! | passlib, `$pbkdf2-sha256$600000$salt$output` | `.` instead of `+`; the output is as long as that of the hash function |

use base64::alphabet::{self, Alphabet};

use super::{
    error::{ParseSecretHashError, Unverifiable},
    limits::HashLimits,
    phc::{Parts, Salted},
};

pub(super) const IS_ON: bool = cfg!(feature = "pbkdf2");

#[derive(Clone, Copy, Debug)]
pub(super) struct Pbkdf2 {
    hash: Hash,
    rounds: u32,
    /// How often the rounds are computed: once for each output of the hash function.
    blocks: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Hash {
    Sha256,
    Sha512,
}

impl Hash {
    const fn output_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

const NAME: &str = "PBKDF2";
/// The base64 of passlib.
const PASSLIB: Alphabet =
    match Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./") {
        Ok(alphabet) => alphabet,
        Err(_) => panic!("the alphabet has 64 different characters"),
    };

pub(super) fn parse(
    hash: Hash,
    rest: &str,
    limits: &HashLimits,
) -> Result<(Pbkdf2, Salted), ParseSecretHashError> {
    let mut parts = Parts::new(NAME, rest);
    let bare = parts.bare_number()?;
    let [i, l] = match bare {
        Some(_) => [bare, None],
        None => parts.parameters(["i", "l"])?,
    };
    let rounds = parts.required("i", i)?;
    if rounds == 0 {
        return Err(parts.error("the number of rounds must be at least 1"));
    }
    let salted = match bare {
        Some(_) => parts.salt_and_output(&PASSLIB)?,
        None => parts.salt_and_output(&alphabet::STANDARD)?,
    };
    let len = hash.output_len();
    if bare.is_some() && salted.output.len() != len {
        return Err(parts.error(&format!("the output must have {len} bytes")));
    }
    if l.is_some_and(|l| usize::try_from(l) != Ok(salted.output.len())) {
        return Err(parts.error("`l` is not the length of the output"));
    }
    let blocks = if salted.output.len() > len { 2 } else { 1 };
    limits.check_pbkdf2(rounds, blocks)?;
    let pbkdf2 = Pbkdf2 {
        hash,
        rounds,
        blocks,
    };
    Ok((pbkdf2, salted))
}

impl Pbkdf2 {
    pub(super) fn kind(self) -> String {
        let name = match self.hash {
            Hash::Sha256 => "pbkdf2-sha256",
            Hash::Sha512 => "pbkdf2-sha512",
        };
        let blocks = if self.blocks > 1 { ",blocks=2" } else { "" };
        format!("{name},i={}{blocks}", self.rounds)
    }

    /// Whether all of the secret counts: HMAC fills up its key with NUL.
    pub(super) fn is_whole(presented: &[u8]) -> bool {
        presented.last() != Some(&0)
    }
}

#[cfg(feature = "pbkdf2")]
impl Pbkdf2 {
    #[expect(clippy::unnecessary_wraps, reason = "as the other hashes")]
    pub(super) fn derive(
        self,
        presented: &[u8],
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), Unverifiable> {
        let derive = match self.hash {
            Hash::Sha256 => ::pbkdf2::pbkdf2_hmac::<sha2::Sha256>,
            Hash::Sha512 => ::pbkdf2::pbkdf2_hmac::<sha2::Sha512>,
        };
        derive(presented, salt, self.rounds, output);
        Ok(())
    }
}

#[cfg(not(feature = "pbkdf2"))]
impl Pbkdf2 {
    pub(super) const fn derive(self, _: &[u8], _: &[u8], _: &mut [u8]) -> Result<(), Unverifiable> {
        Err(Unverifiable)
    }
}

//! Password hashes, as PHC and crypt strings: the only place that knows their libraries.
//!
//! What can be read can also be verified. Everything else is refused when it is read, with the
//! cause, so that no client has a secret that never matches.

mod argon2;
mod bcrypt;
#[cfg(feature = "argon2")]
mod blocks;
pub(crate) mod error;
pub(crate) mod limits;
mod pbkdf2;
mod phc;
#[cfg(test)]
mod tests;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use self::{
    error::{ParseSecretHashError, Unverifiable},
    limits::HashLimits,
    phc::Salted,
};

/// Hash of a secret, with its parameters and its salt.
pub(crate) struct PasswordHash {
    scheme: Scheme,
    salted: Salted,
}

#[derive(Clone, Copy)]
enum Scheme {
    Argon2(argon2::Argon2),
    Bcrypt(bcrypt::Bcrypt),
    Pbkdf2(pbkdf2::Pbkdf2),
}

/// Longer than any hash that a library writes.
const MAX_LEN: usize = 512;

impl PasswordHash {
    pub(crate) fn parse(text: &str, limits: &HashLimits) -> Result<Self, ParseSecretHashError> {
        use self::{
            argon2::Variant::{D, I, Id},
            pbkdf2::Hash::{Sha256, Sha512},
        };

        if text.len() > MAX_LEN {
            return Err(ParseSecretHashError::new(
                "it has more than 512 characters, and no hash has so many",
            ));
        }
        let refused = || ParseSecretHashError::new(why_unknown(text));
        let rest = text.strip_prefix('$').ok_or_else(refused)?;
        let (name, rest) = rest.split_once('$').ok_or_else(refused)?;
        let is_on = |is_on, feature| match is_on {
            true => Ok(()),
            false => Err(ParseSecretHashError::new(format!(
                "this program cannot verify it: build it with the feature `{feature}` of {}",
                env!("CARGO_PKG_NAME")
            ))),
        };
        let argon2 = |variant| {
            is_on(argon2::IS_ON, "argon2")?;
            let (argon2, salted) = argon2::parse(variant, rest, limits)?;
            Ok((Scheme::Argon2(argon2), salted))
        };
        let bcrypt = || {
            is_on(bcrypt::IS_ON, "bcrypt")?;
            let (bcrypt, salted) = bcrypt::parse(rest, limits)?;
            Ok((Scheme::Bcrypt(bcrypt), salted))
        };
        let pbkdf2 = |hash| {
            is_on(pbkdf2::IS_ON, "pbkdf2")?;
            let (pbkdf2, salted) = pbkdf2::parse(hash, rest, limits)?;
            Ok((Scheme::Pbkdf2(pbkdf2), salted))
        };
        let (scheme, salted) = match name {
            "argon2id" => argon2(Id),
            "argon2i" => argon2(I),
            "argon2d" => argon2(D),
            "2a" | "2b" | "2y" => bcrypt(),
            "pbkdf2-sha256" => pbkdf2(Sha256),
            "pbkdf2-sha512" => pbkdf2(Sha512),
            _ => Err(refused()),
        }?;
        Ok(Self { scheme, salted })
    }

    /// The name and the parameters. Two hashes of one kind cost the same.
    pub(crate) fn kind(&self) -> String {
        match self.scheme {
            Scheme::Argon2(argon2) => argon2.kind(),
            Scheme::Bcrypt(bcrypt) => bcrypt.kind(),
            Scheme::Pbkdf2(pbkdf2) => pbkdf2.kind(),
        }
    }

    /// Computes the hash of the presented text, and compares it in constant time. The work is
    /// also done for a text that cannot match.
    pub(crate) fn verify(&self, presented: &[u8]) -> Result<bool, Unverifiable> {
        let Salted { salt, output } = &self.salted;
        let mut computed = Zeroizing::new(vec![0; output.len()]);
        let is_whole = match self.scheme {
            Scheme::Argon2(argon2) => {
                argon2.derive(presented, salt, &mut computed)?;
                true
            }
            Scheme::Bcrypt(bcrypt) => {
                bcrypt.derive(presented, salt, &mut computed)?;
                bcrypt::Bcrypt::is_whole(presented)
            }
            Scheme::Pbkdf2(pbkdf2) => {
                pbkdf2.derive(presented, salt, &mut computed)?;
                pbkdf2::Pbkdf2::is_whole(presented)
            }
        };
        Ok(bool::from(computed.as_slice().ct_eq(&***output)) & is_whole)
    }

    /// A hash of the same kind that belongs to nobody, and its text: salt and output of this text
    /// are zeros.
    pub(crate) fn decoy(text: &str) -> Option<(Self, String)> {
        // In a hash of bcrypt, salt and output are one part, and `.` is zero.
        let (zero, parts) = match text.starts_with("$2") {
            true => ('.', 1),
            false => ('A', 2),
        };
        let (start, _) = text.rmatch_indices('$').nth(parts - 1)?;
        let (kept, hidden) = text.split_at(start);
        let hidden = hidden.chars().map(|c| if c == '$' { c } else { zero });
        let decoy: String = kept.chars().chain(hidden).collect();
        let hash = Self::parse(&decoy, &HashLimits::NONE).ok()?;
        Some((hash, decoy))
    }
}

/// Why a text does not start as a hash that is known, without a part of it: it may be a secret.
fn why_unknown(text: &str) -> &'static str {
    let starts = |start: &str| text.starts_with(start);
    let known: [(&[&str], &'static str); 6] = [
        (
            &["$2x$", "$2$"],
            "bcrypt `$2x$` is not accepted, nor is `$2$`: a bug made different secrets have the \
             same hash. Hash the secret again, as `$2b$`",
        ),
        (
            &["$pbkdf2$", "$pbkdf2-sha1$"],
            "PBKDF2 with SHA-1 is not accepted: hash the secret with SHA-256 or SHA-512",
        ),
        (
            &["{"],
            "it starts with a name in braces: if a hash that is accepted follows, remove the \
             braces and what is in them",
        ),
        (
            &["argon2$argon2", "bcrypt$$2"],
            "it starts with what Django writes in front of a hash: remove `argon2` or `bcrypt$`",
        ),
        (
            &["$bcrypt-sha256$", "bcrypt_sha256$", "pbkdf2_sha", "pbkdf2:"],
            "it is a hash of passlib, Django or Werkzeug that is not a PHC string: hash the secret \
             as Argon2, bcrypt or PBKDF2, or verify it with a `SecretHash` of your own",
        ),
        (
            &[
                "$scrypt$", "$1$", "$5$", "$6$", "$7$", "$y$", "$apr1$", "scrypt:",
            ],
            "scrypt and the older hashes of crypt are not accepted: hash the secret as Argon2, \
             bcrypt or PBKDF2, or verify it with a `SecretHash` of your own",
        ),
    ];
    let mut known = known.into_iter();
    let found = known.find(|(all, _)| all.iter().any(|start| starts(start)));
    found.map_or(
        "it is not a hash that is known: it must start with `$argon2id$`, `$argon2i$`, \
         `$argon2d$`, `$2a$`, `$2b$`, `$2y$`, `$pbkdf2-sha256$`, `$pbkdf2-sha512$` or `sha256:`",
        |(_, text)| text,
    )
}

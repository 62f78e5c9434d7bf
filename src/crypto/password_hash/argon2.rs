//! Argon2 (RFC 9106), as PHC strings.
//!
//! | part | what is accepted |
//! |---|---|
//! | name | `argon2id`, `argon2i`, `argon2d` |
//! | `v` | `19`, `16`, or none at all: libraries that do not write it compute version 16 |
//! | `m`, `t`, `p` | each once, in any order; `m` at least 8 for each lane, as RFC 9106 §3.1 requires |
//! | `keyid`, `data` | refused: the format no longer has them |
//! | salt, output | at least 8 bytes; from 16 to 64 bytes |

use base64::alphabet;

use super::{
    error::{ParseSecretHashError, Unverifiable},
    limits::HashLimits,
    phc::{Parts, Salted},
};

pub(super) const IS_ON: bool = cfg!(feature = "argon2");

#[derive(Clone, Copy, Debug)]
pub(super) struct Argon2 {
    variant: Variant,
    /// Version 16, which was before RFC 9106.
    is_old: bool,
    m: u32,
    t: u32,
    p: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Variant {
    Id,
    I,
    D,
}

const NAME: &str = "Argon2";
/// RFC 9106 §3.1.
const MAX_LANES: u32 = 0xFF_FFFF;

pub(super) fn parse(
    variant: Variant,
    rest: &str,
    limits: &HashLimits,
) -> Result<(Argon2, Salted), ParseSecretHashError> {
    let mut parts = Parts::new(NAME, rest);
    let is_old = match parts.version()? {
        Some(19) => false,
        Some(16) | None => true,
        Some(_) => return Err(parts.error("`v` must be 19 or 16")),
    };
    let [m, t, p] = parts.parameters(["m", "t", "p"])?;
    let m = parts.required("m", m)?;
    let t = parts.required("t", t)?;
    let p = parts.required("p", p)?;
    if t == 0 || !(1..=MAX_LANES).contains(&p) {
        return Err(parts.error("`t` must be at least 1, and `p` from 1 to 16,777,215"));
    }
    limits.check_argon2(m, t, p)?;
    if m / 8 < p {
        return Err(parts.error("`m` must be at least 8 for each lane, which is 8 times `p`"));
    }
    if u64::from(m) * 1024 > isize::MAX.unsigned_abs() as u64 {
        return Err(parts.error("`m` is more memory than this machine can have"));
    }
    let argon2 = Argon2 {
        variant,
        is_old,
        m,
        t,
        p,
    };
    Ok((argon2, parts.salt_and_output(&alphabet::STANDARD)?))
}

impl Argon2 {
    pub(super) fn kind(self) -> String {
        let Self { m, t, p, .. } = self;
        let name = match self.variant {
            Variant::Id => "argon2id",
            Variant::I => "argon2i",
            Variant::D => "argon2d",
        };
        let version = if self.is_old { ",v=16" } else { "" };
        format!("{name}{version},m={m},t={t},p={p}")
    }
}

#[cfg(feature = "argon2")]
impl Argon2 {
    pub(super) fn derive(
        self,
        presented: &[u8],
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), Unverifiable> {
        use ::argon2::{Algorithm, Argon2, Params, Version};

        use super::blocks::Blocks;

        let algorithm = match self.variant {
            Variant::Id => Algorithm::Argon2id,
            Variant::I => Algorithm::Argon2i,
            Variant::D => Algorithm::Argon2d,
        };
        let version = match self.is_old {
            true => Version::V0x10,
            false => Version::V0x13,
        };
        let params = Params::new(self.m, self.t, self.p, Some(output.len()));
        let params = params.map_err(|_| Unverifiable)?;
        let mut blocks = Blocks::new(params.block_count());
        Argon2::new(algorithm, version, params)
            .hash_password_into_with_memory(presented, salt, output, blocks.as_mut_slice())
            .map_err(|_| Unverifiable)
    }
}

#[cfg(not(feature = "argon2"))]
impl Argon2 {
    pub(super) const fn derive(self, _: &[u8], _: &[u8], _: &mut [u8]) -> Result<(), Unverifiable> {
        Err(Unverifiable)
    }
}

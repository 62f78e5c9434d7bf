//! How much work a registered hash may demand.

use super::error::ParseSecretHashError;

/// Limits on the parameters of password hashes, so that no client makes the server compute for
/// longer than you allow.
///
/// A hash whose parameters are above a limit is refused when it is loaded. Pass other limits
/// than the defaults to [`ClientSecret::from_hash_within`](crate::client::ClientSecret::from_hash_within),
/// [`Client::from_json_within`](crate::Client::from_json_within),
/// [`Client::from_metadata_within`](crate::Client::from_metadata_within),
/// [`MemoryClientStore::from_json_within`](crate::MemoryClientStore::from_json_within) or
/// [`MemoryClientStore::replace_from_json_within`](crate::MemoryClientStore::replace_from_json_within).
///
/// ```
/// use tower_token_endpoint::client::{ClientSecret, HashLimits};
///
/// let limits = HashLimits::new().bcrypt_cost(12).argon2_memory(64 * 1024);
/// let hash = "$2b$13$4hTAYtCn0IZ3coPvZTQadupusYV4obOXpa8NvazwVuEknXhlqtOTa";
/// let error = ClientSecret::from_hash_within(hash, &limits).unwrap_err();
/// # #[cfg(feature = "bcrypt")]
/// assert!(error.to_string().contains("at most 12"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct HashLimits {
    argon2_memory: u32,
    argon2_passes: u32,
    argon2_lanes: u32,
    bcrypt_cost: u32,
    pbkdf2_rounds: u32,
}

impl Default for HashLimits {
    fn default() -> Self {
        Self::new()
    }
}

impl HashLimits {
    /// Makes the default limits.
    pub const fn new() -> Self {
        Self {
            argon2_memory: 256 * 1024,
            argon2_passes: 10,
            argon2_lanes: 16,
            bcrypt_cost: 16,
            pbkdf2_rounds: 10_000_000,
        }
    }

    /// For what was loaded before.
    pub(super) const NONE: Self = Self {
        argon2_memory: u32::MAX,
        argon2_passes: u32::MAX,
        argon2_lanes: u32::MAX,
        bcrypt_cost: u32::MAX,
        pbkdf2_rounds: u32::MAX,
    };

    /// Sets how much memory Argon2 may use, in KiB: its parameter `m`.
    ///
    /// **Default: 262,144**, which is 256 MiB. Each hash needs as much memory as its own `m` says,
    /// also if the secret is wrong. The [permits](crate::client::hashing::HashPool::permits) limit how many
    /// run at the same time.
    ///
    /// RFC 9106 §3.1.
    pub const fn argon2_memory(mut self, kib: u32) -> Self {
        self.argon2_memory = kib;
        self
    }

    /// Sets how often Argon2 may go over its memory: its parameter `t`.
    ///
    /// **Default: 10.**
    ///
    /// RFC 9106 §3.1.
    pub const fn argon2_passes(mut self, passes: u32) -> Self {
        self.argon2_passes = passes;
        self
    }

    /// Sets how many lanes Argon2 may have: its parameter `p`.
    ///
    /// **Default: 16.** One thread computes all lanes.
    ///
    /// RFC 9106 §3.1.
    pub const fn argon2_lanes(mut self, lanes: u32) -> Self {
        self.argon2_lanes = lanes;
        self
    }

    /// Sets the highest cost of bcrypt. With each step, it takes twice as long.
    ///
    /// **Default: 16**, which takes 64 times as long as 10. That can be longer than a request waits
    /// for a permit. Set the highest cost that your clients have.
    ///
    /// There is no RFC for bcrypt.
    pub const fn bcrypt_cost(mut self, cost: u32) -> Self {
        self.bcrypt_cost = cost;
        self
    }

    /// Sets how many rounds PBKDF2 may have. If the output is longer than that of the hash
    /// function, PBKDF2 computes the rounds several times, and all of them count.
    ///
    /// **Default: 10,000,000.**
    ///
    /// RFC 8018 §5.2.
    pub const fn pbkdf2_rounds(mut self, rounds: u32) -> Self {
        self.pbkdf2_rounds = rounds;
        self
    }

    pub(super) fn check_argon2(&self, m: u32, t: u32, p: u32) -> Result<(), ParseSecretHashError> {
        check("Argon2: `m`", m, self.argon2_memory)?;
        check("Argon2: `t`", t, self.argon2_passes)?;
        check("Argon2: `p`", p, self.argon2_lanes)
    }

    pub(super) fn check_bcrypt(&self, cost: u32) -> Result<(), ParseSecretHashError> {
        check("bcrypt: the cost", cost, self.bcrypt_cost)
    }

    pub(super) fn check_pbkdf2(
        &self,
        rounds: u32,
        blocks: u32,
    ) -> Result<(), ParseSecretHashError> {
        let all = rounds.saturating_mul(blocks);
        check("PBKDF2: the number of rounds", all, self.pbkdf2_rounds)
    }
}

fn check(what: &str, found: u32, limit: u32) -> Result<(), ParseSecretHashError> {
    match found <= limit {
        true => Ok(()),
        false => Err(ParseSecretHashError::new(format!(
            "{what} is {found} and may be at most {limit}: hash the secret with less, or load it \
             with other limits (`HashLimits`)"
        ))),
    }
}

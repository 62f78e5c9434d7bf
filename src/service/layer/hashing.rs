//! Where slow hashes run, and whether secrets that matched one are remembered.

use std::fmt::Display;

use super::{builder::TokenEndpointLayerBuilder, config_error::Problems};
use crate::{
    service::{decision::Core, hash_pool::HashPool},
    store::memory::remembered::RememberedSecrets,
};

impl<C> TokenEndpointLayerBuilder<C> {
    /// Sets the pool of permits that slow hashes take: how many run at the same time, how many
    /// requests wait, and for how long.
    ///
    /// **Default: a pool of its own**, with the settings of
    /// [`HashPool::new`](crate::client::hashing::HashPool::new). Layers that
    /// [`for_endpoint`](crate::TokenEndpointLayer::for_endpoint) makes share it.
    ///
    /// Pass a clone of one pool to all layers of a process, so that all hashes together do not
    /// use more cores and memory than the pool allows.
    ///
    /// RFC 6749 §2.3.1 and §10.2.
    pub fn hash_pool(mut self, pool: HashPool) -> Self {
        self.core.hash_pool = pool;
        self
    }

    /// Remembers which secrets matched a slow hash, so that the next request with the same secret
    /// does not compute it again. [`RememberedSecrets`] says what is kept, and for how long.
    ///
    /// **Default: off**, and every request computes the hash. Layers that
    /// [`for_endpoint`](crate::TokenEndpointLayer::for_endpoint) makes share what is remembered.
    ///
    /// A client that authenticates for each token then costs about as much as one with a fast
    /// digest. But while an entry lasts, whoever can read the memory of the process has the key and
    /// the MAC, and can test guesses of the secret faster than the slow hash allows.
    ///
    /// RFC 6749 §2.3.1.
    pub fn remember_verified_secrets(mut self, remembered: RememberedSecrets) -> Self {
        self.core.remembered = Some(remembered);
        self
    }
}

pub(super) fn check<C>(core: &Core<C>, problems: &mut Problems) {
    let mut ensure = |holds: bool, setting, value: &dyn Display, wanted| {
        if !holds {
            problems.add(setting, value.to_string(), wanted);
        }
    };
    let pool = core.hash_pool.limits();
    let permits = format!("permits({})", pool.permits);
    ensure(is_number(pool.permits), "hash_pool", &permits, PERMITS);
    let wait = format!("wait({:?})", pool.wait);
    ensure(!pool.wait.is_zero(), "hash_pool", &wait, WAIT);
    let Some(remembered) = &core.remembered else {
        return;
    };
    let setting = "remember_verified_secrets";
    let limits = remembered.limits();
    let entries = format!("max_entries({})", limits.max_entries);
    ensure(is_number(limits.max_entries), setting, &entries, ENTRIES);
    let age = format!("max_age({:?})", limits.max_age);
    ensure(!limits.max_age.is_zero(), setting, &age, AGE);
    if !remembered.has_key() {
        problems.add_without_value(setting, KEY);
    }
}

fn is_number(number: usize) -> bool {
    u32::try_from(number).is_ok_and(|number| number > 0)
}

const PERMITS: &str = "must have from 1 to 4294967295 permits";
const WAIT: &str =
    "must have a wait that is longer than zero: if no request should wait, set its queue to 0";
const ENTRIES: &str = "must have from 1 to 4294967295 entries";
const AGE: &str = "must have an age that is longer than zero";
const KEY: &str = "needs random bytes of the system for its key, and there are none";

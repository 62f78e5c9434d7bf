//! How often a set is fetched for a key that it does not have.

use std::{error::Error, fmt, time::Duration};

use crate::store::budget::Rate;

/// At most five in a minute, and somebody who uses them up delays a rotation by no more than a pause.
pub(super) const FOR_UNKNOWN: Rate = Rate {
    at_once: 2,
    pause: Duration::from_secs(15),
};

/// Error returned when a fresh set does not have the key, and is not fetched again so soon.
/// Nothing is down: anybody can ask for a key that does not exist.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pausing;

impl fmt::Display for Pausing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = FOR_UNKNOWN.pause.as_secs();
        write!(
            f,
            "the key set does not have the key, and was fetched so often that it is fetched again \
             only after a pause of up to {seconds} s"
        )
    }
}

impl Error for Pausing {}

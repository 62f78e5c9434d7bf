//! The contracts of the stores: the stores of this crate keep them, and a store that breaks one is
//! told which clause it was.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a flaw is in one place, and in no other"
)]

mod clients;
mod judge;
mod replays;
mod throttles;

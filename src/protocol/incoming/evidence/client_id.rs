//! `none`: a public client says who it is (RFC 6749 §3.2.1).

use super::readings::{Reading, Readings};

pub(super) fn readings(client_id: &str) -> Readings {
    Readings::one(Reading::new(client_id, ""))
}

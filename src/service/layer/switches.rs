//! Settings that are on or off, with what the builder was told about them.

/// Settings that a profile switches on. `None`: the builder was not told.
#[derive(Clone, Copy, Default)]
pub(super) struct Switches {
    pub(super) strict_basic: Option<bool>,
    pub(super) strict_audience: Option<bool>,
    pub(super) pkce: Option<bool>,
    pub(super) pushed_requests: Option<bool>,
}

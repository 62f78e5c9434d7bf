//! A key of a set that is not used, and why.

use std::{borrow::Cow, fmt};

use crate::protocol::quoted::{self, Quoted};

/// A key of a set that is not used, or only for some of what a key is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SkippedKey {
    /// The position in the set, from 0.
    pub(crate) number: usize,
    /// The `kid`, if it has one. Of a long one, only the beginning.
    pub(crate) kid: Option<Box<str>>,
    /// The member of the key that is wrong. `None` if it is the key as a whole.
    pub(crate) member: Option<&'static str>,
    /// What is wrong, and what to write instead.
    pub(crate) cause: Cow<'static, str>,
    pub(crate) is_used_for: StillUsedFor,
}

/// What a key is used for after all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StillUsedFor {
    #[default]
    Nothing,
    /// It has no numbers, so nobody meant it for assertions.
    OnlyCertificates,
    /// It contradicts its certificate. Without feature `mtls`, nobody would know.
    OnlyAssertions,
}

impl SkippedKey {
    pub(crate) fn new(
        number: usize,
        kid: Option<&str>,
        member: Option<&'static str>,
        cause: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            number,
            kid: kid.map(|kid| quoted::bounded(kid).into()),
            member,
            cause: cause.into(),
            is_used_for: StillUsedFor::Nothing,
        }
    }
}

impl fmt::Display for SkippedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}", self.number)?;
        if let Some(kid) = &self.kid {
            write!(f, " (kid {})", Quoted(kid))?;
        }
        write!(f, ": {}", self.cause)
    }
}

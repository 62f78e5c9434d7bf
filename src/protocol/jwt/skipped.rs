//! A key of a set that is not used, and why.

use std::{borrow::Cow, fmt};

use crate::protocol::quoted::{self, Quoted};

/// A key of a set that is not used, or for certificates only.
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
    /// Whether it is used after all: for certificates only.
    pub(crate) is_for_certificates: bool,
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
            is_for_certificates: false,
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

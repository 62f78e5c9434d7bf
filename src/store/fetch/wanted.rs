//! What a user of the fetch asks for, and what it gets.

use std::time::Duration;

use http::{HeaderValue, StatusCode};

/// What to fetch.
pub(crate) struct Wanted {
    /// The value of `Accept`.
    pub(crate) accept: &'static str,
    /// The statuses that say that there is nothing (any more). Others than these and 200 are
    /// errors.
    pub(crate) gone: &'static [StatusCode],
    /// How long the body may be.
    pub(crate) max_bytes: usize,
    pub(crate) subject: &'static Subject,
}

/// How errors name what is fetched.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The URI, such as `jwks_uri`.
    pub(crate) member: &'static str,
    /// What is there, such as `key set`.
    pub(crate) content: &'static str,
}

/// What the other side said.
#[derive(Debug)]
pub(crate) enum Fetched {
    /// A 200.
    Content(Content),
    /// One of the statuses of [`Wanted::gone`].
    Gone { fresh_for: Option<Duration> },
}

#[derive(Debug)]
pub(crate) struct Content {
    /// The first `Content-Type`, as it was sent.
    #[cfg_attr(
        not(feature = "client-documents"),
        expect(dead_code, reason = "a key set of any type is read")
    )]
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) body: Vec<u8>,
    pub(crate) fresh_for: Option<Duration>,
}

//! Errors of the stores in Redis.

use std::{error, fmt};

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::error::BoxError;

/// Error returned when a store in Redis cannot connect, or when Redis does not respond to a call
/// as it should.
///
/// It is the error of [`RedisReplayStore`](crate::replay::RedisReplayStore) and of
/// [`RedisThrottle`](crate::throttle::RedisThrottle). See there for an example.
#[derive(Debug)]
pub struct RedisStoreError {
    problem: Problem,
    source: Option<BoxError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Url,
    Unreachable,
    TooOld,
    TimedOut,
    TooManyCalls,
    Refused,
    UnexpectedReply,
    ClusterNode,
    NoRuntime,
    NoRandomness,
}

impl Problem {
    pub(super) fn from_error(error: &RedisError) -> Self {
        let kinds = [
            ErrorKind::Io,
            ErrorKind::Parse,
            ErrorKind::ClusterConnectionNotFound,
        ];
        let redirections = [ServerErrorKind::Moved, ServerErrorKind::Ask].map(ErrorKind::Server);
        if redirections.contains(&error.kind()) {
            Self::ClusterNode
        } else if error.is_timeout() {
            Self::TimedOut
        } else if kinds.contains(&error.kind()) {
            Self::Unreachable
        } else {
            Self::Refused
        }
    }

    /// Adds the cause.
    pub(super) fn with<E: Into<BoxError>>(self) -> impl FnOnce(E) -> RedisStoreError {
        move |source| RedisStoreError {
            problem: self,
            source: Some(source.into()),
        }
    }
}

impl From<Problem> for RedisStoreError {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            source: None,
        }
    }
}

impl RedisStoreError {
    /// Whether another try may succeed: Redis did not answer, so it has not refused.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self.problem, Problem::Unreachable | Problem::TimedOut)
    }
}

impl fmt::Display for RedisStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.problem {
            Problem::Url => "the Redis URL cannot be used: pass one such as redis://127.0.0.1:6379",
            Problem::Unreachable => "Redis cannot be reached",
            Problem::TooOld => "Redis does not support SET with NX and GET: use Redis 7.0 or later",
            Problem::TimedOut => "Redis did not answer in time",
            Problem::TooManyCalls => "too many calls are waiting for Redis",
            Problem::Refused => "Redis answered with an error",
            Problem::UnexpectedReply => "Redis answered with an unexpected reply",
            Problem::ClusterNode => "this Redis is a node of a cluster: use `connect_cluster`",
            Problem::NoRuntime => "there is no tokio runtime: connect and call the service in one",
            Problem::NoRandomness => "the system has no random bytes",
        })
    }
}

impl error::Error for RedisStoreError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&**self.source.as_ref()?)
    }
}

//! Why Redis does not serve.

use std::{error, fmt};

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::error::BoxError;

/// Why [`RedisReplays`](super::RedisReplays) could not connect, or not tell whether a value is new.
#[derive(Debug)]
pub struct RedisReplaysError {
    problem: Problem,
    source: Option<BoxError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Url,
    Unreachable,
    TooOld,
    TimedOut,
    Refused,
    UnexpectedReply,
    ClusterNode,
    NoRuntime,
    NoRandomness,
}

impl Problem {
    pub(super) fn of(error: &RedisError) -> Self {
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

    /// With what was the reason for it.
    pub(super) fn with<E: Into<BoxError>>(self) -> impl FnOnce(E) -> RedisReplaysError {
        move |source| RedisReplaysError {
            problem: self,
            source: Some(source.into()),
        }
    }
}

impl From<Problem> for RedisReplaysError {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            source: None,
        }
    }
}

impl RedisReplaysError {
    /// Whether another try may do: Redis did not answer, so it has not refused.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self.problem, Problem::Unreachable | Problem::TimedOut)
    }
}

impl fmt::Display for RedisReplaysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.problem {
            Problem::Url => "the URL of Redis cannot be used",
            Problem::Unreachable => "Redis cannot be reached",
            Problem::TooOld => "Redis cannot SET with NX and GET, which takes Redis 7.0 or later",
            Problem::TimedOut => "Redis did not answer in time",
            Problem::Refused => "Redis answered with an error",
            Problem::UnexpectedReply => "Redis answered SET with what is no answer to it",
            Problem::ClusterNode => "this Redis is a node of a cluster: use `connect_cluster`",
            Problem::NoRuntime => {
                "the connection lives in a tokio runtime: call the service in one"
            }
            Problem::NoRandomness => "the system has no random bytes",
        })
    }
}

impl error::Error for RedisReplaysError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&**self.source.as_ref()?)
    }
}

//! The error of a client that cannot be registered.

use std::fmt;

use super::problem::ClientProblem;

/// Error returned when a client cannot be registered.
///
/// It lists every problem of its metadata (RFC 7591 §2), each on a line of its own.
///
/// ```
/// use tower_token_endpoint::Client;
///
/// let error = Client::from_json(br#"{"client_id": "s6BhdRkqt3", "scope": "a  b"}"#).unwrap_err();
/// let fields: Vec<_> = error.problems().map(|problem| problem.field()).collect();
/// assert_eq!(fields, [Some("scope"), Some("client_secret")]);
/// assert_eq!(error.to_string().lines().count(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientMetadataError {
    /// At least one.
    problems: Vec<ClientProblem>,
}

impl ClientMetadataError {
    pub(super) fn new(problems: Vec<ClientProblem>) -> Self {
        Self { problems }
    }

    pub(super) fn of_json(problem: ClientProblem) -> Self {
        Self::new(vec![problem])
    }

    /// Returns the problems. There is at least one, and at most 1,000.
    pub fn problems(&self) -> impl Iterator<Item = &ClientProblem> {
        self.problems.iter()
    }

    /// Returns the name of the wrong member of the metadata, of the first problem. `None` if
    /// the JSON itself is not valid.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.problems.first()?.field()
    }

    pub(crate) fn into_problems(self) -> Vec<ClientProblem> {
        self.problems
    }
}

/// One line for each problem.
impl fmt::Display for ClientMetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ClientMetadataError {}

//! Why a set of clients was refused, and what is probably a mistake in it.

use std::fmt;

use crate::protocol::{
    client::problem::ClientProblem,
    quoted::{self, Quoted},
};

/// Error returned when a set of clients cannot be loaded.
///
/// It lists every problem of the set, each on a line of its own.
///
/// ```
/// use tower_token_endpoint::MemoryClientStore;
///
/// let json = br#"[{"client_id": "a", "client_secret": "s"}, {"client_id": "b"}, {}]"#;
/// let error = MemoryClientStore::from_json(json).unwrap_err();
/// let problem = error.problems().next().expect("there is at least one");
/// assert_eq!(problem.entry(), Some(1));
/// assert_eq!(problem.client_id(), Some("b"));
/// assert_eq!(problem.field(), Some("client_secret"));
/// assert_eq!(error.to_string().lines().count(), 3);
/// ```
#[derive(Clone)]
pub struct LoadClientsError {
    /// At least one.
    pub(super) problems: Vec<LoadProblem>,
    /// How many there are beyond these.
    pub(super) omitted: usize,
}

impl LoadClientsError {
    /// Returns the problems in the order of the entries. There is at least one, and at most
    /// 1,000.
    pub fn problems(&self) -> impl Iterator<Item = &LoadProblem> {
        self.problems.iter()
    }

    /// Returns the position of the entry of the first problem, from 0. `None` if the JSON is
    /// not an array.
    #[must_use]
    pub fn entry(&self) -> Option<usize> {
        self.problems.first()?.entry()
    }

    /// Returns the `client_id` of the entry of the first problem, if it has one.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.problems.first()?.client_id()
    }

    /// Returns the name of the wrong member of the metadata, of the first problem. `None` if
    /// the JSON itself is not valid.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.problems.first()?.field()
    }

    /// The problems, and how many there are beyond these.
    pub(crate) fn into_problems(self) -> (Vec<LoadProblem>, usize) {
        (self.problems, self.omitted)
    }
}

/// The same as `Display`: a `main` that returns the error prints this.
impl fmt::Debug for LoadClientsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One line for each problem.
impl fmt::Display for LoadClientsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        match self.omitted {
            0 => Ok(()),
            omitted => write!(f, "\nand {omitted} more"),
        }
    }
}

impl std::error::Error for LoadClientsError {}

/// Problem of one entry of a set of clients, an error or a warning.
///
/// See [`LoadClientsError`] and
/// [`MemoryClientStore::warnings`](crate::MemoryClientStore::warnings) for examples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadProblem {
    entry: Option<usize>,
    client_id: Option<Box<str>>,
    problem: ClientProblem,
}

impl LoadProblem {
    pub(super) fn new(
        entry: Option<usize>,
        client_id: Option<&str>,
        problem: ClientProblem,
    ) -> Self {
        Self {
            entry,
            client_id: client_id.map(|id| quoted::bounded(id).into()),
            problem,
        }
    }

    /// Returns the position of the entry, from 0. `None` if the JSON is not an array, or if the client
    /// was [added](crate::MemoryClientStore::insert) by itself.
    #[must_use]
    pub fn entry(&self) -> Option<usize> {
        self.entry
    }

    /// Returns the `client_id` of the entry, if it has one. Of a long one, only the beginning.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Returns the problem of the entry.
    #[must_use]
    pub fn problem(&self) -> &ClientProblem {
        &self.problem
    }

    /// Returns the name of the member of the metadata. `None` if the JSON itself is wrong.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.problem.field()
    }
}

impl fmt::Display for LoadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = self.entry {
            write!(f, "entry {entry}")?;
            if let Some(client_id) = &self.client_id {
                write!(f, " (client_id {})", Quoted(client_id))?;
            }
            f.write_str(": ")?;
        } else if let Some(client_id) = &self.client_id {
            write!(f, "client_id {}: ", Quoted(client_id))?;
        }
        self.problem.fmt(f)
    }
}

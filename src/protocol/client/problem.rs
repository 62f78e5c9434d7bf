//! What is wrong with one member of a client's metadata, and what was found so far.

use std::{borrow::Cow, fmt};

use serde_json::Value;

use crate::protocol::{jwt::key_set::SkippedKey, quoted::bounded};

/// Problem of one member of a client's metadata, an error or a warning.
///
/// The text says what was found and what to write instead. It is one line, and it never
/// contains a secret. If the problem is in a key set, it also names the key.
///
/// ```
/// use tower_token_endpoint::Client;
///
/// let error = Client::from_json(br#"{
///     "client_id": "s6BhdRkqt3",
///     "token_endpoint_auth_method": "private_key_jwt",
///     "jwks": {"keys": [{"kid": "2026", "kty": "OKP", "crv": "Ed25519", "x": "c2hvcnQ"}]}
/// }"#).unwrap_err();
///
/// let problem = error.problems().next().expect("there is at least one");
/// assert_eq!(problem.field(), Some("jwks"));
/// assert_eq!(problem.key(), Some(0));
/// assert_eq!(problem.kid(), Some("2026"));
/// assert_eq!(problem.key_member(), Some("x"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientProblem {
    field: Option<Cow<'static, str>>,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Text(Cow<'static, str>),
    Key(SkippedKey),
}

impl ClientProblem {
    pub(super) fn new(
        field: impl Into<Cow<'static, str>>,
        text: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            field: Some(field.into()),
            what: What::Text(text.into()),
        }
    }

    fn of_key(field: &'static str, key: SkippedKey) -> Self {
        Self {
            field: Some(field.into()),
            what: What::Key(key),
        }
    }

    /// A problem of the JSON itself.
    pub(crate) fn of_json(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: None,
            what: What::Text(text.into()),
        }
    }

    /// Two clients of a set have the same id.
    pub(crate) fn of_a_second_id() -> Self {
        let text = "an earlier entry has the same id: give each client its own";
        Self::new("client_id", text)
    }

    /// Returns the name of the member of the metadata (RFC 7591 §2), such as `scope`. `None`
    /// if the JSON itself is wrong.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// Returns the position of the key in `jwks`, from 0. `None` if the problem is not in a
    /// key.
    #[must_use]
    pub fn key(&self) -> Option<usize> {
        self.skipped_key().map(|key| key.number)
    }

    /// Returns the `kid` of the key, if it has one. Of a long one, only the beginning.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.skipped_key()?.kid.as_deref()
    }

    /// Returns the member of the key (RFC 7517 §4) that is wrong, such as `crv`. `None` if it
    /// is the key as a whole.
    #[must_use]
    pub fn key_member(&self) -> Option<&str> {
        self.skipped_key()?.member
    }

    fn skipped_key(&self) -> Option<&SkippedKey> {
        match &self.what {
            What::Key(key) => Some(key),
            What::Text(_) => None,
        }
    }
}

impl fmt::Display for ClientProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.field {
            write!(f, "field `{}`: ", field.escape_debug())?;
        }
        match &self.what {
            What::Text(text) => f.write_str(text),
            What::Key(key) => key.fmt(f),
        }
    }
}

/// More than anybody reads.
const MAX_PROBLEMS: usize = 1000;

/// What was found while a client is read.
#[derive(Default)]
pub(super) struct Found {
    problems: Vec<ClientProblem>,
    warnings: Vec<ClientProblem>,
}

impl Found {
    pub(super) fn problem(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        text: impl Into<Cow<'static, str>>,
    ) {
        push(&mut self.problems, ClientProblem::new(field, text));
    }

    pub(super) fn key_problem(&mut self, field: &'static str, key: SkippedKey) {
        push(&mut self.problems, ClientProblem::of_key(field, key));
    }

    /// A warning of a member, whose name may be any text.
    pub(super) fn warning(&mut self, field: &str, text: impl Into<Cow<'static, str>>) {
        let field = bounded(field).into_owned();
        push(&mut self.warnings, ClientProblem::new(field, text));
    }

    pub(super) fn key_warning(&mut self, field: &'static str, key: SkippedKey) {
        push(&mut self.warnings, ClientProblem::of_key(field, key));
    }

    /// Whether the member has a problem, so that it is not also called missing.
    pub(super) fn names(&self, field: &str) -> bool {
        let mut problems = self.problems.iter();
        problems.any(|problem| problem.field() == Some(field))
    }

    /// The warnings, or the problems if there are any.
    pub(super) fn into_warnings(self) -> Result<Box<[ClientProblem]>, Vec<ClientProblem>> {
        match self.problems.is_empty() {
            true => Ok(self.warnings.into()),
            false => Err(self.problems),
        }
    }
}

fn push(problems: &mut Vec<ClientProblem>, problem: ClientProblem) {
    if problems.len() < MAX_PROBLEMS {
        problems.push(problem);
    }
}

/// What a value is, to say what was found.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

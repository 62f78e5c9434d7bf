//! A document of a system, and what is to come of it.

use std::fmt;
use std::panic::RefUnwindSafe;

use serde_json::{Value, json};
use tower_token_endpoint::client::{ClientProblem, ClientSecret};
use tower_token_endpoint::{Client, MemoryClientStore};

pub(crate) struct Row {
    pub(crate) system: &'static str,
    pub(crate) name: &'static str,
    pub(crate) document: Value,
    pub(crate) verdict: Verdict,
}

impl RefUnwindSafe for Row {}

pub(crate) fn row(
    system: &'static str,
    name: &'static str,
    document: Value,
    verdict: Verdict,
) -> Row {
    Row {
        system,
        name,
        document,
        verdict,
    }
}

/// A place, and a part of what is said there. A place is a member, or a key of the set and its
/// member: `scope`, `jwks[1].use`.
pub(crate) type Said = (&'static str, &'static str);

pub(crate) enum Verdict {
    Loads(Vec<Said>),
    Refused(Vec<Said>),
}

pub(crate) fn loads() -> Verdict {
    Verdict::Loads(Vec::new())
}

/// It loads, and these warnings are told.
pub(crate) fn warns<const N: usize>(said: [Said; N]) -> Verdict {
    Verdict::Loads(said.into())
}

/// It does not load, and these errors are told.
pub(crate) fn refused<const N: usize>(said: [Said; N]) -> Verdict {
    Verdict::Refused(said.into())
}

impl Verdict {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Loads(said) if said.is_empty() => "loads",
            Self::Loads(_) => "warns",
            Self::Refused(_) => "refused",
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.system, self.name)
    }
}

impl Row {
    pub(crate) fn judge(&self) {
        let alone = Client::from_json(self.document.to_string().as_bytes());
        let file = json!([{ "client_id": "first", "client_secret": "s" }, self.document]);
        let file = MemoryClientStore::from_json(file.to_string().as_bytes());
        match &self.verdict {
            Verdict::Loads(said) => {
                let client = alone.unwrap_or_else(|error| panic!("{error}"));
                self.compare(client.warnings().iter(), said);
                let warnings = file.unwrap_or_else(|error| panic!("{error}")).warnings();
                assert!(warnings.iter().all(|it| it.entry() == Some(1)));
                self.compare(warnings.iter().map(|it| it.problem()), said);
                reads_back(&client);
            }
            Verdict::Refused(said) => {
                self.compare(alone.expect_err("refused").problems(), said);
                let error = file.expect_err("refused");
                assert!(error.problems().all(|it| it.entry() == Some(1)));
                self.compare(error.problems().map(|it| it.problem()), said);
            }
        }
    }

    fn compare<'p>(&self, found: impl Iterator<Item = &'p ClientProblem>, said: &[Said]) {
        let found: Vec<_> = found.collect();
        let places: Vec<_> = found.iter().map(|it| place(it)).collect();
        let expected: Vec<_> = said.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, expected, "{found:#?}");
        for (problem, (_, part)) in found.iter().zip(said) {
            let text = problem.to_string();
            assert!(text.contains(part), "{part:?}: {text}");
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(text.len() < 500, "{text}");
            for secret in secrets(&self.document) {
                assert!(!text.contains(secret), "{text}");
            }
        }
    }
}

fn place(problem: &ClientProblem) -> String {
    let mut place = problem.field().unwrap_or_default().to_owned();
    if let Some(key) = problem.key() {
        place += &format!("[{key}]");
    }
    if let Some(member) = problem.key_member() {
        place += &format!(".{member}");
    }
    place
}

/// The texts of members that have a secret in them, at any depth.
fn secrets(document: &Value) -> Vec<&str> {
    const NAMES: [&str; 6] = [
        "client_secret",
        "secret",
        "clientSecret",
        "ClientSecret",
        "Value",
        "d",
    ];
    let mut found = Vec::new();
    match document {
        Value::Object(members) => {
            for (name, value) in members {
                found.extend(secrets(value));
                if NAMES.contains(&name.as_str()) {
                    // A short one is in any text.
                    found.extend(value.as_str().filter(|it| it.len() > 8));
                }
            }
        }
        Value::Array(values) => found.extend(values.iter().flat_map(secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found
}

/// What is written loads again, with the secret from elsewhere, as the same client.
fn reads_back(client: &Client) {
    let written = serde_json::to_value(client).expect("JSON");
    let Value::Object(members) = written.clone() else {
        panic!("{written}");
    };
    let secret =
        ClientSecret::plain("a secret of the database, which is long enough for HS512, with 64");
    let again = Client::from_metadata(members, [secret]).unwrap_or_else(|it| panic!("{it}"));
    assert_eq!(serde_json::to_value(&again).expect("JSON"), written);
    assert_eq!(again.grant_types(), client.grant_types());
    assert_eq!(again.redirect_uris(), client.redirect_uris());
}

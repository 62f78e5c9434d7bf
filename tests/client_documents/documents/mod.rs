//! What comes of a document.

mod json;
mod keys;
mod members;
mod methods;

use std::collections::BTreeSet;
use std::panic::catch_unwind;

use tower_token_endpoint::Client;
use tower_token_endpoint::client::{AuthMethod, ClientMetadataError};

use crate::tables::Broken;

pub(crate) const ID: &str = "https://app.example/client.json";

pub(crate) struct Row {
    pub(crate) what: &'static str,
    document: Vec<u8>,
    expected: Expected,
    pub(crate) section: &'static str,
}

enum Expected {
    /// A client with exactly these methods.
    Methods(&'static [AuthMethod]),
    /// A client with exactly these grants.
    Grants(&'static [&'static str]),
    /// A client for which this holds.
    Client(fn(&Client) -> bool),
    /// No client, because of this member alone.
    Field(&'static str),
    /// No client, because the text is not one JSON object that says everything once.
    NoDocument,
}

use Expected::{Client as Holds, Field, Grants, Methods, NoDocument};

const NONE: Expected = Methods(&[AuthMethod::None]);
const KEYS: Expected = Methods(&[AuthMethod::PrivateKeyJwt]);
const BOTH: Expected = Methods(&[AuthMethod::PrivateKeyJwt, AuthMethod::None]);

fn row(
    what: &'static str,
    document: impl Into<Vec<u8>>,
    expected: Expected,
    section: &'static str,
) -> Row {
    Row {
        what,
        document: document.into(),
        expected,
        section,
    }
}

/// A document with its `client_id` and these members.
fn with(members: impl AsRef<str>) -> String {
    format!(r#"{{"client_id":"{ID}",{}}}"#, members.as_ref())
}

pub(crate) fn rows() -> Vec<Row> {
    let tables = [json::rows(), methods::rows(), keys::rows(), members::rows()];
    tables.into_iter().flatten().collect()
}

impl Row {
    fn judge(&self) -> Result<(), String> {
        let found = Client::from_document(ID, &self.document);
        let holds = match (&found, &self.expected) {
            (Ok(client), Methods(methods)) => {
                client.auth_methods().collect::<Vec<_>>() == *methods
                    && methods.iter().all(|&it| client.allows_method(it))
            }
            (Ok(client), Grants(grants)) => {
                let found = client.grant_types().iter().map(|it| it.as_str());
                found.eq(grants.iter().copied())
                    && client
                        .grant_types()
                        .iter()
                        .all(|it| client.allows_grant(it))
            }
            (Ok(client), Holds(holds)) => holds(client),
            (Err(error), Field(field)) => fields(error) == BTreeSet::from([Some(*field)]),
            (Err(error), NoDocument) => error.problems().count() == 1,
            (Ok(_), Field(_) | NoDocument) | (Err(_), Methods(_) | Grants(_) | Holds(_)) => false,
        };
        let found = found.map_err(|error| error.to_string());
        // Whatever else it is: nobody else, and nobody with a secret.
        let is_sound = found.as_ref().is_ok_and(is_sound) || found.is_err();
        match holds && is_sound {
            true => Ok(()),
            false => Err(format!("{found:?}")),
        }
    }
}

fn fields(error: &ClientMetadataError) -> BTreeSet<Option<&str>> {
    error.problems().map(|problem| problem.field()).collect()
}

/// What holds for every client of a document.
pub(crate) fn is_sound(client: &Client) -> bool {
    let is_allowed = |it: AuthMethod| !it.as_str().starts_with("client_secret_");
    client.is_from_document()
        && client.client_id() == ID
        && client.auth_methods().count() > 0
        && client.auth_methods().all(is_allowed)
        && !client.accepts_endpoint_audience()
        && client.issuer().is_none()
}

#[test]
fn a_document_is_a_client_or_has_a_problem() {
    let mut broken = Broken::default();
    for row in rows() {
        let judged = catch_unwind(|| row.judge());
        if let Err(found) = judged.unwrap_or_else(|_| Err("a panic".to_owned())) {
            broken.add(format!("{} ({}): {found}", row.what, row.section));
        }
    }
    broken.assert_none();
}

/// The error goes to the log, and a query may contain a secret.
#[test]
fn the_error_of_another_client_id_has_no_query() {
    let id = format!("{ID}?key=canary-1");
    for (own, says) in [
        (ID.to_owned(), "another query"),
        (format!("{ID}?key=canary-2"), "another query"),
        (
            format!("{ID}/?key=canary-2"),
            "that of 'https://app.example/client.json':",
        ),
    ] {
        let document = format!(r#"{{"client_id":"{own}"}}"#);
        let error = Client::from_document(&id, document.as_bytes());
        let error = error.expect_err("another client").to_string();
        assert!(error.contains(says), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[test]
fn a_document_does_not_get_tokens_without_a_user() {
    let grants = |grants: &str| {
        let json = format!(r#"{{"client_id":"{ID}","grant_types":{grants}}}"#);
        let client = Client::from_document(ID, json.as_bytes()).expect("a document");
        let grants = client.grant_types().iter();
        grants.map(|it| it.as_str().to_owned()).collect::<Vec<_>>()
    };
    let both = r#"["client_credentials","refresh_token","client_credentials"]"#;
    assert_eq!(grants(both), ["refresh_token"]);
    assert!(grants(r#"["client_credentials"]"#).is_empty());
    assert_eq!(grants("[]"), ["authorization_code"]);
}

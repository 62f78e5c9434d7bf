#![cfg(feature = "mtls")]

mod metadata;
mod printed;
mod random;
mod rows;

use super::{MEMBERS, RegisteredName};
use crate::protocol::client::problem::{ClientProblem, Found};
use serde_json::{Map, Value};

/// The registered name, or the problems.
fn read(metadata: Value) -> Result<RegisteredName, Vec<String>> {
    read_with_warnings(metadata).map(|(name, _)| name)
}

fn read_with_warnings(metadata: Value) -> Result<(RegisteredName, Vec<String>), Vec<String>> {
    let metadata: Map<String, Value> = metadata.as_object().expect("an object").clone();
    let mut found = Found::default();
    let name = RegisteredName::read(&metadata, &mut found);
    let shown = |all: &[ClientProblem]| all.iter().map(ToString::to_string).collect();
    match (name, found.into_warnings()) {
        (Some(name), Ok(warnings)) => Ok((name, shown(&warnings))),
        (None, Err(problems)) => Err(shown(&problems)),
        (name, problems) => panic!("{metadata:?}: {name:?} and {problems:?}"),
    }
}

fn registered(member: &str, text: &str) -> RegisteredName {
    read(serde_json::json!({ member: text }))
        .unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

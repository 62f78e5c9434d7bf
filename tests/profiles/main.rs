//! Profiles: OAuth 2.1 and the FAPI 2.0 Security Profile.

#[path = "../common/mod.rs"]
mod common;

mod cast;
mod conformance;
mod contradictions;
mod discovery;
mod loading;
mod proofs;
mod row;
mod rules;

use std::collections::HashSet;

use common::{draft, rests_on, sign};

#[test]
fn every_row_rests_on_a_section() {
    let documents = ["RFC ", "OAuth 2.1 ", "FAPI 2.0 ", "OpenID Connect Core "];
    let tables = [
        rules::methods(),
        rules::audiences(),
        rules::algorithms(),
        rules::times(),
        rules::requests(),
        conformance::table(),
        proofs::table(),
    ];
    let mut names = HashSet::new();
    for row in tables.into_iter().flatten() {
        assert!(rests_on(row.section, &documents), "{row}");
        assert!(names.insert(row.to_string()), "a second {row}");
    }
    assert!(names.len() >= 100, "{} rows", names.len());
}

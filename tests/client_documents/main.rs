//! The documents that clients publish at their id, read as the specification says: which ids are
//! URLs of a document, and what comes of a document. Nothing here is fetched.
//!
//! "CIMD" is draft-ietf-oauth-client-id-metadata-document, and "decisions" is what this crate decided
//! where it leaves something open.

mod any_text;
mod documents;
mod memory;
mod published;
#[path = "../common/sign.rs"]
#[expect(dead_code, reason = "these tests sign nothing")]
mod sign;
#[path = "../common/tables.rs"]
#[expect(
    dead_code,
    reason = "of the tables, only the list of broken rows is used"
)]
mod tables;
mod urls;

use std::collections::HashSet;

use tables::rests_on;

#[test]
fn every_row_rests_on_a_section() {
    let standards = ["CIMD ", "RFC "];
    let urls = urls::rows().into_iter().map(|row| (row.url, row.section));
    let documents = documents::rows().into_iter();
    let documents = documents.map(|row| (row.what.to_owned(), row.section));
    for rows in [urls.collect::<Vec<_>>(), documents.collect()] {
        assert!(rows.len() >= 65, "{} rows", rows.len());
        let mut names = HashSet::new();
        for (name, section) in rows {
            assert!(rests_on(section, &standards), "{name}: {section}");
            assert!(names.insert(name.clone()), "a second {name}");
        }
    }
}

//! DPoP at the token endpoint (RFC 9449): tables of rows, each with the section that it rests on, and
//! what a table cannot hold. `decisions` in a row is the public module of that name: what is our own.

#[path = "../common/mod.rs"]
mod common;
#[path = "../assertions/replays.rs"]
mod replays;

mod cast;
mod claims;
mod header;
mod judge;
mod nonces;
mod order;
mod proof;
mod pushed;
mod required;
mod resource;
mod settings;
mod spending;
mod targets;

use std::collections::HashSet;

use common::{draft, rests_on, sign};
use judge::Table;

fn tables() -> [Table; 11] {
    [
        header::headers_table(),
        header::table(),
        header::algorithms_table(),
        header::es256_table(),
        claims::table(),
        claims::times_table(),
        targets::table(),
        nonces::table(),
        required::table(),
        pushed::table(),
        order::table(),
    ]
}

#[test]
fn at_least_150_rows_each_rest_on_a_section() {
    let mut rows = 0;
    for table in tables() {
        let mut names = HashSet::new();
        for row in &table.rows {
            assert!(rests_on(row.section, &["RFC "]), "{row}");
            assert!(names.insert(&*row.name), "a second {row}");
        }
        rows += names.len();
    }
    assert!(rows >= 150, "{rows} rows");
}

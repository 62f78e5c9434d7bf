//! Client certificates (RFC 8705): tables of rows, each with the section that it rests on, and what a table
//! cannot hold. `decisions` in a row is the public module of that name: what is our own.

#[path = "../common/mod.rs"]
mod common;

mod binding;
mod cast;
mod issued;
mod judge;
mod keys;
mod log;
mod methods;
mod names;
mod refusals;
mod settings;
mod sources;

use std::collections::HashSet;

use common::rests_on;
use judge::Table;

fn tables() -> [Table; 6] {
    [
        methods::table(),
        methods::without_the_setting_table(),
        names::table(),
        keys::table(),
        keys::fetched_table(),
        binding::table(),
    ]
}

#[test]
fn every_row_rests_on_a_section() {
    let mut rows = 0;
    for table in tables() {
        let mut names = HashSet::new();
        for row in &table.rows {
            assert!(rests_on(row.section, &["RFC "]), "{row}");
            assert!(names.insert(row.name), "a second {row}");
        }
        rows += names.len();
    }
    assert!(rows >= 50, "{rows} rows");
}

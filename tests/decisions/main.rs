//! The decisions on the wire: tables of rows, one module for each stage of a request, each row
//! with the section that it rests on, and what a table cannot hold. `decisions` in a row is the
//! public module of that name: what is our own.
//!
//! Every row is judged twice: at the layer by itself (here and in the modules), and over real
//! connections (`wire`).

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod body;
mod calls;
mod cast;
mod client_and_proof;
mod credentials;
mod endpoints;
mod grant_and_scope;
mod hashes;
mod head;
mod inner;
mod judge;
mod options;
mod order;
mod paths;
mod row;
mod stores;
mod streams;
mod wire;

use std::collections::HashSet;

use common::rests_on;
use judge::Table;

fn tables() -> [Table; 16] {
    [
        head::table(),
        body::table(),
        credentials::table(),
        client_and_proof::table(),
        grant_and_scope::table(),
        grant_and_scope::known_grants_table(),
        order::table(),
        paths::table(),
        endpoints::introspection::table(),
        endpoints::revocation::table(),
        endpoints::pushed::table(),
        endpoints::pushed::pkce_table(),
        endpoints::device::table(),
        endpoints::backchannel::table(),
        options::strict_table(),
        stores::table(),
    ]
}

#[test]
fn at_least_200_rows_each_rest_on_a_section() {
    let documents = ["RFC ", "CIBA Core "];
    let mut rows = 0;
    for table in tables() {
        let mut names = HashSet::new();
        for row in &table.rows {
            assert!(rests_on(row.section, &documents), "{row}");
            assert!(names.insert(row.name), "a second {row}");
        }
        rows += names.len();
    }
    assert!(rows >= 200, "{rows} rows");
}

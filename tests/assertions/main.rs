//! Client assertions (RFC 7521, RFC 7523): tables of rows, each with the section that it rests on,
//! and what a table cannot hold. `decisions` in a row is the public module of that name: what is
//! our own.

#[path = "../common/mod.rs"]
mod common;

mod audiences;
mod cast;
mod claims;
mod credentials;
mod header;
mod interop;
mod judge;
mod keys;
mod loading;
mod loads;
mod lookups;
mod mutations;
mod options;
mod replay;
mod replays;
mod row;
mod rsa_fixed;
mod serialisation;
mod signature;
mod stories;
mod time;
mod wire;

use std::collections::HashSet;

use common::{draft, rests_on, sign};
use judge::Table;

fn tables() -> [Table; 21] {
    [
        signature::every_algorithm_table(),
        signature::table(),
        header::table(),
        header::types_table(),
        header::es256_table(),
        header::ed25519_table(),
        serialisation::table(),
        claims::table(),
        audiences::table(),
        audiences::strict_table(),
        audiences::lenient_table(),
        audiences::elsewhere_table(),
        audiences::elsewhere_introspection_table(),
        audiences::elsewhere_revocation_table(),
        audiences::introspection_table(),
        audiences::default_introspection_table(),
        audiences::revocation_table(),
        time::table(),
        keys::table(),
        keys::fetched_table(),
        credentials::table(),
    ]
}

#[test]
fn at_least_1000_rows_each_rest_on_a_section() {
    let documents = [
        "RFC ",
        "FAPI 2.0 ",
        "FIPS ",
        "OpenID Connect Core ",
        "OpenID Connect Registration ",
    ];
    let mut rows = 0;
    for table in tables() {
        let mut names = HashSet::new();
        for row in &table.rows {
            assert!(rests_on(row.section, &documents), "{row}");
            assert!(names.insert(&*row.name), "a second {row}");
        }
        rows += names.len();
    }
    assert!(rows >= 1000, "{rows} rows");
}

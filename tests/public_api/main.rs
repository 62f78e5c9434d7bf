//! Checks of the public API as rustdoc knows it. `.ci/run` makes rustdoc write it as JSON, which is
//! unstable, to the file that `PUBLIC_API_JSON` names.

mod dependencies;
mod documentation;

use std::{env, fs};

use serde_json::Value;

/// `None` if there is none, which is loud, and in CI a failure.
fn public_api() -> Option<Value> {
    let Some(path) = env::var_os("PUBLIC_API_JSON") else {
        let skipped = "SKIPPED: PUBLIC_API_JSON names no file; `.ci/run` makes one";
        assert!(env::var_os("CI").is_none(), "{skipped}");
        eprintln!("{skipped}");
        return None;
    };
    let json = fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    Some(serde_json::from_slice(&json).expect("the JSON of rustdoc"))
}

/// How many names a new user meets first.
#[test]
fn the_root_has_fewer_than_25_items() {
    let Some(api) = public_api() else { return };
    let root = &api["index"][api["root"].to_string()]["inner"]["module"]["items"];
    let items = root.as_array().expect("the items of the root");
    assert!((10..25).contains(&items.len()), "{} items", items.len());
}

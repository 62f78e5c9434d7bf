//! The public API names no type of a dependency but those that are promised: a new major version of
//! any other must not be a new major version of this crate.
//!
//! It reads what rustdoc knows of the API, which `.ci/run` has it write as JSON (unstable) to the
//! file that `PUBLIC_API_JSON` names.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
};

use serde_json::Value;

/// The standard library, and what the design of the crate promises. `serde_core` has the traits that
/// a client implements; the other three stand in code that `#[derive]` and macros write.
const PROMISED: [&str; 13] = [
    "alloc",
    "axum_core",
    "bytes",
    "core",
    "http",
    "http_body",
    "pin_project_lite",
    "serde_core",
    "serde_json",
    "std",
    "tower",
    "tower_layer",
    "tower_service",
];

/// The paths of other crates in a signature, each by its crate.
fn named<'j>(json: &'j Value, api: &'j Value, found: &mut BTreeMap<&'j str, BTreeSet<String>>) {
    match json {
        Value::Object(members) => {
            // What every type gets for nothing, from traits that this crate never names.
            if members.get("blanket_impl").is_some_and(|it| !it.is_null()) {
                return;
            }
            let ids = ["resolved_path", "trait"];
            for id in ids.iter().filter_map(|name| members.get(*name)?.get("id")) {
                let path = &api["paths"][id.to_string()];
                let name = &api["external_crates"][path["crate_id"].to_string()]["name"];
                if let Some(name) = name.as_str() {
                    found
                        .entry(name)
                        .or_default()
                        .insert(path["path"].to_string());
                }
            }
            for member in members.values() {
                named(member, api, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| named(value, api, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

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

#[test]
fn only_promised_crates_are_named_in_the_public_api() {
    let Some(api) = public_api() else { return };
    let items = api["index"].as_object().expect("the items by their id");
    assert!(items.len() > 500, "only {} items", items.len());

    let mut found = BTreeMap::new();
    for item in items.values().filter(|item| item["crate_id"] == 0) {
        named(&item["inner"], &api, &mut found);
    }
    assert!(found.contains_key("http"), "{found:?}");
    found.retain(|name, _| !PROMISED.contains(name));
    assert!(found.is_empty(), "{found:#?}");
}

/// How many names a new user meets first.
#[test]
fn the_root_has_fewer_than_25_items() {
    let Some(api) = public_api() else { return };
    let root = &api["index"][api["root"].to_string()]["inner"]["module"]["items"];
    let items = root.as_array().expect("the items of the root");
    assert!((10..25).contains(&items.len()), "{} items", items.len());
}

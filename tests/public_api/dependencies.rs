//! The public API names no type of a dependency but those that are promised: a new major version of
//! any other must not be a new major version of this crate.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::public_api;

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

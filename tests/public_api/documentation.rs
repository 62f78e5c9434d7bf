//! What every public item has in its docs, and what it must not have in its attributes.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::public_api;

/// The items of this crate by their ids.
fn own_items(api: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let items = api["index"].as_object().expect("the items by their id");
    items.iter().filter(|(_, item)| item["crate_id"] == 0)
}

fn kind(item: &Value) -> &str {
    let inner = item["inner"].as_object();
    inner.and_then(|inner| inner.keys().next()).expect("a kind")
}

fn has_example(item: &Value) -> bool {
    item["docs"]
        .as_str()
        .is_some_and(|docs| docs.contains("```"))
}

fn is_must_use(item: &Value) -> bool {
    item["attrs"].to_string().contains("must_use")
}

/// An error is shown where it is returned, and a future where it is awaited: a link is enough.
#[test]
fn every_public_type_and_trait_has_an_example_or_links_to_one() {
    let Some(api) = public_api() else { return };
    let mut checked = 0;
    let mut without = Vec::new();
    for (id, item) in own_items(&api) {
        let is_named = matches!(kind(item), "struct" | "enum" | "trait" | "type_alias");
        // Nobody can name `Sealed`, so it has no page.
        let is_public = item["visibility"] == "public" && item["name"] != "Sealed";
        if !is_named || !is_public || api["paths"][id].is_null() {
            continue;
        }
        checked += 1;
        let none = Map::new();
        let links = item["links"].as_object().unwrap_or(&none).values();
        let mut linked = links.map(|id| &api["index"][id.to_string()]);
        if !has_example(item) && !linked.any(has_example) {
            without.push(item["name"].as_str().unwrap_or_default());
        }
    }
    assert!(checked > 40, "only {checked} types");
    assert!(without.is_empty(), "{without:?}");
}

/// The attribute on the type is enough: on its methods as well, it is noise.
#[test]
fn no_method_repeats_the_must_use_of_its_type() {
    let Some(api) = public_api() else { return };
    let types: BTreeSet<_> = own_items(&api)
        .filter(|(_, item)| matches!(kind(item), "struct" | "enum") && is_must_use(item))
        .map(|(id, _)| id.as_str())
        .collect();
    assert!(types.len() > 5, "only {} types", types.len());

    let mut repeated = Vec::new();
    for (_, an_impl) in own_items(&api).filter(|(_, item)| kind(item) == "impl") {
        let own = &an_impl["inner"]["impl"]["for"]["resolved_path"]["id"];
        let methods = an_impl["inner"]["impl"]["items"].as_array();
        for method in methods.into_iter().flatten() {
            let method = &api["index"][method.to_string()];
            let output = &method["inner"]["function"]["sig"]["output"];
            let returned = if output["generic"] == "Self" {
                own
            } else {
                &output["resolved_path"]["id"]
            };
            if is_must_use(method) && types.contains(returned.to_string().as_str()) {
                repeated.push((&an_impl["inner"]["impl"]["for"], &method["name"]));
            }
        }
    }
    assert!(repeated.is_empty(), "{repeated:#?}");
}

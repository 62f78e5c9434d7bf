//! The dashboard and the alerts ask for metrics, labels and values that there are.

#[path = "common/mod.rs"]
mod common;

use std::process::Command;

use serde_json::Value;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::rejection::metrics::{
    AUTHENTICATIONS, CLIENT_DOCUMENTS_KEPT, DURATION, HASHES_RUNNING, HASHES_WAITING,
    KEY_SETS_KEPT, SOURCES_THROTTLED,
};

use crate::common::programs::skip;

const DASHBOARD: &str = include_str!("../examples/grafana/token-endpoint.json");
const ALERTS: &str = include_str!("../examples/grafana/alerts.yml");

/// All expressions of the dashboard, and its title and variables.
fn dashboard() -> (Value, Vec<String>) {
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().expect("targets"));
    let expressions = targets.map(|it| it["expr"].as_str().expect("an expression").to_owned());
    let expressions = expressions.collect();
    (dashboard, expressions)
}

/// The expressions of the alerts, each on one line.
fn alerts() -> Vec<String> {
    let rules = ALERTS.split("expr: >-\n").skip(1);
    rules
        .map(|rule| {
            let lines = rule
                .lines()
                .take_while(|line| line.starts_with("          "));
            lines.map(str::trim).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// The words that begin with `oauth_`.
fn metrics(expression: &str) -> Vec<&str> {
    let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("oauth_")).collect()
}

/// The values of a label that an expression selects by `=`, `!=` or `=~`.
fn values<'e>(expression: &'e str, label: &str) -> Vec<&'e str> {
    let mut values = Vec::new();
    for (start, _) in expression.match_indices(label) {
        let rest = &expression[start + label.len()..];
        let Some((operator, rest)) = rest.split_once('"') else {
            continue;
        };
        if ["=", "!=", "=~"].contains(&operator) {
            values.extend(rest.split('"').next().expect("a value").split('|'));
        }
    }
    values
}

#[test]
fn every_metric_label_and_value_exists() {
    let (_, expressions) = dashboard();
    let alerts = alerts();
    assert!(expressions.len() >= 10 && alerts.len() == 5, "{alerts:?}");
    let mut seen = Vec::new();
    for expression in expressions.iter().chain(&alerts) {
        let names = metrics(expression);
        assert!(!names.is_empty(), "{expression}");
        for name in names {
            let name = name.strip_suffix("_bucket").unwrap_or(name);
            let known = [
                AUTHENTICATIONS,
                DURATION,
                HASHES_RUNNING,
                HASHES_WAITING,
                KEY_SETS_KEPT,
                CLIENT_DOCUMENTS_KEPT,
                SOURCES_THROTTLED,
            ];
            assert!(known.contains(&name), "{name}");
            seen.push(name.to_owned());
        }
        for outcome in values(expression, "outcome") {
            let known = ["accepted", "rejected", "throttled", "unavailable"];
            assert!(known.contains(&outcome), "{outcome}");
        }
        for reason in values(expression, "reason") {
            let mut reasons = RejectionReason::ALL.iter();
            assert!(reasons.any(|it| it.as_str() == reason), "{reason}");
        }
        let opened = expression.matches(['(', '{', '[']).count();
        assert_eq!(
            opened,
            expression.matches([')', '}', ']']).count(),
            "{expression}"
        );
    }
    for name in [
        AUTHENTICATIONS,
        DURATION,
        HASHES_RUNNING,
        HASHES_WAITING,
        KEY_SETS_KEPT,
        CLIENT_DOCUMENTS_KEPT,
        SOURCES_THROTTLED,
    ] {
        assert!(seen.iter().any(|it| it == name), "no panel shows {name}");
    }
}

/// The share of 401s. A reason that is added later belongs there too.
#[test]
fn failed_authentications_are_all_reasons_of_invalid_client() {
    let rows = include_str!("../src/protocol/reason.rs").lines();
    let failures = rows.filter_map(|row| row.split_once("\", InvalidClient,"));
    let failures: Vec<_> = failures
        .filter_map(|(row, _)| Some(row.rsplit_once('"')?.1))
        .collect();
    assert!(failures.len() > 20, "{failures:?}");
    let (_, expressions) = dashboard();
    let alerts = alerts();
    for expressions in [expressions, alerts] {
        let mut lists = expressions.iter().map(|it| values(it, "reason"));
        assert!(lists.any(|list| list == failures), "{expressions:?}");
    }
}

/// The reasons whose events are of level `ERROR`: an operator has to fix these, and no stranger can cause
/// them while everything works.
fn outages() -> Vec<&'static str> {
    let events = include_str!("../src/service/observe/events.rs");
    let (_, list) = events
        .split_once("let is_outage = matches!(")
        .expect("a list");
    let list = list.split(");").next().expect("its end");
    let names = list.split("RejectionReason::").skip(1);
    let names: Vec<_> = names
        .map(|it| it.trim_end_matches([' ', '\n', '|']))
        .collect();
    let reasons = RejectionReason::ALL.iter();
    let outages = reasons.filter(|it| names.contains(&&*format!("{it:?}")));
    let outages: Vec<_> = outages.map(|it| it.as_str()).collect();
    assert_eq!(outages.len(), names.len(), "{names:?}");
    outages
}

#[test]
fn the_critical_alert_and_the_panel_of_outages_are_for_all_outages_and_nothing_else() {
    let outages = outages();
    assert!(outages.contains(&"key_source_missing"), "{outages:?}");
    for caused_by_strangers in [
        "client_unavailable",
        "hashing_overloaded",
        "key_fetch_paused",
        "throttled",
    ] {
        assert!(!outages.contains(&caused_by_strangers), "{outages:?}");
    }
    let critical = ALERTS
        .split("- alert: ")
        .filter(|it| it.contains("severity: critical"));
    let critical: Vec<_> = critical.collect();
    let [critical] = &critical[..] else {
        panic!("{critical:?}");
    };
    let (dashboard, _) = dashboard();
    let mut panels = dashboard["panels"].as_array().expect("panels").iter();
    let panel = panels.find(|panel| panel["title"] == "Outages");
    let panel = panel.expect("a panel")["targets"][0]["expr"].as_str();
    for expression in [critical, panel.expect("an expression")] {
        let mut selected = values(expression, "reason");
        selected.sort_unstable();
        let mut outages = outages.clone();
        outages.sort_unstable();
        assert_eq!(selected, outages, "{expression}");
        assert!(values(expression, "outcome").is_empty(), "{expression}");
    }
    // What is left of the 503s has an alert of its own, or is the doing of a stranger.
    let rows = include_str!("../src/protocol/reason.rs");
    let rest = RejectionReason::ALL.iter().map(|it| it.as_str());
    let rest: Vec<_> = rest
        .filter(|it| rows.contains(&format!("\"{it}\", TemporarilyUnavailable,")))
        .filter(|it| !outages.contains(it))
        .collect();
    assert_eq!(
        rest,
        [
            "client_unavailable",
            "hashing_overloaded",
            "key_fetch_paused"
        ]
    );
    assert!(
        alerts()
            .iter()
            .any(|it| values(it, "reason") == ["hashing_overloaded"])
    );
}

/// As Prometheus itself reads them.
#[test]
fn prometheus_loads_the_alerts() {
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/grafana/alerts.yml");
    let checked = Command::new("promtool")
        .args(["check", "rules", rules])
        .output();
    let Some(checked) = checked.ok().or_else(|| skip("promtool")) else {
        return;
    };
    let text = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "{checked:?}");
    let count = format!("SUCCESS: {} rules found", alerts().len());
    assert!(text.contains(&count), "{text}");
}

#[test]
fn a_panel_or_an_alert_uses_each_label() {
    let (_, expressions) = dashboard();
    let all = [expressions, alerts()].concat().concat();
    for label in ["endpoint", "outcome", "reason", "method", "grant_type"] {
        let mut words = all.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        assert!(words.any(|word| word == label), "{label}");
    }
}

/// What they send the reader to is in the table of the events, or is a metric.
#[test]
fn every_name_in_a_description_exists() {
    let docs = include_str!("../src/rejection.rs");
    let first_cells = docs.lines().filter_map(|line| line.strip_prefix("//! | "));
    let fields: Vec<_> = first_cells
        .filter_map(|row| Some(row.split_once(" |")?.0))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    let (dashboard, _) = dashboard();
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let descriptions = panels.filter_map(|panel| panel["description"].as_str());
    let mut names = 0;
    for text in descriptions.chain(ALERTS.split("description: >-")) {
        for name in text.split('`').skip(1).step_by(2) {
            assert!(
                fields.contains(&name) || name == SOURCES_THROTTLED,
                "{name}"
            );
            names += 1;
        }
    }
    assert!(names > 5);
}

#[test]
fn the_dashboard_is_for_any_data_source_and_its_panels_do_not_overlap() {
    let (dashboard, expressions) = dashboard();
    let variables = dashboard["templating"]["list"]
        .as_array()
        .expect("variables");
    let variables: Vec<_> = variables
        .iter()
        .filter_map(|it| it["name"].as_str())
        .collect();
    for expression in expressions {
        for (start, _) in expression.match_indices('$') {
            let name: String = expression[start + 1..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            let is_known = name == "__rate_interval" || variables.contains(&name.as_str());
            assert!(is_known, "${name} in {expression}");
        }
    }
    let mut cells = std::collections::BTreeSet::new();
    for panel in dashboard["panels"].as_array().expect("panels") {
        assert_eq!(panel["datasource"]["uid"], "${datasource}");
        assert!(
            panel["description"]
                .as_str()
                .is_some_and(|it| !it.is_empty())
        );
        let position = |name: &str| panel["gridPos"][name].as_u64().expect("a number");
        assert!(position("x") + position("w") <= 24);
        for x in position("x")..position("x") + position("w") {
            for y in position("y")..position("y") + position("h") {
                assert!(cells.insert((x, y)), "{} overlaps", panel["title"]);
            }
        }
    }
}

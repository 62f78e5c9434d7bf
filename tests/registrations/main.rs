//! Registrations and key sets as other systems write them, each with what an operator wants to
//! learn: that it loads, that it loads with a warning, or what is wrong where, and what to write
//! instead. All keys and secrets are made for these tests.

mod clients;
mod key_sets;
mod keys;
#[path = "../common/sign.rs"]
#[expect(dead_code, reason = "these tests sign nothing")]
mod sign;
#[path = "../common/tables.rs"]
#[expect(
    dead_code,
    reason = "of the tables, only the list of broken rows is used"
)]
mod tables;
mod verdict;

use std::collections::HashSet;

use serde_json::json;

use crate::tables::Broken;
use crate::verdict::Row;

#[test]
fn clients_of_real_systems_load_or_say_what_to_write() {
    hold(&clients::rows());
}

#[test]
fn key_sets_of_real_systems_load_or_say_what_to_write() {
    let client = |row: Row| {
        let client = json!({
            "client_id": "keyed",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": row.document,
        });
        Row {
            document: client,
            ..row
        }
    };
    let rows: Vec<_> = key_sets::rows().into_iter().map(client).collect();
    hold(&rows);
}

#[test]
fn files_of_every_encoding_load_or_say_where_they_cannot() {
    clients::encodings();
}

#[test]
fn there_are_at_least_60_clients_and_60_key_sets_of_all_systems() {
    const CLIENTS: [&str; 12] = [
        "Keycloak",
        "Auth0",
        "Okta",
        "Entra",
        "Hydra",
        "Connect2id",
        "Ping",
        "Spring",
        ".NET",
        "Open Banking",
        "SMART on FHIR",
        "MCP",
    ];
    const KEY_SETS: [&str; 14] = [
        "Keycloak",
        "Auth0",
        "Okta",
        "Entra",
        "Hydra",
        "Azure Key Vault",
        "AWS",
        "GCP",
        "Kubernetes",
        "OpenSSL",
        "step",
        ".NET",
        "Open Banking",
        "SMART on FHIR",
    ];
    for (rows, systems) in [
        (clients::rows(), &CLIENTS[..]),
        (key_sets::rows(), &KEY_SETS[..]),
    ] {
        assert!(rows.len() >= 60, "{} rows", rows.len());
        let names: HashSet<_> = rows.iter().map(Row::to_string).collect();
        assert_eq!(names.len(), rows.len());
        for system in systems {
            let own = rows.iter().filter(|row| row.system == *system);
            assert!(own.count() >= 3, "{system}");
        }
        // Each verdict is there.
        for kind in ["loads", "warns", "refused"] {
            let own = rows.iter().filter(|row| row.verdict.kind() == kind);
            assert!(own.count() >= 5, "{kind}");
        }
    }
}

fn hold(rows: &[Row]) {
    let mut broken = Broken::default();
    for row in rows {
        if std::panic::catch_unwind(|| row.judge()).is_err() {
            broken.add(row);
        }
    }
    broken.assert_none();
}

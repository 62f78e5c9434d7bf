//! The member `client_secrets`: what loads, and what is said of everything else.

use serde_json::{Value, json};
use tower_token_endpoint::client::{ClientSecret, HashLimits};
use tower_token_endpoint::{Client, MemoryClientStore};

use crate::{ARGON2, BCRYPT, PBKDF2, SECRET, SHA256};

/// A client, and what is said of it, each with the member. It loads if nothing is.
type Row = (Value, Vec<(&'static str, &'static str)>);

/// Nothing that is wrong.
fn loads(members: Value) -> Row {
    (members, Vec::new())
}

fn refused<const N: usize>(members: Value, said: [(&'static str, &'static str); N]) -> Row {
    (members, said.to_vec())
}

const SECRETS: &str = "client_secrets";

fn rows() -> Vec<Row> {
    let hash = |hash: &str| json!({"client_secrets": [{"hash": hash}]});
    let one = |element: Value| json!({"client_secrets": [element]});
    vec![
        // What loads.
        loads(hash(ARGON2)),
        loads(hash(BCRYPT)),
        loads(hash(PBKDF2)),
        loads(hash(SHA256)),
        loads(one(json!({"secret": "s"}))),
        loads(one(json!({"secret": "s", "expires_at": 0}))),
        loads(one(
            json!({"secret": "s", "expires_at": null, "hash": null}),
        )),
        loads(one(
            json!({"hash": SHA256, "expires_at": 1_893_456_000, "secret": ""}),
        )),
        loads(one(json!({"hash": SHA256, "expires_at": 1.893_456e9}))),
        loads(json!({"client_secret": "s", "client_secrets": [{"hash": ARGON2}]})),
        loads(json!({"client_secret": "s", "client_secrets": []})),
        loads(json!({"client_secret": "s", "client_secrets": null})),
        loads(
            json!({"client_secret": "s", "client_secret_expires_at": 1_893_456_000,
                     "client_secrets": [{"secret": "t"}]}),
        ),
        loads(json!({"client_secret_expires_at": 0, "client_secrets": [{"secret": "t"}]})),
        loads(json!({"client_secrets": [{"hash": ARGON2}, {"hash": BCRYPT}, {"secret": "s"}]})),
        loads(
            json!({"token_endpoint_auth_method": "client_secret_jwt", "client_secrets": [
            {"secret": "0123456789abcdef0123456789abcdef"}, {"hash": ARGON2}]}),
        ),
        // Something else than an array of objects.
        refused(
            json!({"client_secrets": "s"}),
            [(SECRETS, "it is a string: write an array")],
        ),
        refused(
            json!({"client_secrets": {"hash": ARGON2}}),
            [(SECRETS, "it is an object")],
        ),
        refused(
            json!({"client_secrets": true}),
            [(SECRETS, "it is a boolean")],
        ),
        refused(json!({"client_secrets": 5}), [(SECRETS, "it is a number")]),
        refused(
            json!({"client_secrets": [ARGON2]}),
            [(SECRETS, "entry 0 is a string")],
        ),
        refused(
            json!({"client_secrets": [[]]}),
            [(SECRETS, "entry 0 is an array")],
        ),
        refused(
            json!({"client_secrets": [null, {"secret": "s"}]}),
            [(SECRETS, "entry 0 is null")],
        ),
        // The members of an element.
        refused(one(json!({})), [(SECRETS, "entry 0: it has neither")]),
        refused(
            one(json!({"hash": ""})),
            [(SECRETS, "entry 0: it has neither")],
        ),
        refused(
            one(json!({"expires_at": 5})),
            [(SECRETS, "entry 0: it has neither")],
        ),
        refused(
            one(json!({"hash": ARGON2, "secret": "s"})),
            [(SECRETS, "keep one")],
        ),
        refused(
            one(json!({"hash": 5})),
            [(SECRETS, "entry 0, `hash`: it is a number")],
        ),
        refused(
            one(json!({"secret": ["s"]})),
            [(SECRETS, "entry 0, `secret`: it is an array")],
        ),
        refused(
            one(json!({"secret": "s", "expire_at": 5})),
            [(SECRETS, "remove it")],
        ),
        refused(one(json!({"value": "s"})), [(SECRETS, "member other than")]),
        // The expiry.
        refused(
            one(json!({"secret": "s", "expires_at": 1_893_456_000_000_u64})),
            [(
                SECRETS,
                "entry 0, `expires_at`: it is 1893456000000, which can only be milli",
            )],
        ),
        refused(
            one(json!({"secret": "s", "expires_at": "2030-01-01"})),
            [(SECRETS, "entry 0, `expires_at`: it is a string")],
        ),
        refused(
            one(json!({"secret": "s", "expires_at": -1})),
            [(SECRETS, "entry 0, `expires_at`: it is below zero")],
        ),
        refused(
            json!({"client_secret_expires_at": 5, "client_secrets": [{"secret": "t"}]}),
            [("client_secret_expires_at", "there is no `client_secret`")],
        ),
        // The hash.
        refused(
            hash("s"),
            [(SECRETS, "entry 0, `hash`: it is not a hash that is known")],
        ),
        refused(hash("sha256:53f5"), [(SECRETS, "64 hexadecimal digits")]),
        refused(
            hash("$argon2id$v=19$m=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$x"),
            [(SECRETS, "entry 0, `hash`: Argon2: `t` is missing")],
        ),
        refused(hash("$2x$04$x"), [(SECRETS, "`$2x$`")]),
        refused(
            hash("$2b$17$S8EkAeRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphpW2"),
            [(SECRETS, "may be at most 16")],
        ),
        // A hash in the place of a secret, and for a method that needs the secret.
        refused(
            one(json!({"secret": BCRYPT})),
            [(SECRETS, "entry 0, `secret`: it looks like")],
        ),
        refused(
            one(json!({"secret": SHA256})),
            [(SECRETS, "entry 0, `secret`: it looks like")],
        ),
        refused(one(json!({"secret": "{noop}s"})), [(SECRETS, "`{noop}`")]),
        refused(
            json!({"client_secret": ARGON2}),
            [("client_secret", "it looks like")],
        ),
        refused(
            json!({"token_endpoint_auth_method": "client_secret_jwt",
                   "client_secrets": [{"hash": ARGON2}]}),
            [("client_secret", "`secret` in `client_secrets`")],
        ),
        refused(
            json!({"token_endpoint_auth_method": "client_secret_jwt",
                   "client_secrets": [{"secret": "short"}]}),
            [("client_secret", "too short")],
        ),
        // Everything at once.
        refused(
            json!({"scope": "a  b", "client_secret": "$2b$x", "client_secrets": [
                {"secret": "good"},
                {"hash": "$2b$04$x", "expires_at": true, "more": 1},
                5,
                {"secret": "good", "hash": ARGON2},
            ]}),
            [
                ("client_secret", "it looks like"),
                (SECRETS, "entry 1: it has a member other than"),
                (SECRETS, "entry 1, `expires_at`: it is a boolean"),
                (
                    SECRETS,
                    "entry 1, `hash`: bcrypt: it must have 60 characters",
                ),
                (SECRETS, "entry 2 is a number"),
                (SECRETS, "entry 3: it has `hash` and `secret`"),
                ("scope", ""),
            ],
        ),
    ]
}

#[test]
fn listed_secrets_load_or_are_refused_with_entry_and_member() {
    let mut wrong = Vec::new();
    for (mut members, said) in rows() {
        members["client_id"] = json!("a");
        let json = json!([{"client_id": "first", "client_secret": "s"}, members]).to_string();
        let found: Vec<_> = match MemoryClientStore::from_json(json.as_bytes()) {
            Ok(clients) => {
                assert!(clients.warnings().is_empty(), "{json}");
                Vec::new()
            }
            Err(error) => {
                assert!(error.problems().all(|it| it.entry() == Some(1)), "{error}");
                let text = |it: &_| ToString::to_string(it);
                error
                    .problems()
                    .map(|it| (it.field().map(str::to_owned), text(it)))
                    .collect()
            }
        };
        let is_said =
            |((field, text), (member, says)): (&(Option<String>, String), &(&str, &str))| {
                field.as_deref() == Some(*member) && text.contains(says)
            };
        if found.len() != said.len() || !found.iter().zip(&said).all(is_said) {
            wrong.push(format!("{members}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_member_that_is_twice_in_an_element_is_refused() {
    let of = |element: &str| {
        format!(r#"{{"client_id":"a","client_secrets":[{{"secret":"s"}},{element}]}}"#)
    };
    for element in [
        r#"{"secret":"canary","secret":"canary"}"#,
        r#"{"secret":"s","expires_at":5,"expires_at":0}"#,
        &format!(r#"{{"hash":"{ARGON2}","hash":"{SHA256}"}}"#),
    ] {
        let error = Client::from_json(of(element).as_bytes()).expect_err(element);
        let problems: Vec<_> = error.problems().collect();
        assert_eq!(problems.len(), 1, "{error}");
        assert_eq!(error.field(), Some(SECRETS));
        assert!(
            error
                .to_string()
                .contains("entry 1: a member is there twice"),
            "{error}"
        );
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    let twice = r#"{"client_id":"a","client_secrets":[{"secret":"s"}],"client_secrets":[]}"#;
    let error = Client::from_json(twice.as_bytes()).expect_err("the member itself");
    assert!(
        error.to_string().contains("the member is there twice"),
        "{error}"
    );
}

#[test]
fn no_error_about_listed_secrets_repeats_one() {
    for secrets in [
        json!("c4n4ry"),
        json!({"c4n4ry": "c4n4ry"}),
        json!(["c4n4ry"]),
        json!([{"c4n4ry": 1}]),
        json!([{"hash": "c4n4ry"}]),
        json!([{"hash": "$2b$04$c4n4ry"}]),
        json!([{"hash": "$c4n4ry$"}]),
        json!([{"hash": "$argon2id$v=19$c4n4ry=1$c4n4ry$c4n4ry"}]),
        json!([{"hash": "$argon2id$v=c4n4ry"}]),
        json!([{"hash": "$pbkdf2-sha256$1000$c4n4ry$!c4n4ry"}]),
        json!([{"hash": "sha256:c4n4ry"}]),
        json!([{"secret": "$2b$04$c4n4ry"}]),
        json!([{"secret": {"c4n4ry": "c4n4ry"}}]),
        json!([{"secret": "c4n4ry", "expires_at": "c4n4ry"}]),
        json!([{"secret": "c4n4ry", "hash": "c4n4ry"}]),
    ] {
        let client = json!({"client_id": "a", "client_secrets": secrets});
        let error = Client::from_json(client.to_string().as_bytes()).expect_err("a mistake");
        assert!(!format!("{error}{error:?}").contains("c4n4ry"), "{error}");
    }
}

#[test]
fn a_map_has_the_same_member_and_other_secrets_beside_it() {
    let read = |metadata: Value, secrets: Vec<ClientSecret>| {
        let Value::Object(metadata) = metadata else {
            panic!("an object")
        };
        Client::from_metadata(metadata, secrets)
    };
    let listed = json!({"client_id": "a", "client_secrets": [{"hash": SHA256}],
                        "client_secret_expires_at": 5});
    assert!(
        read(listed.clone(), vec![]).is_err(),
        "an expiry of nothing"
    );
    let client = read(listed, vec![ClientSecret::sha256_of(SECRET)]).expect("loads");
    // The secret from elsewhere has the expiry, and the listed one has none.
    let shown = format!("{client:?}");
    assert_eq!(shown.matches("kind").count(), 2, "{shown}");
    assert_eq!(shown.matches("expires_at: None").count(), 1, "{shown}");

    let bad = json!({"client_id": "a", "client_secrets": [{"hash": "x"}]});
    let error = read(bad, vec![ClientSecret::sha256_of(SECRET)]).expect_err("no hash");
    assert_eq!(error.field(), Some(SECRETS));
}

#[test]
fn listed_secrets_are_not_written_nor_shown() {
    let json = json!({"client_id": "a", "client_secrets": [
        {"hash": ARGON2}, {"hash": BCRYPT}, {"hash": PBKDF2}, {"secret": "c4n4ry"}]});
    let client = Client::from_json(json.to_string().as_bytes()).expect("loads");
    let written = serde_json::to_string(&client).expect("JSON");
    assert!(!written.contains("secrets"), "{written}");
    let shown = format!("{client:?} {client:#?} {:?}", client.metadata());
    for hidden in [
        "c4n4ry",
        "TkhJ4rQep9",
        "MDEyMzQ1Njc4",
        "S8EkAeRC7l",
        "gkaEuVGU",
    ] {
        assert!(!shown.contains(hidden), "{shown}");
        assert!(!written.contains(hidden), "{written}");
    }
    assert!(shown.contains("argon2id,m=8,t=1,p=1"), "{shown}");

    let of_builder = Client::builder("a")
        .secret(ClientSecret::sha256_of("s"))
        .metadata(SECRETS, json!([{"secret": "s"}]))
        .build();
    let error = of_builder.expect_err("it has a method of its own");
    assert_eq!(error.field(), Some(SECRETS));
}

#[test]
fn a_name_that_nearly_is_the_member_is_told() {
    let json = br#"{"client_id": "a", "client_secret": "s", "clientSecrets": [{"secret": "t"}]}"#;
    let client = Client::from_json(json).expect("loads");
    let warning = client.warnings()[0].to_string();
    assert!(warning.contains("was `client_secrets` meant?"), "{warning}");
    let written = serde_json::to_string(&client).expect("JSON");
    assert!(!written.contains("clientSecrets"), "{written}");

    let json = br#"{"client_id": "a", "clientSecrets": [{"secret": "t"}]}"#;
    let error = Client::from_json(json).expect_err("no secret").to_string();
    assert!(error.contains(r#"is it "clientSecrets"?"#), "{error}");
}

#[test]
fn other_limits_hold_for_whatever_is_loaded_with_them() {
    let client = json!({"client_id": "a", "client_secrets": [{"hash": BCRYPT}]});
    let file = json!([client]).to_string();
    let Value::Object(map) = client.clone() else {
        panic!("an object")
    };
    let client = client.to_string();
    let limits = [3, 4].map(|cost| HashLimits::new().bcrypt_cost(cost));
    for (limits, loads) in limits.iter().zip([false, true]) {
        let store = MemoryClientStore::from_json(b"[]").expect("loads");
        let of_map = Client::from_metadata_within(map.clone(), [], limits);
        assert_eq!(
            ClientSecret::from_hash_within(BCRYPT, limits).is_ok(),
            loads
        );
        assert_eq!(
            Client::from_json_within(client.as_bytes(), limits).is_ok(),
            loads
        );
        assert_eq!(of_map.is_ok(), loads);
        assert_eq!(
            MemoryClientStore::from_json_within(file.as_bytes(), limits).is_ok(),
            loads
        );
        assert_eq!(
            store
                .replace_from_json_within(file.as_bytes(), limits)
                .is_ok(),
            loads
        );
        assert_eq!(store.len(), usize::from(loads));
    }
    assert_eq!(HashLimits::default(), HashLimits::new());
}

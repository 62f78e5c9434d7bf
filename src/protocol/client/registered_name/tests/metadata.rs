//! Which metadata has exactly one name.

use serde_json::json;

use super::{MEMBERS, read, read_with_warnings};

#[test]
fn metadata_has_exactly_one_name_or_does_not_load() {
    for (metadata, field, word) in [
        (json!({}), "tls_client_auth_subject_dn", "RFC 8705 §2.1.2"),
        (
            json!({"tls_client_auth_subject_dn": ""}),
            "tls_client_auth_subject_dn",
            "needs the name",
        ),
        (
            json!({"tls_client_auth_san_dns": null}),
            "tls_client_auth_subject_dn",
            "needs the name",
        ),
        (
            json!({"tls_client_auth_san_ip": []}),
            "tls_client_auth_subject_dn",
            "needs the name",
        ),
        (
            json!({"tls_client_auth_san_dns": ["a.example"]}),
            "tls_client_auth_san_dns",
            "an array",
        ),
        (
            json!({"tls_client_auth_san_ip": 1}),
            "tls_client_auth_san_ip",
            "a number",
        ),
        (
            json!({"tls_client_auth_subject_dn": "client"}),
            "tls_client_auth_subject_dn",
            "at character 7",
        ),
        (
            json!({"tls_client_auth_subject_dn": "/CN=a"}),
            "tls_client_auth_subject_dn",
            "separate",
        ),
        (
            json!({"tls_client_auth_san_dns": "https://a.example"}),
            "tls_client_auth_san_dns",
            "only the name",
        ),
        (
            json!({"tls_client_auth_san_dns": "a.example:443"}),
            "tls_client_auth_san_dns",
            "only the name",
        ),
        (
            json!({"tls_client_auth_san_dns": " a.example"}),
            "tls_client_auth_san_dns",
            "only the name",
        ),
        (
            json!({"tls_client_auth_san_dns": "ü.example"}),
            "tls_client_auth_san_dns",
            "xn--",
        ),
        (
            json!({"tls_client_auth_san_dns": "a\u{0}b"}),
            "tls_client_auth_san_dns",
            "only the name",
        ),
        (
            json!({"tls_client_auth_san_uri": "a.example"}),
            "tls_client_auth_san_uri",
            "not a URI",
        ),
        (
            json!({"tls_client_auth_san_uri": "https://a.example/ b"}),
            "tls_client_auth_san_uri",
            "not a URI",
        ),
        (
            json!({"tls_client_auth_san_ip": "a.example"}),
            "tls_client_auth_san_ip",
            "192.0.2.1",
        ),
        (
            json!({"tls_client_auth_san_ip": "192.0.2.1/32"}),
            "tls_client_auth_san_ip",
            "without a port",
        ),
        (
            json!({"tls_client_auth_san_ip": "192.0.2.1:443"}),
            "tls_client_auth_san_ip",
            "without a port",
        ),
        (
            json!({"tls_client_auth_san_ip": "192.0.2.256"}),
            "tls_client_auth_san_ip",
            "192.0.2.1",
        ),
        (
            json!({"tls_client_auth_san_ip": "192.0.2.01"}),
            "tls_client_auth_san_ip",
            "192.0.2.1",
        ),
        (
            json!({"tls_client_auth_san_ip": "[2001:db8::1]"}),
            "tls_client_auth_san_ip",
            "brackets",
        ),
        (
            json!({"tls_client_auth_san_ip": "fe80::1%eth0"}),
            "tls_client_auth_san_ip",
            "192.0.2.1",
        ),
        (
            json!({"tls_client_auth_san_ip": " 192.0.2.1"}),
            "tls_client_auth_san_ip",
            "192.0.2.1",
        ),
        (
            json!({"tls_client_auth_san_email": "a.example"}),
            "tls_client_auth_san_email",
            "client@example.org",
        ),
        (
            json!({"tls_client_auth_san_email": "@a.example"}),
            "tls_client_auth_san_email",
            "client@example.org",
        ),
        (
            json!({"tls_client_auth_san_email": "a@"}),
            "tls_client_auth_san_email",
            "client@example.org",
        ),
        (
            json!({"tls_client_auth_san_email": "A <a@b.example>"}),
            "tls_client_auth_san_email",
            "only the address",
        ),
        (
            json!({"tls_client_auth_san_email": "ü@b.example"}),
            "tls_client_auth_san_email",
            "ASCII",
        ),
        (
            json!({"tls_client_auth_subject_dn": "CN=a", "tls_client_auth_san_dns": "a"}),
            "tls_client_auth_san_dns",
            "`tls_client_auth_subject_dn` is also set",
        ),
        (
            json!({"tls_client_auth_san_ip": "::1", "tls_client_auth_san_email": "a@b"}),
            "tls_client_auth_san_email",
            "`tls_client_auth_san_ip` is also set",
        ),
    ] {
        let problems = read(metadata.clone()).expect_err(&metadata.to_string());
        let [problem] = &problems[..] else {
            panic!("{metadata}: {problems:?}");
        };
        let is_named = problem.starts_with(&format!("field `{field}`: "));
        assert!(
            is_named && problem.contains(word) && problem.lines().count() == 1,
            "{metadata}: {problem}"
        );
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let all = MEMBERS.map(|member| (member.to_owned(), json!("=")));
    let problems = read(json!(serde_json::Map::from_iter(all))).expect_err("five names");
    assert_eq!(problems.len(), 5, "{problems:#?}");
    for ((problem, member), word) in problems.iter().zip([1, 2, 3, 4, 0]).zip([
        "also set",
        "also set",
        "also set",
        "also set",
        "at character 1",
    ]) {
        assert!(
            problem.contains(MEMBERS[member]) && problem.contains(word),
            "{problem}"
        );
    }
}

#[test]
fn members_that_count_as_absent_do_not_count() {
    let name = read(json!({
        "tls_client_auth_subject_dn": "CN=a",
        "tls_client_auth_san_dns": "",
        "tls_client_auth_san_uri": null,
        "client_name": "Example",
    }));
    assert!(name.is_ok(), "{name:?}");
}

#[test]
fn a_name_the_other_way_round_is_a_warning() {
    for (text, expected) in [
        ("C=DE,O=Example,CN=client", true),
        ("C = DE, O = Example, CN = client", true),
        ("DC=org,DC=example,CN=client", true),
        ("2.5.4.6=DE,CN=client+UID=1", true),
        ("CN=client,O=Example,C=DE", false),
        ("CN=client,DC=example,DC=org", false),
        ("CN=client", false),
        ("C=DE", false),
        ("O=Example,CN=client", false),
        ("C=DE,O=Example", false),
    ] {
        let read = read_with_warnings(json!({"tls_client_auth_subject_dn": text}));
        let (_, warnings) = read.unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
        let is_told = warnings.iter().any(|it| it.contains("the wrong way round"));
        assert_eq!(
            (is_told, warnings.len()),
            (expected, usize::from(expected)),
            "{text}"
        );
    }
}

//! The discovery document.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::authorize::request;
use crate::common::token_server::*;

#[tokio::test]
async fn discovery_has_the_required_members_and_all_endpoints() {
    let server = start(&[]);
    let document = server.discovery().await;
    let base = &server.base;
    for (member, expected) in [
        ("issuer", json!(base)),
        ("authorization_endpoint", json!(format!("{base}/authorize"))),
        ("token_endpoint", json!(format!("{base}/token"))),
        (
            "introspection_endpoint",
            json!(format!("{base}/introspect")),
        ),
        ("revocation_endpoint", json!(format!("{base}/revoke"))),
        (
            "pushed_authorization_request_endpoint",
            json!(format!("{base}/par")),
        ),
        (
            "device_authorization_endpoint",
            json!(format!("{base}/device_authorization")),
        ),
        (
            "backchannel_authentication_endpoint",
            json!(format!("{base}/backchannel_authentication")),
        ),
        (
            "backchannel_token_delivery_modes_supported",
            json!(["poll"]),
        ),
        ("response_types_supported", json!(["code"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        (
            "authorization_response_iss_parameter_supported",
            json!(true),
        ),
    ] {
        assert_eq!(document[member], expected, "{member}");
    }
    let methods =
        |endpoint: &str| document[format!("{endpoint}_endpoint_auth_methods_supported")].clone();
    let confidential = [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
    ];
    let all = json!([&confidential[..], &["none"]].concat());
    assert_eq!(methods("token"), all);
    assert_eq!(methods("revocation"), all);
    assert_eq!(methods("introspection"), json!(confidential));
}

#[tokio::test]
async fn discovery_agrees_with_what_the_endpoints_do() {
    let server = start(&[]);
    let document = server.discovery().await;
    let grants: Vec<&str> = document["grant_types_supported"]
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(grants.len(), 6, "{grants:?}");
    for grant in [
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "password",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:openid:params:grant-type:ciba",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ] {
        let answer = server.token(BASIC, &[("grant_type", grant)]).await;
        let refused = answer.json()["error"] == "unsupported_grant_type";
        assert_eq!(
            refused,
            !grants.contains(&grant),
            "{grant}: {}",
            answer.json()
        );
    }
    for (endpoint, path) in [("introspection", "/introspect"), ("revocation", "/revoke")] {
        let methods = &document[format!("{endpoint}_endpoint_auth_methods_supported")];
        for (who, method) in [
            (BASIC, "client_secret_basic"),
            (POST, "client_secret_post"),
            (PUBLIC, "none"),
        ] {
            let answer = server.post(path, who, &[("token", "t")]).await;
            let listed = methods
                .as_array()
                .expect("an array")
                .contains(&json!(method));
            let expected = if listed {
                StatusCode::OK
            } else {
                StatusCode::UNAUTHORIZED
            };
            assert_eq!(
                answer.status,
                expected,
                "{method} at {path}: {}",
                answer.json()
            );
        }
    }
}

#[tokio::test]
async fn issuer_flag_decides_the_document_and_iss() {
    for issuer in ["https://as.example.com", "https://as.example.com:8443"] {
        let server = start(&["--issuer", issuer]);
        let document = server.discovery().await;
        assert_eq!(document["issuer"], issuer);
        for (member, path) in [
            ("authorization_endpoint", "authorize"),
            ("token_endpoint", "token"),
            ("introspection_endpoint", "introspect"),
            ("revocation_endpoint", "revoke"),
        ] {
            assert_eq!(document[member], format!("{issuer}/{path}"));
        }
        let (_, query) = location(&server.authorize(&request(&[])).await);
        assert_eq!(value(&query, "iss"), Some(issuer));
    }
}

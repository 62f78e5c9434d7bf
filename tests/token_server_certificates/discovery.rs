//! What the discovery document says about certificates (RFC 8705 §3.3 and §5).

use serde_json::{Value, json};

use crate::clients::*;
use crate::common::token_server::*;

const HEADER: [&str; 2] = ["--client-certificate-header", "nginx"];

fn lists(document: &Value, method: &str) -> bool {
    let methods = document["token_endpoint_auth_methods_supported"].as_array();
    methods.expect("an array").contains(&json!(method))
}

#[tokio::test]
async fn methods_and_bound_tokens_are_listed_if_a_certificate_can_come() {
    for (flags, expected) in [(&[][..], false), (&HEADER[..], true)] {
        let document = start(flags).discovery().await;
        for method in ["tls_client_auth", "self_signed_tls_client_auth"] {
            assert_eq!(lists(&document, method), expected, "{document}");
        }
        let member = &document["tls_client_certificate_bound_access_tokens"];
        assert_eq!(member.as_bool().unwrap_or(false), expected, "{document}");
        assert_eq!(document.get("mtls_endpoint_aliases"), None);
    }
}

#[tokio::test]
async fn aliases_are_the_endpoints_at_the_other_base() {
    let issuer = "https://as.example.com/tenant";
    let clients = CLIENTS.to_string_lossy();
    for base in [
        "https://mtls.as.example.com:8443/a",
        "https://mtls.as.example.com:8443/a/",
    ] {
        let flags = [
            "--mtls-base",
            base,
            "--issuer",
            issuer,
            "--clients",
            &clients,
        ];
        let server = start(&[&HEADER[..], &flags].concat());
        let url = "/.well-known/oauth-authorization-server/tenant";
        let response = server
            .http
            .get(format!("{}{url}", server.base))
            .send()
            .await;
        let document = read(response.expect("the server answers")).await;
        let document = document.json();
        assert_eq!(document["issuer"], issuer);
        assert_eq!(document["token_endpoint"], format!("{issuer}/token"));
        let at = |path: &str| format!("https://mtls.as.example.com:8443/a/{path}");
        let expected = json!({
            "token_endpoint": at("token"),
            "introspection_endpoint": at("introspect"),
            "revocation_endpoint": at("revoke"),
            "pushed_authorization_request_endpoint": at("par"),
            "device_authorization_endpoint": at("device_authorization"),
            "backchannel_authentication_endpoint": at("backchannel_authentication"),
        });
        assert_eq!(document["mtls_endpoint_aliases"], expected);
    }
}

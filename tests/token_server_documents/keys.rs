//! Clients that sign, with the keys that their documents name.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::common::token_server::*;
use crate::signers::{Signer, key_pair};
use crate::site::{Site, authorize, page, start_local};

/// A client that signs, whose key set is at a URI.
fn publish(site: &Site, method: &Value) -> (Who, Signer) {
    let id = site.url("/signing.json").leak();
    let (signer, jwk) = key_pair(id, "key");
    let keys = json!({ "keys": [jwk] }).to_string();
    site.put("/jwks.json", StatusCode::OK, &keys);
    let mut members = method.clone();
    members["jwks_uri"] = site.url("/jwks.json").into();
    (site.publish("/signing.json", members), signer)
}

#[tokio::test]
async fn client_signs_with_a_key_at_its_jwks_uri() {
    let (site, server) = (Site::start().await, start_local(&[]));
    let method = json!({ "token_endpoint_auth_method": "private_key_jwt" });
    let (client, signer) = publish(&site, &method);
    let sign = || signer.assertion(&server.base);

    let code = server.code(client, CALLBACK, "read").await;
    let exchange = exchange(&code);
    // Without a signature, it is not this client.
    let answer = server.token(client, &exchange).await;
    answer.refused(401, "invalid_client");
    assert_eq!(site.asked("/jwks.json"), 0);

    let answer = server.assert("/token", &sign(), &exchange).await.granted();
    let (access, _) = pair(&answer);
    let token = [("token", &*access)];
    let found = server.assert("/introspect", &sign(), &token).await;
    assert_eq!(found.granted().text("client_id"), client.id());
    assert_eq!(site.asked("/jwks.json"), 1, "the key set is kept");

    let (stranger, _) = key_pair(signer.id, "key");
    let forged = stranger.assertion(&server.base);
    let answer = server.assert("/token", &forged, &exchange).await;
    answer.refused(401, "invalid_client");
}

/// As Claude and others register.
#[tokio::test]
async fn client_with_both_methods_may_use_either() {
    let (site, server) = (Site::start().await, start_local(&[]));
    let methods = json!({ "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"] });
    let (client, signer) = publish(&site, &methods);
    let code = server.code(client, CALLBACK, "read").await;
    server.redeem(client, &code).await.granted();
    let code = server.code(client, CALLBACK, "read").await;
    let assertion = signer.assertion(&server.base);
    let answer = server.assert("/token", &assertion, &exchange(&code)).await;
    answer.granted();
}

#[tokio::test]
async fn fapi_refuses_a_public_client_with_the_reason_and_serves_one_that_signs() {
    let site = Site::start().await;
    let server = start_local(&["--profile", "fapi2"]);
    let public = site.publish("/public.json", json!({}));
    let text = page(authorize(&server, public.id(), CALLBACK).await, 400).await;
    for part in ["--profile fapi2", "token_endpoint_auth_method"] {
        assert!(text.contains(part), "{text}");
    }
    let answer = server.redeem(public, "a-code").await;
    answer.refused(401, "invalid_client");

    let method = json!({ "token_endpoint_auth_method": "private_key_jwt" });
    let (client, signer) = publish(&site, &method);
    let pushed = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let assertion = signer.assertion(&server.base);
    let answer = server.assert("/par", &assertion, &pushed).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let query = [
        ("client_id", client.id()),
        ("request_uri", answer.text("request_uri")),
    ];
    let (_, query) = location(&server.authorize(&query).await);
    assert!(value(&query, "code").is_some());
}

#[tokio::test]
async fn oauth21_serves_a_public_client() {
    let site = Site::start().await;
    let server = start_local(&["--profile", "oauth21"]);
    let client = site.publish("/public.json", json!({}));
    let code = server.code(client, CALLBACK, "read").await;
    server.redeem(client, &code).await.granted();
}

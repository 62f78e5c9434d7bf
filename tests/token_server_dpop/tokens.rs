//! Tokens that are bound to the key of a proof (RFC 9449 §5 and §6).

use serde_json::{Value, json};

use crate::common::draft::{at, quoted};
use crate::common::proof::{nonce_of, proof_for, thumbprint};
use crate::common::sign::{Key, OTHER_P256, P256, SUITES};
use crate::common::token_server::*;
use crate::keyed::{refresh_form, resource_proof, token_proof};

const KEYS: [Option<&Key>; 2] = [Some(&P256), None];

#[tokio::test]
async fn token_is_bound_to_the_key_of_the_proof_and_introspection_shows_it() {
    let server = start(&[]);
    for who in [BASIC, POST, UNICODE] {
        for key in KEYS {
            let itself = server.token_by(who, &[CLIENT_CREDENTIALS], key).await;
            let code = server.code_for(who, None).await;
            let by_code = server.token_by(who, &exchange(&code), key).await;
            for reply in [itself.granted(), by_code.granted()] {
                // RFC 9449 §5 and §6.2.
                let token_type = if key.is_some() { "DPoP" } else { "Bearer" };
                let cnf = key.map_or(Value::Null, |key| json!({ "jkt": thumbprint(key) }));
                assert_eq!(reply.text("token_type"), token_type);
                let token = reply.text("access_token");
                let found = server.introspect(who, token).await;
                assert_eq!(found["token_type"], token_type, "{found}");
                assert_eq!(found["cnf"], cnf, "{found}");
                assert_eq!(found["active"], true);
            }
        }
    }
}

/// RFC 9449 §5.1.
#[tokio::test]
async fn discovery_lists_the_algorithms_that_are_accepted() {
    let server = start(&[]);
    let document = server.discovery().await;
    let listed = document["dpop_signing_alg_values_supported"].clone();
    let listed = listed.as_array().expect("an array");
    let url = format!("{}/token", server.base);
    for suite in &SUITES {
        let proof = proof_for(suite.alg, suite.key, "POST", &url);
        let reply = server
            .token_with(BASIC, &[CLIENT_CREDENTIALS], &proof)
            .await;
        if listed.contains(&json!(suite.alg)) {
            assert_eq!(reply.granted().text("token_type"), "DPoP", "{suite:?}");
        } else {
            assert!(suite.alg.starts_with("HS"), "{suite:?}");
            reply.refused(400, "invalid_dpop_proof");
        }
    }
    assert_eq!(listed.len(), 11);
}

#[tokio::test]
async fn refused_proof_uses_up_neither_the_code_nor_the_refresh_token() {
    let server = start(&[]);
    let sound = || token_proof(&server, &P256);
    for (section, proof) in [
        (
            "RFC 9449 §4.3, 9",
            sound().claim("htu", quoted(&server.base)),
        ),
        ("RFC 9449 §4.3, 8", sound().claim("htm", quoted("GET"))),
        ("RFC 9449 §4.3, 11", sound().claim("iat", at(-200))),
        ("RFC 9449 §4.3, 6", sound().signed_with(&OTHER_P256)),
        ("RFC 9449 §4.3, 4", sound().header("typ", quoted("JWT"))),
    ] {
        let code = server.code_for(PUBLIC, None).await;
        let refused = server.token_with(PUBLIC, &exchange(&code), &proof).await;
        assert_eq!(refused.text("error"), "invalid_dpop_proof", "{section}");
        refused.refused(400, "invalid_dpop_proof");
        let granted = server.token_by(PUBLIC, &exchange(&code), Some(&P256)).await;
        let (_, refresh) = pair(&granted.granted());
        let form = refresh_form(&refresh);
        let refused = server.token_with(PUBLIC, &form, &proof).await;
        refused.refused(400, "invalid_dpop_proof");
        server.token_by(PUBLIC, &form, Some(&P256)).await.granted();
    }
}

/// RFC 9449 §11.1.
#[tokio::test]
async fn proof_is_accepted_once() {
    let server = start(&[]);
    let proof = token_proof(&server, &P256).sign();
    let proof = [("dpop", &*proof.text())];
    let form = [CLIENT_CREDENTIALS];
    let first = server.post_with("/token", BASIC, &form, &proof).await;
    first.granted();
    for who in [BASIC, POST] {
        let again = server.post_with("/token", who, &form, &proof).await;
        again.refused(400, "invalid_dpop_proof");
    }
}

#[tokio::test]
async fn tokens_proofs_and_nonce_secrets_are_never_printed() {
    let secret = "5ec2e7".repeat(11)[..64].to_owned();
    let server = start_logging("trace", &["--dpop-nonce-secret", &secret]);
    let challenged = server
        .token_by(BASIC, &[CLIENT_CREDENTIALS], Some(&P256))
        .await;
    let nonce = nonce_of(&challenged.headers).expect("a nonce");
    let proof = token_proof(&server, &P256).claim("nonce", quoted(&nonce));
    let granted = server
        .token_with(BASIC, &[CLIENT_CREDENTIALS], &proof)
        .await;
    let granted = granted.granted();
    let token = granted.text("access_token");
    let sound = resource_proof(&server, &P256, token).claim("nonce", quoted(&nonce));
    server.get_with(token, &sound).await.granted();
    let other = resource_proof(&server, &P256, "other").claim("nonce", quoted(&nonce));
    let refused = server.get_with(token, &other).await;
    refused.refused(401, "invalid_dpop_proof");

    let output = wait_for("log line", || {
        Some(server.output()).filter(|out| out.contains("wrong_dpop_token"))
    });
    let claims = [&proof, &sound, &other].map(|proof| proof.sign().claims);
    let secrets = [token, &secret, &secret[..8], &nonce];
    for text in secrets.into_iter().chain(claims.iter().map(String::as_str)) {
        assert!(!output.contains(text), "{text} in {output}");
    }
}

/// RFC 9449 §5.2 leaves the code to the server: see `decisions`.
#[tokio::test]
async fn with_the_flag_or_by_its_metadata_a_client_needs_a_proof() {
    let path = clients_file(
        "bound",
        r#"[{"client_id": "demo-basic", "client_secret": "demo-basic-secret", "scope": "read",
             "grant_types": ["client_credentials", "authorization_code"],
             "redirect_uris": ["http://localhost:8080/callback"],
             "dpop_bound_access_tokens": true}]"#,
    );
    for flags in [
        &["--dpop-required"][..],
        &["--clients", &path.to_string_lossy()],
    ] {
        let server = start(flags);
        let code = server.code_for(BASIC, None).await;
        let code = exchange(&code);
        for form in [&[CLIENT_CREDENTIALS][..], &code] {
            let refused = server.token_by(BASIC, form, None).await;
            refused.refused(400, "invalid_request");
            let granted = server.token_by(BASIC, form, Some(&P256)).await.granted();
            assert_eq!(granted.text("token_type"), "DPoP");
        }
        // The other endpoints issue nothing.
        server.introspect(BASIC, "t").await;
    }
}

/// RFC 9449 §5: who is not authenticated learns nothing about the proof.
#[tokio::test]
async fn failed_authentication_comes_before_the_proof() {
    let server = start(&["--dpop-nonces"]);
    let wrong = BASIC.with_secret("wrong");
    let plain = server.token(wrong, &[CLIENT_CREDENTIALS]).await;
    for proof in ["x", &token_proof(&server, &P256).text()] {
        let proof = [("dpop", proof)];
        let form = [CLIENT_CREDENTIALS];
        let refused = server.post_with("/token", wrong, &form, &proof).await;
        refused.refused(401, "invalid_client");
        for member in ["error", "error_uri"] {
            assert_eq!(refused.text(member), plain.text(member));
        }
        assert_eq!(refused.headers.len(), plain.headers.len());
        assert!(!refused.headers.contains_key("dpop-nonce"));
    }
}

/// Otherwise, a token that was stolen could be exchanged for one without a key (RFC 8693 §2.2).
#[tokio::test]
async fn bound_token_is_exchanged_only_by_who_has_its_key() {
    const EXCHANGER: Who = Who::Basic("demo-exchange", "demo-exchange-secret");
    let server = start(&[]);
    let bound = server
        .token_by(EXCHANGER, &[CLIENT_CREDENTIALS], Some(&P256))
        .await
        .granted();
    let token = bound.text("access_token");
    let form = [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("subject_token", token),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
    ];
    for key in [None, Some(&OTHER_P256)] {
        let refused = server.token_by(EXCHANGER, &form, key).await;
        refused.refused(400, "invalid_request");
    }
    let exchanged = server
        .token_by(EXCHANGER, &form, Some(&P256))
        .await
        .granted();
    assert_eq!(exchanged.text("token_type"), "DPoP");
    let found = server
        .introspect(EXCHANGER, exchanged.text("access_token"))
        .await;
    assert_eq!(found["cnf"], json!({ "jkt": thumbprint(&P256) }));
}

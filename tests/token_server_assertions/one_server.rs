//! One server.

use std::sync::Arc;

use reqwest::{StatusCode, header};
use serde_json::json;

use crate::at_once::by_200_tasks_at_once;
use crate::common::ISSUER;
use crate::common::token_server::*;
use crate::signers::{ENDPOINTS, Signer, demo_signers};

#[tokio::test]
async fn discovery_lists_the_methods_and_algorithms_of_every_endpoint() {
    let server = start(&[]);
    let document = server.discovery().await;
    let algorithms = json!([
        "ES256", "ES384", "ES512", "Ed25519", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384",
        "RS512", "HS256", "HS384", "HS512",
    ]);
    for endpoint in ["token", "introspection", "revocation"] {
        let member = |name: &str| &document[format!("{endpoint}_endpoint_auth_{name}_supported")];
        assert_eq!(*member("signing_alg_values"), algorithms, "{endpoint}");
        let methods = member("methods").as_array().expect("an array");
        for method in ["private_key_jwt", "client_secret_jwt"] {
            assert!(methods.contains(&json!(method)), "{method} at {endpoint}");
        }
    }
}

#[tokio::test]
async fn either_method_does_at_every_endpoint_and_for_every_grant() {
    let server = start(&[]);
    for signer in demo_signers() {
        let sign = || signer.assertion(&server.base);
        let answer = server.token_for(&sign()).await.granted();
        assert_eq!(answer.text("scope"), "read write");

        let code = server.code(Who::Public(signer.id), CALLBACK, "read").await;
        let exchange = exchange(&code);
        let answer = server.assert("/token", &sign(), &exchange).await.granted();
        let (access, refresh) = pair(&answer);
        let refresh = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &*refresh),
        ];
        server.assert("/token", &sign(), &refresh).await.granted();

        let token = [("token", &*access), ("client_id", signer.id)];
        let found = server
            .assert("/introspect", &sign(), &token)
            .await
            .granted();
        assert_eq!(found.json()["active"], true);
        assert_eq!(found.text("client_id"), signer.id);
        server.assert("/revoke", &sign(), &token).await.granted();
        let found = server
            .assert("/introspect", &sign(), &token)
            .await
            .granted();
        assert_eq!(*found.json(), json!({ "active": false }));
    }
}

/// RFC 10070.
#[tokio::test]
async fn audience_is_the_issuer_and_with_the_flag_also_the_url_of_the_endpoint() {
    use StatusCode as Status;
    const FLAG: &str = "--accept-endpoint-audience";
    let by_default = (start(&["--issuer", ISSUER]), Status::UNAUTHORIZED);
    let with_flag = (start(&["--issuer", ISSUER, FLAG]), Status::OK);
    let signer = Signer::demo_private_key();
    for (server, of_endpoint) in [by_default, with_flag] {
        for path in ENDPOINTS {
            for (audience, expected) in [
                (ISSUER.to_owned(), Status::OK),
                (format!("{ISSUER}/token"), of_endpoint),
                (format!("{ISSUER}{path}"), of_endpoint),
                (server.base.clone(), Status::UNAUTHORIZED),
                (format!("{ISSUER}/"), Status::UNAUTHORIZED),
            ] {
                let answer = server
                    .authenticate(path, &signer.assertion(&audience))
                    .await;
                assert_eq!(answer.status, expected, "{audience} at {path}");
            }
        }
    }
}

#[tokio::test]
async fn assertion_that_was_used_is_refused_at_every_endpoint() {
    let server = start(&[]);
    for signer in demo_signers() {
        for first in ENDPOINTS {
            for then in ENDPOINTS {
                let assertion = signer.assertion(&server.base);
                server.authenticate(first, &assertion).await.granted();
                let replayed = server.authenticate(then, &assertion).await;
                replayed.refused(401, "invalid_client");
                assert!(replayed.headers.contains_key(header::WWW_AUTHENTICATE));
            }
        }
    }
}

#[tokio::test]
async fn assertions_are_never_printed() {
    let server = start_logging("trace", &[]);
    let signer = Signer::demo_private_key();
    let used = signer.assertion(&server.base);
    server.token_for(&used).await.granted();
    server.token_for(&used).await.refused(401, "invalid_client");
    let stranger = signer.assertion("https://other.example.com");
    server
        .token_for(&stranger)
        .await
        .refused(401, "invalid_client");

    let output = wait_for("log line", || {
        Some(server.output()).filter(|out| out.contains("wrong_audience"))
    });
    // What came, and what was wanted.
    let line = output.lines().find(|line| line.contains("wrong_audience"));
    let line = line.expect("a line of its own");
    assert!(line.contains("'https://other.example.com'"), "{line}");
    assert!(line.contains(&format!("'{}'", server.base)), "{line}");
    assert!(output.contains("replayed_assertion"), "{output}");
    for assertion in [used, stranger] {
        for part in assertion.split('.') {
            assert!(!output.contains(part));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn assertion_sent_by_200_tasks_at_once_gets_one_token() {
    let servers = [Arc::new(start(&[]))];
    for signer in demo_signers() {
        for round in 0..3 {
            let assertion = signer.assertion(&servers[0].base);
            let statuses = by_200_tasks_at_once(&servers, &assertion).await;
            let expected = Statuses::from([(200, 1), (401, 199)]);
            assert_eq!(statuses, expected, "{}, round {round}", signer.id);
        }
    }
}

//! Access tokens that are bound to a certificate (RFC 8705 §3).

use http::header;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::clients::*;
use crate::common::draft::quoted;
use crate::common::proof::{proof_for, thumbprint};
use crate::common::sign::{P256, base64url};
use crate::common::token_server::*;
use crate::https::*;
use crate::identity::*;

#[tokio::test]
async fn token_is_bound_if_the_client_has_a_certificate_or_registered_for_it() {
    let server = start_https(&[]);
    #[rustfmt::skip]
    let cases = [
        (BY_SUBJECT, Some(&*BILLING),     true),
        (BY_KEY,     Some(&*SELF_SIGNED), true),
        (BOUND,      Some(&*OTHER),       true),
        (UNBOUND,    Some(&*OTHER),       false),
        (UNBOUND,    None,                false),
    ];
    for (who, by, is_bound) in cases {
        let itself = server.token_by(by, who, &[CLIENT_CREDENTIALS]).await;
        let code = server.code_of(who).await;
        let by_code = server.token_by(by, who, &exchange(&code)).await;
        for reply in [itself.granted(), by_code.granted()] {
            // RFC 8705 §3: it is sent as any other bearer token.
            assert_eq!(reply.text("token_type"), "Bearer");
            let token = reply.text("access_token");
            let expected = match by.filter(|_| is_bound) {
                Some(by) => json!({ "x5t#S256": by.thumbprint() }),
                None => Value::Null,
            };
            let found = server.confirmation(by, who, token).await;
            assert_eq!(found, expected, "{}", who.id());
            // Introspection is no use of the token, so it may come from another connection.
            if !matches!(who, Who::Public(_)) {
                let found = server.confirmation(None, who, token).await;
                assert_eq!(found, expected, "{}", who.id());
            }
        }
    }
}

#[tokio::test]
async fn resource_takes_a_bound_token_only_with_its_certificate() {
    let server = start_https(&[]);
    let same_name = CA.sign(named("billing"));
    for (who, by) in [
        (BY_SUBJECT, &*BILLING),
        (BY_KEY, &*SELF_SIGNED),
        (BOUND, &*BILLING),
    ] {
        let granted = server.token_by(Some(by), who, &[CLIENT_CREDENTIALS]).await;
        let granted = granted.granted();
        let token = granted.text("access_token");
        let found = server.resource_by(Some(by), token).await.granted();
        assert_eq!(found.text("client_id"), who.id());
        for other in [None, Some(&*OTHER), Some(&same_name)] {
            let refused = server.resource_by(other, token).await;
            refused.refused(401, "invalid_token");
            let challenge = refused.header(header::WWW_AUTHENTICATE);
            let start = r#"Bearer error="invalid_token", "#;
            assert!(challenge.starts_with(start), "{challenge}");
        }
    }
}

#[tokio::test]
async fn resource_takes_other_tokens_with_any_certificate() {
    let server = start_https(&[]);
    let granted = server.token_by(Some(&BILLING), UNBOUND, &[CLIENT_CREDENTIALS]);
    let granted = granted.await.granted();
    let token = granted.text("access_token");
    for by in [None, Some(&*BILLING), Some(&*SELF_SIGNED)] {
        server.resource_by(by, token).await.granted();
    }
}

/// RFC 8705 §3.4: a token that is not bound would be less than the client expects.
#[tokio::test]
async fn client_that_registered_for_bound_tokens_needs_a_certificate() {
    let server = start_https(&[]);
    let refused = server.token_by(None, BOUND, &[CLIENT_CREDENTIALS]).await;
    refused.refused(400, "invalid_request");
    let code = server.code_of(PUBLIC_BOUND).await;
    let form = exchange(&code);
    let refused = server.token_by(None, PUBLIC_BOUND, &form).await;
    refused.refused(400, "invalid_request");
    // The code was not used up, and it is bound to no certificate.
    let granted = server.token_by(Some(&OTHER), PUBLIC_BOUND, &form).await;
    let (token, _) = pair(&granted.granted());
    server.resource_by(Some(&OTHER), &token).await.granted();
    let refused = server.resource_by(None, &token).await;
    refused.refused(401, "invalid_token");
}

/// Otherwise, a token that was stolen could be exchanged for one without a certificate (RFC 8693 §2.2).
#[tokio::test]
async fn bound_token_is_exchanged_only_with_its_certificate_and_stays_bound() {
    let server = start_https(&[]);
    for (who, then) in [(BOUND, BOUND), (EITHER, EITHER), (EITHER, EITHER_BY_SECRET)] {
        exchange_bound_token(&server, who, then).await;
    }
}

async fn exchange_bound_token(server: &Server, who: Who, then: Who) {
    let granted = server.token_by(Some(&BILLING), who, &[CLIENT_CREDENTIALS]);
    let granted = granted.await.granted();
    let form = [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("subject_token", granted.text("access_token")),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
    ];
    if let Who::Post(..) = then {
        let refused = server.token_by(Some(&OTHER), then, &form).await;
        refused.refused(400, "invalid_request");
    }
    let exchanged = server.token_by(Some(&BILLING), then, &form).await;
    let exchanged = exchanged.granted();
    let token = exchanged.text("access_token");
    let found = server.confirmation(Some(&BILLING), who, token).await;
    assert_eq!(found, json!({ "x5t#S256": BILLING.thumbprint() }));
}

/// RFC 9449 §6 and RFC 8705 §3.1: who has only one of the keys has not both.
#[tokio::test]
async fn token_may_be_bound_to_a_key_and_to_a_certificate() {
    let mtls_base = "https://mtls.example.com:8443/x/";
    let server = start_https(&["--mtls-base", mtls_base]);
    let with_proof = |mut request: http::Request<String>, proof: &str| {
        let proof = proof.parse().expect("a value");
        request.headers_mut().insert("dpop", proof);
        request
    };
    let url = format!("{}/token", server.base);
    let proof = proof_for("ES256", &P256, "POST", &url).text();
    let asked = with_proof(post("/token", BY_SUBJECT, &[CLIENT_CREDENTIALS]), &proof);
    let granted = server.request(config_of(Some(&BILLING)), asked).await;
    let granted = granted.expect("the server answers").granted();
    assert_eq!(granted.text("token_type"), "DPoP");
    let token = granted.text("access_token");
    let found = server.confirmation(Some(&BILLING), BY_SUBJECT, token).await;
    let expected = json!({ "jkt": thumbprint(&P256), "x5t#S256": BILLING.thumbprint() });
    assert_eq!(found, expected);

    // A client knows either URL (RFC 8705 §5).
    let of_mtls_base = format!("{mtls_base}resource");
    let ath = quoted(&base64url(Sha256::digest(token)));
    let proof_at = |url: &str| {
        let proof = proof_for("ES256", &P256, "GET", url);
        proof.claim("ath", ath.clone()).text()
    };
    let proof = proof_at(&format!("{}/resource", server.base));
    let request = || {
        let request = get("/resource").header(header::AUTHORIZATION, format!("DPoP {token}"));
        request.body(String::new()).expect("a request")
    };
    let ask = async |by, request| {
        let sent = server.request(config_of(by), request).await;
        sent.expect("the server answers")
    };
    for by in [None, Some(&*OTHER)] {
        let refused = ask(by, with_proof(request(), &proof)).await;
        refused.refused(401, "invalid_token");
    }
    let without_proof = ask(Some(&*BILLING), request()).await;
    without_proof.refused(401, "invalid_dpop_proof");
    // It was not used up.
    let found = ask(Some(&*BILLING), with_proof(request(), &proof)).await;
    found.granted();
    let proof = proof_at(&of_mtls_base);
    let found = ask(Some(&*BILLING), with_proof(request(), &proof)).await;
    found.granted();
    let again = ask(Some(&*BILLING), with_proof(request(), &proof)).await;
    again.refused(401, "invalid_dpop_proof");
    let proof = proof_at("https://mtls.example.com:8443/resource");
    let elsewhere = ask(Some(&*BILLING), with_proof(request(), &proof)).await;
    elsewhere.refused(401, "invalid_dpop_proof");
}

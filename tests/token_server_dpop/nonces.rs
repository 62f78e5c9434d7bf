//! Nonces of the server (RFC 9449 §8 and §9): what a challenge costs, and where a nonce is good.

use http::header;

use crate::common::draft::{Draft, quoted};
use crate::common::proof::{nonce_of, proof_for};
use crate::common::sign::P256;
use crate::common::token_server::*;
use crate::common::{ISSUER, JWT_BEARER, Reply};
use crate::keyed::{ath, refresh_form, resource_proof, token_proof};

/// The nonce of a challenge at the token endpoint: a 400, since a client that sees a 401 there takes it
/// for its own failed authentication.
#[track_caller]
fn challenged(reply: &Reply) -> String {
    reply.refused(400, "use_dpop_nonce");
    assert!(!reply.headers.contains_key(header::WWW_AUTHENTICATE));
    nonce_of(&reply.headers).expect("a nonce")
}

fn with(nonce: &str, proof: Draft) -> Draft {
    proof.claim("nonce", quoted(nonce))
}

#[tokio::test]
async fn without_the_flags_no_nonce_is_asked_for() {
    let server = start(&[]);
    let proof = || with("any", token_proof(&server, &P256));
    let reply = server
        .token_with(BASIC, &[CLIENT_CREDENTIALS], &proof())
        .await;
    let reply = reply.granted();
    assert_eq!(nonce_of(&reply.headers), None);
    let reply = server.get_by(reply.text("access_token"), Some(&P256)).await;
    assert_eq!(nonce_of(&reply.granted().headers), None);
}

#[tokio::test]
async fn challenge_uses_up_neither_code_nor_refresh_token_and_the_nonce_is_good_everywhere() {
    for flags in [
        &["--dpop-nonces"][..],
        &["--dpop-nonce-secret", &"0A".repeat(32)],
    ] {
        let server = start(flags);
        let code = server.code_for(PUBLIC, None).await;
        let form = exchange(&code);
        let mut nonce = String::new();
        for proof in [
            token_proof(&server, &P256),
            with("unknown", token_proof(&server, &P256)),
        ] {
            nonce = challenged(&server.token_with(PUBLIC, &form, &proof).await);
        }
        let proof = || with(&nonce, token_proof(&server, &P256));
        let granted = server.token_with(PUBLIC, &form, &proof()).await.granted();
        let (access, refresh) = pair(&granted);

        let form = refresh_form(&refresh);
        challenged(&server.token_by(PUBLIC, &form, Some(&P256)).await);
        server.token_with(PUBLIC, &form, &proof()).await.granted();

        // RFC 9449 §9.
        let reply = server.get_by(&access, Some(&P256)).await;
        reply.refused(401, "use_dpop_nonce");
        let challenge = reply.header(header::WWW_AUTHENTICATE);
        assert!(
            challenge.starts_with(r#"DPoP error="use_dpop_nonce", "#),
            "{challenge}"
        );
        assert!(nonce_of(&reply.headers).is_some());
        let proof = with(&nonce, resource_proof(&server, &P256, &access));
        server.get_with(&access, &proof).await.granted();
        // No proof, no nonce.
        let (bearer, _) = server.grant_by(PUBLIC, None).await;
        server.get_by(&bearer, None).await.granted();
    }
}

/// What the MCP SDK and @atproto/oauth-client do: they send the same assertion again.
#[tokio::test]
async fn challenge_does_not_use_up_the_assertion() {
    let path = clients_file(
        "signing",
        &serde_json::json!([{
            "client_id": "p256", "token_endpoint_auth_method": "private_key_jwt",
            "grant_types": ["client_credentials"],
            "jwks": {"keys": [crate::common::sign::jwk(&P256)]},
        }])
        .to_string(),
    );
    let server = start(&["--dpop-nonces", "--clients", &path.to_string_lossy()]);
    let assertion = crate::common::draft::es256().aud(&server.base).text();
    let form = [
        CLIENT_CREDENTIALS,
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &assertion),
    ];
    let send = async |proof: &Draft| {
        let proof = [("dpop", &*proof.text())];
        server.send_with("/token", None, &form, &proof).await
    };
    let nonce = challenged(&send(&token_proof(&server, &P256)).await);
    let nonce = challenged(&send(&with(&nonce[1..], token_proof(&server, &P256))).await);
    let proof = || with(&nonce, token_proof(&server, &P256));
    send(&proof()).await.granted();
    send(&proof()).await.refused(401, "invalid_client");
}

/// RFC 9449 §8.2: by whichever endpoint accepts the old one.
#[tokio::test]
async fn newer_nonce_is_offered_with_what_was_asked_for() {
    const FLAG: &str = "--dpop-nonce-secret";
    let [old, new] = ["0a", "0b"].map(|digits| digits.repeat(32));
    let start = |flags: &[&str]| start(&[&["--issuer", ISSUER], flags].concat());
    let maker = start(&[FLAG, &old]);
    let server = start(&[FLAG, &new, FLAG, &old]);
    let url = |path: &str| format!("{ISSUER}{path}");
    let proof = || proof_for("ES256", &P256, "POST", &url("/token"));
    let form = [CLIENT_CREDENTIALS];
    let nonce = challenged(&maker.token_with(BASIC, &form, &proof()).await);

    let reply = server
        .token_with(BASIC, &form, &with(&nonce, proof()))
        .await;
    let reply = reply.granted();
    let newer = nonce_of(&reply.headers).expect("a newer nonce");
    let scope = [CLIENT_CREDENTIALS, ("scope", "admin")];
    let refused = server
        .token_with(BASIC, &scope, &with(&nonce, proof()))
        .await;
    refused.refused(400, "invalid_scope");
    assert_eq!(nonce_of(&refused.headers).as_ref(), Some(&newer));

    let token = reply.text("access_token");
    let proof = || proof_for("ES256", &P256, "GET", &url("/resource")).claim("ath", ath(token));
    let reply = server.get_with(token, &with(&nonce, proof())).await;
    assert_eq!(nonce_of(&reply.granted().headers).as_ref(), Some(&newer));
    let reply = server.get_with(token, &with(&newer, proof())).await;
    assert_eq!(nonce_of(&reply.granted().headers), None);
}

#[tokio::test]
async fn secrets_are_shared_and_random_ones_are_not() {
    let [old, new] = ["0a", "0b"].map(|digits| digits.repeat(32));
    let [old, new] = [&*old, &*new];
    const FLAG: &str = "--dpop-nonce-secret";
    let start = |flags: &[&str]| start(&[&["--issuer", ISSUER], flags].concat());
    let url = format!("{ISSUER}/token");
    let proof = |nonce: &str| with(nonce, proof_for("ES256", &P256, "POST", &url));
    for (name, maker, taker, good) in [
        ("the same", &[FLAG, old][..], &[FLAG, old][..], true),
        (
            "also by --dpop-nonces",
            &[FLAG, old],
            &["--dpop-nonces", FLAG, old],
            true,
        ),
        (
            "the second is accepted",
            &[FLAG, old],
            &[FLAG, new, FLAG, old],
            true,
        ),
        (
            "the first makes nonces",
            &[FLAG, new, FLAG, old],
            &[FLAG, new],
            true,
        ),
        (
            "the second makes none",
            &[FLAG, new, FLAG, old],
            &[FLAG, old],
            false,
        ),
        ("another", &[FLAG, old], &[FLAG, new], false),
        ("random", &["--dpop-nonces"], &["--dpop-nonces"], false),
    ] {
        let (maker, taker) = (start(maker), start(taker));
        let form = [CLIENT_CREDENTIALS];
        let nonce = challenged(&maker.token_with(BASIC, &form, &proof("")).await);
        let reply = taker.token_with(BASIC, &form, &proof(&nonce)).await;
        if good {
            println!("{name}");
            reply.granted();
        } else {
            challenged(&reply);
        }
    }
}

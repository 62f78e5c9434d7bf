//! Authorization codes that are bound to a key (RFC 9449 §10).

use http::StatusCode;

use crate::common::proof::{proof_for, thumbprint};
use crate::common::sign::{OTHER_P256, P256};
use crate::common::token_server::*;

#[tokio::test]
async fn bound_code_is_good_for_its_key_only_and_no_other_uses_it_up() {
    let server = start(&[]);
    for who in [PUBLIC, BASIC] {
        let code = server.code_for(who, Some(&thumbprint(&P256))).await;
        let form = exchange(&code);
        for key in [None, Some(&OTHER_P256), None] {
            let refused = server.token_by(who, &form, key).await;
            refused.refused(400, "invalid_grant");
        }
        let granted = server.token_by(who, &form, Some(&P256)).await.granted();
        assert_eq!(granted.text("token_type"), "DPoP");
        let token = granted.text("access_token");
        // Whoever does not have the key ends nothing, and whoever has it does (RFC 6749 §4.1.2).
        for key in [None, Some(&OTHER_P256)] {
            let refused = server.token_by(who, &form, key).await;
            refused.refused(400, "invalid_grant");
            server.get_by(token, Some(&P256)).await.granted();
        }
        let again = server.token_by(who, &form, Some(&P256)).await;
        again.refused(400, "invalid_grant");
        let ended = server.get_by(token, Some(&P256)).await;
        ended.refused(401, "invalid_token");
    }
}

#[tokio::test]
async fn code_that_is_not_bound_is_good_with_any_key_and_without() {
    let server = start(&[]);
    for key in [None, Some(&P256), Some(&OTHER_P256)] {
        // RFC 6749 §3.1: a parameter without a value was not sent.
        for jkt in [None, Some("")] {
            let code = server.code_for(PUBLIC, jkt).await;
            let granted = server.token_by(PUBLIC, &exchange(&code), key).await;
            granted.granted();
        }
    }
}

#[tokio::test]
async fn malformed_thumbprint_is_redirected_as_invalid_request() {
    let server = start(&[]);
    let good = thumbprint(&P256);
    let padded = format!("{good}=");
    let plus = format!("+{}", &good[1..]);
    let accent = format!("é{}", &good[2..]);
    let cases: [&[&str]; 7] = [
        &["x"],
        &[&good[1..]],
        &[&padded],
        &[&plus],
        &[&accent],
        &[&good, &good],
        &[&good, ""],
    ];
    for jkts in cases {
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", PUBLIC.id()),
            ("redirect_uri", CALLBACK),
            ("state", "s"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        query.extend(jkts.iter().map(|jkt| ("dpop_jkt", *jkt)));
        let response = server.authorize(&query).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{jkts:?}");
        let (path, query) = location(&response);
        assert_eq!(path, CALLBACK);
        assert_eq!(value(&query, "error"), Some("invalid_request"), "{jkts:?}");
        assert_eq!(value(&query, "state"), Some("s"));
        assert_eq!(value(&query, "code"), None);
    }
}

/// RFC 9449 §10.1: by the proof of the pushed request, or by its `dpop_jkt`.
#[tokio::test]
async fn code_of_a_pushed_request_is_bound_to_its_key() {
    let server = start(&[]);
    let jkt = thumbprint(&P256);
    for (dpop_jkt, key) in [
        (None, Some(&P256)),
        (Some(&*jkt), None),
        (Some(&*jkt), Some(&P256)),
    ] {
        let mut form = vec![
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        form.extend(dpop_jkt.map(|jkt| ("dpop_jkt", jkt)));
        let url = format!("{}/par", server.base);
        let proof = key.map(|key| proof_for("ES256", key, "POST", &url).text());
        let header = proof.as_deref().map(|proof| ("dpop", proof));
        let pushed = server
            .post_with("/par", BASIC, &form, header.as_slice())
            .await;
        assert_eq!(pushed.status, StatusCode::CREATED, "{pushed:?}");
        let query = [
            ("client_id", BASIC.id()),
            ("request_uri", pushed.text("request_uri")),
        ];
        let (_, query) = location(&server.authorize(&query).await);
        let code = value(&query, "code").expect("a code");
        for key in [None, Some(&OTHER_P256)] {
            let refused = server.token_by(BASIC, &exchange(code), key).await;
            refused.refused(400, "invalid_grant");
        }
        let granted = server
            .token_by(BASIC, &exchange(code), Some(&P256))
            .await
            .granted();
        assert_eq!(granted.text("token_type"), "DPoP");
    }
}

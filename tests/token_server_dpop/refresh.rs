//! Refresh tokens of clients with keys (RFC 9449 §5).

use crate::common::draft::quoted;
use crate::common::proof::{nonce_of, thumbprint};
use crate::common::sign::{OTHER_P256, P256};
use crate::common::token_server::*;
use crate::keyed::{refresh_form, token_proof};

#[tokio::test]
async fn refresh_token_of_a_public_client_is_bound_and_no_other_key_uses_it_up() {
    let server = start(&[]);
    let (_, mut refresh) = server.grant_by(PUBLIC, Some(&P256)).await;
    // A new one is bound as well.
    for _ in 0..3 {
        for key in [Some(&OTHER_P256), None] {
            let refused = server.token_by(PUBLIC, &refresh_form(&refresh), key).await;
            refused.refused(400, "invalid_grant");
        }
        let form = refresh_form(&refresh);
        let granted = server.token_by(PUBLIC, &form, Some(&P256)).await.granted();
        assert_eq!(granted.text("token_type"), "DPoP");
        let (access, next) = pair(&granted);
        server.get_by(&access, Some(&P256)).await.granted();
        refresh = next;
    }
}

/// RFC 9700 §4.14.2.
#[tokio::test]
async fn an_old_refresh_token_ends_its_grant_only_with_the_key() {
    let server = start(&[]);
    let (access, old) = server.grant_by(PUBLIC, Some(&P256)).await;
    let form = refresh_form(&old);
    server.token_by(PUBLIC, &form, Some(&P256)).await.granted();
    for key in [Some(&OTHER_P256), None] {
        let refused = server.token_by(PUBLIC, &form, key).await;
        refused.refused(400, "invalid_grant");
        server.get_by(&access, Some(&P256)).await.granted();
    }
    let refused = server.token_by(PUBLIC, &form, Some(&P256)).await;
    refused.refused(400, "invalid_grant");
    let ended = server.get_by(&access, Some(&P256)).await;
    ended.refused(401, "invalid_token");
}

#[tokio::test]
async fn refresh_token_that_is_not_bound_yet_is_bound_by_the_first_proof() {
    let server = start(&[]);
    let (_, refresh) = server.grant_by(PUBLIC, None).await;
    let form = refresh_form(&refresh);
    let granted = server.token_by(PUBLIC, &form, None).await.granted();
    assert_eq!(granted.text("token_type"), "Bearer");
    let (_, refresh) = pair(&granted);
    let form = refresh_form(&refresh);
    let granted = server.token_by(PUBLIC, &form, Some(&P256)).await.granted();
    assert_eq!(granted.text("token_type"), "DPoP");
    let (_, refresh) = pair(&granted);
    for key in [Some(&OTHER_P256), None] {
        let refused = server.token_by(PUBLIC, &refresh_form(&refresh), key).await;
        refused.refused(400, "invalid_grant");
    }
}

/// RFC 9700 §4.14.2: whoever bound the grant may be the thief, and the client cannot have that key.
#[tokio::test]
async fn token_that_somebody_else_has_bound_ends_the_grant_when_it_comes_again() {
    for key in [None, Some(&P256)] {
        let server = start(&[]);
        let (_, stolen) = server.grant_by(PUBLIC, None).await;
        let form = refresh_form(&stolen);
        let thief = server.token_by(PUBLIC, &form, Some(&OTHER_P256)).await;
        let (_, of_thief) = pair(&thief.granted());
        let again = server.token_by(PUBLIC, &form, key).await;
        again.refused(400, "invalid_grant");
        let form = refresh_form(&of_thief);
        let ended = server.token_by(PUBLIC, &form, Some(&OTHER_P256)).await;
        ended.refused(400, "invalid_grant");
    }
}

#[tokio::test]
async fn confidential_client_may_change_its_key_and_the_new_token_is_bound_to_it() {
    let server = start(&[]);
    for who in [BASIC, POST, UNICODE] {
        let (first, mut refresh) = server.grant_by(who, Some(&P256)).await;
        for key in [Some(&OTHER_P256), None, Some(&P256)] {
            let form = refresh_form(&refresh);
            let granted = server.token_by(who, &form, key).await.granted();
            let token_type = if key.is_some() { "DPoP" } else { "Bearer" };
            assert_eq!(granted.text("token_type"), token_type);
            let (access, next) = pair(&granted);
            let found = server.introspect(who, &access).await;
            let jkt = key.map(|key| thumbprint(key));
            assert_eq!(found["cnf"]["jkt"].as_str(), jkt.as_deref());
            assert_eq!(server.introspect(who, &next).await.get("cnf"), None);
            refresh = next;
        }
        // What was issued before stays bound to the key of that time.
        let found = server.introspect(who, &first).await;
        assert_eq!(found["cnf"]["jkt"], thumbprint(&P256));
    }
}

#[tokio::test]
async fn a_wider_scope_and_a_challenge_use_up_no_bound_refresh_token() {
    let server = start(&["--dpop-nonces"]);
    let code = server.code_for(PUBLIC, None).await;
    let (_, refresh) = pair(&server.redeem(PUBLIC, &code).await.granted());
    let mut wider = refresh_form(&refresh).to_vec();
    wider.push(("scope", "read write"));
    let challenged = server.token_by(PUBLIC, &wider, Some(&P256)).await;
    challenged.refused(400, "use_dpop_nonce");
    let nonce = quoted(&nonce_of(&challenged.headers).expect("a nonce"));
    let proof = || token_proof(&server, &P256).claim("nonce", nonce.as_str());
    let refused = server.token_with(PUBLIC, &wider, &proof()).await;
    refused.refused(400, "invalid_scope");
    let form = refresh_form(&refresh);
    server.token_with(PUBLIC, &form, &proof()).await.granted();
}

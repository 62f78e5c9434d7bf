//! Refresh tokens of clients with certificates (RFC 8705 §4 and §7.1).

use serde_json::json;

use crate::clients::*;
use crate::common::token_server::*;
use crate::https::*;
use crate::identity::*;

#[tokio::test]
async fn refresh_token_of_a_public_client_needs_its_certificate_and_no_other_uses_it_up() {
    let server = start_https(&[]);
    for who in [PLAIN_PUBLIC, PUBLIC_BOUND] {
        let by = Some(&*SELF_SIGNED);
        let (_, mut refresh) = server.pair_by(by, who).await;
        // A new one is bound as well.
        for _ in 0..3 {
            let form = refresh_form(&refresh);
            let refused = server.token_by(Some(&OTHER), who, &form).await;
            refused.refused(400, "invalid_grant");
            (_, refresh) = pair(&server.token_by(by, who, &form).await.granted());
        }
    }
}

#[tokio::test]
async fn refresh_token_that_is_not_bound_yet_is_bound_by_the_first_certificate() {
    let server = start_https(&[]);
    let (_, refresh) = server.pair_by(None, PLAIN_PUBLIC).await;
    let form = refresh_form(&refresh);
    let (_, refresh) = pair(&server.token_by(None, PLAIN_PUBLIC, &form).await.granted());
    let form = refresh_form(&refresh);
    let granted = server.token_by(Some(&BILLING), PLAIN_PUBLIC, &form).await;
    let (_, refresh) = pair(&granted.granted());
    let form = refresh_form(&refresh);
    for other in [None, Some(&*OTHER)] {
        let refused = server.token_by(other, PLAIN_PUBLIC, &form).await;
        refused.refused(400, "invalid_grant");
    }
    let granted = server.token_by(Some(&BILLING), PLAIN_PUBLIC, &form).await;
    granted.granted();
}

/// RFC 8705 §7.1: it has to authenticate with its current certificate, which may be another one.
#[tokio::test]
async fn confidential_client_refreshes_with_a_new_certificate() {
    let server = start_https(&[]);
    let (access, refresh) = server.pair_by(Some(&BILLING), BY_SUBJECT).await;
    let renewed = CA.sign(named("billing"));
    let form = refresh_form(&refresh);
    let refused = server.token_by(Some(&OTHER), BY_SUBJECT, &form).await;
    refused.refused(401, "invalid_client");
    let granted = server.token_by(Some(&renewed), BY_SUBJECT, &form).await;
    let (token, _) = pair(&granted.granted());
    let found = server
        .confirmation(Some(&BILLING), BY_SUBJECT, &token)
        .await;
    assert_eq!(found, json!({ "x5t#S256": renewed.thumbprint() }));
    server.resource_by(Some(&renewed), &token).await.granted();
    // The earlier access token stays with the earlier certificate.
    server.resource_by(Some(&BILLING), &access).await.granted();
    let refused = server.resource_by(Some(&renewed), &access).await;
    refused.refused(401, "invalid_token");
}

/// RFC 9700 §4.14.2: whoever bound the grant may be the thief.
#[tokio::test]
async fn token_that_somebody_else_has_bound_ends_the_grant_when_it_comes_again() {
    let server = start_https(&[]);
    let (_, stolen) = server.pair_by(None, PLAIN_PUBLIC).await;
    let form = refresh_form(&stolen);
    let thief = server.token_by(Some(&OTHER), PLAIN_PUBLIC, &form).await;
    let (_, of_thief) = pair(&thief.granted());
    let again = server.token_by(None, PLAIN_PUBLIC, &form).await;
    again.refused(400, "invalid_grant");
    let form = refresh_form(&of_thief);
    let ended = server.token_by(Some(&OTHER), PLAIN_PUBLIC, &form).await;
    ended.refused(400, "invalid_grant");
}

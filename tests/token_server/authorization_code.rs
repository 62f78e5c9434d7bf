//! `POST /token`: authorization_code.

use reqwest::StatusCode;

use crate::common::token_server::*;

#[tokio::test]
async fn code_with_pkce_is_exchanged_by_confidential_and_public_clients() {
    let server = start(&[]);
    for who in [BASIC, POST, PUBLIC, UNICODE] {
        let code = server.code(who, CALLBACK, "read").await;
        let answer = server.redeem(who, &code).await.granted();
        assert_eq!(answer.text("token_type"), "Bearer");
        assert_eq!(answer.text("scope"), "read");
        assert!(!answer.text("refresh_token").is_empty());
    }
}

#[tokio::test]
async fn code_used_twice_revokes_the_tokens_issued_for_it() {
    let server = start(&[]);
    let code = server.code(BASIC, CALLBACK, "read").await;
    let (access, refresh) = pair(&server.redeem(BASIC, &code).await.granted());
    let (access_2, refresh_2) = pair(&server.refresh(BASIC, &refresh).await.granted());
    let (other, _) = server.grant(BASIC, "read").await;

    server
        .redeem(BASIC, &code)
        .await
        .refused(400, "invalid_grant");
    for gone in [&access, &access_2, &refresh_2] {
        assert!(!server.is_active(BASIC, gone).await);
    }
    server
        .refresh(BASIC, &refresh_2)
        .await
        .refused(400, "invalid_grant");
    assert!(
        server.is_active(BASIC, &other).await,
        "another grant is untouched"
    );
}

#[tokio::test]
async fn code_sent_by_many_at_once_works_for_one() {
    let server = start(&[]);
    let code = server.code(PUBLIC, CALLBACK, "read").await;
    let attempts = (0..20).map(|_| server.redeem(PUBLIC, &code));
    let mut granted = 0;
    for answer in futures_join(attempts).await {
        granted += usize::from(answer.status == StatusCode::OK);
    }
    assert_eq!(granted, 1);
}

/// Polls all at once, on this task.
async fn futures_join<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.map(Box::pin).map(Some).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|cx| {
        for slot in &mut pending {
            if let Some(future) = slot
                && let std::task::Poll::Ready(output) = future.as_mut().poll(cx)
            {
                done.push(output);
                *slot = None;
            }
        }
        if pending.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}

#[tokio::test]
async fn code_is_bound_to_client_redirect_uri_and_challenge() {
    let server = start(&[]);
    let code = server.code(BASIC, CALLBACK, "read").await;
    let other_verifier = "x".repeat(43);
    let too_short = &VERIFIER[..42];
    let too_long = "x".repeat(129);
    let not_unreserved = format!("{}=", &VERIFIER[..42]);
    for (changed, value) in [
        ("redirect_uri", "http://127.0.0.1:8080/callback"), // the client's own, but another
        ("redirect_uri", "http://localhost:8080/callback/"),
        ("code_verifier", &other_verifier),
        ("code_verifier", CHALLENGE),
        ("code_verifier", too_short),
        ("code_verifier", &too_long),
        ("code_verifier", &not_unreserved),
    ] {
        let form = exchange(&code).map(|(k, v)| if k == changed { (k, value) } else { (k, v) });
        server
            .token(BASIC, &form)
            .await
            .refused(400, "invalid_grant");
    }
    for other in [POST, PUBLIC, URL_ID] {
        server
            .redeem(other, &code)
            .await
            .refused(400, "invalid_grant");
    }
    // None of these spent it.
    server.redeem(BASIC, &code).await.granted();
}

#[tokio::test]
async fn missing_parameter_of_the_exchange_is_named() {
    let server = start(&[]);
    let code = server.code(BASIC, CALLBACK, "read").await;
    for missing in ["code", "redirect_uri", "code_verifier"] {
        let form: Vec<_> = exchange(&code)
            .into_iter()
            .filter(|(k, _)| *k != missing)
            .collect();
        let answer = server.token(BASIC, &form).await;
        answer.refused(400, "invalid_request");
        assert!(
            answer.text("error_description").contains(missing),
            "{}",
            answer.json()
        );
    }
}

#[tokio::test]
async fn failed_client_authentication_spends_nothing() {
    let server = start(&[]);
    for who in [BASIC, POST] {
        let code = server.code(who, CALLBACK, "read").await;
        let wrong = who.with_secret("wrong");
        server
            .redeem(wrong, &code)
            .await
            .refused(401, "invalid_client");
        let (_, refresh) = pair(&server.redeem(who, &code).await.granted());

        // Not even a code or a refresh token that was used before ends a grant then.
        let (_, refresh_2) = pair(&server.refresh(who, &refresh).await.granted());
        server
            .redeem(wrong, &code)
            .await
            .refused(401, "invalid_client");
        server
            .refresh(wrong, &refresh)
            .await
            .refused(401, "invalid_client");
        server
            .refresh(wrong, &refresh_2)
            .await
            .refused(401, "invalid_client");
        server.refresh(who, &refresh_2).await.granted();
    }
}

#[tokio::test]
async fn client_not_registered_for_refresh_token_gets_none() {
    let server = start(&[]);
    let redirect_uri = "http://localhost:8080/callback?from=demo";
    let code = server.code(URL_ID, redirect_uri, "read").await;
    let form = exchange(&code).map(|(k, v)| {
        if v == CALLBACK {
            (k, redirect_uri)
        } else {
            (k, v)
        }
    });
    let answer = server.token(URL_ID, &form).await.granted();
    assert!(answer.json().get("refresh_token").is_none());
    // A code used twice ends the access token all the same.
    server
        .token(URL_ID, &form)
        .await
        .refused(400, "invalid_grant");
    assert!(!server.is_active(URL_ID, answer.text("access_token")).await);
    let answer = server.refresh(URL_ID, "anything").await;
    answer.refused(400, "unauthorized_client");
}

/// RFC 8252 §7.3, RFC 6749 §4.1.3.
#[tokio::test]
async fn program_of_the_users_machine_may_listen_at_any_port() {
    let server = start(&[]);
    let listens_at = "http://localhost:51004/callback";
    let code = server.code(PUBLIC, listens_at, "read").await;
    let at = |port| exchange(&code).map(|(k, v)| if v == CALLBACK { (k, port) } else { (k, v) });
    // The code went to one port.
    let answer = server.token(PUBLIC, &at(CALLBACK)).await;
    answer.refused(400, "invalid_grant");
    server.token(PUBLIC, &at(listens_at)).await.granted();
}

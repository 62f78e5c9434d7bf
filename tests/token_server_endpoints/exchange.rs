//! `POST /token`: token exchange (RFC 8693).

use crate::common::Reply;
use crate::common::token_server::*;

const WHO: Who = Who::Basic("demo-exchange", "demo-exchange-secret");
const GRANT: (&str, &str) = (
    "grant_type",
    "urn:ietf:params:oauth:grant-type:token-exchange",
);
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Exchanges a token, with more parameters. One of the same name counts instead.
async fn exchange(server: &Server, who: Who, token: &str, more: &[(&str, &str)]) -> Reply {
    let usual = [
        GRANT,
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    let is_usual = |(name, _): &(&str, &str)| more.iter().all(|(other, _)| other != name);
    let form = usual.into_iter().filter(is_usual);
    let form: Vec<_> = form.chain(more.iter().copied()).collect();
    server.token(who, &form).await
}

async fn token(server: &Server, who: Who) -> String {
    let answer = server.token(who, &[CLIENT_CREDENTIALS]).await.granted();
    answer.text("access_token").to_owned()
}

#[tokio::test]
async fn token_is_exchanged_for_one_with_at_most_its_scope() {
    let server = start(&[]);
    let subject = token(&server, WHO).await;
    let types = ("requested_token_type", ACCESS_TOKEN);
    for (more, scope) in [
        (&[("scope", "read")][..], "read"),
        (&[("scope", "write read")], "write read"),
        (&[types, ("scope", "write")], "write"),
        (&[], "read write"),
    ] {
        let answer = exchange(&server, WHO, &subject, more).await.granted();
        // RFC 8693 §2.2.1.
        assert_eq!(answer.text("issued_token_type"), ACCESS_TOKEN);
        assert_eq!(answer.text("token_type"), "Bearer");
        assert_eq!(answer.text("scope"), scope);
        assert!(answer.json().get("refresh_token").is_none());
        let issued = answer.text("access_token");
        assert_ne!(issued, subject);
        let found = server.introspect(WHO, issued).await;
        assert_eq!(
            (&found["active"], found["scope"].as_str()),
            (&true.into(), Some(scope))
        );
    }
    assert!(server.is_active(WHO, &subject).await, "it stays good");
}

#[tokio::test]
async fn scope_gets_no_wider_and_the_time_no_longer() {
    let server = start(&[]);
    let subject = token(&server, WHO).await;
    let narrow = exchange(&server, WHO, &subject, &[("scope", "read")])
        .await
        .granted();
    let narrow = narrow.text("access_token");
    for scope in ["write", "read write", "admin", "read  read"] {
        let answer = exchange(&server, WHO, narrow, &[("scope", scope)]).await;
        answer.refused(400, "invalid_scope");
    }
    let end = async |token: &str| server.introspect(WHO, token).await["exp"].as_u64();
    let first = end(&subject).await;
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    let answer = exchange(&server, WHO, narrow, &[]).await.granted();
    assert_eq!(answer.text("scope"), "read");
    assert!(first.is_some() && end(answer.text("access_token")).await == first);
    let seconds = answer.json()["expires_in"].as_u64();
    assert!(
        seconds.is_some_and(|seconds| (1..=3598).contains(&seconds)),
        "{answer:?}"
    );
}

#[tokio::test]
async fn token_of_a_grant_is_exchanged_for_one_that_ends_with_it() {
    let path = clients_file(
        "exchange",
        r#"[{"client_id": "a", "client_secret": "a", "scope": "read write",
             "redirect_uris": ["http://localhost:8080/callback"],
             "grant_types": ["authorization_code", "refresh_token",
                             "urn:ietf:params:oauth:grant-type:token-exchange"]}]"#,
    );
    let server = start(&["--clients", &path.to_string_lossy()]);
    let a = Who::Basic("a", "a");
    let (access, refresh) = server.grant(a, "read").await;
    let answer = exchange(&server, a, &access, &[]).await.granted();
    let issued = answer.text("access_token");
    assert!(server.is_active(a, issued).await);
    server
        .post("/revoke", a, &[("token", &refresh)])
        .await
        .granted();
    assert!(!server.is_active(a, issued).await);
    let ended = exchange(&server, a, &access, &[]).await;
    ended.refused(400, "invalid_request");
}

#[tokio::test]
async fn what_cannot_be_exchanged() {
    let path = clients_file(
        "exchange_refused",
        r#"[{"client_id": "a", "client_secret": "a", "scope": "read", "grant_types":
             ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"]},
            {"client_id": "b", "client_secret": "b", "scope": "read", "grant_types":
             ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"]},
            {"client_id": "c", "client_secret": "c", "scope": "read",
             "grant_types": ["client_credentials"]}]"#,
    );
    let server = start(&["--clients", &path.to_string_lossy()]);
    let [a, b, c] = [
        Who::Basic("a", "a"),
        Who::Basic("b", "b"),
        Who::Basic("c", "c"),
    ];
    let subject = token(&server, a).await;
    let revoked = token(&server, a).await;
    server
        .post("/revoke", a, &[("token", &revoked)])
        .await
        .granted();
    let foreign = token(&server, c).await;
    let refresh = "urn:ietf:params:oauth:token-type:refresh_token";
    let actor = [
        ("actor_token", subject.as_str()),
        ("actor_token_type", ACCESS_TOKEN),
    ];
    type Row<'a> = (&'a str, Who, &'a [(&'a str, &'a str)], u16, &'a str);
    let rows: [Row; 16] = [
        ("RFC 8693 §2.2.2", b, &[], 400, "invalid_request"),
        (
            "RFC 8693 §2.2.2",
            a,
            &[("subject_token", &foreign)],
            400,
            "invalid_request",
        ),
        (
            "RFC 8693 §2.2.2",
            a,
            &[("subject_token", &revoked)],
            400,
            "invalid_request",
        ),
        (
            "RFC 8693 §2.2.2",
            a,
            &[("subject_token", "unknown")],
            400,
            "invalid_request",
        ),
        (
            "RFC 8693 §2.2.2",
            a,
            &[("subject_token", "a.b")],
            400,
            "invalid_request",
        ),
        (
            "RFC 8693 §2.1",
            a,
            &[("subject_token", "")],
            400,
            "invalid_request",
        ),
        (
            "RFC 8693 §2.1",
            a,
            &[("subject_token_type", "")],
            400,
            "invalid_request",
        ),
        (
            "RFC 8693 §3",
            a,
            &[("subject_token_type", refresh)],
            400,
            "invalid_request",
        ),
        (
            "RFC 8693 §3",
            a,
            &[("requested_token_type", refresh)],
            400,
            "invalid_request",
        ),
        ("RFC 8693 §2.1", a, &actor, 400, "invalid_request"),
        ("RFC 8693 §2.1", a, &actor[..1], 400, "invalid_request"),
        (
            "RFC 8693 §2.2.2",
            a,
            &[("audience", "b")],
            400,
            "invalid_target",
        ),
        (
            "RFC 8693 §2.2.2",
            a,
            &[("resource", "https://rs.example.com")],
            400,
            "invalid_target",
        ),
        (
            "RFC 8693 §2.2.2",
            a,
            &[("audience", "b"), ("audience", "c")],
            400,
            "invalid_target",
        ),
        ("RFC 6749 §5.2", c, &[], 400, "unauthorized_client"),
        (
            "RFC 6749 §5.2",
            a.with_secret("x"),
            &[],
            401,
            "invalid_client",
        ),
    ];
    for (section, who, more, status, error) in rows {
        let answer = exchange(&server, who, &subject, more).await;
        assert_eq!(
            answer.json()["error"],
            error,
            "{section} {} {more:?}",
            who.id()
        );
        answer.refused(status, error);
    }
    exchange(&server, a, &subject, &[]).await.granted();
}

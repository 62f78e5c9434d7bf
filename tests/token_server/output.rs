//! What the process prints, and what it never prints.

use std::process::Command;

use reqwest::StatusCode;
use serde_json::Value;

use crate::common::token_server::*;

#[tokio::test]
async fn secrets_of_a_clients_file_and_of_requests_are_never_printed() {
    let path = clients_file(
        "canary",
        r#"[{"client_id": "service", "client_secret": "canary-1-%25+", "scope": "read",
             "grant_types": ["client_credentials", "authorization_code", "refresh_token",
                             "urn:ietf:params:oauth:grant-type:device_code",
                             "urn:openid:params:grant-type:ciba"],
             "redirect_uris": ["http://localhost:8080/callback"]}]"#,
    );
    let server = start_logging("trace", &["--clients", &path.to_string_lossy()]);
    let service = Who::Basic("service", "canary-1-%25+");
    let token = server.token(service, &[CLIENT_CREDENTIALS]).await.granted();
    let (access, refresh) = server.grant(service, "read").await;
    server.refresh(service, &refresh).await.granted();
    let push = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let pushed = server.post("/par", service, &push).await;
    let request_uri = pushed.text("request_uri");
    let query = [("client_id", "service"), ("request_uri", request_uri)];
    assert_eq!(
        server.authorize(&query).await.status(),
        StatusCode::SEE_OTHER
    );
    let device = server.post("/device_authorization", service, &[]).await;
    let opened = server.http.get(device.text("verification_uri_complete"));
    let opened = opened.send().await.expect("the server answers");
    assert_eq!(opened.status(), StatusCode::OK);
    let user = [("scope", "read"), ("login_hint", "demo-user")];
    let asked = server.post("/backchannel_authentication", service, &user);
    let asked = asked.await.granted();
    for wrong in [
        service.with_secret("canary-2"),
        Who::Post("service", "canary-3"),
    ] {
        server
            .token(wrong, &[CLIENT_CREDENTIALS])
            .await
            .refused(401, "invalid_client");
    }
    let url = format!("{}/token?client_secret=canary-4", server.base);
    let answer = server
        .http
        .post(url)
        .form(&[CLIENT_CREDENTIALS])
        .send()
        .await;
    assert_eq!(
        answer.expect("the server answers").status(),
        StatusCode::BAD_REQUEST
    );

    let output = wait_for("log line", || {
        Some(server.output()).filter(|out| out.contains("wrong_secret"))
    });
    for secret in [
        "canary",
        "Y2FuYXJ5",
        VERIFIER,
        token.text("access_token"),
        &access,
        &refresh,
        request_uri.rsplit(':').next().expect("an id"),
        device.text("device_code"),
        device.text("user_code"),
        asked.text("auth_req_id"),
    ] {
        let at = output
            .find(secret)
            .map(|at| &output[at.saturating_sub(200)..at]);
        assert!(at.is_none(), "{secret} follows {at:?}");
    }
}

#[tokio::test]
async fn log_lines_are_on_stderr_and_no_parameter_starts_one() {
    let server = start(&[]);
    let forged = Who::Post("nobody\nFORGED", "x");
    server
        .token(forged, &[CLIENT_CREDENTIALS])
        .await
        .refused(401, "invalid_client");
    let form = [("grant_type", "x\nFORGED"), ("scope", "y\r\nFORGED")];
    server
        .token(BASIC, &form)
        .await
        .refused(400, "unsupported_grant_type");
    let stderr = wait_for("log line", || {
        let stderr = server
            .stderr
            .lock()
            .expect("the collector does not panic")
            .clone();
        (stderr.contains("unknown_client") && stderr.contains("unsupported_grant_type"))
            .then_some(stderr)
    });
    assert!(
        !stderr
            .lines()
            .any(|line| line.trim_start().starts_with("FORGED")),
        "{stderr}"
    );
    let stdout = server.stdout.lock().expect("the collector does not panic");
    assert!(!stdout.contains("unknown_client"));
}

/// The commands that the server has printed, as one script.
pub(crate) fn script_of(printed: &str) -> String {
    let commands: Vec<&str> = printed.lines().skip(1).collect();
    // One line of output for each command, whether or not curl ends it.
    commands
        .join("\n")
        .replace("\ncurl", "\necho; curl")
        .replace("\n#", "\necho\n#")
}

/// Which member of an answer stands for it, in this order.
const MEMBERS: [&str; 8] = [
    "error",
    "active",
    "refresh_token",
    "access_token",
    "request_uri",
    "device_code",
    "auth_req_id",
    "issuer",
];

/// What the printed commands of a server print, and what they get.
#[cfg(unix)]
fn run_printed(arguments: &[&str]) -> (String, Vec<String>) {
    let server = start(arguments);
    let output = Command::new("sh")
        .args(["-euc", &script_of(&server.printed())])
        .output()
        .expect("sh runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answers: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let summary: Vec<String> = answers
        .iter()
        .map(|answer| {
            let first = MEMBERS
                .into_iter()
                .find(|member| answer.get(*member).is_some());
            match first {
                Some("error") => answer["error"].as_str().unwrap_or_default().to_owned(),
                Some("active") => format!("active={}", answer["active"]),
                Some(member) => member.to_owned(),
                None => answer.to_string(),
            }
        })
        .collect();
    (text.into_owned(), summary)
}

#[cfg(unix)]
#[test]
fn printed_curl_commands_work() {
    let (text, summary) = run_printed(&["--poll-interval", "1"]);
    let expected = [
        "access_token", // client_credentials: Basic, body, an id and secret that need care
        "access_token",
        "access_token",
        "access_token", // secrets as Argon2, bcrypt and PBKDF2
        "access_token",
        "access_token",
        "access_token", // the new secret, and the old one
        "access_token",
        "invalid_client",
        "invalid_scope",
        "refresh_token", // the exchange of the code
        "refresh_token", // the refresh
        "invalid_grant", // the same again
        "request_uri",   // pushed, and the tokens for it
        "refresh_token",
        "device_code", // before and after the user has opened the page
        "authorization_pending",
        "refresh_token",
        "auth_req_id", // the first and the second poll
        "authorization_pending",
        "refresh_token",
        "access_token", // token exchange
        "active=true",
        "{}",
        "active=false",
        "access_token",   // client_secret_jwt
        "invalid_client", // the same assertion again
        "access_token",   // private_key_jwt
        "issuer",
    ];
    assert_eq!(summary, expected, "{text}");
    assert!(
        text.contains("HTTP/1.1 401") && text.to_lowercase().contains("www-authenticate: basic")
    );
}

#[cfg(unix)]
#[test]
fn printed_curl_commands_of_a_profile_work() {
    let (_, none) = run_printed(&["--poll-interval", "1"]);
    let (text, summary) = run_printed(&["--poll-interval", "1", "--profile", "oauth21"]);
    assert_eq!(summary, none, "{text}");
    let (text, summary) = run_printed(&["--profile", "fapi2"]);
    let expected = ["access_token", "invalid_request", "issuer"];
    assert_eq!(summary, expected, "{text}");
    assert!(text.contains(r#""token_type":"DPoP""#), "{text}");
}

#[tokio::test]
async fn printed_commands_for_a_clients_file_name_nothing_of_it() {
    let path = clients_file(
        "own",
        r#"[{"client_id": "my-client", "client_secret": "my-secret"}]"#,
    );
    let server = start(&["--clients", &path.to_string_lossy()]);
    let stdout = server.printed();
    assert!(
        !stdout.contains("my-") && !stdout.contains("demo"),
        "{stdout}"
    );
    assert!(
        stdout.contains(r#"-u "$CLIENT_ID:$CLIENT_SECRET""#),
        "{stdout}"
    );
}

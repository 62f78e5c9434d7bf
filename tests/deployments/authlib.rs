//! The proxy in front of a server that was not written here: Authlib's.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use reqwest::StatusCode;

use crate::common::programs::skip;
use crate::common::token_server::{CLIENT_CREDENTIALS, Process, Server, Who};
use crate::common::{JWT_BEARER, hs256};
use crate::setup::{SECRET, proxy, started};

const APP: Who = Who::Basic("app", SECRET);

/// False if there is no Python, or no Authlib. Then the test is skipped, and says so. If `CI` is
/// set, it fails.
pub(crate) fn has_authlib() -> bool {
    let mut imports = Command::new("python3");
    imports
        .args(["-c", "import authlib, flask"])
        .stderr(Stdio::null());
    let has_both = imports.status().is_ok_and(|status| status.success());
    has_both || skip("python3 with authlib and flask").unwrap_or(false)
}

/// `None` if the test is skipped.
fn authlib() -> Option<(Process, SocketAddr)> {
    if !has_authlib() {
        return None;
    }
    Some(started(|port| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/proxy/upstream.py");
        let mut python = Command::new("python3");
        python.args([script, &port.to_string()]);
        python.env("PYTHONDONTWRITEBYTECODE", "1");
        python
    }))
}

/// Whose token it is, as the upstream server says.
async fn owner(server: &Server, token: &str) -> Option<String> {
    let url = format!("{}/tokens/{token}", server.base);
    let response = server.http.get(url).send().await.expect("a response");
    if response.status() == StatusCode::NOT_FOUND {
        return None;
    }
    let json: serde_json::Value = response.json().await.expect("JSON");
    json["client_id"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn authlib_issues_and_revokes_tokens_of_clients_that_the_proxy_has_authenticated() {
    let Some((mut authlib, upstream)) = authlib() else {
        return;
    };
    for (name, more) in [
        ("authlib", &["--pass", "/tokens/"][..]),
        ("authlib_sign", &["--pass", "/tokens/", "--sign"]),
    ] {
        let server = proxy(name, upstream, more);
        let by_basic = server
            .token(APP, &[CLIENT_CREDENTIALS, ("scope", "read")])
            .await
            .granted();
        assert_eq!(by_basic.text("scope"), "read");
        let by_post = server
            .token(Who::Post("app", SECRET), &[CLIENT_CREDENTIALS])
            .await
            .granted();
        let assertion = hs256("signer", SECRET, "");
        let form = [
            CLIENT_CREDENTIALS,
            ("client_assertion", &assertion),
            ("client_assertion_type", JWT_BEARER),
        ];
        let by_assertion = server.send("/token", None, &form).await.granted();
        let unicode = Who::Basic("https://ключ.example/a b", SECRET);
        let of_unicode = server.token(unicode, &[CLIENT_CREDENTIALS]).await.granted();
        for (answer, client) in [
            (&by_basic, "app"),
            (&by_post, "app"),
            (&by_assertion, "signer"),
            (&of_unicode, "https://ключ.example/a b"),
        ] {
            let owner = owner(&server, answer.text("access_token")).await;
            assert_eq!(owner.as_deref(), Some(client));
        }

        let wrong = server
            .token(APP.with_secret("wrong"), &[CLIENT_CREDENTIALS])
            .await;
        wrong.assert_unauthenticated();
        // Authlib has no refresh grant here, and says so itself.
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", "r")];
        server
            .token(APP, &refresh)
            .await
            .refused(400, "unsupported_grant_type");

        let token = by_basic.text("access_token");
        let others = server.post("/revoke", unicode, &[("token", token)]).await;
        assert_eq!(others.status, StatusCode::BAD_REQUEST);
        assert_eq!(owner(&server, token).await.as_deref(), Some("app"));
        assert_eq!(
            server
                .post("/revoke", APP, &[("token", token)])
                .await
                .status,
            StatusCode::OK
        );
        assert_eq!(owner(&server, token).await, None);
    }

    // Nobody gets a token by going around the proxy.
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let old = "t=1,v1=0000000000000000000000000000000000000000000000000000000000000000";
    for (secret, header) in [(SECRET, ""), ("", "forged"), ("", "t=,v1="), ("", old)] {
        let request = http
            .post(format!("http://{upstream}/token"))
            .basic_auth("app", Some(secret));
        let request = request
            .header("x-verified-client", "app")
            .header("x-proxy-proof", header);
        let response = request
            .form(&[CLIENT_CREDENTIALS])
            .send()
            .await
            .expect("a response");
        let json: serde_json::Value = response.json().await.expect("JSON");
        assert_eq!(json["error"], "invalid_client", "{header}: {json}");
    }

    let server = proxy("authlib_down", upstream, &[]);
    authlib.0.kill().expect("it runs");
    authlib.0.wait().expect("it has ended");
    let down = server.token(APP, &[CLIENT_CREDENTIALS]).await;
    down.refused(503, "temporarily_unavailable");
}

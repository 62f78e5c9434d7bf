//! The proxy in front of node-oidc-provider.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::common::programs::skip;
use crate::common::token_server::{CLIENT_CREDENTIALS, Process};
use crate::setup::{SECRET, proxy, started};

/// `None` if there is no Node.js, or if `.ci/run` has not installed the provider. Then the test is
/// skipped, and says so. If `CI` is set, it fails.
fn oidc_provider() -> Option<(Process, SocketAddr)> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc-provider");
    let mut version = Command::new("node");
    version.arg("--version").stdout(Stdio::null());
    let has_node = version.status().is_ok_and(|status| status.success());
    if !has_node || !folder.join("node_modules/oidc-provider").exists() {
        return skip("node with oidc-provider (see .ci/run)");
    }
    // Node.js looks for the provider beside the script.
    let script = folder.join("server.js");
    let source = include_str!("oidc_provider/server.js");
    fs::write(&script, source).expect("the folder can be written");
    Some(started(|port| {
        let mut node = Command::new("node");
        node.arg(&script).arg(port.to_string());
        node
    }))
}

/// Status and body. The provider says `charset=utf-8`, and our own servers do not.
async fn send(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("a response");
    let status = response.status().as_u16();
    (status, response.json().await.expect("JSON"))
}

#[tokio::test]
async fn oidc_provider_issues_tokens_to_clients_that_the_proxy_has_authenticated() {
    let Some((mut provider, upstream)) = oidc_provider() else {
        return;
    };
    let server = proxy("oidc_provider", upstream, &[]);
    let post = |path: &str, secret: &str, form: &[(&str, &str)]| {
        let request = server.http.post(format!("{}{path}", server.base));
        send(request.basic_auth("app", Some(secret)).form(form))
    };
    let token = |secret, scope| {
        let form = [CLIENT_CREDENTIALS, ("scope", scope)];
        post("/token", secret, &form)
    };
    let (status, granted) = token(SECRET, "read").await;
    assert_eq!((status, &granted["scope"]), (200, &json!("read")));
    let access_token = granted["access_token"].as_str().expect("a token");
    let (_, owner) = post("/introspect", SECRET, &[("token", access_token)]).await;
    assert_eq!(owner["active"], true);
    assert_eq!(owner["client_id"], "app");
    // The proxy lets the client have this scope, and the provider does not.
    let (status, refused) = token(SECRET, "write").await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_scope")));

    let direct = format!("http://{upstream}");
    let http = reqwest::Client::builder().no_proxy().build();
    let http = http.expect("a client");
    let requests =
        async || send(http.get(format!("{direct}/requests"))).await.1["requests"].clone();
    assert_eq!(requests().await, 3);
    let (status, refused) = token("wrong", "read").await;
    assert_eq!((status, &refused["error"]), (401, &json!("invalid_client")));
    assert_eq!(requests().await, 3);

    // Nobody gets a token by going around the proxy.
    for proof in ["", "forged"] {
        let request = http
            .post(format!("{direct}/token"))
            .header("x-verified-client", "app")
            .header("x-proxy-proof", proof)
            .form(&[CLIENT_CREDENTIALS, ("client_id", "app")]);
        let (status, refused) = send(request).await;
        assert_eq!((status, &refused["error"]), (401, &json!("invalid_client")));
    }

    provider.0.kill().expect("it runs");
    provider.0.wait().expect("it has ended");
    let (status, down) = token(SECRET, "read").await;
    assert_eq!(
        (status, &down["error"]),
        (503, &json!("temporarily_unavailable"))
    );
}

//! curl, whose TLS is OpenSSL's mostly.

use std::io::ErrorKind;
use std::process::{Command, Output};

use serde_json::Value;

use crate::clients::*;
use crate::common::programs::skip;
use crate::common::token_server::*;
use crate::https::*;
use crate::identity::*;

/// `None` if there is no curl.
fn curl(server: &Server, name: &str, identity: &Identity, arguments: &[&str]) -> Option<Output> {
    let [certificate, key] = identity.files(name);
    let output = Command::new("curl")
        .args(["-s", "--noproxy", "*", "--cacert"])
        .arg(&*AUTHORITY)
        .arg("--cert")
        .arg(certificate)
        .arg("--key")
        .arg(key)
        .args(&arguments[1..])
        .arg(format!("{}{}", server.base, arguments[0]))
        .output();
    match output {
        Ok(output) => Some(output),
        Err(error) if error.kind() == ErrorKind::NotFound => skip("curl"),
        Err(error) => panic!("curl: {error}"),
    }
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[test]
fn curl_gets_and_uses_a_bound_token() {
    let server = start_https(&[]);
    for (who, name, own) in [
        (BY_SUBJECT, "curl-billing", &BILLING),
        (BY_KEY, "curl-self", &SELF_SIGNED),
    ] {
        for version in ["1.2", "1.3"] {
            let form = body(who, &[CLIENT_CREDENTIALS]);
            let asked = ["/token", "--tls-max", version, "-d", &form];
            let Some(output) = curl(&server, name, own, &asked) else {
                return;
            };
            let granted = json(&output);
            let token = granted["access_token"].as_str();
            let token = token.unwrap_or_else(|| panic!("{granted}"));
            let authorization = format!("Authorization: Bearer {token}");
            let asked = ["/resource", "--tls-max", version, "-H", &authorization];
            let found = curl(&server, name, own, &asked).expect("it was there");
            assert_eq!(json(&found)["client_id"], who.id());
            let refused = curl(&server, "curl-other", &OTHER, &asked).expect("it was there");
            assert_eq!(json(&refused)["error"], "invalid_token");
        }
    }
}

/// The check of `guide::deployment`: sent to the server itself, each of the headers is believed.
#[test]
fn headers_that_the_guide_sends_are_those_of_each_proxy() {
    let guide = include_str!("../../src/guide/deployment.rs");
    let (_, script) = guide.split_once("//! ```bash\n//! der=").expect("a block");
    let (script, _) = script.split_once("//! ```").expect("its end");
    let lines = script
        .lines()
        .map(|line| line.trim_start_matches("//!").trim_start());
    let (curl, variables): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("curl"));
    let [direct, _through_the_proxy] = curl[..] else {
        panic!("{curl:?}");
    };
    let variables = format!("der={}", variables.join("\n"));
    let [certificate, _] = BILLING.files("guide");
    for (kind, name) in [
        ("haproxy", "haproxy"),
        ("nginx", "nginx"),
        ("envoy", "envoy"),
        ("alb", "aws_alb"),
        ("traefik-verified", "traefik"),
        ("rfc9440-verified", "rfc9440"),
    ] {
        let clients = CLIENTS.to_string_lossy();
        let server = start(&["--clients", &clients, "--client-certificate-header", kind]);
        let script = format!("{variables}\n{direct}")
            .replace("app.pem", &certificate.to_string_lossy())
            .replace("client_id=app", &format!("client_id={}", BY_SUBJECT.id()))
            .replace("http://127.0.0.1:3000", &server.base)
            .replace("nginx[@]", &format!("{name}[@]"));
        let output = Command::new("bash").args(["-euc", &script]).output();
        let output = output.expect("bash runs");
        assert!(output.status.success(), "{script}: {output:?}");
        assert_eq!(json(&output)["token_type"], "Bearer", "{kind}: {output:?}");
    }
}

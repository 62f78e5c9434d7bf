//! Libraries of clients that were not written here.

use std::fs;
use std::process::Command;

use crate::clients::*;
use crate::common::libraries::{folder, node, python};
use crate::common::programs::{free_port, skip};
use crate::common::token_server::*;
use crate::https::*;
use crate::identity::*;

/// Runs the script of a client. It ends with an error if anything is not as it should be.
fn drive(server: &Server, mtls_base: &str, name: &str, mut script: Command) {
    let [certificate, key] = BILLING.files(name);
    let both = [&certificate, &key].map(|it| fs::read_to_string(it).expect("a file"));
    let both = file(&format!("{name}_both.pem"), &both.concat());
    script
        .args([&server.base, BY_SUBJECT.id()])
        .env("CA_FILE", &*AUTHORITY)
        .env("CLIENT_FILE", both)
        .env("CERT_FILE", certificate)
        .env("KEY_FILE", key)
        .env("THUMBPRINT", BILLING.thumbprint())
        .env("MTLS_BASE", mtls_base)
        .env("CALLBACK", CALLBACK)
        .env("CHALLENGE", CHALLENGE)
        .env("VERIFIER", VERIFIER)
        .env_remove("HTTPS_PROXY")
        .env("NO_PROXY", "*")
        .current_dir(folder());
    let output = script.output().expect("the script runs");
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    let log = server.output();
    assert!(output.status.success(), "{told}\nthe server: {log}");
}

#[test]
fn openid_client_uses_the_alias_and_binds_its_tokens() {
    let source = include_str!("openid_client.mjs");
    if let Some(script) = node("openid-client, undici", "openid_client_mtls.mjs", source) {
        let (server, base) = start_with_alias();
        drive(&server, &base, "openid-client", script);
    }
}

/// `tests/huskarl`, which `.ci/run` builds.
#[test]
fn huskarl_uses_the_alias_and_its_bound_token() {
    let client = binary("token_server");
    let client = client.with_file_name("../huskarl-client");
    if client.exists() {
        let (server, base) = start_with_alias();
        drive(&server, &base, "huskarl", Command::new(client));
    } else {
        let _: Option<()> = skip("huskarl-client (cargo build --package huskarl-client)");
    }
}

/// The server, with another name of itself in `mtls_endpoint_aliases`.
fn start_with_alias() -> (Server, String) {
    let port = free_port();
    let base = format!("https://localhost:{port}");
    let server = start_https_at(&format!("127.0.0.1:{port}"), &["--mtls-base", &base]);
    (server, base)
}

#[test]
fn requests_redeems_a_code_and_refreshes_with_its_certificate() {
    let script = "tests/token_server_certificates/requests_client.py";
    if let Some(script) = python("requests", script) {
        let server = start_https(&[]);
        drive(&server, "", "requests", script);
    }
}

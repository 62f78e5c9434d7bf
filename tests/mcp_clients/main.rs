//! The example `mcp_server`, driven by clients that were not written here: the SDKs of the Model Context
//! Protocol, and two libraries that sign. None of them is registered.

#[path = "../common/mod.rs"]
mod common;

mod bounds;
mod documents;
#[path = "../../examples/mcp_server/expiring.rs"]
mod expiring;
mod server;

use std::process::Command;

use crate::common::libraries::{folder, node, python};
use crate::common::token_server::{Server, binary, spawn};
use crate::documents::Documents;

/// The example, which fetches the documents from this machine.
fn started(documents: &Documents) -> Server {
    let mut command = Command::new(binary("mcp_server"));
    command
        .args(["--listen", "127.0.0.1:0"])
        .arg("--dangerously-allow-local-client-documents")
        .env("SSL_CERT_FILE", &documents.roots)
        .env_remove("SSL_CERT_DIR");
    spawn(command)
}

/// Runs the script of a client. It ends with an error if anything is not as it should be.
async fn drive(name: &str, document: &str, mut script: Command) {
    let documents = Documents::start(name).await;
    let server = started(&documents);
    script
        .args([&server.base, &documents.client_id(document)])
        .env("CLIENT_KEY", &documents.key)
        .current_dir(folder());
    let output = tokio::task::spawn_blocking(move || script.output());
    let output = output.await.expect("no panic").expect("the script runs");
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(
        output.status.success(),
        "{told}\nthe server: {}",
        server.output()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mcp_typescript_sdk_connects_and_refreshes_without_registration() {
    let source = include_str!("typescript_sdk.mjs");
    if let Some(script) = node("@modelcontextprotocol/sdk", "typescript_sdk.mjs", source) {
        drive("typescript", "public", script).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mcp_python_sdk_connects_and_refreshes_without_registration() {
    if let Some(script) = python("mcp", "tests/mcp_clients/python_sdk.py") {
        drive("python", "public", script).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openid_client_signs_with_a_key_of_the_jwks_uri_of_its_document() {
    let source = include_str!("openid_client.mjs");
    if let Some(script) = node("openid-client", "openid_client.mjs", source) {
        drive("openid_client", "signing", script).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn authlib_signs_with_a_key_of_the_jwks_uri_of_its_document() {
    if let Some(script) = python("authlib, httpx", "tests/mcp_clients/authlib_client.py") {
        drive("authlib", "signing", script).await;
    }
}

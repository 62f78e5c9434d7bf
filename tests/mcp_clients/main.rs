//! The example `mcp_server`, driven by clients that were not written here: the SDKs of the Model Context
//! Protocol, and two libraries that sign. None of them is registered.

#[path = "../common/mod.rs"]
mod common;

mod bounds;
mod documents;
#[path = "../../examples/mcp_server/expiring.rs"]
mod expiring;
mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::programs::skip;
use crate::common::token_server::{Server, binary, spawn};
use crate::documents::Documents;

/// Where `.ci/run` installs the libraries.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("mcp-clients")
}

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

/// `None` if Node.js or the library is missing. Then the test is skipped, and says so. If `CI` is set, it fails.
fn node(library: &str, name: &str, source: &str) -> Option<Command> {
    let mut version = Command::new("node");
    version.arg("--version").stdout(Stdio::null());
    let has_node = version.status().is_ok_and(|status| status.success());
    if !has_node || !folder().join("node_modules").join(library).exists() {
        return skip(&format!("node with {library} (see .ci/run)"));
    }
    // Node.js looks for the library beside the script.
    let script = folder().join(name);
    fs::write(&script, source).expect("the folder can be written");
    let mut node = Command::new("node");
    node.arg(script);
    Some(node)
}

/// The same for Python.
fn python(library: &str, script: &str) -> Option<Command> {
    let mut python = Command::new("python3");
    python
        .env("PYTHONPATH", folder().join("python"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let mut imports = Command::new("python3");
    imports
        .env("PYTHONPATH", folder().join("python"))
        .args(["-c", &format!("import {library}")])
        .stderr(Stdio::null());
    if !imports.status().is_ok_and(|status| status.success()) {
        return skip(&format!("python3 with {library} (see .ci/run)"));
    }
    python.arg(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/mcp_clients")
            .join(script),
    );
    Some(python)
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
    if let Some(script) = python("mcp", "python_sdk.py") {
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
    if let Some(script) = python("authlib, httpx", "authlib_client.py") {
        drive("authlib", "signing", script).await;
    }
}

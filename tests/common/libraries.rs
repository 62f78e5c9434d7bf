//! Libraries that other people wrote, which `.ci/run` installs: those of `tests/mcp_clients/package.json` and
//! `tests/mcp_clients/requirements.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::programs::skip;

/// Where they are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("mcp-clients")
}

/// A script that uses these. `None` if Node.js or one of them is missing. Then the test is skipped, and says so. If
/// `CI` is set, it fails.
pub(crate) fn node(libraries: &str, name: &str, source: &str) -> Option<Command> {
    let mut version = Command::new("node");
    version.arg("--version").stdout(Stdio::null());
    let has_node = version.status().is_ok_and(|status| status.success());
    let mut all = libraries.split(", ");
    if !has_node || !all.all(|it| folder().join("node_modules").join(it).exists()) {
        return skip(&format!("node with {libraries} (see .ci/run)"));
    }
    // Node.js looks for a library beside the script.
    let script = folder().join(name);
    fs::write(&script, source).expect("the folder can be written");
    let mut node = Command::new("node");
    node.arg(script);
    Some(node)
}

/// The same for Python.
pub(crate) fn python(libraries: &str, script: &str) -> Option<Command> {
    let mut python = Command::new("python3");
    python
        .env("PYTHONPATH", folder().join("python"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let mut imports = Command::new("python3");
    imports
        .env("PYTHONPATH", folder().join("python"))
        .args(["-c", &format!("import {libraries}")])
        .stderr(Stdio::null());
    if !imports.status().is_ok_and(|status| status.success()) {
        return skip(&format!("python3 with {libraries} (see .ci/run)"));
    }
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script));
    Some(python)
}

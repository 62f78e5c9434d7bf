//! The examples `mtls` and `mtls_hyper`, by the commands that they print in their first comment.

use std::io::Read;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::token_server::*;

/// The commands in the `sh` blocks of the first comment.
fn commands(source: &str) -> Vec<String> {
    let docs = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut is_inside = false;
    let mut commands = Vec::new();
    for line in docs.map(str::trim) {
        match line {
            "```sh" => is_inside = true,
            "```" => is_inside = false,
            _ if is_inside => commands.push(line.to_owned()),
            _ => {}
        }
    }
    commands
}

fn sh(command: &str) -> Output {
    Command::new("sh")
        .args(["-c", command])
        .env("NO_PROXY", "*")
        .output()
        .expect("a shell")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// What a handshake may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// What this machine may be late.
const LATE: Duration = Duration::from_secs(10);

/// Waits for the end of a connection on which nothing was sent.
fn assert_ends(mut idle: TcpStream, begun: Instant) {
    idle.set_read_timeout(Some(DEADLINE + LATE)).expect("set");
    let read = idle.read(&mut [0; 16]).expect("it ends in time");
    assert_eq!(read, 0);
    let after = begun.elapsed();
    assert!(after > DEADLINE - Duration::from_secs(1), "{after:?}");
}

/// Runs the commands in a folder of the test's own. Gives the responses to the last one, and to the same without a
/// certificate. Nobody waits for a handshake that does not begin, and it ends.
fn run(example: &str, source: &str, printed: &str) -> [Value; 2] {
    let folder = std::env::temp_dir().join(format!("{example}-{}", std::process::id()));
    let own = folder.display().to_string();
    let commands = commands(source);
    let commands: Vec<_> = commands
        .iter()
        .map(|it| it.replace(printed, &own))
        .collect();
    let [made @ .., start, ask] = &commands[..] else {
        panic!("{commands:?}");
    };
    assert_eq!(*start, format!("cargo run --example {example} {own}"));
    let output = sh(&made.join(" && "));
    assert!(output.status.success(), "{output:?}");
    let mut command = Command::new(binary(example));
    command.arg(&folder).arg("127.0.0.1:0");
    let server = spawn(command);
    let begun = Instant::now();
    let (_, port) = server.base.rsplit_once(':').expect("a port");
    let port: u16 = port.parse().expect("a port");
    let idle = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    assert!(ask.contains("https://localhost:3000"), "{ask}");
    let ask = ask.replace("https://localhost:3000", &server.base);
    let accepted = json(&sh(&ask));
    let own_files = format!(" --cert {own}/billing.pem --key {own}/billing.key");
    assert!(ask.contains(&own_files), "{ask}");
    let refused = json(&sh(&ask.replace(&own_files, "")));
    remove(&folder);
    assert_ends(idle, begun);
    [accepted, refused]
}

fn remove(folder: &Path) {
    std::fs::remove_dir_all(folder).expect("a folder");
}

#[test]
fn mtls_example_binds_tokens_to_the_certificate_that_an_authority_has_signed() {
    let source = include_str!("../../examples/mtls.rs");
    let [accepted, refused] = run("mtls", source, "/tmp/mtls");
    assert_eq!(accepted["access_token"], "a-token-for-billing");
    let thumbprint = accepted["cnf"]["x5t#S256"].as_str().expect("a thumbprint");
    assert_eq!(thumbprint.len(), 43);
    assert_eq!(refused["error"], "invalid_client");
}

#[test]
fn mtls_hyper_example_accepts_the_registered_key() {
    let source = include_str!("../../examples/mtls_hyper.rs");
    let [accepted, refused] = run("mtls_hyper", source, "/tmp/mtls-hyper");
    assert_eq!(accepted["access_token"], "a-token");
    let thumbprint = accepted["cnf"]["x5t#S256"].as_str().expect("a thumbprint");
    assert_eq!(thumbprint.len(), 43);
    assert_eq!(refused["error"], "invalid_client");
}

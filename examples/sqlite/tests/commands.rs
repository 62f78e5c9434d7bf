//! The program as its documentation shows it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use serde_json::{Value, from_slice};
use tempfile::TempDir;

const APP: &str = r#"{"client_id": "app", "grant_types": ["client_credentials"]}"#;

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_example-sqlite"));
    program.stderr(Stdio::null());
    program
}

fn run(database: &Path, arguments: &[&str]) -> Output {
    let mut program = program();
    program.arg("--database").arg(database).args(arguments);
    program.stderr(Stdio::piped()).output().expect("it runs")
}

fn printed(database: &Path, arguments: &[&str]) -> Value {
    let output = run(database, arguments);
    assert!(output.status.success(), "{output:?}");
    from_slice(&output.stdout).unwrap_or(Value::Null)
}

/// A server on a free port, which ends when this is dropped.
struct Server {
    child: Child,
    address: String,
    curl: Option<String>,
}

impl Server {
    fn start(mut program: Command) -> Self {
        program
            .args(["serve", "127.0.0.1:0"])
            .stdout(Stdio::piped());
        let mut child = program.spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let first = lines.next().expect("a line").expect("readable");
        let address = first
            .strip_prefix("listening on http://")
            .expect("an address");
        let address = address.to_owned();
        let mut server = Self {
            child,
            address,
            curl: None,
        };
        // With a file there is no second line until the server ends.
        if !program.get_args().any(|it| it == "--database") {
            server.curl = lines.next().map(|line| line.expect("readable"));
        }
        server
    }

    /// The status of a token request.
    fn post(&self, secret: &str) -> u16 {
        let form = format!("grant_type=client_credentials&client_id=app&client_secret={secret}");
        self.send("", &form)
    }

    fn send(&self, header: &str, form: &str) -> u16 {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        write!(
            stream,
            "POST /token HTTP/1.1\r\nHost: as\r\nConnection: close\r\n{header}Content-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}",
            form.len()
        )
        .expect("sent");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        let status = reply.split(' ').nth(1).expect("a status");
        status.parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn secrets_are_replaced_while_the_server_runs() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("clients.db");
    let metadata = APP.replace(
        '}',
        r#", "token_endpoint_auth_method": "client_secret_post"}"#,
    );
    let first = printed(&file, &["add-client", &metadata]);
    let mut program = program();
    program.arg("--database").arg(&file);
    let server = Server::start(program);

    let second = printed(&file, &["add-secret", "app", "--days", "30"]);
    let [first, second] = [&first, &second].map(|it| it["client_secret"].as_str().expect("one"));
    assert_eq!([server.post(first), server.post(second)], [200, 200]);
    printed(&file, &["revoke", "app", "1"]);
    assert_eq!([server.post(first), server.post(second)], [401, 200]);
}

#[test]
fn without_a_database_it_prints_a_request_that_works() {
    let server = Server::start(program());
    let curl = server.curl.clone().expect("a line");
    let words: Vec<_> = curl.split(' ').collect();
    let ["curl", "-u", user, "-d", form, uri] = words[..] else {
        panic!("{curl}");
    };
    assert_eq!(uri, format!("http://{}/token", server.address));
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, user);
    let status = server.send(&format!("Authorization: Basic {basic}\r\n"), form);
    assert_eq!(status, 200);
}

#[test]
fn wrong_arguments_print_the_usage_and_exit_with_2() {
    for arguments in [
        &["unknown"][..],
        &["serve", "127.0.0.1:0", "more"],
        &["add-client"],
        &["add-secret", "app", "--days"],
        &["add-secret", "app", "--days", "0"],
        &["add-secret", "app", "--days", "-1"],
        &["add-secret", "app", "--weeks", "1"],
        &["revoke", "app"],
        &["revoke", "app", "first"],
    ] {
        let output = run(Path::new("never.db"), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        assert!(output.stderr.starts_with(b"Usage: "), "{output:?}");
    }
    assert!(!Path::new("never.db").exists());
    // What is changed in memory is gone at once.
    let output = program()
        .args(["add-client", APP])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn a_database_that_is_not_there_is_an_error_and_not_made() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("typo.db");
    for arguments in [
        &["serve", "127.0.0.1:0"][..],
        &["add-secret", "app"],
        &["revoke", "app", "1"],
    ] {
        let output = run(&file, arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("typo.db: "), "{text}");
        assert!(!file.exists());
    }
}

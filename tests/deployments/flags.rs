//! Flags of the proxy that are wrong.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::common::token_server::{Process, binary, clients_file, run_example};
use crate::setup::PROOF;

/// Its exit code and its output on stderr. `None` if it does not end.
fn run(secret: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(binary("proxy"));
    command.args(arguments).env("PROXY_SECRET", secret);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let child = command.stderr(Stdio::piped()).spawn();
    let mut process = Process(child.expect("the example runs"));
    let code = process.exit_code(Duration::from_secs(20));
    let _ = process.0.kill();
    let mut stderr = String::new();
    let pipe = process.0.stderr.as_mut().expect("piped");
    pipe.read_to_string(&mut stderr).expect("UTF-8");
    (code, stderr)
}

#[test]
fn wrong_flags_are_told_in_one_line_and_end_with_2() {
    let clients = clients_file("proxy_flags", "[]");
    let clients = clients.to_string_lossy().into_owned();
    let right = [
        "--listen",
        "127.0.0.1:0",
        "--clients",
        &clients,
        "--upstream",
        "http://127.0.0.1:9",
    ];
    let up = |url| [&right[..4], &["--upstream", url]].concat();
    let and = |more: &[&'static str]| [&right[..], more].concat();
    let rows = [
        (PROOF, right[..4].to_vec(), "--upstream"),
        (PROOF, right[4..].to_vec(), "--clients"),
        (PROOF, up("https://127.0.0.1:9"), "--upstream"),
        (PROOF, up("http://127.0.0.1:9/path"), "--upstream"),
        (PROOF, up("127.0.0.1:9"), "--upstream"),
        (PROOF, and(&["--clients", "/nowhere"]), "--clients"),
        (PROOF, and(&["--listen", "nowhere"]), "--listen"),
        (PROOF, and(&["--issuer", "nowhere"]), "issuer"),
        (PROOF, and(&["--token", "token"]), "path"),
        (PROOF, and(&["--pass", "authorize"]), "--pass"),
        // Each of these could open another way to an endpoint of the layer.
        (PROOF, and(&["--pass", "/"]), "--pass"),
        (PROOF, and(&["--pass", "/Token"]), "--pass"),
        (PROOF, and(&["--pass", "/token/"]), "--pass"),
        (
            PROOF,
            and(&["--token", "/oauth/token", "--pass", "/OAuth/"]),
            "--pass",
        ),
        (PROOF, and(&["--header", "authorization"]), "--header"),
        (PROOF, and(&["--header", "x-forwarded-for"]), "--header"),
        (PROOF, and(&["--header", "x-verified-client"]), "--header"),
        (PROOF, and(&["--secret-file", "/nowhere"]), "--secret-file"),
        (PROOF, and(&["--secret", "x"]), "--secret"),
        (PROOF, and(&["--sign", "--header"]), "--header"),
        ("", right.to_vec(), "secret"),
        ("canary-short", right.to_vec(), "secret"),
        (
            "canary 23456789012345678901234567",
            right.to_vec(),
            "secret",
        ),
    ];
    for (secret, arguments, named) in rows {
        let (code, stderr) = run(secret, &arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(
            stderr.starts_with("proxy: ") && stderr.contains(named),
            "{arguments:?}: {stderr}"
        );
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
        assert!(!stderr.contains("canary"), "{stderr}");
    }
}

#[test]
fn help_names_every_flag() {
    let output = run_example("proxy", &["--help"]);
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    let code = include_str!("../../examples/proxy/options.rs");
    let flags = code
        .split('"')
        .filter(|it| it.starts_with("--") && !it.contains(' '));
    let flags: Vec<_> = flags.filter(|it| *it != "--help").collect();
    assert!(flags.len() >= 11, "{flags:?}");
    for flag in flags {
        assert!(help.contains(flag), "{flag}: {help}");
    }
}

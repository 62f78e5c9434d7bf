//! The commands in the first comment of an example, as they are there, but on free ports.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::authlib::has_authlib;
use crate::common::programs::free_port;
use crate::common::token_server::binary;

fn commands(example: &str) -> Vec<String> {
    let path = format!("{}/examples/{example}.rs", env!("CARGO_MANIFEST_DIR"));
    let code = std::fs::read_to_string(path).expect("an example");
    let comment = code.lines().map_while(|line| line.strip_prefix("//!"));
    let lines = comment.map(str::trim).skip_while(|line| *line != "```text");
    let commands = lines.skip(1).take_while(|line| *line != "```");
    commands.map(str::to_owned).collect()
}

/// Runs them in a folder of their own, and returns what they print that is JSON.
fn run(example: &str, changes: &[(&str, &str)], servers: &[&str]) -> Vec<Value> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = folder.join(format!("printed_{}_{example}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("cargo's folder for tests is writable");
    let wait = |server: &&str| {
        format!(
            "for try in $(seq 300); do curl -so page http://{server}/ && break; sleep 0.1; done\n"
        )
    };
    let mut script = "pids=\ntrap 'kill $pids' EXIT\n".to_owned();
    let mut has_waited = false;
    for command in commands(example) {
        if command.starts_with("curl") && !has_waited {
            script.extend(servers.iter().map(wait));
            has_waited = true;
        }
        let mut command = command.replace(" &", " > log 2>&1 & pids=\"$pids $!\"");
        for (from, to) in changes {
            command = command.replace(from, to);
        }
        script += &format!("{command}\necho\n");
    }
    let mut command = Command::new("sh");
    command.args(["-euc", &script]).current_dir(&folder);
    let output = command
        .env_remove("PROXY_SECRET")
        .output()
        .expect("sh runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{printed}{log}");
    let _ = std::fs::remove_dir_all(&folder);
    let lines = printed.lines();
    lines
        .filter_map(|it| serde_json::from_str(it).ok())
        .collect()
}

#[cfg(unix)]
#[test]
fn commands_of_proxy_work() {
    if !has_authlib() {
        return;
    }
    let [upstream, port] = [free_port(), free_port()];
    let server = format!("127.0.0.1:{port}");
    let upstream_server = format!("127.0.0.1:{upstream}");
    let program = format!("{} --listen {server}", binary("proxy").display());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/proxy/upstream.py");
    let answers = run(
        "proxy",
        &[
            // `.ci/run` has installed it.
            ("pip install authlib flask", "true"),
            ("examples/proxy/upstream.py", script),
            ("cargo run --example proxy --", &program),
            ("127.0.0.1:3000", &server),
            ("8080", &upstream.to_string()),
        ],
        &[&server, &upstream_server],
    );
    let [answer] = &answers[..] else {
        panic!("{answers:?}");
    };
    assert_eq!(answer["token_type"], "Bearer");
}

#[cfg(unix)]
#[test]
fn commands_of_multi_tenant_work() {
    let server = format!("127.0.0.1:{}", free_port());
    let program = binary("multi_tenant").display().to_string();
    let answers = run(
        "multi_tenant",
        &[
            ("cargo run --example multi_tenant", &program),
            ("[ADDRESS:PORT]", &server),
            ("127.0.0.1:3000", &server),
        ],
        &[&server],
    );
    let [acme, initech, document] = &answers[..] else {
        panic!("{answers:?}");
    };
    let token = |answer: &Value| answer["access_token"].to_string();
    assert!(token(acme).contains("https://acme.example.com"), "{acme}");
    assert!(token(initech).contains("/t/initech"), "{initech}");
    assert_eq!(document["issuer"], format!("http://{server}/t/initech"));
}

//! The commands of the README, and the answers that stand below them.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};

use crate::common::token_server::*;

/// The commands of the README, each with the answer that stands below it, for the server at `base`.
fn readme_commands(base: &str) -> Vec<(String, String)> {
    let readme = include_str!("../../README.md").replace("http://127.0.0.1:3000", base);
    let blocks: Vec<&str> = readme.split("```").skip(1).step_by(2).collect();
    let pairs = blocks.windows(2).filter_map(|pair| {
        let command = pair[0]
            .strip_prefix("sh\n")
            .filter(|it| it.starts_with("curl "))?;
        let (_language, answer) = pair[1].split_once('\n')?;
        Some((command.trim_end().to_owned(), answer.trim_end().to_owned()))
    });
    pairs.collect()
}

/// An answer as curl prints it, less what differs from one to the next: the head, which is empty
/// without `-i`, and the body.
fn comparable(answer: &str) -> (BTreeSet<String>, Value) {
    let (head, body) = answer.rsplit_once("\n\n").unwrap_or(("", answer));
    let varies = |line: &&str| line.starts_with("date: ") || line.starts_with("content-length: ");
    let head = head.lines().filter(|line| !varies(line));
    let mut body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    if let Some(token) = body.get_mut("access_token") {
        assert!(token.as_str().is_some_and(|token| token.len() >= 43));
        *token = json!("a token");
    }
    let id = body
        .get("trace_id")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let without_id = |text: &str| match &id {
        Some(id) => text.replace(id, "an-id"),
        None => text.to_owned(),
    };
    for member in ["trace_id", "error_description"] {
        if let Some(text) = body.get_mut(member) {
            *text = json!(without_id(text.as_str().expect("a string")));
        }
    }
    (head.map(without_id).collect(), body)
}

#[test]
fn commands_of_the_readme_are_among_the_printed_ones() {
    let server = start(&[]);
    let printed = server.printed();
    let commands = readme_commands(&server.base);
    assert_eq!(commands.len(), 2, "{commands:?}");
    for (command, _) in commands {
        assert!(printed.lines().any(|line| line == command), "{command}");
    }
}

#[cfg(unix)]
#[test]
fn answers_of_the_readme_are_those_of_the_server() {
    let server = start(&[]);
    for (command, expected) in readme_commands(&server.base) {
        let output = Command::new("sh").args(["-euc", &command]).output();
        let output = output.expect("sh runs");
        assert!(output.status.success(), "{command}: {output:?}");
        let answer = String::from_utf8(output.stdout).expect("UTF-8");
        let answer = answer.replace('\r', "");
        assert_eq!(comparable(&answer), comparable(&expected), "{command}");
    }
}

#[test]
fn what_the_readme_says_of_measuring_is_in_the_example() {
    let readme = include_str!("../../README.md");
    let example = include_str!("../../examples/overhead.rs");
    let lines: Vec<_> = example.lines().map(str::trim).collect();
    let block = readme.split("```rs\n").nth(1).expect("a block");
    let block = block.split("```").next().expect("its end");
    assert!(block.lines().count() >= 5);
    for line in block.lines() {
        let code = line.split(" //").next().unwrap_or(line).trim();
        assert!(lines.contains(&code), "{code}");
    }
}

/// A new user reads it in one sitting.
#[test]
fn the_readme_has_at_most_150_lines() {
    let lines = include_str!("../../README.md").lines().count();
    assert!(lines <= 150, "{lines}");
}

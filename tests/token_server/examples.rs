//! The other examples.

use std::process::Command;

use reqwest::StatusCode;

use crate::common::token_server::*;

#[test]
fn minimal_example_prints_the_answer_to_one_request() {
    let output = run_example("minimal", &[]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    assert!(
        stdout.starts_with("200 OK") && stdout.contains(r#""scope":"read""#),
        "{stdout}"
    );
}

#[test]
fn custom_store_example_keeps_its_tenants_apart() {
    let output = run_example("custom_store", &[]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<_> = stdout
        .lines()
        .filter_map(|line| line.split_once(": ")?.1.split(' ').next())
        .collect();
    assert_eq!(answers, ["200", "200", "401", "503", "503"], "{stdout}");
}

#[test]
fn custom_store_example_names_the_row_that_it_cannot_read() {
    let output = run_example("custom_store", &[]);
    let [stdout, stderr] = [output.stdout, output.stderr].map(String::from_utf8);
    let (stdout, stderr) = (stdout.expect("UTF-8"), stderr.expect("UTF-8"));
    for part in [r#"the client "app""#, "field `scope`", "one space between"] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    assert!(!stderr.contains("secret"), "{stderr}");
    // The client learns none of it.
    assert!(!stdout.contains("scope`"), "{stdout}");
}

#[test]
fn private_key_jwt_example_gets_one_token_for_one_assertion() {
    let output = run_example("private_key_jwt", &[]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    let says = |name: &str| {
        let mut lines = stdout.lines().filter_map(|line| line.split_once(": "));
        lines.find(|line| line.0 == name).map(|line| line.1)
    };
    let starts = |name, with| says(name).is_some_and(|text| text.starts_with(with));
    assert!(starts("first", r#"200 OK {"access_token":"#), "{stdout}");
    assert!(starts("second", "401 Unauthorized"), "{stdout}");
    assert_eq!(says("for the log"), Some("replayed_assertion"), "{stdout}");
}

#[tokio::test]
async fn hyper_server_example_answers_like_the_one_on_axum() {
    let mut command = Command::new(binary("hyper_server"));
    command.arg("127.0.0.1:0");
    let server = spawn(command);
    let demo = Who::Basic("demo", "demo-secret");
    let answer = server.token(demo, &[CLIENT_CREDENTIALS]).await.granted();
    assert_eq!(answer.text("token_type"), "Bearer");
    let answer = server
        .token(demo.with_secret("wrong"), &[CLIENT_CREDENTIALS])
        .await;
    answer.refused(401, "invalid_client");
    let other = server
        .http
        .get(format!("{}/other", server.base))
        .send()
        .await;
    assert_eq!(
        other.expect("the server answers").status(),
        StatusCode::NOT_FOUND
    );
}

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
fn observability_example_shows_one_id_in_response_log_and_span() {
    let output = run_example("observability", &[]);
    assert!(output.status.success(), "{output:?}");
    let [stdout, stderr] = [output.stdout, output.stderr].map(String::from_utf8);
    let (stdout, stderr) = (stdout.expect("UTF-8"), stderr.expect("UTF-8"));
    let body = stdout.lines().find(|line| line.starts_with(r#"{"error""#));
    let body: serde_json::Value = serde_json::from_str(body.expect("a body")).expect("JSON");
    let id = body["trace_id"].as_str().expect("an id");
    assert!(
        stdout.contains(&format!(r#""x-request-id": "{id}""#)),
        "{stdout}"
    );
    let events = stderr
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let events: Vec<serde_json::Value> = events.collect();
    let is_decision = |event: &&serde_json::Value| event["fields"]["message"] == "token request";
    let event = events
        .iter()
        .find(is_decision)
        .expect("the event of the decision");
    assert_eq!(event["fields"]["trace_id"], id);
    // A plain string: no quotes inside of quotes.
    assert_eq!(event["fields"]["client_id"], "demo");
    assert_eq!(event["fields"]["reason"], "wrong_secret");
    assert_eq!(event["span"]["trace_id"], id);
    // The span, and its event.
    for (name, value) in [("trace_id", id), ("reason", "wrong_secret")] {
        let attribute = format!("{name}: String(Owned(\"{value}\"))");
        assert!(stdout.contains(&attribute), "{attribute}: {stdout}");
    }
    assert!(
        stdout.contains(r#"reason="wrong_secret""#),
        "the metrics: {stdout}"
    );
}

#[test]
fn overhead_example_prints_a_table_with_what_the_layer_adds() {
    let output = run_example("overhead", &["1"]);
    assert!(output.status.success(), "{output:?}");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    let rows = stdout.lines().skip(2).map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let number = |cell: &str| cell.parse::<u64>().expect("a number");
        (cells[0].to_owned(), number(cells[4]), number(cells[5]))
    });
    let rows: Vec<_> = rows.collect();
    let [accepted, wrong, other] = &rows[..] else {
        panic!("{stdout}");
    };
    assert_eq!(
        (&*accepted.0, &*wrong.0, &*other.0),
        ("accepted", "wrong secret", "another path")
    );
    assert!(accepted.2 > accepted.1, "{stdout}");
    // A request for another path is not touched.
    assert_eq!(other.1, other.2, "{stdout}");
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

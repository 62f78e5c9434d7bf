//! The flags, and what there is without them.

use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use crate::common::token_server::*;
use crate::site::{DOCUMENTS, LOCAL_DOCUMENTS, Site, authorize, page, start_local, start_with};
use crate::trap::Trap;

#[test]
fn wrong_flags_are_one_line_and_exit_2() {
    for (arguments, says) in [
        (vec![LOCAL_DOCUMENTS], [LOCAL_DOCUMENTS, "needs"]),
        (vec![DOCUMENTS, DOCUMENTS], [DOCUMENTS, "twice"]),
        (
            vec!["--client-documents=true"],
            [DOCUMENTS, "takes no value"],
        ),
        (
            vec![DOCUMENTS, "--dangerously-allow-local-client-documents=1"],
            [LOCAL_DOCUMENTS, "takes no value"],
        ),
        (vec![DOCUMENTS, "yes"], ["yes", "unknown argument"]),
    ] {
        let output = run(&arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
        for part in says {
            assert!(stderr.contains(part), "{arguments:?}: {stderr}");
        }
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn without_root_certificates_the_server_does_not_start() {
    let mut command = command(&[DOCUMENTS]);
    command
        .env("SSL_CERT_FILE", "/nonexistent/roots.pem")
        .env_remove("SSL_CERT_DIR")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut process = Process(command.spawn().expect("the example runs"));
    assert_eq!(process.exit_code(Duration::from_secs(20)), Some(2));
    let mut stderr = String::new();
    let pipe = process.0.stderr.as_mut().expect("piped");
    pipe.read_to_string(&mut stderr).expect("UTF-8");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for part in [DOCUMENTS, "root certificates"] {
        assert!(stderr.contains(part), "{stderr}");
    }
}

#[tokio::test]
async fn discovery_says_whether_there_are_documents() {
    const SUPPORTED: &str = "client_id_metadata_document_supported";
    // No client of this file is public.
    let clients = json!([{ "client_id": "confidential", "client_secret": "a-secret" }]);
    let clients = clients_file("confidential", &clients.to_string());
    let clients = ["--clients", &*clients.to_string_lossy()];
    let document = start_with(&[&clients[..], &[DOCUMENTS]].concat())
        .discovery()
        .await;
    assert_eq!(document[SUPPORTED], true);
    let methods = &document["token_endpoint_auth_methods_supported"];
    let methods = methods.as_array().expect("an array");
    assert!(methods.contains(&json!("none")), "{methods:?}");

    let document = start_with(&clients).discovery().await;
    assert_ne!(document[SUPPORTED], true);
}

/// The same page and the same 401 as for any other unknown client.
#[tokio::test]
async fn without_the_flag_the_client_is_unknown_and_nothing_is_fetched() {
    let (trap, server) = (Trap::set(), start_with(&[]));
    let unknown = page(authorize(&server, "unknown", CALLBACK).await, 400).await;
    for scheme in ["https", "http"] {
        for host in ["localhost", "127.0.0.1"] {
            let url = format!("{scheme}://{host}:{}/client.json", trap.port());
            let text = page(authorize(&server, &url, CALLBACK).await, 400).await;
            assert_eq!(text, unknown);
            let answer = server.redeem(Who::Public(url.leak()), "a-code").await;
            answer.refused(401, "invalid_client");
        }
    }
    trap.assert_untouched();
}

#[tokio::test]
async fn without_the_second_flag_nothing_is_fetched_from_this_machine() {
    let (trap, server) = (Trap::set(), start_with(&[DOCUMENTS]));
    for origin in [
        "https://localhost",
        "https://LocalHost",
        "https://127.0.0.1",
        "https://[::1]",
        "https://2130706433",
        "http://localhost",
        "http://127.0.0.1",
    ] {
        let url = format!("{origin}:{}/client.json", trap.port());
        let text = page(authorize(&server, &url, CALLBACK).await, 400).await;
        // What the name means in this network is not told.
        assert!(
            !text.contains("127.0.0.1") && !text.contains("::1"),
            "{text}"
        );
        let answer = server.redeem(Who::Public(url.leak()), "a-code").await;
        answer.refused(401, "invalid_client");
    }
    trap.assert_untouched();
}

/// `localhost` is a name, which the resolver of this machine knows.
#[tokio::test]
async fn with_the_second_flag_documents_are_at_any_name_of_this_machine() {
    let (site, server) = (Site::start().await, start_local(&[]));
    let url = site.url("/client.json").replace("127.0.0.1", "localhost");
    let client = site.publish_at(&url, "/client.json", json!({}));
    server.grant(client, "read").await;
}

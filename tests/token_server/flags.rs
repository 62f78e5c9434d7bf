//! The flags of the process, and how it says that one is wrong.

use tokio::net::TcpSocket;

use crate::common::token_server::*;

const SECRET: &str = "--dpop-nonce-secret";

#[test]
fn wrong_flags_and_clients_files_are_one_line_on_stderr_and_exit_2() {
    let missing = "/nonexistent/clients.json";
    let not_json = clients_file("not_json", "[{");
    let object = clients_file("object", "{}");
    let bad_scope = clients_file(
        "bad_scope",
        r#"[{"client_id": "good", "client_secret": "canary"},
            {"client_id": "bad\nid", "client_secret": "canary", "scope": "a  b"}]"#,
    );
    let duplicate = clients_file(
        "duplicate",
        r#"[{"client_id": "twin", "client_secret": "canary"},
            {"client_id": "twin", "client_secret": "canary"}]"#,
    );
    let bad_hash = clients_file(
        "bad_hash",
        r#"[{"client_id": "good", "client_secret": "canary"},
            {"client_id": "bad", "client_secrets": [{"secret": "canary"},
             {"hash": "$argon2id$v=19$m=8,p=1$canarycanarycan$canary"}]}]"#,
    );
    let public = clients_file(
        "public",
        r#"[{"client_id": "good", "token_endpoint_auth_method": "private_key_jwt",
             "jwks_uri": "https://client.example.com/jwks.json"},
            {"client_id": "public", "token_endpoint_auth_method": "none"}]"#,
    );
    let [not_json, object, bad_scope, duplicate, bad_hash, public] = [
        &not_json, &object, &bad_scope, &duplicate, &bad_hash, &public,
    ]
    .map(|path| path.to_string_lossy());
    let any_port = "--listen=127.0.0.1:0";
    // If a socket is bound and does not listen, nobody else can.
    let bound = TcpSocket::new_v4().expect("a socket");
    let any = "127.0.0.1:0".parse().expect("an address");
    bound.bind(any).expect("there is a free port");
    let nobody = bound.local_addr().expect("it is bound");
    let no_redis = format!("redis://:canary@{nobody}");
    let local_with_a_value = format!("{LOCAL}=yes");
    let (secret, short, long) = ("0a".repeat(32), "0a".repeat(31), "0a".repeat(33));
    let (signed, wide) = (format!("+{}", &secret[1..]), "é".repeat(32));
    for (arguments, says) in [
        (vec!["--frobnicate"], vec!["--frobnicate"]),
        (vec!["positional"], vec!["positional"]),
        (vec!["two\nlines"], vec!["two"]),
        (vec!["--listen"], vec!["--listen", "value"]),
        (vec!["--listen="], vec!["--listen", "value"]),
        (vec!["--listen", "nonsense"], vec!["--listen", "nonsense"]),
        (
            vec!["--listen", "127.0.0.1:99999"],
            vec!["--listen", "127.0.0.1:99999"],
        ),
        (vec![any_port, any_port], vec!["--listen", "twice"]),
        (
            vec![any_port, "--issuer", "not a url"],
            vec!["--issuer", "not a url"],
        ),
        (
            vec![any_port, "--issuer", "as.example.com"],
            vec!["--issuer", "as.example.com"],
        ),
        (
            vec![any_port, "--clients", missing],
            vec!["--clients", missing, "No such file"],
        ),
        (vec![any_port, "--clients", "/"], vec!["--clients", "\"/\""]),
        (
            vec![any_port, "--clients", &not_json],
            vec!["--clients", &not_json, "line 1"],
        ),
        (
            vec![any_port, "--clients", &object],
            vec!["--clients", &object],
        ),
        (
            vec![any_port, "--clients", &bad_scope],
            vec!["--clients", "entry 1", "scope"],
        ),
        (
            vec![any_port, "--clients", &duplicate],
            vec!["--clients", "entry 1", "twin"],
        ),
        (
            vec![any_port, "--clients", &bad_hash],
            vec![
                "--clients",
                "entry 1",
                "`client_secrets`",
                "entry 1, `hash`",
                "`t` is missing",
            ],
        ),
        (vec!["--redis"], vec!["--redis", "value"]),
        (vec![any_port, "--redis", "nonsense"], vec!["--redis"]),
        (
            vec![any_port, "--redis", "http://:canary@127.0.0.1"],
            vec!["--redis"],
        ),
        (
            vec![any_port, "--redis", &no_redis],
            vec!["--redis", "cannot be reached"],
        ),
        (
            vec!["--accept-endpoint-audience=true"],
            vec!["--accept-endpoint-audience", "no value"],
        ),
        (
            vec!["--par-required=true"],
            vec!["--par-required", "no value"],
        ),
        (vec!["--poll-interval"], vec!["--poll-interval", "value"]),
        (
            vec!["--poll-interval=0"],
            vec!["--poll-interval \"0\"", "1 to 60"],
        ),
        (
            vec!["--poll-interval", "61"],
            vec!["--poll-interval \"61\"", "1 to 60"],
        ),
        (
            vec!["--poll-interval", "soon"],
            vec!["--poll-interval \"soon\"", "1 to 60"],
        ),
        (vec![LOCAL, LOCAL], vec![LOCAL, "twice"]),
        (vec![&local_with_a_value], vec![LOCAL, "no value"]),
        (vec![any_port, "--throttle="], vec!["--throttle", "value"]),
        (
            vec![any_port, "--throttle", "many"],
            vec!["--throttle \"many\"", "BURST/SECONDS"],
        ),
        (
            vec![any_port, "--throttle=5"],
            vec!["--throttle \"5\"", "BURST/SECONDS"],
        ),
        (
            vec![any_port, "--throttle", "5/-1"],
            vec!["--throttle \"5/-1\"", "BURST/SECONDS"],
        ),
        (
            vec![any_port, "--throttle", "0/12"],
            vec!["--throttle", "burst from 1"],
        ),
        (
            vec![any_port, "--throttle", "5/0"],
            vec!["--throttle", "longer than zero"],
        ),
        (
            vec![any_port, "--throttle", "5/9999999"],
            vec!["--throttle", "at most 7 days"],
        ),
        (
            vec![any_port, "--throttle", "--throttle=5/12"],
            vec!["--throttle", "twice"],
        ),
        (
            vec![any_port, "--throttle", "--frobnicate"],
            vec!["--frobnicate"],
        ),
        (
            vec![any_port, "--client-address-header", "x-real-ip"],
            vec!["--client-address-header", "--throttle"],
        ),
        (
            vec![any_port, "--throttle", "--client-address-header"],
            vec!["--client-address-header", "value"],
        ),
        (
            vec![any_port, "--throttle", "--client-address-header", "a b"],
            vec!["--client-address-header \"a b\"", "name of a header"],
        ),
        (vec!["--profile"], vec!["--profile", "value"]),
        (
            vec!["--profile", "fapi1"],
            vec!["--profile \"fapi1\"", "oauth21 or fapi2"],
        ),
        (
            vec!["--profile", "fapi2", "--profile=fapi2"],
            vec!["--profile", "twice"],
        ),
        (
            vec![any_port, "--profile=oauth21", "--accept-endpoint-audience"],
            vec!["--accept-endpoint-audience", "contradicts `profile`"],
        ),
        (
            vec![any_port, "--profile=fapi2", "--clients", &public],
            vec![
                "--clients",
                &public,
                "entry 1",
                "public",
                "token_endpoint_auth_method",
            ],
        ),
        (vec!["--dpop-nonces=yes"], vec!["--dpop-nonces", "no value"]),
        (
            vec!["--dpop-required=yes"],
            vec!["--dpop-required", "no value"],
        ),
        (
            vec!["--dpop-required", "--dpop-required"],
            vec!["--dpop-required", "twice"],
        ),
        (vec![SECRET], vec![SECRET, "value"]),
        (vec![SECRET, "canary"], vec![SECRET, "number 1", "64 hex"]),
        (vec![SECRET, &short], vec![SECRET, "64 hex"]),
        (vec![SECRET, &long], vec![SECRET, "64 hex"]),
        (vec![SECRET, &signed], vec![SECRET, "64 hex"]),
        (vec![SECRET, &wide], vec![SECRET, "64 hex"]),
        (
            vec![SECRET, &secret, SECRET, "canary"],
            vec![SECRET, "number 2", "64 hex"],
        ),
    ] {
        let output = run(&arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
        for part in says {
            assert!(
                stderr.contains(part),
                "{arguments:?} does not say {part:?}: {stderr}"
            );
        }
        assert!(!stderr.contains("canary"), "{stderr}");
        assert!(!stderr.contains("0a0a"), "{stderr}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn every_wrong_nonce_secret_is_one_line() {
    let right = "0A".repeat(32);
    let output = run(&[SECRET, "canary", SECRET, &right, SECRET, "0b"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    let lines: Vec<_> = stderr.lines().collect();
    let [first, third] = lines[..] else {
        panic!("{stderr}");
    };
    assert!(
        first.contains("number 1") && third.contains("number 3"),
        "{stderr}"
    );
    assert!(
        !stderr.contains("canary") && !stderr.contains("0b"),
        "{stderr}"
    );
}

#[test]
fn every_problem_of_a_clients_file_is_one_line() {
    let path = clients_file(
        "several",
        r#"[{"client_id": "a", "client_secret": "canary", "scope": "a  b", "redirect_uris": ["/cb"]},
            {"client_id": "fine", "client_secret": "canary", "scopes": "read"},
            5,
            {"client_id": "c\nd"}]"#,
    );
    let path = path.to_string_lossy();
    let output = run(&["--listen=127.0.0.1:0", "--clients", &path]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(output.stdout.is_empty());
    let lines: Vec<_> = stderr.lines().collect();
    let parts = [
        ["entry 0", "`scope`"],
        ["entry 0", "`redirect_uris`"],
        ["entry 2", "a number"],
        ["entry 3", "`client_secret`"],
    ];
    assert_eq!(lines.len(), parts.len(), "{stderr}");
    for (line, parts) in lines.iter().zip(parts) {
        assert!(line.starts_with("token_server: --clients \""), "{line}");
        for part in [&path, parts[0], parts[1]] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }
    assert!(!stderr.contains("canary"), "{stderr}");
}

#[tokio::test]
async fn warnings_of_a_clients_file_are_one_line_each_and_it_serves() {
    let path = clients_file(
        "warnings",
        "\u{feff}[{\"client_id\": \"a\", \"client_secret\": \"canary\", \"scopes\": \"canary\", \
         \"redirectUris\": [], \"grant_types\": [\"client_credentials\", \"refresh-token\"]}]",
    );
    let server = start(&["--clients", &path.to_string_lossy()]);
    let client = Who::Basic("a", "canary");
    server.token(client, &[CLIENT_CREDENTIALS]).await.granted();
    let stderr = wait_for("warnings", || {
        let stderr = server.stderr.lock().expect("it does not panic");
        Some(stderr.clone()).filter(|it| it.matches(" WARN ").count() > 1)
    });
    let lines: Vec<_> = stderr.lines().filter(|it| it.contains(" WARN ")).collect();
    let [grant, scopes] = lines[..] else {
        panic!("{stderr}");
    };
    assert!(grant.contains("`refresh_token`"), "{grant}");
    assert!(scopes.contains("entry 0 (client_id \"a\")"), "{scopes}");
    assert!(
        scopes.contains("`scopes`") && scopes.contains("`scope`"),
        "{scopes}"
    );
    assert!(!stderr.contains("canary"), "{stderr}");
}

#[test]
fn address_in_use_is_one_line_on_stderr_and_exit_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let output = run(&["--listen", &address]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains(&address) && stderr.lines().count() == 1,
        "{stderr}"
    );
}

#[test]
fn help_names_every_flag_on_stdout_and_exits_0() {
    for flag in ["--help", "-h"] {
        let output = run(&[flag]);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0));
        for flag in [
            "--listen",
            "--issuer",
            "--clients",
            "--client-documents",
            "--dangerously-allow-local-client-documents",
            "--redis",
            "--accept-endpoint-audience",
            LOCAL,
            "--profile",
            "--par-required",
            "--poll-interval",
            "--throttle",
            "--client-address-header",
            "--dpop-nonces",
            SECRET,
            "--dpop-required",
            "--help",
        ] {
            assert!(stdout.contains(flag), "{stdout}");
        }
        assert!(output.stderr.is_empty());
    }
}

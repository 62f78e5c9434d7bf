//! Identifiers of requests, and `/metrics`.

use crate::common::token_server::*;

#[test]
fn every_response_of_an_endpoint_has_the_id_that_a_proxy_sent() {
    let server = start(&[]);
    let send = |path: &str, secret: &str, body: &str| {
        let url = format!("{}{path}", server.base);
        let output = std::process::Command::new("curl")
            .args(["-si", "-u", &format!("demo-basic:{secret}"), "-d", body])
            .args(["-H", "x-request-id: req-1", &url])
            .output()
            .expect("curl runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let form = "grant_type=client_credentials";
    for (path, secret, body, status) in [
        ("/token", "demo-basic-secret", form, "200"),
        ("/token", "wrong", form, "401"),
        (
            "/token",
            "demo-basic-secret",
            "grant_type=refresh_token&refresh_token=x",
            "400",
        ),
        ("/introspect", "demo-basic-secret", "token=x", "200"),
        ("/revoke", "wrong", "token=x", "401"),
    ] {
        let response = send(path, secret, body);
        assert!(
            response.starts_with(&format!("HTTP/1.1 {status} ")),
            "{response}"
        );
        assert!(
            response.contains("\r\nx-request-id: req-1\r\n"),
            "{response}"
        );
        if status != "200" {
            assert!(response.contains(r#""trace_id":"req-1""#), "{response}");
        }
    }
}

#[test]
fn metrics_are_counted_for_prometheus() {
    let server = start(&[]);
    let get = |arguments: &[&str]| {
        let curl = std::process::Command::new("curl")
            .arg("-s")
            .args(arguments)
            .output();
        String::from_utf8(curl.expect("curl runs").stdout).expect("UTF-8")
    };
    let (token, metrics) = (
        format!("{}/token", server.base),
        format!("{}/metrics", server.base),
    );
    get(&[
        "-u",
        "demo-basic:demo-basic-secret",
        "-d",
        "grant_type=client_credentials",
        &token,
    ]);
    let text = get(&[&metrics]);
    let counted = r#"oauth_client_authentication_total{endpoint="token",outcome="accepted",reason="",method="client_secret_basic",grant_type="client_credentials"} 1"#;
    assert!(text.contains(counted), "{text}");
    let bucket = r#"oauth_client_authentication_duration_seconds_bucket{endpoint="token",outcome="accepted",le="0.00025"}"#;
    assert!(text.contains(bucket), "{text}");
}

/// The label `reason` is the cause of a 401.
#[test]
fn metrics_are_not_for_strangers() {
    let get = |arguments: &[&str]| {
        let curl = std::process::Command::new("curl")
            .args(["-s", "-w", " %{http_code}"])
            .args(arguments)
            .output();
        String::from_utf8(curl.expect("curl runs").stdout).expect("UTF-8")
    };
    let server = start(&["--throttle", "--client-address-header", "x-real-ip"]);
    let metrics = format!("{}/metrics", server.base);
    // Prometheus on this machine, and strangers behind a proxy on this machine.
    for (header, status) in [
        ("accept: */*", " 200"),
        ("forwarded: for=192.0.2.1", " 404"),
        ("x-forwarded-for: 192.0.2.1", " 404"),
        ("x-real-ip: 192.0.2.1", " 404"),
    ] {
        let text = get(&["-H", header, &metrics]);
        assert!(text.ends_with(status), "{header}: {text}");
        let tells = text.contains("oauth_") || text.contains("/metrics");
        assert!(!tells || status == " 200", "{header}: {text}");
    }

    let socket = std::net::UdpSocket::bind("0.0.0.0:0").expect("a socket");
    // Nothing is sent. The kernel chooses the address that it would send from.
    let own = socket.connect("192.0.2.1:9").and(socket.local_addr());
    let Some(own) = own.ok().filter(|own| !own.ip().is_loopback()) else {
        eprintln!("SKIPPED: this machine has no address but its loopback");
        return;
    };
    let mut command = std::process::Command::new(binary("token_server"));
    command.args(["--listen", "0.0.0.0:0"]);
    let server = spawn(command);
    let port = server.base.rsplit_once(':').expect("a port").1;
    for (host, status) in [(own.ip().to_string(), " 404"), ("127.0.0.1".into(), " 200")] {
        let text = get(&[&format!("http://{host}:{port}/metrics")]);
        assert!(text.ends_with(status), "{host}: {text}");
    }
}

/// Each `error_uri` leads to a page about its code, also below the path of an issuer.
#[test]
fn the_uri_of_an_error_is_a_page_about_its_code() {
    let server = start(&[]);
    let tenant = start(&["--issuer", "http://127.0.0.1:1/tenant"]);
    for (base, token, issuer) in [
        (&server.base, "/token", server.base.as_str()),
        (&tenant.base, "/tenant/token", "http://127.0.0.1:1"),
    ] {
        let curl = |arguments: &[&str]| {
            let output = std::process::Command::new("curl")
                .arg("-s")
                .args(arguments)
                .output();
            String::from_utf8(output.expect("curl runs").stdout).expect("UTF-8")
        };
        let body = curl(&["-d", "grant_type=x", &format!("{base}{token}")]);
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        let uri = body["error_uri"].as_str().expect("a URI");
        let path = uri.strip_prefix(issuer).expect("below the issuer");
        let page = curl(&["-i", &format!("{base}{path}")]);
        assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
        assert!(
            page.contains("<h1") && page.contains("invalid_client"),
            "{page}"
        );
    }
}

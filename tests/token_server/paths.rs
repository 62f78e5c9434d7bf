//! Where the endpoints are, and what is at other paths.

use std::process::Command;

use http::{Method, StatusCode, header};

use crate::authorize::request;
use crate::common::Reply;
use crate::common::token_server::*;
use crate::output::script_of;

async fn send(server: &Server, method: Method, path: &str) -> Reply {
    let request = server
        .http
        .request(method, format!("{}{path}", server.base))
        .form(&[CLIENT_CREDENTIALS]);
    let response = request.send().await.expect("the server answers");
    Reply::read(http::Response::from(response)).await
}

const ALL: &str = "/token, /introspect, /revoke, /par, /device_authorization, /device, \
                   /backchannel_authentication, /authorize, /resource, \
                   and /.well-known/oauth-authorization-server";

#[tokio::test]
async fn every_other_path_is_a_json_404_that_says_which_path_there_is() {
    let server = start(&[]);
    for (path, hint) in [
        ("/token/", "use /token"),
        ("//token", "use /token"),
        ("/token//", "use /token"),
        ("/Token", "use /token"),
        ("/oauth/token", "use /token"),
        ("/oauth2/v1/token", "use /token"),
        ("/token/?a=b", "use /token"),
        ("/introspect/", "use /introspect"),
        ("/revoke/", "use /revoke"),
        ("/oauth/revoke", "use /revoke"),
        ("/par/", "use /par"),
        ("/device/", "use /device"),
        ("/device_authorization/", "use /device_authorization"),
        (
            "/oauth/backchannel_authentication",
            "use /backchannel_authentication",
        ),
        ("/authorize/", "use /authorize"),
        ("/authorize/?response_type=code", "use /authorize"),
        (
            "/.well-known/openid-configuration",
            "use /.well-known/oauth-authorization-server",
        ),
        (
            "/.well-known/oauth-authorization-server/",
            "use /.well-known/oauth-authorization-server",
        ),
        (
            "/tenant/.well-known/oauth-authorization-server",
            "use /.well-known/oauth-authorization-server",
        ),
        ("/", ALL),
        ("/favicon.ico", ALL),
        ("/tokens", ALL),
        ("/token/canary", ALL),
        ("/%74oken", ALL),
    ] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let answer = send(&server, method, path).await;
            answer.refused(404, "invalid_request");
            let description = answer.text("error_description");
            assert!(description.ends_with(hint), "{path}: {description}");
            assert!(!description.contains("canary"), "{description}");
        }
    }
}

#[tokio::test]
async fn wrong_method_is_a_json_405_that_says_which_there_are() {
    let server = start(&[]);
    for (path, allowed, methods) in [
        (
            "/token",
            "POST",
            [Method::GET, Method::OPTIONS, Method::PUT],
        ),
        (
            "/introspect",
            "POST",
            [Method::GET, Method::OPTIONS, Method::PUT],
        ),
        (
            "/revoke",
            "POST",
            [Method::GET, Method::OPTIONS, Method::PUT],
        ),
        ("/par", "POST", [Method::GET, Method::OPTIONS, Method::PUT]),
        (
            "/device_authorization",
            "POST",
            [Method::GET, Method::OPTIONS, Method::PUT],
        ),
        (
            "/backchannel_authentication",
            "POST",
            [Method::GET, Method::OPTIONS, Method::PUT],
        ),
        (
            "/device",
            "GET,HEAD",
            [Method::POST, Method::OPTIONS, Method::PUT],
        ),
        (
            "/authorize",
            "GET,HEAD",
            [Method::POST, Method::OPTIONS, Method::PUT],
        ),
        (
            "/resource",
            "GET,HEAD,POST",
            [Method::DELETE, Method::OPTIONS, Method::PUT],
        ),
        (
            "/.well-known/oauth-authorization-server",
            "GET,HEAD",
            [Method::POST, Method::OPTIONS, Method::PUT],
        ),
    ] {
        for method in methods {
            let request = server
                .http
                .request(method, format!("{}{path}", server.base));
            let response = request.send().await.expect("the server answers");
            let answer = Reply::read(http::Response::from(response)).await;
            answer.refused(405, "invalid_request");
            assert_eq!(answer.header(header::ALLOW), allowed, "{path}");
        }
    }
}

/// RFC 8414 §3.1: the path of the issuer follows the well-known part.
#[tokio::test]
async fn endpoints_are_below_the_path_of_the_issuer() {
    for (issuer, base) in [
        ("http://127.0.0.1:3000", ""),
        ("https://as.example.com/", ""),
        ("http://127.0.0.1:3000/tenant", "/tenant"),
        ("https://as.example.com/tenant/", "/tenant"),
        ("https://as.example.com/a/b", "/a/b"),
        ("https://as.example.com/:a/*b", "/:a/*b"),
        ("https://as.example.com/a%20b/c~d", "/a%20b/c~d"),
        ("https://as.example.com/token", "/token"),
        (
            "https://as.example.com/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server",
        ),
    ] {
        let server = start(&["--issuer", issuer]);
        let discovery = format!("/.well-known/oauth-authorization-server{base}");
        let document = send(&server, Method::GET, &discovery).await.granted();
        let document = document.json();
        assert_eq!(document["issuer"], issuer);
        for (member, path) in [
            ("authorization_endpoint", "authorize"),
            ("token_endpoint", "token"),
            ("introspection_endpoint", "introspect"),
            ("revocation_endpoint", "revoke"),
            ("pushed_authorization_request_endpoint", "par"),
            ("device_authorization_endpoint", "device_authorization"),
            (
                "backchannel_authentication_endpoint",
                "backchannel_authentication",
            ),
        ] {
            let url = format!("{}/{path}", issuer.trim_end_matches('/'));
            assert_eq!(document[member], url);
        }

        let token = format!("{base}/token");
        let answer = server.post(&token, BASIC, &[CLIENT_CREDENTIALS]).await;
        let answer = answer.granted();
        let form = [("token", answer.text("access_token"))];
        let introspect = format!("{base}/introspect");
        let found = server.post(&introspect, BASIC, &form).await.granted();
        assert_eq!(found.json()["active"], true);
        assert_eq!(found.json()["iss"], issuer);
        let revoke = format!("{base}/revoke");
        server.post(&revoke, BASIC, &form).await.granted();
        let found = server.post(&introspect, BASIC, &form).await.granted();
        assert_eq!(found.json()["active"], false);
        let wrong = BASIC.with_secret("wrong");
        let refused = server.post(&token, wrong, &[CLIENT_CREDENTIALS]).await;
        refused.refused(401, "invalid_client");

        let device = Who::Public("demo-device");
        let path = format!("{base}/device_authorization");
        let answer = server.post(&path, device, &[]).await.granted();
        let page = answer.text("verification_uri");
        assert_eq!(page, format!("{}/device", issuer.trim_end_matches('/')));
        let code = [("user_code", answer.text("user_code"))];
        let page = server.http.get(format!("{}{base}/device", server.base));
        let page = page.query(&code).send().await;
        assert_eq!(page.expect("the server answers").status(), StatusCode::OK);

        let path = format!("{base}/par");
        let mut form = request(&[]);
        form.retain(|(name, _)| *name != "client_id");
        let pushed = server.post(&path, PUBLIC, &form).await;
        let request_uri = pushed.text("request_uri");

        let ciba = Who::Basic("demo-ciba", "demo-ciba-secret");
        let path = format!("{base}/backchannel_authentication");
        let form = [("scope", "read"), ("login_hint", "demo-user")];
        server.post(&path, ciba, &form).await.granted();

        let url = format!("{}{base}/authorize", server.base);
        let query = [("client_id", PUBLIC.id()), ("request_uri", request_uri)];
        let response = server.http.get(&url).query(&query).send().await;
        let (_, query) = location(&response.expect("the server answers"));
        assert!(value(&query, "code").is_some(), "{query:?}");
        let response = server.http.get(url).query(&request(&[])).send().await;
        let response = response.expect("the server answers");
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let (_, query) = location(&response);
        assert_eq!(value(&query, "iss"), Some(issuer));
        let code = value(&query, "code").expect("an approval carries a code");
        let redeemed = server.post(&token, PUBLIC, &exchange(code)).await;
        redeemed.granted();

        if !base.is_empty() {
            for path in ["/introspect", "/.well-known/oauth-authorization-server/"] {
                let answer = send(&server, Method::POST, path).await;
                answer.refused(404, "invalid_request");
                let meant = if path == "/introspect" {
                    &introspect
                } else {
                    &discovery
                };
                let description = answer.text("error_description");
                assert!(
                    description.ends_with(&format!("use {meant}")),
                    "{description}"
                );
            }
        }
    }
}

#[tokio::test]
async fn error_pages_are_below_the_path_of_the_issuer() {
    for (issuer, base) in [
        ("https://as.example.com", ""),
        ("https://as.example.com/tenant/", "/tenant"),
        ("https://as.example.com/a/b", "/a/b"),
    ] {
        let server = start(&["--issuer", issuer]);
        let get = |path: String| server.http.get(format!("{}{base}{path}", server.base));
        let page = get("/errors/invalid_client".to_owned()).send().await;
        let page = page.expect("the server answers");
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(
            page.headers()[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        let html = page.text().await.expect("a text");
        assert!(
            html.contains("<h1><code>invalid_client</code></h1>"),
            "{html}"
        );
        assert!(
            html.contains(&format!("action=\"{base}/errors/\"")),
            "{html}"
        );
        let token = format!("{}/token", issuer.trim_end_matches('/'));
        assert!(html.contains(&token), "{html}");

        let found = get("/errors/?q=wrong_secret".to_owned()).send().await;
        let found = found.expect("the server answers");
        assert_eq!(found.status(), StatusCode::SEE_OTHER);
        let place = format!("{base}/errors/invalid_client#wrong_secret");
        assert_eq!(found.headers()[header::LOCATION], place);
        let unknown = get("/errors/unknown".to_owned()).send().await;
        assert_eq!(
            unknown.expect("the server answers").status(),
            StatusCode::NOT_FOUND
        );
    }
}

#[cfg(unix)]
#[test]
fn printed_commands_work_below_the_path_of_the_issuer() {
    let issuer = "https://as.example.com/tenant";
    let server = start(&["--issuer", issuer, "--poll-interval", "1"]);
    let printed = wait_for("last command", || {
        let stdout = server.stdout.lock().expect("the collector does not panic");
        stdout
            .ends_with("oauth-authorization-server/tenant\n")
            .then(|| stdout.clone())
    });
    let output = Command::new("sh")
        .args(["-euc", &script_of(&printed)])
        .output()
        .expect("sh runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(!text.contains("does not exist"), "{text}");
    let tokens = text.matches("\"access_token\":").count();
    assert_eq!(tokens, 16, "{text}");
    assert!(text.contains(&format!(r#""issuer":"{issuer}""#)), "{text}");
}

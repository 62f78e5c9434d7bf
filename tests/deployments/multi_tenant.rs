//! The example `multi_tenant`.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use http::header::WWW_AUTHENTICATE;
use serde_json::json;
use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};

use crate::common::{CC, Call, Key, Reply, ask, by_assertion, call, post};
use crate::example::{Tenants, app};

const BASE: &str = "https://shared.example.com";
const SHARED: &str = "shared.example.com";

/// Name, host, path of the issuer, and issuer.
const TENANTS: [(&str, &str, &str, &str); 4] = [
    ("acme", "acme.example.com", "", "https://acme.example.com"),
    (
        "globex",
        "globex.example.com",
        "",
        "https://globex.example.com",
    ),
    (
        "initech",
        SHARED,
        "/t/initech",
        "https://shared.example.com/t/initech",
    ),
    (
        "umbrella",
        SHARED,
        "/t/umbrella",
        "https://shared.example.com/t/umbrella",
    ),
];

/// The key set of the partner of all tenants, and how often it was fetched.
#[derive(Clone)]
struct Partner(Arc<(Key, AtomicUsize)>);

impl Partner {
    fn new() -> Self {
        Self(Arc::new((Key::new("1"), AtomicUsize::new(0))))
    }
}

impl JwksSource for Partner {
    type Error = Infallible;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, Infallible> {
        assert_eq!(jwks_uri, "https://partner.example.org/jwks.json");
        let (key, fetched) = &*self.0;
        fetched.fetch_add(1, Ordering::Relaxed);
        Ok(FetchedKeys::new(json!({"keys": [key.jwk()]}).to_string()))
    }
}

fn server() -> Router {
    server_with(Partner::new())
}

fn server_with(partner: Partner) -> Router {
    let tenants = Tenants::demo(BASE).expect("clients that load");
    app(tenants, partner).expect("settings that agree")
}

async fn send(server: &Router, host: &str, call: Call) -> Reply {
    let body = Body::from(call.body.clone());
    ask(server, call.set("host", host).request_with(body)).await
}

#[tokio::test]
async fn a_client_is_known_to_its_own_tenant_only() {
    let server = server();
    for (secret_of, ..) in TENANTS {
        for (name, host, path, issuer) in TENANTS {
            let call = post(CC).basic(format!("app:{secret_of}-secret"));
            let reply = send(&server, host, call.to(&format!("{path}/token"))).await;
            if secret_of == name {
                let token = reply.granted().text("access_token").to_owned();
                assert!(token.contains(issuer), "{token}");
            } else {
                reply.refused(401, "invalid_client");
            }
        }
    }
}

/// Whatever the reason, and at whichever tenant.
#[tokio::test]
async fn a_401_is_the_same_everywhere_except_for_the_realm() {
    let server = server();
    let mut first = None;
    for (name, host, path, issuer) in TENANTS {
        let token = format!("{path}/token");
        for credentials in [
            "app:wrong",
            "nobody:wrong",
            "partner:wrong",
            "app:other-secret",
        ] {
            let call = post(CC).basic(credentials).to(&token);
            let mut reply = send(&server, host, call).await;
            reply.refused(401, "invalid_client");
            let realm = format!(r#"Basic realm="{issuer}", charset="UTF-8""#);
            assert_eq!(reply.header(WWW_AUTHENTICATE), realm);
            reply.headers.remove(WWW_AUTHENTICATE);
            let rest = (reply.headers, reply.body);
            assert_eq!(first.get_or_insert_with(|| rest.clone()), &rest, "{name}");
        }
    }
}

#[tokio::test]
async fn discovery_of_each_tenant_agrees_with_what_it_serves() {
    let server = server();
    for (name, host, path, issuer) in TENANTS {
        let document = format!("/.well-known/oauth-authorization-server{path}");
        let reply = send(&server, host, call("GET", &document)).await.granted();
        assert_eq!(reply.text("issuer"), issuer);
        let endpoint = reply.text("token_endpoint");
        let endpoint_path = endpoint
            .strip_prefix(&format!("https://{host}"))
            .expect("the host");
        let request = post(CC)
            .basic(format!("app:{name}-secret"))
            .to(endpoint_path);
        send(&server, host, request).await.granted();
        let methods = reply.json()["token_endpoint_auth_methods_supported"].to_string();
        assert!(methods.contains("private_key_jwt") && methods.contains("client_secret_basic"));
    }
}

#[tokio::test]
async fn an_assertion_is_for_one_tenant_and_its_key_set_is_fetched_once_for_all() {
    let partner = Partner::new();
    let server = server_with(partner.clone());
    let key = &partner.0.0;
    for (_, host, path, issuer) in TENANTS {
        let form = |jti: &str| {
            let assertion = key.assertion_of("partner", issuer, jti);
            post(format!("{CC}&{}", by_assertion(&assertion)))
        };
        // The partner may use the same identifier at each tenant.
        let (used, unused) = (form("1"), form("2"));
        send(&server, host, used.clone().to(&format!("{path}/token")))
            .await
            .granted();
        let again = send(&server, host, used.to(&format!("{path}/token"))).await;
        again.refused(401, "invalid_client");
        for (_, other_host, other_path, other) in TENANTS {
            if other != issuer {
                let call = unused.clone().to(&format!("{other_path}/token"));
                send(&server, other_host, call)
                    .await
                    .refused(401, "invalid_client");
            }
        }
        send(&server, host, unused.to(&format!("{path}/token")))
            .await
            .granted();
    }
    assert_eq!(partner.0.1.load(Ordering::Relaxed), 1, "fetches");
}

#[tokio::test]
async fn a_tenant_that_does_not_exist_is_a_404() {
    let server = server();
    for (host, path) in [
        ("other.example.com", "/token"),
        (SHARED, "/token"),
        (SHARED, "/t/nobody/token"),
        (SHARED, "/t/initech"),
        (SHARED, "/t/initech/"),
        (SHARED, "/t/initech/token/"),
        (SHARED, "/t/%69nitech/token"),
        (SHARED, "//t/initech/token"),
        (SHARED, "/t/Initech/token"),
        (SHARED, "/t/acme/token"),
        (SHARED, "/.well-known/oauth-authorization-server"),
        // A host of its own is of no other tenant.
        ("acme.example.com", "/t/initech/token"),
        ("acme.example.com", "/t/acme/token"),
        (
            "acme.example.com",
            "/.well-known/oauth-authorization-server/t/initech",
        ),
        ("acme.example.com.", "/token"),
        ("", "/token"),
        ("@", "/token"),
    ] {
        for secret in ["acme", "initech"] {
            let call = post(CC).basic(format!("app:{secret}-secret")).to(path);
            let reply = send(&server, host, call).await;
            assert_eq!(reply.status, 404, "{host}{path}: {reply:?}");
        }
    }
    // Ports and cases of a host do not matter.
    for host in ["acme.example.com:443", "ACME.Example.com"] {
        let call = post(CC).basic("app:acme-secret");
        send(&server, host, call).await.granted();
    }
}

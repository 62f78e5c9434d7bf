//! Certificates in the headers of a proxy, as the flag says, and at a server without the flag.

use http::header;

use crate::clients::*;
use crate::common::Reply;
use crate::common::token_server::*;
use crate::https::*;
use crate::identity::*;

const FLAG: &str = "--client-certificate-header";

/// The server over plain HTTP, as a proxy speaks to it.
fn start_behind(flags: &[&str]) -> Server {
    let clients = CLIENTS.to_string_lossy();
    let mut all = vec!["--clients", &clients];
    all.extend(flags);
    start(&all)
}

/// All but letters and digits, as `$ssl_client_escaped_cert` of nginx.
pub(crate) fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

type Headers = Vec<(&'static str, String)>;

/// What a proxy of this kind sends for a certificate whose chain is verified or not.
fn sent_by(kind: &str, identity: &Identity, is_verified: bool) -> Headers {
    let (pem, base64) = (escaped(&identity.pem()), identity.base64());
    let result = |yes, no| if is_verified { yes } else { no };
    let with_result = |value, result: &str| {
        let result = ("x-ssl-client-verify", result.to_owned());
        vec![("x-ssl-client-cert", value), result]
    };
    match kind {
        "rfc9440" | "rfc9440-verified" => vec![("client-cert", format!(":{base64}:"))],
        "nginx" => with_result(pem, result("SUCCESS", "FAILED:self-signed certificate")),
        "haproxy" => with_result(base64, result("0", "18")),
        "envoy" => vec![(
            "x-forwarded-client-cert",
            format!(r#"Hash=00;Cert="{pem}""#),
        )],
        "alb" => vec![("x-amzn-mtls-clientcert-leaf", pem)],
        "alb-passthrough" => vec![("x-amzn-mtls-clientcert", pem)],
        "traefik" | "traefik-verified" => vec![("x-forwarded-tls-client-cert", base64)],
        _ => panic!("{kind}"),
    }
}

/// Each with whether it says that a chain is verified.
const KINDS: [(&str, bool); 9] = [
    ("rfc9440", false),
    ("rfc9440-verified", true),
    ("nginx", true),
    ("haproxy", true),
    ("envoy", true),
    ("alb", true),
    ("alb-passthrough", false),
    ("traefik", false),
    ("traefik-verified", true),
];

async fn token(server: &Server, who: Who, headers: &Headers) -> Reply {
    let headers: Vec<_> = headers.iter().map(|(name, it)| (*name, &**it)).collect();
    let form = [CLIENT_CREDENTIALS];
    server.post_with("/token", who, &form, &headers).await
}

async fn resource(server: &Server, token: &str, headers: &Headers) -> Reply {
    let request = server.http.get(format!("{}/resource", server.base));
    let mut request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    read(request.send().await.expect("the server answers")).await
}

#[tokio::test]
async fn certificate_in_the_header_authenticates_and_binds() {
    for (kind, says_verified) in KINDS {
        println!("{kind}");
        let server = start_behind(&[FLAG, kind]);
        let verified = sent_by(kind, &BILLING, true);
        let by_subject = token(&server, BY_SUBJECT, &verified).await;
        if says_verified {
            by_subject.granted();
        } else {
            by_subject.refused(401, "invalid_client");
        }
        let other = sent_by(kind, &OTHER, true);
        let refused = token(&server, BY_SUBJECT, &other).await;
        refused.refused(401, "invalid_client");

        let own = sent_by(kind, &SELF_SIGNED, false);
        let granted = token(&server, BY_KEY, &own).await.granted();
        let bound = granted.text("access_token");
        resource(&server, bound, &own).await.granted();
        for headers in [&other, &Headers::new()] {
            let refused = resource(&server, bound, headers).await;
            refused.refused(401, "invalid_token");
        }
        // Nobody knows which of two the proxy wrote.
        let twice = [own.clone(), own].concat();
        let refused = resource(&server, bound, &twice).await;
        refused.refused(401, "invalid_token");
        let refused = token(&server, BY_KEY, &twice).await;
        refused.refused(401, "invalid_client");
    }
}

#[tokio::test]
async fn chain_that_the_proxy_did_not_verify_is_not_verified() {
    for kind in ["nginx", "haproxy"] {
        let server = start_behind(&[FLAG, kind]);
        let headers = sent_by(kind, &BILLING, false);
        let refused = token(&server, BY_SUBJECT, &headers).await;
        refused.refused(401, "invalid_client");
    }
}

/// Otherwise, everybody could be any client.
#[tokio::test]
async fn header_that_is_not_configured_is_ignored() {
    let none = start_behind(&[]);
    let other_kind = start_behind(&[FLAG, "envoy"]);
    for (kind, _) in KINDS.into_iter().filter(|(kind, _)| *kind != "envoy") {
        for server in [&none, &other_kind] {
            for (who, identity) in [(BY_SUBJECT, &BILLING), (BY_KEY, &SELF_SIGNED)] {
                let headers = sent_by(kind, identity, true);
                let refused = token(server, who, &headers).await;
                refused.refused(401, "invalid_client");
            }
        }
    }
}

/// What the client sends, over TLS that ends here.
#[tokio::test]
async fn header_of_a_client_is_ignored_if_there_is_no_proxy() {
    let server = start_https(&[]);
    for (kind, _) in KINDS {
        let mut request = post("/token", BY_SUBJECT, &[CLIENT_CREDENTIALS]);
        for (name, value) in sent_by(kind, &BILLING, true) {
            let value = value.parse().expect("a value");
            request.headers_mut().insert(name, value);
        }
        for by in [None, Some(&*OTHER)] {
            let sent = server.request(config_of(by), request.clone()).await;
            let reply = sent.expect("the server answers");
            reply.refused(401, "invalid_client");
        }
    }
}

/// A proxy that has a certificate itself, and speaks TLS to the server, is not the client. But the connection
/// is what the server has seen.
#[tokio::test]
async fn certificate_of_the_connection_comes_before_the_header() {
    let server = start_https(&[FLAG, "nginx"]);
    let mut request = post("/token", BY_SUBJECT, &[CLIENT_CREDENTIALS]);
    for (name, value) in sent_by("nginx", &BILLING, true) {
        let value = value.parse().expect("a value");
        request.headers_mut().insert(name, value);
    }
    for (by, status) in [(None, 200), (Some(&*OTHER), 401)] {
        let sent = server.request(config_of(by), request.clone()).await;
        assert_eq!(sent.expect("the server answers").status, status);
    }
}

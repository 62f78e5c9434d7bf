//! Clients that authenticate by the certificate of their TLS connection (RFC 8705 §2).

use tokio_rustls::rustls::version::{TLS12, TLS13};

use crate::clients::*;
use crate::common::JWT_BEARER;
use crate::common::draft::assertion;
use crate::common::sign::P256;
use crate::common::token_server::*;
use crate::https::*;
use crate::identity::*;

#[tokio::test]
async fn certificate_that_fits_the_registration_authenticates() {
    let server = start_https(&[]);
    let no_authority = self_signed(named("billing"));
    let other_authority = OTHER_CA.sign(named("billing"));
    let expired = CA.sign(expired("billing"));
    let other_key = self_signed(named("self"));
    // Its key is registered, and nothing else counts.
    #[rustfmt::skip]
    let cases = [
        ("its subject",                  BY_SUBJECT, Some(&*BILLING),        true),
        ("its DNS name",                 BY_DNS,     Some(&*BILLING),        true),
        ("its key",                      BY_KEY,     Some(&*SELF_SIGNED),    true),
        ("another subject",              BY_SUBJECT, Some(&*OTHER),          false),
        ("another DNS name",             BY_DNS,     Some(&*OTHER),          false),
        ("another key",                  BY_KEY,     Some(&other_key),       false),
        ("another key, an authority",    BY_KEY,     Some(&*BILLING),        false),
        ("its subject, no authority",    BY_SUBJECT, Some(&no_authority),    false),
        ("its subject, other authority", BY_SUBJECT, Some(&other_authority), false),
        ("its subject, expired",         BY_SUBJECT, Some(&expired),         false),
        ("no certificate",               BY_SUBJECT, None,                   false),
        ("no certificate, by key",       BY_KEY,     None,                   false),
    ];
    for (what, who, by, is_accepted) in cases {
        println!("{what}");
        let reply = server.token_by(by, who, &[CLIENT_CREDENTIALS]).await;
        if is_accepted {
            reply.granted();
        } else {
            reply.refused(401, "invalid_client");
        }
    }
}

/// A certificate is no secret: everybody has seen it.
#[tokio::test]
async fn certificate_without_its_key_gets_no_connection() {
    let server = start_https(&[]);
    for version in [&TLS12, &TLS13] {
        for certificate in [&BILLING, &SELF_SIGNED] {
            let config = config(Some((certificate, &OTHER)), &[version]);
            let request = post("/token", BY_SUBJECT, &[CLIENT_CREDENTIALS]);
            let sent = server.request(config, request).await;
            assert!(sent.is_err(), "{version:?}: {sent:?}");
        }
        let config = config(Some((&BILLING, &BILLING)), &[version]);
        let request = post("/token", BY_SUBJECT, &[CLIENT_CREDENTIALS]);
        let sent = server.request(config, request).await;
        sent.expect("the server answers").granted();
    }
}

#[tokio::test]
async fn without_an_authority_no_chain_is_verified() {
    let [certificate, key] = &*SERVER_FILES;
    let clients = CLIENTS.to_string_lossy();
    let flags = [("--tls-cert", &**certificate), ("--tls-key", key)];
    let flags = flags.into_iter().chain([("--clients", &*clients)]);
    let flags: Vec<_> = flags.flat_map(|(flag, value)| [flag, value]).collect();
    let server = start(&flags);
    let by_subject = server
        .token_by(Some(&BILLING), BY_SUBJECT, &[CLIENT_CREDENTIALS])
        .await;
    by_subject.refused(401, "invalid_client");
    let by_key = server
        .token_by(Some(&SELF_SIGNED), BY_KEY, &[CLIENT_CREDENTIALS])
        .await;
    by_key.granted();
}

#[tokio::test]
async fn other_endpoints_take_certificates_as_well() {
    let server = start_https(&[]);
    let by = Some(&*BILLING);
    let form = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let pushed = server.post_by(by, "/par", BY_SUBJECT, &form).await;
    assert_eq!(pushed.status, 201, "{pushed:?}");
    for path in ["/introspect", "/revoke"] {
        let form = [("token", "unknown")];
        server.post_by(by, path, BY_SUBJECT, &form).await.granted();
        let refused = server.post_by(Some(&OTHER), path, BY_SUBJECT, &form).await;
        refused.refused(401, "invalid_client");
    }
}

/// The assertion authenticates, on the same port, and the token is bound to the certificate if the client
/// registered it.
#[tokio::test]
async fn assertion_over_a_connection_with_a_certificate() {
    let server = start_https(&[]);
    for (client, is_bound) in [(SIGNS, false), (SIGNS_BOUND, true)] {
        let ask = async |by: Option<&Identity>, assertion: &str| {
            let form = [
                CLIENT_CREDENTIALS,
                ("client_assertion_type", JWT_BEARER),
                ("client_assertion", assertion),
            ];
            server.token_by(by, Who::Public(client), &form).await
        };
        let assertion = || assertion(client, "ES256", &P256).aud(&server.base).text();
        // Nobody has verified its chain, and nobody has to.
        let own = assertion();
        if is_bound {
            // It uses nothing up.
            ask(None, &own).await.refused(400, "invalid_request");
        }
        let granted = ask(Some(&SELF_SIGNED), &own).await.granted();
        let token = granted.text("access_token");
        let resource = server.resource_by(Some(&SELF_SIGNED), token).await;
        resource.granted();
        let other = server.resource_by(Some(&BILLING), token).await;
        match is_bound {
            true => other.refused(401, "invalid_token"),
            false => drop(other.granted()),
        }
        // A certificate does not stand in for it, and does not save a wrong one.
        let without = server.token_by(Some(&BILLING), Who::Public(client), &[CLIENT_CREDENTIALS]);
        without.await.refused(401, "invalid_client");
        let wrong = ask(Some(&BILLING), &own).await;
        wrong.refused(401, "invalid_client");
    }
}

//! The four answers that must not differ.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use proptest::prelude::*;
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::layer::{Challenge, TokenEndpointLayerBuilder};
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, Call, Exchange, body, builder};
use crate::setup::{BOTH, by_basic, by_post, client, exchange};

/// All that is on the wire.
type Wire = (StatusCode, Vec<(HeaderName, HeaderValue)>, Bytes);

fn wire(exchange: &Exchange) -> Wire {
    let response = &exchange.response;
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| (name.clone(), value.clone()));
    (
        response.status(),
        headers.collect(),
        response.body().clone(),
    )
}

fn expired(secret: &str) -> ClientSecret {
    ClientSecret::sha256_of(secret).expires_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1))
}

/// Clients that refuse, each for another reason, and one of a tenant.
fn refusing() -> TokenEndpointLayer<MemoryClientStore> {
    refusing_builder().built()
}

fn refusing_builder() -> TokenEndpointLayerBuilder<MemoryClientStore> {
    let clients = [
        client("basic", "right"),
        client("post", "right").auth_method(AuthMethod::ClientSecretPost),
        client("expired", expired("right")).auth_methods(BOTH),
        client("tenant", "right")
            .auth_methods(BOTH)
            .issuer("https://tenant.example.com"),
        Client::builder("public").auth_method(AuthMethod::None),
        Client::builder("mtls")
            .auth_method(AuthMethod::TlsClientAuth)
            .metadata("tls_client_auth_subject_dn", "CN=client".into()),
    ];
    builder(clients.map(|client| client.build().expect("a client")))
}

#[test]
fn the_401s_are_byte_identical_whatever_the_cause() {
    use RejectionReason::{
        ExpiredSecret, MethodNotRegistered, MethodNotVerifiable, UnknownClient, WhiteSpaceInSecret,
        WrongSecret,
    };
    let plain = refusing_builder();
    let layers = [
        plain.clone(),
        plain.clone().strict_basic(true),
        plain.clone().error_uri("https://as.example.com/errors"),
        plain.challenge(Challenge::OnlyForHeader),
    ]
    .map(Built::built);
    let causes_by_basic = [
        (by_basic("nobody", "right"), UnknownClient),
        (by_basic("basic", "wrong"), WrongSecret),
        (by_basic("basic", "right\n"), WhiteSpaceInSecret),
        (by_basic("expired", "right"), ExpiredSecret),
        (by_basic("post", "right"), MethodNotRegistered),
        (by_basic("post", "wrong"), MethodNotRegistered),
        (by_basic("public", "any"), MethodNotRegistered),
        (by_basic("mtls", "any"), MethodNotVerifiable),
        (
            by_basic("public", "any").set("x-forwarded-for", "::1"),
            MethodNotRegistered,
        ),
    ];
    let causes_by_post = [
        (by_post("nobody", "right"), UnknownClient),
        (by_post("post", "wrong"), WrongSecret),
        (by_post("post", "right "), WhiteSpaceInSecret),
        (by_post("expired", "right"), ExpiredSecret),
        (by_post("basic", "right"), MethodNotRegistered),
        (by_post("basic", "wrong"), MethodNotRegistered),
        (by_post("public", "any"), MethodNotRegistered),
        (by_post("mtls", "any"), MethodNotVerifiable),
    ];
    for layer in &layers {
        assert_identical(layer, &causes_by_basic);
        assert_identical(layer, &causes_by_post);
    }
}

fn assert_identical(
    layer: &TokenEndpointLayer<MemoryClientStore>,
    causes: &[(Call, RejectionReason)],
) {
    let answers = causes.iter().map(|(call, reason)| {
        let exchange = exchange(layer, call);
        assert_eq!(exchange.error().rejection.reason(), *reason, "{call:?}");
        wire(&exchange)
    });
    let answers: Vec<Wire> = answers.collect();
    for answer in &answers {
        assert_eq!(*answer, answers[0]);
    }
}

#[test]
fn a_401_does_not_tell_that_a_tenant_knows_the_client() {
    for by in [by_basic, by_post] {
        let unknown = exchange(&refusing(), &by("nobody", "x"));
        let known = exchange(&refusing(), &by("tenant", "x"));
        assert_eq!(wire(&known), wire(&unknown));
    }
}

#[test]
fn a_401_without_a_secret_does_not_tell_that_the_client_is_known() {
    let causes = ["nobody", "basic", "post", "expired", "mtls"];
    let [unknown, known @ ..] = causes.map(|id| {
        let call = body(&format!("client_id={id}"));
        wire(&exchange(&refusing(), &call))
    });
    assert_eq!(unknown.0, StatusCode::UNAUTHORIZED);
    for known in known {
        assert_eq!(known, unknown);
    }
}

proptest! {
    #[test]
    fn the_401s_say_nothing_of_the_request(id in "[^:]+", secret in "(?s).+", by_header: bool) {
        let by = if by_header { by_basic } else { by_post };
        let known = if by_header { "basic" } else { "post" };
        prop_assume!(!["basic", "post"].contains(&&*id) && secret != "right");
        let unknown = exchange(&refusing(), &by(&id, &secret));
        let wrong = exchange(&refusing(), &by(known, &secret));
        prop_assert_eq!(wire(&unknown), wire(&wrong));
    }
}

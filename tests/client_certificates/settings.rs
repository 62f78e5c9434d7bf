//! The setting, and what discovery says of it (RFC 8705 §3.3, RFC 8414 §2).

use http::HeaderName;
use serde_json::json;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::client::certificates::ClientCertificates;
use tower_token_endpoint::layer::Profile;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::{Client, Endpoint, MemoryClientStore, TokenEndpointLayer};

use crate::cast::*;
use crate::common::{Built, ISSUER, builder};
use crate::issued::*;
use crate::judge::*;

const METHODS: &str = "token_endpoint_auth_methods_supported";
const BOUND: &str = "tls_client_certificate_bound_access_tokens";

#[test]
fn discovery_lists_what_the_layer_verifies() {
    let without = without_the_setting().server_metadata();
    assert_eq!(
        without[METHODS],
        json!(["client_secret_basic", "client_secret_post", "none"])
    );
    assert_eq!(without.get(BOUND), None);

    let layer = without_source();
    let with = layer.server_metadata();
    assert_eq!(
        with[METHODS],
        json!([
            "client_secret_basic",
            "client_secret_post",
            "tls_client_auth",
            "self_signed_tls_client_auth",
            "none"
        ])
    );
    assert_eq!(with[BOUND], true);
    let revoke = layer.for_endpoint(Endpoint::Revocation, "/revoke");
    let revoke = revoke.expect("settings that agree").server_metadata();
    let methods = &revoke["revocation_endpoint_auth_methods_supported"];
    assert_eq!(methods, &with[METHODS]);
    assert_eq!(revoke.get(BOUND), None);
}

#[tokio::test]
async fn a_method_that_is_not_on_is_neither_listed_nor_accepted() {
    let layer = builder_of(ClientCertificates::from_acceptor())
        .auth_methods([BY_KEY])
        .built();
    assert_eq!(
        layer.server_metadata()[METHODS],
        json!(["self_signed_tls_client_auth"])
    );
    for (client, certificate, outcome) in [
        ("keyed", &GOOD, By(BY_KEY)),
        ("named", &GOOD, Refused(MethodNotVerifiable)),
        ("public", &GOOD, Refused(MethodNotVerifiable)),
        ("nobody", &GOOD, Refused(UnknownClient)),
    ] {
        let exchange = send_with(&layer, &id(client), verified(certificate)).await;
        judge_answer(outcome, &exchange);
    }
}

#[test]
fn a_wrong_setting_is_named() {
    let [same, needed] = ["x-cert", "authorization"].map(HeaderName::from_static);
    for certificates in [
        ClientCertificates::nginx().header_names(same.clone(), same.clone()),
        ClientCertificates::haproxy().header_names(needed, same.clone()),
        ClientCertificates::envoy().header_names(same.clone(), same),
    ] {
        let built = builder_of(certificates).build();
        let error = built.expect_err("a problem");
        let settings: Vec<_> = error.problems().map(|it| it.setting()).collect();
        assert_eq!(settings, ["client_certificates"], "{error}");
    }
    let clients = || MemoryClientStore::new(cast()).expect("clients that load");
    let methods = [BY_NAME, AuthMethod::ClientSecretBasic];
    let built = TokenEndpointLayer::builder(clients(), ISSUER)
        .auth_methods(methods)
        .build();
    let error = built.expect_err("a problem").to_string();
    assert!(error.contains("needs `client_certificates`"), "{error}");
}

#[tokio::test]
async fn a_second_url_is_in_discovery_and_good_for_proofs() {
    let certificates = ClientCertificates::from_acceptor();
    let layer = builder_of(certificates)
        .dpop(tower_token_endpoint::dpop::Dpop::new())
        .mtls_base_url("https://mtls.as.example.com/")
        .built();
    let metadata = layer.server_metadata();
    assert_eq!(metadata["token_endpoint"], "https://as.example.com/token");
    let aliases = json!({"token_endpoint": "https://mtls.as.example.com/token"});
    assert_eq!(metadata["mtls_endpoint_aliases"], aliases);
    let revoke = layer.for_endpoint(Endpoint::Revocation, "/revoke");
    let revoke = revoke.expect("settings that agree").server_metadata();
    let aliases = json!({"revocation_endpoint": "https://mtls.as.example.com/revoke"});
    assert_eq!(revoke["mtls_endpoint_aliases"], aliases);

    for (url, is_right) in [
        ("https://as.example.com/token", true),
        ("https://mtls.as.example.com/token", true),
        ("https://MTLS.as.example.com:443/token", true),
        ("https://mtls.as.example.com/other", false),
        ("https://other.as.example.com/token", false),
    ] {
        let call = id("named").add("dpop", proof_at(url));
        let exchange = send_with(&layer, &call, verified(&GOOD)).await;
        match is_right {
            true => judge_answer(By(BY_NAME), &exchange),
            false => drop(exchange.rejected(400, "invalid_dpop_proof", WrongDpopUri)),
        }
    }
}

#[test]
fn a_second_url_needs_the_other_settings() {
    let clients = || MemoryClientStore::new(cast()).expect("clients that load");
    let builder = || TokenEndpointLayer::builder(clients(), ISSUER);
    let with = || builder().client_certificates(ClientCertificates::from_acceptor());
    let good = "https://mtls.as.example.com";
    for (builder, says) in [
        (
            with().path("/token").mtls_base_url("mtls.as.example.com"),
            "must be a URL",
        ),
        (
            with().path("/token").mtls_base_url("https://a.example/?b"),
            "must be a URL",
        ),
        (with().mtls_base_url(good), "needs `path`"),
        (
            builder().path("/token").mtls_base_url(good),
            "needs `client_certificates`",
        ),
    ] {
        let error = builder.build().expect_err("a problem");
        let settings: Vec<_> = error.problems().map(|it| it.setting()).collect();
        assert_eq!(settings, ["mtls_base_url"], "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

/// FAPI 2.0 has these methods beside `private_key_jwt`.
#[tokio::test]
async fn fapi_accepts_clients_by_certificate() {
    let client = Client::builder("named")
        .auth_method(BY_NAME)
        .grant_types([tower_token_endpoint::GrantType::ClientCredentials])
        .metadata("tls_client_auth_subject_dn", SUBJECT.into());
    let layer = builder([client.build().expect("a client")])
        .client_certificates(ClientCertificates::from_acceptor())
        .replay_store(tower_token_endpoint::replay::MemoryReplayStore::new())
        .dpop(tower_token_endpoint::dpop::Dpop::new())
        .profile(Profile::Fapi2)
        .built();
    let methods = json!(["tls_client_auth", "self_signed_tls_client_auth"]);
    assert_eq!(layer.server_metadata()[METHODS], methods);
    let call = id("named").add("dpop", proof());
    let exchange = send_with(&layer, &call, verified(&GOOD)).await;
    judge_answer(By(BY_NAME), &exchange);
}

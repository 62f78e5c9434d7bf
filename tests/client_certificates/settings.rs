//! The setting, and what discovery says of it (RFC 8705 §3.3, RFC 8414 §2).

use http::HeaderName;
use serde_json::json;
use tower_token_endpoint::client::certificates::ClientCertificates;
use tower_token_endpoint::client::{AuthMethod, ClientBuilder};
use tower_token_endpoint::dpop::Dpop;
use tower_token_endpoint::layer::Profile;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{Client, Endpoint, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::cast::*;
use crate::common::{Built, ISSUER, KEYED, Key, body, builder, by_assertion};
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
        .dpop(Dpop::new())
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

/// FAPI 2.0 §5.3.2.1: tokens are bound by mutual TLS or by DPoP.
#[tokio::test]
async fn fapi_binds_tokens_to_a_certificate_or_to_a_key() {
    let key = Key::new("1");
    let signing = |id: &str| {
        Client::builder(id)
            .auth_method(AuthMethod::PrivateKeyJwt)
            .grant_types([GrantType::ClientCredentials])
            .metadata("jwks", set([key.jwk()]))
    };
    let by_name = || {
        Client::builder("named")
            .auth_method(BY_NAME)
            .grant_types([GrantType::ClientCredentials])
            .metadata("tls_client_auth_subject_dn", SUBJECT.into())
    };
    let built = |client: ClientBuilder| client.build().expect("a client");
    let [named, signs_only] = [by_name(), signing(KEYED)].map(built);
    let bound = built(signing(KEYED).tls_client_certificate_bound_access_tokens(true));
    let proven = built(by_name().dpop_bound_access_tokens(true));
    let builder = |client: Client| {
        builder([client])
            .client_certificates(ClientCertificates::from_acceptor())
            .client_assertions(MemoryReplayStore::new())
            .profile(Profile::Fapi2)
    };
    let assertion = || body(&by_assertion(&key.assertion()));
    let signs = By(AuthMethod::PrivateKeyJwt);
    let (no_proof, no_certificate) = (Invalid(DpopProofRequired), Invalid(CertificateRequired));
    for (row, client, call, certificate, outcome) in [
        (
            "by certificate",
            named.clone(),
            id("named"),
            verified(&GOOD),
            By(BY_NAME),
        ),
        (
            "an assertion, and bound to the certificate",
            bound.clone(),
            assertion(),
            verified(&GOOD),
            signs,
        ),
        (
            "the same without a certificate",
            bound,
            assertion(),
            None,
            no_certificate,
        ),
        (
            "an assertion, and a certificate that binds nothing",
            signs_only.clone(),
            assertion(),
            verified(&GOOD),
            no_proof,
        ),
        (
            "an assertion, and neither",
            signs_only.clone(),
            assertion(),
            None,
            no_proof,
        ),
        (
            "by certificate, and bound to a key as well",
            proven,
            id("named"),
            verified(&GOOD),
            no_proof,
        ),
    ] {
        eprintln!("{row}");
        let with_proofs = builder(client.clone()).dpop(Dpop::new()).built();
        let exchange = send_with(&with_proofs, &call, certificate.clone()).await;
        judge_answer(outcome, &exchange);
        // It needs no DPoP if there are certificates.
        let exchange = send_with(&builder(client).built(), &call, certificate).await;
        judge_answer(outcome, &exchange);
    }
    // A proof is still good for it, and required if the server says so.
    let layer = builder(named.clone()).dpop(Dpop::new()).built();
    let exchange = send_with(&layer, &id("named").add("dpop", proof()), verified(&GOOD)).await;
    judge_answer(By(BY_NAME), &exchange);
    let layer = builder(named).dpop(Dpop::new().required(true)).built();
    let exchange = send_with(&layer, &id("named"), verified(&GOOD)).await;
    judge_answer(no_proof, &exchange);
    let metadata = layer.server_metadata();
    let methods = json!([
        "private_key_jwt",
        "tls_client_auth",
        "self_signed_tls_client_auth"
    ]);
    assert_eq!(metadata[METHODS], methods);
}

/// The method of a refusal is the one that the client is registered for.
#[tokio::test]
async fn a_refusal_names_the_method_of_the_client() {
    let layer = layer();
    for (client, certificate, method) in [
        ("named", None, BY_NAME),
        ("keyed", None, BY_KEY),
        ("keyed", verified(&OTHER), BY_KEY),
        ("other-name", verified(&GOOD), BY_NAME),
    ] {
        let exchange = send_with(&layer, &id(client), certificate).await;
        let rejection = exchange.rejection().expect("a rejection");
        assert_eq!(rejection.method(), Some(method), "{client}");
    }
}

#[tokio::test]
async fn a_second_url_is_an_audience_where_the_first_is() {
    let key = Key::new("1");
    let client = Client::builder(KEYED)
        .auth_method(AuthMethod::PrivateKeyJwt)
        .grant_types([GrantType::ClientCredentials])
        .metadata("jwks", set([key.jwk()]));
    let client = client.build().expect("a client");
    for (accept, audience, outcome) in [
        (
            true,
            "https://mtls.as.example.com/token",
            By(AuthMethod::PrivateKeyJwt),
        ),
        (
            true,
            "https://mtls.as.example.com/other",
            Refused(WrongAudience),
        ),
        (
            false,
            "https://mtls.as.example.com/token",
            Refused(WrongAudience),
        ),
    ] {
        let layer = builder([client.clone()])
            .client_assertions(MemoryReplayStore::new())
            .accept_endpoint_audience(accept)
            .client_certificates(ClientCertificates::from_acceptor())
            .mtls_base_url("https://mtls.as.example.com")
            .built();
        let call = body(&by_assertion(&key.assertion_for(audience)));
        judge_answer(outcome, &call.send(&layer).await);
    }
}

#[test]
fn an_endpoint_without_a_path_has_no_second_url() {
    let token = builder_of(ClientCertificates::from_acceptor())
        .mtls_base_url("https://mtls.as.example.com")
        .built();
    let layer = token
        .builder_for_endpoint(Endpoint::Introspection)
        .endpoint_url("https://internal.example.com/introspect")
        .built();
    assert_eq!(layer.server_metadata().get("mtls_endpoint_aliases"), None);
}

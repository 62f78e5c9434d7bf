//! What the settings of a layer do to assertions, and what is told of them.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::sync::Arc;

use tower_token_endpoint::client::{AuthMethod, SigningAlgorithm};
use tower_token_endpoint::layer::Challenge;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::{Endpoint, TokenEndpointLayer};

use crate::cast::*;
use crate::common::{Built, ISSUER, builder, layer, post};
use crate::draft::*;
use crate::judge::Layer;
use crate::replays::Recorder;
use crate::sign::*;

/// With the feature or without it.
#[tokio::test]
async fn without_a_replay_store_no_assertion_is_accepted() {
    let client = keyed("p256", vec![jwk(&P256)]).build().expect("a client");
    let hmac = secret("hmac", SECRET_TEXT).build().expect("a client");
    let layer = layer([client, hmac]);
    for draft in [es256(), hs256(), es256().signed_with(&OTHER_P256)] {
        let exchange = draft.call().send(&layer).await;
        exchange.rejected(401, "invalid_client", MethodNotVerifiable);
    }
    let exchange = send("x").send(&layer).await;
    exchange.rejected(401, "invalid_client", MethodNotVerifiable);
}

#[tokio::test]
async fn settings_hold_before_assertions_are_taken_as_after() {
    let client = || keyed("p256", vec![jwk(&P256)]).build().expect("a client");
    let before = builder([client()])
        .signing_algorithms([SigningAlgorithm::ES256])
        .strict_audience(true)
        .client_assertions(Recorder::new());
    let after = builder([client()])
        .client_assertions(Recorder::new())
        .strict_audience(true)
        .signing_algorithms([SigningAlgorithm::ES256]);
    for layer in [before.built(), after.built()] {
        es256().call().send(&layer).await.inner_request();
        let in_an_array = es256().claim("aud", r#"["https://as.example.com"]"#);
        let in_an_array = in_an_array.call().send(&layer).await;
        in_an_array.rejected(401, "invalid_client", WrongAudience);
        let by_another = assertion("p256", "RS256", &RSA).call().send(&layer).await;
        by_another.rejected(401, "invalid_client", UnsupportedAlgorithm);
    }
}

#[tokio::test]
async fn an_assertion_limit_holds_to_the_byte_and_at_every_endpoint() {
    let [first, second] = ["the first", "the other"].map(|jti| es256().jti(jti));
    let length = first.text().len();
    for (limit, is_accepted) in [(length, true), (length - 1, false)] {
        let token = builder_over(Recorder::new()).assertion_limit(limit).built();
        let revocation = token
            .for_endpoint(Endpoint::Revocation, "/revoke")
            .expect("settings that agree");
        let to_revocation = send_with(&second.text(), "token=t").to("/revoke");
        for (layer, call) in [(&token, first.call()), (&revocation, to_revocation)] {
            let exchange = call.send(layer).await;
            if is_accepted {
                exchange.inner_request();
            } else {
                exchange.rejected(401, "invalid_client", MalformedAssertion);
            }
        }
    }
}

#[tokio::test]
async fn an_rsa_key_verifies_up_to_the_limit_of_the_layer_and_at_every_endpoint() {
    let clients = || {
        let registered = keyed("registered", vec![jwk(&RSA_3072)]).max_rsa_bits(3072);
        let fetched = with_grants("fetched")
            .auth_method(AuthMethod::PrivateKeyJwt)
            .metadata("jwks_uri", LARGE_KEYS_URL.into());
        [registered, fetched].map(|client| client.build().expect("a client"))
    };
    for (limit, is_accepted) in [(None, true), (Some(3072), true), (Some(3071), false)] {
        let mut token = builder(clients())
            .client_assertions(Recorder::new())
            .jwks_source(Mirror);
        if let Some(bits) = limit {
            token = token.max_rsa_bits(bits);
        }
        let token = token.built();
        let revocation = token
            .for_endpoint(Endpoint::Revocation, "/revoke")
            .expect("settings that agree");
        for (client, alg) in [
            ("registered", "RS256"),
            ("registered", "PS512"),
            ("fetched", "RS256"),
        ] {
            let draft = || assertion(client, alg, &RSA_3072);
            let to_revocation = send_with(&draft().text(), "token=t").to("/revoke");
            for (layer, call) in [(&token, draft().call()), (&revocation, to_revocation)] {
                let exchange = call.send(layer).await;
                if is_accepted {
                    exchange.inner_request();
                } else {
                    exchange.rejected(401, "invalid_client", UnknownKey);
                }
            }
        }
    }
    let large = keyed("large", vec![jwk(&RSA_3072)]).max_rsa_bits(2048);
    let error = large.build().expect_err("a key of 3072 bits").to_string();
    assert!(
        error.contains("3072 bits: use one of 2048 to 2048"),
        "{error}"
    );
    assert!(error.contains("raise `max_rsa_bits`"), "{error}");
}

#[test]
fn a_layer_without_algorithms_is_a_mistake() {
    let built = builder_over(Recorder::new()).signing_algorithms([]).build();
    let error = built.expect_err("no signing algorithm");
    let problems: Vec<_> = error.problems().collect();
    let [problem] = problems[..] else {
        panic!("not one problem: {error}")
    };
    assert_eq!(problem.setting(), "signing_algorithms");
    assert_eq!(problem.value(), None);
    assert_eq!(problem.wanted(), "must name at least one algorithm");
}

/// The detail is for the server: who it was, and how (RFC 6749 §5.2).
#[tokio::test]
async fn a_rejection_names_a_registered_client_and_the_method() {
    let (by_key, by_secret) = (AuthMethod::PrivateKeyJwt, AuthMethod::ClientSecretJwt);
    let cases = [
        (es256().signed_with(&OTHER_P256), Some("p256"), by_key),
        (es256().claim("exp", "1"), Some("p256"), by_key),
        (hs256().signed_with(&OTHER_SECRET), Some("hmac"), by_secret),
        (
            assertion("basic", "HS256", &SECRET),
            Some("basic"),
            by_secret,
        ),
        (assertion("nobody", "ES256", &P256), None, by_key),
    ];
    let layer = over(Recorder::new());
    for (draft, client, method) in cases {
        let exchange = draft.call().send(&layer).await;
        let rejection = exchange.rejection().expect("a rejection");
        let named = rejection.client().map(|client| client.client_id());
        assert_eq!(named, client, "{rejection:?}");
        assert_eq!(rejection.method(), Some(method), "{rejection:?}");
    }
}

/// A browser asks its user for a password at the sight of a challenge.
#[tokio::test]
async fn without_a_challenge_a_refused_assertion_is_400() {
    let layer = builder_over(Recorder::new())
        .challenge(Challenge::OnlyForHeader)
        .built();
    let unknown = post(format!("{CC}&client_id=nobody&client_secret=s"));
    let unknown = unknown.send(&layer).await;
    let refused = [
        es256().signed_with(&OTHER_P256).call(),
        es256().claim("exp", "1").call(),
        send("x"),
        assertion("nobody", "ES256", &P256).call(),
    ];
    for call in refused {
        let exchange = call.send(&layer).await;
        assert_eq!(exchange.response.status(), 400);
        assert_eq!(exchange.response.headers(), unknown.response.headers());
        assert_eq!(exchange.response.body(), unknown.response.body());
    }
    es256().call().send(&layer).await.inner_request();
}

#[tokio::test]
async fn every_path_is_taken_where_none_is_set() {
    let layer = TokenEndpointLayer::builder(clients(), ISSUER)
        .client_assertions(Recorder::new())
        .built();
    es256().call().send(&layer).await.inner_request();
    let elsewhere = es256().call().to("/elsewhere");
    elsewhere.send(&layer).await.inner_request();
    // No URL of the endpoint is known then.
    let lenient = assertion("lenient", "ES256", &P256).aud(TOKEN_URL);
    let exchange = lenient.call().send(&layer).await;
    exchange.rejected(401, "invalid_client", WrongAudience);
}

/// An operator compares both sides in one line of the log.
#[tokio::test]
async fn a_wrong_audience_is_told_with_what_is_accepted_and_never_to_the_client() {
    const ENDPOINT: &str =
        "the URL of an endpoint is accepted only if `accept_endpoint_audience` is set";
    let strict = || builder_over(Recorder::new()).strict_audience(true).built();
    let lenient = || lenient_layer(Recorder::new());
    let default = || over(Recorder::new());
    let long = format!("https://{}", "ä".repeat(1000));
    let cut = format!(
        "`aud` is 'https://{}…' and must be '{ISSUER}'",
        "ä".repeat(120)
    );
    let two = r#"["https://as.example.com","https://a.example"]"#;
    let typed = es256().header("typ", quoted("client-authentication+jwt"));
    let tenant = || assertion("tenant", "ES256", &P256);
    let cases = [
        (
            default(),
            es256().aud(TOKEN_URL),
            format!("`aud` is '{TOKEN_URL}' and must be '{ISSUER}': {ENDPOINT}"),
        ),
        (
            default(),
            es256().aud("https://as.example.com/"),
            format!("`aud` is '{ISSUER}/' and must be '{ISSUER}'"),
        ),
        (
            default(),
            es256().claim("aud", two),
            format!(
                "`aud` is ['{ISSUER}', 'https://a.example'] and must be '{ISSUER}': it must be one value"
            ),
        ),
        (
            default(),
            es256().claim("aud", "[]"),
            format!("`aud` is [] and must be '{ISSUER}': it must be one value"),
        ),
        (
            default(),
            es256().aud("a\nb\u{1b}'\u{2028}"),
            format!(r"`aud` is 'a\nb\u{{1b}}\'\u{{2028}}' and must be '{ISSUER}'"),
        ),
        (default(), es256().aud(&long), cut),
        (
            default(),
            tenant().aud(ISSUER),
            format!("`aud` is '{ISSUER}' and must be '{TENANT}'"),
        ),
        (
            lenient(),
            es256().aud("x"),
            format!("`aud` is 'x' and must be '{ISSUER}' or '{TOKEN_URL}'"),
        ),
        (
            lenient(),
            tenant().aud("x"),
            format!("`aud` is 'x' and must be '{TENANT}' or '{TENANT}/token'"),
        ),
        (
            lenient(),
            typed.aud(TOKEN_URL),
            format!(
                "`aud` is '{TOKEN_URL}' and must be '{ISSUER}': with `typ` client-authentication+jwt, the URL of an endpoint is not accepted"
            ),
        ),
        (
            strict(),
            es256().claim("aud", r#"["https://as.example.com"]"#),
            format!(
                "`aud` is ['{ISSUER}'] and must be '{ISSUER}': `strict_audience` is set, so it must be a string and not an array"
            ),
        ),
        (
            strict(),
            es256().aud(TOKEN_URL),
            format!(
                "`aud` is '{TOKEN_URL}' and must be '{ISSUER}': `strict_audience` is set, so the URL of an endpoint is not accepted"
            ),
        ),
    ];
    for (layer, draft, expected) in cases {
        let exchange = draft.call().send(&layer).await;
        let error = exchange.rejected(401, "invalid_client", WrongAudience);
        let source = error.rejection.source().expect("both sides");
        assert_eq!(source.to_string(), expected);
        assert!(format!("{source:?}").len() < 1024, "{source:?}");
    }
}

#[tokio::test]
async fn an_assertion_by_a_method_that_is_switched_off_is_the_same_401() {
    let by_secret_only = [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretJwt];
    let by_key_only = [AuthMethod::ClientSecretBasic, AuthMethod::PrivateKeyJwt];
    let cases = [
        (by_secret_only, es256(), hs256()),
        (by_key_only, hs256(), es256()),
    ];
    for (methods, off, on) in cases {
        let recorder = Recorder::new();
        let layer = builder_over(Arc::clone(&recorder)).auth_methods(methods);
        let layer = layer.built();
        let unknown = post(CC).basic("nobody:secret").send(&layer).await;
        unknown.rejected(401, "invalid_client", UnknownClient);
        let exchange = off.call().send(&layer).await;
        exchange.rejected(401, "invalid_client", MethodNotVerifiable);
        assert_eq!(exchange.response.headers(), unknown.response.headers());
        assert_eq!(exchange.response.body(), unknown.response.body());
        assert_eq!(recorder.asked(), [], "it was spent");
        on.call().send(&layer).await.inner_request();
    }
}

fn names(layer: &Layer, member: &str) -> BTreeSet<String> {
    let metadata = layer.server_metadata();
    let names = metadata.get(member).cloned().unwrap_or_default();
    serde_json::from_value(names).unwrap_or_default()
}

/// RFC 8414 §2: what discovery says is what the layer does.
#[test]
fn metadata_says_which_methods_and_algorithms_there_are() {
    let token = builder_over(Recorder::new());
    let introspection = token.clone().endpoint(Endpoint::Introspection);
    let revocation = token.clone().endpoint(Endpoint::Revocation);
    let builders = [
        ("token_endpoint", token),
        ("introspection_endpoint", introspection),
        ("revocation_endpoint", revocation),
    ];
    let every: BTreeSet<_> = SUITES.iter().map(|suite| suite.alg.to_owned()).collect();
    for (endpoint, builder) in builders {
        let layer = builder.clone().built();
        let methods = names(&layer, &format!("{endpoint}_auth_methods_supported"));
        for method in [
            "private_key_jwt",
            "client_secret_jwt",
            "client_secret_basic",
        ] {
            assert!(methods.contains(method), "{endpoint}: {methods:?}");
        }
        let member = format!("{endpoint}_auth_signing_alg_values_supported");
        assert_eq!(names(&layer, &member), every, "{endpoint}");

        let builder = builder.signing_algorithms([SigningAlgorithm::ES256]);
        let es256 = names(&builder.clone().built(), &member);
        assert_eq!(es256, ["ES256".to_owned()].into());
        let builder = builder.signing_algorithms([SigningAlgorithm::Ed25519]);
        let both = ["Ed25519".to_owned(), "EdDSA".to_owned()];
        assert_eq!(names(&builder.built(), &member), both.into());
    }
}

#[test]
fn metadata_without_a_replay_store_says_nothing_of_assertions() {
    let layer = layer([]);
    let methods = names(&layer, "token_endpoint_auth_methods_supported");
    assert!(!methods.contains("private_key_jwt"), "{methods:?}");
    assert!(!methods.contains("client_secret_jwt"), "{methods:?}");
    let metadata = layer.server_metadata();
    let told = metadata.keys().any(|name| name.contains("signing_alg"));
    assert!(!told, "{metadata:?}");
}

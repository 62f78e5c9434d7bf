//! What a layer can be built with, and what it says then.

use std::time::Duration;

use serde_json::json;

use super::TokenEndpointLayer;
use crate::{
    client::AuthMethod,
    client::hashing::{HashPool, RememberedSecrets},
    grant::{GrantParameters, GrantType},
    layer::{Challenge, Endpoint, TokenEndpointLayerBuilder},
    store::MemoryClientStore,
    throttle::{MemoryThrottle, ThrottleLimit, ThrottleSource, Throttling},
};

type Builder = TokenEndpointLayerBuilder<MemoryClientStore>;
/// A name, what is set, and the setting, value and start of what is wanted of each problem.
type Row = (&'static str, fn(Builder) -> Builder, &'static [Problem]);
type Problem = (&'static str, Option<&'static str>, &'static str);

const ISSUER: &str = "https://as.example.com";

fn clients() -> MemoryClientStore {
    MemoryClientStore::new([]).expect("clients")
}

fn builder() -> Builder {
    TokenEndpointLayer::builder(clients(), ISSUER)
}

fn introspection() -> Builder {
    builder().endpoint(Endpoint::Introspection)
}

/// What is wrong with a layer that is built like this.
fn problems(builder: &Builder) -> Vec<(&'static str, Option<String>, &'static str)> {
    let error = match builder.clone().build() {
        Ok(_) => return Vec::new(),
        Err(error) => error,
    };
    assert_eq!(error.to_string().lines().count(), error.problems().count());
    error
        .problems()
        .map(|problem| {
            let value = problem.value().map(str::to_owned);
            (problem.setting(), value, problem.wanted())
        })
        .collect()
}

#[track_caller]
fn assert_problems(name: &str, builder: &Builder, expected: &[Problem]) {
    let found = problems(builder);
    assert_eq!(found.len(), expected.len(), "{name}: {found:?}");
    for ((setting, value, wanted), expected) in found.iter().zip(expected) {
        assert_eq!(
            (*setting, value.as_deref()),
            (expected.0, expected.1),
            "{name}"
        );
        assert!(wanted.starts_with(expected.2), "{name}: {wanted}");
    }
}

#[test]
fn a_wrong_throttle_is_named_with_its_value_and_what_is_wanted() {
    fn sound() -> Throttling {
        Throttling::new(MemoryThrottle::new()).source(ThrottleSource::from_fn(|_| None))
    }
    fn per_source(burst: u32, period: Duration) -> Throttling {
        sound().per_source(ThrottleLimit::new(burst, period))
    }
    const SECOND: Duration = Duration::from_secs(1);
    let rows: &[Row] = &[
        ("defaults", |b| b.throttle(sound()), &[]),
        (
            "no source",
            |b| b.throttle(Throttling::new(MemoryThrottle::new())),
            &[("throttle", None, "needs a `source`")],
        ),
        (
            "the source of another call",
            |b| {
                b.throttle(Throttling::new(MemoryThrottle::new()))
                    .throttle(sound())
            },
            &[],
        ),
        (
            "no failure at all",
            |b| b.throttle(per_source(0, SECOND)),
            &[("per_source", Some("0 / 1s"), "must have a burst from 1")],
        ),
        (
            "no period",
            |b| b.throttle(per_source(1, Duration::ZERO)),
            &[("per_source", Some("1 / 0ns"), "must have a burst from 1")],
        ),
        (
            "the smallest limit",
            |b| b.throttle(per_source(1, Duration::from_nanos(1))),
            &[],
        ),
        (
            "the largest burst",
            |b| b.throttle(per_source(1_000_000, Duration::from_millis(604))),
            &[],
        ),
        (
            "a larger one",
            |b| b.throttle(per_source(1_000_001, Duration::from_millis(1))),
            &[("per_source", Some("1000001 / 1ms"), "must have a burst")],
        ),
        (
            "seven days",
            |b| b.throttle(per_source(7, Duration::from_secs(86_400))),
            &[],
        ),
        (
            "eight days",
            |b| b.throttle(per_source(8, Duration::from_secs(86_400))),
            &[("per_source", Some("8 / 86400s"), "must have a burst")],
        ),
        (
            "more than a duration can be",
            |b| b.throttle(per_source(2, Duration::MAX)),
            &[(
                "per_source",
                Some("2 / 18446744073709551615.999999999s"),
                "must have a burst",
            )],
        ),
        (
            "no failure of a client",
            |b| b.throttle(sound().per_client(ThrottleLimit::new(0, SECOND))),
            &[("per_client", Some("0 / 1s"), "must have a burst from 1")],
        ),
        (
            "no wait",
            |b| b.throttle(sound().max_wait(Duration::ZERO)),
            &[],
        ),
        (
            "the longest wait",
            |b| b.throttle(sound().max_wait(SECOND)),
            &[],
        ),
        (
            "a longer one",
            |b| b.throttle(sound().max_wait(2 * SECOND)),
            &[("max_wait", Some("2s"), "must be at most one second")],
        ),
        (
            "all at once",
            |b| {
                let nothing = ThrottleLimit::new(0, SECOND);
                let settings = Throttling::new(MemoryThrottle::new());
                let settings = settings.per_source(nothing).per_client(nothing);
                b.throttle(settings.max_wait(Duration::MAX))
            },
            &[
                ("throttle", None, "needs a `source`"),
                ("per_source", Some("0 / 1s"), "must have"),
                ("per_client", Some("0 / 1s"), "must have"),
                (
                    "max_wait",
                    Some("18446744073709551615.999999999s"),
                    "must be at most",
                ),
            ],
        ),
    ];
    for (name, set, expected) in rows {
        assert_problems(name, &set(builder()), expected);
    }
}

#[test]
fn a_wrong_setting_is_named_with_its_value_and_what_is_wanted() {
    let rows: &[Row] = &[
        ("defaults", |b| b, &[]),
        (
            "path without slash",
            |b| b.path("token"),
            &[("path", Some("token"), "must be the path")],
        ),
        ("a predicate", |b| b.path_where(|_| false), &[]),
        (
            "a predicate that has the path",
            |b| b.path_where(|path| path == "/token").path("/token"),
            &[],
        ),
        (
            "a predicate that has not the path",
            |b| b.path("/token").path_where(|path| path == "/other"),
            &[("path_where", Some("/token"), "must return true")],
        ),
        (
            "URL with fragment",
            |b| b.endpoint_url("https://a.example/token#a"),
            &[(
                "endpoint_url",
                Some("https://a.example/token#a"),
                "must be an http or https URL",
            )],
        ),
        (
            "no time",
            |b| b.deadline(Duration::ZERO),
            &[("deadline", Some("0ns"), "must be longer")],
        ),
        ("no limit of time", |b| b.deadline(Duration::MAX), &[]),
        (
            "no bytes",
            |b| b.body_limit(0),
            &[("body_limit", Some("0"), "must be a number")],
        ),
        ("the largest body", |b| b.body_limit(u32::MAX as usize), &[]),
        (
            "no delay",
            |b| b.retry_after(Duration::ZERO),
            &[(
                "retry_after",
                Some("0ns"),
                "must be longer than zero, and at most",
            )],
        ),
        (
            "a delay of two days",
            |b| b.retry_after(Duration::from_secs(172_800)),
            &[(
                "retry_after",
                Some("172800s"),
                "must be longer than zero, and at most",
            )],
        ),
        (
            "half a second",
            |b| b.retry_after(Duration::from_millis(500)),
            &[],
        ),
        (
            "no permits, and no wait",
            |b| b.hash_pool(HashPool::new().permits(0).wait(Duration::ZERO)),
            &[
                ("hash_pool", Some("permits(0)"), "must have from 1"),
                ("hash_pool", Some("wait(0ns)"), "must have a wait"),
            ],
        ),
        (
            "more permits than can be counted",
            |b| b.hash_pool(HashPool::new().permits(usize::MAX)),
            &[(
                "hash_pool",
                Some("permits(18446744073709551615)"),
                "must have from 1",
            )],
        ),
        (
            "no queue, and a wait without an end",
            |b| b.hash_pool(HashPool::new().queue(0).wait(Duration::MAX)),
            &[],
        ),
        (
            "no entries, and no age",
            |b| {
                let none = RememberedSecrets::new().max_entries(0);
                b.remember_verified_secrets(none.max_age(Duration::ZERO))
            },
            &[
                (
                    "remember_verified_secrets",
                    Some("max_entries(0)"),
                    "must have from 1",
                ),
                (
                    "remember_verified_secrets",
                    Some("max_age(0ns)"),
                    "must have an age",
                ),
            ],
        ),
        (
            "an age without an end",
            |b| b.remember_verified_secrets(RememberedSecrets::new().max_age(Duration::MAX)),
            &[],
        ),
        (
            "no URL of errors",
            |b| b.error_uri("say \"no\""),
            &[(
                "error_uri",
                Some("say \"no\""),
                "must be the http or https URL",
            )],
        ),
        (
            "no methods",
            |b| b.auth_methods([]),
            &[("auth_methods", None, "must name at least one method")],
        ),
        (
            "certificates",
            |b| b.auth_methods([AuthMethod::TlsClientAuth, AuthMethod::ClientSecretPost]),
            &[(
                "auth_methods",
                Some("tls_client_auth"),
                "needs `client_certificates`",
            )],
        ),
        (
            "assertions that are not accepted",
            |b| b.auth_methods([AuthMethod::PrivateKeyJwt, AuthMethod::ClientSecretJwt]),
            &[
                (
                    "auth_methods",
                    Some("client_secret_jwt"),
                    "needs `client_assertions`",
                ),
                (
                    "auth_methods",
                    Some("private_key_jwt"),
                    "needs `client_assertions`",
                ),
            ],
        ),
        (
            "public clients only",
            |b| b.auth_methods([AuthMethod::None]),
            &[],
        ),
        (
            "public clients only, and no public clients",
            |_| introspection().auth_methods([AuthMethod::None]),
            &[("auth_methods", Some("none"), "must name another method")],
        ),
        (
            "public clients beside others, and no public clients",
            |_| introspection().auth_methods([AuthMethod::None, AuthMethod::ClientSecretPost]),
            &[],
        ),
    ];
    for (name, set, expected) in rows {
        assert_problems(name, &set(builder()), expected);
    }
    let issuer = TokenEndpointLayer::builder(clients(), "as.example.com");
    let expected = [("issuer", Some("as.example.com"), "must be a URL")];
    assert_problems("no URL", &issuer, &expected);
}

#[test]
fn grants_that_cannot_be_served_are_problems() {
    const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    const REGISTERED: &str = "is a registered grant";
    const NO_GRANT: &str = "can be set only for the token endpoint";
    let rows: &[Row] = &[
        ("one more", |b| b.grant_type(GrantType::Password), &[]),
        (
            "none",
            |b| b.grant_types([]),
            &[("grant_types", None, "must name at least one grant")],
        ),
        (
            "one instead of the default",
            |b| b.grant_types([]).extension_grant("urn:x:y", &[]),
            &[],
        ),
        (
            "a grant that needs a credential",
            |b| b.extension_grant("urn:x:y", &["client_secret"]),
            &[(
                "extension_grant",
                Some("urn:x:y"),
                "must not need a credential",
            )],
        ),
        (
            "implicit",
            |b| {
                b.grant_types([GrantType::Implicit])
                    .grant_type(GrantType::Implicit)
            },
            &[
                (
                    "grant_types",
                    Some("implicit"),
                    "must be a grant that has a token request",
                ),
                (
                    "grant_type",
                    Some("implicit"),
                    "must be a grant that has a token request",
                ),
            ],
        ),
        (
            "a grant that may have a credential",
            |b| {
                let parameters = GrantParameters::new().optional(["client_assertion"]);
                b.extension_grant("urn:x:y", parameters)
            },
            &[(
                "extension_grant",
                Some("urn:x:y"),
                "must not need a credential",
            )],
        ),
        (
            "a scope that may be repeated",
            |b| b.extension_grant("urn:x:y", GrantParameters::new().repeatable(["scope"])),
            &[("extension_grant", Some("urn:x:y"), "must not repeat")],
        ),
        (
            "a resource that may be repeated",
            |b| {
                let parameters = GrantParameters::new().repeatable(["resource", "seat"]);
                b.extension_grant("urn:x:y", parameters.required(["seat"]))
            },
            &[],
        ),
        (
            "a name that only a client is registered with",
            |b| b.grant_type(GrantType::registered("interaction_code")),
            &[(
                "grant_type",
                Some("interaction_code"),
                "must be a registered grant or an absolute URI",
            )],
        ),
        (
            "known by a URI",
            |b| b.extension_grant(DEVICE, &["x"]),
            &[("extension_grant", Some(DEVICE), REGISTERED)],
        ),
        (
            "known by a name",
            |b| b.extension_grant("implicit", &[]),
            &[("extension_grant", Some("implicit"), REGISTERED)],
        ),
        (
            "not absolute",
            |b| b.extension_grant("ticket", &[]),
            &[("extension_grant", Some("ticket"), "must be an absolute URI")],
        ),
        (
            "a parameter without name",
            |b| b.extension_grant("urn:x:y", &[""]),
            &[("extension_grant", Some("urn:x:y"), "must have a name")],
        ),
        (
            "an endpoint without grants",
            |_| {
                introspection()
                    .grant_types([GrantType::RefreshToken, GrantType::Password])
                    .grant_type(GrantType::Password)
                    .extension_grant("urn:x:y", &[])
            },
            &[
                ("grant_types", Some("refresh_token password"), NO_GRANT),
                ("grant_type", Some("password"), NO_GRANT),
                ("extension_grant", Some("urn:x:y"), NO_GRANT),
            ],
        ),
    ];
    for (name, set, expected) in rows {
        assert_problems(name, &set(builder()), expected);
    }
}

#[test]
fn every_problem_is_reported_at_once() {
    let wrong = TokenEndpointLayer::builder(clients(), "")
        .path("")
        .endpoint_url("")
        .deadline(Duration::ZERO)
        .body_limit(0)
        .error_uri("")
        .retry_after(Duration::ZERO)
        .auth_methods([])
        .grant_types([]);
    let found = problems(&wrong);
    let settings: Vec<_> = found.iter().map(|(setting, _, _)| *setting).collect();
    assert_eq!(
        settings,
        [
            "issuer",
            "path",
            "endpoint_url",
            "deadline",
            "body_limit",
            "error_uri",
            "retry_after",
            "auth_methods",
            "grant_types",
        ]
    );
}

#[test]
fn the_order_of_calls_does_not_matter() {
    let one = builder()
        .grant_type(GrantType::Password)
        .extension_grant("urn:x:y", &["a"])
        .grant_types([GrantType::RefreshToken])
        .path("/token")
        .auth_methods([AuthMethod::None])
        .endpoint(Endpoint::Token)
        .challenge(Challenge::OnlyForHeader);
    let other = builder()
        .challenge(Challenge::OnlyForHeader)
        .endpoint(Endpoint::Token)
        .auth_methods([AuthMethod::None])
        .path("/token")
        .grant_types([GrantType::RefreshToken])
        .extension_grant("urn:x:y", &["a"])
        .grant_type(GrantType::Password);
    let [one, other] = [one, other].map(|builder| builder.build().expect("a layer"));
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    assert_eq!(
        one.server_metadata()["grant_types_supported"],
        json!(["refresh_token", "password", "urn:x:y"])
    );
}

#[test]
fn discovery_has_the_path_beside_a_predicate_and_no_url_without_it() {
    let by_predicate = || builder().path_where(|path| path.ends_with("token"));
    let url = |builder: Builder| {
        let metadata = builder.build().expect("a layer").server_metadata();
        metadata.get("token_endpoint").cloned()
    };
    assert_eq!(url(by_predicate()), None);
    let token = Some(json!("https://as.example.com/token"));
    assert_eq!(url(by_predicate().path("/token")), token);
    assert_eq!(
        url(by_predicate().endpoint_url("https://as.example.com/token")),
        token
    );
}

#[test]
fn auth_methods_narrow_what_discovery_says() {
    let metadata = builder()
        .auth_methods([AuthMethod::None, AuthMethod::ClientSecretPost])
        .path("/token")
        .build()
        .expect("a layer")
        .server_metadata();
    assert_eq!(
        json!(metadata),
        json!({
            "issuer": ISSUER,
            "token_endpoint": "https://as.example.com/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "none"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        })
    );
}

#[test]
fn a_layer_for_another_endpoint_has_the_settings_and_a_path_of_its_own() {
    let token = builder()
        .path("/token")
        .endpoint_url("https://public.example.com/token")
        .auth_methods([AuthMethod::ClientSecretPost])
        .grant_types([GrantType::RefreshToken])
        .body_limit(7)
        .error_uri("https://as.example.com/errors")
        .build()
        .expect("a layer");
    let revoke = token
        .for_endpoint(Endpoint::Revocation, "/revoke")
        .expect("a layer");
    assert_eq!(
        json!(revoke.server_metadata()),
        json!({
            "issuer": ISSUER,
            "revocation_endpoint": "https://as.example.com/revoke",
            "revocation_endpoint_auth_methods_supported": ["client_secret_post"],
        })
    );
    assert_eq!(revoke.core.settings.body_limit, 7);
    assert!(format!("{revoke:?}").contains("https://as.example.com/errors"));

    // The grants are not lost on the way.
    let again = revoke
        .for_endpoint(Endpoint::Token, "/again")
        .expect("a layer");
    assert_eq!(
        again.server_metadata()["grant_types_supported"],
        json!(["refresh_token"])
    );
    let more = revoke
        .builder_for_endpoint(Endpoint::Token)
        .grant_type(GrantType::Password);
    assert_eq!(
        more.build().expect("a layer").server_metadata()["grant_types_supported"],
        json!(["refresh_token", "password"])
    );

    let without_path = token
        .builder_for_endpoint(Endpoint::Revocation)
        .build()
        .expect("a layer");
    assert_eq!(
        without_path.server_metadata().get("revocation_endpoint"),
        None
    );

    let error = token
        .for_endpoint(Endpoint::Revocation, "revoke")
        .expect_err("no path");
    assert_eq!(
        error.problems().next().map(|problem| problem.setting()),
        Some("path")
    );
    let public = builder()
        .auth_methods([AuthMethod::None])
        .build()
        .expect("a layer");
    assert!(
        public
            .for_endpoint(Endpoint::Introspection, "/introspect")
            .is_err()
    );
}

/// RFC 9126 §5, RFC 8628 §4 and OpenID Connect CIBA Core §4 register one member each: the methods and
/// algorithms are those of the token endpoint.
#[test]
fn discovery_of_the_endpoints_without_methods_of_their_own_is_their_url() {
    let token = builder().path("/token").build().expect("a layer");
    for (endpoint, member) in [
        (
            Endpoint::PushedAuthorization,
            "pushed_authorization_request_endpoint",
        ),
        (
            Endpoint::DeviceAuthorization,
            "device_authorization_endpoint",
        ),
        (
            Endpoint::BackchannelAuthentication,
            "backchannel_authentication_endpoint",
        ),
    ] {
        let layer = token.for_endpoint(endpoint, "/other").expect("a layer");
        let expected = json!({"issuer": ISSUER, member: "https://as.example.com/other"});
        assert_eq!(json!(layer.server_metadata()), expected);
        let elsewhere = token
            .builder_for_endpoint(endpoint)
            .endpoint_url("https://a.example/b");
        let metadata = elsewhere.build().expect("a layer").server_metadata();
        assert_eq!(metadata[member], "https://a.example/b");
        let without_url = token.builder_for_endpoint(endpoint).build();
        let metadata = without_url.expect("a layer").server_metadata();
        assert_eq!(json!(metadata), json!({"issuer": ISSUER}));
        // No grant is chosen at these endpoints.
        let grants = token
            .builder_for_endpoint(endpoint)
            .grant_type(GrantType::Ciba);
        assert!(grants.build().is_err(), "{endpoint:?}");
    }
    let public = builder().auth_methods([AuthMethod::None]);
    let public = public.build().expect("a layer");
    let other = |endpoint| public.for_endpoint(endpoint, "/other");
    assert!(other(Endpoint::PushedAuthorization).is_ok());
    assert!(other(Endpoint::DeviceAuthorization).is_ok());
    assert!(other(Endpoint::BackchannelAuthentication).is_err());
}

#[test]
fn discovery_says_that_requests_must_be_pushed_if_that_is_set() {
    let member = "require_pushed_authorization_requests";
    let metadata = |builder: Builder| builder.build().expect("a layer").server_metadata();
    assert_eq!(metadata(builder()).get(member), None);
    let set = builder().require_pushed_authorization_requests(true);
    let layer = set.clone().build().expect("a layer");
    assert_eq!(layer.server_metadata()[member], true);
    let pushed = layer.for_endpoint(Endpoint::PushedAuthorization, "/par");
    assert_eq!(pushed.expect("a layer").server_metadata()[member], true);
    let taken_back = set.require_pushed_authorization_requests(false);
    assert_eq!(metadata(taken_back).get(member), None);
}

#[test]
fn discovery_lists_s256_if_pkce_is_required() {
    let methods = |builder: Builder| {
        let layer = builder.build().expect("a layer");
        let metadata = layer.server_metadata();
        metadata.get("code_challenge_methods_supported").cloned()
    };
    assert_eq!(methods(builder()), None);
    let set = builder().require_pkce(true);
    assert_eq!(methods(set.clone()), Some(json!(["S256"])));
    assert_eq!(methods(set.require_pkce(false)), None);
}

#[cfg(feature = "jwt")]
mod assertions {
    use super::*;
    use crate::{
        BoxError,
        client::SigningAlgorithm,
        jwks::{FetchedKeys, JwksSource},
        replay::MemoryReplayStore,
    };

    struct NoKeys;

    impl JwksSource for NoKeys {
        type Error = BoxError;

        async fn fetch(&self, _: &str) -> Result<FetchedKeys, BoxError> {
            Err("no keys".into())
        }
    }

    #[test]
    fn settings_of_assertions_need_assertions() {
        const NEEDED: &str = "needs `client_assertions`";
        let rows: &[Row] = &[
            (
                "algorithms",
                |b| b.signing_algorithms([SigningAlgorithm::ES256, SigningAlgorithm::HS256]),
                &[("signing_algorithms", Some("ES256 HS256"), NEEDED)],
            ),
            (
                "audience",
                |b| b.strict_audience(true),
                &[("strict_audience", Some("true"), NEEDED)],
            ),
            (
                "audience as by default",
                |b| b.strict_audience(false).accept_endpoint_audience(false),
                &[],
            ),
            (
                "the URL of the endpoint as audience",
                |b| b.accept_endpoint_audience(true).path("/token"),
                &[("accept_endpoint_audience", Some("true"), NEEDED)],
            ),
            (
                "both audiences",
                |b| {
                    b.accept_endpoint_audience(true)
                        .strict_audience(true)
                        .path("/token")
                        .client_assertions(MemoryReplayStore::new())
                },
                &[(
                    "accept_endpoint_audience",
                    Some("true"),
                    "contradicts `strict_audience`",
                )],
            ),
            (
                "the URL of an endpoint that is not known",
                |b| {
                    b.accept_endpoint_audience(true)
                        .client_assertions(MemoryReplayStore::new())
                },
                &[(
                    "accept_endpoint_audience",
                    Some("true"),
                    "needs `path` or `endpoint_url`",
                )],
            ),
            (
                "the URL of an endpoint by its URL",
                |b| {
                    b.accept_endpoint_audience(true)
                        .endpoint_url("https://login.example.com/token")
                        .client_assertions(MemoryReplayStore::new())
                },
                &[],
            ),
            (
                "keys",
                |b| b.jwks_source(NoKeys),
                &[("jwks_source", None, NEEDED)],
            ),
            (
                "stale keys",
                |b| {
                    b.jwks_stale_if_error(Duration::from_secs(60))
                        .client_assertions(MemoryReplayStore::new())
                },
                &[("jwks_stale_if_error", Some("60s"), "needs `jwks_source`")],
            ),
            (
                "stale keys for ever",
                |b| {
                    b.client_assertions(MemoryReplayStore::new())
                        .jwks_stale_if_error(None)
                },
                &[("jwks_stale_if_error", Some("None"), "needs `jwks_source`")],
            ),
            (
                "stale keys, before their source",
                |b| {
                    b.jwks_stale_if_error(None)
                        .jwks_source(NoKeys)
                        .client_assertions(MemoryReplayStore::new())
                },
                &[],
            ),
            (
                "all of them",
                |b| {
                    b.signing_algorithms([SigningAlgorithm::ES256])
                        .strict_audience(true)
                        .jwks_source(NoKeys)
                        .client_assertions(MemoryReplayStore::new())
                },
                &[],
            ),
            (
                "limit",
                |b| b.assertion_limit(4096),
                &[("assertion_limit", Some("4096"), NEEDED)],
            ),
            (
                "RSA",
                |b| b.max_rsa_bits(8192),
                &[("max_rsa_bits", Some("8192"), NEEDED)],
            ),
            (
                "the largest RSA",
                |b| {
                    b.max_rsa_bits(8192)
                        .client_assertions(MemoryReplayStore::new())
                },
                &[],
            ),
            (
                "RSA that is too large",
                |b| {
                    b.max_rsa_bits(8193)
                        .client_assertions(MemoryReplayStore::new())
                },
                &[("max_rsa_bits", Some("8193"), "must be a number of bits")],
            ),
            (
                "RSA that is too small",
                |b| {
                    b.max_rsa_bits(2047)
                        .client_assertions(MemoryReplayStore::new())
                },
                &[("max_rsa_bits", Some("2047"), "must be a number of bits")],
            ),
            (
                "no bytes",
                |b| {
                    b.assertion_limit(0)
                        .client_assertions(MemoryReplayStore::new())
                },
                &[("assertion_limit", Some("0"), "must be a number of bytes")],
            ),
            (
                "as many bytes as a body",
                |b| {
                    b.assertion_limit(65_536)
                        .client_assertions(MemoryReplayStore::new())
                },
                &[],
            ),
            (
                "more bytes than a body",
                |b| {
                    b.assertion_limit(4097)
                        .client_assertions(MemoryReplayStore::new())
                        .body_limit(4096)
                },
                &[("assertion_limit", Some("4097"), "must be a number of bytes")],
            ),
            (
                "a body of fewer bytes than the default",
                |b| {
                    b.client_assertions(MemoryReplayStore::new())
                        .body_limit(4096)
                },
                &[],
            ),
            (
                "no algorithms",
                |b| {
                    b.client_assertions(MemoryReplayStore::new())
                        .signing_algorithms([])
                },
                &[("signing_algorithms", None, "must name at least one")],
            ),
            (
                "a method without an algorithm",
                |b| {
                    b.auth_methods([AuthMethod::PrivateKeyJwt])
                        .signing_algorithms([SigningAlgorithm::HS256])
                        .client_assertions(MemoryReplayStore::new())
                },
                &[(
                    "auth_methods",
                    Some("private_key_jwt"),
                    "needs an algorithm",
                )],
            ),
        ];
        for (name, set, expected) in rows {
            assert_problems(name, &set(builder()), expected);
        }
    }

    #[test]
    fn methods_of_another_layer_must_fit_new_algorithms() {
        let token = builder()
            .auth_methods([AuthMethod::PrivateKeyJwt])
            .client_assertions(MemoryReplayStore::new())
            .build()
            .expect("a layer");
        let revoke = |algorithm| {
            let builder = token.builder_for_endpoint(Endpoint::Revocation);
            builder.signing_algorithms([algorithm]).build()
        };
        assert!(revoke(SigningAlgorithm::ES256).is_ok());
        let error = revoke(SigningAlgorithm::HS256).expect_err("no method is left");
        let error = error.to_string();
        assert!(error.contains("private_key_jwt"), "{error}");
    }

    #[test]
    fn discovery_lists_the_algorithms_of_methods_that_are_on() {
        let all = builder().client_assertions(MemoryReplayStore::new());
        let token = all
            .clone()
            .auth_methods([AuthMethod::ClientSecretJwt])
            .build()
            .expect("a layer");
        let metadata = token.server_metadata();
        assert_eq!(
            metadata["token_endpoint_auth_methods_supported"],
            json!(["client_secret_jwt"])
        );
        assert_eq!(
            metadata["token_endpoint_auth_signing_alg_values_supported"],
            json!(["HS256", "HS384", "HS512"])
        );
        let revoke = token
            .for_endpoint(Endpoint::Revocation, "/revoke")
            .expect("a layer");
        assert_eq!(
            revoke.server_metadata()["revocation_endpoint_auth_methods_supported"],
            json!(["client_secret_jwt"])
        );

        let off = all.auth_methods([AuthMethod::ClientSecretBasic]);
        let metadata = off.build().expect("a layer").server_metadata();
        assert_eq!(
            metadata.get("token_endpoint_auth_signing_alg_values_supported"),
            None
        );
    }

    #[test]
    fn an_inherited_exception_contradicts_as_one_that_was_set() {
        let token = builder()
            .path("/token")
            .accept_endpoint_audience(true)
            .client_assertions(MemoryReplayStore::new())
            .build()
            .expect("a layer");
        // The URL of the token endpoint is known to it.
        let revoke = token.builder_for_endpoint(Endpoint::Revocation);
        assert_problems("inherited", &revoke, &[]);
        let strict = revoke.strict_audience(true);
        let contradiction = ("accept_endpoint_audience", Some("true"), "contradicts");
        assert_problems("strict", &strict, &[contradiction]);
        assert_problems("taken back", &strict.accept_endpoint_audience(false), &[]);
    }

    #[test]
    fn an_inherited_assertion_limit_is_held_to_the_body_limit() {
        let token = builder()
            .assertion_limit(60_000)
            .client_assertions(MemoryReplayStore::new())
            .build()
            .expect("a layer");
        let revoke = token.builder_for_endpoint(Endpoint::Revocation);
        assert_problems("inherited", &revoke, &[]);
        let small = revoke.body_limit(16_384);
        let problem = (
            "assertion_limit",
            Some("60000"),
            "must be a number of bytes",
        );
        assert_problems("a smaller body", &small, &[problem]);
        assert_problems("set again", &small.assertion_limit(8_192), &[]);
    }

    #[test]
    fn the_url_of_the_token_endpoint_stays_an_audience() {
        use crate::protocol::jwt::audience::Audience;
        let client = crate::Client::builder("a")
            .secret(crate::client::ClientSecret::sha256_of("s"))
            .build()
            .expect("a client");
        let token = builder()
            .path("/token")
            .client_assertions(MemoryReplayStore::new())
            .accept_endpoint_audience(true)
            .build()
            .expect("a layer");
        let revoke = token
            .for_endpoint(Endpoint::Revocation, "/revoke")
            .expect("a layer");
        let introspect = revoke
            .for_endpoint(Endpoint::Introspection, "/i")
            .expect("a layer");
        let again = introspect
            .for_endpoint(Endpoint::Token, "/again")
            .expect("a layer");
        for (layer, path, expected) in [
            (&token, "/token", true),
            (&revoke, "/token", true),
            (&revoke, "/revoke", true),
            (&introspect, "/token", true),
            (&introspect, "/revoke", false),
            (&again, "/token", false),
            (&again, "/again", true),
        ] {
            let audience = Audience::Text(format!("{ISSUER}{path}"));
            let settings = &layer.core.settings;
            let is_audience = settings.is_audience(&client, &audience, false);
            assert_eq!(is_audience, expected, "{layer:?} {path}");
            assert!(!settings.is_audience(&client, &audience, true));
        }
    }
}

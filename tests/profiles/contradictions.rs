//! Settings that contradict a profile, which no layer is built with.

use tower_token_endpoint::client::{AuthMethod, SigningAlgorithm};
use tower_token_endpoint::dpop::Dpop;
use tower_token_endpoint::layer::{Profile, TokenEndpointLayerBuilder};
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{Endpoint, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::cast::builder;
use crate::common::{Built, ISSUER};

type Builder = TokenEndpointLayerBuilder<MemoryClientStore>;
/// Setting, value, and the start of what is wanted.
type Problem = (&'static str, Option<&'static str>, &'static str);
/// What is set, and the problems without a profile, with OAuth 2.1 and with FAPI 2.0.
type Row = (
    &'static str,
    fn(Builder) -> Builder,
    [&'static [Problem]; 3],
);

fn clients() -> MemoryClientStore {
    MemoryClientStore::new([]).expect("clients")
}

fn bare() -> Builder {
    TokenEndpointLayer::builder(clients(), ISSUER).path("/token")
}

#[track_caller]
fn assert_problems(name: &str, builder: &Builder, expected: &[Problem]) {
    let error = builder.clone().build().err();
    let found: Vec<_> = error.iter().flat_map(|error| error.problems()).collect();
    assert_eq!(found.len(), expected.len(), "{name}: {found:#?}");
    for (problem, (setting, value, wanted)) in found.into_iter().zip(expected) {
        let got = (problem.setting(), problem.value());
        assert_eq!(got, (*setting, *value), "{name}");
        let text = problem.wanted();
        assert!(text.starts_with(wanted), "{name}: {text}");
    }
}

const NONE: &[Problem] = &[];
const OFF: &str = "contradicts `profile`: it must be true";
const ALGORITHM: &str = "contradicts `profile`: it must be PS256, ES256 or Ed25519";
const METHOD: &str =
    "contradicts `profile`: it must be `private_key_jwt` or a method of mutual TLS";
const GRANT: &str = "contradicts `profile`, which has no such grant";

const ROWS: &[Row] = &[
    ("nothing", |b| b, [NONE; 3]),
    (
        "what the profile requires",
        |b| {
            b.auth_methods([AuthMethod::PrivateKeyJwt])
                .signing_algorithms([SigningAlgorithm::ES256, SigningAlgorithm::PS256])
                .strict_basic(true)
                .strict_audience(true)
                .accept_endpoint_audience(false)
                .require_pkce(true)
                .require_pushed_authorization_requests(true)
                .dpop(
                    Dpop::new()
                        .required(true)
                        .signing_algorithms([SigningAlgorithm::ES256, SigningAlgorithm::Ed25519]),
                )
                .grant_types([GrantType::ClientCredentials])
        },
        [NONE; 3],
    ),
    (
        "strict_basic",
        |b| b.strict_basic(false),
        [
            NONE,
            &[("strict_basic", Some("false"), OFF)],
            &[("strict_basic", Some("false"), OFF)],
        ],
    ),
    (
        "strict_basic that was taken back",
        |b| b.strict_basic(false).strict_basic(true),
        [NONE; 3],
    ),
    (
        "strict_audience",
        |b| b.strict_audience(false),
        [NONE, NONE, &[("strict_audience", Some("false"), OFF)]],
    ),
    (
        "accept_endpoint_audience",
        |b| b.accept_endpoint_audience(true),
        [
            NONE,
            &[("accept_endpoint_audience", Some("true"), "contradicts")],
            &[("accept_endpoint_audience", Some("true"), "contradicts")],
        ],
    ),
    (
        "require_pkce",
        |b| b.require_pkce(false),
        [
            NONE,
            &[("require_pkce", Some("false"), OFF)],
            &[("require_pkce", Some("false"), OFF)],
        ],
    ),
    (
        "require_pushed_authorization_requests",
        |b| b.require_pushed_authorization_requests(false),
        [
            NONE,
            NONE,
            &[("require_pushed_authorization_requests", Some("false"), OFF)],
        ],
    ),
    (
        "methods",
        |b| {
            b.auth_methods([
                AuthMethod::ClientSecretBasic,
                AuthMethod::PrivateKeyJwt,
                AuthMethod::None,
            ])
        },
        [
            NONE,
            NONE,
            &[
                ("auth_methods", Some("client_secret_basic"), METHOD),
                ("auth_methods", Some("none"), METHOD),
            ],
        ],
    ),
    (
        "algorithms of assertions",
        |b| {
            b.signing_algorithms([
                SigningAlgorithm::ES256,
                SigningAlgorithm::RS256,
                SigningAlgorithm::HS256,
            ])
        },
        [
            NONE,
            NONE,
            &[
                ("signing_algorithms", Some("RS256"), ALGORITHM),
                ("signing_algorithms", Some("HS256"), ALGORITHM),
            ],
        ],
    ),
    (
        "algorithms of proofs",
        |b| {
            b.dpop(
                Dpop::new().signing_algorithms([SigningAlgorithm::ES256, SigningAlgorithm::ES384]),
            )
        },
        [NONE, NONE, &[("dpop", Some("ES384"), ALGORITHM)]],
    ),
    (
        "proofs that are not required",
        |b| b.dpop(Dpop::new().required(false)),
        [
            NONE,
            NONE,
            &[("dpop", Some("required(false)"), "contradicts `profile`")],
        ],
    ),
    (
        "the grant password",
        |b| b.grant_type(GrantType::Password),
        [
            NONE,
            &[("grant_type", Some("password"), GRANT)],
            &[("grant_type", Some("password"), GRANT)],
        ],
    ),
    (
        "the grant password among others",
        |b| b.grant_types([GrantType::ClientCredentials, GrantType::Password]),
        [
            NONE,
            &[("grant_types", Some("password"), GRANT)],
            &[("grant_types", Some("password"), GRANT)],
        ],
    ),
    (
        "several",
        |b| b.strict_basic(false).strict_audience(false),
        [
            NONE,
            &[("strict_basic", Some("false"), OFF)],
            &[
                ("strict_basic", Some("false"), OFF),
                ("strict_audience", Some("false"), OFF),
            ],
        ],
    ),
];

#[test]
fn what_contradicts_a_profile_is_named_with_its_value() {
    for (name, set, expected) in ROWS {
        let [none, oauth21, fapi2] = expected;
        assert_problems(name, &set(builder(clients())), none);
        for (profile, expected) in [(Profile::OAuth21, oauth21), (Profile::Fapi2, fapi2)] {
            let before = set(builder(clients()).profile(profile));
            assert_problems(name, &before, expected);
            // The order of the calls does not matter.
            let after = set(builder(clients())).profile(profile);
            assert_problems(name, &after, expected);
        }
    }
}

/// What is not set is narrowed, and what is set is held against the profile, even if it is everything.
#[test]
fn all_algorithms_contradict_if_they_are_set() {
    let algorithms = builder(clients()).built().server_metadata();
    let algorithms = &algorithms["token_endpoint_auth_signing_alg_values_supported"];
    let algorithms = algorithms.as_array().expect("a list").iter();
    let algorithms = algorithms.map(|it| it.as_str().expect("a name").parse());
    let algorithms: Result<Vec<SigningAlgorithm>, _> = algorithms.collect();
    let all = builder(clients()).signing_algorithms(algorithms.expect("known names"));
    assert_problems("without", &all, &[]);
    let error = all
        .profile(Profile::Fapi2)
        .build()
        .expect_err("ten of them");
    assert_eq!(error.problems().count(), 10, "{error}");
}

/// What FAPI 2.0 cannot do without, because nobody can choose it for the server.
#[test]
fn fapi_needs_assertions_and_proofs() {
    const ASSERTIONS: Problem = ("profile", Some("fapi2"), "needs `client_assertions`");
    const DPOP: Problem = ("profile", Some("fapi2"), "needs `dpop`");
    let fapi2 = |builder: Builder| builder.profile(Profile::Fapi2);
    let store = MemoryReplayStore::new;
    assert_problems("neither", &fapi2(bare()), &[ASSERTIONS, DPOP]);
    let assertions = bare().client_assertions(store());
    assert_problems("no proofs", &fapi2(assertions.clone()), &[DPOP]);
    let proofs = bare().dpop(Dpop::new()).replay_store(store());
    assert_problems("no assertions", &fapi2(proofs), &[ASSERTIONS]);
    // No other endpoint issues tokens.
    for endpoint in [Endpoint::Introspection, Endpoint::PushedAuthorization] {
        let other = assertions.clone().endpoint(endpoint);
        assert_problems("another endpoint", &fapi2(other), &[]);
    }
    assert_problems("OAuth 2.1", &bare().profile(Profile::OAuth21), &[]);
}

#[test]
fn the_layers_of_other_endpoints_are_held_to_the_profile() {
    let token = builder(clients()).profile(Profile::Fapi2).built();
    let par = || {
        let par = token.builder_for_endpoint(Endpoint::PushedAuthorization);
        par.path("/par")
    };
    assert_problems("inherited", &par(), &[]);
    let problem = ("require_pkce", Some("false"), OFF);
    assert_problems("PKCE", &par().require_pkce(false), &[problem]);
    let problem = ("dpop", Some("RS256"), ALGORITHM);
    let proofs = Dpop::new().signing_algorithms([SigningAlgorithm::RS256]);
    assert_problems("proofs", &par().dpop(proofs), &[problem]);
}

/// Also what a layer without a profile has chosen.
#[test]
fn a_profile_of_another_endpoint_is_held_against_what_is_inherited() {
    let token = builder(clients())
        .auth_methods([AuthMethod::PrivateKeyJwt, AuthMethod::ClientSecretPost])
        .signing_algorithms([SigningAlgorithm::RS256])
        .accept_endpoint_audience(true)
        .grant_type(GrantType::Password)
        .built();
    let second = token.builder_for_endpoint(Endpoint::Token).path("/second");
    assert_problems("without", &second, &[]);
    let expected = [
        ("auth_methods", Some("client_secret_post"), METHOD),
        ("signing_algorithms", Some("RS256"), ALGORITHM),
        ("accept_endpoint_audience", Some("true"), "contradicts"),
        ("grant_types", Some("password"), GRANT),
    ];
    assert_problems("with", &second.profile(Profile::Fapi2), &expected);
    // Its requests have no grant.
    let introspection = token.builder_for_endpoint(Endpoint::Introspection);
    let introspection = introspection.profile(Profile::Fapi2);
    assert_problems("no grants", &introspection, &expected[..3]);
}

#[test]
fn the_error_shows_setting_value_and_what_is_wanted() {
    let builder = builder(clients()).profile(Profile::OAuth21);
    let error = builder.strict_basic(false).build().expect_err("a problem");
    let expected = r#"strict_basic "false": contradicts `profile`: it must be true"#;
    assert_eq!(error.to_string(), expected);
}

//! Who is registered, by what keys and secrets.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tower::BoxError;
use tower_token_endpoint::client::{AuthMethod, ClientBuilder, ClientSecret, SigningAlgorithm};
use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};
use tower_token_endpoint::replay::ReplayStore;
use tower_token_endpoint::{Client, Endpoint, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, ISSUER};
use crate::judge::{Builder, Layer};
use crate::replays::Recorder;
use crate::row::{CLIENT_SECRET_JWT, PRIVATE_KEY_JWT};
use crate::rsa_fixed;
use crate::sign::*;

pub(crate) const TENANT: &str = "https://tenant.example.com";
pub(crate) const TOKEN_URL: &str = "https://as.example.com/token";
pub(crate) const INTROSPECTION_URL: &str = "https://as.example.com/introspect";
pub(crate) const REVOCATION_URL: &str = "https://as.example.com/revoke";
pub(crate) const KEYS_URL: &str = "https://client.example.com/jwks.json";
pub(crate) const NAMED_KEYS_URL: &str = "https://client.example.com/named.json";
pub(crate) const LARGE_KEYS_URL: &str = "https://client.example.com/large.json";
pub(crate) const LOST_KEYS_URL: &str = "https://lost.example.com/jwks.json";

/// The first 32 bytes of [`SECRET_TEXT`], and the first 48.
pub(crate) static SECRET_OF_32: Key = LazyLock::new(|| Pair::Secret(SECRET_TEXT[..32].into()));
pub(crate) static SECRET_OF_48: Key = LazyLock::new(|| Pair::Secret(SECRET_TEXT[..48].into()));

static CLIENTS: LazyLock<MemoryClientStore> =
    LazyLock::new(|| MemoryClientStore::new(cast()).expect("clients that load"));

pub(crate) fn clients() -> MemoryClientStore {
    CLIENTS.clone()
}

/// The layer with its defaults and this store, on `/token`.
pub(crate) fn over(replays: impl ReplayStore) -> Layer {
    builder_over(replays).built()
}

/// What makes [`over`], for more settings.
pub(crate) fn builder_over(replays: impl ReplayStore) -> Builder {
    TokenEndpointLayer::builder(clients(), ISSUER)
        .path("/token")
        .client_assertions(replays)
}

pub(crate) fn default_layer(recorder: Arc<Recorder>) -> Layer {
    over(recorder)
}

pub(crate) fn strict_layer(recorder: Arc<Recorder>) -> Layer {
    builder_over(recorder).strict_audience(true).built()
}

/// Also accepts the URL of an endpoint as the audience.
pub(crate) fn lenient_layer(recorder: Arc<Recorder>) -> Layer {
    builder_over(recorder)
        .accept_endpoint_audience(true)
        .built()
}

pub(crate) fn es256_alone_layer(recorder: Arc<Recorder>) -> Layer {
    builder_over(recorder)
        .signing_algorithms([SigningAlgorithm::ES256])
        .built()
}

pub(crate) fn ed25519_alone_layer(recorder: Arc<Recorder>) -> Layer {
    builder_over(recorder)
        .signing_algorithms([SigningAlgorithm::Ed25519])
        .built()
}

pub(crate) fn introspection_layer(recorder: Arc<Recorder>) -> Layer {
    lenient_layer(recorder)
        .for_endpoint(Endpoint::Introspection, "/introspect")
        .expect("settings that agree")
}

pub(crate) fn revocation_layer(recorder: Arc<Recorder>) -> Layer {
    lenient_layer(recorder)
        .for_endpoint(Endpoint::Revocation, "/revoke")
        .expect("settings that agree")
}

/// By the default, which is not lenient.
pub(crate) fn default_introspection_layer(recorder: Arc<Recorder>) -> Layer {
    over(recorder)
        .for_endpoint(Endpoint::Introspection, "/introspect")
        .expect("settings that agree")
}

pub(crate) const ELSEWHERE: &str = "https://login.example.com/oauth2";

/// Its public URL is not the issuer followed by the path.
pub(crate) fn elsewhere_layer(recorder: Arc<Recorder>) -> Layer {
    builder_over(recorder)
        .endpoint_url(format!("{ELSEWHERE}/token"))
        .accept_endpoint_audience(true)
        .built()
}

pub(crate) fn elsewhere_introspection_layer(recorder: Arc<Recorder>) -> Layer {
    elsewhere_layer(recorder)
        .builder_for_endpoint(Endpoint::Introspection)
        .path("/introspect")
        .endpoint_url(format!("{ELSEWHERE}/introspect"))
        .built()
}

pub(crate) fn elsewhere_revocation_layer(recorder: Arc<Recorder>) -> Layer {
    elsewhere_layer(recorder)
        .builder_for_endpoint(Endpoint::Revocation)
        .path("/revoke")
        .endpoint_url(format!("{ELSEWHERE}/revoke"))
        .built()
}

pub(crate) fn fetching_layer(recorder: Arc<Recorder>) -> Layer {
    builder_over(recorder).jwks_source(Mirror).built()
}

/// Has a set at each address but one.
pub(crate) struct Mirror;

impl JwksSource for Mirror {
    type Error = BoxError;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
        let key = match jwks_uri {
            KEYS_URL => jwk(&P256),
            NAMED_KEYS_URL => jwk_with(&P256, [of_kid("1")]),
            LARGE_KEYS_URL => jwk(&RSA_3072),
            _ => return Err("connection refused".into()),
        };
        Ok(FetchedKeys::new(set(vec![key]).to_string()))
    }
}

pub(crate) fn set(keys: Vec<Value>) -> Value {
    json!({ "keys": keys })
}

/// A client of `private_key_jwt` with these keys.
pub(crate) fn keyed(id: &str, keys: Vec<Value>) -> ClientBuilder {
    with_grants(id)
        .auth_method(PRIVATE_KEY_JWT)
        .metadata("jwks", set(keys))
}

/// A client of `client_secret_jwt` with this secret.
pub(crate) fn secret(id: &str, secret: &str) -> ClientBuilder {
    with_grants(id)
        .auth_method(CLIENT_SECRET_JWT)
        .secret(plain(secret))
}

pub(crate) fn with_grants(id: &str) -> ClientBuilder {
    use GrantType::{ClientCredentials, RefreshToken};
    Client::builder(id).grant_types([ClientCredentials, RefreshToken])
}

fn for_alg(alg: &str) -> (&'static str, Value) {
    ("alg", alg.into())
}

fn of_kid(kid: &str) -> (&'static str, Value) {
    ("kid", kid.into())
}

fn fixed_rsa(modulus: &str, exponent: &str) -> Value {
    json!({ "kty": "RSA", "n": modulus, "e": exponent })
}

/// A secret as it must be kept for `client_secret_jwt`.
pub(crate) fn plain(text: &str) -> ClientSecret {
    ClientSecret::plain(text)
}

fn expired(text: &str) -> ClientSecret {
    plain(text).expires_at(SystemTime::now() - Duration::from_secs(1))
}

fn cast() -> Vec<Client> {
    const REGISTERED_ALG: &str = "token_endpoint_auth_signing_alg";
    let clients = [
        keyed("rsa", vec![jwk(&RSA)]),
        keyed("p256", vec![jwk(&P256)]),
        keyed("p384", vec![jwk(&P384)]),
        keyed("p521", vec![jwk(&P521)]),
        keyed("ed25519", vec![jwk(&ED25519)]),
        secret("hmac", SECRET_TEXT),
        keyed(
            "other-p256",
            vec![jwk_with(&OTHER_P256, [of_kid("of-another")])],
        ),
        keyed("same-p256", vec![jwk(&P256)]),
        keyed("клиент/€ 𝄞", vec![jwk(&P256)]),
        keyed("fixed-rsa", vec![fixed_rsa(rsa_fixed::N, "AQAB")]),
        keyed("fixed-e3", vec![fixed_rsa(rsa_fixed::N3, "Aw")]),
        // sets of keys
        keyed(
            "rotating",
            vec![
                jwk_with(&P256, [of_kid("old")]),
                jwk_with(&OTHER_P256, [of_kid("new")]),
            ],
        ),
        // Two keys that no header can choose, beside one that makes the set of use.
        keyed("two", vec![jwk(&P256), jwk(&OTHER_P256), jwk(&RSA)]),
        keyed(
            "named-and-not",
            vec![jwk_with(&P256, [of_kid("1")]), jwk(&OTHER_P256)],
        ),
        keyed(
            "twins",
            vec![
                jwk_with(&P256, [of_kid("1")]),
                jwk_with(&OTHER_P256, [of_kid("1")]),
                jwk(&RSA),
            ],
        ),
        keyed(
            "kinds",
            vec![
                jwk_with(&RSA, [of_kid("1")]),
                jwk_with(&P256, [of_kid("1")]),
                jwk_with(&P384, [of_kid("1")]),
                jwk_with(&P521, [of_kid("1")]),
                jwk_with(&ED25519, [of_kid("1")]),
            ],
        ),
        keyed(
            "encrypting",
            vec![
                jwk_with(&RSA, [of_kid("enc"), ("use", "enc".into())]),
                jwk_with(
                    &P384,
                    [of_kid("ops"), ("key_ops", json!(["encrypt", "sign"]))],
                ),
                jwk_with(&ED25519, [of_kid("oaep"), for_alg("RSA-OAEP")]),
                json!({ "kty": "oct", "kid": "oct", "k": base64url(SECRET_TEXT) }),
                json!({ "kty": "AKP", "kid": "akp", "alg": "ML-DSA-44", "pub": "AA" }),
                jwk_with(&P256, [of_kid("sig"), ("use", "sig".into())]),
            ],
        ),
        keyed(
            "key-ops",
            vec![jwk_with(
                &P256,
                [("key_ops", json!(["verify"])), ("use", "sig".into())],
            )],
        ),
        keyed("key-of-rs256", vec![jwk_with(&RSA, [for_alg("RS256")])]),
        keyed(
            "key-each",
            vec![
                jwk_with(&RSA, [for_alg("RS256")]),
                jwk_with(&OTHER_RSA, [for_alg("PS256")]),
            ],
        ),
        keyed("key-of-eddsa", vec![jwk_with(&ED25519, [for_alg("EdDSA")])]),
        keyed(
            "key-of-ed25519",
            vec![jwk_with(&ED25519, [for_alg("Ed25519")])],
        ),
        // registered algorithms
        keyed("es256-alone", vec![jwk(&RSA), jwk(&P256)]).metadata(REGISTERED_ALG, "ES256".into()),
        keyed("ps384-alone", vec![jwk(&RSA)]).metadata(REGISTERED_ALG, "PS384".into()),
        keyed("eddsa-alone", vec![jwk(&ED25519)]).metadata(REGISTERED_ALG, "EdDSA".into()),
        keyed("ed25519-alone", vec![jwk(&ED25519)]).metadata(REGISTERED_ALG, "Ed25519".into()),
        secret("hs512-alone", SECRET_TEXT).metadata(REGISTERED_ALG, "HS512".into()),
        // secrets
        secret("hmac-32", &SECRET_TEXT[..32]),
        secret("hmac-48", &SECRET_TEXT[..48]),
        secret("other-hmac", OTHER_SECRET_TEXT),
        secret("two-secrets", SECRET_TEXT).secret(plain(OTHER_SECRET_TEXT)),
        with_grants("rotated-secret")
            .auth_method(CLIENT_SECRET_JWT)
            .secret(expired(SECRET_TEXT))
            .secret(plain(OTHER_SECRET_TEXT)),
        with_grants("expired-secret")
            .auth_method(CLIENT_SECRET_JWT)
            .secret(expired(SECRET_TEXT)),
        // methods
        with_grants("basic").secret(plain(SECRET_TEXT)),
        with_grants("basic-with-keys")
            .secret(ClientSecret::sha256_of(SECRET_TEXT))
            .metadata("jwks", set(vec![jwk(&P256)])),
        with_grants("post")
            .auth_method(AuthMethod::ClientSecretPost)
            .secret(ClientSecret::sha256_of("secret")),
        with_grants("public").auth_method(AuthMethod::None),
        with_grants("mtls")
            .auth_method(AuthMethod::TlsClientAuth)
            .metadata("tls_client_auth_subject_dn", "CN=client".into()),
        with_grants("mtls-and-key")
            .auth_methods([AuthMethod::TlsClientAuth, PRIVATE_KEY_JWT])
            .metadata("tls_client_auth_subject_dn", "CN=client".into())
            .metadata("jwks", set(vec![jwk(&P256)])),
        with_grants("both")
            .auth_methods([PRIVATE_KEY_JWT, CLIENT_SECRET_JWT])
            .metadata("jwks", set(vec![jwk(&RSA), jwk(&P256), jwk(&ED25519)]))
            .secret(plain(SECRET_TEXT)),
        with_grants("basic-and-key")
            .auth_methods([AuthMethod::ClientSecretBasic, PRIVATE_KEY_JWT])
            .metadata("jwks", set(vec![jwk(&P256)]))
            .secret(ClientSecret::sha256_of("secret")),
        // others
        keyed("tenant", vec![jwk(&P256)]).issuer(TENANT),
        keyed("lenient-tenant", vec![jwk(&P256)])
            .issuer(TENANT)
            .accept_endpoint_audience(true),
        keyed("own-issuer", vec![jwk(&P256)]).issuer(ISSUER),
        keyed("lenient", vec![jwk(&P256)]).accept_endpoint_audience(true),
        keyed("scoped", vec![jwk(&P256)]).scope("read"),
        with_grants("fetched")
            .auth_method(PRIVATE_KEY_JWT)
            .metadata("jwks_uri", KEYS_URL.into()),
        with_grants("fetched-named")
            .auth_method(PRIVATE_KEY_JWT)
            .metadata("jwks_uri", NAMED_KEYS_URL.into()),
        with_grants("lost")
            .auth_method(PRIVATE_KEY_JWT)
            .metadata("jwks_uri", LOST_KEYS_URL.into()),
        with_grants("lost-es256")
            .auth_method(PRIVATE_KEY_JWT)
            .metadata("token_endpoint_auth_signing_alg", "ES256".into())
            .metadata("jwks_uri", LOST_KEYS_URL.into()),
    ];
    clients
        .into_iter()
        .map(|client| client.build().expect("a client"))
        .collect()
}

//! Who is registered, and the layers.

use serde_json::{Value, json};
use tower::BoxError;
use tower_token_endpoint::client::certificates::ClientCertificates;
use tower_token_endpoint::client::{AuthMethod, ClientBuilder, ClientSecret};
use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, ISSUER, builder};
use crate::issued::*;

pub(crate) type Layer = TokenEndpointLayer<MemoryClientStore>;

pub(crate) const BY_NAME: AuthMethod = AuthMethod::TlsClientAuth;
pub(crate) const BY_KEY: AuthMethod = AuthMethod::SelfSignedTlsClientAuth;

pub(crate) const KEYS_URL: &str = "https://app.example.org/keys.json";
const DOWN_URL: &str = "https://down.example.org/keys.json";
const EMPTY_URL: &str = "https://empty.example.org/keys.json";
const MIXED_URL: &str = "https://mixed.example.org/keys.json";

fn client(id: &str, methods: impl IntoIterator<Item = AuthMethod>) -> ClientBuilder {
    Client::builder(id)
        .auth_methods(methods)
        .grant_types([GrantType::ClientCredentials, GrantType::AuthorizationCode])
}

fn named(id: &str, member: &str, name: &str) -> ClientBuilder {
    client(id, [BY_NAME]).metadata(member, name.into())
}

fn keyed(id: &str, keys: impl Into<Vec<Value>>) -> ClientBuilder {
    client(id, [BY_KEY]).metadata("jwks", set(keys))
}

fn at(id: &str, url: &str) -> ClientBuilder {
    client(id, [BY_KEY]).metadata("jwks_uri", url.into())
}

pub(crate) fn set(keys: impl Into<Vec<Value>>) -> Value {
    json!({ "keys": keys.into() })
}

pub(crate) fn cast() -> Vec<Client> {
    let secret = || ClientSecret::sha256_of("secret");
    let subject = "tls_client_auth_subject_dn";
    let clients = [
        named("named", subject, SUBJECT),
        named("other-name", subject, "CN=other"),
        named("dns", "tls_client_auth_san_dns", "APP.example.org"),
        named("other-dns", "tls_client_auth_san_dns", "example.org"),
        named("uri", "tls_client_auth_san_uri", "spiffe://example.org/app"),
        named("ip", "tls_client_auth_san_ip", "192.0.2.1"),
        named("email", "tls_client_auth_san_email", "app@EXAMPLE.org"),
        keyed("keyed", [GOOD.jwk()]),
        keyed(
            "weak",
            [
                json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
                GOOD.jwk_with([("use", "enc".into()), ("alg", "x".into())]),
            ],
        ),
        keyed(
            "beside-thumbprint",
            [GOOD.jwk_with([("x5t#S256", OTHER.thumbprint().into())])],
        ),
        keyed("beside-unread", [GOOD.jwk_with([("x5c", json!(["?"]))])]),
        keyed("chain", [json!({"kty": "EC", "x5c": [GOOD.base64()]})]),
        keyed(
            "thumbprint",
            [json!({"kty": "x", "x5t#S256": GOOD.thumbprint()})],
        ),
        keyed(
            "contradicting",
            [
                GOOD.jwk_with([("x5c", json!([OTHER.base64()]))]),
                json!({"kty": "EC", "x5t#S256": "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"}),
            ],
        ),
        at("fetched", KEYS_URL),
        at("down", DOWN_URL),
        at("empty", EMPTY_URL),
        at("mixed", MIXED_URL),
        // In Basic, each of the ids with a `+` can also be the one with a space, which comes first.
        at("a+b", KEYS_URL),
        at("not in its set", EMPTY_URL),
        at("not+in+its+set", KEYS_URL),
        at("in its set", KEYS_URL),
        at("in+its+set", DOWN_URL),
        client("public first", [AuthMethod::None]),
        at("public+first", DOWN_URL),
        named("named first", subject, SUBJECT),
        at("named+first", DOWN_URL),
        keyed("keyed first", [GOOD.jwk()]),
        at("keyed+first", DOWN_URL),
        at("not known", DOWN_URL),
        at("not+known", KEYS_URL),
        at("fetched-or-named", DOWN_URL)
            .auth_methods([BY_NAME, BY_KEY])
            .metadata(subject, SUBJECT.into()),
        keyed("both", [OTHER.jwk()])
            .auth_methods([BY_NAME, BY_KEY, AuthMethod::None])
            .metadata(subject, SUBJECT.into()),
        client("public", [AuthMethod::None]),
        client("basic", [AuthMethod::ClientSecretBasic]).secret(secret()),
        client("basic-bound", [AuthMethod::ClientSecretBasic])
            .secret(secret())
            .tls_client_certificate_bound_access_tokens(true),
        client("public-bound", [AuthMethod::None]).tls_client_certificate_bound_access_tokens(true),
        client("post", [AuthMethod::ClientSecretPost]).secret(secret()),
        client("post-or-named", [AuthMethod::ClientSecretPost, BY_NAME])
            .secret(secret())
            .metadata(subject, SUBJECT.into()),
    ];
    let clients = clients.into_iter();
    clients.map(|it| it.build().expect("a client")).collect()
}

struct Mirror;

impl JwksSource for Mirror {
    type Error = BoxError;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
        let keys = match jwks_uri {
            KEYS_URL => vec![GOOD.jwk_with([("use", "enc".into())])],
            EMPTY_URL => vec![],
            MIXED_URL => vec![
                json!({"kty": "EC", "x5c": [GOOD.base64()]}),
                RENEWED.jwk_with([("x5c", json!([OTHER.base64()]))]),
            ],
            _ => return Err("connection refused".into()),
        };
        Ok(FetchedKeys::new(set(keys).to_string()))
    }
}

pub(crate) fn builder_of(
    certificates: ClientCertificates,
) -> TokenEndpointLayerBuilder<MemoryClientStore> {
    builder(cast())
        .client_assertions(MemoryReplayStore::new())
        .jwks_source(Mirror)
        .client_certificates(certificates)
}

/// With these clients only.
pub(crate) fn over(clients: impl IntoIterator<Item = Client>) -> Layer {
    builder(clients)
        .jwks_source(Mirror)
        .client_certificates(ClientCertificates::from_acceptor())
        .built()
}

/// With the certificates of an acceptor.
pub(crate) fn layer() -> Layer {
    builder_of(ClientCertificates::from_acceptor()).built()
}

pub(crate) fn without_source() -> Layer {
    builder(cast())
        .client_certificates(ClientCertificates::from_acceptor())
        .built()
}

pub(crate) fn without_the_setting() -> Layer {
    let clients = MemoryClientStore::new(cast()).expect("clients that load");
    TokenEndpointLayer::builder(clients, ISSUER)
        .path("/token")
        .built()
}

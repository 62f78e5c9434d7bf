//! Who is registered, and the layers.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

use http::request::Parts;
use serde_json::json;
use tower_token_endpoint::client::{AuthMethod, ClientBuilder, ClientSecret};
use tower_token_endpoint::dpop::Dpop;
use tower_token_endpoint::layer::{Profile, TokenEndpointLayerBuilder};
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::proof::proof_for;
use crate::common::{Built, ISSUER};
use crate::draft::Draft;
use crate::sign::*;

pub(crate) const TOKEN_URL: &str = "https://as.example.com/token";
pub(crate) const PAR_URL: &str = "https://as.example.com/par";
pub(crate) const TENANT: &str = "https://tenant.example.com";

/// A store of one's own, which does not know of profiles: it has clients that no profile accepts.
#[derive(Clone)]
pub(crate) struct Database(MemoryClientStore);

impl ClientStore for Database {
    type Error = Infallible;

    async fn find(&self, client_id: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        Ok(self.0.get(client_id))
    }
}

static DATABASE: LazyLock<Database> = LazyLock::new(|| {
    let clients = cast().map(|client| client.build().expect("a client"));
    Database(MemoryClientStore::new(clients).expect("clients that load"))
});

pub(crate) type Layer = TokenEndpointLayer<Database>;

/// A layer that accepts assertions and proofs.
pub(crate) fn builder<C: ClientStore>(clients: C) -> TokenEndpointLayerBuilder<C> {
    TokenEndpointLayer::builder(clients, ISSUER)
        .path("/token")
        .client_assertions(MemoryReplayStore::new())
        .dpop(Dpop::new())
}

/// The layer of this profile. The one without a profile also has what no profile allows.
pub(crate) fn layer(profile: Option<Profile>) -> Layer {
    let builder = builder(DATABASE.clone());
    let Some(profile) = profile else {
        return builder.grant_type(GrantType::Password).built();
    };
    builder.profile(profile).built()
}

pub(crate) fn with_grants(id: &str) -> ClientBuilder {
    Client::builder(id).grant_types([
        GrantType::ClientCredentials,
        GrantType::AuthorizationCode,
        GrantType::Password,
    ])
}

/// A client that signs, with a key of each kind.
pub(crate) fn signing(id: &str) -> ClientBuilder {
    let keys = [jwk(&P256), jwk(&P384), jwk(&RSA), jwk(&ED25519)];
    with_grants(id)
        .auth_method(AuthMethod::PrivateKeyJwt)
        .metadata("jwks", json!({ "keys": keys }))
}

fn cast() -> [ClientBuilder; 10] {
    let secret = |text: &str| ClientSecret::sha256_of(text);
    [
        signing("app"),
        signing("lenient").accept_endpoint_audience(true),
        signing("tenant").issuer(TENANT),
        signing("ps256").metadata("token_endpoint_auth_signing_alg", "PS256".into()),
        with_grants("other")
            .auth_method(AuthMethod::PrivateKeyJwt)
            .metadata("jwks", json!({ "keys": [jwk(&OTHER_P256)] })),
        with_grants("svc").secret(secret("secret")),
        with_grants("plus").secret(secret("a+b")),
        with_grants("poster")
            .auth_method(AuthMethod::ClientSecretPost)
            .secret(secret("secret")),
        with_grants("hmac")
            .auth_method(AuthMethod::ClientSecretJwt)
            .secret(ClientSecret::plain(SECRET_TEXT)),
        with_grants("public").auth_method(AuthMethod::None),
    ]
}

/// A sound proof for the token endpoint, by this key.
pub(crate) fn proof_by(alg: &str, key: &'static Key) -> Draft {
    proof_for(alg, key, "POST", TOKEN_URL)
}

pub(crate) fn proof() -> Draft {
    proof_by("ES256", &P256)
}

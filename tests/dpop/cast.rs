//! Who is registered, and the layers.

use std::sync::Arc;

use serde_json::json;
use tower_token_endpoint::client::{AuthMethod, ClientBuilder, ClientSecret};
use tower_token_endpoint::dpop::{Dpop, DpopNonces};
use tower_token_endpoint::replay::ReplayStore;
use tower_token_endpoint::{Client, Endpoint, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, ISSUER};
use crate::judge::{Builder, Layer};
use crate::replays::Recorder;
use crate::sign::{OTHER_P256, jwk};

pub(crate) const TOKEN_URL: &str = "https://as.example.com/token";
pub(crate) const TENANT: &str = "https://tenant.example.com/a";

fn cast() -> [ClientBuilder; 7] {
    let confidential = |id: &str| {
        let client = Client::builder(id).secret(ClientSecret::sha256_of("secret"));
        client.grant_types([GrantType::ClientCredentials, GrantType::AuthorizationCode])
    };
    let public = Client::builder("public").auth_method(AuthMethod::None);
    [
        confidential("app").scope("read"),
        confidential("other"),
        confidential("all").grant_types([GrantType::DeviceCode, GrantType::Ciba]),
        confidential("bound").dpop_bound_access_tokens(true),
        confidential("tenant").issuer(TENANT),
        public,
        Client::builder("signing")
            .auth_method(AuthMethod::PrivateKeyJwt)
            .grant_types([GrantType::ClientCredentials])
            .metadata("jwks", json!({"keys": [jwk(&OTHER_P256)]})),
    ]
}

/// The layer on `/token`, without DPoP.
pub(crate) fn builder_over(replays: impl ReplayStore) -> Builder {
    let clients = cast().map(|client| client.build().expect("a client"));
    let clients = MemoryClientStore::new(clients).expect("clients that load");
    TokenEndpointLayer::builder(clients, ISSUER)
        .path("/token")
        .client_assertions(replays)
}

pub(crate) fn over(replays: impl ReplayStore, dpop: Dpop) -> Layer {
    builder_over(replays).dpop(dpop).built()
}

pub(crate) fn default_layer(recorder: Arc<Recorder>) -> Layer {
    over(recorder, Dpop::new())
}

pub(crate) const NONCE_SECRET: [u8; 32] = [7; 32];

pub(crate) fn nonces_layer(recorder: Arc<Recorder>) -> Layer {
    over(recorder, with_nonces())
}

pub(crate) fn with_nonces() -> Dpop {
    Dpop::new().nonces(DpopNonces::from_secrets([NONCE_SECRET]))
}

pub(crate) fn required_layer(recorder: Arc<Recorder>) -> Layer {
    over(recorder, Dpop::new().required(true))
}

pub(crate) fn es256_layer(recorder: Arc<Recorder>) -> Layer {
    use tower_token_endpoint::client::SigningAlgorithm::ES256;
    over(recorder, Dpop::new().signing_algorithms([ES256]))
}

pub(crate) fn without_dpop(recorder: Arc<Recorder>) -> Layer {
    builder_over(recorder).built()
}

pub(crate) const PAR_URL: &str = "https://as.example.com/par";

pub(crate) fn pushed_layer(recorder: Arc<Recorder>) -> Layer {
    over(recorder, Dpop::new().required(true))
        .for_endpoint(Endpoint::PushedAuthorization, "/par")
        .expect("settings that agree")
}

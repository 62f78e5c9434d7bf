//! A client, its layer, and its requests.

use tower_token_endpoint::client::{AuthMethod, ClientBuilder};
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::{
    Built, Call, Exchange, Registered, basic, block_on, body, builder, form_encode,
};

pub(crate) const BOTH: [AuthMethod; 2] =
    [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost];

pub(crate) fn client(id: &str, secret: impl Registered) -> ClientBuilder {
    let client = Client::builder(id).secret(secret.registered());
    client.grant_types([GrantType::ClientCredentials])
}

pub(crate) fn layer_for(client: ClientBuilder) -> TokenEndpointLayer<MemoryClientStore> {
    builder_for(client).built()
}

/// What makes [`layer_for`], for more settings.
pub(crate) fn builder_for(client: ClientBuilder) -> TokenEndpointLayerBuilder<MemoryClientStore> {
    builder([client.build().expect("a client")])
}

pub(crate) fn exchange(layer: &TokenEndpointLayer<MemoryClientStore>, call: &Call) -> Exchange {
    block_on(call.send(layer))
}

pub(crate) fn by_basic(id: &str, secret: &str) -> Call {
    basic(format!("{}:{}", form_encode(id), form_encode(secret)))
}

pub(crate) fn by_post(id: &str, secret: &str) -> Call {
    let (id, secret) = (form_encode(id), form_encode(secret));
    body(&format!("client_id={id}&client_secret={secret}"))
}

//! A tower middleware for the OAuth 2.0 token endpoint.
#![forbid(unsafe_code)]

mod protocol;
mod service;
mod store;
mod verify;

pub use self::{
    protocol::{
        auth_method::{AuthMethod, UnknownAuthMethod},
        client::{Client, ClientBuilder, ClientError},
        endpoint::Endpoint,
        error::{ErrorCode, TokenError},
        grant::{GrantType, GrantTypeError},
        parameters::Parameters,
        rejection::{Reason, Rejection},
        request::{AuthenticatedRequest, TokenRequest},
        rules::Challenge,
        scope::{Scope, ScopeError},
        secret::{ClientSecret, Secret, SecretHash},
        token_response::TokenResponse,
    },
    service::{
        ConfigError, LayerBody, RequestBody, ResponseBody, ResponseFuture, TokenEndpoint,
        TokenEndpointLayer, WrapRequestBody, WrapResponseBody,
    },
    store::{BoxError, ClientStore, LoadError, MemoryClients},
};

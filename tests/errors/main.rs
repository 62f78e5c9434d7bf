//! What an error response says besides RFC 6749 §5.2, and what is told about responses: identifiers, pages,
//! additions of the server, outcomes.

#[path = "../common/mod.rs"]
mod common;

mod bounds;
mod events;
mod hook;
mod ids;
mod outcome;
mod uris;
mod walk;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use serde_json::Value;
use tower::{BoxError, Layer as _, ServiceExt as _, service_fn};
use tower_token_endpoint::body::RequestBody;
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Call, read};

type Layer = TokenEndpointLayer<MemoryClientStore>;

fn clients() -> [Client; 2] {
    let app = Client::builder("app")
        .secret(ClientSecret::sha256_of("s3cret"))
        .auth_method(AuthMethod::ClientSecretBasic)
        .grant_types([GrantType::ClientCredentials, GrantType::AuthorizationCode])
        .scope("read");
    let spa = Client::builder("spa").auth_method(AuthMethod::None);
    [app, spa].map(|client| client.build().expect("a client"))
}

/// The response if the inner service responds like this, and the request that it got.
async fn exchange(
    layer: &Layer,
    call: &Call,
    inner: impl Into<Response<Bytes>>,
) -> (Response<Bytes>, Option<Request<()>>) {
    let inner = inner.into().map(Full::new);
    let seen = Arc::new(Mutex::new(None));
    let service = service_fn({
        let seen = Arc::clone(&seen);
        move |request: Request<RequestBody<Full<Bytes>>>| {
            *seen.lock().expect("no panic") = Some(request.map(drop));
            let response = inner.clone();
            async move { Ok::<_, BoxError>(response) }
        }
    });
    let response = layer.layer(service).oneshot(call.request()).await;
    let response = read(response.expect("a body that reads")).await;
    let seen = seen.lock().expect("no panic").take();
    (response, seen)
}

fn json(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).expect("JSON")
}

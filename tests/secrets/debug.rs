//! `Debug` of every type that has a secret in it.

use http::{Request, Response};
use http_body_util::Full;
use sha2::{Digest, Sha256};
use tower::{BoxError, Layer, ServiceExt, service_fn};
use tower_token_endpoint::body::RequestBody;
use tower_token_endpoint::client::hashing::{HashPool, RememberedSecrets};
use tower_token_endpoint::client::{ClientSecret, Decoy, Secret};
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{
    Client, Endpoint, MemoryClientStore, TokenEndpointLayer, TokenError, TokenRequest,
    TokenResponse,
    request::{
        AuthenticatedRequest, BackchannelAuthenticationRequest, DeviceAuthorizationRequest,
        IntrospectionRequest, PushedAuthorizationRequest, RevocationRequest,
    },
};

use crate::canary::{CANARY, RIGHT, assert_debug_silent, assert_silent};
use crate::common::{Built, CC, ISSUER, form_encode, layer, post};
use crate::requests::{calls, clients};

const ARGON2: &str =
    "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$TkhJ4rQep9OyHyYjDf4OuuMPozovcLiMlbimeF714Gw";
const BCRYPT: &str = "$2b$04$S8EkAeRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphpW2";
const PBKDF2: &str =
    "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$gkaEuVGU32SZSfAA62CFOmwqO6WzqZAl.g70Qs5khKU";

#[test]
fn no_debug_of_a_secret_or_client_shows_it() {
    let secret = ClientSecret::sha256_of(RIGHT);
    let digest = Sha256::digest(RIGHT).into();
    assert_debug_silent("Secret", &Secret::new(RIGHT));
    assert_debug_silent("ClientSecret", &secret);
    assert_debug_silent("ClientSecret", &ClientSecret::plain(RIGHT));
    assert_debug_silent("ClientSecret", &ClientSecret::from_sha256(digest));
    assert_debug_silent("ClientSecret", &secret.expires_at(std::time::UNIX_EPOCH));
    let (generated, registered) = ClientSecret::generate().expect("random bytes");
    let shown = format!("{generated:?} {registered:?} {registered:#?}");
    assert!(!shown.contains(generated.expose_secret()), "{shown}");
    for hash in [ARGON2, BCRYPT, PBKDF2] {
        let secret = ClientSecret::from_hash(hash).expect("a hash");
        let shown = format!("{secret:?} {secret:#?} {:?}", Decoy::new([secret.clone()]));
        // Neither salt nor output.
        for part in hash.split('$').filter(|part| part.len() > 16) {
            assert!(!shown.contains(&part[..16]), "{shown}");
            assert!(!shown.contains(&part[part.len() - 16..]), "{shown}");
        }
        let refused =
            ClientSecret::from_hash(&format!("{hash}$")).expect_err("it has one part more");
        assert!(!format!("{refused:?}{refused}").contains(&hash[hash.len() - 16..]));
    }

    let builder = || Client::builder("c").secret(ClientSecret::sha256_of(RIGHT));
    assert_debug_silent("ClientBuilder", &builder());
    assert_debug_silent("Client", &builder().build());
    let refused = builder().scope("a  b").build();
    assert_debug_silent("ClientMetadataError", &refused);
    assert_silent(
        "ClientMetadataError",
        &refused.expect_err("a malformed scope").to_string(),
    );
}

#[test]
fn no_debug_of_a_store_or_layer_shows_a_secret() {
    let store = MemoryClientStore::new(clients()).expect("clients that load");
    let builder = TokenEndpointLayer::builder(store.clone(), ISSUER)
        .client_assertions(MemoryReplayStore::new())
        .hash_pool(HashPool::new())
        .remember_verified_secrets(RememberedSecrets::new())
        .decoy_secret(ClientSecret::plain(RIGHT));
    assert_debug_silent("TokenEndpointLayerBuilder", &builder);
    let layer = builder.built();
    assert_debug_silent("MemoryClientStore", &store);
    assert_debug_silent("TokenEndpointLayer", &layer);
    assert_debug_silent("TokenEndpoint", &layer.layer(()));
    assert_silent(
        "the metadata",
        &serde_json::Value::from(layer.server_metadata()).to_string(),
    );
}

#[test]
fn no_debug_of_an_answer_shows_a_token() {
    let response = TokenResponse::bearer(RIGHT)
        .refresh_token(RIGHT)
        .id_token(RIGHT)
        .parameter("device_secret", RIGHT);
    assert_debug_silent("TokenResponse", &response);
    let body: Response<bytes::Bytes> = response.into();
    assert!(
        body.body()
            .windows(CANARY.len())
            .any(|window| window == CANARY.as_bytes())
    );

    let error = TokenError::new(tower_token_endpoint::ErrorCode::InvalidGrant);
    assert_debug_silent(
        "TokenError",
        &error.description(format!("{RIGHT:?}").replace(CANARY, "")),
    );
}

/// The inner service's view: bodies, extensions and headers as they reach it.
#[tokio::test]
async fn no_debug_of_an_accepted_request_shows_a_secret() {
    let inner = service_fn(
        |request: Request<RequestBody<Full<bytes::Bytes>>>| async move {
            assert_debug_silent("the headers", request.headers());
            assert_debug_silent("RequestBody", request.body());
            let extensions = request.extensions();
            let request = AuthenticatedRequest::from_extensions(extensions);
            let request = request.expect("the request of a layer");
            assert_debug_silent("AuthenticatedRequest", request);
            assert_debug_silent("Parameters", request.parameters());
            assert_debug_silent("TokenRequest", &extensions.get::<TokenRequest>());
            let introspection = extensions.get::<IntrospectionRequest>();
            assert_debug_silent("IntrospectionRequest", &introspection);
            let revocation = extensions.get::<RevocationRequest>();
            assert_debug_silent("RevocationRequest", &revocation);
            let pushed = extensions.get::<PushedAuthorizationRequest>();
            assert_debug_silent("PushedAuthorizationRequest", &pushed);
            let device = extensions.get::<DeviceAuthorizationRequest>();
            assert_debug_silent("DeviceAuthorizationRequest", &device);
            let backchannel = extensions.get::<BackchannelAuthenticationRequest>();
            assert_debug_silent("BackchannelAuthenticationRequest", &backchannel);
            Ok::<_, BoxError>(Response::new(Full::<bytes::Bytes>::default()))
        },
    );
    let token = layer(clients());
    let layers = [
        Endpoint::Token,
        Endpoint::Introspection,
        Endpoint::Revocation,
        Endpoint::PushedAuthorization,
        Endpoint::DeviceAuthorization,
        Endpoint::BackchannelAuthentication,
    ]
    .map(|endpoint| {
        let layer = token.for_endpoint(endpoint, "/token");
        layer.expect("settings that agree")
    });
    let secret = form_encode(RIGHT);
    let form = format!(
        "{CC}&token={CANARY}&refresh_token={CANARY}&state={CANARY}&response_type={CANARY}\
         &scope={CANARY}&login_hint={CANARY}&client_notification_token={CANARY}"
    );
    let calls = [
        post(&form).basic(format!("basic:{secret}")),
        post(&form).basic(format!("basic:{RIGHT}")),
        post(format!("{form}&client_id=post&client_secret={secret}")),
    ];
    for layer in layers {
        for call in &calls {
            let response = layer
                .layer(inner)
                .oneshot(call.request())
                .await
                .expect("an answer");
            assert!(response.status().is_success(), "{call:?}");
            assert_debug_silent("ResponseBody", response.body());
        }
    }
}

#[tokio::test]
async fn no_debug_of_a_future_shows_a_secret() {
    let inner = service_fn(|_: Request<RequestBody<Full<bytes::Bytes>>>| async {
        Ok::<_, BoxError>(Response::new(Full::<bytes::Bytes>::default()))
    });
    let layer = layer(clients());
    for call in calls() {
        let mut service = layer.layer(inner);
        let service = service.ready().await.expect("a ready service");
        let future = tower::Service::call(service, call.request());
        assert_debug_silent("ResponseFuture", &future);
        drop(future);
    }
}

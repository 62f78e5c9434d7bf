//! The auto traits of every public type, held at compile time: losing one breaks a caller's build.

use std::{
    error::Error,
    fmt::{Debug, Display},
    future::pending,
    hash::Hash,
    panic::{RefUnwindSafe, UnwindSafe},
    str::FromStr,
    sync::Arc,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use tower::{BoxError, Layer, Service, service_fn};
use tower_token_endpoint::body::{
    AxumBody, LayerBody, RequestBody, ResponseBody, WrapRequestBody, WrapResponseBody,
};
use tower_token_endpoint::client::documents::{
    ClientDocuments, ClientDocumentsBuilder, FetchedDocument, HttpDocumentSource,
};
use tower_token_endpoint::client::hashing::{HashPool, RememberedSecrets};
use tower_token_endpoint::client::{
    AuthMethod, BackchannelTokenDeliveryMode, ClientBuilder, ClientIdUrl, ClientMetadataError,
    ClientProblem, ClientSecret, Decoy, HashLimits, ParseAuthMethodError, ParseClientIdUrlError,
    ParseSecretHashError, ParseSigningAlgorithmError, Secret, SecretCheck, SecretHash,
    SigningAlgorithm,
};
use tower_token_endpoint::dpop::{Dpop, DpopNonces, ResourceProof, ResourceRequest};
use tower_token_endpoint::grant::{
    GrantParameters, OtherGrantType, ParseGrantTypeError, ParseScopeError, Scope,
};
use tower_token_endpoint::jwks::fetch::{
    FetchError, GuardedFetch, GuardedFetchBuilder, IpNetwork, ParseIpNetworkError,
};
use tower_token_endpoint::jwks::{FetchedKeys, HttpJwksSource};
use tower_token_endpoint::layer::{
    Challenge, ConfigError, ConfigProblem, Profile, ResponseFuture, TokenEndpoint,
    TokenEndpointLayerBuilder,
};
use tower_token_endpoint::rejection::pages::{ErrorPages, PageBody};
use tower_token_endpoint::rejection::{ParseTraceIdError, Rejection, RejectionReason, TraceId};
use tower_token_endpoint::replay::{
    MemoryReplayStore, RedisReplayStore, Remembered, ReplayKey, ReplayPurpose, ReplayStoreFull,
};
use tower_token_endpoint::request::{AuthenticatedRequest, Parameters};
use tower_token_endpoint::store::{
    BoxClientStore, CachedClientStore, ClientStore, ClientUnavailable, LoadClientsError,
    LoadProblem,
};
use tower_token_endpoint::throttle::{
    ExceededLimit, MemoryThrottle, RedisStoreError, RedisThrottle, Slots, ThrottleAttempt,
    ThrottleCounter, ThrottleLimit, ThrottleSource, Throttling,
};
use tower_token_endpoint::{
    Client, Endpoint, ErrorCode, GrantType, MemoryClientStore, TokenEndpointLayer, TokenError,
    TokenRequest, TokenResponse,
    request::{
        BackchannelAuthenticationRequest, DeviceAuthorizationRequest, IntrospectionRequest,
        PushedAuthorizationRequest, RevocationRequest,
    },
};

fn send<T: Send>() {}
fn sync<T: Sync>() {}
fn unpin<T: Unpin>() {}
fn owned<T: 'static>() {}
fn clone<T: Clone>() {}
fn copy<T: Copy>() {}
fn debug<T: Debug>() {}
fn display<T: Display>() {}
fn unwind_safe<T: UnwindSafe + RefUnwindSafe>() {}
fn key<T: Eq + Hash>() {}
fn default<T: Default>() {}
fn extension<T: Clone + Send + Sync + 'static>() {}
fn error<T: Error + Send + Sync + Unpin + 'static>() {}

/// What every public type has.
fn plain<T: Send + Sync + Unpin + Debug + 'static>() {}

/// A store without `Clone` and `Debug`.
struct Store;

impl ClientStore for Store {
    type Error = std::io::Error;

    async fn find(
        &self,
        _client_id: &str,
        _request: &http::request::Parts,
    ) -> Result<Option<Arc<Client>>, std::io::Error> {
        Ok(None)
    }
}

/// A body that is `Send` and no more, as hyper's clients and axum's [`axum::body::Body`] are.
type SendBody = UnsyncBoxBody<Bytes, BoxError>;

#[test]
fn values_are_plain_and_unwind_safe_where_they_hold_no_strangers() {
    plain::<AuthMethod>();
    plain::<BackchannelTokenDeliveryMode>();
    plain::<Challenge>();
    plain::<Dpop>();
    clone::<Dpop>();
    default::<Dpop>();
    plain::<DpopNonces>();
    clone::<DpopNonces>();
    plain::<ResourceProof>();
    plain::<ResourceRequest<'static>>();
    copy::<ResourceRequest<'static>>();
    plain::<Endpoint>();
    plain::<ErrorCode>();
    plain::<GrantParameters>();
    plain::<GrantType>();
    plain::<HashLimits>();
    copy::<HashLimits>();
    default::<HashLimits>();
    plain::<OtherGrantType>();
    plain::<Profile>();
    plain::<RejectionReason>();
    plain::<Scope<'static>>();
    plain::<Secret>();
    plain::<Parameters>();
    plain::<TokenError>();
    plain::<TokenResponse>();
    unwind_safe::<AuthMethod>();
    unwind_safe::<Challenge>();
    unwind_safe::<Endpoint>();
    unwind_safe::<Profile>();
    unwind_safe::<ErrorCode>();
    unwind_safe::<GrantParameters>();
    unwind_safe::<GrantType>();
    unwind_safe::<HashLimits>();
    unwind_safe::<OtherGrantType>();
    unwind_safe::<RejectionReason>();
    unwind_safe::<Scope<'static>>();
    unwind_safe::<Secret>();
    unwind_safe::<Parameters>();
    unwind_safe::<TokenError>();
    unwind_safe::<TokenResponse>();
    plain::<ConfigError>();
    plain::<ConfigProblem>();
    plain::<ClientProblem>();
    plain::<LoadProblem>();
    unwind_safe::<ConfigError>();
    unwind_safe::<ConfigProblem>();
    clone::<ConfigError>();
    clone::<ConfigProblem>();
    clone::<ClientProblem>();
    clone::<LoadProblem>();
    display::<ConfigProblem>();
    display::<ClientProblem>();
    display::<LoadProblem>();

    plain::<Client>();
    plain::<ClientBuilder>();
    plain::<ClientSecret>();
    plain::<Decoy>();
    clone::<Decoy>();
    plain::<AuthenticatedRequest>();
    plain::<TokenRequest>();
    plain::<IntrospectionRequest>();
    plain::<RevocationRequest>();
    plain::<PushedAuthorizationRequest>();
    plain::<DeviceAuthorizationRequest>();
    plain::<BackchannelAuthenticationRequest>();
    plain::<Rejection>();
    plain::<MemoryClientStore>();
    plain::<BoxClientStore>();

    plain::<HashPool>();
    plain::<RememberedSecrets>();
    clone::<HashPool>();
    clone::<RememberedSecrets>();
    default::<HashPool>();
    default::<RememberedSecrets>();
    unwind_safe::<RememberedSecrets>();

    plain::<ErrorPages>();
    plain::<PageBody>();
    clone::<ErrorPages>();
    clone::<PageBody>();
    default::<PageBody>();
    unwind_safe::<ErrorPages>();
    unwind_safe::<PageBody>();

    plain::<FetchedKeys>();
    plain::<HttpJwksSource>();
    plain::<ClientDocumentsBuilder<Store>>();
    plain::<FetchedDocument>();
    plain::<HttpDocumentSource>();
    clone::<HttpDocumentSource>();
    plain::<GuardedFetch>();
    plain::<GuardedFetchBuilder>();
    plain::<IpNetwork>();
    plain::<MemoryReplayStore>();
    plain::<MemoryThrottle>();
    plain::<RedisThrottle>();
    plain::<ExceededLimit>();
    plain::<Slots>();
    plain::<ThrottleAttempt>();
    plain::<ThrottleCounter>();
    plain::<ThrottleLimit>();
    plain::<ThrottleSource>();
    plain::<Throttling>();
    clone::<MemoryThrottle>();
    clone::<RedisThrottle>();
    default::<MemoryThrottle>();
    unwind_safe::<MemoryThrottle>();
    unwind_safe::<ExceededLimit>();
    unwind_safe::<Slots>();
    unwind_safe::<ThrottleAttempt>();
    plain::<RedisReplayStore>();
    plain::<Remembered>();
    plain::<ReplayKey<'static>>();
    plain::<ReplayPurpose>();
    plain::<SigningAlgorithm>();
    unwind_safe::<Remembered>();
    unwind_safe::<ReplayPurpose>();
    unwind_safe::<SigningAlgorithm>();
}

#[test]
fn small_enums_are_copied_and_used_as_keys() {
    copy::<AuthMethod>();
    copy::<BackchannelTokenDeliveryMode>();
    copy::<Challenge>();
    copy::<Endpoint>();
    copy::<ErrorCode>();
    copy::<Profile>();
    copy::<RejectionReason>();
    copy::<Remembered>();
    copy::<ReplayKey<'static>>();
    copy::<ExceededLimit>();
    copy::<Slots>();
    copy::<ThrottleAttempt>();
    copy::<ThrottleCounter>();
    copy::<ThrottleLimit>();
    clone::<ThrottleSource>();
    clone::<Throttling>();
    copy::<ClientIdUrl<'static>>();
    copy::<ReplayPurpose>();
    copy::<Scope<'static>>();
    copy::<SigningAlgorithm>();
    key::<ExceededLimit>();
    key::<Slots>();
    key::<ThrottleAttempt>();
    key::<ThrottleCounter>();
    key::<ThrottleLimit>();
    key::<ReplayKey<'static>>();
    key::<ClientIdUrl<'static>>();
    display::<ClientIdUrl<'static>>();
    key::<ReplayPurpose>();
    key::<SigningAlgorithm>();
    display::<SigningAlgorithm>();
    key::<AuthMethod>();
    key::<BackchannelTokenDeliveryMode>();
    key::<ErrorCode>();
    key::<GrantType>();
    key::<OtherGrantType>();
    display::<AuthMethod>();
    display::<BackchannelTokenDeliveryMode>();
    display::<ErrorCode>();
    display::<GrantType>();
    display::<Scope<'static>>();
    display::<TraceId>();
    assert!(AuthMethod::from_str("none").is_ok());
    assert!(GrantType::from_str("refresh_token").is_ok());
}

#[test]
fn what_goes_into_extensions_is_an_extension() {
    extension::<TokenRequest>();
    extension::<IntrospectionRequest>();
    extension::<RevocationRequest>();
    extension::<PushedAuthorizationRequest>();
    extension::<DeviceAuthorizationRequest>();
    extension::<BackchannelAuthenticationRequest>();
    extension::<Rejection>();
    extension::<Client>();
    extension::<TokenError>();
    extension::<TraceId>();
}

#[test]
fn errors_are_errors_that_a_box_error_takes() {
    error::<ClientUnavailable>();
    error::<ParseClientIdUrlError>();
    error::<FetchError>();
    error::<ParseIpNetworkError>();
    error::<RedisStoreError>();
    error::<ReplayStoreFull>();
    error::<ParseAuthMethodError>();
    error::<ParseSecretHashError>();
    error::<ParseSigningAlgorithmError>();
    error::<ParseGrantTypeError>();
    error::<ClientMetadataError>();
    error::<ConfigError>();
    error::<LoadClientsError>();
    error::<ParseScopeError>();
    error::<ParseTraceIdError>();
    error::<TokenError>();
    error::<Rejection>();
}

#[test]
fn stores_and_hashes_are_shared_between_threads() {
    fn store<T: ClientStore + Send + Sync + 'static>() {}
    store::<Store>();
    store::<Arc<Store>>();
    store::<MemoryClientStore>();
    store::<BoxClientStore>();
    store::<CachedClientStore<Store>>();
    debug::<CachedClientStore<Store>>();
    store::<ClientDocuments<Store>>();
    debug::<ClientDocuments<Store>>();
    clone::<BoxClientStore>();
    clone::<MemoryClientStore>();
    send::<Arc<dyn SecretHash>>();
    sync::<Arc<dyn SecretHash>>();
    debug::<Arc<dyn SecretHash>>();
    // Its work is done once, so it need not be `Sync`.
    send::<SecretCheck>();
    unpin::<SecretCheck>();
    owned::<SecretCheck>();
    debug::<SecretCheck>();
}

#[test]
fn layer_is_cloned_and_printed_though_its_store_is_not() {
    plain::<TokenEndpointLayerBuilder<Store>>();
    clone::<TokenEndpointLayerBuilder<Store>>();
    plain::<TokenEndpointLayer<Store>>();
    clone::<TokenEndpointLayer<Store>>();
    plain::<TokenEndpoint<(), Store>>();
    clone::<TokenEndpoint<(), Store>>();

    plain::<TokenEndpointLayer<Store, AxumBody>>();
    plain::<TokenEndpoint<(), Store, AxumBody>>();
    plain::<LayerBody>();
    plain::<AxumBody>();
    copy::<LayerBody>();
    copy::<AxumBody>();

    fn held_by_axum<L: Clone + Send + Sync + 'static>(_: &L) {}
    let layer = TokenEndpointLayer::builder(Store, "https://as.example.com")
        .build()
        .expect("settings that agree");
    held_by_axum(&layer);
    held_by_axum(&layer.clone().axum_body());
    assert!(format!("{:?}", layer.axum_body()).contains("TokenEndpointLayer"));
}

#[test]
fn bodies_keep_the_auto_traits_of_what_they_wrap() {
    plain::<RequestBody<Full<Bytes>>>();
    plain::<ResponseBody<Full<Bytes>>>();
    send::<RequestBody<SendBody>>();
    send::<ResponseBody<SendBody>>();
    unpin::<RequestBody<SendBody>>();
    unpin::<ResponseBody<SendBody>>();
    send::<RequestBody<hyper::body::Incoming>>();
    sync::<RequestBody<hyper::body::Incoming>>();
    owned::<RequestBody<hyper::body::Incoming>>();

    fn kind<K: WrapRequestBody<Full<Bytes>> + WrapResponseBody<Full<Bytes>>>() {}
    kind::<LayerBody>();
    kind::<AxumBody>();

    fn body<B: Body<Data = Bytes>>() {}
    body::<RequestBody<Full<Bytes>>>();
    body::<ResponseBody<Full<Bytes>>>();
    body::<RequestBody<hyper::body::Incoming>>();
    body::<RequestBody<axum::body::Body>>();
    body::<ResponseBody<axum::body::Body>>();
}

#[tokio::test]
async fn default_bodies_are_empty() {
    default::<RequestBody<SendBody>>();
    default::<ResponseBody<SendBody>>();
    assert!(RequestBody::<Full<Bytes>>::default().is_end_stream());
    assert!(ResponseBody::<Full<Bytes>>::default().is_end_stream());
    let request = RequestBody::<axum::body::Body>::default();
    let response = ResponseBody::<axum::body::Body>::default();
    assert!(
        request
            .collect()
            .await
            .expect("a body")
            .to_bytes()
            .is_empty()
    );
    assert!(
        response
            .collect()
            .await
            .expect("a body")
            .to_bytes()
            .is_empty()
    );
}

#[test]
fn future_is_send_for_every_body_that_is_send() {
    fn future_of<S, B>(mut service: S, request: Request<B>) -> impl Future + Send + 'static
    where
        S: Service<Request<B>, Future: Send + 'static>,
    {
        service.call(request)
    }
    async fn inner<B>(_: Request<B>) -> Result<Response<SendBody>, BoxError> {
        pending().await
    }
    fn future<F: Send + Debug + 'static>() {}
    future::<ResponseFuture<(), (), MemoryClientStore, SendBody, LayerBody>>();
    unpin::<ResponseFuture<(), (), MemoryClientStore, SendBody, LayerBody>>();

    fn served_by_hyper<S, B>(_: &S)
    where
        S: Service<Request<B>, Future: Send + 'static> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
    {
    }

    let layer = TokenEndpointLayer::builder(Store, "https://as.example.com")
        .path("/token")
        .build()
        .expect("settings that agree");
    let service = layer.layer(service_fn(inner::<RequestBody<SendBody>>));
    served_by_hyper::<_, SendBody>(&service);
    drop(future_of(service, Request::new(SendBody::default())));

    let service = layer
        .axum_body()
        .layer(service_fn(inner::<axum::body::Body>));
    served_by_hyper::<_, SendBody>(&service);
    served_by_hyper::<_, hyper::body::Incoming>(&service);
    drop(future_of(service, Request::new(axum::body::Body::empty())));
}

//! The store of clients: when it fails, and what it is asked with.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, RETRY_AFTER};
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use tokio::task::yield_now;
use tower::{BoxError, Layer, service_fn};
use tower_test::mock;
use tower_token_endpoint::client::Decoy;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::store::{BoxClientStore, ClientStore};
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer};

use crate::common::{AnyBody, Built, CC_READ, Failing, ISSUER, Reply, ask, basic, clients, full};
use crate::setup::{InnerRequest, accepted, echo, wrong_secret};

#[tokio::test]
async fn store_that_fails_is_503_and_its_error_is_in_the_rejection() {
    let (inner, mut handle) = mock::pair::<InnerRequest, Response<Full<Bytes>>>();
    let service = TokenEndpointLayer::builder(Failing, ISSUER)
        .built()
        .layer(inner);
    let answer = ask(&service, accepted()).await;
    answer.refused(503, "temporarily_unavailable");
    answer.comes_back_after(5);
    let rejection = answer.rejection.as_ref().expect("a rejection");
    assert_eq!(rejection.reason(), RejectionReason::StoreUnavailable);
    let source = std::error::Error::source(rejection).expect("the store's error");
    assert_eq!(source.to_string(), "connection refused");
    assert!(!String::from_utf8_lossy(&answer.body).contains("refused"));
    assert!(handle.poll_request().is_pending());
}

#[tokio::test]
async fn store_is_asked_with_the_head_of_the_request() {
    struct ByHost(MemoryClientStore);

    impl ClientStore for ByHost {
        type Error = Infallible;

        async fn find(
            &self,
            client_id: &str,
            request: &Parts,
        ) -> Result<Option<Arc<Client>>, Infallible> {
            assert_eq!(request.uri.path(), "/token");
            let ours = request
                .headers
                .get(HOST)
                .is_some_and(|host| host == "a.example");
            Ok(ours.then(|| self.0.get(client_id)).flatten())
        }
    }

    let service = TokenEndpointLayer::builder(Arc::new(ByHost(clients())), ISSUER)
        .path("/token")
        .built()
        .layer(service_fn(echo));
    for (host, status) in [("a.example", 200), ("b.example", 401)] {
        let mut request = accepted();
        request
            .headers_mut()
            .insert(HOST, host.parse().expect("a host"));
        assert_eq!(
            ask(&service, request).await.status.as_u16(),
            status,
            "{host}"
        );
    }
}

/// Finds a client at once. Its `find` never ends.
struct Now(MemoryClientStore);

impl ClientStore for Now {
    type Error = Infallible;

    async fn find(&self, _: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        pending().await
    }

    fn find_now(&self, id: &str, _: &Parts) -> Option<Result<Option<Arc<Client>>, Infallible>> {
        Some(Ok(self.0.get(id)))
    }

    fn decoy(&self) -> Option<Decoy> {
        self.0.decoy()
    }
}

/// Has to wait, whoever the client is.
struct Later(MemoryClientStore);

impl ClientStore for Later {
    type Error = Infallible;

    async fn find(&self, id: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        yield_now().await;
        Ok(self.0.get(id))
    }

    fn decoy(&self) -> Option<Decoy> {
        self.0.decoy()
    }
}

/// Fails at once.
struct FailingNow;

impl ClientStore for FailingNow {
    type Error = BoxError;

    async fn find(&self, _: &str, _: &Parts) -> Result<Option<Arc<Client>>, BoxError> {
        pending().await
    }

    fn find_now(&self, _: &str, _: &Parts) -> Option<Result<Option<Arc<Client>>, BoxError>> {
        Some(Err("connection refused".into()))
    }
}

/// What the layer over this store responds, and why.
async fn response_of(clients: impl ClientStore, request: Request<AnyBody>) -> Reply {
    let layer = TokenEndpointLayer::builder(clients, ISSUER).built();
    ask(&layer.layer(service_fn(echo)), request).await
}

fn unknown() -> Request<AnyBody> {
    basic("nobody:s3cret").request_with(full(CC_READ))
}

#[tokio::test]
async fn a_store_that_finds_at_once_gets_the_same_response_as_one_that_waits() {
    for (request, status, reason) in [
        (accepted as fn() -> Request<AnyBody>, 200, None),
        (wrong_secret, 401, Some(RejectionReason::WrongSecret)),
        (unknown, 401, Some(RejectionReason::UnknownClient)),
    ] {
        let responses = [
            response_of(Now(clients()), request()).await,
            response_of(Later(clients()), request()).await,
            response_of(BoxClientStore::new(Now(clients())), request()).await,
            response_of(BoxClientStore::new(Later(clients())), request()).await,
            response_of(clients(), request()).await,
        ];
        assert_eq!(responses[0].status, status);
        assert_eq!(responses[0].reason(), reason);
        assert_same(&responses);
    }
}

#[tokio::test]
async fn a_store_that_fails_at_once_gets_the_same_response_as_one_that_waits() {
    let responses = [
        response_of(Failing, accepted()).await,
        response_of(FailingNow, accepted()).await,
        response_of(BoxClientStore::new(Failing), accepted()).await,
        response_of(BoxClientStore::new(FailingNow), accepted()).await,
    ];
    responses[0].refused(503, "temporarily_unavailable");
    assert_same(&responses);
    for response in &responses {
        let rejection = response.rejection.as_ref().expect("a rejection");
        let source = std::error::Error::source(rejection).expect("the store's error");
        assert_eq!(source.to_string(), "connection refused");
    }
}

fn assert_same(responses: &[Reply]) {
    // `Retry-After` differs at random.
    let headers = |response: &Reply| {
        let mut headers = response.headers.clone();
        (headers.remove(RETRY_AFTER).is_some(), headers)
    };
    for response in responses {
        assert_eq!(response.status, responses[0].status);
        assert_eq!(headers(response), headers(&responses[0]));
        assert_eq!(response.body, responses[0].body);
        assert_eq!(response.reason(), responses[0].reason());
    }
}

//! The store of clients: when it fails, and what it is asked with.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::header::{HOST, RETRY_AFTER};
use http_body_util::Full;
use tower::{Layer, service_fn};
use tower_test::mock;
use tower_token_endpoint::{Client, ClientStore, MemoryClients, Reason, TokenEndpointLayer};

use crate::common::{Failing, ISSUER, ask, clients};
use crate::setup::{InnerRequest, accepted, echo};

#[tokio::test]
async fn store_that_fails_is_503_and_its_error_is_in_the_rejection() {
    let (inner, mut handle) = mock::pair::<InnerRequest, Response<Full<Bytes>>>();
    let service = TokenEndpointLayer::new(Failing, ISSUER).layer(inner);
    let answer = ask(&service, accepted()).await;
    answer.refused(503, "temporarily_unavailable");
    assert_eq!(answer.header(RETRY_AFTER), "5");
    let rejection = answer.rejection.as_ref().expect("a rejection");
    assert_eq!(rejection.reason(), Reason::StoreUnavailable);
    let source = std::error::Error::source(rejection).expect("the store's error");
    assert_eq!(source.to_string(), "connection refused");
    assert!(!String::from_utf8_lossy(&answer.body).contains("refused"));
    assert!(handle.poll_request().is_pending());
}

#[tokio::test]
async fn store_is_asked_with_the_head_of_the_request() {
    struct ByHost(MemoryClients);

    impl ClientStore for ByHost {
        type Error = Infallible;

        async fn find(
            &self,
            client_id: &str,
            request: &http::request::Parts,
        ) -> Result<Option<Arc<Client>>, Infallible> {
            assert_eq!(request.uri.path(), "/token");
            let ours = request
                .headers
                .get(HOST)
                .is_some_and(|host| host == "a.example");
            Ok(ours.then(|| self.0.get(client_id)).flatten())
        }
    }

    let service = TokenEndpointLayer::new(Arc::new(ByHost(clients())), ISSUER)
        .path("/token")
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

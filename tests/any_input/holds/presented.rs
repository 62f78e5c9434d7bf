//! Requests of a client that sends its id only, with a certificate.

use std::pin::pin;
use std::task::Poll;

use http::{HeaderName, HeaderValue, StatusCode};
use tower_token_endpoint::client::certificates::ClientCertificate;
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};

use crate::common::{CC, Exchange, poll_once, post, send};

/// Whether the client is accepted by what an acceptor tells.
pub(crate) fn is_accepted(
    layer: &TokenEndpointLayer<MemoryClientStore>,
    client_id: &str,
    certificate: Option<ClientCertificate>,
) -> bool {
    exchange(layer, client_id, certificate, &[]).is_some()
}

/// Whether the client is accepted by what a proxy tells. Nothing of that is left for the inner service.
pub(crate) fn is_accepted_by_headers(
    layer: &TokenEndpointLayer<MemoryClientStore>,
    client_id: &str,
    headers: &[(HeaderName, HeaderValue)],
) -> bool {
    let exchange = exchange(layer, client_id, None, headers);
    if let Some(exchange) = &exchange {
        let left = exchange.inner_request().headers();
        assert!(headers.iter().all(|(name, _)| !left.contains_key(name)));
    }
    exchange.is_some()
}

/// `None` if the client is refused as one that nobody knows.
fn exchange(
    layer: &TokenEndpointLayer<MemoryClientStore>,
    client_id: &str,
    certificate: Option<ClientCertificate>,
    headers: &[(HeaderName, HeaderValue)],
) -> Option<Exchange> {
    let mut request = post(format!("{CC}&client_id={client_id}")).request();
    if let Some(certificate) = certificate {
        request.extensions_mut().insert(certificate);
    }
    for (name, value) in headers {
        request.headers_mut().append(name, value.clone());
    }
    let exchange = match poll_once(pin!(send(layer, request))) {
        Poll::Ready(exchange) => exchange,
        Poll::Pending => panic!("it waits"),
    };
    if exchange.rejection().is_none() {
        return Some(exchange);
    }
    assert_eq!(exchange.error().status, StatusCode::UNAUTHORIZED);
    None
}

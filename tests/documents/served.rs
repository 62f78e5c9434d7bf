//! Requests of clients with documents, through the layer.

use std::error::Error as _;
use std::sync::atomic::{AtomicU64, Ordering};

use tower_token_endpoint::TokenEndpointLayer;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::store::ClientStore;

use crate::common::{Built as _, Call, Exchange, ISSUER, Key, by_assertion, form_encode, post};
use crate::source::text;

/// Public clients have a verifier (RFC 7636 §4.1).
const CODE: &str = "grant_type=authorization_code&code=c&code_verifier=0123456789012345678901234567890123456789012";

pub(crate) fn serving<C: ClientStore>(store: C) -> TokenEndpointLayerBuilder<C> {
    TokenEndpointLayer::builder(store, ISSUER)
        .path("/token")
        .client_assertions(MemoryReplayStore::new())
}

pub(crate) fn layer<C: ClientStore>(store: C) -> TokenEndpointLayer<C> {
    serving(store).built()
}

/// A request of a public client.
pub(crate) fn public(id: &str) -> Call {
    post(format!("{CODE}&client_id={}", form_encode(id)))
}

/// A request of a client that signs.
pub(crate) fn signed(key: &Key, id: &str) -> Call {
    static JTI: AtomicU64 = AtomicU64::new(0);
    let jti = JTI.fetch_add(1, Ordering::Relaxed).to_string();
    let assertion = key.assertion_of(id, ISSUER, &jti);
    post(format!("{CODE}&{}", by_assertion(&assertion)))
}

/// The client with this document was accepted, by this method.
#[track_caller]
pub(crate) fn assert_accepted(exchange: &Exchange, id: &str, method: AuthMethod) {
    let request = exchange.token_request();
    assert_eq!(request.client().client_id(), id);
    assert!(request.client().is_from_document());
    assert_eq!(request.method(), method);
}

/// The document is not valid, gone, or somewhere that is not public: why.
#[track_caller]
pub(crate) fn refused(exchange: &Exchange) -> String {
    let reason = RejectionReason::InvalidRegistration;
    let error = exchange.rejected(401, "invalid_client", reason);
    text(error.rejection.source().expect("it says why"))
}

/// It is not known at the moment whether there is a client: why.
#[track_caller]
pub(crate) fn unavailable(exchange: &Exchange) -> String {
    let reason = RejectionReason::ClientUnavailable;
    let error = exchange.rejected(503, "temporarily_unavailable", reason);
    let why = text(error.rejection.source().expect("it says why"));
    assert!(!error.description.contains(&why), "told to a stranger");
    exchange.comes_back_after(5);
    why
}

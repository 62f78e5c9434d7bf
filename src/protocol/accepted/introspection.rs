//! What the inner service gets at the introspection endpoint.

use super::authenticated::{AuthenticatedRequest, with_authenticated};

/// Introspection request of an authenticated client, which is never a public one.
///
/// The inner service still has to find out what it knows about the token, and whether this
/// client may learn it.
///
/// The inner service finds it in the extensions of the request. With feature `axum`, it is also
/// an extractor. If the request did not pass the layer of the introspection endpoint, the
/// extractor responds with a 500.
///
/// ```
/// use http::Request;
/// use tower_token_endpoint::request::IntrospectionRequest;
///
/// fn token_to_introspect<B>(request: &Request<B>) -> Option<&str> {
///     Some(request.extensions().get::<IntrospectionRequest>()?.token())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct IntrospectionRequest {
    authenticated: AuthenticatedRequest,
}

impl IntrospectionRequest {
    pub(crate) const fn new(authenticated: AuthenticatedRequest) -> Self {
        Self { authenticated }
    }

    /// Returns `token`, the token to introspect (RFC 7662 §2.1). The layer refuses a request
    /// without it.
    #[must_use]
    pub fn token(&self) -> &str {
        self.parameter("token").unwrap_or_default()
    }

    /// Returns `token_type_hint`, what kind of token the client says it is (RFC 7662 §2.1).
    #[must_use]
    pub fn token_type_hint(&self) -> Option<&str> {
        self.parameter("token_type_hint")
    }
}

with_authenticated!(IntrospectionRequest);

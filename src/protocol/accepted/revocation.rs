//! What the inner service gets at the revocation endpoint.

use super::authenticated::{AuthenticatedRequest, with_authenticated};

/// Revocation request of an authenticated client, or of a public client that sent its id.
///
/// The inner service still has to check that the token was issued to this client (RFC 7009
/// §2.1), and to revoke it.
///
/// The inner service finds it in the extensions of the request. With feature `axum`, it is also
/// an extractor. If the request did not pass the layer of the revocation endpoint, the
/// extractor responds with a 500.
///
/// ```
/// use http::Request;
/// use tower_token_endpoint::request::RevocationRequest;
///
/// fn token_to_revoke<B>(request: &Request<B>) -> Option<&str> {
///     Some(request.extensions().get::<RevocationRequest>()?.token())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RevocationRequest {
    authenticated: AuthenticatedRequest,
}

impl RevocationRequest {
    pub(crate) const fn new(authenticated: AuthenticatedRequest) -> Self {
        Self { authenticated }
    }

    /// Returns `token`, the token to revoke (RFC 7009 §2.1). The layer refuses a request
    /// without it.
    #[must_use]
    pub fn token(&self) -> &str {
        self.parameter("token").unwrap_or_default()
    }

    /// Returns `token_type_hint`, what kind of token the client says it is (RFC 7009 §2.1).
    #[must_use]
    pub fn token_type_hint(&self) -> Option<&str> {
        self.parameter("token_type_hint")
    }
}

with_authenticated!(RevocationRequest);

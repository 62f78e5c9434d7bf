//! What the requests of all endpoints share.

use std::{fmt, sync::Arc};

use super::parameters::Parameters;
use crate::protocol::{auth_method::AuthMethod, client::Client, settings::endpoint::Endpoint};

/// What the requests of authenticated clients share at all endpoints: the client, its
/// authentication method and the parameters.
///
/// `authenticated` of each request type returns it, such as
/// [`TokenRequest::authenticated`](crate::TokenRequest::authenticated). It is for code that
/// several endpoints use.
///
/// It is neither an extension of the request nor an extractor of its own: a handler that took
/// it would not notice if the layer of another endpoint is in front of it. That layer may have
/// accepted a client that this endpoint must refuse, such as a public client at the
/// introspection endpoint. A middleware for several endpoints finds it with
/// [`from_extensions`](Self::from_extensions).
///
/// ```
/// use tower_token_endpoint::{TokenRequest, request::{AuthenticatedRequest, RevocationRequest}};
///
/// fn audit(request: &AuthenticatedRequest) -> String {
///     format!("{} at {:?}", request.client().client_id(), request.endpoint())
/// }
///
/// fn issue(request: &TokenRequest) {
///     println!("{}", audit(request.authenticated()));
/// }
///
/// fn revoke(request: &RevocationRequest) {
///     println!("{}", audit(request.authenticated()));
/// }
/// ```
#[derive(Clone)]
pub struct AuthenticatedRequest {
    endpoint: Endpoint,
    client: Arc<Client>,
    method: AuthMethod,
    parameters: Arc<Parameters>,
}

impl AuthenticatedRequest {
    #[inline]
    pub(crate) const fn new(
        endpoint: Endpoint,
        client: Arc<Client>,
        method: AuthMethod,
        parameters: Arc<Parameters>,
    ) -> Self {
        Self {
            endpoint,
            client,
            method,
            parameters,
        }
    }

    /// Returns the endpoint whose layer accepted the request.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// Returns the client that authenticated.
    #[must_use]
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Returns how the client authenticated. With [`AuthMethod::None`], the client
    /// sent only its id, which anybody can send.
    #[must_use]
    pub fn method(&self) -> AuthMethod {
        self.method
    }

    /// Returns the parameters of the request, without the client's credentials.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Returns the value of a parameter, if it was sent with one.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name)
    }
}

impl fmt::Debug for AuthenticatedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticatedRequest")
            .field("endpoint", &self.endpoint)
            .field("client_id", &self.client.client_id())
            .field("method", &self.method)
            .field("parameters", &self.parameters)
            .finish()
    }
}

/// Gives the methods that every request type has to one with a field `authenticated`.
macro_rules! with_authenticated {
    ($request:ident) => {
        /// What the requests of all endpoints have.
        impl $request {
            /// Returns the client, its authentication method and the parameters, as one value.
            #[must_use]
            pub fn authenticated(&self) -> &AuthenticatedRequest {
                &self.authenticated
            }

            /// Returns the client that authenticated.
            #[must_use]
            pub fn client(&self) -> &std::sync::Arc<$crate::protocol::client::Client> {
                self.authenticated.client()
            }

            /// Returns how the client authenticated. With [`AuthMethod::None`], the client
            /// sent only its id, which anybody can send.
            ///
            /// [`AuthMethod::None`]: crate::client::AuthMethod::None
            #[must_use]
            pub fn method(&self) -> $crate::protocol::auth_method::AuthMethod {
                self.authenticated.method()
            }

            /// Returns the parameters of the request, without the client's credentials.
            #[must_use]
            pub fn parameters(&self) -> &$crate::protocol::accepted::parameters::Parameters {
                self.authenticated.parameters()
            }

            /// Returns the value of a parameter, if it was sent with one.
            #[must_use]
            pub fn parameter(&self, name: &str) -> Option<&str> {
                self.authenticated.parameter(name)
            }
        }
    };
}

pub(super) use with_authenticated;

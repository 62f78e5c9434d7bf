//! What the inner service gets: a request of a client that authenticated.

use std::{fmt, sync::Arc};

use super::parameters::Parameters;
use crate::protocol::{auth_method::AuthMethod, client::Client, grant::GrantType, scope::Scope};

/// A request of an authenticated client, in the extensions of the request at
/// [`Endpoint::Introspection`](crate::Endpoint::Introspection) and
/// [`Endpoint::Revocation`](crate::Endpoint::Revocation). At the token
/// endpoint a [`TokenRequest`] holds it.
///
/// With feature `axum` it is an extractor, at all three.
///
/// ```
/// use http::Request;
/// use tower_token_endpoint::AuthenticatedRequest;
///
/// fn token_to_revoke<B>(request: &Request<B>) -> Option<&str> {
///     request.extensions().get::<AuthenticatedRequest>()?.token()
/// }
/// ```
#[derive(Clone)]
pub struct AuthenticatedRequest {
    client: Arc<Client>,
    method: AuthMethod,
    parameters: Arc<Parameters>,
}

impl AuthenticatedRequest {
    pub(crate) fn new(
        client: Arc<Client>,
        method: AuthMethod,
        parameters: Arc<Parameters>,
    ) -> Self {
        Self {
            client,
            method,
            parameters,
        }
    }

    /// The client that authenticated.
    #[must_use]
    pub const fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// How it authenticated. [`AuthMethod::None`] proved nothing.
    #[must_use]
    pub const fn method(&self) -> AuthMethod {
        self.method
    }

    /// The parameters of the request, without the client's credentials.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The value of a parameter that was sent with one.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name)
    }

    /// `token`: the token to introspect (RFC 7662 §2.1) or to revoke
    /// (RFC 7009 §2.1). The layer refuses a request without one there.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.parameter("token")
    }

    /// `token_type_hint`: what kind of token it is (RFC 7009 §2.1).
    #[must_use]
    pub fn token_type_hint(&self) -> Option<&str> {
        self.parameter("token_type_hint")
    }
}

impl fmt::Debug for AuthenticatedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticatedRequest")
            .field("client_id", &self.client.client_id())
            .field("method", &self.method)
            .field("parameters", &self.parameters)
            .finish()
    }
}

/// A token request of an authenticated client that may use the grant and asks
/// for no scope beyond its registered one: what is left is to check the grant
/// itself and to issue a token.
///
/// It is in the extensions of the request that the inner service gets. With
/// feature `axum` it is an extractor; a handler that takes it fails closed
/// where the layer is missing.
///
/// ```
/// use http::Request;
/// use tower_token_endpoint::{ErrorCode, GrantType, TokenError, TokenRequest, TokenResponse};
///
/// fn issue<B>(request: &Request<B>) -> Result<TokenResponse, TokenError> {
///     let request = request.extensions().get::<TokenRequest>().ok_or(ErrorCode::ServerError)?;
///     match request.grant_type() {
///         GrantType::ClientCredentials => Ok(TokenResponse::bearer("2YotnFZFEjr1zCsicMWpAA")),
///         _ => Err(TokenError::new(ErrorCode::UnsupportedGrantType)),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct TokenRequest {
    authenticated: AuthenticatedRequest,
    grant_type: GrantType,
}

impl TokenRequest {
    pub(crate) const fn new(authenticated: AuthenticatedRequest, grant_type: GrantType) -> Self {
        Self {
            authenticated,
            grant_type,
        }
    }

    /// Client, method and parameters.
    #[must_use]
    pub const fn authenticated(&self) -> &AuthenticatedRequest {
        &self.authenticated
    }

    /// The client that authenticated.
    #[must_use]
    pub const fn client(&self) -> &Arc<Client> {
        self.authenticated.client()
    }

    /// How it authenticated. [`AuthMethod::None`] proved nothing.
    #[must_use]
    pub const fn method(&self) -> AuthMethod {
        self.authenticated.method()
    }

    /// The grant, one that the server serves and the client is registered for.
    #[must_use]
    pub const fn grant_type(&self) -> &GrantType {
        &self.grant_type
    }

    /// The scope that the request asks for, within the registered one
    /// (RFC 6749 §3.3).
    #[must_use]
    pub fn scope(&self) -> Option<Scope<'_>> {
        // The layer refused what does not parse.
        self.parameter("scope").map(Scope::parsed)
    }

    /// The parameters of the request, without the client's credentials.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        self.authenticated.parameters()
    }

    /// The value of a parameter that was sent with one.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.authenticated.parameter(name)
    }

    /// `resource`: where the token is to be used, each an absolute URI
    /// (RFC 8707 §2). The server checks them.
    pub fn resource(&self) -> impl Iterator<Item = &str> {
        self.parameters().get_all("resource")
    }

    /// `audience`: the names of the services that the token is for
    /// (RFC 8693 §2.1).
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.parameters().get_all("audience")
    }
}

macro_rules! parameters {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        /// Registered parameters, each `None` where the request has none.
        impl TokenRequest {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> Option<&str> {
                self.parameter(stringify!($name))
            }
        )*}
    };
}

parameters! {
    /// `code`: the authorization code (RFC 6749 §4.1.3).
    code;
    /// `redirect_uri`: the one of the authorization request (RFC 6749 §4.1.3).
    redirect_uri;
    /// `code_verifier`: the secret of PKCE (RFC 7636 §4.5).
    code_verifier;
    /// `refresh_token` (RFC 6749 §6).
    refresh_token;
    /// `username` of the resource owner (RFC 6749 §4.3.2).
    username;
    /// `password` of the resource owner (RFC 6749 §4.3.2).
    password;
    /// `device_code` (RFC 8628 §3.4).
    device_code;
    /// `assertion`: a JWT (RFC 7523 §2.1) or a SAML assertion (RFC 7522 §2.1).
    assertion;
    /// `subject_token`: whom the token is about (RFC 8693 §2.1).
    subject_token;
    /// `subject_token_type` (RFC 8693 §2.1).
    subject_token_type;
    /// `actor_token`: who acts for the subject (RFC 8693 §2.1).
    actor_token;
    /// `actor_token_type` (RFC 8693 §2.1).
    actor_token_type;
    /// `requested_token_type` (RFC 8693 §2.1).
    requested_token_type;
    /// `auth_req_id` (OpenID Connect CIBA Core §10.1).
    auth_req_id;
    /// `authorization_details`, a JSON text (RFC 9396 §2).
    authorization_details;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::incoming::form::Form;

    #[test]
    fn every_accessor_reads_the_parameter_of_its_name() {
        type Accessor = fn(&TokenRequest) -> Option<&str>;
        let accessors: [(&str, Accessor); 15] = [
            ("code", TokenRequest::code),
            ("redirect_uri", TokenRequest::redirect_uri),
            ("code_verifier", TokenRequest::code_verifier),
            ("refresh_token", TokenRequest::refresh_token),
            ("username", TokenRequest::username),
            ("password", TokenRequest::password),
            ("device_code", TokenRequest::device_code),
            ("assertion", TokenRequest::assertion),
            ("subject_token", TokenRequest::subject_token),
            ("subject_token_type", TokenRequest::subject_token_type),
            ("actor_token", TokenRequest::actor_token),
            ("actor_token_type", TokenRequest::actor_token_type),
            ("requested_token_type", TokenRequest::requested_token_type),
            ("auth_req_id", TokenRequest::auth_req_id),
            ("authorization_details", TokenRequest::authorization_details),
        ];
        let request = |body: &str| {
            let form = Form::parse(body.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
            let client = Client::builder("a").auth_method(AuthMethod::None).build();
            let client = client.expect("a client");
            let parameters = form.parameters;
            let method = AuthMethod::None;
            let authenticated = AuthenticatedRequest::new(Arc::new(client), method, parameters);
            TokenRequest::new(authenticated, GrantType::AuthorizationCode)
        };
        for (name, accessor) in accessors {
            let sent = request(&format!("{name}=value"));
            let read: Vec<_> = accessors
                .iter()
                .filter(|(_, accessor)| accessor(&sent).is_some())
                .map(|(name, _)| *name)
                .collect();
            assert_eq!(accessor(&sent), Some("value"), "{name}");
            assert_eq!(read, [name]);
        }
        let sent = request("resource=b&audience=y&resource=a&scope=r+w");
        assert_eq!(sent.resource().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(sent.audience().collect::<Vec<_>>(), ["y"]);
        assert_eq!(sent.scope().map(Scope::as_str), Some("r w"));
    }
}

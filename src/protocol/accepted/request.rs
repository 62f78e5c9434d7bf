//! What the inner service gets at the token endpoint.

use super::{
    authenticated::{AuthenticatedRequest, with_authenticated},
    getters::{getters, scope_getters},
};
use crate::protocol::grant::GrantType;

/// Token request of an authenticated client.
///
/// The client may use the grant, and does not ask for more than its registered scope.
/// The inner service still has to check the grant itself, such as the authorization code,
/// and to issue a token.
///
/// The inner service finds it in the extensions of the request. With feature `axum`, it is
/// also an extractor. If the request did not pass the layer, the extractor responds with a
/// 500, so no token is issued without authentication.
///
/// With axum:
///
/// ```
/// use axum::{Router, routing::post};
/// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, TokenRequest, TokenResponse};
///
/// async fn issue(request: TokenRequest) -> TokenResponse {
///     TokenResponse::bearer(format!("a token for {}", request.client().client_id()))
/// }
///
/// # let clients = MemoryClientStore::from_json(b"[]")?;
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .path("/token")
///     .build()?;
/// let app: Router = Router::new().route("/token", post(issue)).layer(layer);
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
///
/// Without axum:
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
///
/// # Compile errors
///
/// | the compiler says | what to do |
/// |---|---|
/// | `Handler<_, _>` is not implemented for `fn(TokenRequest) -> …` | switch on feature `axum` |
/// | `FromRequestParts<…>` is not implemented for `TokenRequest` | switch on feature `axum` |
/// | `IntoResponse` is not implemented for `TokenResponse` | switch on feature `axum` |
///
/// In `Cargo.toml`:
///
/// ```toml
/// tower-token-endpoint = { version = "0.1", features = ["axum"] }
/// ```
///
/// If the feature is on, the server has another version of axum than 0.8.
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

    /// Returns the grant. The server serves it, and the client is registered for it.
    #[must_use]
    pub fn grant_type(&self) -> &GrantType {
        &self.grant_type
    }

    /// Returns each `audience`, the name of a service that the token is for
    /// (RFC 8693 §2.1). The layer does not check it.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.parameters().get_all("audience")
    }
}

with_authenticated!(TokenRequest);

scope_getters!(TokenRequest);

getters! { TokenRequest:
    /// Returns `code`, the authorization code (RFC 6749 §4.1.3).
    code;
    /// Returns `redirect_uri`, which must be the same as in the authorization request
    /// (RFC 6749 §4.1.3).
    redirect_uri;
    /// Returns `code_verifier`, the secret of PKCE. Its hash must be the `code_challenge` of
    /// the authorization request (RFC 7636 §4.6).
    code_verifier;
    /// Returns `refresh_token` (RFC 6749 §6).
    refresh_token;
    /// Returns `username`, the name of the resource owner (RFC 6749 §4.3.2).
    username;
    /// Returns `password`, the password of the resource owner (RFC 6749 §4.3.2).
    password;
    /// Returns `device_code` (RFC 8628 §3.4).
    device_code;
    /// Returns `assertion`, a JWT (RFC 7523 §2.1) or a SAML assertion (RFC 7522 §2.1).
    assertion;
    /// Returns `subject_token`, the token of the party that the new token is about
    /// (RFC 8693 §2.1).
    subject_token;
    /// Returns `subject_token_type` (RFC 8693 §2.1).
    subject_token_type;
    /// Returns `actor_token`, the token of the party that acts for the subject
    /// (RFC 8693 §2.1).
    actor_token;
    /// Returns `actor_token_type` (RFC 8693 §2.1).
    actor_token_type;
    /// Returns `requested_token_type` (RFC 8693 §2.1).
    requested_token_type;
    /// Returns `auth_req_id` (OpenID Connect CIBA Core §10.1).
    auth_req_id;
    /// Returns `authorization_details`, a JSON text (RFC 9396 §2).
    authorization_details;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::protocol::{
        auth_method::AuthMethod,
        client::Client,
        incoming::form::Form,
        scope::Scope,
        settings::{Settings, endpoint::Endpoint},
    };

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
            let settings = Settings::new("https://as.example.com".into());
            let form = Form::parse(body.as_bytes(), None, &settings);
            let form = form.unwrap_or_else(|error| panic!("{error}"));
            let client = Client::builder("a").auth_method(AuthMethod::None).build();
            let client = client.expect("a client");
            let parameters = form.parameters;
            let method = AuthMethod::None;
            let client = Arc::new(client);
            let authenticated =
                AuthenticatedRequest::new(Endpoint::Token, client, method, parameters.into());
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

//! Building a client, and what no client may be registered with.

use std::fmt;

use http::Extensions;
use serde_json::{Map, Value};

use super::{
    Client,
    error::ClientError,
    keys::{self, ClientKeys},
};
use crate::protocol::{
    auth_method::{AuthMethod, AuthMethods, Credential},
    client_secret::ClientSecret,
    grant::GrantType,
    scope::Scope,
    uri,
};

/// Builds a [`Client`]; see [`Client::builder`].
///
/// ```
/// use tower_token_endpoint::{AuthMethod, Client, ClientSecret, GrantType};
///
/// let client = Client::builder("s6BhdRkqt3")
///     .secret(ClientSecret::sha256_of("gX1fBat3bV"))
///     .auth_methods([AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost])
///     .grant_types([GrantType::ClientCredentials])
///     .scope("read write")
///     .build()?;
/// # Ok::<_, tower_token_endpoint::ClientError>(())
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    client_id: String,
    secrets: Vec<ClientSecret>,
    auth_methods: AuthMethods,
    grant_types: Vec<GrantType>,
    scope: Option<String>,
    redirect_uris: Vec<String>,
    issuer: Option<String>,
    metadata: Map<String, Value>,
    extensions: Extensions,
}

/// Members that `metadata` must not set a second time, or in the open.
const OWN_SETTINGS: [&str; 7] = [
    "client_id",
    "client_secret",
    "client_secret_expires_at",
    "token_endpoint_auth_method",
    "grant_types",
    "scope",
    "redirect_uris",
];

impl Client {
    /// Builds a client, one setting after the other.
    pub fn builder(client_id: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(client_id.into())
    }
}

impl ClientBuilder {
    fn new(client_id: String) -> Self {
        Self {
            client_id,
            secrets: Vec::new(),
            auth_methods: [AuthMethod::ClientSecretBasic].into_iter().collect(),
            grant_types: vec![GrantType::AuthorizationCode],
            scope: None,
            redirect_uris: Vec::new(),
            issuer: None,
            metadata: Map::new(),
            extensions: Extensions::new(),
        }
    }

    /// Adds a secret. **Default: none.** Each one that has not expired is accepted.
    pub fn secret(mut self, secret: ClientSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Sets the one method that the client authenticates by.
    /// **Default: `client_secret_basic`** (RFC 7591 §2).
    pub fn auth_method(self, method: AuthMethod) -> Self {
        self.auth_methods([method])
    }

    /// Sets the methods that the client may authenticate by, which RFC 7591
    /// has no word for. **Default: `client_secret_basic` alone.**
    pub fn auth_methods(mut self, methods: impl IntoIterator<Item = AuthMethod>) -> Self {
        self.auth_methods = methods.into_iter().collect();
        self
    }

    /// Sets the grants that the client may use.
    /// **Default: `authorization_code`** (RFC 7591 §2).
    pub fn grant_types(mut self, grant_types: impl IntoIterator<Item = GrantType>) -> Self {
        self.grant_types = grant_types.into_iter().collect();
        self
    }

    /// Sets the scope that the client may ask for (RFC 7591 §2).
    /// **Default: none: any scope of the grammar passes**, and the inner
    /// service decides.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Adds a redirection URI (RFC 7591 §2). **Default: none.**
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Sets the issuer of the client's tenant. **Default: the layer's.**
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets another member of the metadata, such as `jwks` or `client_name`.
    /// **Default: none.** [`build`](Self::build) refuses a member of
    /// RFC 7591 that the builder has a method for.
    pub fn metadata(mut self, name: impl Into<String>, value: Value) -> Self {
        self.metadata.insert(name.into(), value);
        self
    }

    /// Attaches data of the server's own. **Default: none.**
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, data: T) -> Self {
        self.extensions.insert(data);
        self
    }

    /// Checks the settings and makes the client of them.
    ///
    /// # Errors
    ///
    /// When `client_id` is empty, when issuer or scope are malformed, when there is no
    /// method, when a method has no secret or key to prove the client by, or one that
    /// is too weak, and when `metadata` set what has a method of its own.
    pub fn build(self) -> Result<Client, ClientError> {
        self.check()?;
        let signing_algorithm = keys::signing_algorithm(self.auth_methods, &self.metadata)?;
        if self.auth_methods.contains(AuthMethod::ClientSecretJwt) {
            keys::check_hmac_secrets(&self.secrets, signing_algorithm)?;
        }
        let keys = ClientKeys::read(self.auth_methods, &self.metadata, signing_algorithm)?;
        Ok(Client {
            client_id: self.client_id.into(),
            secrets: self.secrets.into(),
            keys,
            signing_algorithm,
            auth_methods: self.auth_methods,
            grant_types: self.grant_types.into(),
            scope: self.scope.map(Into::into),
            redirect_uris: self.redirect_uris.into(),
            issuer: self.issuer.map(Into::into),
            metadata: self.metadata,
            extensions: self.extensions,
        })
    }

    fn check(&self) -> Result<(), ClientError> {
        for field in OWN_SETTINGS {
            if self.metadata.contains_key(field) {
                return Err(ClientError::new(
                    field,
                    "it was set by `metadata`: the builder has a method of its own for it",
                ));
            }
        }
        if self.client_id.is_empty() {
            return Err(ClientError::new(
                "client_id",
                "it is empty: every client has an id",
            ));
        }
        if self
            .issuer
            .as_deref()
            .is_some_and(|issuer| !uri::is_http_url(issuer))
        {
            return Err(ClientError::new("issuer", "it must be a URL (RFC 8414 §2)"));
        }
        if let Some(Err(error)) = self.scope.as_deref().map(Scope::parse) {
            return Err(ClientError::new("scope", error.to_string()));
        }
        if self.auth_methods.is_empty() {
            return Err(ClientError::new(
                "token_endpoint_auth_method",
                "there is no method: a public client has `none`",
            ));
        }
        self.auth_methods
            .iter()
            .try_for_each(|method| self.check_method(method))
    }

    fn check_method(&self, method: AuthMethod) -> Result<(), ClientError> {
        match method.credential() {
            Credential::Secret if self.secrets.iter().all(ClientSecret::is_empty) => {
                Err(ClientError::new(
                    "client_secret",
                    format!(
                        "it is missing or empty, and `{method}` needs it: add it, or set \
                     `token_endpoint_auth_method` (`none` for a public client)"
                    ),
                ))
            }
            Credential::Keys if !self.has_keys() => Err(ClientError::new(
                "jwks",
                format!("`{method}` needs keys: add `jwks`, or `jwks_uri` with a URL"),
            )),
            Credential::Secret | Credential::Keys | Credential::Nothing => Ok(()),
        }
    }

    /// Whether they are there; what is in them is read after this.
    fn has_keys(&self) -> bool {
        [keys::JWKS, keys::JWKS_URI]
            .iter()
            .any(|name| keys::member(&self.metadata, name).is_some())
    }
}

/// Shows no metadata: a secret may have been put there by mistake.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

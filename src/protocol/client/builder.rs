//! The builder of a client, and the checks that every client must pass.

use std::{fmt, mem};

use http::Extensions;
use serde_json::{Map, Value};

use super::{
    Client,
    delivery_mode::BackchannelTokenDeliveryMode,
    error::ClientMetadataError,
    keys::{self, ClientKeys},
    members::{
        AUTH_METHOD, AUTH_METHODS, CERTIFICATE_BOUND, CLIENT_SECRETS, DPOP_BOUND, ENDPOINT_AUDIENCE,
    },
    names,
    problem::Found,
    registered_name::RegisteredName,
};
use crate::protocol::{
    auth_method::{AuthMethod, AuthMethods, Credential},
    client_secret::ClientSecret,
    grant::GrantType,
    quoted::Quoted,
    scope::Scope,
    uri,
};

/// Builder of a [`Client`]; see [`Client::builder`].
///
/// ```
/// use tower_token_endpoint::{Client, GrantType, client::{AuthMethod, ClientSecret}};
///
/// let client = Client::builder("s6BhdRkqt3")
///     .secret(ClientSecret::sha256_of("gX1fBat3bV"))
///     .auth_methods([AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost])
///     .grant_types([GrantType::ClientCredentials])
///     .scope("read write")
///     .build()?;
/// # Ok::<_, tower_token_endpoint::client::ClientMetadataError>(())
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
    accept_endpoint_audience: bool,
    dpop_bound_access_tokens: bool,
    certificate_bound_access_tokens: bool,
    metadata: Map<String, Value>,
    extensions: Extensions,
    /// What was wrong with the JSON that the settings are from.
    found: Found,
}

/// Members that `metadata` must not set a second time, or in the open.
const OWN_SETTINGS: [&str; 12] = [
    "client_id",
    "client_secret",
    CLIENT_SECRETS,
    "client_secret_expires_at",
    AUTH_METHOD,
    AUTH_METHODS,
    "grant_types",
    "scope",
    "redirect_uris",
    ENDPOINT_AUDIENCE,
    DPOP_BOUND,
    CERTIFICATE_BOUND,
];

impl Client {
    /// Returns a builder of a client with this id.
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
            accept_endpoint_audience: false,
            dpop_bound_access_tokens: false,
            certificate_bound_access_tokens: false,
            metadata: Map::new(),
            extensions: Extensions::new(),
            found: Found::default(),
        }
    }

    /// Takes over what was found in the JSON, so that all of it is told at once.
    pub(super) fn found(mut self, found: Found) -> Self {
        self.found = found;
        self
    }

    /// Adds a secret.
    ///
    /// **Default: none.** If there are several, each secret that has not expired is accepted.
    ///
    /// RFC 7591 §3.2.1, `client_secret`.
    pub fn secret(mut self, secret: ClientSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Sets the one method that the client authenticates with.
    ///
    /// **Default: `client_secret_basic`.**
    ///
    /// RFC 7591 §2, `token_endpoint_auth_method`.
    pub fn auth_method(self, method: AuthMethod) -> Self {
        self.auth_methods([method])
    }

    /// Sets the methods that the client may authenticate with.
    ///
    /// **Default: only `client_secret_basic`.**
    ///
    /// RFC 7591 has no member for several methods. In JSON they are
    /// `token_endpoint_auth_methods`: see [`Client::from_json`].
    pub fn auth_methods(mut self, methods: impl IntoIterator<Item = AuthMethod>) -> Self {
        self.auth_methods = methods.into_iter().collect();
        self
    }

    /// Sets the grants that the client may use.
    ///
    /// **Default: `authorization_code`.**
    ///
    /// RFC 7591 §2, `grant_types`.
    pub fn grant_types(mut self, grant_types: impl IntoIterator<Item = GrantType>) -> Self {
        self.grant_types = grant_types.into_iter().collect();
        self
    }

    /// Sets the scope that the client may ask for.
    ///
    /// **Default: none**, and any well-formed scope is accepted. The inner service then
    /// decides. An empty text means that the client may not ask for any scope.
    ///
    /// RFC 7591 §2, `scope`.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Adds a redirection URI.
    ///
    /// **Default: none.** A URI with a fragment, without a scheme, or with a scheme that runs
    /// a script is an error (RFC 6749 §3.1.2, RFC 9700 §4.1).
    ///
    /// RFC 7591 §2, `redirect_uris`.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Sets the issuer of the client's tenant, for a server that has several tenants.
    ///
    /// **Default: the issuer of the layer.** The audience of the client's assertions must be
    /// this issuer. No member of the metadata sets it.
    ///
    /// RFC 8414 §2, `issuer`.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Also accepts assertions of the client whose audience is the URL of the token endpoint or
    /// of the endpoint in use, for a client that cannot send the issuer.
    ///
    /// **Default: `false`**, and the audience must be the issuer. For all clients, use
    /// [`accept_endpoint_audience`](crate::layer::TokenEndpointLayerBuilder::accept_endpoint_audience)
    /// of the layer, which says what this exception costs.
    ///
    /// RFC 7523 §3, RFC 10070. In JSON it is `accept_endpoint_audience`: see
    /// [`Client::from_json`].
    pub fn accept_endpoint_audience(mut self, accept: bool) -> Self {
        self.accept_endpoint_audience = accept;
        self
    }

    /// Requires a DPoP proof in every token request of this client.
    ///
    /// **Default: `false`.** A request without a proof gets a 400 `invalid_request`, and so does every
    /// token request at a layer that accepts no proofs: see
    /// [`dpop`](crate::layer::TokenEndpointLayerBuilder::dpop).
    ///
    /// RFC 9449 §5.2.
    pub fn dpop_bound_access_tokens(mut self, bound: bool) -> Self {
        self.dpop_bound_access_tokens = bound;
        self
    }

    /// Requires a client certificate in every token request of this client, also if it authenticates with something else.
    ///
    /// Your service binds the token: see [`confirmation`](crate::request::AuthenticatedRequest::confirmation).
    ///
    /// **Default: `false`.** A request without a certificate gets a 400 `invalid_request`, and so does every
    /// token request at a layer that is not told of certificates. With feature `mtls`, its setting
    /// `client_certificates` says where they come from.
    ///
    /// RFC 8705 §3.4.
    pub fn tls_client_certificate_bound_access_tokens(mut self, bound: bool) -> Self {
        self.certificate_bound_access_tokens = bound;
        self
    }

    /// Sets another member of the metadata, such as `jwks`, `client_name` or
    /// `tls_client_auth_subject_dn`.
    ///
    /// **Default: none.** For the id, the secrets, the methods, `grant_types`, `scope`, `redirect_uris`,
    /// `accept_endpoint_audience`, `dpop_bound_access_tokens` and `tls_client_certificate_bound_access_tokens`, use the
    /// methods of the builder: here, they are an error of [`build`](Self::build).
    ///
    /// RFC 7591 §2.
    pub fn metadata(mut self, name: impl Into<String>, value: Value) -> Self {
        self.metadata.insert(name.into(), value);
        self
    }

    /// Sets the size of the largest RSA key that [`build`](Self::build) accepts in `jwks`.
    ///
    /// **Default: 4,096 bits.** Less than 2,048 bits, or more than 8,192, is an error. A layer
    /// verifies with a larger key than 4,096 bits only if its own
    /// [`max_rsa_bits`](crate::layer::TokenEndpointLayerBuilder::max_rsa_bits) is also set.
    ///
    /// This is the member `max_rsa_bits` of the metadata, an extension of this crate: see
    /// [`Client::from_json`]. RFC 7518 §3.3.
    pub fn max_rsa_bits(self, bits: usize) -> Self {
        self.metadata(keys::MAX_RSA_BITS_MEMBER, bits.into())
    }

    /// Attaches data of your own, one value of each type. [`Client::extensions`] returns it.
    ///
    /// **Default: none.**
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, data: T) -> Self {
        self.extensions.insert(data);
        self
    }

    /// Checks the settings and builds the client.
    ///
    /// A client whose secrets have all expired is built. It never authenticates with them.
    /// What is probably a mistake, and does not keep the client from working, is in
    /// [`Client::warnings`].
    ///
    /// # Errors
    ///
    /// Returns an error that lists all of these:
    ///
    /// - if `client_id` is empty,
    /// - if the issuer or the scope is malformed,
    /// - if a redirection URI has no scheme, a fragment, or the scheme `javascript`, `data` or
    ///   `vbscript`,
    /// - if there is no authentication method,
    /// - if the secret or the key for a method is missing or too weak, or if no assertion can
    ///   choose between the keys,
    /// - if both `jwks` and `jwks_uri` are set,
    /// - if a client of `tls_client_auth` does not have exactly one name that its certificate must have
    ///   (RFC 8705 §2.1.2), or if the name is malformed,
    /// - if `backchannel_token_delivery_mode` is not `poll`, `ping` or `push`,
    /// - if `metadata` set a member for which the builder must be used.
    pub fn build(mut self) -> Result<Client, ClientMetadataError> {
        let mut found = mem::take(&mut self.found);
        self.check(&mut found);
        names::check(&self.metadata, &mut found);
        let signing_algorithm =
            keys::signing_algorithm(self.auth_methods, &self.metadata, &mut found);
        if self.auth_methods.contains(AuthMethod::ClientSecretJwt) {
            keys::check_hmac_secrets(&self.secrets, signing_algorithm, &mut found);
        }
        let keys = ClientKeys::read(
            self.auth_methods,
            &self.metadata,
            signing_algorithm,
            &mut found,
        );
        let registered_name = self.auth_methods.contains(AuthMethod::TlsClientAuth);
        let registered_name = registered_name
            .then(|| RegisteredName::read(&self.metadata, &mut found))
            .flatten();
        let delivery_mode = BackchannelTokenDeliveryMode::read(&self.metadata, &mut found);
        let warnings = found.into_warnings().map_err(ClientMetadataError::new)?;
        Ok(Client {
            client_id: self.client_id.into(),
            secrets: self.secrets.into(),
            keys,
            registered_name: registered_name.map(Box::new),
            signing_algorithm,
            auth_methods: self.auth_methods,
            grant_types: self.grant_types.into(),
            scope: self.scope.map(Into::into),
            redirect_uris: self.redirect_uris.into(),
            issuer: self.issuer.map(Into::into),
            accepts_endpoint_audience: self.accept_endpoint_audience,
            dpop_bound_access_tokens: self.dpop_bound_access_tokens,
            certificate_bound_access_tokens: self.certificate_bound_access_tokens,
            delivery_mode,
            metadata: self.metadata,
            extensions: self.extensions,
            warnings,
            is_from_document: false,
        })
    }

    fn check(&self, found: &mut Found) {
        for field in OWN_SETTINGS {
            if self.metadata.contains_key(field) {
                let text = "it was set by `metadata`: use the method of the builder for it";
                found.problem(field, text);
            }
        }
        if self.client_id.is_empty() && !found.names("client_id") {
            let text = "it is missing or empty, and every client needs an id";
            found.problem("client_id", self.missing("client_id", text));
        }
        let issuer = self.issuer.as_deref();
        if issuer.is_some_and(|issuer| !uri::is_http_url(issuer)) {
            found.problem("issuer", "it must be a URL (RFC 8414 §2)");
        }
        let scope = self.scope.as_deref().filter(|scope| !scope.is_empty());
        if let Some(Err(error)) = scope.map(Scope::parse) {
            found.problem("scope", error.to_string());
        }
        for (number, uri) in self.redirect_uris.iter().enumerate() {
            if let Some(problem) = uri::redirect_problem(uri) {
                let text = format!("entry {number}, {}: {problem}", Quoted(uri));
                found.problem("redirect_uris", text);
            }
        }
        if self.auth_methods.is_empty() && !found.names(AUTH_METHOD) && !found.names(AUTH_METHODS) {
            let text = "no method is set: add one (`none` for a public client)";
            found.problem(AUTH_METHOD, text);
        }
        for method in self.auth_methods.iter() {
            self.check_method(method, found);
        }
    }

    fn check_method(&self, method: AuthMethod, found: &mut Found) {
        match method.credential() {
            Credential::Secret
                if self.secrets.iter().all(ClientSecret::is_empty)
                    && !found.names("client_secret")
                    && !found.names(CLIENT_SECRETS) =>
            {
                let text = format!(
                    "it is missing or empty, and `{method}` needs it: add it, or set \
                     `token_endpoint_auth_method` (`none` for a public client)"
                );
                found.problem("client_secret", self.missing("client_secret", &text));
            }
            Credential::Keys if !self.has_keys() && !found.names(keys::JWKS) => {
                let text = format!("`{method}` needs keys: add `jwks`, or `jwks_uri` with a URL");
                found.problem(keys::JWKS, self.missing(keys::JWKS, &text));
            }
            Credential::Secret | Credential::Keys | Credential::Nothing => {}
        }
    }

    /// Adds the name that was probably meant to be the missing one.
    fn missing(&self, field: &str, text: &str) -> String {
        match names::instead_of(&self.metadata, field) {
            Some(name) => format!("{text} (is it {}?)", Quoted(name)),
            None => text.to_owned(),
        }
    }

    /// Whether the client has keys. They are read after this.
    fn has_keys(&self) -> bool {
        [keys::JWKS, keys::JWKS_URI]
            .iter()
            .any(|name| keys::member(&self.metadata, name).is_some())
    }
}

/// Leaves out the metadata, which may contain a secret by mistake.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

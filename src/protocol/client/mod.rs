//! A registered client (RFC 7591 §2).

mod admission;
pub(crate) mod builder;
pub(crate) mod delivery_mode;
mod distinguished_name;
mod document;
pub(crate) mod encoding;
pub(crate) mod error;
mod expiry;
pub(crate) mod id_url;
pub(crate) mod keys;
pub(crate) mod members;
mod names;
mod password_hash;
pub(crate) mod problem;
mod read;
mod redirect_uris;
pub(crate) mod registered_name;
mod secrets;
mod taken;
mod write;

use std::fmt;

use http::Extensions;
use serde_json::{Map, Value};

use self::{
    delivery_mode::BackchannelTokenDeliveryMode, keys::ClientKeys, problem::ClientProblem,
    registered_name::RegisteredName,
};
use super::{
    auth_method::{AuthMethod, AuthMethods},
    client_secret::ClientSecret,
    grant::GrantType,
    scope::Scope,
};
use crate::crypto::SigningAlgorithm;

/// Registered client, with the methods, the grants and the scope that it may use.
///
/// A client is read from the client metadata of [RFC 7591 §2], with the names and defaults
/// of this RFC, or built with [`Client::builder`]. `Deserialize` reads the same metadata as
/// [`Client::from_json`]. `Serialize` writes it without the secrets.
///
/// ```
/// use tower_token_endpoint::{Client, client::AuthMethod};
///
/// let client = Client::from_json(br#"{
///     "client_id": "s6BhdRkqt3",
///     "client_secret": "gX1fBat3bV",
///     "grant_types": ["client_credentials"],
///     "scope": "read write",
///     "client_name": "Example"
/// }"#)?;
///
/// assert!(client.allows_method(AuthMethod::ClientSecretBasic)); // RFC 7591: the default
/// assert_eq!(client.metadata()["client_name"], "Example");
/// assert!(serde_json::to_value(&client)?.get("client_secret").is_none());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// [RFC 7591 §2]: https://www.rfc-editor.org/rfc/rfc7591#section-2
#[derive(Clone)]
pub struct Client {
    client_id: Box<str>,
    secrets: Box<[ClientSecret]>,
    auth_methods: AuthMethods,
    keys: ClientKeys,
    /// There is one if the client is registered for `tls_client_auth`.
    registered_name: Option<Box<RegisteredName>>,
    signing_algorithm: Option<SigningAlgorithm>,
    grant_types: Box<[GrantType]>,
    scope: Option<Box<str>>,
    redirect_uris: Box<[String]>,
    issuer: Option<Box<str>>,
    accepts_endpoint_audience: bool,
    dpop_bound_access_tokens: bool,
    certificate_bound_access_tokens: bool,
    delivery_mode: BackchannelTokenDeliveryMode,
    metadata: Map<String, Value>,
    extensions: Extensions,
    warnings: Box<[ClientProblem]>,
    is_from_document: bool,
}

impl Client {
    /// Returns the identifier of the client, which is not a secret (RFC 6749 §2.2).
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Returns the methods that the client may authenticate with.
    pub fn auth_methods(&self) -> impl Iterator<Item = AuthMethod> {
        self.auth_methods.iter()
    }

    /// Returns whether the client may authenticate with this method.
    #[must_use]
    pub fn allows_method(&self, method: AuthMethod) -> bool {
        self.auth_methods.contains(method)
    }

    /// Whether tokens of the client are bound to the certificate that it presents, if it authenticates with this
    /// method (RFC 8705 §3).
    pub(crate) fn binds_certificate(&self, method: AuthMethod) -> bool {
        matches!(
            method,
            AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth
        ) || self.tls_client_certificate_bound_access_tokens()
    }

    /// Returns the one of these methods that the client authenticates with.
    pub(crate) fn settle(&self, methods: AuthMethods) -> Option<AuthMethod> {
        self.auth_methods.and(methods).first()
    }

    /// Returns the grants that the client may use.
    #[must_use]
    pub fn grant_types(&self) -> &[GrantType] {
        &self.grant_types
    }

    /// Returns whether the client may use this grant.
    #[must_use]
    pub fn allows_grant(&self, grant_type: &GrantType) -> bool {
        self.grant_types.contains(grant_type)
    }

    /// Returns the scope that the client may ask for. If it [is empty](Scope::is_empty), the
    /// client may not ask for any. `None` if none is registered: the layer then accepts any
    /// well-formed scope, and the inner service decides.
    #[must_use]
    pub fn scope(&self) -> Option<Scope<'_>> {
        self.scope.as_deref().map(Scope::parsed)
    }

    /// Returns the registered redirection URIs (RFC 6749 §3.1.2).
    #[must_use]
    pub fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }

    /// Returns the issuer of the client's tenant, if one was set.
    ///
    /// The realm of a challenge is still the issuer of the layer, so that a 401 is the same for
    /// a client that exists and for one that does not.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Returns whether the audience of the client's assertions may also be the URL of an
    /// endpoint: see
    /// [`ClientBuilder::accept_endpoint_audience`](crate::client::ClientBuilder::accept_endpoint_audience).
    #[must_use]
    pub fn accepts_endpoint_audience(&self) -> bool {
        self.accepts_endpoint_audience
    }

    /// Returns whether every token request of the client must have a DPoP proof: see
    /// [`ClientBuilder::dpop_bound_access_tokens`](crate::client::ClientBuilder::dpop_bound_access_tokens).
    #[must_use]
    pub fn dpop_bound_access_tokens(&self) -> bool {
        self.dpop_bound_access_tokens
    }

    /// Returns whether every token request of the client must have a client certificate: see
    /// [`ClientBuilder::tls_client_certificate_bound_access_tokens`](crate::client::ClientBuilder::tls_client_certificate_bound_access_tokens).
    #[must_use]
    pub fn tls_client_certificate_bound_access_tokens(&self) -> bool {
        self.certificate_bound_access_tokens
    }

    /// Returns how the client gets the result of a backchannel authentication, its
    /// `backchannel_token_delivery_mode` (OpenID Connect CIBA Core §4).
    #[must_use]
    pub fn backchannel_token_delivery_mode(&self) -> BackchannelTokenDeliveryMode {
        self.delivery_mode
    }

    /// Returns all other members of the metadata, such as `client_name` and `jwks`.
    #[must_use]
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }

    /// Returns data of your own about the client, such as
    /// [`ClientBuilder::extension`](crate::client::ClientBuilder::extension) attached.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Returns data of your own about the client, to add to it or to change it.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// Does what the first verification with each RSA key in `jwks` would otherwise have to do,
    /// so that the first one takes no longer than the next. Otherwise it takes about 10 µs
    /// more, which could tell that the client exists.
    ///
    /// [`MemoryClientStore`](crate::MemoryClientStore) calls this method. Call it in a store of
    /// your own if that keeps its clients, but not if it reads the client again for each
    /// request.
    ///
    /// For each algorithm, a key of 2,048 bits takes 2.4 KB of memory and about 30 µs. There is
    /// one algorithm if the key has an `alg`, or if the client has a
    /// `token_endpoint_auth_signing_alg`. Otherwise there are six.
    pub fn prepare_keys(&self) {
        if let ClientKeys::Registered(keys) = &self.keys {
            keys.prepare(self.signing_algorithm);
        }
    }

    /// Returns what is probably a mistake in the metadata, although the client can be used: a
    /// member whose name nearly is `scope`, for example, or a key that cannot verify a
    /// signature. An operator should see these.
    ///
    /// [`MemoryClientStore::warnings`](crate::MemoryClientStore::warnings) returns those of
    /// all clients.
    #[must_use]
    pub fn warnings(&self) -> &[ClientProblem] {
        &self.warnings
    }

    pub(crate) const fn keys(&self) -> &ClientKeys {
        &self.keys
    }

    pub(crate) fn registered_name(&self) -> Option<&RegisteredName> {
        self.registered_name.as_deref()
    }

    /// `token_endpoint_auth_signing_alg`: the one algorithm of its assertions. `None` if
    /// every algorithm that fits the key is accepted.
    pub(crate) const fn signing_algorithm(&self) -> Option<SigningAlgorithm> {
        self.signing_algorithm
    }

    #[inline]
    pub(crate) const fn secrets(&self) -> &[ClientSecret] {
        &self.secrets
    }

    /// The secrets that are keys of HMACs. There are none unless the client is registered for
    /// `client_secret_jwt`.
    pub(crate) fn hmac_secrets(&self) -> impl Iterator<Item = &ClientSecret> {
        let is_registered = self.allows_method(AuthMethod::ClientSecretJwt);
        let plain = self.secrets.iter().filter(|own| own.as_plain().is_some());
        plain.take(if is_registered { usize::MAX } else { 0 })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("client_id", &self.client_id)
            .field("auth_methods", &self.auth_methods)
            .field("grant_types", &self.grant_types)
            .field("scope", &self.scope)
            .field("issuer", &self.issuer)
            .field("secrets", &self.secrets)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_secret_is_no_secret() {
        let builder = || Client::builder("a").auth_method(AuthMethod::ClientSecretBasic);
        for empty in [ClientSecret::sha256_of(""), ClientSecret::plain("")] {
            let error = builder().secret(empty).build().expect_err("no secret");
            assert_eq!(error.field(), Some("client_secret"), "{error}");
        }
        let client = builder().secret(ClientSecret::sha256_of("s")).build();
        assert!(client.is_ok(), "{client:?}");
    }

    #[test]
    fn redirect_uris_are_returned_in_their_order() {
        let builder = Client::builder("a").auth_method(AuthMethod::None);
        let uris = ["https://b.example/cb", "https://a.example/cb"];
        let builder = uris
            .into_iter()
            .fold(builder, |builder, uri| builder.redirect_uri(uri));
        assert_eq!(builder.build().expect("a client").redirect_uris(), uris);
    }

    #[test]
    fn data_of_your_own_is_returned_and_can_be_changed() {
        let builder = Client::builder("a").auth_method(AuthMethod::None);
        let mut client = builder.extension(1_u8).build().expect("a client");
        assert_eq!(client.extensions().get(), Some(&1_u8));
        client.extensions_mut().insert(2_u8);
        client.extensions_mut().insert("more");
        assert_eq!(client.extensions().get(), Some(&2_u8));
        assert_eq!(client.extensions().get(), Some(&"more"));
    }
}

//! What the requests of all endpoints share.

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};

use super::{binding::Binding, parameters::Parameters};
use crate::protocol::{
    auth_method::AuthMethod, client::Client, client_certificate::ClientCertificate,
    presented::PresentedCertificate, settings::endpoint::Endpoint,
};

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
    certificate: Option<Arc<PresentedCertificate>>,
    binding: Option<Arc<Binding>>,
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
            certificate: None,
            binding: None,
        }
    }

    /// With the keys that the client has proven to have.
    #[inline]
    pub(crate) fn with_keys(
        mut self,
        certificate: Option<Arc<PresentedCertificate>>,
        binding: Option<Arc<Binding>>,
    ) -> Self {
        self.certificate = certificate;
        self.binding = binding;
        self
    }

    pub(crate) fn binding(&self) -> Option<&Binding> {
        self.binding.as_deref()
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

    /// Returns the thumbprint (`jkt`, RFC 7638) of the key that the client has proven to have with a
    /// DPoP proof. `None` if the request has no proof, or if the layer accepts none: see
    /// [`dpop`](crate::layer::TokenEndpointLayerBuilder::dpop).
    ///
    /// Bind what you issue to this key: an access token (see [`confirmation`](Self::confirmation)), the
    /// refresh token of a public client (RFC 9449 §5), and an authorization code or a pushed authorization
    /// request (§10).
    #[must_use]
    pub fn dpop_thumbprint(&self) -> Option<&str> {
        self.binding().map(|binding| binding.jkt.as_str())
    }

    /// Returns the thumbprint (`x5t#S256`) of the certificate that the client presented in its TLS connection:
    /// the base64url of the SHA-256 of its DER. `None` if it presented none, or if the layer is not told of
    /// certificates, which needs feature `mtls`.
    ///
    /// The certificate is not necessarily what the client authenticated with: see [`method`](Self::method). A
    /// public client, or one with a secret, may have presented any. If a public client presents one, bind its refresh token
    /// to it: store the thumbprint with the token, and at the refresh accept the token only with the same one.
    ///
    /// RFC 8705 §3.1 and §4.
    #[must_use]
    pub fn certificate_thumbprint(&self) -> Option<&str> {
        let presented = self.certificate.as_deref()?;
        Some(presented.certificate.thumbprint())
    }

    /// Returns the certificate that the client presented in its TLS connection, from the acceptor or from the header of
    /// a proxy. `None` in the same cases as [`certificate_thumbprint`](Self::certificate_thumbprint).
    ///
    /// It is for what the layer does not look at, such as the roles in a certificate of a payment service: parse its
    /// [`der`](ClientCertificate::der) with a library such as `x509-parser`. Believe a name in it only if
    /// [`is_verified`](ClientCertificate::is_verified) returns `true`: otherwise, anybody may have made it. And it is the
    /// certificate of the client only if [`method`](Self::method) is [`AuthMethod::TlsClientAuth`] or
    /// [`AuthMethod::SelfSignedTlsClientAuth`]: a client with a secret can present any.
    ///
    /// RFC 8705 §2.
    #[must_use]
    pub fn client_certificate(&self) -> Option<&ClientCertificate> {
        Some(&self.certificate.as_deref()?.as_sent)
    }

    /// Returns the member `cnf` that the access token must have, such as
    /// `{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}`. It is a claim of a JWT. If tokens are random, store it
    /// with the token, and return what is stored in the response of introspection.
    ///
    /// `None` if the token is not bound, and at every endpoint but the token endpoint: there, the keys of the request are
    /// not those of a token. A client whose tokens must be bound, and that has sent nothing to bind them to, has got a 400.
    ///
    /// The `token_type` of a bound token is `DPoP` only if there is a [`dpop_thumbprint`](Self::dpop_thumbprint), and
    /// otherwise `Bearer`.
    ///
    /// - `jkt` is the [key of the DPoP proof](Self::dpop_thumbprint) (RFC 9449 §6).
    /// - `x5t#S256` is the [certificate](Self::certificate_thumbprint) (RFC 8705 §3.1), if the client authenticated
    ///   with it or is registered with
    ///   [`tls_client_certificate_bound_access_tokens`](crate::client::ClientBuilder::tls_client_certificate_bound_access_tokens).
    ///   Tokens of other clients are not bound to it.
    #[must_use]
    pub fn confirmation(&self) -> Option<Value> {
        if self.endpoint != Endpoint::Token {
            return None;
        }
        let of_certificate = self.certificate_thumbprint();
        let of_certificate = of_certificate.filter(|_| self.client.binds_certificate(self.method));
        let members = [
            ("jkt", self.dpop_thumbprint()),
            ("x5t#S256", of_certificate),
        ];
        let members = members.into_iter();
        let members = members.filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        let members: Map<_, _> = members.collect();
        (!members.is_empty()).then_some(Value::Object(members))
    }
}

impl fmt::Debug for AuthenticatedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticatedRequest")
            .field("endpoint", &self.endpoint)
            .field("client_id", &self.client.client_id())
            .field("method", &self.method)
            .field("parameters", &self.parameters)
            .field("dpop_thumbprint", &self.dpop_thumbprint())
            .field("certificate_thumbprint", &self.certificate_thumbprint())
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

            /// Returns the thumbprint of the key that the client has proven to have with a DPoP
            /// proof: see [`AuthenticatedRequest::dpop_thumbprint`].
            #[must_use]
            pub fn dpop_thumbprint(&self) -> Option<&str> {
                self.authenticated.dpop_thumbprint()
            }

            /// Returns the thumbprint of the certificate that the client presented in its TLS connection: see
            /// [`AuthenticatedRequest::certificate_thumbprint`].
            #[must_use]
            pub fn certificate_thumbprint(&self) -> Option<&str> {
                self.authenticated.certificate_thumbprint()
            }
        }
    };
}

pub(super) use with_authenticated;

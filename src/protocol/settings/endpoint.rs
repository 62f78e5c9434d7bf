//! The endpoints that authenticate clients, and what each needs.

/// Endpoint of an authorization server at which clients authenticate.
///
/// See [`TokenEndpointLayer`](crate::TokenEndpointLayer) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// The token endpoint ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)).
    /// The inner service gets a [`TokenRequest`](crate::TokenRequest).
    Token,
    /// The introspection endpoint ([RFC 7662 §2](https://www.rfc-editor.org/rfc/rfc7662#section-2)).
    /// A request must have the parameter `token`, and a public client gets a 401. The inner
    /// service gets an [`IntrospectionRequest`](crate::request::IntrospectionRequest).
    Introspection,
    /// The revocation endpoint ([RFC 7009 §2](https://www.rfc-editor.org/rfc/rfc7009#section-2)).
    /// A request must have the parameter `token`. The inner service gets a
    /// [`RevocationRequest`](crate::request::RevocationRequest).
    Revocation,
    /// The pushed authorization request endpoint
    /// ([RFC 9126 §2](https://www.rfc-editor.org/rfc/rfc9126#section-2)). A request must not have
    /// `request_uri`, and must have `response_type` or `request`. Its scope must be registered. The
    /// inner service gets a [`PushedAuthorizationRequest`](crate::request::PushedAuthorizationRequest).
    PushedAuthorization,
    /// The device authorization endpoint
    /// ([RFC 8628 §3.1](https://www.rfc-editor.org/rfc/rfc8628#section-3.1)). The client must be
    /// registered for the device grant, and for the scope. The inner service gets a
    /// [`DeviceAuthorizationRequest`](crate::request::DeviceAuthorizationRequest).
    DeviceAuthorization,
    /// The backchannel authentication endpoint ([OpenID Connect CIBA Core §7.1]). A public client
    /// gets a 401. The client must be registered for the CIBA grant, and for the scope. The inner
    /// service gets a
    /// [`BackchannelAuthenticationRequest`](crate::request::BackchannelAuthenticationRequest), whose
    /// text says what a request must have.
    ///
    /// [OpenID Connect CIBA Core §7.1]: https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_request
    BackchannelAuthentication,
}

/// What an endpoint requires of a request. A new endpoint is a variant above and a row
/// below.
pub(crate) struct EndpointRow {
    /// Its member in RFC 8414 metadata.
    pub(crate) name: &'static str,
    /// Whether its methods and algorithms have members there, which start with the name. The
    /// endpoints without them use those of the token endpoint.
    pub(crate) lists_methods: bool,
    /// Whether the request has a grant.
    pub(crate) grants: bool,
    /// The parameters that every request must have, whatever else is in it.
    pub(crate) required: &'static [&'static str],
    /// The parameters that are checked, and must therefore not be in the query instead.
    pub(crate) checked: &'static [&'static str],
    pub(crate) public_clients: bool,
    pub(crate) proofs: Proofs,
}

/// What an endpoint does with a DPoP proof.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proofs {
    Ignored,
    /// RFC 9449 §10.1.
    Optional,
    /// It may be required (RFC 9449 §5).
    Accepted,
}

impl Endpoint {
    /// Returns the name for logs and metrics: `token`, `introspection`, `revocation`,
    /// `pushed_authorization_request`, `device_authorization` or `backchannel_authentication`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
            Self::PushedAuthorization => "pushed_authorization_request",
            Self::DeviceAuthorization => "device_authorization",
            Self::BackchannelAuthentication => "backchannel_authentication",
        }
    }

    pub(crate) const fn row(self) -> EndpointRow {
        match self {
            Self::Token => EndpointRow {
                name: "token_endpoint",
                lists_methods: true,
                grants: true,
                required: &[],
                checked: &["grant_type", "scope"],
                public_clients: true,
                proofs: Proofs::Accepted,
            },
            Self::Introspection => EndpointRow {
                name: "introspection_endpoint",
                lists_methods: true,
                grants: false,
                required: &["token"],
                checked: &[],
                public_clients: false,
                proofs: Proofs::Ignored,
            },
            Self::Revocation => EndpointRow {
                name: "revocation_endpoint",
                lists_methods: true,
                grants: false,
                required: &["token"],
                checked: &[],
                public_clients: true,
                proofs: Proofs::Ignored,
            },
            Self::PushedAuthorization => EndpointRow {
                name: "pushed_authorization_request_endpoint",
                lists_methods: false,
                grants: false,
                required: &[],
                checked: &[
                    "dpop_jkt",
                    "request",
                    "request_uri",
                    "response_type",
                    "scope",
                ],
                public_clients: true,
                proofs: Proofs::Optional,
            },
            Self::DeviceAuthorization => EndpointRow {
                name: "device_authorization_endpoint",
                lists_methods: false,
                grants: false,
                required: &[],
                checked: &["scope"],
                public_clients: true,
                proofs: Proofs::Ignored,
            },
            Self::BackchannelAuthentication => EndpointRow {
                name: "backchannel_authentication_endpoint",
                lists_methods: false,
                grants: false,
                required: &[],
                checked: &[
                    "request",
                    "scope",
                    "login_hint_token",
                    "id_token_hint",
                    "login_hint",
                    "client_notification_token",
                ],
                public_clients: false,
                proofs: Proofs::Ignored,
            },
        }
    }
}

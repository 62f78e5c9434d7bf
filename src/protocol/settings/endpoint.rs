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
}

/// What an endpoint requires of a request. A new endpoint is a variant above and a row
/// below.
pub(crate) struct EndpointRow {
    /// The prefix of its members in RFC 8414 metadata.
    pub(crate) name: &'static str,
    /// Whether the request has a grant and a scope.
    pub(crate) grants: bool,
    /// The other parameters that every request must have.
    pub(crate) required: &'static [&'static str],
    /// The parameters that are checked, and must therefore not be in the query instead.
    pub(crate) checked: &'static [&'static str],
    pub(crate) public_clients: bool,
    /// Whether the layer looks at a DPoP proof (RFC 9449 §5 and §10.1).
    pub(crate) dpop: bool,
    /// Whether a proof may be required.
    pub(crate) requires_dpop: bool,
}

impl Endpoint {
    /// Returns the name for logs and metrics: `token`, `introspection` or `revocation`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
        }
    }

    pub(crate) const fn row(self) -> EndpointRow {
        match self {
            Self::Token => EndpointRow {
                name: "token_endpoint",
                grants: true,
                required: &[],
                checked: &["grant_type", "scope"],
                public_clients: true,
                dpop: true,
                requires_dpop: true,
            },
            Self::Introspection => EndpointRow {
                name: "introspection_endpoint",
                grants: false,
                required: &["token"],
                checked: &[],
                public_clients: false,
                dpop: false,
                requires_dpop: false,
            },
            Self::Revocation => EndpointRow {
                name: "revocation_endpoint",
                grants: false,
                required: &["token"],
                checked: &[],
                public_clients: true,
                dpop: false,
                requires_dpop: false,
            },
        }
    }
}

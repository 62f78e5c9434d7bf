//! Grant types, the parameters that each one requires, and the grants that a server
//! serves.

use std::{fmt, str::FromStr, sync::Arc};

use super::{auth_method::AuthMethod, grant_parameters::GrantParameters, uri};

/// Declares the known grants: variant, value of `grant_type`, the parameters that a request
/// must have, and those that the request of a public client must also have.
macro_rules! grant_types {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $required:expr, $of_public:expr;)*) => {
        /// OAuth 2.0 grant type, the value of the parameter `grant_type`.
        ///
        /// The layer refuses a request that does not have the parameters that its grant
        /// requires. The text of each variant lists them. For other grants, set them with
        /// [`extension_grant`](crate::layer::TokenEndpointLayerBuilder::extension_grant).
        ///
        /// ```
        /// use tower_token_endpoint::GrantType;
        ///
        /// assert_eq!("refresh_token".parse(), Ok(GrantType::RefreshToken));
        /// assert_eq!("urn:example:ticket".parse::<GrantType>()?.as_str(), "urn:example:ticket");
        /// assert!("refresh token".parse::<GrantType>().is_err());
        /// # Ok::<_, tower_token_endpoint::grant::ParseGrantTypeError>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum GrantType {
            $($(#[$doc])* $variant,)*
            /// Extension grant, which is any other absolute URI (RFC 6749 §4.5). Parse a string
            /// to get one. Only the [`grant_types`](crate::Client::grant_types) of a client
            /// may have another text: see [`OtherGrantType::is_uri`].
            Other(OtherGrantType),
        }

        impl GrantType {
            /// Returns the value of `grant_type`.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(OtherGrantType(uri)) => uri,
                }
            }

            fn known(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            const fn requirements(&self) -> Requirements {
                match self {
                    $(Self::$variant => Requirements {
                        required: &$required,
                        of_public: &$of_public,
                    },)*
                    Self::Other(_) => Requirements { required: &[], of_public: &[] },
                }
            }

            #[cfg(test)]
            const KNOWN: &[Self] = &[$(Self::$variant),*];
        }
    };
}

struct Requirements {
    required: &'static [&'static str],
    of_public: &'static [&'static str],
}

grant_types! {
    // Only PKCE binds a code to a public client (RFC 9700 §2.1.1).
    /// `authorization_code` (RFC 6749 §4.1.3). Requires `code`. A public client must also
    /// send `code_verifier` (RFC 9700 §2.1.1).
    AuthorizationCode, "authorization_code", ["code"], ["code_verifier"];
    /// `refresh_token` (RFC 6749 §6). Requires `refresh_token`.
    RefreshToken, "refresh_token", ["refresh_token"], [];
    /// `client_credentials` (RFC 6749 §4.4). A public client cannot use it.
    ClientCredentials, "client_credentials", [], [];
    /// `password` (RFC 6749 §4.3). Requires `username` and `password`.
    Password, "password", ["username", "password"], [];
    /// `implicit` (RFC 6749 §4.2). A client may be registered for it (RFC 7591 §2), but it
    /// has no token request.
    Implicit, "implicit", [], [];
    /// `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4). Requires `device_code`.
    DeviceCode, "urn:ietf:params:oauth:grant-type:device_code", ["device_code"], [];
    /// `urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523 §2.1). Requires `assertion`.
    JwtBearer, "urn:ietf:params:oauth:grant-type:jwt-bearer", ["assertion"], [];
    /// `urn:ietf:params:oauth:grant-type:saml2-bearer` (RFC 7522 §2.1). Requires `assertion`.
    Saml2Bearer, "urn:ietf:params:oauth:grant-type:saml2-bearer", ["assertion"], [];
    /// `urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693 §2.1). Requires
    /// `subject_token` and `subject_token_type`, and either both of `actor_token` and
    /// `actor_token_type` or neither.
    TokenExchange, "urn:ietf:params:oauth:grant-type:token-exchange",
        ["subject_token", "subject_token_type"], [];
    /// `urn:openid:params:grant-type:ciba` (OpenID Connect CIBA Core §10.1). Requires
    /// `auth_req_id`.
    Ciba, "urn:openid:params:grant-type:ciba", ["auth_req_id"], [];
}

/// Grant that [`GrantType`] has no variant for, by its absolute URI.
///
/// Parse a [`GrantType`] to get one; see [`GrantType`] for an example.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherGrantType(Arc<str>);

impl OtherGrantType {
    /// Returns the URI, which is the value of `grant_type`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it is an absolute URI (RFC 6749 §4.5).
    ///
    /// Some servers have grants with names of their own, such as `interaction_code`. A client
    /// that is registered for such a grant can be loaded, but the layer never serves it.
    #[must_use]
    pub fn is_uri(&self) -> bool {
        uri::is_absolute(&self.0)
    }
}

impl GrantType {
    /// A grant that a client is registered for, which may be a name that no RFC knows.
    pub(crate) fn registered(name: &str) -> Self {
        Self::known(name).unwrap_or_else(|| Self::Other(OtherGrantType(name.into())))
    }
}

impl FromStr for GrantType {
    type Err = ParseGrantTypeError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match Self::known(name) {
            Some(known) => Ok(known),
            None if uri::is_absolute(name) => Ok(Self::Other(OtherGrantType(name.into()))),
            None => Err(ParseGrantTypeError(())),
        }
    }
}

impl fmt::Display for GrantType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Error returned when a string is not a [`GrantType`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseGrantTypeError(());

impl fmt::Display for ParseGrantTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a grant type must be a registered name or an absolute URI (RFC 6749 §4.5)")
    }
}

impl std::error::Error for ParseGrantTypeError {}

/// The grants that a server serves, each with the parameters that it requires.
#[derive(Clone, Debug)]
pub(crate) struct ServedGrants(Vec<ServedGrant>);

#[derive(Clone, Debug)]
pub(crate) struct ServedGrant {
    grant_type: GrantType,
    parameters: GrantParameters,
    required_of_public: &'static [&'static str],
}

impl ServedGrants {
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Serves a grant type. It has the parameters `extra`, those that are known for the grant,
    /// and those of earlier calls.
    pub(crate) fn serve(&mut self, grant_type: GrantType, extra: &GrantParameters) {
        let earlier = self
            .0
            .iter()
            .position(|served| served.grant_type == grant_type);
        let mut grant = match earlier {
            Some(index) => self.0.remove(index),
            None => ServedGrant::new(grant_type),
        };
        grant.parameters.add(extra);
        self.0.push(grant);
    }

    pub(crate) fn find(&self, name: &str) -> Option<&ServedGrant> {
        self.0
            .iter()
            .find(|served| served.grant_type.as_str() == name)
    }

    pub(crate) fn types(&self) -> impl Iterator<Item = &GrantType> {
        self.0.iter().map(|served| &served.grant_type)
    }
}

/// The three grants of OAuth 2.1.
impl Default for ServedGrants {
    fn default() -> Self {
        let mut served = Self::none();
        for grant_type in [
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
        ] {
            served.serve(grant_type, &GrantParameters::new());
        }
        served
    }
}

impl ServedGrant {
    fn new(grant_type: GrantType) -> Self {
        let Requirements {
            required,
            of_public,
        } = grant_type.requirements();
        Self {
            grant_type,
            parameters: required.into(),
            required_of_public: of_public,
        }
    }

    pub(crate) const fn grant_type(&self) -> &GrantType {
        &self.grant_type
    }

    /// The parameters that a request by this method must have.
    pub(crate) fn required(&self, method: AuthMethod) -> impl Iterator<Item = &str> {
        let of_public = if method == AuthMethod::None {
            self.required_of_public
        } else {
            &[]
        };
        self.parameters
            .required_names()
            .chain(of_public.iter().copied())
    }

    /// Whether a request must not have this parameter twice.
    pub(crate) fn occurs_once(&self, name: &str) -> bool {
        self.parameters.occurs_once(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_what_they_name() {
        for grant_type in GrantType::KNOWN {
            assert_eq!(grant_type.as_str().parse(), Ok(grant_type.clone()));
        }
    }

    #[test]
    fn a_grant_is_displayed_as_its_value_of_grant_type() {
        for name in ["refresh_token", "urn:example:grant"] {
            let grant_type: GrantType = name.parse().expect("a grant type");
            assert_eq!(grant_type.to_string(), name);
            if let GrantType::Other(other) = grant_type {
                assert_eq!(other.as_str(), name);
            }
        }
        let error = "1a:b".parse::<GrantType>().expect_err("no scheme");
        assert!(error.to_string().contains("an absolute URI"), "{error}");
    }

    #[test]
    fn every_other_grant_is_an_absolute_uri() {
        for uri in ["urn:example:grant", "https://example.com/grant?a=b", "a:b"] {
            assert!(matches!(uri.parse(), Ok(GrantType::Other(_))), "{uri}");
        }
        for other in [
            "", "code", "1a:b", "urn:", ":b", "urn:a b", "urn:ä", "ur n:a", "urn:a\"b",
        ] {
            assert_eq!(
                other.parse::<GrantType>(),
                Err(ParseGrantTypeError(())),
                "{other}"
            );
        }
    }

    #[test]
    fn a_grant_that_is_served_twice_needs_the_parameters_of_both() {
        let mut served = ServedGrants::none();
        for extra in [&["ticket"][..], &["ticket", "venue"]] {
            let extra = GrantParameters::from(extra);
            served.serve("urn:example:ticket".parse().expect("a URI"), &extra);
        }
        let grant = served.find("urn:example:ticket").expect("served");
        assert_eq!(
            grant
                .required(AuthMethod::ClientSecretBasic)
                .collect::<Vec<_>>(),
            ["ticket", "venue"]
        );
        assert_eq!(served.types().count(), 1);
    }

    #[test]
    fn a_public_client_must_send_a_code_verifier() {
        let served = ServedGrants::default();
        let grant = served.find("authorization_code").expect("served");
        assert_eq!(
            grant.required(AuthMethod::None).collect::<Vec<_>>(),
            ["code", "code_verifier"]
        );
        assert_eq!(
            grant
                .required(AuthMethod::ClientSecretBasic)
                .collect::<Vec<_>>(),
            ["code"]
        );
    }
}

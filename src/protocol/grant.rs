//! Grant types, the parameters that each needs, and which of them a server
//! serves.

use std::{fmt, str::FromStr, sync::Arc};

use super::{auth_method::AuthMethod, uri};

/// Declares the known grants: variant, value of `grant_type`, the parameters
/// that a request must have, and those that a public client's must have besides.
macro_rules! grant_types {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $required:expr, $of_public:expr;)*) => {
        /// A grant type, by its value of the parameter `grant_type`.
        ///
        /// ```
        /// use tower_token_endpoint::GrantType;
        ///
        /// assert_eq!("refresh_token".parse(), Ok(GrantType::RefreshToken));
        /// assert_eq!("urn:example:ticket".parse::<GrantType>()?.as_str(), "urn:example:ticket");
        /// assert!("refresh token".parse::<GrantType>().is_err());
        /// # Ok::<_, tower_token_endpoint::GrantTypeError>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum GrantType {
            $($(#[$doc])* $variant,)*
            /// Any other absolute URI (RFC 6749 §4.5), read from a text.
            Other(OtherGrantType),
        }

        impl GrantType {
            /// The value of `grant_type`.
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
    // A public client has nothing but PKCE to bind the code to it (RFC 9700 §2.1.1).
    /// `authorization_code` (RFC 6749 §4.1.3)
    AuthorizationCode, "authorization_code", ["code"], ["code_verifier"];
    /// `refresh_token` (RFC 6749 §6)
    RefreshToken, "refresh_token", ["refresh_token"], [];
    /// `client_credentials` (RFC 6749 §4.4)
    ClientCredentials, "client_credentials", [], [];
    /// `password` (RFC 6749 §4.3)
    Password, "password", ["username", "password"], [];
    /// `implicit` (RFC 6749 §4.2): may be registered (RFC 7591 §2) and never
    /// reaches a token endpoint.
    Implicit, "implicit", [], [];
    /// `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4)
    DeviceCode, "urn:ietf:params:oauth:grant-type:device_code", ["device_code"], [];
    /// `urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523 §2.1)
    JwtBearer, "urn:ietf:params:oauth:grant-type:jwt-bearer", ["assertion"], [];
    /// `urn:ietf:params:oauth:grant-type:saml2-bearer` (RFC 7522 §2.1)
    Saml2Bearer, "urn:ietf:params:oauth:grant-type:saml2-bearer", ["assertion"], [];
    /// `urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693 §2.1)
    TokenExchange, "urn:ietf:params:oauth:grant-type:token-exchange",
        ["subject_token", "subject_token_type"], [];
    /// `urn:openid:params:grant-type:ciba` (OpenID Connect CIBA Core §10.1)
    Ciba, "urn:openid:params:grant-type:ciba", ["auth_req_id"], [];
}

/// The URI of a grant that this crate does not know: an absolute one, as
/// `"…".parse::<GrantType>()` made sure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherGrantType(Arc<str>);

impl OtherGrantType {
    /// The URI, which is the value of `grant_type`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GrantType {
    type Err = GrantTypeError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match Self::known(name) {
            Some(known) => Ok(known),
            None if uri::is_absolute(name) => Ok(Self::Other(OtherGrantType(name.into()))),
            None => Err(GrantTypeError(())),
        }
    }
}

impl fmt::Display for GrantType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no grant type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantTypeError(());

impl fmt::Display for GrantTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a grant type is a registered name or an absolute URI (RFC 6749 §4.5)")
    }
}

impl std::error::Error for GrantTypeError {}

/// The grants that a server serves, each with the parameters that it needs.
#[derive(Clone, Debug)]
pub(crate) struct ServedGrants(Vec<ServedGrant>);

#[derive(Clone, Debug)]
pub(crate) struct ServedGrant {
    grant_type: GrantType,
    required: Vec<Box<str>>,
    required_of_public: &'static [&'static str],
}

impl ServedGrants {
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Serves a grant type. `extra` are the parameters that it needs beyond
    /// those that are known of it.
    ///
    /// # Errors
    ///
    /// For the implicit grant, which has no token request.
    pub(crate) fn serve(
        &mut self,
        grant_type: GrantType,
        extra: &[&str],
    ) -> Result<(), ImplicitIsNotServed> {
        if grant_type == GrantType::Implicit {
            return Err(ImplicitIsNotServed);
        }
        let Requirements {
            required,
            of_public,
        } = grant_type.requirements();
        self.0.retain(|served| served.grant_type != grant_type);
        self.0.push(ServedGrant {
            grant_type,
            required: required
                .iter()
                .chain(extra)
                .map(|&name| name.into())
                .collect(),
            required_of_public: of_public,
        });
        Ok(())
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
            // Only the implicit grant is refused.
            let _ = served.serve(grant_type, &[]);
        }
        served
    }
}

impl ServedGrant {
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
        self.required
            .iter()
            .map(AsRef::as_ref)
            .chain(of_public.iter().copied())
    }
}

/// The implicit grant was switched on.
#[derive(Debug)]
pub(crate) struct ImplicitIsNotServed;

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
    fn every_other_grant_is_an_absolute_uri() {
        for uri in ["urn:example:grant", "https://example.com/grant?a=b", "a:b"] {
            assert!(matches!(uri.parse(), Ok(GrantType::Other(_))), "{uri}");
        }
        for other in [
            "", "code", "1a:b", "urn:", ":b", "urn:a b", "urn:ä", "ur n:a", "urn:a\"b",
        ] {
            assert_eq!(
                other.parse::<GrantType>(),
                Err(GrantTypeError(())),
                "{other}"
            );
        }
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

//! Client authentication methods, as IANA registers them.

use std::{fmt, str::FromStr};

use crate::crypto::{Family, SigningAlgorithm, SigningAlgorithms};

/// Method by which a client authenticates.
///
/// The names are those of the IANA registry "OAuth Token Endpoint Authentication Methods"
/// ([RFC 7591 §2], [RFC 8705 §2]).
///
/// ```
/// use tower_token_endpoint::client::AuthMethod;
///
/// let method: AuthMethod = "client_secret_basic".parse()?;
/// assert_eq!(method, AuthMethod::ClientSecretBasic);
/// # Ok::<_, tower_token_endpoint::client::ParseAuthMethodError>(())
/// ```
///
/// [RFC 7591 §2]: https://www.rfc-editor.org/rfc/rfc7591#section-2
/// [RFC 8705 §2]: https://www.rfc-editor.org/rfc/rfc8705#section-2
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthMethod {
    /// `client_secret_basic`: the secret in the `Authorization` header (RFC 6749 §2.3.1).
    /// This is the default of a registration.
    ClientSecretBasic,
    /// `client_secret_post`: the secret in the body (RFC 6749 §2.3.1).
    ClientSecretPost,
    /// `client_secret_jwt`: an assertion with an HMAC, whose key is the secret
    /// (OpenID Connect Core §9). The layer accepts it with feature `jwt` and
    /// `client_assertions`.
    ClientSecretJwt,
    /// `private_key_jwt`: an assertion that is signed with a private key (RFC 7523 §2.2). The
    /// layer accepts it with feature `jwt` and `client_assertions`.
    PrivateKeyJwt,
    /// `tls_client_auth`: a TLS certificate of a known authority, with a registered name (RFC 8705 §2.1).
    /// The layer accepts it with feature `mtls` and `client_certificates`.
    TlsClientAuth,
    /// `self_signed_tls_client_auth`: a TLS certificate with a registered key (RFC 8705 §2.2). The layer
    /// accepts it with feature `mtls` and `client_certificates`.
    SelfSignedTlsClientAuth,
    /// `none`: a public client, which sends its `client_id` and no proof (RFC 6749 §2.1).
    None,
}

impl AuthMethod {
    const ALL: [Self; 7] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
        Self::None,
    ];

    /// The methods that a layer verifies if it accepts assertions of these algorithms, and whether it
    /// accepts certificates, in the order in which discovery lists them.
    pub(crate) fn verifiable(
        assertions: Option<SigningAlgorithms>,
        certificates: bool,
    ) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |&method| match method {
            Self::ClientSecretBasic | Self::ClientSecretPost | Self::None => true,
            Self::ClientSecretJwt | Self::PrivateKeyJwt => assertions
                .is_some_and(|taken| taken.iter().any(|it| Self::of_assertion(it) == method)),
            Self::TlsClientAuth | Self::SelfSignedTlsClientAuth => certificates,
        })
    }

    /// The method of an assertion with this algorithm.
    pub(crate) const fn of_assertion(algorithm: SigningAlgorithm) -> Self {
        match algorithm.family() {
            Family::Hmac { .. } => Self::ClientSecretJwt,
            Family::Rsa | Family::Ec(_) | Family::Ed25519 => Self::PrivateKeyJwt,
        }
    }

    pub(crate) const fn is_assertion(self) -> bool {
        matches!(self, Self::ClientSecretJwt | Self::PrivateKeyJwt)
    }

    /// Returns the registered name, such as `client_secret_basic`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::None => "none",
        }
    }

    /// What a client must be registered with before it can use the method.
    pub(crate) const fn credential(self) -> Credential {
        match self {
            Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt => {
                Credential::Secret
            }
            Self::PrivateKeyJwt | Self::SelfSignedTlsClientAuth => Credential::Keys,
            Self::TlsClientAuth | Self::None => Credential::Nothing,
        }
    }
}

/// The kind of credential that a method needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    Secret,
    /// `jwks` or `jwks_uri`.
    Keys,
    /// Nothing, or nothing that is registered as a secret or a key.
    Nothing,
}

impl fmt::Display for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AuthMethod {
    type Err = ParseAuthMethodError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == name)
            .ok_or(ParseAuthMethodError(()))
    }
}

/// Error returned when a name is not an [`AuthMethod`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseAuthMethodError(());

impl fmt::Display for ParseAuthMethodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown authentication method: use one of ")?;
        for (index, method) in AuthMethod::ALL.into_iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{method}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ParseAuthMethodError {}

/// A set of methods.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct AuthMethods(u8);

impl AuthMethods {
    pub(crate) fn all() -> Self {
        AuthMethod::ALL.into_iter().collect()
    }

    /// Those that an id and the certificate of the connection may prove.
    pub(crate) fn of_client_id() -> Self {
        Self::from_iter([
            AuthMethod::TlsClientAuth,
            AuthMethod::SelfSignedTlsClientAuth,
            AuthMethod::None,
        ])
    }

    pub(crate) const fn contains(self, method: AuthMethod) -> bool {
        self.0 & (1 << method as u8) != 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The first in the order in which discovery lists them.
    pub(crate) fn first(self) -> Option<AuthMethod> {
        self.iter().next()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = AuthMethod> {
        AuthMethod::ALL
            .into_iter()
            .filter(move |&method| self.contains(method))
    }
}

impl From<AuthMethod> for AuthMethods {
    fn from(method: AuthMethod) -> Self {
        Self(1 << method as u8)
    }
}

impl FromIterator<AuthMethod> for AuthMethods {
    fn from_iter<I: IntoIterator<Item = AuthMethod>>(methods: I) -> Self {
        Self(
            methods
                .into_iter()
                .fold(0, |set, method| set | 1 << method as u8),
        )
    }
}

impl fmt::Debug for AuthMethods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_what_they_name() {
        for method in AuthMethod::ALL {
            assert_eq!(method.as_str().parse(), Ok(method));
        }
        assert!("client_secret".parse::<AuthMethod>().is_err());
        assert!("NONE".parse::<AuthMethod>().is_err());
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: AuthMethods = [AuthMethod::None, AuthMethod::ClientSecretPost]
            .into_iter()
            .collect();
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            [AuthMethod::ClientSecretPost, AuthMethod::None]
        );
        assert_eq!(format!("{set:?}"), "{ClientSecretPost, None}");
        assert!(AuthMethods::from_iter([]).is_empty());
    }
}

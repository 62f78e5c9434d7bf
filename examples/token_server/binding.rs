//! What tokens are bound to: the key that a client proves to have by DPoP (RFC 9449 §5).

use std::sync::Arc;

use tower_token_endpoint::{ErrorCode, TokenError, TokenRequest, client::AuthMethod};

/// What a token request says about the key of its client.
#[derive(Clone, Copy)]
pub(crate) struct Binding<'a> {
    /// The thumbprint of the key. `None` if the request has no proof.
    pub(crate) jkt: Option<&'a str>,
    /// Whether the client has nothing but its id to show who it is.
    pub(crate) is_public: bool,
}

impl<'a> Binding<'a> {
    pub(crate) fn of(request: &'a TokenRequest) -> Self {
        Self {
            jkt: request.dpop_thumbprint(),
            is_public: request.method() == AuthMethod::None,
        }
    }

    /// The key of a new access token.
    pub(crate) fn of_access_token(self) -> Option<Arc<str>> {
        self.jkt.map(Arc::from)
    }

    /// The key of a new refresh token. A confidential client has to authenticate to use one, so it
    /// may take another key then.
    pub(crate) fn of_refresh_token(self) -> Option<Arc<str>> {
        self.of_access_token().filter(|_| self.is_public)
    }

    /// Returns an error if a code or a refresh token is bound to another key.
    pub(crate) fn fits(self, bound: Option<&str>) -> Result<(), TokenError> {
        let description = match (bound, self.jkt) {
            (None, _) => return Ok(()),
            (Some(bound), Some(sent)) if sent == bound => return Ok(()),
            (Some(_), Some(_)) => {
                "the DPoP proof is by another key than the grant is bound to: sign with that key"
            }
            (Some(_), None) => {
                "the grant is bound to a key: send a DPoP proof that is signed with it"
            }
        };
        Err(TokenError::new(ErrorCode::InvalidGrant).description(description))
    }
}

/// Whether this is a SHA-256 in base64url, as thumbprints are (RFC 7638, RFC 9449 §10).
pub(crate) fn is_thumbprint(text: &str) -> bool {
    text.len() == 43
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

//! What tokens are bound to: the key that a client proves to have by DPoP (RFC 9449 §5), and the certificate
//! of its TLS connection (RFC 8705 §3).

use std::sync::Arc;

use serde_json::{Map, Value};
use tower_token_endpoint::{ErrorCode, TokenError, TokenRequest, client::AuthMethod};

/// What a token request says about the keys of its client.
#[derive(Clone, Copy)]
pub(crate) struct Binding<'a> {
    /// The thumbprint of the key. `None` if the request has no proof.
    pub(crate) jkt: Option<&'a str>,
    /// The thumbprint of the certificate. `None` if the connection has none.
    pub(crate) certificate: Option<&'a str>,
    /// Whether access tokens are bound to the certificate. A client that does not authenticate by it, and
    /// did not register for it, does not expect that its tokens work only with it.
    pub(crate) binds_certificate: bool,
    /// Whether the client has nothing but its id to show who it is.
    pub(crate) is_public: bool,
}

/// What a token or a grant is bound to.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Bound {
    /// The thumbprint of the key of DPoP proofs.
    pub(crate) jkt: Option<Arc<str>>,
    /// The thumbprint of the certificate, `x5t#S256`.
    pub(crate) certificate: Option<Arc<str>>,
}

impl<'a> Binding<'a> {
    pub(crate) fn of(request: &'a TokenRequest) -> Self {
        let method = request.method();
        let is_by_certificate =
            method == AuthMethod::TlsClientAuth || method == AuthMethod::SelfSignedTlsClientAuth;
        Self {
            jkt: request.dpop_thumbprint(),
            certificate: request.certificate_thumbprint(),
            binds_certificate: is_by_certificate
                || request
                    .client()
                    .tls_client_certificate_bound_access_tokens(),
            is_public: method == AuthMethod::None,
        }
    }

    /// What a new access token is bound to.
    pub(crate) fn of_access_token(self) -> Bound {
        let certificate = self.certificate.filter(|_| self.binds_certificate);
        Bound {
            jkt: self.jkt.map(Arc::from),
            certificate: certificate.map(Arc::from),
        }
    }

    /// What a new refresh token is bound to. A confidential client has to authenticate to use one, so it
    /// may have other keys then (RFC 8705 §4).
    pub(crate) fn of_refresh_token(self) -> Bound {
        if !self.is_public {
            return Bound::default();
        }
        Bound {
            jkt: self.jkt.map(Arc::from),
            certificate: self.certificate.map(Arc::from),
        }
    }

    /// Returns an error if a code or a refresh token is bound to other keys.
    pub(crate) fn fits(self, bound: &Bound) -> Result<(), TokenError> {
        let description = match self.misfit(bound) {
            None => return Ok(()),
            Some(Misfit::OtherKey) => {
                "the DPoP proof is by another key than the grant is bound to: sign with that key"
            }
            Some(Misfit::NoProof) => {
                "the grant is bound to a key: send a DPoP proof that is signed with it"
            }
            Some(Misfit::Certificate) => {
                "the grant is bound to a certificate: connect with that certificate"
            }
        };
        Err(TokenError::new(ErrorCode::InvalidGrant).description(description))
    }

    pub(crate) fn misfit(self, bound: &Bound) -> Option<Misfit> {
        match (bound.jkt.as_deref(), self.jkt) {
            (Some(bound), Some(sent)) if sent != bound => return Some(Misfit::OtherKey),
            (Some(_), None) => return Some(Misfit::NoProof),
            (None, _) | (Some(_), Some(_)) => {}
        }
        let is_bound = bound.certificate.is_some();
        (is_bound && bound.certificate.as_deref() != self.certificate)
            .then_some(Misfit::Certificate)
    }
}

/// Which key of a token the client has not shown.
#[derive(Clone, Copy)]
pub(crate) enum Misfit {
    OtherKey,
    NoProof,
    Certificate,
}

impl Bound {
    /// Only a DPoP proof makes another type of a token.
    pub(crate) fn token_type(&self) -> &'static str {
        match self.jkt {
            Some(_) => "DPoP",
            None => "Bearer",
        }
    }

    /// The member `cnf` of what is known about a token (RFC 9449 §6.2, RFC 8705 §3.2).
    pub(crate) fn confirmation(&self) -> Option<Value> {
        let members = [("jkt", &self.jkt), ("x5t#S256", &self.certificate)];
        let members = members.into_iter().filter_map(|(name, thumbprint)| {
            let thumbprint = thumbprint.as_deref()?;
            Some((name.to_owned(), Value::from(thumbprint)))
        });
        let members: Map<_, _> = members.collect();
        (!members.is_empty()).then_some(Value::Object(members))
    }
}

/// Whether this is a SHA-256 in base64url, as thumbprints are (RFC 7638, RFC 9449 §10).
pub(crate) fn is_thumbprint(text: &str) -> bool {
    text.len() == 43
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

//! DPoP proofs of requests for protected resources, such as the introspection of one's own token or
//! userinfo (RFC 9449 §7).

use std::{borrow::Cow, fmt, time::SystemTime};

use http::{HeaderMap, HeaderValue, Method};

use super::dpop::{self, Target};
use crate::protocol::{
    htu, incoming::dpop_header::DpopHeader, proof::ProvenKey, reason::RejectionReason,
    rejection::Rejection, replay::ReplayKey, settings::dpop::Dpop,
};

/// Request for a protected resource with a token that is bound to a key.
///
/// See [`Dpop::verify`] for an example.
#[derive(Clone, Copy)]
pub struct ResourceRequest<'a> {
    /// Method of the request.
    pub method: &'a Method,
    /// URL of the resource, as clients know it.
    pub url: &'a str,
    /// Access token of the request.
    pub access_token: &'a str,
    /// Thumbprint of the key that the token is bound to, its `cnf.jkt`.
    pub jkt: &'a str,
}

/// Leaves out the token.
impl fmt::Debug for ResourceRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("jkt", &self.jkt)
            .finish_non_exhaustive()
    }
}

/// Verified proof of a request for a protected resource. Whether it was used before is still to be asked.
///
/// See [`Dpop::verify`] for an example.
#[derive(Debug)]
#[must_use = "a proof may have been used before: ask the store"]
pub struct ResourceProof {
    key: ProvenKey,
}

impl ResourceProof {
    /// Returns the key of the proof in a [`ReplayStore`](crate::replay::ReplayStore), which must be new.
    #[must_use]
    pub fn replay_key<'a>(&'a self, issuer: &'a str, client_id: &'a str) -> ReplayKey<'a> {
        let value = &self.key.one_time;
        ReplayKey::new(value.purpose, issuer, client_id, &value.value)
    }

    /// Returns until when the proof must be remembered.
    #[must_use]
    pub fn until(&self) -> SystemTime {
        self.key.one_time.until
    }

    /// Returns the nonce that the response should offer in the header `DPoP-Nonce`, if there is a newer
    /// one than the client used (RFC 9449 §8.2).
    #[must_use]
    pub fn next_nonce(&self) -> Option<&HeaderValue> {
        self.key.binding.next_nonce.as_ref()
    }
}

impl Dpop {
    /// Verifies the proof of a request for a protected resource. It must be for this method, this URL,
    /// this token and this time, by the key that the token is bound to, and have a nonce if
    /// [`nonces`](Self::nonces) are set.
    ///
    /// Whether the proof was used before is for a [`ReplayStore`](crate::replay::ReplayStore) to tell. Use the
    /// settings of the layer, which its [profile](crate::layer::Profile) may have changed:
    /// [`dpop_settings`](crate::TokenEndpointLayer::dpop_settings).
    ///
    /// # Errors
    ///
    /// Returns why the request is refused. The response is a 401 with `WWW-Authenticate: DPoP` and the
    /// [nonce](Rejection::dpop_nonce), if there is one, in the header `DPoP-Nonce`. The `error` of the challenge
    /// is the [code](Rejection::code), but `invalid_token` for
    /// [`WrongDpopKey`](RejectionReason::WrongDpopKey), and `invalid_dpop_proof` for
    /// [`DpopProofRequired`](RejectionReason::DpopProofRequired).
    ///
    /// RFC 9449 §7.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use http::{Request, StatusCode};
    /// use tower_token_endpoint::{
    ///     dpop::{Dpop, ResourceRequest},
    ///     replay::{Remembered, ReplayStore},
    /// };
    ///
    /// async fn check<B, R: ReplayStore>(request: &Request<B>, dpop: &Dpop, used: &R) -> StatusCode {
    ///     // What the server knows of the token.
    ///     let (token, jkt, client_id) = ("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU", "…", "app");
    ///     let url = "https://as.example.com/userinfo";
    ///     let method = request.method();
    ///     let resource = ResourceRequest { method, url, access_token: token, jkt };
    ///     let proof = match dpop.verify(request.headers(), &resource, SystemTime::now()) {
    ///         Ok(proof) => proof,
    ///         Err(rejection) => return rejection.status(), // with a challenge, which is a 401
    ///     };
    ///     let key = proof.replay_key("https://as.example.com", client_id);
    ///     match used.remember(&key, proof.until()).await {
    ///         Ok(Remembered::New) => StatusCode::OK,
    ///         Ok(Remembered::Known) => StatusCode::UNAUTHORIZED,
    ///         Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    ///     }
    /// }
    /// ```
    pub fn verify(
        &self,
        headers: &HeaderMap,
        resource: &ResourceRequest<'_>,
        now: SystemTime,
    ) -> Result<ResourceProof, Rejection> {
        let header = DpopHeader::find(headers).ok_or(RejectionReason::DpopProofRequired)?;
        let target = Target {
            method: resource.method.as_str(),
            is_url: &|sent| htu::is_same(sent, resource.url),
            url: &|| Some(Cow::Borrowed(resource.url)),
            access_token: Some(resource.access_token),
        };
        let key = dpop::check(header.proof()?, &target, self, now)?;
        if key.binding.jkt != resource.jkt {
            return Err(RejectionReason::WrongDpopKey.into());
        }
        Ok(ResourceProof { key })
    }
}

//! `GET` and `POST /resource`: a protected resource that tells what it learns from the access token.
//!
//! A token that is not bound to a key is sent with `Authorization: Bearer` (RFC 6750 §2.1), and a
//! bound one with `Authorization: DPoP` and a proof (RFC 9449 §7.1). If a token is bound to a certificate, the
//! connection needs this certificate as well (RFC 8705 §3).

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use tower_token_endpoint::{
    client::certificates::ClientCertificates,
    dpop::{Dpop, ResourceProof, ResourceRequest},
    rejection::{Rejection, RejectionReason},
    replay::{Remembered, ReplayStore},
};

use crate::{Server, assertions::chain, replays::Replays};

/// How long the store of used proofs may take.
const DEADLINE: Duration = Duration::from_secs(10);
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// What a request for this resource is checked with.
pub(crate) struct Guard {
    issuer: String,
    url: String,
    /// The URL for clients with a certificate, if it is another one.
    mtls_url: Option<String>,
    dpop: Dpop,
    used: Replays,
    /// `None` if no certificate can come.
    certificates: Option<ClientCertificates>,
    /// For `algs` of the challenge, as the metadata of the server lists them.
    algorithms: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Dpop,
}

/// Why a request does not get the resource.
struct Refusal {
    status: StatusCode,
    /// The scheme whose challenge tells the error. `None` if no challenge does.
    scheme: Option<Scheme>,
    error: &'static str,
    description: String,
    nonce: Option<HeaderValue>,
}

impl Guard {
    pub(crate) fn new(
        issuer: &str,
        dpop: Dpop,
        used: Replays,
        certificates: Option<ClientCertificates>,
        mtls_base: Option<&str>,
        metadata: &Map<String, Value>,
    ) -> Self {
        let below = |base: &str| format!("{}/resource", base.trim_end_matches('/'));
        let algorithms = metadata.get("dpop_signing_alg_values_supported");
        let algorithms = algorithms.and_then(Value::as_array).into_iter().flatten();
        let algorithms: Vec<_> = algorithms.filter_map(Value::as_str).collect();
        Self {
            issuer: issuer.to_owned(),
            url: below(issuer),
            mtls_url: mtls_base.map(below),
            dpop,
            used,
            certificates,
            algorithms: algorithms.join(" "),
        }
    }

    /// The thumbprint of the certificate of the client.
    fn certificate(&self, request: &mut Request) -> Option<String> {
        let thumbprint = self.certificates.as_ref()?.take_thumbprint(request);
        let thumbprint = thumbprint.inspect_err(|error| {
            // A stranger can cause any number of these, and the layer warns of the same mistake of a proxy.
            tracing::debug!(
                error = chain(&**error),
                "the certificate of a client is not read"
            );
        });
        thumbprint.ok().flatten()
    }

    /// Whether the proof was used before is asked last, since asking uses it up.
    async fn check(
        &self,
        (method, headers): (&Method, &HeaderMap),
        (access_token, jkt): (&str, &str),
        client_id: &str,
    ) -> Result<ResourceProof, Refusal> {
        let verify = |url| {
            let request = ResourceRequest {
                method,
                url,
                access_token,
                jkt,
            };
            self.dpop.verify(headers, &request, SystemTime::now())
        };
        let proof = match (verify(&self.url), &self.mtls_url) {
            (Err(refused), Some(url)) if refused.reason() == RejectionReason::WrongDpopUri => {
                verify(url)
            }
            (verified, _) => verified,
        }?;
        let key = proof.replay_key(&self.issuer, client_id);
        let remembered = self.used.remember(&key, proof.until());
        let error = match tokio::time::timeout(DEADLINE, remembered).await {
            Ok(Ok(Remembered::New)) => return Ok(proof),
            Ok(Ok(Remembered::Known)) => {
                let replayed = Rejection::from(RejectionReason::ReplayedDpopProof);
                return Err(replayed.into());
            }
            Ok(Err(error)) => chain(&*error),
            Err(late) => late.to_string(),
        };
        tracing::warn!(error, "whether a DPoP proof was used before is not known");
        Err(Refusal {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..Refusal::new(
                None,
                "temporarily_unavailable",
                "the server cannot check the DPoP proof at the moment: try again later, with a new one",
            )
        })
    }
}

pub(crate) async fn resource(State(server): State<Arc<Server>>, mut request: Request) -> Response {
    let certificate = server.guard.certificate(&mut request);
    let (head, _) = request.into_parts();
    let response = found(&server, &head, certificate).await;
    response.unwrap_or_else(|refusal| refusal.into_response(&server.guard.algorithms))
}

async fn found(
    server: &Server,
    head: &Parts,
    certificate: Option<String>,
) -> Result<Response, Refusal> {
    let (method, headers) = (&head.method, &head.headers);
    let (scheme, token) = token(headers)?;
    let invalid = |scheme, description| Refusal::new(Some(scheme), "invalid_token", description);
    let (client_id, access) = server.vaults.find(token).ok_or_else(|| {
        let description = "the access token is unknown, expired or revoked: ask for a new one";
        invalid(scheme, description)
    })?;
    // Before the proof, which is used up when it is checked.
    let bound = &access.bound;
    if bound.certificate.is_some() && bound.certificate.as_deref() != certificate.as_deref() {
        let description =
            "the access token is bound to a certificate: connect with that certificate";
        return Err(invalid(scheme, description));
    }
    let proof = match (&bound.jkt, scheme) {
        (None, Scheme::Bearer) => None,
        (Some(jkt), Scheme::Dpop) => {
            let proof = server
                .guard
                .check((method, headers), (token, jkt), &client_id);
            Some(proof.await?)
        }
        // RFC 9449 §7.2: otherwise a stolen token would be good without the key.
        (Some(_), Scheme::Bearer) => {
            let description =
                "the access token is bound to a key: send it with the scheme DPoP and a proof";
            return Err(invalid(Scheme::Dpop, description));
        }
        (None, Scheme::Dpop) => {
            let description =
                "the access token is not bound to a key: send it with the scheme Bearer";
            return Err(invalid(Scheme::Dpop, description));
        }
    };
    let mut body = json!({ "client_id": client_id, "token_type": access.token_type });
    if let Some(scope) = access.scope {
        body["scope"] = json!(*scope);
    }
    let mut response = uncached(StatusCode::OK, body);
    if let Some(nonce) = proof.and_then(|proof| proof.next_nonce().cloned()) {
        response.headers_mut().insert(DPOP_NONCE, nonce);
    }
    Ok(response)
}

/// The access token, and the scheme that it is sent with.
fn token(headers: &HeaderMap) -> Result<(Scheme, &str), Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().and_then(|value| value.to_str().ok());
    if values.next().is_some() {
        let description = "the Authorization header is repeated: send one access token";
        let refusal = Refusal::new(Some(Scheme::Bearer), "invalid_request", description);
        let status = StatusCode::BAD_REQUEST;
        return Err(Refusal { status, ..refusal });
    }
    let (scheme, token) = value
        .and_then(|value| value.split_once(' '))
        .unwrap_or_default();
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Scheme::Bearer,
        "dpop" => Scheme::Dpop,
        // RFC 6750 §3.1: it did not know that it needs a token, so there is no error code.
        _ => return Err(Refusal::new(None, "", "")),
    };
    Ok((scheme, token.trim_matches(' ')))
}

impl Refusal {
    fn new(scheme: Option<Scheme>, error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            scheme,
            error,
            description: description.into(),
            nonce: None,
        }
    }

    fn into_response(self, algorithms: &str) -> Response {
        let Self {
            error, description, ..
        } = &self;
        let body = match error.is_empty() {
            true => json!({}),
            false => json!({ "error": error, "error_description": description }),
        };
        let mut response = uncached(self.status, body);
        let headers = response.headers_mut();
        // The descriptions have no character that ends a string in quotes (RFC 6750 §3).
        let error = format!(r#"error="{error}", error_description="{description}""#);
        let bearer = match self.scheme {
            Some(Scheme::Bearer) => Some(format!("Bearer {error}")),
            Some(Scheme::Dpop) => None,
            None => Some(r#"Bearer realm="resource""#.to_owned()),
        };
        let dpop = match self.scheme {
            Some(Scheme::Dpop) => format!(r#"DPoP {error}, algs="{algorithms}""#),
            Some(Scheme::Bearer) | None => format!(r#"DPoP algs="{algorithms}""#),
        };
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        } else {
            let challenges = bearer.into_iter().chain([dpop]);
            for challenge in challenges.filter_map(|it| HeaderValue::try_from(it).ok()) {
                headers.append(header::WWW_AUTHENTICATE, challenge);
            }
        }
        if let Some(nonce) = self.nonce {
            headers.insert(DPOP_NONCE, nonce);
        }
        response
    }
}

/// RFC 9449 §7.1 and §9.
impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        tracing::info!(
            reason = rejection.as_str(),
            error = chain(&rejection),
            "a DPoP proof was refused"
        );
        let error = if rejection.reason() == RejectionReason::WrongDpopKey {
            // The example of RFC 9449 §7.1.
            "invalid_token"
        } else if rejection.reason() == RejectionReason::DpopProofRequired {
            // At the token endpoint, it is `invalid_request`.
            "invalid_dpop_proof"
        } else {
            rejection.code().as_str()
        };
        let text = rejection.to_string();
        let description = text.split_once(": ").map_or(&*text, |(_, text)| text);
        Self {
            nonce: rejection.dpop_nonce().cloned(),
            ..Self::new(Some(Scheme::Dpop), error, description)
        }
    }
}

/// What a client learns here is for it, and at this time.
fn uncached(status: StatusCode, body: Value) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    (status, headers, Json(body)).into_response()
}

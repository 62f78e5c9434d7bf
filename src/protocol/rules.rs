//! What a layer is set up to do: every decision of `decisions` that has a
//! setting, and what an answer needs of it.

use std::{mem, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, Uri, header, request::Parts};
use serde_json::{Map, Value, json};

use super::{
    answer,
    auth_method::AuthMethod,
    client::Client,
    endpoint::Endpoint,
    error::ErrorCode,
    grant::ServedGrants,
    rejection::{AUTHENTICATION_FAILED, Rejection},
    secret::ClientSecret,
};
use crate::crypto::{SigningAlgorithm, SigningAlgorithms};

/// Which answers carry a challenge; see
/// [`TokenEndpointLayer::challenge`](crate::TokenEndpointLayer::challenge).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Challenge {
    /// Every failed authentication is a 401 with a challenge, as RFC 9110
    /// §15.5.2 wants it of every 401.
    Always,
    /// Only where the request has an `Authorization` header, for which RFC 6749
    /// §5.2 demands it. Without the header the answer is a 400, since a
    /// browser asks its user for a password at the sight of a challenge.
    OnlyForHeader,
}

/// What assertions a layer takes.
#[derive(Clone, Debug)]
pub(crate) struct AssertionRules {
    /// Whether it takes any.
    pub(crate) taken: bool,
    pub(crate) algorithms: SigningAlgorithms,
    /// Only the issuer will do as audience.
    pub(crate) strict_audience: bool,
}

impl Default for AssertionRules {
    fn default() -> Self {
        Self {
            taken: false,
            algorithms: SigningAlgorithms::all(),
            strict_audience: false,
        }
    }
}

/// Where an endpoint is, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Location {
    /// `None`: every path.
    pub(crate) path: Option<Box<str>>,
    /// The public URL, where it is not the issuer followed by the path.
    pub(crate) url: Option<Box<str>>,
}

impl Location {
    fn is_url(&self, issuer: &str, url: &str) -> bool {
        match &self.url {
            Some(own) => **own == *url,
            None => self.is_path(issuer, url),
        }
    }

    /// Whether the URL is the issuer followed by the path.
    fn is_path(&self, issuer: &str, url: &str) -> bool {
        let path = url.strip_prefix(base(issuer));
        path.is_some() && path == self.path.as_deref()
    }

    /// The public URL, where it is known.
    fn url(&self, issuer: &str) -> Option<String> {
        match (&self.url, &self.path) {
            (Some(url), _) => Some(url.to_string()),
            (None, Some(path)) => Some(format!("{}{path}", base(issuer))),
            (None, None) => None,
        }
    }
}

/// What a path is appended to.
fn base(issuer: &str) -> &str {
    issuer.trim_end_matches('/')
}

#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) issuer: Box<str>,
    pub(crate) endpoint: Endpoint,
    pub(crate) location: Location,
    /// Where the token endpoint is, for the layer of another one.
    token_endpoint: Location,
    pub(crate) assertions: AssertionRules,
    pub(crate) deadline: Duration,
    pub(crate) body_limit: usize,
    pub(crate) strict_basic: bool,
    pub(crate) challenge: Challenge,
    pub(crate) grants: ServedGrants,
    pub(crate) retry_after: Duration,
    /// `None`: the store's.
    pub(crate) decoy: Option<Arc<Client>>,
    /// For a store that has none, until it has found a client with slow hashes.
    pub(crate) default_decoy: Arc<Client>,
    error_uri: Option<Box<str>>,
    /// Made once, since the 401 is what an attacker makes most of.
    challenge_header: HeaderValue,
    authentication_failed: Bytes,
}

impl Rules {
    pub(crate) fn new(issuer: Box<str>) -> Self {
        Self {
            challenge_header: answer::basic_challenge(&issuer),
            issuer,
            endpoint: Endpoint::Token,
            location: Location::default(),
            token_endpoint: Location::default(),
            assertions: AssertionRules::default(),
            deadline: Duration::from_secs(10),
            body_limit: 64 * 1024,
            strict_basic: false,
            challenge: Challenge::Always,
            grants: ServedGrants::default(),
            retry_after: Duration::from_secs(5),
            decoy: None,
            default_decoy: Arc::new(Client::decoy(vec![ClientSecret::sha256([0; 32])])),
            error_uri: None,
            authentication_failed: authentication_failed(None),
        }
    }

    pub(crate) fn add_decoy_secret(&mut self, secret: ClientSecret) {
        let before = self.decoy.as_deref().map(Client::secrets);
        let mut secrets = before.unwrap_or_default().to_vec();
        secrets.push(secret);
        self.decoy = Some(Arc::new(Client::decoy(secrets)));
    }

    /// Turns to another endpoint, whose location is still to be said.
    pub(crate) fn set_endpoint(&mut self, endpoint: Endpoint) {
        let location = mem::take(&mut self.location);
        if endpoint == Endpoint::Token {
            self.token_endpoint = Location::default();
        } else if self.endpoint == Endpoint::Token {
            self.token_endpoint = location;
        }
        self.endpoint = endpoint;
    }

    pub(crate) fn set_error_uri(&mut self, uri: &str) {
        self.authentication_failed = authentication_failed(Some(uri));
        self.error_uri = Some(uri.into());
    }

    /// Whether this is a request for the endpoint. A CORS preflight is for
    /// whoever answers those.
    pub(crate) fn are_for(&self, method: &Method, uri: &Uri) -> bool {
        let path = self.location.path.as_deref();
        path.is_none_or(|path| path == uri.path()) && *method != Method::OPTIONS
    }

    /// The issuer that this client knows.
    pub(crate) fn issuer_for<'a>(&'a self, client: &'a Client) -> &'a str {
        client.issuer().unwrap_or(&self.issuer)
    }

    /// Whether an assertion of this client with this audience is for this server
    /// (RFC 7523 §3).
    pub(crate) fn is_audience(&self, client: &Client, audience: &str) -> bool {
        let issuer = self.issuer_for(client);
        let is_strict = self.assertions.strict_audience;
        // Of a tenant the one on its own issuer: what is signed for the URL that all of
        // them share could be used once at each.
        let is_url_of = |location: &Location| match client.issuer() {
            Some(issuer) => location.is_path(issuer, audience),
            None => location.is_url(issuer, audience),
        };
        audience == issuer
            || !is_strict && (is_url_of(&self.location) || is_url_of(&self.token_endpoint))
    }

    /// The answer to a request that is refused. It reuses the memory of the
    /// request's headers and extensions.
    pub(crate) fn answer(&self, rejection: Rejection, request: Parts) -> Response<Bytes> {
        let challenged = match self.challenge {
            Challenge::Always => true,
            Challenge::OnlyForHeader => request.headers.contains_key(header::AUTHORIZATION),
        };
        let status = match rejection.status() {
            StatusCode::UNAUTHORIZED if !challenged => StatusCode::BAD_REQUEST,
            status => status,
        };
        let body = if rejection.code() == ErrorCode::InvalidClient {
            self.authentication_failed.clone()
        } else {
            let error_uri = self.error_uri.as_deref();
            answer::error_body(rejection.code(), &rejection.description(), error_uri)
        };
        let length = body.len();
        let mut response = answer::json(status, request.headers, body);
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, self.challenge_header.clone());
        } else if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
            if request.method == Method::HEAD {
                // No body (RFC 9110 §9.3.2), which HTTP/2 would send, but the length
                // of the one that another method gets (§8.6).
                headers.insert(header::CONTENT_LENGTH, length.into());
                *response.body_mut() = Bytes::new();
            }
        } else if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, answer::retry_after(self.retry_after));
        }
        let mut extensions = request.extensions;
        extensions.clear();
        extensions.insert(rejection);
        *response.extensions_mut() = extensions;
        response
    }

    /// The members of RFC 8414 that these rules decide.
    pub(crate) fn metadata(&self) -> Map<String, Value> {
        let endpoint = self.endpoint.row();
        let assertions = &self.assertions;
        let taken = assertions.taken.then_some(assertions.algorithms);
        let methods: Vec<_> = AuthMethod::verifiable(taken)
            .filter(|&method| endpoint.public_clients || method != AuthMethod::None)
            .map(AuthMethod::as_str)
            .collect();
        let mut metadata = Map::new();
        let mut insert = |name: String, value| metadata.insert(name, value);
        insert("issuer".into(), json!(self.issuer));
        if let Some(url) = self.location.url(&self.issuer) {
            insert(endpoint.name.into(), json!(url));
        }
        insert(
            format!("{}_auth_methods_supported", endpoint.name),
            json!(methods),
        );
        if let Some(taken) = taken {
            let names = taken.iter().flat_map(SigningAlgorithm::names);
            insert(
                format!("{}_auth_signing_alg_values_supported", endpoint.name),
                names.copied().collect(),
            );
        }
        if endpoint.grants {
            let grants: Vec<_> = self.grants.types().map(|grant| grant.as_str()).collect();
            insert("grant_types_supported".into(), json!(grants));
        }
        metadata
    }
}

fn authentication_failed(error_uri: Option<&str>) -> Bytes {
    answer::error_body(ErrorCode::InvalidClient, AUTHENTICATION_FAILED, error_uri)
}

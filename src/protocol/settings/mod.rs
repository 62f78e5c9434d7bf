//! What a layer is set up to do: every decision that has a setting.

pub(crate) mod assertions;
mod discovery;
pub(crate) mod endpoint;
pub(crate) mod location;

use std::{mem, time::Duration};

use http::{Method, Uri};

use self::{assertions::AssertionSettings, endpoint::Endpoint, location::Location};
use super::{client::Client, grant::ServedGrants, outgoing::respond::Responses};

/// The settings of one layer.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) issuer: Box<str>,
    pub(crate) endpoint: Endpoint,
    pub(crate) location: Location,
    /// Where the token endpoint is, for the layer of another one.
    token_endpoint: Location,
    pub(crate) assertions: AssertionSettings,
    pub(crate) deadline: Duration,
    pub(crate) body_limit: usize,
    pub(crate) strict_basic: bool,
    pub(crate) grants: ServedGrants,
    pub(crate) responses: Responses,
}

impl Settings {
    pub(crate) fn new(issuer: Box<str>) -> Self {
        Self {
            responses: Responses::new(&issuer),
            issuer,
            endpoint: Endpoint::Token,
            location: Location::default(),
            token_endpoint: Location::default(),
            assertions: AssertionSettings::default(),
            deadline: Duration::from_secs(10),
            body_limit: 64 * 1024,
            strict_basic: false,
            grants: ServedGrants::default(),
        }
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
}

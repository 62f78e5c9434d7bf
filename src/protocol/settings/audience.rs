//! Who an assertion must be for.

use std::iter;

use super::{Settings, location::Location};
use crate::protocol::{
    client::Client,
    jwt::audience::{Audience, WrongAudience},
};

impl Settings {
    /// Whether an assertion of this client with this audience is for this server (RFC 7523 §3,
    /// RFC 10070). `has_own_type` tells whether the type of the assertion is the one of
    /// RFC 10070.
    pub(crate) fn is_audience(
        &self,
        client: &Client,
        audience: &Audience,
        has_own_type: bool,
    ) -> bool {
        let issuer = self.issuer_for(client);
        if self.assertions.strict_audience {
            return audience.text() == Some(issuer);
        }
        audience.sole().is_some_and(|value| {
            value == issuer
                || self.accepts_endpoint_audience(client)
                    && !has_own_type
                    && self.is_endpoint(client, value)
        })
    }

    /// Whether the URL of an endpoint is accepted instead of the issuer.
    fn accepts_endpoint_audience(&self, client: &Client) -> bool {
        !self.assertions.strict_audience
            && self.profile.is_none()
            && (self.assertions.accept_endpoint_audience || client.accepts_endpoint_audience())
    }

    /// Whether it is the URL of the token endpoint or of the endpoint in use.
    fn is_endpoint(&self, client: &Client, url: &str) -> bool {
        // For a tenant, only a URL on its own issuer: an assertion for a URL that all
        // tenants share could be used once at each of them.
        let is_url_of = |location: &Location| match self.tenant_of(client) {
            Some(issuer) => location.is_path(issuer, url),
            None => location.is_url(&self.issuer, url),
        };
        let is_alias_of = |location| self.mtls_url(location, client).as_deref() == Some(url);
        let locations = [&self.location, &self.token_endpoint];
        locations.into_iter().any(is_url_of) || locations.into_iter().any(is_alias_of)
    }

    /// What an operator must know about an audience that [`is_audience`](Self::is_audience)
    /// refused.
    pub(crate) fn wrong_audience(
        &self,
        client: &Client,
        audience: &Audience,
        has_own_type: bool,
    ) -> WrongAudience {
        let is_endpoint_accepted = self.accepts_endpoint_audience(client) && !has_own_type;
        let urls = [&self.token_endpoint, &self.location].map(|location| {
            let url = match self.tenant_of(client) {
                Some(issuer) => location.path_url(issuer),
                None => location.url(&self.issuer),
            };
            [url, self.mtls_url(location, client)].map(|url| url.filter(|_| is_endpoint_accepted))
        });
        let issuer = self.issuer_for(client).to_owned();
        WrongAudience {
            found: audience.clone(),
            accepted: iter::once(issuer)
                .chain(urls.into_iter().flatten().flatten())
                .collect(),
            hint: self.hint(client, audience, has_own_type),
        }
    }

    fn hint(
        &self,
        client: &Client,
        audience: &Audience,
        has_own_type: bool,
    ) -> Option<&'static str> {
        let Some(value) = audience.sole() else {
            return Some("it must be one value");
        };
        if value == self.issuer_for(client) {
            return Some("`strict_audience` is set, so it must be a string and not an array");
        }
        if !self.is_endpoint(client, value) {
            return None;
        }
        Some(if self.profile.is_some() {
            "`profile` is set, so the URL of an endpoint is not accepted"
        } else if self.assertions.strict_audience {
            "`strict_audience` is set, so the URL of an endpoint is not accepted"
        } else if has_own_type {
            "with `typ` client-authentication+jwt, the URL of an endpoint is not accepted"
        } else {
            "the URL of an endpoint is accepted only if `accept_endpoint_audience` is set"
        })
    }
}

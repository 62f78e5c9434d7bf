//! The settings of error responses, and of what is told about responses.

use std::{sync::Arc, time::Duration};

use http::request::Parts;

use super::builder::TokenEndpointLayerBuilder;
#[cfg(feature = "metrics")]
use super::config_error::Problems;
use crate::protocol::{
    outgoing::{
        error_response::ErrorResponse,
        respond::{Challenge, Hook},
    },
    rejection::Rejection,
    settings::trace_ids::TraceIds,
};

impl<C> TokenEndpointLayerBuilder<C> {
    /// Sets which failed authentications get a challenge, the header `WWW-Authenticate`.
    ///
    /// **Default: [`Challenge::Always`].** For an endpoint that single-page apps
    /// use, see [`Challenge::OnlyForHeader`].
    ///
    /// RFC 9110 §15.5.2.
    pub fn challenge(mut self, challenge: Challenge) -> Self {
        self.core.settings.responses.challenge = challenge;
        self
    }

    /// Sets `error_uri`, the URL of a page about the errors. Every error response then has this member:
    /// those of the layer, and those of the inner service ([`TokenError`](crate::TokenError)) that have
    /// none. The body of such a response is written anew: see [`trace_ids`](Self::trace_ids).
    ///
    /// **Default: none**, and the member is left out. The URL must be `http` or `https` and
    /// have no fragment. Any other is a [`ConfigError`](crate::layer::ConfigError).
    ///
    /// RFC 6749 §5.2.
    pub fn error_uri(mut self, uri: impl Into<String>) -> Self {
        self.error_uri = Some(uri.into());
        self
    }

    /// Sets the base of `error_uri`: every error response then has the URL of a page about its
    /// error code, such as `https://as.example.com/errors/invalid_client` for the base
    /// `https://as.example.com/errors`. The errors of the inner service
    /// ([`TokenError`](crate::TokenError)) get it as well, if they have none. The body of such a response
    /// is written anew: see [`trace_ids`](Self::trace_ids). With feature `pages`,
    /// [`ErrorPages`](crate::rejection::pages::ErrorPages) serves these pages.
    ///
    /// **Default: none**, and the member is left out. The URL must be `http` or `https`, and have
    /// no query and no fragment. Any other is a [`ConfigError`](crate::layer::ConfigError), and so
    /// is this setting together with [`error_uri`](Self::error_uri).
    ///
    /// RFC 6749 §5.2.
    pub fn error_uri_base(mut self, uri: impl Into<String>) -> Self {
        self.error_uri_base = Some(uri.into());
        self
    }

    /// Gives every request an identifier, the [`TraceId`](crate::rejection::TraceId).
    ///
    /// Every error response then has it as the member `trace_id`, and at the end of
    /// `error_description`, which is all that most libraries show to their user. The errors of the
    /// inner service ([`TokenError`](crate::TokenError)) get it as well. It is also in the event,
    /// in the [`Rejection`](crate::rejection::Rejection), and in the extensions of the request. So
    /// whoever has the response finds the cause in the log in one step. The errors of the inner service
    /// have their event only at level `DEBUG`: log them yourself, with the identifier from the extensions
    /// of the request.
    ///
    /// **Default: none.** Requests have no identifier.
    ///
    /// ```
    /// use http::HeaderName;
    /// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, layer::TraceIds};
    ///
    /// # let clients = MemoryClientStore::from_json(b"[]")?;
    /// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
    ///     .trace_ids(TraceIds::new().header(HeaderName::from_static("x-request-id")))
    ///     .build()?;
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    ///
    /// # Bodies of the inner service
    ///
    /// The body of a [`TokenError`](crate::TokenError) is written anew to add a member, so a layer inside
    /// that changes this body, or checks it, has no effect on what is sent. `Content-Length`, `ETag`,
    /// `Content-Digest`, `Repr-Digest` and `Digest` describe the old body, and are removed. A compressed
    /// body, with `Content-Encoding`, stays as it is, without the members.
    ///
    /// RFC 6749 §5.2 allows members of one's own.
    pub fn trace_ids(mut self, trace_ids: TraceIds) -> Self {
        self.core.settings.trace_ids = Some(trace_ids);
        self
    }

    /// Calls a function for each error response of the layer, before it is sent. The function can
    /// add members and headers, and replace the description and `error_uri`. It gets the
    /// [`Rejection`], and the head of the request.
    ///
    /// **Default: none.** A second call replaces the first. The errors of the inner service do not
    /// come here.
    ///
    /// A stranger must not learn why an authentication failed, nor whether a client exists. So add
    /// the same to every `invalid_client`. The function runs on the task of the request, so it must
    /// not block.
    ///
    /// ```
    /// use tower_token_endpoint::{ErrorCode, MemoryClientStore, TokenEndpointLayer};
    ///
    /// # let clients = MemoryClientStore::from_json(b"[]")?;
    /// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
    ///     .on_error(|_rejection, _request, response| {
    ///         if response.code() == ErrorCode::UnauthorizedClient {
    ///             response.insert_member("support", "https://example.com/support");
    ///         }
    ///     })
    ///     .build()?;
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    ///
    /// RFC 6749 §5.2.
    pub fn on_error(
        mut self,
        hook: impl Fn(&Rejection, &Parts, &mut ErrorResponse) + Send + Sync + 'static,
    ) -> Self {
        self.core.settings.responses.set_hook(Hook(Arc::new(hook)));
        self
    }

    /// Puts an [`Outcome`](crate::rejection::Outcome) into the extensions of every response for the
    /// endpoint, for layers outside.
    ///
    /// **Default: `false`.** The responses of the layer itself have a [`Rejection`] in any case.
    pub fn report_outcome(mut self, report: bool) -> Self {
        self.core.settings.reports_outcome = report;
        self
    }

    /// Sets the header `Retry-After` of a 503. The time is rounded up to whole seconds. Each
    /// response adds up to a quarter at random, so that clients do not come back together. If the
    /// key of an assertion is unknown and the key set may not be fetched again yet, the header may say up to 15
    /// seconds.
    ///
    /// **Default: 5 seconds.** Zero, or more than one day, is a
    /// [`ConfigError`](crate::layer::ConfigError).
    ///
    /// RFC 9110 §10.2.3.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.core.settings.responses.retry_after = delay;
        self
    }

    /// Records [metrics](crate::rejection::metrics) of the decisions.
    ///
    /// **Default: `false`.** Recording costs two allocations for each request.
    #[cfg(feature = "metrics")]
    pub fn record_metrics(mut self, record: bool) -> Self {
        self.core.observer.records_metrics = record;
        self
    }

    /// Adds the label `client_id` to the counter of [metrics](crate::rejection::metrics). It is empty if the client
    /// is not registered. The number of time series grows with the number of registered clients.
    ///
    /// **Default: `false`.** Without [`record_metrics`](Self::record_metrics), it is a
    /// [`ConfigError`](crate::layer::ConfigError).
    #[cfg(feature = "metrics")]
    pub fn count_clients(mut self, count: bool) -> Self {
        self.core.observer.counts_clients = count;
        self
    }
}

#[cfg(feature = "metrics")]
pub(super) fn check<C>(builder: &TokenEndpointLayerBuilder<C>, problems: &mut Problems) {
    let observer = &builder.core.observer;
    if observer.counts_clients && !observer.records_metrics {
        problems.add("count_clients", "true", "needs `record_metrics(true)`");
    }
}

//! What came of a request, for layers outside.

use std::{fmt, sync::Arc};

use http::{Extensions, StatusCode};

use super::{
    accepted::{authenticated::AuthenticatedRequest, request::TokenRequest},
    auth_method::AuthMethod,
    client::Client,
    grant::GrantType,
    outgoing::error_code::ErrorCode,
    rejection::Rejection,
    settings::endpoint::Endpoint,
    trace_id::TraceId,
};

/// What came of a request for an endpoint, in the extensions of the response.
///
/// With [`report_outcome`](crate::layer::TokenEndpointLayerBuilder::report_outcome), every
/// response for the endpoint has one: those of the layer and those of the inner service. So a
/// layer outside can log, count or bill all requests in one place. Responses to other requests
/// that pass through the layer have none.
///
/// ```
/// use tower_token_endpoint::rejection::Outcome;
///
/// fn log<B>(response: &http::Response<B>) {
///     if let Some(outcome) = response.extensions().get::<Outcome>() {
///         let client = outcome.client().map(|client| client.client_id());
///         println!("{} {client:?} {:?}", outcome.kind().as_str(), outcome.error_code());
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Outcome {
    endpoint: Endpoint,
    client: Option<Arc<Client>>,
    method: Option<AuthMethod>,
    grant_type: Option<GrantType>,
    rejection: Option<Rejection>,
    /// Of the inner service.
    error_code: Option<ErrorCode>,
    trace_id: Option<TraceId>,
}

/// Kind of an [`Outcome`], for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutcomeKind {
    /// The layer accepted the request. The inner service may have responded with an error.
    Accepted,
    /// The layer refused the request, because of what it contains.
    Rejected,
    /// There were too many failed authentications before: a 429.
    Throttled,
    /// The layer could not decide: a 503.
    Unavailable,
}

impl OutcomeKind {
    /// Returns the name for logs and metrics: `accepted`, `rejected`, `throttled` or `unavailable`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
        }
    }

    pub(crate) fn of(rejection: &Rejection) -> Self {
        match rejection.status() {
            StatusCode::TOO_MANY_REQUESTS => Self::Throttled,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            _ => Self::Rejected,
        }
    }
}

impl Outcome {
    pub(crate) fn rejected(endpoint: Endpoint, rejection: &Rejection) -> Self {
        Self {
            endpoint,
            client: rejection.client().cloned(),
            method: rejection.method(),
            grant_type: rejection.grant_type().cloned(),
            trace_id: rejection.trace_id().cloned(),
            rejection: Some(rejection.clone()),
            error_code: None,
        }
    }

    /// Of an accepted request with these extensions.
    pub(crate) fn accepted(
        endpoint: Endpoint,
        trace_id: Option<TraceId>,
        extensions: &Extensions,
    ) -> Self {
        let request = AuthenticatedRequest::from_extensions(extensions);
        let token_request: Option<&TokenRequest> = extensions.get();
        Self {
            endpoint,
            client: request.map(|it| Arc::clone(it.client())),
            method: request.map(AuthenticatedRequest::method),
            grant_type: token_request.map(|it| it.grant_type().clone()),
            trace_id,
            rejection: None,
            error_code: None,
        }
    }

    pub(crate) fn with_error(self, error_code: Option<ErrorCode>) -> Self {
        Self { error_code, ..self }
    }

    /// Returns the endpoint.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> OutcomeKind {
        self.rejection
            .as_ref()
            .map_or(OutcomeKind::Accepted, OutcomeKind::of)
    }

    /// Returns the registered client that the request named. If the request was not accepted,
    /// the client did not necessarily send it.
    #[must_use]
    pub fn client(&self) -> Option<&Arc<Client>> {
        self.client.as_ref()
    }

    /// Returns the method by which the client authenticated or tried to authenticate.
    #[must_use]
    pub fn method(&self) -> Option<AuthMethod> {
        self.method
    }

    /// Returns the grant, if the request has one and the server serves it. Of a request that was
    /// refused since its client is not registered for the grant that begins at the endpoint, it is
    /// this grant.
    #[must_use]
    pub fn grant_type(&self) -> Option<&GrantType> {
        self.grant_type.as_ref()
    }

    /// Returns why the layer refused the request. `None` if it accepted the request.
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        self.rejection.as_ref()
    }

    /// Returns the error code of the response: of the layer, or of the
    /// [`TokenError`](crate::TokenError) of the inner service.
    #[must_use]
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.rejection
            .as_ref()
            .map(Rejection::code)
            .or(self.error_code)
    }

    /// Returns the identifier of the request, if the layer has
    /// [`trace_ids`](crate::layer::TokenEndpointLayerBuilder::trace_ids).
    #[must_use]
    pub fn trace_id(&self) -> Option<&TraceId> {
        self.trace_id.as_ref()
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("endpoint", &self.endpoint)
            .field("kind", &self.kind())
            .field("client_id", &self.client.as_ref().map(|it| it.client_id()))
            .field("method", &self.method)
            .field("grant_type", &self.grant_type)
            .field("rejection", &self.rejection)
            .field("error_code", &self.error_code())
            .field("trace_id", &self.trace_id)
            .finish()
    }
}

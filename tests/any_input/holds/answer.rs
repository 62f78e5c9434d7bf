//! What holds for every answer of the layer, whatever the request was.

use std::pin::pin;
use std::task::Poll;

use http::{Method, StatusCode, Uri, header};
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::request::{
    AuthenticatedRequest, BackchannelAuthenticationRequest, DeviceAuthorizationRequest,
    IntrospectionRequest, PushedAuthorizationRequest, RevocationRequest,
};
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{TokenEndpointLayer, TokenRequest};

use crate::common::{CC, Call, Exchange, poll_once, post};

/// What became of a request.
pub(crate) enum Outcome<'a> {
    /// Passed through, as the layer of another path does.
    Untouched,
    Accepted(&'a AuthenticatedRequest),
    Refused(RejectionReason),
}

/// Sends a request without a runtime. Nothing that the layer asks here has to be waited for.
pub(crate) fn send<C: ClientStore>(layer: &TokenEndpointLayer<C>, call: &Call) -> Exchange {
    match poll_once(pin!(call.send(layer))) {
        Poll::Ready(exchange) => exchange,
        Poll::Pending => panic!("it waits: {call:?}"),
    }
}

/// What became of it, after the rules that hold for each answer.
pub(crate) fn outcome<'a, C: ClientStore>(
    layer: &TokenEndpointLayer<C>,
    call: &Call,
    exchange: &'a Exchange,
) -> Outcome<'a> {
    let Some(rejection) = exchange.rejection() else {
        let inner = exchange.inner_request();
        assert_eq!(inner.body(), &call.body, "the body as sent");
        assert_eq!(inner.headers(), &call.headers, "the headers as sent");
        assert_eq!(inner.uri(), call.request().uri(), "the URI as sent");
        let extensions = inner.extensions();
        let Some(request) = AuthenticatedRequest::from_extensions(extensions) else {
            return Outcome::Untouched;
        };
        let requests = [
            extensions.get::<TokenRequest>().is_some(),
            extensions.get::<IntrospectionRequest>().is_some(),
            extensions.get::<RevocationRequest>().is_some(),
            extensions.get::<PushedAuthorizationRequest>().is_some(),
            extensions.get::<DeviceAuthorizationRequest>().is_some(),
            extensions
                .get::<BackchannelAuthenticationRequest>()
                .is_some(),
        ];
        assert_eq!(requests.into_iter().filter(|&it| it).count(), 1);
        let credentials = inner.headers().get_all(header::AUTHORIZATION);
        assert!(credentials.iter().all(|value| value.is_sensitive()));
        let caching = [header::CACHE_CONTROL, header::PRAGMA].map(|name| exchange.header(name));
        assert_eq!(caching, [Some("no-store"), Some("no-cache")]);
        return Outcome::Accepted(request);
    };
    let reason = rejection.reason();
    if call.method == Method::HEAD {
        // The head of the answer to another method, and no body (RFC 9110 §9.3.2).
        assert_eq!(exchange.response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(reason, RejectionReason::MethodNotAllowed);
        assert!(exchange.response.body().is_empty());
        return Outcome::Refused(reason);
    }
    let error = exchange.error();
    let statuses: &[u16] = match &*error.code {
        "invalid_request" => &[400, 405, 408, 413],
        "invalid_client" => &[401],
        "unauthorized_client"
        | "unsupported_grant_type"
        | "invalid_scope"
        | "invalid_dpop_proof" => &[400],
        "temporarily_unavailable" => &[429, 503],
        code => panic!("not a code of the layer: {code}"),
    };
    assert!(statuses.contains(&error.status.as_u16()), "{error:?}");
    let known = [
        header::ALLOW,
        header::CACHE_CONTROL,
        header::CONTENT_TYPE,
        header::PRAGMA,
        header::RETRY_AFTER,
        header::WWW_AUTHENTICATE,
    ];
    let headers = exchange.response.headers();
    assert!(
        headers.keys().all(|name| known.contains(name)),
        "{headers:?}"
    );
    if error.status == StatusCode::UNAUTHORIZED {
        // The bytes of a client that nobody knows.
        let unknown = send(layer, &unknown(call));
        assert_eq!(headers, unknown.response.headers());
        assert_eq!(exchange.response.body(), unknown.response.body());
    }
    Outcome::Refused(reason)
}

/// A request of a client that nobody knows, with the same path.
fn unknown(call: &Call) -> Call {
    let uri: Uri = call.uri.parse().expect("a URI");
    // `CONNECT` and its like have no path.
    let path = Some(uri.path()).filter(|path| !path.is_empty());
    post(CC).to(path.unwrap_or("/")).basic("nobody:secret")
}

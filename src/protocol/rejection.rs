//! Why a request was refused, in detail, for logs, metrics and other layers.

use std::{borrow::Cow, error::Error, fmt, net::IpAddr, sync::Arc, time::Duration};

use http::{HeaderValue, StatusCode};

use super::{
    auth_method::AuthMethod,
    client::Client,
    grant::GrantType,
    outgoing::error_code::{self, ErrorCode},
    reason::{PARAMETER, RejectionReason},
    throttle::ExceededLimit,
    trace_id::TraceId,
};

/// Refusal of a request, with the reason and what is known about the request.
///
/// Every response that the layer makes itself has one in its extensions, so that outer
/// layers can log or count. It contains what the client must not learn, such as
/// the cause of a 401, which has the same code for every cause (RFC 6749 §5.2).
///
/// ```
/// use tower_token_endpoint::rejection::Rejection;
///
/// fn count<B>(response: &http::Response<B>) {
///     if let Some(rejection) = response.extensions().get::<Rejection>() {
///         println!("token_requests_rejected{{reason=\"{}\"}}", rejection.as_str());
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Rejection {
    reason: RejectionReason,
    client: Option<Arc<Client>>,
    method: Option<AuthMethod>,
    /// Apart, so that the others, which every step may return, are small.
    details: Option<Box<Details>>,
}

/// What few rejections have.
#[derive(Clone, Default)]
struct Details {
    parameter: Option<Box<str>>,
    grant_type: Option<GrantType>,
    source: Option<Arc<dyn Error + Send + Sync>>,
    over_limit: Option<OverLimit>,
    /// Whether the presented secret was compared before something else failed.
    is_of_wrong_secret: bool,
    trace_id: Option<TraceId>,
    dpop_nonce: Option<HeaderValue>,
}

/// What is known of a request over the limit of failed authentications.
#[derive(Clone, Copy)]
struct OverLimit {
    address: Option<IpAddr>,
    limit: Option<ExceededLimit>,
    retry_after: Duration,
}

impl Rejection {
    /// Names the parameter at fault, which comes from the request. The name is left out if
    /// a response cannot contain it.
    pub(crate) fn naming(reason: RejectionReason, parameter: &str) -> Self {
        const MAX_NAME_LEN: usize = 64;
        let sound = (1..=MAX_NAME_LEN).contains(&parameter.len())
            && parameter.bytes().all(error_code::is_description_byte);
        let mut rejection = Self::from(reason);
        if sound {
            rejection.details_mut().parameter = Some(parameter.into());
        }
        rejection
    }

    /// Names the client, which must be a registered one.
    #[inline]
    pub(crate) fn of_client(mut self, client: Option<Arc<Client>>) -> Self {
        self.client = client;
        self
    }

    pub(crate) const fn by_method(mut self, method: Option<AuthMethod>) -> Self {
        self.method = method;
        self
    }

    /// Names the grant, which must be one that the server serves, or that begins at the endpoint.
    pub(crate) fn for_grant(mut self, grant_type: GrantType) -> Self {
        self.details_mut().grant_type = Some(grant_type);
        self
    }

    pub(crate) fn caused_by(reason: RejectionReason, source: Box<dyn Error + Send + Sync>) -> Self {
        let mut rejection = Self::from(reason);
        rejection.details_mut().source = Some(source.into());
        rejection
    }

    /// A request from this address over the limit of failed authentications.
    pub(crate) fn throttled(
        address: Option<IpAddr>,
        limit: Option<ExceededLimit>,
        retry_after: Duration,
    ) -> Self {
        let mut rejection = Self::from(RejectionReason::Throttled);
        rejection.details_mut().over_limit = Some(OverLimit {
            address,
            limit,
            retry_after,
        });
        rejection
    }

    /// Of a secret that was compared before something else failed: with the right one, the client
    /// would have been accepted.
    pub(crate) fn of_wrong_secret(mut self) -> Self {
        self.details_mut().is_of_wrong_secret = true;
        self
    }

    pub(crate) fn set_trace_id(&mut self, id: TraceId) {
        self.details_mut().trace_id = Some(id);
    }

    /// With the nonce that the client should use next.
    pub(crate) fn with_dpop_nonce(mut self, nonce: Option<HeaderValue>) -> Self {
        if nonce.is_some() {
            self.details_mut().dpop_nonce = nonce;
        }
        self
    }

    /// Returns the nonce that the client should use in its next DPoP proof, the header `DPoP-Nonce` of the
    /// response (RFC 9449 §8). `None` if the layer gives no nonces, or if the client has the newest.
    #[must_use]
    pub fn dpop_nonce(&self) -> Option<&HeaderValue> {
        self.details.as_ref()?.dpop_nonce.as_ref()
    }

    fn details_mut(&mut self) -> &mut Details {
        self.details.get_or_insert_default()
    }

    /// Returns the reason.
    #[must_use]
    pub fn reason(&self) -> RejectionReason {
        self.reason
    }

    /// Returns a stable name of the reason for logs and metrics, such as `wrong_secret`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.reason.as_str()
    }

    /// Returns the error code of the response.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.reason.row().code
    }

    /// Returns the status of the response.
    ///
    /// One case differs: with
    /// [`Challenge::OnlyForHeader`](crate::layer::Challenge::OnlyForHeader), this may be 401
    /// for a response with the status 400.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.reason.row().status
    }

    /// Returns the name of the parameter that is wrong or missing. `None` if the reason is not
    /// about a parameter, or if the name is too long or has characters that a response cannot
    /// contain (RFC 6749 §5.2).
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        self.details.as_ref()?.parameter.as_deref()
    }

    /// Returns the registered client that the request named. The client did not necessarily
    /// send the request: it may not have authenticated.
    #[must_use]
    pub fn client(&self) -> Option<&Arc<Client>> {
        self.client.as_ref()
    }

    /// Returns the method by which the client authenticated or tried to authenticate. `None`
    /// if the request was refused before the method was known.
    #[must_use]
    pub fn method(&self) -> Option<AuthMethod> {
        self.method
    }

    /// Returns the methods that the client is registered for, if it was refused because the
    /// [`method`](Self::method) of the request is not one of them. Otherwise, there are none.
    pub fn registered_methods(&self) -> impl Iterator<Item = AuthMethod> {
        let is_refused_by_method = matches!(
            self.reason,
            RejectionReason::MethodNotRegistered | RejectionReason::MethodNotVerifiable
        );
        let client = self.client.iter().filter(move |_| is_refused_by_method);
        client.flat_map(|client| client.auth_methods())
    }

    /// Returns the grant that an authenticated client asked for, if the server serves it. At an
    /// endpoint at which a grant begins, such as device authorization, it is this grant, if the client
    /// is not registered for it.
    #[must_use]
    pub fn grant_type(&self) -> Option<&GrantType> {
        self.details.as_ref()?.grant_type.as_ref()
    }

    /// Returns the address that a [throttled](RejectionReason::Throttled) request came from, as it
    /// is counted: IPv6 without the last 64 bits. Otherwise, or if the request had no address,
    /// `None`.
    #[must_use]
    pub fn throttled_address(&self) -> Option<IpAddr> {
        self.details.as_ref()?.over_limit?.address
    }

    /// Returns the limit that a [throttled](RejectionReason::Throttled) request was over: that of
    /// its source, or that of its client. Otherwise, or if the store told a counter that the
    /// request does not have, `None`.
    #[must_use]
    pub fn exceeded_limit(&self) -> Option<ExceededLimit> {
        self.details.as_ref()?.over_limit?.limit
    }

    /// Returns the time until a [throttled](RejectionReason::Throttled) request may be sent again.
    /// `Retry-After` of the response is this time, or up to a quarter more. Otherwise, `None`.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        Some(self.details.as_ref()?.over_limit?.retry_after)
    }

    /// Returns the identifier of the request, if the layer has
    /// [`trace_ids`](crate::layer::TokenEndpointLayerBuilder::trace_ids). The response and the event
    /// have the same.
    #[must_use]
    pub fn trace_id(&self) -> Option<&TraceId> {
        self.details.as_ref()?.trace_id.as_ref()
    }

    /// Whether it is an authentication that failed, which may have been a guess: a 401, but for
    /// [`Challenge::OnlyForHeader`](crate::layer::Challenge::OnlyForHeader).
    pub(crate) fn is_failed_authentication(&self) -> bool {
        self.code() == ErrorCode::InvalidClient
    }

    /// Whether the client presented something that is known to be wrong, also if the response is a 503.
    pub(crate) fn is_guess(&self) -> bool {
        let is_of_wrong_secret = |details: &Details| details.is_of_wrong_secret;
        self.is_failed_authentication() || self.details.as_deref().is_some_and(is_of_wrong_secret)
    }

    /// The text of `error_description`.
    pub(crate) fn description(&self) -> Cow<'static, str> {
        let text = self.reason.row().description;
        if !text.contains(PARAMETER) {
            return Cow::Borrowed(text);
        }
        let named = match self.parameter() {
            Some(name) => format!("`{name}`"),
            None => "a parameter".to_owned(),
        };
        text.replace(PARAMETER, &named).into()
    }
}

impl From<RejectionReason> for Rejection {
    fn from(reason: RejectionReason) -> Self {
        Self {
            reason,
            client: None,
            method: None,
            details: None,
        }
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("reason", &self.reason)
            .field("parameter", &self.parameter())
            .field(
                "client_id",
                &self.client.as_ref().map(|client| client.client_id()),
            )
            .field("method", &self.method)
            .field(
                "registered_methods",
                &self.registered_methods().collect::<Vec<_>>(),
            )
            .field("grant_type", &self.grant_type())
            .field("source", &self.source())
            .field("throttled_address", &self.throttled_address())
            .field("exceeded_limit", &self.exceeded_limit())
            .field("retry_after", &self.retry_after())
            .field("trace_id", &self.trace_id())
            .finish()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.description())
    }
}

impl Error for Rejection {
    /// Returns the error of a store, of the hash of a secret, of a source of keys or of the body, if one
    /// of them failed. If the deadline passed, the error names the reason that a failure of what was
    /// late would have had. If too many slow hashes were wanted, it tells how many run and wait. If
    /// the audience of an assertion was refused, it tells in one line what it was and what is accepted.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.details.as_ref()?.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_description_is_of_the_set_of_rfc_6749() {
        for &reason in RejectionReason::ALL {
            let description = Rejection::naming(reason, "code").description();
            assert!(
                description.bytes().all(error_code::is_description_byte),
                "{description}"
            );
        }
    }

    #[test]
    fn a_rejection_is_displayed_as_its_code_and_description() {
        let rejection = Rejection::naming(RejectionReason::RepeatedParameter, "code");
        assert_eq!(
            rejection.to_string(),
            "invalid_request: `code` is repeated: send it once, in the body"
        );
    }

    #[test]
    fn the_grant_of_a_rejection_is_returned() {
        let rejection = Rejection::from(RejectionReason::MissingParameter);
        assert_eq!(rejection.grant_type(), None);
        let rejection = rejection.for_grant(GrantType::DeviceCode);
        assert_eq!(rejection.grant_type(), Some(&GrantType::DeviceCode));
    }

    #[test]
    fn a_name_from_the_request_is_checked_before_it_is_echoed() {
        let longest = "a".repeat(64);
        for good in ["code", "a b", "<script>", longest.as_str()] {
            let rejection = Rejection::naming(RejectionReason::RepeatedParameter, good);
            assert_eq!(rejection.parameter(), Some(good));
            assert!(rejection.description().contains(good));
        }
        let too_long = "a".repeat(65);
        for bad in ["", "a\"", "a\\", "a\n", "\u{7f}", "é", too_long.as_str()] {
            let rejection = Rejection::naming(RejectionReason::RepeatedParameter, bad);
            assert_eq!(rejection.parameter(), None, "{bad:?}");
            assert_eq!(
                rejection.description(),
                "a parameter is repeated: send it once, in the body"
            );
        }
    }
}

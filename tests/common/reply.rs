//! The reply to a request, for tests that see no more than a client does.

use std::fmt::Debug;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::{Service, ServiceExt};
use tower_token_endpoint::rejection::{Rejection, RejectionReason};

use crate::common::exchange::CHALLENGE;

/// A response with its body read.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// None over a connection, which carries no extensions.
    pub(crate) rejection: Option<Rejection>,
    pub(crate) body: Bytes,
    json: Option<Value>,
}

/// Sends the request to the service.
pub(crate) async fn ask<S, B, R>(service: &S, request: Request<B>) -> Reply
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: Debug,
    R: Body,
    R::Error: Debug,
{
    let response = service.clone().oneshot(request).await;
    Reply::read(response.expect("an answer")).await
}

/// Reads the body of a response.
pub(crate) async fn read<B>(response: Response<B>) -> Response<Bytes>
where
    B: Body,
    B::Error: Debug,
{
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body that reads").to_bytes();
    Response::from_parts(parts, body)
}

/// Panics if this `Retry-After` is not the delay, or up to a quarter more.
pub(crate) fn assert_spread(retry_after: Option<&str>, seconds: u64) {
    let value = retry_after.and_then(|value| value.parse().ok());
    let spread = seconds..=seconds + seconds / 4;
    assert!(
        value.is_some_and(|value| spread.contains(&value)),
        "{retry_after:?} is not in {spread:?}"
    );
}

impl Reply {
    pub(crate) async fn read<B>(response: Response<B>) -> Self
    where
        B: Body,
        B::Error: Debug,
    {
        let (mut parts, body) = read(response).await.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            rejection: parts.extensions.remove(),
            json: serde_json::from_slice(&body).ok(),
            body,
        }
    }

    pub(crate) fn json(&self) -> &Value {
        self.json
            .as_ref()
            .unwrap_or_else(|| panic!("the body is not JSON: {self:?}"))
    }

    /// A member of the body that is a string.
    pub(crate) fn text(&self, member: &str) -> &str {
        self.json()[member]
            .as_str()
            .unwrap_or_else(|| panic!("no string {member} in {}", self.json()))
    }

    /// Panics if `Retry-After` is not this many seconds, or up to a quarter more.
    pub(crate) fn comes_back_after(&self, seconds: u64) {
        assert_spread(Some(self.header(header::RETRY_AFTER)), seconds);
    }

    pub(crate) fn header(&self, name: HeaderName) -> &str {
        self.headers
            .get(&name)
            .unwrap_or_else(|| panic!("{name} is missing: {self:?}"))
            .to_str()
            .expect("a header in ASCII")
    }

    pub(crate) fn reason(&self) -> Option<RejectionReason> {
        self.rejection.as_ref().map(Rejection::reason)
    }

    #[track_caller]
    pub(crate) fn granted(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self
    }

    /// An error body (RFC 6749 §5.2) with this code, which no cache keeps.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header(header::CONTENT_TYPE), "application/json");
        assert_eq!(self.text("error"), code, "{self:?}");
        assert_eq!(self.header(header::CACHE_CONTROL), "no-store");
        assert_eq!(self.header(header::PRAGMA), "no-cache");
    }

    /// 401, with the challenge of [`ISSUER`](crate::common::ISSUER).
    #[track_caller]
    pub(crate) fn assert_unauthenticated(&self) {
        self.refused(401, "invalid_client");
        assert_eq!(self.header(header::WWW_AUTHENTICATE), CHALLENGE);
    }
}

//! The error response to be, which a hook can add to.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::{
    error_code::{ErrorCode, within_description_set, within_uri_set},
    json,
    token_error::OWN_HEADERS,
};
use crate::protocol::trace_id::TraceId;

/// Error response that the layer is about to send, for the function that
/// [`on_error`](crate::layer::TokenEndpointLayerBuilder::on_error) was called with.
///
/// Status, code, challenge and `trace_id` cannot be changed (RFC 6749 §5.2).
#[derive(Clone, Debug)]
pub struct ErrorResponse {
    code: ErrorCode,
    description: Cow<'static, str>,
    uri: Option<Cow<'static, str>>,
    members: Map<String, Value>,
    headers: HeaderMap,
}

impl ErrorResponse {
    pub(super) fn new(
        code: ErrorCode,
        description: Cow<'static, str>,
        uri: Option<Cow<'static, str>>,
    ) -> Self {
        Self {
            code,
            description,
            uri,
            members: Map::new(),
            headers: HeaderMap::new(),
        }
    }

    /// Returns the code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// Returns `error_description`.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Returns `error_uri`, if there is one.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }

    /// Replaces `error_description`. If the request has a `trace_id`, it is added at the end.
    ///
    /// As for [`TokenError`](crate::TokenError::description), `"` is sent as `'`, and any other
    /// character that RFC 6749 §5.2 does not allow is sent as `?`.
    pub fn set_description(&mut self, description: impl Into<Cow<'static, str>>) -> &mut Self {
        self.description = within_description_set(description.into());
        self
    }

    /// Replaces `error_uri`, or adds it. Characters that RFC 6749 §5.2 does not allow in a URI are
    /// percent-encoded.
    pub fn set_uri(&mut self, uri: impl Into<Cow<'static, str>>) -> &mut Self {
        self.uri = Some(within_uri_set(uri.into()));
        self
    }

    /// Adds a member to the body (RFC 6749 §5.2 allows more than its own). A second value for a
    /// name replaces the first. The names `error`, `error_description`, `error_uri` and `trace_id`
    /// are ignored.
    pub fn insert_member(&mut self, name: impl Into<String>, value: impl Into<Value>) -> &mut Self {
        const OWN: [&str; 4] = ["error", "error_description", "error_uri", "trace_id"];
        let name = name.into();
        if !OWN.contains(&name.as_str()) {
            self.members.insert(name, value.into());
        }
        self
    }

    /// Adds a header. A header that is added twice is sent twice. The headers that the layer sends
    /// itself are ignored: `Content-Type`, `Cache-Control`, `Pragma`, `WWW-Authenticate`,
    /// `Retry-After`, `Allow`, and the length and the encoding of the body.
    pub fn append_header(&mut self, name: HeaderName, value: HeaderValue) -> &mut Self {
        use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
        let is_own =
            OWN_HEADERS.contains(&name) || [ALLOW, RETRY_AFTER, WWW_AUTHENTICATE].contains(&name);
        if !is_own {
            // If there are more headers than a map can hold, the first ones are sent.
            let _ = self.headers.try_append(name, value);
        }
        self
    }

    pub(super) fn headers(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter()
    }

    pub(super) fn body(&self, trace_id: Option<&TraceId>) -> Bytes {
        json::extended_error_body(
            self.code,
            &self.description,
            self.uri.as_deref(),
            trace_id,
            &self.members,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_rfc_defines_cannot_be_replaced_by_a_member_or_a_header() {
        let mut response = ErrorResponse::new(ErrorCode::InvalidScope, "a".into(), None);
        for name in ["error", "error_description", "error_uri", "trace_id"] {
            response.insert_member(name, "replaced");
        }
        for name in [
            "content-type",
            "cache-control",
            "pragma",
            "www-authenticate",
            "retry-after",
            "allow",
            "content-length",
            "content-encoding",
            "transfer-encoding",
        ] {
            let value = HeaderValue::from_static("replaced");
            response.append_header(HeaderName::from_static(name), value);
        }
        assert_eq!(response.headers().count(), 0);
        let body = r#"{"error":"invalid_scope","error_description":"a"}"#;
        assert_eq!(response.body(None), body);
    }

    #[test]
    fn what_is_added_is_json_whatever_it_is() {
        let mut response = ErrorResponse::new(ErrorCode::InvalidScope, "a".into(), None);
        response
            .set_description("said \"so\" é\n")
            .set_uri("https://a.example/\"ü")
            .insert_member("a \"name\"\n", Value::from("</script>\u{2028}\""))
            .insert_member("n", 7);
        let id = "an-id".parse().expect("an identifier");
        let body: Value = serde_json::from_slice(&response.body(Some(&id))).expect("JSON");
        let expected = serde_json::json!({
            "error": "invalid_scope",
            "error_description": "said 'so' ?? (trace_id: an-id)",
            "error_uri": "https://a.example/%22%C3%BC",
            "trace_id": "an-id",
            "a \"name\"\n": "</script>\u{2028}\"",
            "n": 7,
        });
        assert_eq!(body, expected);
        response.set_description("");
        let body: Value = serde_json::from_slice(&response.body(Some(&id))).expect("JSON");
        assert_eq!(body["error_description"], "(trace_id: an-id)");
    }
}

//! JSON responses that are not cached (RFC 6749 §5.1 and §5.2).

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value};

use super::{
    error_code::{ErrorCode, is_description_byte, is_uri_byte},
    headers::{NO_CACHE, NO_STORE},
};
use crate::protocol::trace_id::TraceId;

/// A JSON response that must not be cached. It reuses the memory of the header map, but
/// not its content.
#[inline]
pub(crate) fn response(status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Response<Bytes> {
    headers.clear();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    headers.insert(header::PRAGMA, NO_CACHE);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The JSON of RFC 6749 §5.2. Description and URI must be of its character sets, which need
/// no escapes in JSON. An empty description is left out.
pub(crate) fn error_body(code: ErrorCode, description: &str, uri: Option<&str>) -> Bytes {
    Bytes::from(members(code, description, uri) + "}")
}

/// The same with more members, and with an identifier. Most libraries show the description
/// only, so it ends with the identifier.
pub(crate) fn extended_error_body(
    code: ErrorCode,
    description: &str,
    uri: Option<&str>,
    trace_id: Option<&TraceId>,
    more: &Map<String, Value>,
) -> Bytes {
    let mut description = Cow::Borrowed(description);
    if let Some(id) = trace_id {
        let space = if description.is_empty() { "" } else { " " };
        description = format!("{description}{space}(trace_id: {id})").into();
    }
    let mut json = members(code, &description, uri);
    if let Some(id) = trace_id {
        // It needs no escapes either.
        json.push_str(",\"trace_id\":\"");
        json.push_str(id.as_str());
        json.push('"');
    }
    for (name, value) in more {
        json.push(',');
        json.push_str(&Value::from(name.as_str()).to_string());
        json.push(':');
        json.push_str(&value.to_string());
    }
    json.push('}');
    Bytes::from(json)
}

/// Without the brace at the end.
fn members(code: ErrorCode, description: &str, uri: Option<&str>) -> String {
    debug_assert!(description.bytes().all(is_description_byte));
    debug_assert!(uri.is_none_or(|uri| uri.bytes().all(is_uri_byte)));
    let parts = [
        "{\"error\":\"",
        code.as_str(),
        if description.is_empty() {
            ""
        } else {
            "\",\"error_description\":\""
        },
        description,
        if uri.is_some() {
            "\",\"error_uri\":\""
        } else {
            ""
        },
        uri.unwrap_or_default(),
        "\"",
    ];
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_body_is_the_json_of_rfc_6749() {
        let code = ErrorCode::InvalidScope;
        let cases: [(&str, Option<&str>, &str); 3] = [
            ("", None, r#"{"error":"invalid_scope"}"#),
            (
                "a 'b'",
                None,
                r#"{"error":"invalid_scope","error_description":"a 'b'"}"#,
            ),
            (
                "a",
                Some("https://e.example/?a=1&b=[2]"),
                r#"{"error":"invalid_scope","error_description":"a","error_uri":"https://e.example/?a=1&b=[2]"}"#,
            ),
        ];
        for (description, uri, expected) in cases {
            assert_eq!(error_body(code, description, uri), expected);
        }
    }
}

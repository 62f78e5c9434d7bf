//! How an answer of these endpoints looks on the wire: JSON that no cache
//! keeps (RFC 6749 §5.1 and §5.2), challenges and delays.

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use super::error::ErrorCode;

/// A JSON answer that must not be cached. It takes a header map over for its
/// memory, not for its content.
pub(crate) fn json(status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Response<Bytes> {
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

/// Adds what keeps an inner service's answer out of caches, where it says
/// nothing itself.
pub(crate) fn keep_out_of_caches(headers: &mut HeaderMap) {
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    headers.entry(header::PRAGMA).or_insert(NO_CACHE);
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// The JSON of RFC 6749 §5.2. Description and URI must be of its character
/// sets, which need no escape in JSON; an empty description is left out.
pub(crate) fn error_body(code: ErrorCode, description: &str, uri: Option<&str>) -> Bytes {
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
        "\"}",
    ];
    Bytes::from(parts.concat())
}

/// `Basic realm="…", charset="UTF-8"` (RFC 7617 §2 and §2.1).
///
/// Characters that no header can carry are left out of the realm.
pub(crate) fn basic_challenge(realm: &str) -> HeaderValue {
    let mut challenge = String::with_capacity(realm.len() + 32);
    challenge.push_str("Basic realm=\"");
    for character in realm.chars().filter(|c| matches!(c, ' '..='~')) {
        if matches!(character, '"' | '\\') {
            challenge.push('\\');
        }
        challenge.push(character);
    }
    challenge.push_str("\", charset=\"UTF-8\"");
    HeaderValue::try_from(challenge).unwrap_or(HeaderValue::from_static(
        "Basic realm=\"\", charset=\"UTF-8\"",
    ))
}

/// The value of `Retry-After`: whole seconds, rounded up, at least one.
pub(crate) fn retry_after(delay: Duration) -> HeaderValue {
    let seconds = delay
        .as_secs()
        .saturating_add(u64::from(delay.subsec_nanos() > 0));
    HeaderValue::from(seconds.max(1))
}

/// Whether RFC 6749 §5.2 allows this byte in an `error_description`.
pub(crate) const fn is_description_byte(byte: u8) -> bool {
    matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

/// Whether RFC 6749 §5.2 allows this byte in an `error_uri`.
pub(crate) const fn is_uri_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

pub(crate) fn within_description_set(text: Cow<'static, str>) -> Cow<'static, str> {
    if text.bytes().all(is_description_byte) {
        return text;
    }
    text.chars()
        .map(|character| match u8::try_from(character) {
            Ok(byte) if is_description_byte(byte) => character,
            Ok(b'"') => '\'',
            _ => '?',
        })
        .collect()
}

pub(crate) fn within_uri_set(uri: Cow<'static, str>) -> Cow<'static, str> {
    if uri.bytes().all(is_uri_byte) {
        return uri;
    }
    uri.bytes()
        .map(|byte| match byte {
            byte if is_uri_byte(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
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

    #[test]
    fn description_is_held_to_the_set_of_rfc_6749() {
        let held = within_description_set("say \"no\"\\\r\nné\u{7f}".into());
        assert_eq!(held, "say 'no'???n??");
        assert!(matches!(
            within_description_set("plain".into()),
            Cow::Borrowed("plain")
        ));
    }

    #[test]
    fn uri_is_held_to_the_set_of_rfc_6749() {
        let held = within_uri_set("https://e.example/a b\"\\é".into());
        assert_eq!(held, "https://e.example/a%20b%22%5C%C3%A9");
    }

    #[test]
    fn realm_is_a_quoted_string() {
        assert_eq!(
            basic_challenge("a\"b\\c\né"),
            r#"Basic realm="a\"b\\c", charset="UTF-8""#
        );
    }

    #[test]
    fn retry_after_is_whole_seconds_and_never_zero() {
        for (millis, expected) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2"), (30_000, "30")] {
            assert_eq!(retry_after(Duration::from_millis(millis)), expected);
        }
    }
}

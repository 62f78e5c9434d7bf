//! Heads and credentials that are nearly right, and any others.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::{CC, FORM, basic_value};
use crate::holds::head_and_evidence::check;

const RIGHT: &str = "svc:svc-secret";

/// A request as the corpus has it.
fn request(uri: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Vec<u8> {
    let mut text = format!("POST {uri}\n").into_bytes();
    for (name, value) in headers {
        text.extend([name.as_bytes(), b": ", value, b"\n"].concat());
    }
    text.push(b'\n');
    text.extend(body);
    text
}

/// A form with this `Authorization`.
fn authorized(value: &[u8]) -> Vec<u8> {
    let headers: [(&str, &[u8]); 2] = [("content-type", FORM.as_bytes()), ("authorization", value)];
    request("/token", &headers, CC.as_bytes())
}

/// A body, with the right credentials in the header or without.
fn with_body(body: &[u8], is_authorized: bool) -> Vec<u8> {
    let headers: [(&str, &[u8]); 2] = [
        ("content-type", FORM.as_bytes()),
        ("basic", RIGHT.as_bytes()),
    ];
    request("/token", &headers[..1 + usize::from(is_authorized)], body)
}

/// Bytes that may stand in a header value (RFC 9110 §5.5).
fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(
        prop_oneof![Just(b'\t'), 0x20..=0x7Eu8, 0x80..=0xFFu8],
        0..60,
    )
}

/// Texts that a grammar is made of, in any order.
fn jumble(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    vec(prop::sample::select(words), 0..12).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_authorization_is_answered(value in header_bytes()) {
        check(&authorized(&value));
    }

    #[test]
    fn anything_after_basic_is_answered(token in header_bytes(), spaces in 0..3usize) {
        let start = format!("Basic{}", " ".repeat(spaces));
        check(&authorized(&[start.as_bytes(), &token].concat()));
    }

    #[test]
    fn any_credentials_are_answered(credentials: Vec<u8>) {
        check(&authorized(basic_value(credentials).as_bytes()));
    }

    #[test]
    fn credentials_near_the_right_ones_are_answered(
        credentials in jumble(&["svc", ":", "svc-secret", "%", "%73", "%3A", "+", "%FF", "%C3", "é", "\0"]),
    ) {
        check(&authorized(basic_value(credentials).as_bytes()));
    }

    #[test]
    fn any_content_type_is_answered(value in header_bytes()) {
        check(&request("/token", &[("content-type", &value), ("basic", RIGHT.as_bytes())], CC.as_bytes()));
    }

    #[test]
    fn anything_after_the_form_type_is_answered(
        parameters in jumble(&[";", " ", "charset", "=", "utf-8", "UTF-8", "\"", "\\", "latin1", "v", ",", "\t"]),
    ) {
        let value = format!("{FORM}{parameters}");
        check(&request("/token", &[("content-type", value.as_bytes()), ("basic", RIGHT.as_bytes())], CC.as_bytes()));
    }

    #[test]
    fn any_body_is_answered(body: Vec<u8>, authenticated: bool) {
        check(&with_body(&body, authenticated));
    }

    #[test]
    fn any_form_is_answered(
        form in jumble(&[
            "grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope", "code",
            "client_credentials", "svc", "svc-secret", "=", "=", "=", "&", "&", "&", "%", "%41", "+", "%FF", "é",
        ]),
        authenticated: bool,
    ) {
        check(&with_body(form.as_bytes(), authenticated));
    }

    #[test]
    fn any_query_is_answered(query in "[!-~&&[^#<>\"{}|\\\\^`]]{0,40}") {
        let headers: [(&str, &[u8]); 2] = [("content-type", FORM.as_bytes()), ("basic", RIGHT.as_bytes())];
        check(&request(&format!("/token?{query}"), &headers, CC.as_bytes()));
    }

    /// Every line and the body, in any bytes.
    #[test]
    fn any_text_is_answered(text: Vec<u8>, lines in jumble(&[
        "POST /token", "GET /token", "OPTIONS *", "HEAD /token?a", "\n", "\n", "content-type: application/x-www-form-urlencoded",
        "basic: svc:svc-secret", "authorization: ", "content-encoding: gzip", "content-length: 9", "grant_type=client_credentials",
    ])) {
        check(&text);
        check(lines.as_bytes());
        check(&[lines.as_bytes(), &text].concat());
    }
}

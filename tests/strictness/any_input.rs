//! Any input is answered.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::{CC, Call, FORM, basic, post};
use crate::setup::{BOTH, client, exchange, layer_for};

/// Either the inner service was called once, or the answer keeps the rules of every error.
fn assert_answered(call: &Call) {
    let layer = layer_for(client("svc", "svc-secret").auth_methods(BOTH));
    let exchange = exchange(&layer, call);
    if exchange.rejection().is_some() {
        exchange.error();
    } else {
        assert_eq!(exchange.token_request().client().client_id(), "svc");
    }
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
        assert_answered(&post(CC).add("authorization", value));
    }

    #[test]
    fn anything_after_basic_is_answered(token in header_bytes(), spaces in 0..3usize) {
        let start = format!("Basic{}", " ".repeat(spaces));
        assert_answered(&post(CC).add("authorization", [start.as_bytes(), &token].concat()));
    }

    #[test]
    fn any_credentials_are_answered(credentials: Vec<u8>) {
        assert_answered(&basic(credentials));
    }

    #[test]
    fn credentials_near_the_right_ones_are_answered(
        credentials in jumble(&["svc", ":", "svc-secret", "%", "%73", "%3A", "+", "%FF", "%C3", "é", "\0"]),
    ) {
        assert_answered(&basic(credentials));
    }

    #[test]
    fn any_content_type_is_answered(value in header_bytes()) {
        assert_answered(&post(CC).set("content-type", value).basic("svc:svc-secret"));
    }

    #[test]
    fn anything_after_the_form_type_is_answered(
        parameters in jumble(&[";", " ", "charset", "=", "utf-8", "UTF-8", "\"", "\\", "latin1", "v", ",", "\t"]),
    ) {
        assert_answered(&post(CC).set("content-type", format!("{FORM}{parameters}")).basic("svc:svc-secret"));
    }

    #[test]
    fn any_body_is_answered(body: Vec<u8>, authenticated: bool) {
        let call = post(body);
        assert_answered(&if authenticated { call.basic("svc:svc-secret") } else { call });
    }

    #[test]
    fn any_form_is_answered(
        form in jumble(&[
            "grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope", "code",
            "client_credentials", "svc", "svc-secret", "=", "=", "=", "&", "&", "&", "%", "%41", "+", "%FF", "é",
        ]),
        authenticated: bool,
    ) {
        let call = post(form);
        assert_answered(&if authenticated { call.basic("svc:svc-secret") } else { call });
    }

    #[test]
    fn any_query_is_answered(query in "[!-~&&[^#<>\"{}|\\\\^`]]{0,40}") {
        assert_answered(&post(CC).to(&format!("/token?{query}")).basic("svc:svc-secret"));
    }
}

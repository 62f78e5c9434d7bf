//! Responses and rejections.

use tower_token_endpoint::rejection::RejectionReason;

use crate::canary::{assert_debug_silent, assert_silent};
use crate::requests::exchanges;

#[test]
fn the_canary_is_sent_right_and_wrong() {
    let reasons = exchanges().map(|(_, exchange)| exchange.rejection().map(|why| why.reason()));
    let reasons: Vec<Option<RejectionReason>> = reasons.collect();
    let expected = [
        None,
        Some(RejectionReason::WrongSecret),
        Some(RejectionReason::UnknownClient),
        Some(RejectionReason::MethodNotRegistered),
        Some(RejectionReason::CredentialsInQuery),
        Some(RejectionReason::WrongSignature),
        Some(RejectionReason::MalformedAssertion),
        Some(RejectionReason::ReplayedAssertion),
    ];
    for reason in expected {
        assert!(reasons.contains(&reason), "{reason:?} in {reasons:?}");
    }
}

#[test]
fn no_response_repeats_a_secret() {
    for (call, exchange) in exchanges() {
        let response = &exchange.response;
        let body = String::from_utf8_lossy(response.body());
        assert_silent(&format!("the body for {call:?}"), &body);
        for (name, value) in response.headers() {
            assert_silent(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        assert_debug_silent("the response", response);
    }
}

#[test]
fn no_rejection_repeats_a_secret() {
    for (_, exchange) in exchanges() {
        if let Some(rejection) = exchange.rejection() {
            assert_debug_silent("a rejection", rejection);
            assert_silent("a rejection", &rejection.to_string());
            assert_silent("a rejection", rejection.parameter().unwrap_or_default());
        }
    }
}

//! `error_uri`: one page for all errors, or one for each code (RFC 6749 §5.2).

use tower_token_endpoint::{ErrorCode, TokenError};

use crate::common::{Built as _, basic, body, builder, call};
use crate::{clients, exchange, json};

#[tokio::test]
async fn each_code_has_its_page_and_no_cause_has_one() {
    for base in [
        "https://as.example.com/errors",
        "https://as.example.com/errors/",
    ] {
        let layer = builder(clients()).error_uri_base(base).built();
        for (call, code) in [
            (call("GET", "/token"), "invalid_request"),
            (basic("nobody:x"), "invalid_client"),
            (basic("app:wrong"), "invalid_client"),
            (body("client_id=app"), "invalid_client"),
            (
                basic("app:s3cret").with_body("grant_type=magic"),
                "unsupported_grant_type",
            ),
            (
                basic("app:s3cret").with_body("grant_type=client_credentials&scope=x"),
                "invalid_scope",
            ),
            (basic("app:s3cret"), "invalid_grant"),
        ] {
            let error = TokenError::new(ErrorCode::InvalidGrant);
            let (response, _) = exchange(&layer, &call, error).await;
            let json = json(&response);
            assert_eq!(json["error"], code);
            assert_eq!(
                json["error_uri"],
                format!("https://as.example.com/errors/{code}")
            );
        }
    }
}

#[tokio::test]
async fn one_page_is_for_all_of_them_and_the_inner_service_can_name_another() {
    let layer = builder(clients())
        .error_uri("https://as.example.com/errors")
        .built();
    let error = TokenError::new(ErrorCode::InvalidGrant).description("used");
    for (call, inner, expected) in [
        (
            basic("nobody:x"),
            error.clone(),
            "https://as.example.com/errors",
        ),
        (
            basic("app:s3cret"),
            error.clone(),
            "https://as.example.com/errors",
        ),
        (
            basic("app:s3cret"),
            error.uri("https://own.example.com/"),
            "https://own.example.com/",
        ),
    ] {
        let (response, _) = exchange(&layer, &call, inner).await;
        assert_eq!(json(&response)["error_uri"], expected);
    }
}

#[test]
fn a_base_that_no_code_can_be_added_to_is_refused_at_build() {
    for base in [
        "",
        "errors",
        "ftp://as.example.com",
        "https://as.example.com/errors?code=",
        "https://as.example.com/errors#",
        "https://user@as.example.com/errors",
    ] {
        let error = builder(clients())
            .error_uri_base(base)
            .build()
            .expect_err(base);
        let problems: Vec<_> = error.problems().collect();
        assert_eq!(problems.len(), 1, "{error}");
        assert_eq!(problems[0].setting(), "error_uri_base");
    }
    let both = builder(clients())
        .error_uri("https://as.example.com/error")
        .error_uri_base("https://as.example.com/errors");
    let error = both.build().expect_err("both");
    assert!(error.to_string().contains("error_uri"), "{error}");
}

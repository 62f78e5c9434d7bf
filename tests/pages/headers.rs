//! The headers of every page, and the methods that there are.

use http::{Method, StatusCode, header};
use serde_json::Value;

use crate::setup::{Served, all_paths, pages, send};

/// What every response of the pages has.
fn holds(served: &Served, case: &str) {
    assert_eq!(served.header(header::VARY), "Accept", "{case}");
    assert_eq!(served.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(served.header(header::REFERRER_POLICY), "no-referrer");
    let length = served.header(header::CONTENT_LENGTH);
    assert!(length.parse::<usize>().is_ok_and(|it| it > 10), "{case}");
    let policy = served.header(header::CONTENT_SECURITY_POLICY);
    let allowed: Vec<_> = policy.split("; ").collect();
    let [default, style, form, base, frames] = allowed[..] else {
        panic!("{policy}");
    };
    assert_eq!(default, "default-src 'none'");
    assert!(style.starts_with("style-src 'sha256-"), "{style}");
    assert_eq!(form, "form-action 'self'");
    assert_eq!(base, "base-uri 'none'");
    assert_eq!(frames, "frame-ancestors 'none'");
}

#[tokio::test]
async fn every_page_allows_its_style_and_its_form_and_nothing_else() {
    for path in all_paths() {
        for accept in ["text/html", "application/json"] {
            let served = send(pages(), Method::GET, &path, accept).await;
            holds(&served, &path);
            assert_eq!(
                served.header(header::CONTENT_LENGTH),
                served.body.len().to_string()
            );
            let expected = match accept {
                "text/html" => "text/html; charset=utf-8",
                other => other,
            };
            assert_eq!(served.header(header::CONTENT_TYPE), expected);
            let is_of_everybody = served.status == StatusCode::OK && !path.contains('?');
            let caching = if is_of_everybody {
                "public, max-age=3600"
            } else {
                "no-store"
            };
            assert_eq!(served.header(header::CACHE_CONTROL), caching, "{path}");
        }
    }
}

#[tokio::test]
async fn head_gets_the_head_of_the_same_response() {
    let redirected = "/errors/?q=wrong_secret".to_owned();
    for path in all_paths().into_iter().chain([redirected]) {
        for accept in ["text/html", "application/json"] {
            let got = send(pages(), Method::GET, &path, accept).await;
            let head = send(pages(), Method::HEAD, &path, accept).await;
            assert_eq!(head.status, got.status, "{path}");
            assert_eq!(head.headers, got.headers, "{path}");
            assert!(head.body.is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn any_other_method_is_405_with_allow() {
    for name in [
        "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY",
    ] {
        let method = Method::from_bytes(name.as_bytes()).expect("a method");
        for path in ["/errors/", "/errors/invalid_client", "/errors/unknown"] {
            let page = send(pages(), method.clone(), path, "text/html").await;
            assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{name}");
            assert_eq!(page.header(header::ALLOW), "GET, HEAD");
            assert_eq!(page.header(header::CACHE_CONTROL), "no-store");
            holds(&page, path);
            assert!(page.text().contains("<h1>"), "{name}");
            let json = send(pages(), method.clone(), path, "application/json").await;
            assert_eq!(json.status, StatusCode::METHOD_NOT_ALLOWED, "{name}");
            assert!(json.json()["problem"].is_string());
        }
    }
}

#[tokio::test]
async fn another_code_is_404_and_a_page_that_leads_to_the_index() {
    for (path, canary) in [
        ("/errors/zebra", Some("zebra")),
        ("/errors/%3Czebra%3E", Some("zebra")),
        ("/errors/..%2f..%2fetc%2fpasswd", Some("passwd")),
        ("/errors/wrong_secret", None),
        ("/errors/invalid_client/", None),
        ("/errors/Invalid_Client", Some("Invalid_Client")),
        ("/zebra/invalid_client", Some("zebra")),
    ] {
        let page = send(pages(), Method::GET, path, "text/html").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text().contains("<a href=\"/errors/\">"), "{path}");
        let is_echoed = canary.is_some_and(|canary| page.text().contains(canary));
        assert!(!is_echoed, "{path}");
        let json = send(pages(), Method::GET, path, "application/json").await;
        assert_eq!(json.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(json.json()["index"], "/errors/");
    }
}

/// The table of weights is beside the code that reads them. This is that the service asks it.
#[tokio::test]
async fn accept_decides_between_html_and_json() {
    for (accept, is_json) in [
        ("", false),
        ("*/*", false),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            false,
        ),
        ("application/json", true),
        ("application/json;q=0.4, text/html;q=0.5", false),
        ("application/json;q=0.5, text/html;q=0.4", true),
        ("application/json, */*;q=0.1", true),
        ("application/json;q=0, */*", false),
    ] {
        let served = send(pages(), Method::GET, "/errors/invalid_scope", accept).await;
        let parsed = serde_json::from_slice::<Value>(&served.body);
        assert_eq!(parsed.is_ok(), is_json, "{accept:?}");
    }
}

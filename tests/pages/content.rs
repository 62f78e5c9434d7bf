//! No code and no reason is without its page.

use http::StatusCode;
use tower_token_endpoint::{ErrorCode, rejection::RejectionReason};

use crate::setup::{html, json, path_of};

/// The reasons that the JSON of a page has.
fn reasons(page: &serde_json::Value) -> Vec<&str> {
    let causes = page["causes"].as_array().expect("an array");
    let names = causes.iter().map(|cause| cause["reason"].as_str());
    names.map(|name| name.expect("a text")).collect()
}

#[tokio::test]
async fn every_code_has_a_page_in_html_and_in_json() {
    for &code in ErrorCode::ALL {
        let page = html(&path_of(code)).await;
        assert_eq!(page.status, StatusCode::OK, "{code}");
        let heading = format!("<h1><code>{code}</code></h1>");
        assert!(page.text().contains(&heading), "{code}");
        let json = json(&path_of(code)).await.json();
        assert_eq!(json["code"], code.as_str());
        assert_eq!(json["status"], code.status().as_u16());
        for member in ["meaning", "title", "client", "operator"] {
            assert!(
                json[member].as_str().is_some_and(|it| it.len() > 10),
                "{code} {member}"
            );
        }
        let specification = &json["rfc"][0];
        assert!(specification["section"].is_string(), "{code}");
        let url = specification["url"].as_str().expect("a text");
        let section = specification["section"].as_str().unwrap_or_default();
        let publisher = match section.starts_with("OpenID Connect") {
            true => "https://openid.net/specs/openid-",
            false => "https://www.rfc-editor.org/rfc/",
        };
        assert!(url.starts_with(publisher), "{section}: {url}");
        let curl = json["requests"][0]["curl"].as_str().expect("a text");
        assert!(curl.starts_with("curl "), "{curl}");
        assert!(curl.contains("https://as.example.com/"), "{curl}");
        assert!(
            !curl.contains(['{', '}']) || curl.contains("authorization_details"),
            "{curl}"
        );
    }
}

#[tokio::test]
async fn every_reason_is_on_the_page_of_its_code_and_on_no_other() {
    let mut found = 0;
    for &code in ErrorCode::ALL {
        let page = html(&path_of(code)).await;
        let json = json(&path_of(code)).await.json();
        let listed = reasons(&json);
        for &reason in RejectionReason::ALL {
            let name = reason.as_str();
            let is_here = code_of(reason) == code;
            let article = format!("<article id=\"{name}\">");
            assert_eq!(page.text().contains(&article), is_here, "{code} {name}");
            assert_eq!(listed.contains(&name), is_here, "{code} {name}");
            found += usize::from(is_here);
        }
        for cause in json["causes"].as_array().expect("an array") {
            for member in ["meaning", "tell", "client", "operator"] {
                let text = cause[member].as_str().unwrap_or_default();
                assert!(text.len() > 20, "{code} {member}: {cause}");
            }
            assert!(cause["step"].is_string(), "{cause}");
            let url = cause["rfc"][0]["url"].as_str().unwrap_or_default();
            assert!(url.starts_with("https://"), "{cause}");
        }
    }
    assert_eq!(found, RejectionReason::ALL.len());
}

/// The code in the row of the reason. The pages have it from there, but by the enum.
fn code_of(reason: RejectionReason) -> ErrorCode {
    let source = include_str!("../../src/protocol/reason.rs");
    let row = format!("    {reason:?}, \"{reason}\", ");
    let (_, rest) = source.split_once(&row).expect("a row");
    let name = rest.split([',', ' ']).next().expect("a code");
    let mut codes = ErrorCode::ALL.iter().copied();
    codes
        .find(|code| format!("{code:?}") == name)
        .expect("a code")
}

#[tokio::test]
async fn index_lists_every_code_and_every_reason() {
    let page = html("/errors/").await;
    let index = json("/errors/").await.json();
    let codes = index["codes"].as_array().expect("an array");
    assert_eq!(codes.len(), ErrorCode::ALL.len());
    for (&code, listed) in ErrorCode::ALL.iter().zip(codes) {
        assert!(
            page.text()
                .contains(&format!("<a href=\"/errors/{code}\">"))
        );
        assert_eq!(listed["code"], code.as_str());
        assert_eq!(listed["url"], path_of(code));
    }
    for &reason in RejectionReason::ALL {
        let link = format!("<a href=\"/errors/{}#{reason}\">", code_of(reason));
        assert!(page.text().contains(&link), "{link}");
    }
}

/// A page that knew the cause would have to depend on more than its path.
#[tokio::test]
async fn page_of_invalid_client_is_the_same_for_everybody_and_says_so() {
    let page = html("/errors/invalid_client").await;
    let again = html("/errors/invalid_client?reason=wrong_secret&q=wrong_secret").await;
    assert_eq!(page.body, again.body);
    let text = page.text();
    assert!(text.contains("cannot tell which cause yours is"));
    assert!(text.matches("<article id=").count() > 20);
}

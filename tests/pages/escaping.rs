//! Whatever is looked up or set, it is text in the page and never part of it.

use http::{Method, header};
use proptest::prelude::*;
use tower_token_endpoint::rejection::pages::ErrorPages;

use crate::html::checked;
use crate::setup::{html, send};

/// Texts that want to be something else.
const HOSTILE: [&str; 10] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onfocus='alert(1)",
    "</style><script>",
    "</title><b>",
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "\u{202e}\u{0}\u{1b}[31m",
];

fn query_of(text: &str) -> String {
    let query = form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("/errors/?q={query}")
}

fn served(path: &str) -> (u16, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let served = runtime.expect("a runtime").block_on(html(path));
    assert!(!served.headers.contains_key(header::SET_COOKIE));
    (served.status.as_u16(), served.text().to_owned())
}

#[test]
fn a_hostile_look_up_is_shown_as_text() {
    for text in HOSTILE {
        let (status, page) = served(&query_of(text));
        assert_eq!(status, 404, "{text}");
        let field = checked(&page).value_of_the_field;
        let shown: String = text
            .chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect();
        assert_eq!(field, shown);
    }
}

proptest! {
    #[test]
    fn any_text_is_found_or_is_shown_as_text(text in any::<String>()) {
        let (status, page) = served(&query_of(&text));
        prop_assert!([200, 303, 404].contains(&status));
        // The same tags as without it: nothing was opened, closed or added.
        let tags = checked(&page).tags;
        if status == 404 && !page.contains("<h2>Names like this</h2>") {
            prop_assert_eq!(tags, checked(&served(&query_of("two words")).1).tags);
        }
    }

    #[test]
    fn any_query_gets_a_page_with_no_tags_of_its_own(query in "(q=|x=1&q=)?([!$-;=?-~]|%3[CcEe]|%2[267]|%00){0,120}") {
        let Ok(uri) = format!("/errors/?{query}").parse::<http::Uri>() else {
            return Ok(());
        };
        let (status, page) = served(&uri.to_string());
        prop_assert!([200, 303, 404].contains(&status));
        let known = [
            "/errors/",
            "/errors/?q=two+words",
            "/errors/?q=0190-a",
            "/errors/?q=wrong_secret",
        ];
        let tags = checked(&page).tags;
        if page.contains("<h2>Names like this</h2>") {
            return Ok(());
        }
        prop_assert!(known.iter().any(|path| checked(&served(path).1).tags == tags), "{}", query);
    }
}

#[tokio::test]
async fn settings_are_text_as_well() {
    for text in HOSTILE {
        let pages = ErrorPages::new(text)
            .base_path(text)
            .token_endpoint(text)
            .contact(text);
        let plain = ErrorPages::new("a")
            .base_path("a")
            .token_endpoint("a")
            .contact("a");
        for code in ["", "invalid_client", "unsupported_token_type", "unknown"] {
            let path = format!("/{code}");
            let page = send(pages.clone(), Method::GET, &path, "text/html").await;
            let same = send(plain.clone(), Method::GET, &path, "text/html").await;
            let (page, same) = (checked(page.text()), checked(same.text()));
            assert_eq!(page.tags, same.tags, "{text} {path}");
        }
        let found = send(pages, Method::GET, "/?q=wrong_secret", "text/html").await;
        let place = found.header(header::LOCATION);
        assert!(
            place.starts_with('/') && !place.starts_with("//"),
            "{place}"
        );
        assert!(place.ends_with("/invalid_client#wrong_secret"), "{place}");
    }
}

#[tokio::test]
async fn a_contact_is_a_link_only_if_it_is_a_safe_one() {
    for (contact, link) in [
        (
            "https://as.example.com/help",
            Some("https://as.example.com/help"),
        ),
        (
            "mailto:help@as.example.com",
            Some("mailto:help@as.example.com"),
        ),
        ("javascript:alert(1)", None),
        ("http://as.example.com/", None),
        ("the third floor", None),
    ] {
        let pages = ErrorPages::new("https://as.example.com").contact(contact);
        let page = send(pages, Method::GET, "/errors/", "text/html").await;
        let (_, footer) = page.text().split_once("<footer>").expect("a footer");
        let href = footer.split_once("<a href=\"").map(|(_, rest)| rest);
        let href = href.and_then(|rest| rest.split('"').next());
        assert_eq!(href, link, "{contact}");
        let shown = contact.strip_prefix("mailto:").unwrap_or(contact);
        assert!(footer.contains(shown), "{contact}");
    }
}

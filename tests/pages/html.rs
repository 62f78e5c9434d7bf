//! The HTML is valid, as far as a strict reader of what these pages are made of can tell.

use std::collections::BTreeSet;

use http::Method;

use crate::setup::{all_paths, html, pages, send};

/// A page that was read.
pub(crate) struct Checked {
    /// Every tag, in its order, with the names of its attributes.
    pub(crate) tags: Vec<String>,
    pub(crate) value_of_the_field: String,
    pub(crate) links: Vec<String>,
    pub(crate) ids: Vec<String>,
}

const VOID: [&str; 2] = ["input", "meta"];
/// Each element of the pages, and where it may be.
const ELEMENTS: [(&str, &[&str]); 37] = [
    ("a", &["body", "dd", "h4", "li", "p"]),
    ("article", &["section"]),
    ("body", &["html"]),
    ("button", &["div"]),
    (
        "code",
        &["a", "dd", "figcaption", "h1", "li", "p", "pre", "summary"],
    ),
    ("datalist", &["form"]),
    ("dd", &["div", "dl"]),
    ("details", &["section"]),
    ("div", &["dl", "form", "main"]),
    ("dl", &["article", "main"]),
    ("dt", &["div", "dl"]),
    ("figcaption", &["figure"]),
    ("figure", &["main", "section"]),
    ("footer", &["body"]),
    ("form", &["header"]),
    ("h1", &["main"]),
    ("h2", &["main", "section"]),
    ("h3", &["section"]),
    ("h4", &["article"]),
    ("head", &["html"]),
    ("header", &["body"]),
    ("html", &[""]),
    ("input", &["div"]),
    ("label", &["form"]),
    ("li", &["ul"]),
    ("main", &["body"]),
    ("meta", &["head"]),
    ("nav", &["section"]),
    ("option", &["datalist"]),
    ("p", &["article", "footer", "header", "main", "section"]),
    ("pre", &["details", "figure"]),
    ("section", &["div", "main"]),
    ("span", &["h4", "li", "p"]),
    ("style", &["head"]),
    ("summary", &["details"]),
    ("title", &["head"]),
    ("ul", &["main", "nav", "section"]),
];
const ATTRIBUTES: [&str; 22] = [
    "action",
    "aria-labelledby",
    "autocapitalize",
    "autocomplete",
    "charset",
    "class",
    "content",
    "for",
    "href",
    "id",
    "lang",
    "list",
    "maxlength",
    "method",
    "name",
    "open",
    "required",
    "role",
    "spellcheck",
    "tabindex",
    "type",
    "value",
];

/// Reads a page, and panics if it is not well-formed, or has an element where none may be.
pub(crate) fn checked(page: &str) -> Checked {
    let mut rest = page.strip_prefix("<!DOCTYPE html>\n").expect("a doctype");
    let mut open: Vec<&str> = Vec::new();
    let mut found = Checked {
        tags: Vec::new(),
        value_of_the_field: String::new(),
        links: Vec::new(),
        ids: Vec::new(),
    };
    while let Some((text, after)) = rest.split_once('<') {
        check_text(text);
        let parent = open.last().copied().unwrap_or("");
        let holds_text = text.trim().is_empty()
            || ![
                "", "html", "head", "body", "ul", "dl", "form", "datalist", "header",
            ]
            .contains(&parent);
        assert!(holds_text, "{text:?} in {parent:?}");
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "before {:?}", start(rest));
            continue;
        }
        let name = tag.split(' ').next().expect("a name");
        let places = ELEMENTS.iter().find(|(element, _)| *element == name);
        let (_, parents) = places.unwrap_or_else(|| panic!("<{tag}>"));
        assert!(parents.contains(&parent), "<{tag}> in {parent:?}");
        let shape = read_attributes(tag, name, &mut found);
        found.tags.push(shape);
        if name == "style" {
            // Its text is not HTML.
            rest = &rest[rest.find("</style>").expect("the style ends")..];
        }
        if !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(rest, "\n");
    found
}

/// The name of the tag and those of its attributes.
fn read_attributes(tag: &str, name: &str, found: &mut Checked) -> String {
    let mut shape = name.to_owned();
    let mut seen = BTreeSet::new();
    let mut rest = &tag[name.len()..];
    while let Some(attribute) = rest.strip_prefix(' ') {
        let end = attribute.find(['=', ' ']).unwrap_or(attribute.len());
        let key = &attribute[..end];
        assert!(ATTRIBUTES.contains(&key), "<{tag}>");
        assert!(seen.insert(key), "<{tag}> has {key} twice");
        shape += &format!(" {key}");
        rest = &attribute[end..];
        let Some(quoted) = rest.strip_prefix("=\"") else {
            assert!(["open", "required"].contains(&key), "<{tag}>");
            continue;
        };
        let (value, after) = quoted.split_once('"').expect("a value ends");
        rest = after;
        check_text(value);
        let value = unescaped(value);
        match (name, key) {
            (_, "id") => {
                assert!(!value.is_empty() && !value.contains(char::is_whitespace));
                found.ids.push(value);
            }
            ("a", "href") => found.links.push(value),
            ("input", "value") => found.value_of_the_field = value,
            _ => {}
        }
    }
    assert!(rest.is_empty(), "<{tag}>");
    shape
}

/// Every `&` starts one of the references that the pages use.
fn check_text(text: &str) {
    assert!(!text.contains(['>', '"', '\'', '<']), "{text}");
    for (at, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
        assert!(known.iter().any(|it| text[at..].starts_with(it)), "{text}");
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

fn start(text: &str) -> String {
    text.chars().take(40).collect()
}

#[tokio::test]
async fn every_page_is_well_formed_and_each_element_is_where_it_may_be() {
    for path in all_paths() {
        let page = html(&path).await;
        let text = page.text();
        let checked = checked(text);
        let count = |start: &str| {
            let tags = checked.tags.iter();
            tags.filter(|tag| tag.split(' ').next() == Some(start))
                .count()
        };
        for once in ["h1", "main", "title", "header", "footer", "style"] {
            assert_eq!(count(once), 1, "{path}: {once}");
        }
        assert!(text.contains("<html lang=\"en\">"), "{path}");
        assert_eq!(
            checked.links[0], "#content",
            "{path}: the skip link is first"
        );
        for forbidden in ["script", "img", "link", "iframe", "object", "svg"] {
            assert!(!text.contains(&format!("<{forbidden}")), "{path}");
        }
        assert!(!text.contains("style=\""), "{path}");
        assert!(
            !text.contains("@import") && !text.contains("url("),
            "{path}"
        );
    }
    let refused = send(pages(), Method::POST, "/errors/", "text/html").await;
    checked(refused.text());
}

#[tokio::test]
async fn headings_skip_no_level() {
    for path in all_paths() {
        let page = html(&path).await;
        let mut last = 0;
        for tag in checked(page.text()).tags {
            let Some(level) = tag
                .strip_prefix('h')
                .and_then(|it| it[..1].parse::<u8>().ok())
            else {
                continue;
            };
            assert!(level <= last + 1, "{path}: h{level} after h{last}");
            last = level;
        }
    }
}

#[tokio::test]
async fn ids_are_unique_and_every_link_within_the_pages_leads_somewhere() {
    for path in all_paths() {
        let page = checked(html(&path).await.text());
        let ids: BTreeSet<_> = page.ids.iter().collect();
        assert_eq!(ids.len(), page.ids.len(), "{path}");
        for link in page.links {
            if let Some(anchor) = link.strip_prefix('#') {
                assert!(ids.contains(&anchor.to_owned()), "{path}: {link}");
            } else if link.starts_with('/') {
                let (to, anchor) = link.split_once('#').unwrap_or((&link, "content"));
                let there = html(to).await;
                assert_eq!(there.status, 200, "{path}: {link}");
                let there = checked(there.text());
                assert!(there.ids.iter().any(|id| id == anchor), "{path}: {link}");
            } else {
                let is_outside = link.starts_with("https://") || link.starts_with("mailto:");
                assert!(is_outside, "{path}: {link}");
            }
        }
    }
}

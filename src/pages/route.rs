//! Which page a request is for.

use std::borrow::Cow;

use super::{
    names::{self, Name},
    site::Site,
};
use crate::protocol::{
    incoming::{pairs, percent},
    outgoing::error_code::ErrorCode,
    trace_id::TraceId,
};

/// The longest text that is looked up.
pub(super) const MAX_LOOK_UP: usize = TraceId::MAX_LEN;

/// The longest query that is read. A longer one looks nothing up.
const MAX_QUERY: usize = 2048;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Index,
    Code(ErrorCode),
    /// Where the code or the reason that was looked up is.
    Elsewhere(String),
    /// A text that can be a trace id. Whether it is one, nobody knows here.
    TraceId(String),
    /// A text that cannot be looked up, cut to the length of what can.
    Nothing(String),
    NotFound,
}

impl Page {
    /// The page at a path, which the server in front may have shortened: axum's `nest_service` takes
    /// the prefix away, and so do many proxies.
    pub(super) fn at(site: &Site, path: &str, query: Option<&str>) -> Self {
        if let Some((folder, name)) = path.rsplit_once('/')
            && is_end_of_base(site, folder)
            && let Some(code) = names::code(name)
        {
            return Self::Code(code);
        }
        if !is_end_of_base(site, path.strip_suffix('/').unwrap_or(path)) {
            return Self::NotFound;
        }
        match query.and_then(looked_up) {
            Some(text) => Self::of_look_up(site, &text),
            None => Self::Index,
        }
    }

    fn of_look_up(site: &Site, text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            Self::Index
        } else if let Some(name) = Name::meant_by(text) {
            Self::Elsewhere(name.place(site))
        } else if TraceId::is_one(text) {
            Self::TraceId(text.to_owned())
        } else {
            Self::Nothing(text.chars().take(MAX_LOOK_UP).collect())
        }
    }
}

/// Whether the path is the base path, or what is left of it after some segments were taken away.
fn is_end_of_base(site: &Site, path: &str) -> bool {
    (path.is_empty() || path.starts_with('/')) && site.base().ends_with(path)
}

/// The value of the first `q`.
fn looked_up(query: &str) -> Option<Cow<'_, str>> {
    if query.len() > MAX_QUERY {
        return None;
    }
    let mut pairs = pairs::split(query.as_bytes());
    let (_, value) = pairs.find(|(name, _)| &query[name.clone()] == "q")?;
    Some(percent::decode_lossily(&query[value]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(base: &str) -> Site {
        let mut site = Site::new("https://as.example.com".to_owned());
        site.set_base(base);
        site
    }

    #[test]
    fn a_page_is_found_whether_or_not_the_prefix_was_taken_away() {
        let page = Page::Code(ErrorCode::InvalidClient);
        for (base, path, expected) in [
            ("/errors", "/errors/invalid_client", &page),
            ("/errors", "/invalid_client", &page),
            ("/t/errors", "/t/errors/invalid_client", &page),
            ("/t/errors", "/errors/invalid_client", &page),
            ("", "/invalid_client", &page),
            ("/errors", "/errors", &Page::Index),
            ("/errors", "/errors/", &Page::Index),
            ("/errors", "/", &Page::Index),
            ("/errors", "", &Page::Index),
            ("/t/errors", "/errors/", &Page::Index),
            ("", "/", &Page::Index),
            ("/errors", "/errors/INVALID_CLIENT", &Page::NotFound),
            ("/errors", "/errors/invalid_client/", &Page::NotFound),
            ("/errors", "/errors/wrong_secret", &Page::NotFound),
            ("/errors", "/other/invalid_client", &Page::NotFound),
            ("/errors", "/rrors/invalid_client", &Page::NotFound),
            ("/errors", "rrors", &Page::NotFound),
            ("/errors", "*", &Page::NotFound),
            ("/errors", "//", &Page::NotFound),
        ] {
            assert_eq!(
                &Page::at(&site(base), path, None),
                expected,
                "{base} {path}"
            );
        }
    }

    #[test]
    fn a_query_looks_a_name_or_a_trace_id_up() {
        let longest = "a".repeat(MAX_LOOK_UP);
        let elsewhere = |place: &str| Page::Elsewhere(place.to_owned());
        let trace_id = |id: &str| Page::TraceId(id.to_owned());
        let nothing = |text: &str| Page::Nothing(text.to_owned());
        for (query, expected) in [
            ("", Page::Index),
            ("q", Page::Index),
            ("q=", Page::Index),
            ("q=+%20", Page::Index),
            ("p=invalid_client", Page::Index),
            ("q=invalid_client", elsewhere("/errors/invalid_client")),
            ("q=+Invalid_Client%0A", elsewhere("/errors/invalid_client")),
            (
                "q=wrong_secret&q=throttled",
                elsewhere("/errors/invalid_client#wrong_secret"),
            ),
            (
                "q=throttled",
                elsewhere("/errors/temporarily_unavailable#throttled"),
            ),
            (
                "q=Wrong+secret",
                elsewhere("/errors/invalid_client#wrong_secret"),
            ),
            // A code and a reason.
            (
                "q=unsupported_grant_type",
                elsewhere("/errors/unsupported_grant_type"),
            ),
            ("q=0190-a.B_c", trace_id("0190-a.B_c")),
            ("q=invalid_cleint", trace_id("invalid_cleint")),
            (&format!("q={longest}"), trace_id(&longest)),
            (&format!("q={longest}a"), nothing(&longest)),
            ("q=two+words", nothing("two words")),
            ("q=%3Cscript%3E", nothing("<script>")),
            ("q=%ff%", nothing("\u{fffd}%")),
            (&format!("q={}", "a".repeat(MAX_QUERY)), Page::Index),
        ] {
            let page = Page::at(&site("/errors"), "/errors/", Some(query));
            assert_eq!(page, expected, "{query}");
        }
    }
}

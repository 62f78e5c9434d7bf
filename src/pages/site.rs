//! What the pages of one server have in common.

use crate::protocol::{
    outgoing::error_code::{self, ErrorCode},
    reason::RejectionReason,
};

/// The settings of the pages.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) issuer: String,
    /// The path of the index, without the slash at its end.
    base: String,
    pub(super) token_endpoint: Option<String>,
    pub(super) contact: Option<String>,
}

impl Site {
    pub(super) fn new(issuer: String) -> Self {
        Self {
            issuer,
            base: "/errors".to_owned(),
            token_endpoint: None,
            contact: None,
        }
    }

    /// Takes any text, and makes a path of it that can be in a header.
    pub(super) fn set_base(&mut self, path: &str) {
        let path = path.trim_matches('/').replace(['?', '#'], "");
        let path = error_code::within_uri_set(path.into());
        self.base = match &*path {
            "" => String::new(),
            path => format!("/{path}"),
        };
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    pub(super) fn index(&self) -> String {
        format!("{}/", self.base)
    }

    pub(super) fn page_of(&self, code: ErrorCode) -> String {
        format!("{}/{code}", self.base)
    }

    pub(super) fn place_of(&self, reason: RejectionReason) -> String {
        format!("{}#{reason}", self.page_of(reason.row().code))
    }

    /// The issuer without a slash at its end.
    pub(super) fn origin(&self) -> &str {
        self.issuer.trim_end_matches('/')
    }

    pub(super) fn token_endpoint(&self) -> String {
        match &self.token_endpoint {
            Some(url) => url.clone(),
            None => format!("{}/token", self.origin()),
        }
    }
}

/// The reasons for which a response has this code, in the order of the steps.
pub(super) fn reasons_of(code: ErrorCode) -> impl Iterator<Item = RejectionReason> {
    let all = RejectionReason::ALL.iter().copied();
    all.filter(move |reason| reason.row().code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_is_one_slash_and_what_a_uri_can_have() {
        for (path, base) in [
            ("/errors", "/errors"),
            ("errors/", "/errors"),
            ("/tenant/errors/", "/tenant/errors"),
            ("/", ""),
            ("", ""),
            ("//evil.example", "/evil.example"),
            ("/a b\r\n\"é?c#d", "/a%20b%0D%0A%22%C3%A9cd"),
        ] {
            let mut site = Site::new("https://as.example.com".to_owned());
            site.set_base(path);
            assert_eq!(site.base(), base, "{path:?}");
        }
    }
}

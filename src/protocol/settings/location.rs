//! Where an endpoint is: its path, and its public URL.

/// Where an endpoint is, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Location {
    /// `None` for every path.
    pub(crate) path: Option<Box<str>>,
    /// The public URL, if it is not the issuer followed by the path.
    pub(crate) url: Option<Box<str>>,
}

impl Location {
    pub(super) fn is_url(&self, issuer: &str, url: &str) -> bool {
        match &self.url {
            Some(own) => **own == *url,
            None => self.is_path(issuer, url),
        }
    }

    /// Whether the URL is the issuer followed by the path.
    pub(super) fn is_path(&self, issuer: &str, url: &str) -> bool {
        let path = url.strip_prefix(base(issuer));
        path.is_some() && path == self.path.as_deref()
    }

    /// The public URL, if it is known.
    pub(super) fn url(&self, issuer: &str) -> Option<String> {
        match (&self.url, &self.path) {
            (Some(url), _) => Some(url.to_string()),
            (None, Some(path)) => Some(format!("{}{path}", base(issuer))),
            (None, None) => None,
        }
    }
}

/// What a path is appended to.
fn base(issuer: &str) -> &str {
    issuer.trim_end_matches('/')
}

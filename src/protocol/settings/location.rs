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
    /// Whether a request with this path is for the endpoint. Every path is, if none is set.
    pub(crate) fn includes(&self, path: &str) -> bool {
        self.path.as_deref().is_none_or(|own| own == path)
    }

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
        match &self.url {
            Some(url) => Some(url.to_string()),
            None => self.path_url(issuer),
        }
    }

    /// The issuer followed by the path.
    pub(super) fn path_url(&self, issuer: &str) -> Option<String> {
        let path = self.path.as_deref()?;
        Some(format!("{}{path}", base(issuer)))
    }

    /// Whether a URL of the endpoint is known.
    pub(crate) const fn is_known(&self) -> bool {
        self.url.is_some() || self.path.is_some()
    }
}

/// What a path is appended to.
fn base(issuer: &str) -> &str {
    issuer.trim_end_matches('/')
}

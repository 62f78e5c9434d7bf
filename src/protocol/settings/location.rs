//! Where an endpoint is: its path, and its public URL.

use std::{fmt, sync::Arc};

/// Where an endpoint is, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Location {
    /// `None` if it is not known.
    pub(crate) path: Option<Box<str>>,
    /// The paths of its requests, if they are not only [`path`](Self::path).
    pub(crate) paths: Option<PathPredicate>,
    /// The public URL, if it is not the issuer followed by the path.
    pub(crate) url: Option<Box<str>>,
}

/// Tells whether a path is one of the endpoint.
#[derive(Clone)]
pub(crate) struct PathPredicate(Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl PathPredicate {
    pub(crate) fn new(predicate: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(predicate))
    }

    pub(crate) fn includes(&self, path: &str) -> bool {
        (self.0)(path)
    }
}

impl fmt::Debug for PathPredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PathPredicate").finish_non_exhaustive()
    }
}

impl Location {
    /// Whether a request with this path is for the endpoint. Every path is, if none is set.
    pub(crate) fn includes(&self, path: &str) -> bool {
        match (&self.paths, &self.path) {
            (Some(paths), _) => paths.includes(path),
            (None, Some(own)) => **own == *path,
            (None, None) => true,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_included_unless_one_is_set() {
        let mut location = Location::default();
        assert!(location.includes("/token") && location.includes("/"));
        location.path = Some("/token".into());
        for (path, included) in [("/token", true), ("/token/", false), ("/", false)] {
            assert_eq!(location.includes(path), included, "{path}");
        }
    }

    #[test]
    fn only_the_paths_of_the_predicate_are_included() {
        let location = Location {
            path: Some("/token".into()),
            paths: Some(PathPredicate::new(|path| path.ends_with("/token"))),
            url: None,
        };
        for (path, included) in [("/token", true), ("/a/token", true), ("/tokens", false)] {
            assert_eq!(location.includes(path), included, "{path}");
        }
        let shown = format!("{location:?}");
        assert!(shown.contains("PathPredicate { .. }"), "{shown}");
    }
}

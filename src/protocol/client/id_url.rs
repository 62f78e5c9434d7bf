//! Client identifiers that are URLs of documents.

use std::{error::Error, fmt};

use crate::protocol::uri;

/// Client identifier that is the `https` URL of a client metadata document
/// (draft-ietf-oauth-client-id-metadata-document §3).
///
/// It has a path other than `/`. It has no user, no password, no fragment, and no path segment that is `.` or `..`.
/// It may have a port and a query. It is compared byte for byte: another spelling is another client.
///
/// ```
/// use tower_token_endpoint::client::ClientIdUrl;
///
/// let url = ClientIdUrl::parse("https://app.example.com/oauth/client.json")?;
/// assert_eq!(url.host(), "app.example.com");
/// assert!(ClientIdUrl::parse("s6BhdRkqt3").is_err());
/// assert!(ClientIdUrl::parse("https://app.example.com/").is_err());
/// # Ok::<_, tower_token_endpoint::client::ParseClientIdUrlError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientIdUrl<'a> {
    url: &'a str,
    host: &'a str,
}

/// A longer one is not the URL of a document. The specification recommends short ones.
const MAX_LEN: usize = 2048;

impl<'a> ClientIdUrl<'a> {
    /// Reads the URL.
    ///
    /// # Errors
    ///
    /// Returns an error if the identifier is not such a URL, or is longer than 2,048 bytes.
    pub fn parse(client_id: &'a str) -> Result<Self, ParseClientIdUrlError> {
        Self::of_schemes(client_id, &["https"])
    }

    /// The same with other schemes, for tests.
    pub(crate) fn of_schemes(
        url: &'a str,
        schemes: &[&str],
    ) -> Result<Self, ParseClientIdUrlError> {
        // Most ids are no URLs, so this comes first.
        let (scheme, rest) = url.split_once("://").ok_or(Problem::NotHttps)?;
        if !schemes.iter().any(|it| scheme.eq_ignore_ascii_case(it)) {
            return Err(Problem::NotHttps.into());
        }
        if url.len() > MAX_LEN {
            return Err(Problem::TooLong.into());
        }
        if rest.contains('#') {
            return Err(Problem::Fragment.into());
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        if authority.contains('@') {
            return Err(Problem::UserInformation.into());
        }
        let path = rest.split('?').next().unwrap_or_default();
        if matches!(path, "" | "/") {
            return Err(Problem::NoPath.into());
        }
        if path.split('/').any(is_dot_segment) {
            return Err(Problem::DotSegment.into());
        }
        if rest.contains(['[', ']']) || !uri::is_http_url(url) {
            return Err(Problem::NotAUrl.into());
        }
        let host = match authority.rsplit_once(':') {
            Some((host, _)) if !authority.ends_with(']') => host,
            Some(_) | None => authority,
        };
        Ok(Self { url, host })
    }

    /// Returns the identifier as it was sent.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.url
    }

    /// Returns the host, without the port, as it was sent. Show it to the user who is asked to approve:
    /// it is the only part of the registration that the client did not choose freely
    /// (draft-ietf-oauth-client-id-metadata-document §6.4).
    ///
    /// Hosts are compared without regard to case.
    #[must_use]
    pub const fn host(self) -> &'a str {
        self.host
    }
}

/// `.` or `..`, also with escapes, which URL libraries resolve in the same way.
fn is_dot_segment(segment: &str) -> bool {
    let mut rest = segment;
    let mut dots = 0;
    while !rest.is_empty() {
        rest = match rest.as_bytes() {
            [b'.', ..] => &rest[1..],
            [b'%', b'2', b'e' | b'E', ..] => &rest[3..],
            _ => return false,
        };
        dots += 1;
    }
    matches!(dots, 1 | 2)
}

impl fmt::Display for ClientIdUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url)
    }
}

/// Error returned when a client identifier is not a [`ClientIdUrl`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseClientIdUrlError(Problem);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    NotHttps,
    TooLong,
    Fragment,
    UserInformation,
    NoPath,
    DotSegment,
    NotAUrl,
}

impl From<Problem> for ParseClientIdUrlError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl fmt::Display for ParseClientIdUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Problem::NotHttps => "the client identifier does not start with https://",
            Problem::TooLong => "the client identifier is longer than 2048 bytes",
            Problem::Fragment => "the URL has a `#`: leave the fragment out",
            Problem::UserInformation => "the URL has an `@` before the path: leave user and password out",
            Problem::NoPath => {
                "the URL has no path: use one such as https://app.example.com/oauth/client.json"
            }
            Problem::DotSegment => "the URL has a segment `.` or `..`: write the path without it",
            Problem::NotAUrl => {
                "the client identifier must be https://, a host, perhaps a port, a path and perhaps \
                 a query (RFC 3986)"
            }
        })
    }
}

impl Error for ParseClientIdUrlError {}

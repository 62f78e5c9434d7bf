//! Documents over https.

use http::{HeaderValue, StatusCode};

use super::source::{DocumentSource, FetchedDocument};
use crate::{
    error::BoxError,
    protocol::{client::id_url::ClientIdUrl, quoted::SingleQuoted},
    store::fetch::{
        GuardedFetch,
        error::FetchError,
        wanted::{Fetched, Subject, Wanted},
    },
};

/// [`DocumentSource`] that fetches over https, only from public addresses.
///
/// It is what [`ClientDocuments`](super::ClientDocuments) uses by default. A source of your own can be put around it,
/// to count or to log:
///
/// ```no_run
/// use tower_token_endpoint::{
///     BoxError,
///     client::documents::{DocumentSource, FetchedDocument, HttpDocumentSource},
/// };
///
/// struct Logged(HttpDocumentSource);
///
/// impl DocumentSource for Logged {
///     type Error = BoxError;
///
///     async fn fetch(&self, client_id: &str) -> Result<FetchedDocument, BoxError> {
///         println!("fetching {client_id:?}");
///         self.0.fetch(client_id).await
///     }
///
///     fn check(&self, client_id: &str) -> Result<(), BoxError> {
///         self.0.check(client_id)
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct HttpDocumentSource {
    fetch: GuardedFetch,
    max_bytes: usize,
}

/// The default of `max_bytes`, which the specification recommends.
pub(super) const DEFAULT_MAX_BYTES: usize = 5 * 1024;

const DOCUMENT: Subject = Subject {
    member: "client_id",
    content: "client metadata document",
};

impl HttpDocumentSource {
    /// Makes a source that trusts the root certificates of the system: see [`GuardedFetch::new`].
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no certificates.
    pub fn new() -> Result<Self, FetchError> {
        GuardedFetch::new().map(Self::with_fetch)
    }

    /// Makes a source that fetches with these settings.
    pub fn with_fetch(fetch: GuardedFetch) -> Self {
        Self {
            fetch,
            max_bytes: DEFAULT_MAX_BYTES,
        }
    }

    /// Sets how long a document may be, in bytes. A longer one is not read to its end.
    ///
    /// **Default: 5 KiB.** [`ClientDocumentsBuilder::max_bytes`](crate::client::documents::ClientDocumentsBuilder::max_bytes)
    /// limits it as well.
    ///
    /// draft-ietf-oauth-client-id-metadata-document §6.6.
    pub fn max_bytes(mut self, limit: usize) -> Self {
        self.max_bytes = limit;
        self
    }
}

impl DocumentSource for HttpDocumentSource {
    type Error = BoxError;

    async fn fetch(&self, client_id: &str) -> Result<FetchedDocument, BoxError> {
        let wanted = Wanted {
            accept: "application/json",
            // A 404 is not among them: it is how many sites respond in an outage.
            gone: &[StatusCode::GONE],
            max_bytes: self.max_bytes,
            subject: &DOCUMENT,
        };
        let content = match self.fetch.get(client_id, &wanted).await {
            Ok(Fetched::Content(content)) => content,
            Ok(Fetched::Gone { .. }) => return Ok(FetchedDocument::gone()),
            Err(error) if error.is_refused() => return Ok(FetchedDocument::refused(error)),
            Err(error) => return Err(error.into()),
        };
        if !content.content_type.as_ref().is_some_and(is_json) {
            let found = content.content_type.unwrap_or(HeaderValue::from_static(""));
            let found = String::from_utf8_lossy(found.as_bytes());
            let host = ClientIdUrl::of_schemes(client_id, &["https", "http"]);
            let host = host.map_or("", ClientIdUrl::host);
            let found = SingleQuoted(&found);
            return Err(format!(
                "`client_id` at {host:?}: the response has the media type {found} instead of application/json"
            )
            .into());
        }
        let document = FetchedDocument::new(content.body);
        Ok(match content.fresh_for {
            Some(fresh_for) => document.max_age(fresh_for),
            None => document,
        })
    }

    fn check(&self, client_id: &str) -> Result<(), BoxError> {
        Ok(self.fetch.check(client_id, &DOCUMENT)?)
    }
}

/// `application/json` or `application/…+json`, with any parameters
/// (draft-ietf-oauth-client-id-metadata-document §4.1).
fn is_json(media_type: &HeaderValue) -> bool {
    let Ok(text) = media_type.to_str() else {
        return false;
    };
    let essence = text.split(';').next().unwrap_or_default();
    let essence = essence.trim_matches([' ', '\t']).to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
    let is_own = |name: &str| !name.is_empty() && name.bytes().all(is_token);
    subtype == "json" || subtype.strip_suffix("+json").is_some_and(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_of_an_application_is_a_document() {
        for good in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json ;charset=utf-8",
            " application/json\t;x=\"a;b\"",
            "application/oauth-client-id+json",
            "application/vnd.a.b+json",
            "application/ld+json; profile=x",
        ] {
            let value = HeaderValue::from_str(good).expect(good);
            assert!(is_json(&value), "{good}");
        }
        for bad in [
            "",
            "json",
            "text/json",
            "text/html",
            "text/plain; charset=utf-8",
            "application/javascript",
            "application/jsonp",
            "application/json5",
            "application/+json",
            "application/a b+json",
            "application/json, text/html",
            "application/a+json, application/json",
            "application/json+xml",
            "application/xml; x=+json",
        ] {
            let value = HeaderValue::from_str(bad).expect(bad);
            assert!(!is_json(&value), "{bad}");
        }
    }
}

//! Documents over https.

use http::{HeaderValue, StatusCode};

use super::source::{DocumentSource, FetchedDocument};
use crate::{
    error::BoxError,
    protocol::{client::id_url::ClientIdUrl, quoted::SingleQuoted},
    store::fetch::{
        GuardedFetch,
        wanted::{Fetched, Subject, Wanted},
    },
};

/// [`DocumentSource`] that fetches over https, only from public addresses.
pub(super) struct HttpDocumentSource {
    fetch: GuardedFetch,
    max_bytes: usize,
}

const DOCUMENT: Subject = Subject {
    member: "client_id",
    content: "client metadata document",
};

impl HttpDocumentSource {
    pub(super) const fn new(fetch: GuardedFetch, max_bytes: usize) -> Self {
        Self { fetch, max_bytes }
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

    fn check(&self, client_id: ClientIdUrl<'_>) -> Result<(), BoxError> {
        Ok(self.fetch.check(client_id.as_str(), &DOCUMENT)?)
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

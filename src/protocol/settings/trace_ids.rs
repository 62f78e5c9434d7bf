//! Where the identifier of a request comes from.

use std::{fmt, sync::Arc};

use http::{Extensions, HeaderMap, HeaderName};

use crate::protocol::trace_id::TraceId;

/// Setting that decides where the [`TraceId`] of a request comes from.
///
/// Set it with [`trace_ids`](crate::layer::TokenEndpointLayerBuilder::trace_ids):
///
/// ```
/// use http::HeaderName;
/// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, layer::TraceIds};
///
/// let trace_ids = TraceIds::new()
///     .header(HeaderName::from_static("x-request-id"))
///     .traceparent();
///
/// # let clients = MemoryClientStore::from_json(b"[]")?;
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .trace_ids(trace_ids)
///     .build()?;
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
///
/// The first of these that the request has decides, in this order: the [extension](Self::extension),
/// the [headers](Self::header), the [`traceparent`](Self::traceparent). If it is not an identifier, or
/// is there twice, or if the request has none of them, a new identifier is made: a UUID of version 7
/// (RFC 9562 §5.7).
///
/// Anybody who reaches the server can choose what is in a header. Read only headers that a proxy
/// in front sets, or that it removes.
#[derive(Clone, Default)]
pub struct TraceIds {
    extension: Option<Arc<OfExtensions>>,
    headers: Vec<HeaderName>,
    is_traceparent_read: bool,
}

/// `None` if there is none; `Some(None)` if it is not an identifier.
type OfExtensions = dyn Fn(&Extensions) -> Option<Option<TraceId>> + Send + Sync;

impl TraceIds {
    /// Makes a new identifier for every request.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the identifier from an extension of the request, which a layer outside has set.
    ///
    /// **Default: none.** A second call replaces the first.
    ///
    /// ```
    /// use tower_http::request_id::RequestId;
    /// use tower_token_endpoint::layer::TraceIds;
    ///
    /// let trace_ids = TraceIds::new()
    ///     .extension(|id: &RequestId| id.header_value().to_str().ok());
    /// ```
    #[must_use]
    pub fn extension<T: Send + Sync + 'static>(
        mut self,
        text: impl Fn(&T) -> Option<&str> + Send + Sync + 'static,
    ) -> Self {
        self.extension = Some(Arc::new(move |extensions: &Extensions| {
            let extension = extensions.get::<T>()?;
            Some(text(extension).and_then(TraceId::read))
        }));
        self
    }

    /// Takes the identifier from a header of the request, such as `x-request-id`.
    ///
    /// **Default: none.** Several headers are looked for in the order of the calls.
    #[must_use]
    pub fn header(mut self, name: HeaderName) -> Self {
        if name == TRACEPARENT {
            return self.traceparent();
        }
        self.headers.push(name);
        self
    }

    /// Takes the identifier from the `trace-id` of the header `traceparent` ([W3C Trace Context]
    /// §3.2).
    ///
    /// **Default: the header is not read.**
    ///
    /// [W3C Trace Context]: https://www.w3.org/TR/trace-context/
    #[must_use]
    pub fn traceparent(mut self) -> Self {
        self.is_traceparent_read = true;
        self
    }

    /// The identifier that the request has. `None` if a new one has to be made.
    pub(crate) fn find(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<TraceId> {
        let of_extension = self.extension.as_ref();
        if let Some(found) = of_extension.and_then(|found| found(extensions)) {
            return found;
        }
        let named = self
            .headers
            .iter()
            .map(|name| (name, TraceId::read as Read));
        let traceparent = TRACEPARENT;
        let traceparent = self
            .is_traceparent_read
            .then_some((&traceparent, TraceId::of_traceparent as Read));
        for (name, read) in named.chain(traceparent) {
            let mut values = headers.get_all(name).iter();
            if let Some(value) = values.next() {
                let only = Some(value).filter(|_| values.next().is_none());
                return only.and_then(|value| read(value.to_str().ok()?));
            }
        }
        None
    }
}

type Read = fn(&str) -> Option<TraceId>;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

impl fmt::Debug for TraceIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceIds")
            .field("extension", &self.extension.is_some())
            .field("headers", &self.headers)
            .field("traceparent", &self.is_traceparent_read)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request, request::Parts};

    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const NAME: HeaderName = HeaderName::from_static("x-request-id");

    #[derive(Clone)]
    struct Id(&'static str);

    fn request(headers: &[(&'static str, &'static str)], id: Option<&'static str>) -> Parts {
        let (mut parts, ()) = Request::new(()).into_parts();
        for (name, value) in headers {
            parts.headers.append(*name, HeaderValue::from_static(value));
        }
        if let Some(id) = id {
            parts.extensions.insert(Id(id));
        }
        parts
    }

    #[test]
    fn the_first_that_the_request_has_decides() {
        let all = TraceIds::new()
            .traceparent()
            .header(NAME)
            .extension(|id: &Id| Some(id.0));
        let header = TraceIds::new().header(NAME);
        let parent = TraceIds::new().traceparent();
        let (id, both) = (
            ("x-request-id", "h"),
            [("x-request-id", "h"), ("traceparent", PARENT)],
        );
        let wrong = [("x-request-id", "a b"), ("traceparent", PARENT)];
        let twice = [id, id, ("traceparent", PARENT)];
        let empty = [("x-request-id", "")];
        let parents = [("traceparent", PARENT), ("traceparent", PARENT)];
        for (ids, request, expected) in [
            (&all, request(&both, Some("e")), Some("e")),
            (&all, request(&both, Some("e f")), None),
            (&all, request(&both, None), Some("h")),
            (&all, request(&both[1..], None), Some(TRACE)),
            (&all, request(&wrong, None), None),
            (&all, request(&twice, None), None),
            (&all, request(&empty, None), None),
            (&all, request(&[], None), None),
            (&header, request(&both, Some("e")), Some("h")),
            (&header, request(&both[1..], Some("e")), None),
            (&parent, request(&both, Some("e")), Some(TRACE)),
            (&parent, request(&parents, None), None),
            (
                &parent,
                request(&[("traceparent", "00-4bf9-00f0-01")], None),
                None,
            ),
            (&TraceIds::new(), request(&both, Some("e")), None),
        ] {
            let found = ids.find(&request.extensions, &request.headers);
            let found = found.as_ref().map(TraceId::as_str);
            assert_eq!(found, expected, "{ids:?} {request:?}");
        }
    }
}

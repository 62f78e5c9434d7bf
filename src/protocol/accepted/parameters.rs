//! The parameters of an accepted request, without the client's credentials.

use std::fmt;

use super::span::Span;
use crate::protocol::wipe::WipedText;

/// Decoded parameters of an accepted request.
///
/// [`TokenRequest::parameters`](crate::TokenRequest::parameters) returns them. Parameters
/// without a value are left out, as RFC 6749 §3.2 requires. The credentials
/// `client_secret`, `client_assertion` and `client_assertion_type` are also left out.
///
/// Values such as `code`, `password` and `refresh_token` are secrets. Therefore `Debug`
/// shows only the number of parameters, and all of them are wiped when they are dropped.
///
/// ```
/// use tower_token_endpoint::TokenRequest;
///
/// fn device(request: &TokenRequest) -> Option<&str> {
///     request.parameters().get("device_id")
/// }
/// ```
pub struct Parameters {
    /// All names and values.
    text: WipedText,
    /// Sorted by name.
    spans: Vec<Span>,
}

impl Parameters {
    /// `spans` are sorted by name and are all within the text.
    pub(crate) const fn new(text: WipedText, spans: Vec<Span>) -> Self {
        Self { text, spans }
    }

    /// Returns the value of a parameter. If it was sent several times, this is the first
    /// value that is not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// Returns every value of a parameter, in the order in which they were sent.
    ///
    /// Two kinds of parameters can have more than one value:
    ///
    /// - `resource` (RFC 8707 §2), `audience` (RFC 8693 §2.1), and those that an extension
    ///   grant may [repeat](crate::grant::GrantParameters::repeatable).
    /// - Parameters that neither a specification nor the grant defines. The layer ignores them
    ///   (RFC 6749 §3.2 with erratum 5708). If you use one, name it in
    ///   [`extension_grant`](crate::layer::TokenEndpointLayerBuilder::extension_grant), or
    ///   check that it has one value.
    ///
    /// Every other parameter has at most one value, since the layer refuses a request that
    /// repeats it.
    pub fn get_all<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s str> {
        // Not by a search for the place in the order: nearly all names differ in
        // length, which is seen sooner.
        let spans = self.spans.iter();
        spans
            .filter(move |span| span.is_named(&self.text, name))
            .map(|span| span.value(&self.text))
    }

    /// Returns every parameter and its value, sorted by name. A parameter that was sent several
    /// times is there several times, in the order in which its values were sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let spans = self.spans.iter();
        spans.map(|span| (span.name(&self.text), span.value(&self.text)))
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parameters")
            .field("len", &self.spans.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{incoming::form::Form, settings::Settings};

    fn parameters(body: &str) -> Parameters {
        let settings = Settings::new("https://as.example.com".into());
        let form = Form::parse(body.as_bytes(), None, &settings);
        let form = form.unwrap_or_else(|rejection| panic!("{rejection}"));
        form.parameters
    }

    #[test]
    fn each_name_has_its_own_values() {
        let parameters = parameters("resource=z&x=&code=canary&a=%C3%A9&x=2&resource=b&x=1");
        assert_eq!(parameters.get("code"), Some("canary"));
        assert_eq!(parameters.get("a"), Some("é"));
        assert_eq!(
            parameters.get_all("resource").collect::<Vec<_>>(),
            ["z", "b"]
        );
        assert_eq!(parameters.get("x"), Some("2"));
        assert_eq!(parameters.get_all("x").collect::<Vec<_>>(), ["2", "1"]);
        let all: Vec<_> = parameters.iter().collect();
        let of = |name: &str| all.iter().filter(|pair| pair.0 == name).count();
        assert!(all.is_sorted_by_key(|pair| pair.0));
        assert_eq!(["a", "code", "resource", "x"].map(of), [1, 1, 2, 2]);
        for absent in ["", "cod", "codex", "z"] {
            assert_eq!(parameters.get(absent), None, "{absent}");
        }
    }

    #[test]
    fn debug_shows_only_how_many() {
        let parameters = parameters("canary=1&code=canary&a=1");
        assert_eq!(format!("{parameters:?}"), "Parameters { len: 3, .. }");
    }
}

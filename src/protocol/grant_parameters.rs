//! The parameters that an extension grant defines.

/// Parameters that an extension grant defines, for
/// [`extension_grant`](crate::layer::TokenEndpointLayerBuilder::extension_grant).
///
/// A request of the grant must not have any of them twice (RFC 6749 §3.2), except those that are
/// [`repeatable`](Self::repeatable). A list of names is short for [`required`](Self::required).
///
/// ```
/// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, grant::GrantParameters};
///
/// let parameters = GrantParameters::new()
///     .required(["ticket"])
///     .optional(["seat"])
///     .repeatable(["companion"]);
///
/// # let clients = MemoryClientStore::from_json(b"[]")?;
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .extension_grant("urn:example:grant-type:ticket", parameters)
///     .build()?;
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "pass it to `extension_grant`"]
pub struct GrantParameters {
    required: Vec<Box<str>>,
    optional: Vec<Box<str>>,
    repeatable: Vec<Box<str>>,
}

impl GrantParameters {
    /// Returns a value without parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds parameters that every request of the grant must have.
    pub fn required<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        add(&mut self.required, names);
        self
    }

    /// Adds parameters that a request of the grant may have.
    pub fn optional<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        add(&mut self.optional, names);
        self
    }

    /// Adds parameters that a request of the grant may have several times. If a request must
    /// have one of them, it must also be [`required`](Self::required).
    pub fn repeatable<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        add(&mut self.repeatable, names);
        self
    }

    /// The names that every request must have.
    pub(crate) fn required_names(&self) -> impl Iterator<Item = &str> {
        self.required.iter().map(AsRef::as_ref)
    }

    pub(crate) fn repeatable_names(&self) -> impl Iterator<Item = &str> {
        self.repeatable.iter().map(AsRef::as_ref)
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let others = self.optional.iter().chain(&self.repeatable);
        self.required_names().chain(others.map(AsRef::as_ref))
    }

    /// Whether a request must not have it twice.
    pub(crate) fn occurs_once(&self, name: &str) -> bool {
        self.names().any(|own| own == name) && self.repeatable_names().all(|own| own != name)
    }

    /// Adds those of another call for the same grant.
    pub(crate) fn add(&mut self, other: &Self) {
        add(&mut self.required, other.required.iter().cloned());
        add(&mut self.optional, other.optional.iter().cloned());
        add(&mut self.repeatable, other.repeatable.iter().cloned());
    }
}

fn add<N: Into<String>>(names: &mut Vec<Box<str>>, more: impl IntoIterator<Item = N>) {
    for name in more {
        let name = name.into().into_boxed_str();
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

/// [`required`](GrantParameters::required) parameters.
impl From<&[&str]> for GrantParameters {
    fn from(required: &[&str]) -> Self {
        Self::new().required(required.iter().copied())
    }
}

/// [`required`](GrantParameters::required) parameters.
impl<const N: usize> From<&[&str; N]> for GrantParameters {
    fn from(required: &[&str; N]) -> Self {
        required.as_slice().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_occurs_once_unless_it_is_repeatable() {
        let parameters = GrantParameters::new()
            .required(["ticket", "seat", "ticket"])
            .optional(["row"])
            .repeatable(["seat", "companion"]);
        for name in ["ticket", "row"] {
            assert!(parameters.occurs_once(name), "{name}");
        }
        for name in ["seat", "companion", "venue", ""] {
            assert!(!parameters.occurs_once(name), "{name}");
        }
        let required: Vec<_> = parameters.required_names().collect();
        assert_eq!(required, ["ticket", "seat"]);
    }

    #[test]
    fn a_list_of_names_is_required() {
        let expected = GrantParameters::new().required(["ticket", "venue"]);
        assert_eq!(GrantParameters::from(&["ticket", "venue"]), expected);
        assert_eq!(GrantParameters::from(&["ticket", "venue"][..]), expected);
        assert_eq!(GrantParameters::from(&[]), GrantParameters::new());
    }
}

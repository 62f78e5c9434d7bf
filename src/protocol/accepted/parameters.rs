//! The parameters of an accepted request, without the client's credentials.

use std::fmt;

use zeroize::Zeroizing;

use crate::protocol::incoming::form::{Form, wipe};

/// The parameters of a request that was accepted, decoded.
///
/// Those without a value are left out, as RFC 6749 §3.2 has it, and so are
/// `client_secret`, `client_assertion` and `client_assertion_type`. The values
/// may be secrets themselves (`code`, `password`, `refresh_token`), and so may a
/// name, of a form that lost its `=`: `Debug` shows how many there are, and
/// dropping wipes them.
pub struct Parameters {
    /// All names and values, one after the other.
    text: Zeroizing<String>,
    /// Sorted by name.
    ends: Vec<Ends>,
}

/// Where a name and its value end in the text.
#[derive(Clone, Copy)]
struct Ends {
    name: usize,
    value: usize,
}

impl Parameters {
    pub(crate) fn of(form: Form<'_>) -> Self {
        let length = form
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        let mut text = Zeroizing::new(String::with_capacity(length));
        // Collected in the memory of the pairs, which are of no use any more.
        let ends = form.into_pairs().map(|(mut name, mut value)| {
            text.push_str(&name);
            let name_end = text.len();
            text.push_str(&value);
            wipe(&mut name);
            wipe(&mut value);
            Ends {
                name: name_end,
                value: text.len(),
            }
        });
        let ends = ends.collect();
        Self { text, ends }
    }

    /// The value of a parameter, the first one where it may be repeated.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// Every value of a parameter, in the order in which they were sent. Only
    /// `resource` (RFC 8707) and `audience` (RFC 8693) may have more than one.
    pub fn get_all<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s str> {
        self.iter()
            .skip_while(move |&(own, _)| own < name)
            .take_while(move |&(own, _)| own == name)
            .map(|(_, value)| value)
    }

    /// Every parameter and its value, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&Ends { name, value }| {
            let pair = (&self.text[start..name], &self.text[name..value]);
            start = value;
            pair
        })
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parameters")
            .field("len", &self.ends.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(body: &str) -> Parameters {
        let form = Form::parse(body.as_bytes()).unwrap_or_else(|rejection| panic!("{rejection}"));
        Parameters::of(form)
    }

    #[test]
    fn each_name_has_its_own_values() {
        let parameters = parameters("resource=z&code=canary&a=%C3%A9&resource=b");
        assert_eq!(parameters.get("code"), Some("canary"));
        assert_eq!(parameters.get("a"), Some("é"));
        assert_eq!(
            parameters.get_all("resource").collect::<Vec<_>>(),
            ["z", "b"]
        );
        for absent in ["", "cod", "codex", "z"] {
            assert_eq!(parameters.get(absent), None, "{absent}");
        }
    }

    #[test]
    fn debug_shows_how_many_alone() {
        let parameters = parameters("canary=1&code=canary&a=1");
        assert_eq!(format!("{parameters:?}"), "Parameters { len: 3, .. }");
    }
}

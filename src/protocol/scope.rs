//! Scopes, which are lists of tokens (RFC 6749 §3.3).

use std::{collections::HashSet, fmt, iter};

/// Scope, a list of tokens with one space between each two ([RFC 6749 §3.3]).
///
/// A token is printable ASCII without `"` and `\`, and is case-sensitive. A scope that
/// [`parse`](Scope::parse) returns has at least one token. Only the scope of a client that is
/// registered with an empty one [is empty](Scope::is_empty).
///
/// ```
/// use tower_token_endpoint::grant::Scope;
///
/// let scope = Scope::parse("read write")?;
/// assert!(scope.contains("write"));
/// assert!(Scope::parse("read  write").is_err());
/// # Ok::<_, tower_token_endpoint::grant::ParseScopeError>(())
/// ```
///
/// [RFC 6749 §3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scope<'a>(&'a str);

impl<'a> Scope<'a> {
    /// Parses a scope.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is empty, has a character outside of the grammar, has a
    /// space at either end, or has two spaces in a row.
    pub fn parse(text: &'a str) -> Result<Self, ParseScopeError> {
        let well_formed = text
            .as_bytes()
            .split(|&byte| byte == b' ')
            .all(|token| !token.is_empty() && token.iter().all(|&byte| is_nqchar(byte)));
        if well_formed {
            Ok(Self(text))
        } else {
            Err(ParseScopeError(()))
        }
    }

    /// Makes a scope of a text that [`parse`](Self::parse) has accepted before.
    pub(crate) const fn parsed(text: &'a str) -> Self {
        Self(text)
    }

    /// Returns the whole scope as it was sent or registered.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Returns whether there is no token: the client may not ask for any scope.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Returns the tokens in their order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        // An empty text would be split into one token without characters.
        self.0.split(' ').filter(|token| !token.is_empty())
    }

    /// Returns whether the scope has this token. Tokens are case-sensitive.
    #[must_use]
    pub fn contains(self, token: &str) -> bool {
        self.iter().any(|own| own == token)
    }

    /// Returns whether the scope has every token of `other`.
    #[must_use]
    pub fn includes(self, other: Scope<'_>) -> bool {
        const FEW: usize = 16;
        if self.is_empty() {
            return other.is_empty();
        }
        // By bytes, since a space is one byte in UTF-8.
        let tokens = |scope: Scope<'a>| scope.0.as_bytes().split(|&byte| byte == b' ');
        let mut others = other.0.as_bytes().split(|&byte| byte == b' ');
        let is_included = others
            .by_ref()
            .take(FEW)
            .all(|token| tokens(self).any(|own| own == token));
        if !is_included {
            return false;
        }
        let Some(next) = others.next() else {
            return true;
        };
        // A request may ask for thousands of tokens, which must not cost their number times
        // the number of tokens of this scope.
        let own: HashSet<_> = tokens(self).collect();
        iter::once(next)
            .chain(others)
            .all(|token| own.contains(token))
    }
}

impl fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// NQCHAR of RFC 6749 appendix A.
const fn is_nqchar(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

/// Error returned when a string is not a [`Scope`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseScopeError(());

impl fmt::Display for ParseScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a scope must be tokens of printable ASCII without '\"' and '\\', \
             with one space between each two (RFC 6749 §3.3)",
        )
    }
}

impl std::error::Error for ParseScopeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar_of_rfc_6749_appendix_a_4() {
        for good in ["a", "a b", "!#[]~", "https://api.example/read:x", "a a"] {
            assert!(Scope::parse(good).is_ok(), "{good:?}");
        }
        for bad in [
            "", " ", " a", "a ", "a  b", "a\tb", "a\"", "a\\", "é", "a\u{7f}", "a\n",
        ] {
            assert!(Scope::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_scope_includes_its_parts_and_nothing_else() {
        let registered = Scope::parse("read write").expect("grammar");
        for (asked, included) in [
            ("read", true),
            ("write read", true),
            ("read read", true),
            ("READ", false),
            ("rea", false),
            ("read admin", false),
            (
                "read read read read read read read read write write write write write write write write read",
                true,
            ),
            (
                "read read read read read read read read write write write write write write write write admin",
                false,
            ),
        ] {
            let asked = Scope::parse(asked).expect("grammar");
            assert_eq!(registered.includes(asked), included, "{asked}");
        }
    }

    #[test]
    fn a_scope_contains_its_tokens_and_no_other() {
        let scope = Scope::parse("read write").expect("grammar");
        for token in ["read", "write"] {
            assert!(scope.contains(token), "{token}");
        }
        for token in ["", "READ", "rea", "read write", "admin"] {
            assert!(!scope.contains(token), "{token}");
        }
    }

    #[test]
    fn an_empty_scope_includes_nothing() {
        let empty = Scope::parsed("");
        assert!(empty.is_empty());
        assert_eq!(empty.iter().count(), 0);
        assert!(!empty.contains(""));
        assert!(empty.includes(empty));
        // Not checked before, as the layer asks.
        for asked in ["read", " ", "  ", "read ", " read", "\"", "\u{0}"] {
            assert!(!empty.includes(Scope::parsed(asked)), "{asked:?}");
        }
    }
}

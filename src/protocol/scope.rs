//! Scope: a list of tokens (RFC 6749 §3.3).

use std::{collections::HashSet, fmt, iter};

/// A scope of the grammar of [RFC 6749 §3.3]: tokens of printable ASCII without
/// `"` and `\`, one space between each two, at least one token.
///
/// ```
/// use tower_token_endpoint::Scope;
///
/// let scope = Scope::parse("read write")?;
/// assert!(scope.contains("write"));
/// assert!(Scope::parse("read  write").is_err());
/// # Ok::<_, tower_token_endpoint::ScopeError>(())
/// ```
///
/// [RFC 6749 §3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scope<'a>(&'a str);

impl<'a> Scope<'a> {
    /// Reads a scope.
    ///
    /// # Errors
    ///
    /// When the text is not of the grammar: empty, a character outside NQCHAR,
    /// a space at either end or two in a row.
    pub fn parse(text: &'a str) -> Result<Self, ScopeError> {
        let well_formed = text
            .as_bytes()
            .split(|&byte| byte == b' ')
            .all(|token| !token.is_empty() && token.iter().all(|&byte| is_nqchar(byte)));
        if well_formed {
            Ok(Self(text))
        } else {
            Err(ScopeError(()))
        }
    }

    /// A text that [`parse`](Self::parse) has read before.
    pub(crate) const fn parsed(text: &'a str) -> Self {
        Self(text)
    }

    /// The whole scope as it was sent or registered.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// The tokens, in their order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        self.0.split(' ')
    }

    /// Whether the token is one of this scope's. Tokens are case-sensitive.
    #[must_use]
    pub fn contains(self, token: &str) -> bool {
        self.iter().any(|own| own == token)
    }

    /// Whether each token of `other` is one of this scope's.
    #[must_use]
    pub fn includes(self, other: Scope<'_>) -> bool {
        const FEW: usize = 16;
        // By bytes: a space is one in every text.
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
        // A request may ask for thousands of tokens: they must not cost their
        // number times that of this scope's.
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

/// A text that is no scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeError(());

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a scope is tokens of printable ASCII without '\"' and '\\', \
             with one space between each two (RFC 6749 §3.3)",
        )
    }
}

impl std::error::Error for ScopeError {}

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
}

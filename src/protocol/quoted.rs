//! How an error shows a text that somebody else wrote.

use std::{borrow::Cow, fmt};

/// Enough characters to find the text again. An escape counts as all its characters.
const MAX_CHARS: usize = 64;

/// The same in single quotes.
const MAX_IN_LOG: usize = 128;

/// Shows a text in quotes and with escapes, so that it stays on one line, and only its
/// beginning if it is long.
pub(crate) struct Quoted<'t>(pub(crate) &'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = beginning(self.0, MAX_CHARS);
        let rest = if shown.len() < self.0.len() {
            "…"
        } else {
            ""
        };
        write!(f, "{shown:?}{rest}")
    }
}

/// The same in single quotes, for a field of the log: a log in JSON has double quotes around each. It has room
/// for more, such as URLs.
pub(crate) struct SingleQuoted<'t>(pub(crate) &'t str);

impl fmt::Display for SingleQuoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = beginning(self.0, MAX_IN_LOG);
        let rest = if shown.len() < self.0.len() {
            "…"
        } else {
            ""
        };
        // Most are plain. An escape for each character would make a log of a long text slower than one of a short text.
        match is_plain(shown) {
            true => write!(f, "'{shown}{rest}'"),
            false => write!(f, "'{}{rest}'", shown.escape_debug()),
        }
    }
}

/// A text to keep for an error.
pub(crate) fn bounded(text: &str) -> Cow<'_, str> {
    match beginning(text, MAX_CHARS) {
        whole if whole.len() == text.len() => Cow::Borrowed(whole),
        cut => Cow::Owned(format!("{cut}…")),
    }
}

fn beginning(text: &str, max: usize) -> &str {
    if let Some(plain) = text.get(..max.min(text.len())).filter(|it| is_plain(it)) {
        return plain;
    }
    let mut shown = 0;
    let end = text.char_indices().find(|(_, character)| {
        shown += character.escape_debug().count();
        shown > max
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// Whether no character needs an escape.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\'' | b'\\');
    text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_text_is_one_that_no_escape_changes() {
        for byte in 0..=0x7f {
            let text = char::from(byte).to_string();
            assert_eq!(
                is_plain(&text),
                text.escape_debug().eq(text.chars()),
                "{text:?}"
            );
        }
        assert!(!is_plain("é"), "it may need one");
        for (text, shown) in [
            ("a b", "'a b'"),
            ("it's", r"'it\'s'"),
            ("a\n", r"'a\n'"),
            ("é", "'é'"),
        ] {
            assert_eq!(SingleQuoted(text).to_string(), shown);
        }
    }

    #[test]
    fn a_text_is_one_short_line() {
        assert_eq!(Quoted("a\n\"b").to_string(), r#""a\n\"b""#);
        let [whole, long] = [64, 65].map(|count| "é".repeat(count));
        assert_eq!(Quoted(&whole).to_string(), format!("{whole:?}"));
        assert_eq!(Quoted(&long).to_string(), format!("{whole:?}…"));
        assert_eq!(bounded(&whole), whole);
        assert_eq!(bounded(&long), format!("{whole}…"));
    }

    /// `\u{7f}` has six characters.
    #[test]
    fn escapes_do_not_make_it_long() {
        let escaped = "\u{7f}".repeat(64);
        assert_eq!(bounded(&escaped), format!("{}…", &escaped[..10]));
        let shown = Quoted(&escaped).to_string();
        assert_eq!(shown, format!("{:?}…", &escaped[..10]));
        let shown = SingleQuoted(&escaped).to_string();
        assert_eq!(shown, format!("'{}…'", escaped[..21].escape_debug()));
    }
}

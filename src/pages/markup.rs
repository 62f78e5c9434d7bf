//! HTML that is being written: nothing but constants of the source goes in without being escaped.

/// The text of a page.
#[derive(Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Adds HTML. It is a constant of the source, so nothing of a request or of a setting can be in it.
    pub(super) fn raw(&mut self, html: &'static str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    /// Adds text, for between tags or in the double quotes of an attribute.
    ///
    /// A control character, which HTML cannot contain, becomes U+FFFD.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' => self.0.push('\n'),
                _ if character.is_control() => self.0.push('\u{fffd}'),
                _ => self.0.push(character),
            }
        }
        self
    }

    /// Adds text in which code is between backticks.
    pub(super) fn prose(&mut self, text: &str) -> &mut Self {
        for (number, part) in text.split('`').enumerate() {
            if number % 2 == 0 {
                self.text(part);
            } else {
                self.code(part);
            }
        }
        self
    }

    pub(super) fn code(&mut self, text: &str) -> &mut Self {
        self.raw("<code>").text(text).raw("</code>")
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prose_has_code_between_backticks_and_is_escaped() {
        let mut markup = Markup::default();
        markup.prose("a `b<c` & \"d\" 'e' `f`").raw("<hr>");
        assert_eq!(
            markup.into_string(),
            "a <code>b&lt;c</code> &amp; &quot;d&quot; &#39;e&#39; <code>f</code><hr>"
        );
    }

    proptest! {
        #[test]
        fn text_never_opens_a_tag_or_ends_an_attribute(text in any::<String>()) {
            let mut markup = Markup::default();
            markup.text(&text);
            let html = markup.into_string();
            prop_assert!(!html.contains(['<', '>', '"', '\'', '\0', '\r']));
            let undone = html
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
            let shown = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
            prop_assert_eq!(undone, text.chars().map(shown).collect::<String>());
        }
    }
}

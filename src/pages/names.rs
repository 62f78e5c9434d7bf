//! The names of the codes and the reasons, found by a text that somebody typed.

use super::site::Site;
use crate::protocol::{outgoing::error_code::ErrorCode, reason::RejectionReason};

/// The most names that are shown as similar.
const MAX_SIMILAR: usize = 8;

/// What has a page or a place on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Code(ErrorCode),
    Reason(RejectionReason),
}

impl Name {
    /// Every name once: one reason is called as its code is.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let codes = ErrorCode::ALL.iter().copied();
        let is_of_code = |reason: &RejectionReason| code(reason.as_str()).is_some();
        let reasons = RejectionReason::ALL.iter().copied();
        codes.map(Self::Code).chain(
            reasons
                .filter(move |reason| !is_of_code(reason))
                .map(Self::Reason),
        )
    }

    /// The name that is meant by this text, also if it is in capital letters, or has spaces or hyphens
    /// between its words.
    pub(super) fn meant_by(text: &str) -> Option<Self> {
        let text = normalised(text);
        Self::all().find(|name| name.as_str() == text)
    }

    /// The names that contain the text, or differ from it by a letter or two.
    pub(super) fn similar_to(text: &str) -> Vec<Self> {
        let text = normalised(text);
        let is_similar = |name: &Self| {
            let name = name.as_str();
            (text.len() >= 3 && name.contains(&text)) || (text.len() >= 5 && is_near(&text, name))
        };
        Self::all().filter(is_similar).take(MAX_SIMILAR).collect()
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Code(code) => code.as_str(),
            Self::Reason(reason) => reason.as_str(),
        }
    }

    pub(super) fn place(self, site: &Site) -> String {
        match self {
            Self::Code(code) => site.page_of(code),
            Self::Reason(reason) => site.place_of(reason),
        }
    }
}

/// The code that is called exactly this.
pub(super) fn code(name: &str) -> Option<ErrorCode> {
    let mut all = ErrorCode::ALL.iter().copied();
    all.find(|code| code.as_str() == name)
}

fn normalised(text: &str) -> String {
    let words = text.split([' ', '-', '_']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_ascii_lowercase()
}

/// Whether one text becomes the other by at most two letters that are put in, left out or changed.
/// A text of another length needs more, so long texts cost nothing.
fn is_near(one: &str, other: &str) -> bool {
    const MOST: usize = 2;
    if one.len().abs_diff(other.len()) > MOST {
        return false;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (y, left) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = y + 1;
        for (x, right) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(left != right);
            diagonal = row[x + 1];
            row[x + 1] = changed.min(row[x] + 1).min(diagonal + 1);
        }
    }
    row[other.len()] <= MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_meant_by_its_words() {
        for text in [
            "wrong_secret",
            "Wrong Secret",
            "WRONG-SECRET",
            " wrong  secret_",
        ] {
            let name = Name::Reason(RejectionReason::WrongSecret);
            assert_eq!(Name::meant_by(text), Some(name), "{text}");
        }
        let code = Name::Code(ErrorCode::UnsupportedGrantType);
        assert_eq!(Name::meant_by("unsupported_grant_type"), Some(code));
        for text in ["", "_", "wrongsecret", "wrong_secrets", "wrong.secret"] {
            assert_eq!(Name::meant_by(text), None, "{text}");
        }
    }

    #[test]
    fn similar_names_contain_the_text_or_are_two_letters_away() {
        let rows: [(&str, &[&str]); 8] = [
            ("invalid_cleint", &["invalid_client"]),
            ("invalid_clint", &["invalid_client"]),
            ("wrongsecret", &["wrong_secret"]),
            (
                "dpop_nonce",
                &["use_dpop_nonce", "missing_dpop_nonce", "wrong_dpop_nonce"],
            ),
            (
                "secret",
                &[
                    "wrong_secret",
                    "white_space_in_secret",
                    "expired_secret",
                    "secret_hash_unavailable",
                ],
            ),
            ("in", &[]),
            ("", &[]),
            ("0190f3a1-7c2e-7d10-9b1c-3f2a8e6c5d4b", &[]),
        ];
        for (text, expected) in rows {
            let found = Name::similar_to(text);
            let found: Vec<_> = found.iter().map(|name| name.as_str()).collect();
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(Name::similar_to("not").len(), MAX_SIMILAR);
    }
}

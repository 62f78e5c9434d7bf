//! Headers of a response: caching, challenge, delay.

use std::time::Duration;

use http::HeaderValue;

pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
pub(super) const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// `Basic realm="…", charset="UTF-8"` (RFC 7617 §2 and §2.1).
///
/// Characters that a header cannot contain are left out of the realm.
pub(crate) fn basic_challenge(realm: &str) -> HeaderValue {
    let mut challenge = String::with_capacity(realm.len() + 32);
    challenge.push_str("Basic realm=\"");
    for character in realm.chars().filter(|c| matches!(c, ' '..='~')) {
        if matches!(character, '"' | '\\') {
            challenge.push('\\');
        }
        challenge.push(character);
    }
    challenge.push_str("\", charset=\"UTF-8\"");
    HeaderValue::try_from(challenge).unwrap_or(HeaderValue::from_static(
        "Basic realm=\"\", charset=\"UTF-8\"",
    ))
}

/// The value of `Retry-After`, in whole seconds, rounded up, and at least 1.
pub(crate) fn retry_after(delay: Duration) -> HeaderValue {
    let seconds = delay
        .as_secs()
        .saturating_add(u64::from(delay.subsec_nanos() > 0));
    HeaderValue::from(seconds.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn realm_is_a_quoted_string() {
        assert_eq!(
            basic_challenge("a\"b\\c\né"),
            r#"Basic realm="a\"b\\c", charset="UTF-8""#
        );
    }

    #[test]
    fn retry_after_is_whole_seconds_and_never_zero() {
        for (millis, expected) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2"), (30_000, "30")] {
            assert_eq!(retry_after(Duration::from_millis(millis)), expected);
        }
    }
}

//! Headers of a response: caching, challenge, delay.

use std::time::Duration;

use http::{HeaderName, HeaderValue};

pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// RFC 9449 §8.
pub(super) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
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
    HeaderValue::from(whole_seconds(delay))
}

/// The same, and at random up to a quarter more, so that clients that were refused together do
/// not come back together.
pub(crate) fn retry_after_spread(delay: Duration, random: u64) -> HeaderValue {
    let seconds = whole_seconds(delay);
    let more = random % (seconds / 4 + 1);
    HeaderValue::from(seconds.saturating_add(more))
}

fn whole_seconds(delay: Duration) -> u64 {
    let seconds = delay
        .as_secs()
        .saturating_add(u64::from(delay.subsec_nanos() > 0));
    seconds.max(1)
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

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

    #[test]
    fn a_spread_delay_is_at_most_a_quarter_longer() {
        // The delay in milliseconds, and all values that it can have, in whole seconds.
        let rows: [(u64, RangeInclusive<u64>); 8] = [
            (0, 1..=1),
            (3_000, 3..=3),
            (3_001, 4..=5),
            (4_000, 4..=5),
            (5_000, 5..=6),
            (8_000, 8..=10),
            (60_000, 60..=75),
            (86_400_000, 86_400..=108_000),
        ];
        for (millis, expected) in rows {
            let delay = Duration::from_millis(millis);
            let spread = |random| {
                let value = retry_after_spread(delay, random);
                value.to_str().ok().and_then(|it| it.parse::<u64>().ok())
            };
            let len = expected.end() - expected.start() + 1;
            for random in 0..len {
                assert_eq!(spread(random), Some(expected.start() + random), "{millis}");
            }
            let any = spread(u64::MAX);
            assert!(
                any.is_some_and(|it| expected.contains(&it)),
                "{millis}: {any:?}"
            );
        }
        assert_eq!(retry_after_spread(Duration::MAX, 0), u64::MAX.to_string());
        assert_eq!(retry_after_spread(Duration::MAX, 7), u64::MAX.to_string());
    }
}

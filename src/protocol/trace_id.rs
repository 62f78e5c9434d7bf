//! The identifier by which an error response is found in the log.

use std::{error::Error, fmt, str::FromStr, sync::Arc};

/// Identifier by which an error response is found in the log: the `trace_id` of the response, of
/// the event and of the [`Rejection`](crate::rejection::Rejection).
///
/// A layer with [`trace_ids`](crate::layer::TokenEndpointLayerBuilder::trace_ids) puts one into
/// the extensions of every request for its endpoint, so that the inner service can log it as well.
///
/// ```
/// use tower_token_endpoint::rejection::TraceId;
///
/// assert!("0af7651916cd43dd8448eb211c80319c".parse::<TraceId>().is_ok());
/// assert!("two words".parse::<TraceId>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceId(Arc<str>);

impl TraceId {
    /// The most characters that an identifier has.
    pub const MAX_LEN: usize = 128;

    /// Reads an identifier.
    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::is_one(text).then(|| Self(text.into()))
    }

    /// Whether a text is an identifier.
    pub(crate) fn is_one(text: &str) -> bool {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(is_allowed)
    }

    /// The `trace-id` of a header `traceparent` ([W3C Trace Context] §3.2.2).
    ///
    /// [W3C Trace Context]: https://www.w3.org/TR/trace-context/
    pub(crate) fn of_traceparent(header: &str) -> Option<Self> {
        let is_hex = |text: &str, len| {
            text.len() == len
                && text
                    .bytes()
                    .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_set = |text: &str| text.bytes().any(|it| it != b'0');
        let mut parts = header.splitn(5, '-');
        let [version, trace_id, parent_id, flags] =
            [(); 4].map(|()| parts.next().unwrap_or_default());
        let more = parts.next();
        let is_sound = is_hex(version, 2)
            && version != "ff"
            && is_hex(trace_id, 32)
            && is_set(trace_id)
            && is_hex(parent_id, 16)
            && is_set(parent_id)
            && is_hex(flags, 2)
            // A later version may have more.
            && (more.is_none() || version != "00");
        is_sound.then(|| Self(trace_id.into()))
    }

    /// A UUID of version 7 (RFC 9562 §5.7): these sort by time.
    pub(crate) fn new(unix_millis: u64, random: u128) -> Self {
        const VERSION: u128 = 0x7 << 76;
        const VARIANT: u128 = 0b10 << 62;
        const RANDOM: u128 = (0xfff << 64) | ((1 << 62) - 1);
        let bits = (u128::from(unix_millis) << 80) | VERSION | VARIANT | (random & RANDOM);
        let hex = format!("{bits:032x}");
        let ends = [0, 8, 12, 16, 20, 32];
        let groups = ends.windows(2).map(|ends| &hex[ends[0]..ends[1]]);
        Self(groups.collect::<Vec<_>>().join("-").into())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for TraceId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for TraceId {
    type Err = ParseTraceIdError;

    /// Reads an identifier.
    ///
    /// # Errors
    ///
    /// Returns an error if the text does not have 1 to 128 letters, digits, `.`, `_` and `-` of ASCII.
    fn from_str(text: &str) -> Result<Self, ParseTraceIdError> {
        Self::read(text).ok_or(ParseTraceIdError(()))
    }
}

/// Error returned when a text is not a [`TraceId`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseTraceIdError(());

impl fmt::Display for ParseTraceIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let max = TraceId::MAX_LEN;
        write!(
            f,
            "not a trace id: it must have 1 to {max} letters, digits, `.`, `_` and `-` of ASCII"
        )
    }
}

impl Error for ParseTraceIdError {}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_1_to_128_characters_that_need_no_escape() {
        let longest = "a".repeat(128);
        for good in ["a", "7", "A-b_c.9", "..", "-", longest.as_str()] {
            let id: TraceId = good.parse().expect(good);
            assert_eq!((id.as_str(), id.as_ref()), (good, good));
        }
        let too_long = "a".repeat(129);
        for bad in [
            "",
            " ",
            "a b",
            "a/b",
            "a\"",
            "a\n",
            "é",
            "a,b",
            "a:b",
            "a;",
            too_long.as_str(),
        ] {
            let error = bad.parse::<TraceId>().expect_err(bad);
            assert!(error.to_string().contains("1 to 128 letters"), "{error}");
        }
    }

    /// The examples of W3C Trace Context §3.2, and what it says about versions.
    #[test]
    fn a_traceparent_has_the_identifier_of_its_trace() {
        const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
        for good in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like",
        ] {
            assert_eq!(TraceId::of_traceparent(good).expect(good).as_str(), ID);
        }
        for bad in [
            "",
            "00",
            "-",
            "----",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47361-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceId::of_traceparent(bad), None, "{bad:?}");
        }
    }

    /// The example of RFC 9562 appendix A.6.
    #[test]
    fn a_new_one_is_a_uuid_of_version_7() {
        let random = (0xcc3 << 64) | 0x18c4_dc0c_0c07_398f;
        let id = TraceId::new(0x017f_22e2_79b0, random);
        assert_eq!(id.as_str(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
        // What is random does not change version, variant or time.
        let id = TraceId::new(0x017f_22e2_79b0, u128::MAX);
        assert_eq!(id.as_str(), "017f22e2-79b0-7fff-bfff-ffffffffffff");
        assert_eq!(id.as_str().parse(), Ok(id));
    }
}

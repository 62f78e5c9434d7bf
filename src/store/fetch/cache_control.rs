//! How long a response is fresh (RFC 9111 §4.2), for a private cache.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

/// `None` if the response does not say. Zero if it must not be stored or if the header
/// cannot be parsed: a cache then uses its minimum.
pub(super) fn freshness(headers: &HeaderMap) -> Option<Duration> {
    let mut max_age = None;
    for value in headers.get_all(header::CACHE_CONTROL) {
        let Ok(value) = value.to_str() else {
            return Some(Duration::ZERO);
        };
        for directive in directives(value) {
            let (name, argument) = match directive.split_once('=') {
                Some((name, argument)) => (name, Some(argument)),
                None => (directive, None),
            };
            let is = |known| name.eq_ignore_ascii_case(known);
            if is("no-store") || is("no-cache") {
                return Some(Duration::ZERO);
            }
            if is("max-age") {
                // The shortest of several: §4.2.1 allows the first one, or none.
                let seconds = argument.map(unquoted).and_then(seconds).unwrap_or(0);
                max_age = Some(max_age.map_or(seconds, |least: u64| least.min(seconds)));
            }
        }
    }
    let age = headers.get(header::AGE).and_then(age).unwrap_or(0);
    max_age.map(|max_age| Duration::from_secs(max_age.saturating_sub(age)))
}

/// Splits at commas outside of quotes (RFC 9110 §5.6).
fn directives(value: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    value
        .split(move |c| {
            let is_end = c == ',' && !is_quoted;
            match c {
                _ if is_escaped => is_escaped = false,
                '\\' if is_quoted => is_escaped = true,
                '"' => is_quoted = !is_quoted,
                _ => {}
            }
            is_end
        })
        .map(|directive| directive.trim_matches([' ', '\t']))
}

/// §5.2: both forms are accepted.
fn unquoted(argument: &str) -> &str {
    let inner = argument.strip_prefix('"');
    let inner = inner.and_then(|inner| inner.strip_suffix('"'));
    inner.unwrap_or(argument)
}

/// §1.2.2: a number that is too large for the type counts as the largest one.
fn seconds(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// §5.1: the first of several, ignored if it is not a number.
fn age(value: &HeaderValue) -> Option<u64> {
    let value = value.to_str().ok()?;
    seconds(value.split(',').next()?.trim_matches([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_is_what_the_headers_say() {
        // Cache-Control (one for each line), Age, seconds.
        let table: &[(&[&str], &str, Option<u64>)] = &[
            (&[], "", None),
            (&[], "60", None),
            (&[""], "", None),
            (&["public"], "", None),
            (&["private, must-revalidate"], "", None),
            (&["max-age=300"], "", Some(300)),
            (&["MAX-AGE=300"], "", Some(300)),
            (&["public, max-age=300, must-revalidate"], "", Some(300)),
            (&["public,max-age=300"], "", Some(300)),
            (&[" ,,\tmax-age=300\t, "], "", Some(300)),
            (&["max-age=0"], "", Some(0)),
            (&["max-age=00300"], "", Some(300)),
            // several headers are one list (RFC 9110 §5.3)
            (&["public", "max-age=300"], "", Some(300)),
            (&["max-age=300", "no-cache"], "", Some(0)),
            // several of one kind (RFC 9111 §4.2.1)
            (&["max-age=300, max-age=60"], "", Some(60)),
            (&["max-age=60", "max-age=300"], "", Some(60)),
            // quoted (RFC 9111 §5.2)
            (&["max-age=\"300\""], "", Some(300)),
            (&["ext=\"a, max-age=1\", max-age=300"], "", Some(300)),
            (&["ext=\"a\\\", no-store, \", max-age=300"], "", Some(300)),
            (&["ext=\"max-age=300"], "", None),
            // not stored, or asked for again (§5.2.2.4, §5.2.2.5)
            (&["no-store"], "", Some(0)),
            (&["No-Cache"], "", Some(0)),
            (&["no-cache=\"Set-Cookie\", max-age=300"], "", Some(0)),
            (&["max-age=300, no-store"], "", Some(0)),
            // only for shared caches (§5.2.2.10)
            (&["s-maxage=900"], "", None),
            (&["max-age=300, s-maxage=900"], "", Some(300)),
            (&["x-max-age=900"], "", None),
            // malformed (§4.2.1: stale)
            (&["max-age"], "", Some(0)),
            (&["max-age="], "", Some(0)),
            (&["max-age=\"\""], "", Some(0)),
            (&["max-age=-1"], "", Some(0)),
            (&["max-age=+300"], "", Some(0)),
            (&["max-age=300s"], "", Some(0)),
            (&["max-age=3e2"], "", Some(0)),
            (&["max-age= 300"], "", Some(0)),
            (&["max-age=\"300"], "", Some(0)),
            (&["max-age=300\u{a0}"], "", Some(0)),
            // large (§1.2.2)
            (&["max-age=18446744073709551616"], "", Some(u64::MAX)),
            (
                &["max-age=99999999999999999999999999"],
                "1",
                Some(u64::MAX - 1),
            ),
            // Age (§4.2.3, §5.1)
            (&["max-age=300"], "100", Some(200)),
            (&["max-age=300"], "300", Some(0)),
            (&["max-age=300"], "301", Some(0)),
            (&["max-age=300"], "99999999999999999999999999", Some(0)),
            (&["max-age=300"], "100, 7", Some(200)),
            (&["max-age=300"], "-1", Some(300)),
            (&["max-age=300"], "soon", Some(300)),
        ];
        for (cache_control, age, wanted) in table {
            let mut headers = HeaderMap::new();
            for value in *cache_control {
                let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
                headers.append(header::CACHE_CONTROL, value);
            }
            if !age.is_empty() {
                headers.insert(header::AGE, age.parse().expect("a value"));
            }
            let wanted = wanted.map(Duration::from_secs);
            assert_eq!(freshness(&headers), wanted, "{cache_control:?} {age}");
        }
    }
}

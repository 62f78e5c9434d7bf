//! Strict reading of `application/x-www-form-urlencoded`.
//!
//! The usual decoders repair what is malformed: `%zz` stays as it is and bad
//! UTF-8 becomes U+FFFD, so that two different byte strings become one secret.
//! Here both are errors. Wherever this reader accepts, it reads what
//! `form_urlencoded` reads (a property test below).

use std::{borrow::Cow, mem, vec};

use zeroize::{Zeroize as _, Zeroizing};

use crate::protocol::{reason::Reason, rejection::Rejection};

/// What may be sent more than once: `resource` (RFC 8707 §2) and `audience`
/// (RFC 8693 §2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// The parameters of a body, sorted by name; those without a value are left
/// out (RFC 6749 §3.2).
pub(crate) struct Form<'b>(Pairs<'b>);

/// On the heap, since each step of the exchange hands it on to the next.
type Pairs<'b> = Vec<(Cow<'b, str>, Cow<'b, str>)>;

/// Room for the parameters of the usual grants.
const USUAL_PAIRS: usize = 6;

impl<'b> Form<'b> {
    pub(crate) fn parse(body: &'b [u8]) -> Result<Self, Rejection> {
        let Ok(body) = str::from_utf8(body) else {
            return Err(Reason::FormNotUtf8.into());
        };
        let encoded = is_encoded(body);
        let mut form = Self(Pairs::with_capacity(USUAL_PAIRS));
        let pairs = &mut form.0;
        for (name, value) in split(body) {
            pairs.push(if encoded {
                (decode(name)?, decode(value)?)
            } else {
                (name.into(), value.into())
            });
        }
        // Stable, so that repeated parameters keep their order.
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        for ((name, _), (next, _)) in pairs.iter().zip(pairs.iter().skip(1)) {
            if name == next && !REPEATABLE.contains(&name.as_ref()) {
                return Err(Rejection::naming(Reason::RepeatedParameter, name));
            }
        }
        pairs.retain_mut(|(name, value)| {
            let has_value = !value.is_empty();
            if !has_value {
                wipe(name);
            }
            has_value
        });
        Ok(form)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = &self.0[self.position(name)?];
        Some(value)
    }

    /// Takes a parameter out, so that what is left does not hold it.
    pub(crate) fn take(&mut self, name: &str) -> Option<Cow<'b, str>> {
        let position = self.position(name)?;
        Some(self.0.remove(position).1)
    }

    /// The pairs, each to be wiped by the caller.
    pub(crate) fn into_pairs(mut self) -> vec::IntoIter<(Cow<'b, str>, Cow<'b, str>)> {
        mem::take(&mut self.0).into_iter()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// Nearly all names differ in length, which a search by order would not see.
    fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(own, _)| own == name)
    }
}

/// Any value may be a secret, and any name of a form that lost its `=`. What was
/// not encoded is in the body alone, which is the server's, and which the inner
/// service gets: it is not wiped.
impl Drop for Form<'_> {
    fn drop(&mut self) {
        for (name, value) in &mut self.0 {
            wipe(name);
            wipe(value);
        }
    }
}

pub(crate) fn wipe(text: &mut Cow<'_, str>) {
    if let Cow::Owned(text) = text {
        text.zeroize();
    }
}

/// Whether the query names one of these parameters, with a value or without.
/// What does not decode names nothing.
pub(crate) fn query_names(query: &str, wanted: &[&str]) -> bool {
    split(query).any(|(name, _)| decode(name).is_ok_and(|name| wanted.contains(&name.as_ref())))
}

/// The pairs as they were sent, each still encoded; empty ones are skipped.
fn split(encoded: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(encoded);
    std::iter::from_fn(move || {
        let (pair, after) = split_once(rest?, b'&');
        rest = after;
        Some(pair)
    })
    .filter(|pair| !pair.is_empty())
    .map(|pair| {
        let (name, value) = split_once(pair, b'=');
        (name, value.unwrap_or_default())
    })
}

fn split_once(text: &str, separator: u8) -> (&str, Option<&str>) {
    match memchr::memchr(separator, text.as_bytes()) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// Whether decoding could change anything.
pub(crate) fn is_encoded(text: &str) -> bool {
    memchr::memchr2(b'%', b'+', text.as_bytes()).is_some()
}

/// Undoes the encoding of one name or value; borrows where nothing was encoded.
pub(crate) fn decode(encoded: &str) -> Result<Cow<'_, str>, FormError> {
    if !is_encoded(encoded) {
        return Ok(Cow::Borrowed(encoded));
    }
    let mut decoded = Zeroizing::new(Vec::with_capacity(encoded.len()));
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(rest.next())? << 4 | hex_digit(rest.next())?,
            byte => byte,
        });
    }
    match into_text(decoded) {
        Some(text) => Ok(Cow::Owned(text)),
        None => Err(FormError::NotUtf8),
    }
}

/// The text of these bytes, which are wiped if they are none.
pub(crate) fn into_text(mut bytes: Zeroizing<Vec<u8>>) -> Option<String> {
    match String::from_utf8(mem::take(&mut *bytes)) {
        Ok(text) => Some(text),
        Err(error) => {
            *bytes = error.into_bytes();
            None
        }
    }
}

fn hex_digit(byte: Option<u8>) -> Result<u8, FormError> {
    match byte {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        Some(_) | None => Err(FormError::BadEscape),
    }
}

/// Why a name or value does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormError {
    /// A `%` without two hexadecimal digits.
    BadEscape,
    NotUtf8,
}

impl From<FormError> for Rejection {
    fn from(error: FormError) -> Self {
        match error {
            FormError::BadEscape => Reason::BadPercentEncoding.into(),
            FormError::NotUtf8 => Reason::FormNotUtf8.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Result<Vec<(String, String)>, &'static str> {
        match Form::parse(body.as_bytes()) {
            Ok(form) => Ok(form
                .iter()
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
                .collect()),
            Err(rejection) => Err(rejection.as_str()),
        }
    }

    #[test]
    fn reads_what_the_url_standard_reads() {
        let cases: [(&str, &[(&str, &str)]); 9] = [
            ("", &[]),
            ("&&", &[]),
            ("a=1&b=2", &[("a", "1"), ("b", "2")]),
            ("b=2&&a=1&", &[("a", "1"), ("b", "2")]),
            ("a=b=c", &[("a", "b=c")]),
            ("a+b=%41%2b", &[("a b", "A+")]),
            ("=v", &[("", "v")]),
            ("a=%C3%A9", &[("a", "é")]),
            ("a=%00", &[("a", "\0")]),
        ];
        for (body, expected) in cases {
            let expected = expected
                .iter()
                .map(|&(n, v)| (n.into(), v.into()))
                .collect();
            assert_eq!(read(body), Ok(expected), "{body}");
        }
    }

    #[test]
    fn refuses_what_does_not_decode() {
        for (body, reason) in [
            ("a=%", "bad_percent_encoding"),
            ("a=%4", "bad_percent_encoding"),
            ("a=%zz", "bad_percent_encoding"),
            ("%=a", "bad_percent_encoding"),
            ("a=%+1", "bad_percent_encoding"),
            ("a=%ff", "form_not_utf8"),
            ("%c3=a", "form_not_utf8"),
            ("a=%ed%a0%80", "form_not_utf8"),
        ] {
            assert_eq!(read(body), Err(reason), "{body}");
        }
        assert!(Form::parse(b"a=\xff").is_err());
    }

    #[test]
    fn repetition_counts_before_emptiness_and_after_decoding() {
        for body in ["a=1&a=1", "a=&a=1", "a&b=1&a", "a=1&%61=2", "=1&=2"] {
            assert_eq!(read(body), Err("repeated_parameter"), "{body}");
        }
        let twice = vec![
            ("resource".into(), "z".into()),
            ("resource".into(), "b".into()),
        ];
        assert_eq!(read("resource=z&resource=&resource=b"), Ok(twice));
    }

    #[test]
    fn a_parameter_without_a_value_is_omitted() {
        assert_eq!(read("a=&b&c=1"), Ok(vec![("c".into(), "1".into())]));
    }

    #[test]
    fn a_taken_parameter_is_gone() {
        let mut form = Form::parse(b"b=2&a=1&c=3").expect("a form");
        assert_eq!(form.take("b").as_deref(), Some("2"));
        assert_eq!(form.get("b"), None);
        assert_eq!((form.get("a"), form.get("c")), (Some("1"), Some("3")));
    }

    #[test]
    fn a_query_names_parameters_by_their_decoded_name() {
        for query in [
            "client_secret=a",
            "a=b&client%5Fsecret",
            "%zz&client_secret=",
        ] {
            assert!(query_names(query, &["client_secret"]), "{query}");
        }
        for query in ["", "a=client_secret", "client_secret2=a", "client_secret%"] {
            assert!(!query_names(query, &["client_secret"]), "{query}");
        }
    }

    proptest! {
        #[test]
        fn decode_undoes_form_urlencoded(text in any::<String>()) {
            let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            prop_assert_eq!(decode(&encoded), Ok(Cow::Borrowed(text.as_str())));
        }

        #[test]
        fn equals_form_urlencoded_wherever_it_accepts(
            body in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..64),
                "[ab%+=&2c5é]{0,24}".prop_map(String::into_bytes),
            ],
        ) {
            if let Ok(form) = Form::parse(&body) {
                let mut expected: Vec<_> = form_urlencoded::parse(&body)
                    .filter(|(_, value)| !value.is_empty())
                    .collect();
                expected.sort_by(|(a, _), (b, _)| a.cmp(b));
                let read: Vec<(Cow<'_, str>, Cow<'_, str>)> =
                    form.iter().map(|(n, v)| (n.into(), v.into())).collect();
                prop_assert_eq!(read, expected);
            }
        }
    }
}

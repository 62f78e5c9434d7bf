//! Strict reading of `application/x-www-form-urlencoded`.
//!
//! The usual decoders repair what is malformed: `%zz` stays as it is and bad
//! UTF-8 becomes U+FFFD, so that two different byte strings become one secret.
//! Here both are errors. Wherever this reader accepts, it reads what
//! `form_urlencoded` reads (a property test below).

use std::{iter, ops::Range, sync::Arc};

use super::percent::{self, PercentError};
use crate::protocol::{
    accepted::{parameters::Parameters, span::Span},
    reason::RejectionReason,
    rejection::Rejection,
    secret::Secret,
    wipe::WipedBytes,
};

pub(crate) const CLIENT_ID: &str = "client_id";
pub(crate) const CLIENT_SECRET: &str = "client_secret";
pub(crate) const CLIENT_ASSERTION: &str = "client_assertion";
pub(crate) const CLIENT_ASSERTION_TYPE: &str = "client_assertion_type";

/// Parameters that may be sent more than once: `resource` (RFC 8707 §2) and
/// `audience` (RFC 8693 §2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// Room for the parameters of the usual grants.
const USUAL_PARAMETERS: usize = 8;

/// A form that was read: each parameter with a value (RFC 6749 §3.2).
pub(crate) struct Form {
    /// Shared from the start: moving them would cost more.
    pub(crate) parameters: Arc<Parameters>,
    /// Few requests have any.
    pub(crate) credentials: Option<Box<FormCredentials>>,
}

/// The parameters that are never handed on.
#[derive(Default)]
pub(crate) struct FormCredentials {
    pub(crate) client_secret: Option<Secret>,
    pub(crate) client_assertion: Option<Secret>,
    pub(crate) client_assertion_type: Option<Secret>,
}

impl FormCredentials {
    /// Where the credential of this name goes.
    fn place(name: &[u8]) -> Option<fn(&mut Self) -> &mut Option<Secret>> {
        // One look tells it of nearly all names.
        match name.strip_prefix(b"client_")? {
            b"secret" => Some(|it| &mut it.client_secret),
            b"assertion" => Some(|it| &mut it.client_assertion),
            b"assertion_type" => Some(|it| &mut it.client_assertion_type),
            _ => None,
        }
    }
}

impl Form {
    /// Reads the form in a copy of its bytes, which is wiped in the end.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Rejection> {
        let is_encoded = percent::is_encoded(body);
        // Of what is raw and of what is decoded, the first mistake decides.
        if is_encoded && str::from_utf8(body).is_err() {
            return Err(RejectionReason::FormNotUtf8.into());
        }
        let mut credentials = None::<Box<FormCredentials>>;
        let mut text = WipedBytes::from(body);
        let mut spans = Vec::with_capacity(USUAL_PARAMETERS);
        for (mut name, mut value) in split(body) {
            if is_encoded {
                name = percent::decode_in_place(&mut text, name)?;
                value = percent::decode_in_place(&mut text, value)?;
            }
            if let Some(place) = FormCredentials::place(&text[name.clone()]) {
                let secret = take_secret(&mut text[value.clone()])?;
                *place(credentials.get_or_insert_default()) = secret;
                // Its name stays, so that a second one is found.
                value.end = value.start;
            }
            spans.push(Span::new(name, value).ok_or(RejectionReason::BodyTooLarge)?);
        }
        // What separates names and values is still there, so each is whole if all are.
        let text = text.into_text().ok_or(RejectionReason::FormNotUtf8)?;
        sort(&mut spans, &text)?;
        spans.retain(|span: &Span| span.has_value());
        Ok(Self {
            parameters: Arc::new(Parameters::new(text, spans)),
            credentials,
        })
    }
}

/// Sorts by name, and refuses a name that is repeated, with a value or without.
fn sort(spans: &mut [Span], text: &str) -> Result<(), Rejection> {
    // Stable, so that repeated parameters keep their order.
    spans.sort_by(|a, b| a.name(text).cmp(b.name(text)));
    for pair in spans.windows(2) {
        let name = pair[0].name(text);
        if name == pair[1].name(text) && !REPEATABLE.contains(&name) {
            return Err(Rejection::naming(RejectionReason::RepeatedParameter, name));
        }
    }
    Ok(())
}

/// Moves a secret out of the form. `None` if there is none.
fn take_secret(value: &mut [u8]) -> Result<Option<Secret>, PercentError> {
    let secret = WipedBytes::from(&*value);
    value.fill(0);
    let secret = secret.into_text().ok_or(PercentError::NotUtf8)?;
    Ok((!secret.is_empty()).then(|| Secret::from(secret)))
}

/// Whether the query names one of these parameters, with a value or without.
/// What does not decode names nothing.
pub(crate) fn query_names(query: &str, wanted: &[&str]) -> bool {
    let query = query.as_bytes();
    split(query).any(|(name, _)| {
        let name = &query[name];
        if !percent::is_encoded(name) {
            return wanted.iter().any(|wanted| wanted.as_bytes() == name);
        }
        percent::decode(name).is_ok_and(|name| wanted.contains(&&*name))
    })
}

/// Where the names and values are, each still encoded; empty pairs are skipped.
fn split(encoded: &[u8]) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let mut start = 0;
    iter::from_fn(move || {
        let rest = encoded.get(start..)?;
        let end = start + memchr::memchr(b'&', rest).unwrap_or(rest.len());
        let pair = start..end;
        start = end + 1;
        Some(pair)
    })
    .filter(|pair| !pair.is_empty())
    .map(|pair| {
        // Names are short: to look at each byte is sooner done than to start a search.
        let equals = encoded[pair.clone()].iter().position(|&byte| byte == b'=');
        match equals.map(|at| pair.start + at) {
            Some(equals) => (pair.start..equals, equals + 1..pair.end),
            None => (pair.clone(), pair.end..pair.end),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Result<Vec<(String, String)>, &'static str> {
        match Form::parse(body.as_bytes()) {
            Ok(form) => Ok(form
                .parameters
                .iter()
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
                .collect()),
            Err(rejection) => Err(rejection.as_str()),
        }
    }

    #[test]
    fn reads_what_the_url_standard_reads() {
        let cases: [(&str, &[(&str, &str)]); 10] = [
            ("", &[]),
            ("&&", &[]),
            ("a=1&b=2", &[("a", "1"), ("b", "2")]),
            ("b=2&&a=1&", &[("a", "1"), ("b", "2")]),
            ("a=b=c", &[("a", "b=c")]),
            ("a+b=%41%2b", &[("a b", "A+")]),
            ("=v", &[("", "v")]),
            ("a=%C3%A9", &[("a", "é")]),
            // What decoding leaves over begins in the middle of a character.
            ("a=%41€", &[("a", "A€")]),
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
    fn credentials_are_set_apart_and_repetition_is_still_found() {
        let form = Form::parse(b"client_secret=%2b&b=2&client%5Fassertion=a&client_assertion_type");
        let Ok(form) = form else { panic!("a form") };
        let FormCredentials {
            client_secret,
            client_assertion,
            client_assertion_type,
        } = *form.credentials.expect("credentials");
        assert!(client_secret.is_some_and(|secret| secret.matches("+")));
        assert!(client_assertion.is_some_and(|assertion| assertion.matches("a")));
        assert!(client_assertion_type.is_none());
        assert_eq!(form.parameters.iter().collect::<Vec<_>>(), [("b", "2")]);
        for body in [
            "client_secret=a&client_secret=a",
            "client_secret=&client_secret=a",
            "client_assertion=a&x=y&client%5fassertion",
        ] {
            assert_eq!(read(body), Err("repeated_parameter"), "{body}");
        }
        for body in ["client_secret=%ff", "client_secret=\u{e9}%c3"] {
            assert_eq!(read(body), Err("form_not_utf8"), "{body}");
        }
        assert_eq!(read("client_secret=%4"), Err("bad_percent_encoding"));
    }

    #[test]
    fn the_first_mistake_decides_whichever_parameter_it_is_in() {
        for (body, reason) in [
            ("a=%ff&b=%zz", "form_not_utf8"),
            ("client_secret=%ff&b=%zz", "form_not_utf8"),
            ("a=%zz&b=%ff", "bad_percent_encoding"),
            ("a=%zz&client_secret=%ff", "bad_percent_encoding"),
        ] {
            assert_eq!(read(body), Err(reason), "{body}");
        }
        let raw = Form::parse(b"a=%zz&b=\xff").err();
        let reason = raw.map(|rejection| rejection.reason());
        assert_eq!(reason, Some(RejectionReason::FormNotUtf8));
    }

    #[test]
    fn a_character_is_not_divided_between_a_name_and_its_value() {
        for body in ["%c3=%a9", "a=%c3&%a9=b", "a=%c3&client_secret=s&%a9=b"] {
            assert_eq!(read(body), Err("form_not_utf8"), "{body}");
        }
    }

    #[test]
    fn as_many_parameters_as_there_are() {
        for count in [7, 8, 9, 33, 1000] {
            let pairs: Vec<_> = (0..count)
                .map(|n| (format!("n{n:04}"), n.to_string()))
                .collect();
            let sent: Vec<_> = pairs
                .iter()
                .rev()
                .map(|(n, v)| format!("{n}={v}&e{n}="))
                .collect();
            assert_eq!(read(&sent.join("&")), Ok(pairs), "{count}");
        }
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
            let decoded = percent::decode(encoded.as_bytes());
            prop_assert_eq!(decoded.as_deref(), Ok(text.as_str()));
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
                    form.parameters.iter().map(|(n, v)| (n.into(), v.into())).collect();
                prop_assert_eq!(read, expected);
            }
        }
    }
}

//! Strict reading of `application/x-www-form-urlencoded`.
//!
//! The usual decoders repair what is malformed: `%zz` stays as it is and bad
//! UTF-8 becomes U+FFFD, so that two different byte strings become one secret.
//! Here both are errors. Wherever this reader accepts, it reads what
//! `form_urlencoded` reads (a property test below).

use super::{
    pairs,
    percent::{self, PercentError},
    query,
};
use crate::protocol::{
    accepted::{parameters::Parameters, span::Span},
    known_parameters::{self, Occurs},
    reason::RejectionReason,
    rejection::Rejection,
    secret::Secret,
    settings::Settings,
    wipe::WipedBytes,
};

pub(crate) const CLIENT_ID: &str = "client_id";
pub(crate) const CLIENT_SECRET: &str = "client_secret";
pub(crate) const CLIENT_ASSERTION: &str = "client_assertion";
pub(crate) const CLIENT_ASSERTION_TYPE: &str = "client_assertion_type";

/// Room for the parameters of the usual grants.
const USUAL_PARAMETERS: usize = 8;

/// A form that was read: each parameter with a value (RFC 6749 §3.2).
pub(crate) struct Form {
    pub(crate) parameters: Parameters,
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
    /// Reads the form in a copy of its bytes, which is wiped in the end. Beside it is the query
    /// of the URI.
    pub(crate) fn parse(
        body: &[u8],
        query: Option<&str>,
        settings: &Settings,
    ) -> Result<Self, Rejection> {
        let is_encoded = percent::is_encoded(body);
        // Of what is raw and of what is decoded, the first mistake decides.
        if is_encoded && str::from_utf8(body).is_err() {
            return Err(RejectionReason::FormNotUtf8.into());
        }
        let mut credentials = None::<Box<FormCredentials>>;
        let mut text = WipedBytes::from(body);
        let mut spans = Vec::with_capacity(USUAL_PARAMETERS);
        for (mut name, mut value) in pairs::split(body) {
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
        // By name, and stable: repeated parameters keep their order.
        spans.sort_by(|a, b| a.name(&text).cmp(b.name(&text)));
        let names = Names {
            spans: &spans,
            text: &text,
        };
        names.check_repetition(settings)?;
        if let Some(query) = query {
            let checked = settings.endpoint.row().checked;
            query::check_beside_body(query, checked, |name| names.find(name).is_some())?;
        }
        spans.retain(|span: &Span| span.has_value());
        Ok(Self {
            parameters: Parameters::new(text, spans),
            credentials,
        })
    }
}

/// All names of a form, also those without a value.
struct Names<'a> {
    /// Sorted by name.
    spans: &'a [Span],
    text: &'a str,
}

impl<'a> Names<'a> {
    /// Refuses a repeated name, with a value or without, if a specification or the grant
    /// defines it.
    fn check_repetition(&self, settings: &Settings) -> Result<(), Rejection> {
        let same_names = self
            .spans
            .chunk_by(|a, b| a.name(self.text) == b.name(self.text));
        for same in same_names {
            if let [first, _, ..] = same
                && self.must_occur_once(first.name(self.text), settings)
            {
                let name = first.name(self.text);
                return Err(Rejection::naming(RejectionReason::RepeatedParameter, name));
            }
        }
        Ok(())
    }

    fn must_occur_once(&self, name: &str, settings: &Settings) -> bool {
        match known_parameters::find(name, settings.endpoint) {
            Some(occurs) => occurs == Occurs::Once,
            None => {
                let grant = self.grant_type(settings);
                let grant = grant.and_then(|name| settings.grants.find(name));
                grant.is_some_and(|grant| grant.occurs_once(name))
            }
        }
    }

    /// What the request asks for, if it has a grant.
    fn grant_type(&self, settings: &Settings) -> Option<&'a str> {
        let has_grants = settings.endpoint.row().grants;
        let span = has_grants.then(|| self.find("grant_type"))??;
        Some(span.value(self.text))
    }

    /// Takes no longer for a form of thousands of names.
    fn find(&self, name: &str) -> Option<&'a Span> {
        let at = self
            .spans
            .binary_search_by(|span| span.name(self.text).cmp(name));
        self.spans.get(at.ok()?)
    }
}

/// Moves a secret out of the form. `None` if there is none.
fn take_secret(value: &mut [u8]) -> Result<Option<Secret>, PercentError> {
    let secret = WipedBytes::from(&*value);
    value.fill(0);
    let secret = secret.into_text().ok_or(PercentError::NotUtf8)?;
    Ok((!secret.is_empty()).then(|| Secret::from(secret)))
}

#[cfg(test)]
mod tests {
    use std::{
        borrow::Cow,
        time::{Duration, Instant},
    };

    use proptest::prelude::*;

    use super::*;
    use crate::protocol::{grant_parameters::GrantParameters, settings::endpoint::Endpoint};

    /// At the token endpoint, without a query.
    fn parse(body: &[u8]) -> Result<Form, Rejection> {
        Form::parse(body, None, &Settings::new("https://as.example.com".into()))
    }

    fn read(body: &str) -> Result<Vec<(String, String)>, &'static str> {
        match parse(body.as_bytes()) {
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
        assert!(parse(b"a=\xff").is_err());
    }

    #[test]
    fn repetition_counts_before_emptiness_and_after_decoding() {
        for body in [
            "code=1&code=1",
            "code=&code=1",
            "code&b=1&code",
            "code=1&c%6Fde=2",
            "a=1&a=2&code=1&code=2",
        ] {
            assert_eq!(read(body), Err("repeated_parameter"), "{body}");
        }
        let twice = vec![
            ("resource".into(), "z".into()),
            ("resource".into(), "b".into()),
        ];
        assert_eq!(read("resource=z&resource=&resource=b"), Ok(twice));
    }

    #[test]
    fn what_no_specification_defines_is_kept_in_its_order() {
        let pairs = |pairs: &[(&str, &str)]| {
            let owned = pairs
                .iter()
                .map(|&(name, value)| (name.into(), value.into()));
            Ok(owned.collect())
        };
        let kept = pairs(&[("a", "2"), ("a", "1"), ("a", "2")]);
        assert_eq!(read("a=2&%61=1&a=&a&a=2"), kept);
        assert_eq!(read("=2&=1"), pairs(&[("", "2"), ("", "1")]));
    }

    #[test]
    fn what_a_grant_defines_occurs_once_in_its_requests_alone() {
        let mut settings = Settings::new("https://as.example.com".into());
        let parameters = GrantParameters::new()
            .optional(["seat"])
            .repeatable(["companion"]);
        let grant = "urn:example:ticket".parse().expect("a URI");
        settings.grants.serve(grant, &parameters);
        let reason = |body: &str, settings: &Settings| {
            let form = Form::parse(body.as_bytes(), None, settings);
            form.err().map(|rejection| rejection.as_str())
        };
        let seats = |grant: &str| format!("seat=1&grant_type={grant}&seat=");
        let repeated = Some("repeated_parameter");
        assert_eq!(
            reason(&seats("urn%3Aexample%3Aticket"), &settings),
            repeated
        );
        for grant in ["refresh_token", "urn:example:other", ""] {
            assert_eq!(reason(&seats(grant), &settings), None, "{grant}");
        }
        let companions = "companion=1&companion=2&grant_type=urn:example:ticket";
        assert_eq!(reason(companions, &settings), None);
        settings.endpoint = Endpoint::Revocation;
        assert_eq!(reason(&seats("urn:example:ticket"), &settings), None);
    }

    #[test]
    fn a_name_in_the_query_is_not_in_the_body_as_well() {
        let settings = Settings::new("https://as.example.com".into());
        let reason = |body: &str, query| {
            let form = Form::parse(body.as_bytes(), Some(query), &settings);
            form.err().map(|rejection| rejection.as_str())
        };
        for body in ["a=1&b=2", "b&a", "%62=", "client_secret=s&b=2"] {
            assert_eq!(reason(body, "x&b=2"), Some("repeated_parameter"), "{body}");
            assert_eq!(reason(body, "x&y=b"), None, "{body}");
        }
        // Also what the form does not keep.
        let assertion = reason("client_assertion_type=a", "client_assertion_type=b");
        assert_eq!(assertion, Some("repeated_parameter"));
    }

    #[test]
    fn thousands_of_names_in_query_and_body_take_no_time() {
        let names = |first: usize| {
            let names = (first..first + 60_000).map(|n| format!("{n}"));
            names.collect::<Vec<_>>().join("&")
        };
        let settings = Settings::new("https://as.example.com".into());
        let start = Instant::now();
        let form = Form::parse(names(0).as_bytes(), Some(&names(60_000)), &settings);
        assert!(form.is_ok());
        // Each with each, it would be 3.6 billion comparisons.
        let took = start.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?}");
    }

    #[test]
    fn a_parameter_without_a_value_is_omitted() {
        assert_eq!(read("a=&b&c=1"), Ok(vec![("c".into(), "1".into())]));
    }

    #[test]
    fn credentials_are_set_apart_and_repetition_is_still_found() {
        let form = parse(b"client_secret=%2b&b=2&client%5Fassertion=a&client_assertion_type");
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
        let raw = parse(b"a=%zz&b=\xff").err();
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
            if let Ok(form) = parse(&body) {
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

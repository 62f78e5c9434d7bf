//! Forms that are more or less well encoded, and queries beside them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::string::string_regex;

use crate::common::{form_encode, percent_encode};
use crate::holds::form;

/// A form that is more or less well encoded.
fn sloppy_form() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        4 => string_regex("[a-z]{1,3}").expect("a pattern").prop_map(String::into_bytes),
        4 => any::<String>().prop_map(|text| form_encode(&text).into_bytes()),
        2 => any::<String>().prop_map(|text| percent_encode(&text).into_bytes()),
        2 => string_regex("[a=+;é€ %40]{0,4}").expect("a pattern").prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..3),
    ];
    let pair = (word.clone(), word).prop_map(|(name, value)| [name, value].join(&b'='));
    vec(pair, 0..6).prop_map(|pairs| pairs.join(&b'&'))
}

/// The names that decide something.
fn name() -> impl Strategy<Value = Vec<u8>> {
    let names = prop::sample::select(
        &[
            "client_id",
            "client_secret",
            "client_assertion",
            "client_assertion_type",
            "code",
            "grant_type",
            "refresh_token",
            "resource",
            "scope",
            "token",
            "tenant",
        ][..],
    );
    (names, any::<bool>()).prop_map(|(name, is_escaped)| match is_escaped {
        true => name.replace('_', "%5f").into_bytes(),
        false => name.as_bytes().to_vec(),
    })
}

fn form_of_names() -> impl Strategy<Value = Vec<u8>> {
    let value = prop::sample::select(&["", "=", "=svc", "=a+b", "=%C3%A9", "=%zz", "=%ff"][..]);
    let pair = (name(), value).prop_map(|(name, value)| [&*name, value.as_bytes()].concat());
    vec(pair, 0..5).prop_map(|pairs| pairs.join(&b'&'))
}

proptest! {
    #[test]
    fn a_sloppy_form_is_read_as_form_urlencoded_reads_it(form in sloppy_form()) {
        form::check(&[b"\n", &*form].concat());
    }

    #[test]
    fn any_bytes_are_read_as_form_urlencoded_reads_them(
        form in prop_oneof![vec(any::<u8>(), 0..64), "[ab%+=&2c5é]{0,24}".prop_map(String::into_bytes)],
    ) {
        form::check(&[b"\n", &*form].concat());
    }

    #[test]
    fn names_that_decide_something_are_found_wherever_they_are(
        query in form_of_names(),
        form in form_of_names(),
    ) {
        form::check(&[&*query, b"\n", &*form].concat());
    }
}

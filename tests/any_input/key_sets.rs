//! Key sets of keys that are nearly right.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::holds::key_sets::check;

/// Members of a key that decide something, in JSON.
const MEMBERS: [&str; 26] = [
    r#""kid":"1""#,
    r#""kid":"2""#,
    r#""kid":1"#,
    r#""use":"sig""#,
    r#""use":"enc""#,
    r#""use":null"#,
    r#""alg":"ES256""#,
    r#""alg":"ES384""#,
    r#""alg":"RSA-OAEP""#,
    r#""key_ops":["verify"]"#,
    r#""key_ops":["sign"]"#,
    r#""key_ops":[]"#,
    r#""kty":"EC""#,
    r#""kty":"OKP""#,
    r#""kty":"oct""#,
    r#""crv":"P-256""#,
    r#""crv":"P-384""#,
    r#""crv":"Ed25519""#,
    r#""x":"$x""#,
    r#""x":"$y""#,
    r#""x":"$x=""#,
    r#""y":"$y""#,
    r#""y":"""#,
    r#""d":"AA""#,
    r#""k":"AAAA""#,
    r#""x5c":["AA"]"#,
];

fn key() -> impl Strategy<Value = String> {
    let base = prop_oneof![
        4 => Just(r#""kty":"EC","crv":"P-256","x":"$x","y":"$y""#),
        1 => Just(r#""kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM""#),
        1 => Just(r#""kty":"RSA","e":"AQAB""#),
    ];
    let members = vec(prop::sample::select(&MEMBERS[..]), 0..4);
    (base, members).prop_map(|(base, members)| {
        let members = [&[base], &*members].concat();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #[test]
    fn a_set_is_read_the_same_in_both_places(keys in vec(key(), 0..4)) {
        check(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes());
    }

    #[test]
    fn any_text_is_a_set_or_is_not(text in "([{}\\[\\],:]|\"keys\"|\"kty\"|\"EC\"|null|1){0,12}") {
        check(text.as_bytes());
    }

    #[test]
    fn any_bytes_are_a_set_or_are_not(bytes: Vec<u8>) {
        check(&bytes);
    }
}

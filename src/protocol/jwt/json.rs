//! Strict parsing of JSON objects: each member once, nothing after the object, and no more
//! work than the length of the text allows.

use std::{borrow::Cow, fmt, marker::PhantomData};

use base64::{
    alphabet,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};
use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor,
        value::MapAccessDeserializer,
    },
};

/// base64url as JOSE requires it: no padding, no white space, no bits left over
/// (RFC 7515 §2).
pub(super) const BASE64URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, NO_PAD);

/// More than any header or set of claims has. All names are compared with each other, which
/// must stay cheap.
const MAX_MEMBERS: usize = 64;

/// An object that knows some of its members and skips the others.
pub(super) trait Members<'t>: Default {
    /// Reads the value of the member with this name. `false` if the name is not known, and
    /// the value should be skipped.
    fn read<A: MapAccess<'t>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error>;
}

/// Reads one object. An error of serde would quote the text, so none is returned.
pub(super) fn read<'t, M: Members<'t>>(text: &'t [u8]) -> Option<M> {
    // serde does not check the text of skipped values.
    let text = str::from_utf8(text).ok()?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let object = Object(PhantomData).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(object)
}

/// The same, if no value in it has more than [`MAX_DEPTH`] arrays and objects around it.
pub(super) fn read_shallow<'t, M: Members<'t>>(text: &'t [u8]) -> Option<M> {
    is_shallow(text).then(|| read(text)).flatten()
}

/// More than a key in a header of a proof has.
const MAX_DEPTH: usize = 16;

/// Whether brackets outside of strings are nested no deeper. If the text is not JSON, the answer does not
/// matter.
fn is_shallow(text: &[u8]) -> bool {
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for &byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_string,
            b'"' => is_string = !is_string,
            b'[' | b'{' if !is_string => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return false;
                }
            }
            b']' | b'}' if !is_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

struct Object<M>(PhantomData<M>);

impl<'t, M: Members<'t>> DeserializeSeed<'t> for Object<M> {
    type Value = M;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<M, D::Error> {
        // Not as a map: see `visit_str`.
        deserializer.deserialize_any(self)
    }
}

impl<'t, M: Members<'t>> Visitor<'t> for Object<M> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    /// The error of serde would quote the string with escapes, which takes fifty times as
    /// long to write as to read.
    fn visit_str<E: de::Error>(self, _: &str) -> Result<M, E> {
        Err(E::custom("a string"))
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<M, A::Error> {
        let mut members = M::default();
        let mut names: Vec<Cow<'t, str>> = Vec::with_capacity(8);
        while let Some(Text(name)) = map.next_key()? {
            if names.contains(&name) || names.len() == MAX_MEMBERS {
                return Err(A::Error::custom("a member twice, or too many"));
            }
            if !members.read(&name, &mut map)? {
                // Without recursion, at any depth.
                map.next_value::<IgnoredAny>()?;
            }
            names.push(name);
        }
        Ok(members)
    }
}

/// A number of any form. If it were read as `f64`, an error would quote a string; if it
/// were read as [`Value`](serde_json::Value), an object would be built.
pub(super) struct Number(pub(super) f64);

impl<'t> Deserialize<'t> for Number {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;

        impl<'t> Visitor<'t> for NumberVisitor {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Number, E> {
                Ok(Number(number))
            }

            #[expect(clippy::cast_precision_loss, reason = "as `f64` itself is read")]
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number(number as f64))
            }

            #[expect(clippy::cast_precision_loss, reason = "as `f64` itself is read")]
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(number as f64))
            }

            fn visit_str<E: de::Error>(self, _: &str) -> Result<Number, E> {
                Err(E::custom("a string"))
            }

            /// Numbers come as maps if another crate enables `arbitrary_precision`.
            fn visit_map<A: MapAccess<'t>>(self, map: A) -> Result<Number, A::Error> {
                let number = serde_json::Number::deserialize(MapAccessDeserializer::new(map))?;
                let number = number.as_f64().filter(|number| number.is_finite());
                number
                    .map(Number)
                    .ok_or_else(|| A::Error::custom("too large"))
            }
        }

        deserializer.deserialize_any(NumberVisitor)
    }
}

/// An object that is the value of a member.
pub(super) struct Nested<M>(pub(super) M);

impl<'t, M: Members<'t>> Deserialize<'t> for Nested<M> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        Object(PhantomData).deserialize(deserializer).map(Self)
    }
}

/// A name or another string, borrowed if it has no escapes.
pub(super) struct Text<'t>(pub(super) Cow<'t, str>);

impl<'t> Deserialize<'t> for Text<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'t> Visitor<'t> for TextVisitor {
            type Value = Text<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: de::Error>(self, name: &'t str) -> Result<Text<'t>, E> {
                Ok(Text(Cow::Borrowed(name)))
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Text<'t>, E> {
                Ok(Text(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct OnlyA(Option<String>);

    impl<'t> Members<'t> for OnlyA {
        fn read<A: MapAccess<'t>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
            if name == "a" {
                self.0 = Some(map.next_value()?);
            }
            Ok(name == "a")
        }
    }

    fn a(text: &[u8]) -> Option<OnlyA> {
        read(text)
    }

    #[test]
    fn a_shallow_object_has_16_levels() {
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!(r#"{{"b":"\\\"[[[[[[[[[[[[[[[[[[","c":{open}{close},"d":{open}{close}}}"#)
        };
        let read = |levels| read_shallow::<OnlyA>(nested(levels).as_bytes()).is_some();
        assert!(read(1) && read(15));
        assert!(!read(16) && !read(100_000));
        let open = "{\"a\":".repeat(100_000);
        assert!(read_shallow::<OnlyA>(open.as_bytes()).is_none());
    }

    #[test]
    fn an_object_and_nothing_else() {
        let expected = Some(OnlyA(Some("x".into())));
        for good in [
            r#"{"a":"x"}"#,
            " {\"a\" : \"x\"} \n",
            r#"{"\u0061":"\u0078"}"#,
            r#"{"b":[1,{"c":[null,true,1e5]}],"a":"x","c":{"a":1,"a":2}}"#,
        ] {
            assert_eq!(a(good.as_bytes()), expected, "{good}");
        }
        assert_eq!(a(b"{}"), Some(OnlyA(None)));
        for bad in [
            "",
            "null",
            "[]",
            "\"a\"",
            "{",
            r#"{"a":"x"}x"#,
            r#"{"a":"x"}{}"#,
            r#"{"a":"x",}"#,
            r#"{"a":1}"#,
            r#"{"a":null}"#,
            r#"{a:"x"}"#,
            r#"{"a":"x","a":"x"}"#,
            r#"{"a":"x","\u0061":"x"}"#,
            r#"{"b":1,"b":2}"#,
            r#"{"a":"\ud800"}"#,
            "{\"a\":\"\n\"}",
            "\u{feff}{}",
        ] {
            assert_eq!(a(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(a(b"{\"b\":\"\xff\"}"), None);
    }

    #[test]
    fn deep_and_wide_texts_are_skipped_or_refused() {
        let deep = |open: &str, close: &str| {
            let (open, close) = (open.repeat(1_000_000), close.repeat(1_000_000));
            format!(r#"{{"b":{open}1{close},"a":"x"}}"#)
        };
        assert!(a(deep("[", "]").as_bytes()).is_some());
        assert!(a(deep(r#"{"a":"#, "}").as_bytes()).is_some());
        assert!(a(deep("[", "").as_bytes()).is_none());
        let wide = |members: usize| {
            let members: Vec<_> = (0..members).map(|n| format!(r#""{n}":0"#)).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(a(wide(64).as_bytes()).is_some());
        assert!(a(wide(65).as_bytes()).is_none());
    }
}

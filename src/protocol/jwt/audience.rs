//! The claim `aud` of a client assertion.

use std::{error::Error, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

use crate::protocol::quoted::SingleQuoted;

/// The claim `aud`: a string, or an array of strings (RFC 7519 §4.1.3).
#[derive(Clone)]
pub(crate) enum Audience {
    Text(String),
    /// The first of the values, and how many there are.
    Array(Vec<String>, usize),
}

/// How many values of an array are kept. Only one of them can be right, and the others are for
/// the log.
const KEPT: usize = 2;

impl Audience {
    /// The value, if there is exactly one. If an assertion is for two servers, the other server
    /// could use it here.
    pub(crate) fn sole(&self) -> Option<&str> {
        match self {
            Self::Text(value) => Some(value),
            Self::Array(values, 1) => values.first().map(String::as_str),
            Self::Array(..) => None,
        }
    }

    /// The value, if the claim is a string.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(value) => Some(value),
            Self::Array(..) => None,
        }
    }
}

impl<'t> Deserialize<'t> for Audience {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct AudienceVisitor;

        impl<'t> Visitor<'t> for AudienceVisitor {
            type Value = Audience;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E: serde::de::Error>(self, audience: &str) -> Result<Audience, E> {
                Ok(Audience::Text(audience.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'t>>(self, mut array: A) -> Result<Audience, A::Error> {
                let (mut values, mut count) = (Vec::new(), 0);
                while let Some(value) = array.next_element::<String>()? {
                    if count < KEPT {
                        values.push(value);
                    }
                    count += 1;
                }
                Ok(Audience::Array(values, count))
            }
        }

        deserializer.deserialize_any(AudienceVisitor)
    }
}

/// Writes the claim as JSON does. It is from the request, so long values are cut, and what
/// could forge a log line is escaped.
impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(value) => write!(f, "{}", SingleQuoted(value)),
            Self::Array(values, count) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    write!(f, "{}", SingleQuoted(value))?;
                }
                match count - values.len() {
                    0 => f.write_str("]"),
                    more => write!(f, ", and {more} more]"),
                }
            }
        }
    }
}

/// The audience of an assertion that was refused, and what is accepted instead.
pub(crate) struct WrongAudience {
    pub(crate) found: Audience,
    pub(crate) accepted: Vec<String>,
    pub(crate) hint: Option<&'static str>,
}

/// One line, for a log.
impl fmt::Display for WrongAudience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`aud` is {} and must be ", self.found)?;
        for (index, value) in self.accepted.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { " or " })?;
            write!(f, "{}", SingleQuoted(value))?;
        }
        match self.hint {
            Some(hint) => write!(f, ": {hint}"),
            None => Ok(()),
        }
    }
}

/// As bounded as the line.
impl fmt::Debug for WrongAudience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrongAudience({self})")
    }
}

impl Error for WrongAudience {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Audience> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn one_value_is_one_value() {
        for (json, sole, text) in [
            (r#""as""#, Some("as"), Some("as")),
            (r#""""#, Some(""), Some("")),
            (r#"["as"]"#, Some("as"), None),
            (r#"["as","as"]"#, None, None),
            (r#"["as","other"]"#, None, None),
            ("[]", None, None),
        ] {
            let audience = read(json).expect(json);
            assert_eq!((audience.sole(), audience.text()), (sole, text), "{json}");
        }
        for json in [
            "[[\"as\"]]",
            "[\"as\",1]",
            "[\"a\",\"b\",\"c\",null]",
            "{}",
            "null",
            "1",
        ] {
            assert!(read(json).is_none(), "{json}");
        }
    }

    #[test]
    fn what_came_is_shown_bounded_and_on_one_line() {
        let long = "€".repeat(129);
        let json = format!("[{long:?}, {long:?}, \"c\", \"d\"]");
        let cut = format!("'{}…'", "€".repeat(128));
        for (json, shown) in [
            (r#""https://a""#, "'https://a'".to_owned()),
            (
                r#""a\nb\u001b'\u2028""#,
                r"'a\nb\u{1b}\'\u{2028}'".to_owned(),
            ),
            ("[]", "[]".to_owned()),
            (r#"["a"]"#, "['a']".to_owned()),
            (r#"["a","b"]"#, "['a', 'b']".to_owned()),
            (&*json, format!("[{cut}, {cut}, and 2 more]")),
        ] {
            assert_eq!(read(json).expect(json).to_string(), shown);
        }
        let wrong = WrongAudience {
            found: read(&json).expect("values"),
            accepted: vec![long, "as".to_owned()],
            hint: None,
        };
        let line = format!("`aud` is [{cut}, {cut}, and 2 more] and must be {cut} or 'as'");
        assert_eq!(wrong.to_string(), line);
        assert_eq!(format!("{wrong:?}"), format!("WrongAudience({line})"));
    }
}

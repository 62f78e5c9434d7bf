//! What the head of a request decides, before a byte of the body is read.

use http::{HeaderMap, HeaderValue, Method, header, request::Parts};

use super::{
    evidence::{assertion::CLIENT_ASSERTION, basic::Basic, post::CLIENT_SECRET},
    form,
};
use crate::protocol::{reason::Reason, settings::Settings};

/// Checks the head in the order of the decisions and reads the Basic
/// credentials, where there are any. Marks them as sensitive, so that nobody
/// after this prints them.
pub(crate) fn check(head: &mut Parts, settings: &Settings) -> Result<Option<Basic>, Reason> {
    if head.method != Method::POST {
        return Err(Reason::MethodNotAllowed);
    }
    let headers = Headers::read(&mut head.headers);
    match headers.content_type {
        Values::One(content_type) => check_content_type(content_type)?,
        Values::None | Values::Many => return Err(Reason::ContentTypeNotForm),
    }
    if headers.has_content_encoding {
        return Err(Reason::ContentEncodingPresent);
    }
    if let Some(query) = head.uri.query()
        && form::query_names(query, &[CLIENT_SECRET, CLIENT_ASSERTION])
    {
        return Err(Reason::CredentialsInQuery);
    }
    let basic = match headers.authorization {
        Values::None => None,
        Values::One(authorization) => Some(Basic::parse(authorization)?),
        Values::Many => return Err(Reason::RepeatedAuthorizationHeader),
    };
    let length = headers.content_length.and_then(announced_length);
    if length.is_some_and(|length| length > settings.body_limit as u64) {
        return Err(Reason::BodyTooLarge);
    }
    Ok(basic)
}

/// The headers that decide something, found in one pass: cheaper than to look
/// each of them up.
#[derive(Default)]
struct Headers<'h> {
    content_type: Values<'h>,
    authorization: Values<'h>,
    has_content_encoding: bool,
    content_length: Option<&'h HeaderValue>,
}

#[derive(Default)]
enum Values<'h> {
    #[default]
    None,
    One(&'h HeaderValue),
    Many,
}

impl<'h> Headers<'h> {
    fn read(headers: &'h mut HeaderMap) -> Self {
        let mut read = Self::default();
        for (name, value) in headers.iter_mut() {
            if *name == header::CONTENT_TYPE {
                read.content_type.add(value);
            } else if *name == header::AUTHORIZATION {
                value.set_sensitive(true);
                read.authorization.add(value);
            } else if *name == header::CONTENT_LENGTH {
                read.content_length = Some(value);
            } else if *name == header::CONTENT_ENCODING {
                read.has_content_encoding = true;
            }
        }
        read
    }
}

impl<'h> Values<'h> {
    fn add(&mut self, value: &'h HeaderValue) {
        *self = match self {
            Self::None => Self::One(value),
            Self::One(_) | Self::Many => Self::Many,
        };
    }
}

/// A length that is no number is the server's to refuse, before it comes here;
/// one that is beyond all numbers is beyond every limit.
fn announced_length(length: &HeaderValue) -> Option<u64> {
    let length = length.as_bytes();
    length.iter().try_fold(0_u64, |value, byte| match byte {
        b'0'..=b'9' => Some(
            value
                .saturating_mul(10)
                .saturating_add(u64::from(byte - b'0')),
        ),
        _ => None,
    })
}

/// `application/x-www-form-urlencoded`, with no charset but UTF-8
/// (RFC 9110 §8.3.1).
fn check_content_type(value: &HeaderValue) -> Result<(), Reason> {
    let value = value.as_bytes();
    // What nearly everybody sends.
    if value == FORM {
        return Ok(());
    }
    let type_end = value
        .iter()
        .position(|&byte| byte == b';')
        .unwrap_or(value.len());
    let (media_type, mut parameters) = value.split_at(type_end);
    if !media_type.trim_ascii().eq_ignore_ascii_case(FORM) {
        return Err(Reason::ContentTypeNotForm);
    }
    while let Some((parameter, rest)) = next_parameter(parameters)? {
        if let Some((name, value)) = parameter
            && name.eq_ignore_ascii_case(b"charset")
            && !unquoted(value).eq_ignore_ascii_case(b"utf-8")
        {
            return Err(Reason::CharsetNotUtf8);
        }
        parameters = rest;
    }
    Ok(())
}

const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// `OWS ";" OWS [ name "=" value ]`, and what follows. The parameter may be
/// empty; the value may be a quoted string, in which a `;` ends nothing.
#[expect(clippy::type_complexity, reason = "a parameter, and the rest")]
fn next_parameter(input: &[u8]) -> Result<Option<(Option<(&[u8], &[u8])>, &[u8])>, Reason> {
    let Some(input) = input.trim_ascii_start().strip_prefix(b";") else {
        return if input.trim_ascii().is_empty() {
            Ok(None)
        } else {
            Err(Reason::ContentTypeNotForm)
        };
    };
    let mut quoted = false;
    let mut escaped = false;
    let end = input.iter().position(|&byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => return true,
            _ => {}
        }
        false
    });
    if quoted {
        return Err(Reason::ContentTypeNotForm);
    }
    let (parameter, rest) = input.split_at(end.unwrap_or(input.len()));
    let parameter = parameter.trim_ascii();
    if parameter.is_empty() {
        return Ok(Some((None, rest)));
    }
    match parameter.iter().position(|&byte| byte == b'=') {
        Some(at) if at > 0 => Ok(Some((Some((&parameter[..at], &parameter[at + 1..])), rest))),
        Some(_) | None => Err(Reason::ContentTypeNotForm),
    }
}

/// The text of a token or of a quoted string (RFC 9110 §5.6.4).
fn unquoted(value: &[u8]) -> Vec<u8> {
    let Some(quoted) = value
        .strip_prefix(b"\"")
        .and_then(|value| value.strip_suffix(b"\""))
    else {
        return value.to_vec();
    };
    let mut escaped = false;
    quoted
        .iter()
        .copied()
        .filter(|&byte| {
            escaped = byte == b'\\' && !escaped;
            !escaped
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content_type(value: &str) -> Option<Reason> {
        check_content_type(&HeaderValue::from_str(value).expect("a header")).err()
    }

    #[test]
    fn grammar_of_rfc_9110_8_3_1() {
        let form = "application/x-www-form-urlencoded";
        for good in [
            "",
            ";",
            " ; ",
            ";;",
            ";charset=utf-8",
            "; Charset=UTF-8",
            ";charset=\"utf-8\"",
            "; charset=\"\\u\\t\\f-8\" ;",
            ";a=b;charset=utf-8",
            ";a=\";charset=x\"",
        ] {
            assert_eq!(content_type(&format!("{form}{good}")), None, "{good}");
        }
        for bad in [
            ";charset=iso-8859-1",
            ";charset=",
            ";charset=\"\"",
            ";charset=utf8",
            ";charset=utf-8;charset=latin1",
            ";a=\"\\\";\";charset=x",
        ] {
            let reason = content_type(&format!("{form}{bad}"));
            assert_eq!(reason, Some(Reason::CharsetNotUtf8), "{bad}");
        }
        for bad in [";a", ";=b", ";a=\"", ";charset=\"utf-8", "x", ",text/plain"] {
            let reason = content_type(&format!("{form}{bad}"));
            assert_eq!(reason, Some(Reason::ContentTypeNotForm), "{bad}");
        }
        for bad in [
            "",
            "application/json",
            "application/x-www-form",
            "multipart/form-data",
        ] {
            assert_eq!(content_type(bad), Some(Reason::ContentTypeNotForm), "{bad}");
        }
        assert_eq!(content_type("APPLICATION/X-WWW-Form-Urlencoded"), None);
    }
}

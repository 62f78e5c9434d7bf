//! What the head of a request decides, before a byte of the body is read.

use http::{HeaderMap, HeaderValue, Method, header, request::Parts};

use super::{
    credentials::{assertion::CLIENT_ASSERTION, basic::Basic, post::CLIENT_SECRET},
    form,
    rejection::Reason,
    rules::Rules,
};

/// Checks the head in the order of the decisions and reads the Basic
/// credentials, where there are any.
pub(crate) fn check(head: &Parts, rules: &Rules) -> Result<Option<Basic>, Reason> {
    if head.method != Method::POST {
        return Err(Reason::MethodNotAllowed);
    }
    check_content_type(&head.headers)?;
    if head.headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Reason::ContentEncodingPresent);
    }
    if let Some(query) = head.uri.query()
        && form::query_names(query, &[CLIENT_SECRET, CLIENT_ASSERTION])
    {
        return Err(Reason::CredentialsInQuery);
    }
    let basic = match only(&head.headers, &header::AUTHORIZATION) {
        Ok(authorization) => authorization.map(Basic::parse).transpose()?,
        Err(Repeated) => return Err(Reason::RepeatedAuthorizationHeader),
    };
    if announced_length(&head.headers).is_some_and(|length| length > rules.body_limit as u64) {
        return Err(Reason::BodyTooLarge);
    }
    Ok(basic)
}

/// A length that is no number is the server's to refuse, before it comes here;
/// one that is beyond all numbers is beyond every limit.
fn announced_length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?.to_str().ok()?;
    let is_number = length.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| length.parse().unwrap_or(u64::MAX))
}

/// `application/x-www-form-urlencoded`, with no charset but UTF-8
/// (RFC 9110 §8.3.1).
fn check_content_type(headers: &HeaderMap) -> Result<(), Reason> {
    let Ok(Some(value)) = only(headers, &header::CONTENT_TYPE) else {
        return Err(Reason::ContentTypeNotForm);
    };
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

/// The header's one value, if it is there.
fn only<'h>(
    headers: &'h HeaderMap,
    name: &http::HeaderName,
) -> Result<Option<&'h HeaderValue>, Repeated> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(Repeated),
    }
}

struct Repeated;

#[cfg(test)]
mod tests {
    use super::*;

    fn content_type(value: &str) -> Option<Reason> {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(value).expect("a header");
        headers.insert(header::CONTENT_TYPE, value);
        check_content_type(&headers).err()
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

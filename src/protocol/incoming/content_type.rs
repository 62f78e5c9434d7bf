//! The media type of a form, and its charset.

use http::HeaderValue;

use crate::protocol::reason::RejectionReason;

/// `application/x-www-form-urlencoded`, with no charset but UTF-8
/// (RFC 9110 §8.3.1).
pub(super) fn check(value: &HeaderValue) -> Result<(), RejectionReason> {
    let value = value.as_bytes();
    // What nearly everybody sends.
    if value == FORM {
        return Ok(());
    }
    if is_list(value) {
        return Err(RejectionReason::RepeatedContentTypeHeader);
    }
    let type_end = value
        .iter()
        .position(|&byte| byte == b';')
        .unwrap_or(value.len());
    let (media_type, mut parameters) = value.split_at(type_end);
    if !media_type.trim_ascii().eq_ignore_ascii_case(FORM) {
        return Err(RejectionReason::ContentTypeNotForm);
    }
    while let Some((parameter, rest)) = next_parameter(parameters)? {
        if let Some((name, value)) = parameter
            && name.eq_ignore_ascii_case(b"charset")
        {
            check_charset(value)?;
        }
        parameters = rest;
    }
    Ok(())
}

const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// Whether a proxy joined several headers.
fn is_list(value: &[u8]) -> bool {
    matches!(find_outside_quotes(value, b','), Ok(Some(_)))
}

/// The name of UTF-8 is `utf-8`. Many clients write `utf8`.
fn check_charset(value: &[u8]) -> Result<(), RejectionReason> {
    if value.starts_with(b"'") {
        return Err(RejectionReason::CharsetInSingleQuotes);
    }
    let charset = unquoted(value).to_ascii_lowercase();
    match &*charset {
        b"utf-8" | b"utf8" => Ok(()),
        _ => Err(RejectionReason::CharsetNotUtf8),
    }
}

/// `OWS ";" OWS [ name "=" value ]`, and what follows. The parameter may be
/// empty; the value may be a quoted string, in which a `;` ends nothing.
#[expect(clippy::type_complexity, reason = "a parameter, and the rest")]
fn next_parameter(
    input: &[u8],
) -> Result<Option<(Option<(&[u8], &[u8])>, &[u8])>, RejectionReason> {
    let Some(input) = input.trim_ascii_start().strip_prefix(b";") else {
        return if input.trim_ascii().is_empty() {
            Ok(None)
        } else {
            Err(RejectionReason::ContentTypeNotForm)
        };
    };
    let end = find_outside_quotes(input, b';')?;
    let (parameter, rest) = input.split_at(end.unwrap_or(input.len()));
    let parameter = parameter.trim_ascii();
    if parameter.is_empty() {
        return Ok(Some((None, rest)));
    }
    match parameter.iter().position(|&byte| byte == b'=') {
        Some(at) if at > 0 => Ok(Some((Some((&parameter[..at], &parameter[at + 1..])), rest))),
        Some(_) | None => Err(RejectionReason::ContentTypeNotForm),
    }
}

/// Where the byte is, if not in a quoted string. Fails if such a string does not end.
fn find_outside_quotes(input: &[u8], wanted: u8) -> Result<Option<usize>, RejectionReason> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, &byte) in input.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            byte if byte == wanted && !quoted => return Ok(Some(at)),
            _ => {}
        }
    }
    if quoted {
        return Err(RejectionReason::ContentTypeNotForm);
    }
    Ok(None)
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

    fn content_type(value: &str) -> Option<RejectionReason> {
        check(&HeaderValue::from_str(value).expect("a header")).err()
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
            ";a=\",\"",
            ";a=\"\\\",\"",
            ";charset=utf8",
            ";charset=\"UTF8\"",
            ";charset=\"ut\\f8\"",
        ] {
            assert_eq!(content_type(&format!("{form}{good}")), None, "{good}");
        }
        for bad in [
            ";charset=iso-8859-1",
            ";charset=",
            ";charset=\"\"",
            ";charset=utf_8",
            ";charset=utf-8 x",
            ";charset=\"'utf-8'\"",
            ";charset=utf-8;charset=latin1",
            ";a=\"\\\";\";charset=x",
            // Only in quotes does a backslash take the meaning of what follows.
            ";a=\\;charset=x",
        ] {
            let reason = content_type(&format!("{form}{bad}"));
            assert_eq!(reason, Some(RejectionReason::CharsetNotUtf8), "{bad}");
        }
        for bad in [";a", ";=b", ";a=\"", ";charset=\"utf-8", "x"] {
            let reason = content_type(&format!("{form}{bad}"));
            assert_eq!(reason, Some(RejectionReason::ContentTypeNotForm), "{bad}");
        }
        for bad in ["'utf-8'", "'utf8'", "'", "'latin1'"] {
            let reason = content_type(&format!("{form}; charset={bad}"));
            assert_eq!(
                reason,
                Some(RejectionReason::CharsetInSingleQuotes),
                "{bad}"
            );
        }
        for bad in [
            &format!("{form}, {form}"),
            &format!("{form},text/plain"),
            &format!("{form}; charset=utf-8, {form}; charset=utf-8"),
            &format!("text/plain,{form}"),
        ] {
            let reason = content_type(bad);
            assert_eq!(
                reason,
                Some(RejectionReason::RepeatedContentTypeHeader),
                "{bad}"
            );
        }
        for bad in [
            "",
            "application/json",
            "application/x-www-form",
            "multipart/form-data",
        ] {
            assert_eq!(
                content_type(bad),
                Some(RejectionReason::ContentTypeNotForm),
                "{bad}"
            );
        }
        assert_eq!(content_type("APPLICATION/X-WWW-Form-Urlencoded"), None);
    }
}

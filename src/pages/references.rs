//! Where a specification can be read.

/// The address of a section, such as `RFC 6749 §5.2` or `RFC 6749 appendix B`.
pub(super) fn url(reference: &str) -> Option<String> {
    if let Some(rfc) = reference.strip_prefix("RFC ") {
        let (number, anchor) = match rfc.split_once(' ') {
            None => (rfc, String::new()),
            Some((number, section)) => {
                let anchor = match section.strip_prefix('§') {
                    Some(section) => format!("#section-{section}"),
                    None => format!("#appendix-{}", section.strip_prefix("appendix ")?),
                };
                (number, anchor)
            }
        };
        return Some(format!(
            "https://www.rfc-editor.org/rfc/rfc{number}{anchor}"
        ));
    }
    let anchored = match reference {
        "OpenID Connect Core §9" => {
            "https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication"
        }
        "OpenID Connect Core §10.1" => {
            "https://openid.net/specs/openid-connect-core-1_0.html#SigEnc"
        }
        "OpenID Connect CIBA Core §7.1" => {
            "https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_request"
        }
        "OpenID Connect CIBA Core §13" => {
            "https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response"
        }
        "OpenID Connect Registration §2" => {
            "https://openid.net/specs/openid-connect-registration-1_0.html#ClientMetadata"
        }
        _ => return None,
    };
    Some(anchored.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_becomes_an_address_or_nothing() {
        let rfc = |rest| Some(format!("https://www.rfc-editor.org/rfc/rfc{rest}"));
        for (reference, expected) in [
            ("RFC 6749 §5.2", rfc("6749#section-5.2")),
            ("RFC 6749 appendix B", rfc("6749#appendix-B")),
            ("RFC 10070", rfc("10070")),
            ("RFC 6749 part 2", None),
            ("a book", None),
        ] {
            assert_eq!(url(reference), expected, "{reference}");
        }
    }
}

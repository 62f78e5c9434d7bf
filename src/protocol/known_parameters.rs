//! The parameters of requests that a specification known to the layer defines, for all endpoints or
//! for one.
//!
//! A parameter that is not here is one that the layer does not recognise. It is handed on, also if
//! it is repeated (RFC 6749 §3.2 with erratum 5708).

use super::settings::endpoint::Endpoint;

/// How often a request may have a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occurs {
    Once,
    AnyNumberOfTimes,
}

/// How often a request may have the parameter. `None` if no specification defines it for this
/// endpoint.
pub(crate) fn find(name: &str, endpoint: Endpoint) -> Option<Occurs> {
    let own = || match endpoint {
        Endpoint::PushedAuthorization => of_authorization(name),
        Endpoint::BackchannelAuthentication => of_backchannel(name),
        Endpoint::Token
        | Endpoint::Introspection
        | Endpoint::Revocation
        | Endpoint::DeviceAuthorization => None,
    };
    of_all(name).or_else(own)
}

#[cfg(test)]
type Row = (&'static str, Occurs, &'static str);

/// Declares parameters: name, how often a request may have it, the section that defines it.
macro_rules! known_parameters {
    ($find:ident $all:ident; $($name:literal, $occurs:ident, $section:literal;)*) => {
        fn $find(name: &str) -> Option<Occurs> {
            match name {
                $($name => Some(Occurs::$occurs),)*
                _ => None,
            }
        }

        #[cfg(test)]
        const $all: &[Row] = &[$(($name, Occurs::$occurs, $section)),*];
    };
}

known_parameters! { of_all ALL;
    // The registry "OAuth Parameters" of IANA: each whose usage location is a token request.
    "client_id", Once, "RFC 6749 §2.3.1";
    "client_secret", Once, "RFC 6749 §2.3.1";
    "grant_type", Once, "RFC 6749 §4.1.3";
    "code", Once, "RFC 6749 §4.1.3";
    "redirect_uri", Once, "RFC 6749 §4.1.3";
    "username", Once, "RFC 6749 §4.3.2";
    "password", Once, "RFC 6749 §4.3.2";
    "refresh_token", Once, "RFC 6749 §6";
    "scope", Once, "RFC 6749 §3.3";
    "assertion", Once, "RFC 7521 §4.1";
    "client_assertion", Once, "RFC 7521 §4.2";
    "client_assertion_type", Once, "RFC 7521 §4.2";
    "code_verifier", Once, "RFC 7636 §4.5";
    "vtr", Once, "RFC 8485 §4.1";
    "device_code", Once, "RFC 8628 §3.4";
    "audience", AnyNumberOfTimes, "RFC 8693 §2.1";
    "requested_token_type", Once, "RFC 8693 §2.1";
    "subject_token", Once, "RFC 8693 §2.1";
    "subject_token_type", Once, "RFC 8693 §2.1";
    "actor_token", Once, "RFC 8693 §2.1";
    "actor_token_type", Once, "RFC 8693 §2.1";
    "resource", AnyNumberOfTimes, "RFC 8707 §2";
    "req_cnf", Once, "RFC 9201 §3.1";
    "authorization_details", Once, "RFC 9396 §6";
    "claim_token", Once, "UMA 2.0 Grant §3.3.1";
    "pct", Once, "UMA 2.0 Grant §3.3.1";
    "rpt", Once, "UMA 2.0 Grant §3.3.1";
    "ticket", Once, "UMA 2.0 Grant §3.3.1";
    // Not registered.
    "auth_req_id", Once, "CIBA Core §10.1";
    // Introspection and revocation.
    "token", Once, "RFC 7662 §2.1";
    "token_type_hint", Once, "RFC 7662 §2.1";
}

// The registry "OAuth Parameters": each whose usage location is an authorization request.
known_parameters! { of_authorization AUTHORIZATION;
    "response_type", Once, "RFC 6749 §3.1.1";
    "dpop_jkt", Once, "RFC 9449 §10";
    "state", Once, "RFC 6749 §4.1.1";
    "response_mode", Once, "OAuth 2.0 Multiple Response Types §2.1";
    "nonce", Once, "OpenID Connect Core §3.1.2.1";
    "display", Once, "OpenID Connect Core §3.1.2.1";
    "prompt", Once, "OpenID Connect Core §3.1.2.1";
    "max_age", Once, "OpenID Connect Core §3.1.2.1";
    "ui_locales", Once, "OpenID Connect Core §3.1.2.1";
    "id_token_hint", Once, "OpenID Connect Core §3.1.2.1";
    "login_hint", Once, "OpenID Connect Core §3.1.2.1";
    "acr_values", Once, "OpenID Connect Core §3.1.2.1";
    "claims_locales", Once, "OpenID Connect Core §5.2";
    "claims", Once, "OpenID Connect Core §5.5";
    "registration", Once, "OpenID Connect Core §7.2.1";
    "request", Once, "RFC 9101 §5";
    "request_uri", Once, "RFC 9101 §5";
    // The claims of a request object.
    "iss", Once, "RFC 9101 §9.1";
    "sub", Once, "RFC 9101 §9.1";
    "aud", Once, "RFC 9101 §9.1";
    "exp", Once, "RFC 9101 §9.1";
    "nbf", Once, "RFC 9101 §9.1";
    "iat", Once, "RFC 9101 §9.1";
    "jti", Once, "RFC 9101 §9.1";
    "code_challenge", Once, "RFC 7636 §4.3";
    "code_challenge_method", Once, "RFC 7636 §4.3";
    "trust_chain", Once, "OpenID Federation §12.1.1.1.2";
    "issuer_state", Once, "OpenID4VCI §5.1.3";
}

// None is registered.
known_parameters! { of_backchannel BACKCHANNEL;
    "client_notification_token", Once, "CIBA Core §7.1";
    "acr_values", Once, "CIBA Core §7.1";
    "login_hint_token", Once, "CIBA Core §7.1";
    "id_token_hint", Once, "CIBA Core §7.1";
    "login_hint", Once, "CIBA Core §7.1";
    "binding_message", Once, "CIBA Core §7.1";
    "user_code", Once, "CIBA Core §7.1";
    "requested_expiry", Once, "CIBA Core §7.1";
    "request", Once, "CIBA Core §7.1.1";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Each endpoint with a table of its own, beside one without.
    const TABLES: [(Endpoint, &[Row]); 3] = [
        (Endpoint::Token, ALL),
        (Endpoint::PushedAuthorization, AUTHORIZATION),
        (Endpoint::BackchannelAuthentication, BACKCHANNEL),
    ];

    #[test]
    fn every_row_is_found_and_names_its_section() {
        for (endpoint, own) in TABLES {
            let mut names: HashSet<_> = ALL.iter().map(|row| row.0).collect();
            if endpoint == Endpoint::Token {
                names.clear();
            }
            for &(name, occurs, section) in own {
                assert!(names.insert(name), "a second {name}");
                assert_eq!(find(name, endpoint), Some(occurs), "{name}");
                assert!(section.contains(" §"), "{name}: {section}");
            }
            for &(name, occurs, _) in ALL {
                assert_eq!(find(name, endpoint), Some(occurs), "{name}");
            }
        }
    }

    #[test]
    fn only_resource_and_audience_may_be_repeated() {
        let repeatable = TABLES
            .iter()
            .flat_map(|(_, rows)| *rows)
            .filter(|(_, occurs, _)| *occurs == Occurs::AnyNumberOfTimes)
            .map(|(name, _, _)| *name);
        assert_eq!(repeatable.collect::<Vec<_>>(), ["audience", "resource"]);
    }

    #[test]
    fn what_only_other_endpoints_and_responses_have_is_not_known() {
        use Endpoint::*;
        let unknown: [(&[Endpoint], &[&str]); 3] = [
            (
                &[Token, Introspection, Revocation, DeviceAuthorization],
                &["state", "nonce", "response_type", "request", "login_hint"],
            ),
            (&[PushedAuthorization], &["binding_message", "user_code"]),
            (&[BackchannelAuthentication], &["state", "request_uri"]),
        ];
        for (endpoints, names) in unknown {
            for &endpoint in endpoints {
                for name in names.iter().chain(&["", "access_token", "Scope"]) {
                    assert_eq!(find(name, endpoint), None, "{name} at {endpoint:?}");
                }
            }
        }
    }
}

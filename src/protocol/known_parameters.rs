//! The parameters of requests that a specification known to the layer defines.
//!
//! A parameter that is not here is one that the layer does not recognise. It is handed on, also if
//! it is repeated (RFC 6749 §3.2 with erratum 5708).

/// How often a request may have a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occurs {
    Once,
    AnyNumberOfTimes,
}

/// Declares the parameters: name, how often a request may have it, the section that defines it.
macro_rules! known_parameters {
    ($($name:literal, $occurs:ident, $section:literal;)*) => {
        /// How often a request may have the parameter. `None` if no specification defines it.
        pub(crate) fn find(name: &str) -> Option<Occurs> {
            match name {
                $($name => Some(Occurs::$occurs),)*
                _ => None,
            }
        }

        #[cfg(test)]
        const ALL: &[(&str, Occurs, &str)] = &[$(($name, Occurs::$occurs, $section)),*];
    };
}

known_parameters! {
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_is_found_and_names_its_section() {
        let mut names = HashSet::new();
        for &(name, occurs, section) in ALL {
            assert!(names.insert(name), "a second {name}");
            assert_eq!(find(name), Some(occurs), "{name}");
            assert!(section.contains(" §"), "{name}: {section}");
        }
    }

    #[test]
    fn only_resource_and_audience_may_be_repeated() {
        let repeatable = ALL
            .iter()
            .filter(|(_, occurs, _)| *occurs == Occurs::AnyNumberOfTimes)
            .map(|(name, _, _)| *name);
        assert_eq!(repeatable.collect::<Vec<_>>(), ["audience", "resource"]);
    }

    #[test]
    fn what_only_other_endpoints_and_responses_have_is_not_known() {
        for name in [
            "",
            "state",
            "nonce",
            "response_type",
            "access_token",
            "Scope",
        ] {
            assert_eq!(find(name), None, "{name}");
        }
    }
}

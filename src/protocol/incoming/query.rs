//! The query of the URI.
//!
//! The URL of an endpoint may have a query (RFC 6749 §3.2), such as `?tenant=a`. The layer does not
//! read it, but a server behind the layer may merge it with the body. So a request is refused if
//! that server could read something else than what the layer checked.

use std::borrow::Cow;

use super::{pairs, percent};
use crate::protocol::{reason::RejectionReason, rejection::Rejection};

/// Refuses what identifies a client, which must not be in a URI (RFC 6749 §2.3.1). It needs no
/// value.
pub(super) fn check(query: &str) -> Result<(), Rejection> {
    let mut client_id = None;
    for name in names(query) {
        match &*name {
            "client_secret" | "client_assertion" => {
                return Err(RejectionReason::CredentialsInQuery.into());
            }
            "client_id" => client_id = Some(name),
            _ => {}
        }
    }
    match client_id {
        Some(name) => Err(Rejection::naming(RejectionReason::ParameterInQuery, &name)),
        None => Ok(()),
    }
}

/// Refuses a name that is also in the body, and one of `checked`, which the layer reads, that is only in
/// the query. `is_in_body` should be fast: a query has thousands of names if somebody wants it to.
pub(super) fn check_beside_body(
    query: &str,
    checked: &[&str],
    is_in_body: impl Fn(&str) -> bool,
) -> Result<(), Rejection> {
    for name in names(query) {
        if is_in_body(&name) {
            return Err(Rejection::naming(RejectionReason::RepeatedParameter, &name));
        }
        if checked.contains(&&*name) {
            return Err(Rejection::naming(RejectionReason::ParameterInQuery, &name));
        }
    }
    Ok(())
}

/// The decoded names. Nothing is refused for how it is encoded, so each is what a lenient server
/// would read.
fn names(query: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pairs::split(query.as_bytes()).map(|(name, _)| percent::decode_lossily(&query[name]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn refused(result: Result<(), Rejection>) -> Option<(RejectionReason, Option<String>)> {
        let rejection = result.err()?;
        let parameter = rejection.parameter().map(str::to_owned);
        Some((rejection.reason(), parameter))
    }

    #[test]
    fn what_identifies_a_client_is_found_by_its_decoded_name() {
        for query in [
            "client_secret=a",
            "client_secret",
            "a=b&client%5Fsecret=",
            "%zz&client_assertion=a",
            "client_id=a&client%5fassertion=b",
        ] {
            let expected = Some((RejectionReason::CredentialsInQuery, None));
            assert_eq!(refused(check(query)), expected, "{query}");
        }
        for query in [
            "client_id=a",
            "client_id",
            "a&%63lient_id=",
            "client_id&client_id",
        ] {
            let expected = (RejectionReason::ParameterInQuery, Some("client_id".into()));
            assert_eq!(refused(check(query)), Some(expected), "{query}");
        }
        for query in [
            "",
            "a=client_secret",
            "client_secret2=a",
            "client_secret%",
            "client_secret%ff",
            "client_id_issued_at=0",
            "Client_Id=a",
            "client_id+=a",
        ] {
            assert_eq!(refused(check(query)), None, "{query}");
        }
    }

    #[test]
    fn a_name_must_not_be_in_both_and_a_grant_only_in_the_body() {
        let body = BTreeSet::from(["scope", "a b", "100%", "grant_type", ""]);
        let check = |query, has_grants: bool, body: &BTreeSet<&str>| {
            let checked: &[&str] = if has_grants {
                &["grant_type", "scope"]
            } else {
                &[]
            };
            refused(check_beside_body(query, checked, |name| {
                body.contains(name)
            }))
        };
        for (query, name) in [
            ("scope=a", Some("scope")),
            ("x=y&sc%6fpe", Some("scope")),
            ("a+b=", Some("a b")),
            ("a%20b=", Some("a b")),
            ("100%=1", Some("100%")),
            ("100%25=1", Some("100%")),
            ("grant_type=x", Some("grant_type")),
            ("=x", None),
        ] {
            let expected = (RejectionReason::RepeatedParameter, name.map(str::to_owned));
            assert_eq!(check(query, true, &body), Some(expected.clone()), "{query}");
            assert_eq!(check(query, false, &body), Some(expected), "{query}");
        }
        for query in [
            "",
            "&&",
            "Scope=a",
            "scop=e",
            "tenant=scope",
            "tenant=a&tenant=b",
            "%zz",
        ] {
            assert_eq!(check(query, true, &body), None, "{query}");
        }
        let nothing = BTreeSet::new();
        for (query, name) in [
            ("grant_type=x", "grant_type"),
            ("grant_type", "grant_type"),
            ("tenant=a&grant%5ftype=x", "grant_type"),
            ("scope=admin", "scope"),
            ("scope", "scope"),
        ] {
            let expected = (RejectionReason::ParameterInQuery, Some(name.into()));
            assert_eq!(check(query, true, &nothing), Some(expected), "{query}");
            assert_eq!(check(query, false, &nothing), None, "{query}");
        }
    }

    proptest! {
        #[test]
        fn names_are_those_that_form_urlencoded_reads(query in "[ab%+=&2c5éÿ]{0,24}") {
            let expected = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
            prop_assert_eq!(names(&query).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }
    }
}

//! Assertions with a header and claims that are right, or nearly.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::changed::changed;
use crate::holds::assertion::check;
use crate::holds::cast::CAST;
use crate::sign::SUITES;

/// As the corpus has it.
pub(crate) fn draft() -> impl Strategy<Value = String> {
    let header = select(
        &[
            "",
            "",
            "",
            "",
            r#","typ":"JWT""#,
            r#","typ":"client-authentication+jwt""#,
            r#","typ":"at+jwt""#,
            r#","kid":"1""#,
            r#","crit":["b64"]"#,
            r#","b64":true"#,
            r#","alg":"none""#,
        ][..],
    );
    let audience = select(
        &[
            r#""https://as.example.com""#,
            r#""https://as.example.com""#,
            r#"["https://as.example.com"]"#,
            r#""https://as.example.com/token""#,
            r#"["https://as.example.com","x"]"#,
            "null",
            "[]",
        ][..],
    );
    let times = select(
        &[
            r#""exp":$60"#,
            r#""exp":$60"#,
            r#""exp":$-30"#,
            r#""exp":$-61"#,
            r#""exp":$4000"#,
            r#""exp":"$60""#,
            r#""exp":$60,"nbf":$-5"#,
            r#""exp":$60,"nbf":$90"#,
            r#""exp":$60,"iat":$90"#,
            r#""exp":1e999"#,
        ][..],
    );
    let jti = select(&[r#""1""#, r#""1""#, r#""1""#, r#""""#, "1"][..]);
    let other = (
        any::<Index>(),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.1),
    );
    (any::<Index>(), other, header, audience, times, jti).prop_map(
        |(suite, (other, is_other, is_forged), header, audience, times, jti)| {
            let suite = suite.get(&SUITES);
            let id = if is_other {
                other.get(&CAST).id
            } else {
                suite.client
            };
            let forged = if is_forged { "!" } else { "" };
            let alg = suite.alg;
            let header = format!(r#"{{"alg":"{alg}"{header}}}"#);
            let claims =
                format!(r#"{{"iss":"{id}","sub":"{id}","aud":{audience},"jti":{jti},{times}}}"#);
            format!("{forged}{alg}\n{header}\n{claims}")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn an_accepted_assertion_is_for_this_server_and_time_and_is_used_once(draft in draft()) {
        check(draft.as_bytes());
    }

    /// The bytes are signed as they are.
    #[test]
    fn a_changed_draft_is_answered(draft in changed(draft())) {
        check(&draft);
    }

    #[test]
    fn nothing_that_nobody_signed_is_accepted(text in "[A-Za-z0-9_.=-]{0,80}") {
        check(format!("raw\n{text}").as_bytes());
    }
}

//! Proofs with a header and claims that are right, or nearly.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::changed::changed;
use crate::holds::dpop_proof::check;
use crate::sign::SUITES;

/// As the corpus has it.
fn draft() -> impl Strategy<Value = String> {
    let header = select(
        &[
            "",
            "",
            "",
            r#","kid":"1""#,
            r#","crit":[]"#,
            r#","alg":"none""#,
            r#","typ":"JWT""#,
        ][..],
    );
    let url = "https://as.example.com/token".to_owned();
    let piece =
        "(/|//|\\.|\\./|\\.\\./|%2e|%2E|%74|%2f|a|:443|:80|@|\\?|#|\\.|as\\.example\\.com|HTTPS|x)";
    let other_url = (any::<Index>(), piece).prop_map(|(at, piece)| {
        let url = "https://as.example.com/token";
        let at = at.index(url.len() + 1);
        format!("{}{piece}{}", &url[..at], &url[at..])
    });
    let url = prop_oneof![Just(url), other_url];
    let time = select(
        &[
            r#""iat":$0"#,
            r#""iat":$0"#,
            r#""iat":$-110"#,
            r#""iat":$-130"#,
            r#""iat":$130"#,
            r#""iat":"$0""#,
            r#""iat":$0,"exp":$-70"#,
            r#""iat":$0,"nbf":$130"#,
            r#""iat":1e999"#,
        ][..],
    );
    let jti = select(&[r#""1""#, r#""1""#, r#""""#, "1"][..]);
    let is_forged = prop::bool::weighted(0.1);
    (any::<Index>(), is_forged, header, url, time, jti).prop_map(
        |(suite, is_forged, header, url, time, jti)| {
            let alg = suite.get(&SUITES).alg;
            let forged = if is_forged { "!" } else { "" };
            let header = format!(r#"{{"typ":"dpop+jwt","alg":"{alg}","jwk":$jwk{header}}}"#);
            let claims = format!(r#"{{"jti":{jti},"htm":"POST","htu":"{url}",{time}}}"#);
            format!("{forged}{alg}\n{header}\n{claims}")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn an_accepted_proof_is_for_this_url_and_time_and_is_used_once(draft in draft()) {
        check(draft.as_bytes());
    }

    /// The bytes are signed as they are.
    #[test]
    fn a_changed_proof_is_answered(draft in changed(draft())) {
        check(&draft);
    }

    #[test]
    fn no_header_that_nobody_signed_is_accepted(text in "[ -~]{0,80}") {
        check(format!("raw\n{text}").as_bytes());
    }
}

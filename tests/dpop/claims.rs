//! The claims of a proof: which must be there, of what type, and at what time.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::draft::{at, quoted};
use crate::judge::*;
use crate::proof::*;
use crate::sign::*;

#[tokio::test]
async fn claims_of_a_proof() {
    table().hold().await;
}

#[tokio::test]
async fn times_of_a_proof() {
    times_table().hold().await;
}

#[rustfmt::skip]
pub(crate) fn table() -> Table {
    let claim = |name: &'static str, json: &'static str| move || with(&proof().claim(name, json));
    let without = |name: &'static str| move || with(&proof().without_claim(name));
    let jti_of = |len: usize| move || with(&proof().jti(&"j".repeat(len)));
    let malformed = Refused(MalformedDpopProof);
    Table::new(default_layer, vec![
        row("no jti",                           "RFC 9449 §4.2", without("jti"), Missing("jti")),
        row("an empty jti",                     "decisions",     claim("jti", r#""""#), Missing("jti")),
        row("jti of one character",             "RFC 9449 §4.2", jti_of(1), Bound(&P256)),
        row("jti of 256 bytes",                 "decisions",     jti_of(256), Bound(&P256)),
        row("jti of 257 bytes",                 "decisions",     jti_of(257), Missing("jti")),
        row("jti of 129 letters of two bytes",  "decisions",     || with(&proof().jti(&"é".repeat(129))), Missing("jti")),
        row("jti of other letters and a NUL",   "RFC 7519 §4.1.7", || with(&proof().jti("ключ\0:\n")), Bound(&P256)),
        row("jti that is a number",             "RFC 7519 §4.1.7", claim("jti", "1"), malformed),
        row("jti null",                         "RFC 7519 §4.1.7", claim("jti", "null"), malformed),
        row("no htm",                           "RFC 9449 §4.2", without("htm"), Missing("htm")),
        row("htm GET",                          "RFC 9449 §4.3", claim("htm", r#""GET""#), Refused(WrongDpopMethod)),
        row("htm in lower case",                "RFC 9110 §9.1", claim("htm", r#""post""#), Refused(WrongDpopMethod)),
        row("htm with a space",                 "RFC 9449 §4.3", claim("htm", r#""POST ""#), Refused(WrongDpopMethod)),
        row("an empty htm",                     "RFC 9449 §4.3", claim("htm", r#""""#), Refused(WrongDpopMethod)),
        row("htm that is a list",               "RFC 9449 §4.2", claim("htm", r#"["POST"]"#), malformed),
        row("no htu",                           "RFC 9449 §4.2", without("htu"), Missing("htu")),
        row("htu that is a list",               "RFC 9449 §4.2", claim("htu", "[]"), malformed),
        row("htu null",                         "RFC 9449 §4.2", claim("htu", "null"), malformed),
        row("no iat",                           "RFC 9449 §4.2", without("iat"), Missing("iat")),
        row("iat in quotes",                    "RFC 7519 §4.1.6", || with(&proof().claim("iat", quoted(&at(0)))), malformed),
        row("iat null",                         "RFC 7519 §4.1.6", claim("iat", "null"), malformed),
        row("iat true",                         "RFC 7519 §4.1.6", claim("iat", "true"), malformed),
        row("exp in quotes",                    "RFC 7519 §4.1.4", || with(&proof().claim("exp", quoted(&at(60)))), malformed),
        row("nbf in quotes",                    "RFC 7519 §4.1.5", || with(&proof().claim("nbf", quoted(&at(0)))), malformed),
        row("nonce that nobody asked for",      "RFC 9449 §8",   claim("nonce", r#""x""#), Bound(&P256)),
        row("nonce that is a number",           "RFC 9449 §4.2", claim("nonce", "1"), malformed),
        row("ath",                              "RFC 9449 §4.2", claim("ath", r#""fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo""#), Bound(&P256)),
        row("others besides",                   "RFC 9449 §4.2", || with(&proof().claim("iss", "1").claim("aud", "{}").claim("https://example.com/x", "[1]")), Bound(&P256)),
        row("htm twice",                        "RFC 7519 §4",   || with(&proof().more_claim("htm", r#""POST""#)), malformed),
        row("no claim at all",                  "RFC 9449 §4.2", || with(&proof().claims_text("{}")), Missing("jti")),
        row("an array",                         "RFC 7519 §7.2", || with(&proof().claims_text("[]")), malformed),
        row("no JSON",                          "RFC 7519 §7.2", || with(&proof().claims_text("x")), malformed),
        row("no UTF-8",                         "RFC 7519 §7.2", || with(&proof().claims_text(*b"{\"jti\":\"\xff\"}")), malformed),
        row("1,000 arrays, one in the other",   "decisions",     || with(&proof().claim("x", "[".repeat(1000) + &"]".repeat(1000))), malformed),
    ])
}

/// Each at least five seconds from its edge: the rows take time.
#[rustfmt::skip]
pub(crate) fn times_table() -> Table {
    let time = |claim: &'static str, seconds: i64| move || with(&proof().claim(claim, at(seconds)));
    let raw = |claim: &'static str, json: &'static str| move || with(&proof().claim(claim, json));
    Table::new(default_layer, vec![
        row("iat now",                          "RFC 9449 §11.1", time("iat", 0), Bound(&P256)),
        row("iat with a fraction",              "RFC 7519 §2",    || with(&proof().claim("iat", at(0) + ".5")), Bound(&P256)),
        row("iat with an exponent",             "RFC 8259 §6",    || with(&proof().claim("iat", at(0) + "e0")), Bound(&P256)),
        row("iat 10 seconds ago",               "RFC 9449 §11.1", time("iat", -10), Bound(&P256)),
        row("iat 115 seconds ago",              "decisions",      time("iat", -115), Bound(&P256)),
        row("iat 125 seconds ago",              "decisions",      time("iat", -125), Refused(ExpiredDpopProof)),
        row("iat an hour ago",                  "RFC 9449 §11.1", time("iat", -3600), Refused(ExpiredDpopProof)),
        row("iat 10 seconds ahead",             "RFC 9449 §11.1", time("iat", 10), Bound(&P256)),
        row("iat 55 seconds ahead",             "decisions",      time("iat", 55), Bound(&P256)),
        row("iat 65 seconds ahead",             "decisions",      time("iat", 65), Refused(DpopProofNotYetValid)),
        row("iat in milliseconds",              "RFC 7519 §2",    || with(&proof().claim("iat", at(0) + "000")), Refused(DpopProofNotYetValid)),
        row("iat 0",                            "RFC 9449 §11.1", raw("iat", "0"), Refused(ExpiredDpopProof)),
        row("iat negative",                     "RFC 9449 §11.1", raw("iat", "-1"), Refused(ExpiredDpopProof)),
        row("iat of 1e300",                     "RFC 8259 §6",    raw("iat", "1e300"), Refused(DpopProofNotYetValid)),
        row("iat of -1e300",                    "RFC 8259 §6",    raw("iat", "-1e300"), Refused(ExpiredDpopProof)),
        row("iat of 1e400",                     "RFC 8259 §6",    raw("iat", "1e400"), Refused(MalformedDpopProof)),
        row("exp in the future",                "RFC 7519 §4.1.4", time("exp", 60), Bound(&P256)),
        row("exp 55 seconds ago",               "decisions",      time("exp", -55), Bound(&P256)),
        row("exp 65 seconds ago",               "RFC 7519 §4.1.4", time("exp", -65), Refused(ExpiredDpopProof)),
        row("exp 0",                            "RFC 7519 §4.1.4", raw("exp", "0"), Refused(ExpiredDpopProof)),
        row("exp in a century",                 "RFC 7519 §4.1.4", time("exp", 3_000_000_000), Bound(&P256)),
        row("nbf in the past",                  "RFC 7519 §4.1.5", time("nbf", -3600), Bound(&P256)),
        row("nbf 55 seconds ahead",             "decisions",      time("nbf", 55), Bound(&P256)),
        row("nbf 65 seconds ahead",             "RFC 7519 §4.1.5", time("nbf", 65), Refused(DpopProofNotYetValid)),
    ])
}

//! The claims: which must be there, and of what type.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::*;
use crate::common::{Call, ISSUER};
use crate::draft::*;
use crate::judge::Table;
use crate::row::*;
use crate::sign::*;

#[tokio::test]
async fn claims() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(default_layer, claim_rows())
}

#[rustfmt::skip]
fn claim_rows() -> Vec<Row> {
    let malformed = || refused(MalformedAssertion);
    let accepted = || by_key("p256");
    let with = |name: &'static str, json: &'static str| move || es256().claim(name, json).call();
    let text = |change: fn(String) -> String| move || es256().map_claims(change).call();
    let mut rows = vec![
        row("the fewest",                             "RFC 7523 §3",      || es256().call(), accepted()),
        row("all that are registered",                "RFC 7519 §4.1",    || es256().claim("iat", at(0)).claim("nbf", at(0)).call(), accepted()),
        row("others besides",                         "RFC 7523 §3",      || es256().claim("https://example.com/x", r#"{"a":[1]}"#).claim("scope", "1").claim("azp", "null").call(), accepted()),
        row("no claim at all",                        "RFC 7523 §3",      || es256().claims_text("{}").call(), refused(MissingClaim)),
        row("iss that is not sub",                    "OpenID Connect Core §9", || es256().claim("iss", quoted("other-p256")).call(), refused(IssuerNotSubject)),
        row("sub that is not iss",                    "OpenID Connect Core §9", || es256().claim("sub", quoted("other-p256")).call(), refused(IssuerNotSubject)),
        row("iss that is the server",                 "OpenID Connect Core §9", || es256().claim("iss", quoted(ISSUER)).call(), refused(IssuerNotSubject)),
        row("iss in another case",                    "OpenID Connect Core §9", with("iss", r#""P256""#), refused(IssuerNotSubject)),
        row("iss and a space",                        "OpenID Connect Core §9", with("iss", r#""p256 ""#), refused(IssuerNotSubject)),
        row("iss in escapes",                         "RFC 7519 §7.3",    with("iss", r#""\u0070256""#), accepted()),
        row("an unknown sub and another iss",         "OpenID Connect Core §9", || es256().claim("sub", quoted("nobody")).call(), refused(IssuerNotSubject)),
        row("an unknown client",                      "RFC 7523 §3",      || assertion("nobody", "ES256", &P256).call(), refused(UnknownClient)),
        row("a client in another case",               "RFC 7523 §3",      || assertion("P256", "ES256", &P256).call(), refused(UnknownClient)),
        row("a client and a NUL",                     "RFC 7523 §3",      || assertion("p256\0", "ES256", &P256).call(), refused(UnknownClient)),
        row("a client of 4,096 characters",           "RFC 7523 §3",      || assertion(&"p".repeat(2048), "ES256", &P256).call(), refused(UnknownClient)),
        row("a client of other letters",              "RFC 7523 §3",      || assertion("клиент/€ 𝄞", "ES256", &P256).call(), by_key("клиент/€ 𝄞")),
        row("a client of other letters, in escapes",  "RFC 7519 §7.3",    || {
            let escaped = r#""\u043a\u043b\u0438\u0435\u043d\u0442/\u20ac \ud834\udd1e""#;
            assertion("", "ES256", &P256).claim("iss", escaped).claim("sub", escaped).call()
        }, by_key("клиент/€ 𝄞")),
        row("a client with the key of another",       "RFC 7523 §3",      || assertion("other-p256", "ES256", &P256).call(), refused(WrongSignature)),
        // jti
        row("jti of one character",                   "RFC 7519 §4.1.7",  with("jti", r#""1""#), accepted()),
        row("jti of a space",                         "RFC 7519 §4.1.7",  with("jti", r#"" ""#), accepted()),
        row("jti of 4,096 characters",                "RFC 7519 §4.1.7",  || es256().jti(&"j".repeat(4096)).call(), accepted()),
        row("jti of other letters and a NUL",         "RFC 7519 §4.1.7",  || es256().jti("ключ\0:\n").call(), accepted()),
        row("jti with half of a surrogate pair",      "RFC 8259 §8.2",    with("jti", r#""\ud800""#), malformed()),
        // fractions and exponents
        row("exp with a fraction",                    "RFC 7519 §2",      || es256().claim("exp", at(300) + ".5").call(), accepted()),
        row("exp with a long fraction",               "RFC 7519 §2",      || es256().claim("exp", format!("{}.{}", at(300), "123456789".repeat(20))).call(), accepted()),
        row("exp with an exponent",                   "RFC 8259 §6",      || es256().claim("exp", at(300) + "e0").call(), accepted()),
        row("exp with a negative exponent",           "RFC 8259 §6",      || es256().claim("exp", at(300) + "000e-3").call(), accepted()),
        row("exp of 1e10",                            "RFC 8259 §6",      with("exp", "1e10"), refused(LongLivedAssertion)),
        row("exp of 1e300",                           "RFC 8259 §6",      with("exp", "1e300"), refused(LongLivedAssertion)),
        row("exp of 1e400, more than any float",      "RFC 8259 §6",      with("exp", "1e400"), refused(None)),
        row("exp of 1e999999999",                     "RFC 8259 §6",      with("exp", "1e999999999"), refused(None)),
        row("exp of -1e400",                          "RFC 8259 §6",      with("exp", "-1e400"), refused(None)),
        row("exp of 1e-400",                          "RFC 8259 §6",      with("exp", "1e-400"), refused(ExpiredAssertion)),
        row("exp of 2^63",                            "RFC 8259 §6",      with("exp", "9223372036854775808"), refused(LongLivedAssertion)),
        row("exp of 2^64 - 1",                        "RFC 8259 §6",      with("exp", "18446744073709551615"), refused(LongLivedAssertion)),
        row("exp of 2^64",                            "RFC 8259 §6",      with("exp", "18446744073709551616"), refused(LongLivedAssertion)),
        row("exp of -2^63",                           "RFC 8259 §6",      with("exp", "-9223372036854775808"), refused(ExpiredAssertion)),
        row("exp below -2^63",                        "RFC 8259 §6",      with("exp", "-99999999999999999999"), refused(ExpiredAssertion)),
        row("exp of 300 digits",                      "RFC 8259 §6",      || es256().claim("exp", "9".repeat(300)).call(), refused(LongLivedAssertion)),
        row("exp of 4,000 digits",                    "RFC 8259 §6",      || es256().claim("exp", "9".repeat(4000)).call(), refused(None)),
        row("exp of 0",                               "RFC 7519 §4.1.4",  with("exp", "0"), refused(ExpiredAssertion)),
        row("exp of -0",                              "RFC 7519 §4.1.4",  with("exp", "-0"), refused(ExpiredAssertion)),
        row("exp of -0.0",                            "RFC 7519 §4.1.4",  with("exp", "-0.0"), refused(ExpiredAssertion)),
        row("exp of -1",                              "RFC 7519 §4.1.4",  with("exp", "-1"), refused(ExpiredAssertion)),
        row("exp in milliseconds",                    "RFC 7519 §2",      || es256().claim("exp", at(300) + "000").call(), refused(LongLivedAssertion)),
        row("exp with a leading zero",                "RFC 8259 §6",      || es256().claim("exp", format!("0{}", at(300))).call(), malformed()),
        row("exp with a plus",                        "RFC 8259 §6",      || es256().claim("exp", format!("+{}", at(300))).call(), malformed()),
        row("exp in hexadecimal",                     "RFC 8259 §6",      with("exp", "0x7fffffff"), malformed()),
        row("exp with a dot and no more",             "RFC 8259 §6",      || es256().claim("exp", at(300) + ".").call(), malformed()),
        row("exp that is Infinity",                   "RFC 8259 §6",      with("exp", "Infinity"), malformed()),
        row("exp that is NaN",                        "RFC 8259 §6",      with("exp", "NaN"), malformed()),
        row("exp in a string",                        "RFC 7519 §2",      || es256().claim("exp", quoted(&at(300))).call(), malformed()),
        row("exp as a date",                          "RFC 7519 §2",      with("exp", r#""2099-01-01T00:00:00Z""#), malformed()),
        row("nbf of -1",                              "RFC 7519 §4.1.5",  with("nbf", "-1"), accepted()),
        row("nbf of 0",                               "RFC 7519 §4.1.5",  with("nbf", "0"), accepted()),
        row("nbf with a fraction",                    "RFC 7519 §2",      || es256().claim("nbf", at(0) + ".25").call(), accepted()),
        row("nbf of 1e10",                            "RFC 7519 §4.1.5",  with("nbf", "1e10"), refused(AssertionNotYetValid)),
        row("nbf of 2^64",                            "RFC 7519 §4.1.5",  with("nbf", "18446744073709551616"), refused(AssertionNotYetValid)),
        row("iat of -1",                              "RFC 7519 §4.1.6",  with("iat", "-1"), accepted()),
        row("iat of 0",                               "RFC 7519 §4.1.6",  with("iat", "0"), accepted()),
        row("iat with a fraction",                    "RFC 7519 §2",      || es256().claim("iat", at(0) + ".75").call(), accepted()),
        row("iat of 1e10",                            "RFC 7519 §4.1.6",  with("iat", "1e10"), refused(AssertionNotYetValid)),
        row("iat of 2^64",                            "RFC 7519 §4.1.6",  with("iat", "18446744073709551616"), refused(AssertionNotYetValid)),
        // members
        row("64 claims",                              "decisions",        || wide(64).call(), accepted()),
        row("65 claims",                              "decisions",        || wide(65).call(), malformed()),
        row("2,000 arrays, one in the other",         "RFC 8259 §9",      || nested("[", "]"), accepted()),
        row("400 objects, one in the other",          "RFC 8259 §9",      || nested(r#"{"a":"#, "}"), accepted()),
        row("2,000 arrays and no end",                "RFC 8259 §9",      || es256().claim("x", "[".repeat(2000)).call(), malformed()),
        row("2,000 arrays in aud",                    "RFC 7519 §4.1.3",  || es256().claim("aud", "[".repeat(2000) + &"]".repeat(2000)).call(), malformed()),
        row("2,000 arrays in iss",                    "RFC 7519 §4.1.1",  || es256().claim("iss", "[".repeat(2000) + &"]".repeat(2000)).call(), malformed()),
        row("an unknown claim twice",                 "RFC 7519 §4",      || es256().claim("x", "1").more_claim("x", "1").call(), malformed()),
        row("an unknown claim twice, in escapes",     "RFC 7519 §4",      || es256().claim("x", "1").more_claim(r"\u0078", "1").call(), malformed()),
        // the text
        row("white space around and between",         "RFC 8259 §2",      text(|text| format!("\r\n{}\t ", text.replace("\",", "\" , "))), accepted()),
        row("a byte order mark",                      "RFC 8259 §8.1",    text(|text| format!("\u{feff}{text}")), malformed()),
        row("a second object",                        "RFC 8259 §2",      text(|text| format!("{text}{{}}")), malformed()),
        row("a NUL after the object",                 "RFC 8259 §2",      text(|text| format!("{text}\0")), malformed()),
        row("a comma too many",                       "RFC 8259 §4",      text(|text| text.replace('}', ",}")), malformed()),
        row("no end",                                 "RFC 8259 §4",      text(|text| text.replace('}', "")), malformed()),
        row("an object in an array",                  "RFC 7519 §7.2",    text(|text| format!("[{text}]")), malformed()),
        row("an object in a string",                  "RFC 7519 §7.2",    text(|text| quoted(&text)), malformed()),
        row("a token in a token",                     "RFC 7519 §5.2",    || es256().claims_text(es256().text()).header("cty", quoted("JWT")).call(), malformed()),
        row("a form",                                 "RFC 7519 §7.2",    || es256().claims_text("iss=p256&sub=p256").call(), malformed()),
        row("an array",                               "RFC 7519 §7.2",    || es256().claims_text("[]").call(), malformed()),
        row("null",                                   "RFC 7519 §7.2",    || es256().claims_text("null").call(), malformed()),
        row("a number",                               "RFC 7519 §7.2",    || es256().claims_text("1").call(), malformed()),
        row("white space alone",                      "RFC 7519 §7.2",    || es256().claims_text(" ").call(), malformed()),
        row("bytes that are not UTF-8",               "RFC 7519 §7.2",    || es256().claims_text(*b"{\"x\":\"\xff\"}").call(), malformed()),
        row("bytes that are not UTF-8 in jti",        "RFC 7519 §7.2",    || {
            let text = format!(r#"{{"iss":"p256","sub":"p256","aud":"{ISSUER}","exp":{},"jti":""#, at(300));
            es256().claims_text([text.as_bytes(), b"\xfe\"}"].concat()).call()
        }, malformed()),
    ];
    for claim in ["iss", "sub", "aud", "exp", "jti"] {
        let section = if claim == "jti" { "OpenID Connect Core §9" } else { "RFC 7523 §3" };
        rows.push(row(format!("no {claim}"), section, move || es256().without_claim(claim).call(), missing(claim)));
        rows.push(row(format!("{claim} in capitals alone"), "RFC 7519 §10.1.1", move || es256().without_claim(claim).claim(&claim.to_uppercase(), "1").call(), missing(claim)));
    }
    for claim in ["iss", "sub", "jti"] {
        rows.push(row(format!("{claim} of no characters"), "RFC 7523 §3", with(claim, r#""""#), missing(claim)));
        for json in ["1", "true", "[]", r#"["p256"]"#, "{}"] {
            rows.push(row(format!("{claim} is {json}"), "RFC 7519 §4.1", with(claim, json), malformed()));
        }
    }
    rows.push(row("iss and sub of no characters", "RFC 7523 §3", || assertion("", "ES256", &P256).call(), refused(MissingClaim)));
    for claim in ["iss", "sub", "aud", "exp", "jti", "nbf", "iat"] {
        rows.push(row(format!("{claim} is null"), "RFC 7519 §4.1", with(claim, "null"), malformed()));
    }
    for claim in ["exp", "nbf", "iat"] {
        for json in ["true", "\"\"", "\"1\"", "[]", "[1]", "{}"] {
            rows.push(row(format!("{claim} is {json}"), "RFC 7519 §4.1", with(claim, json), malformed()));
        }
    }
    for claim in ["iss", "sub", "aud", "exp", "jti"] {
        let again = move || match claim {
            "aud" => quoted(ISSUER),
            "exp" => at(300),
            "iss" | "sub" => quoted("p256"),
            _ => quoted("1"),
        };
        let escaped = format!(r"\u{:04x}{}", u32::from(claim.as_bytes()[0]), &claim[1..]);
        rows.push(row(format!("{claim} twice"), "RFC 7519 §4", move || es256().more_claim(claim, again()).call(), malformed()));
        rows.push(row(format!("{claim} twice, once in escapes"), "RFC 7519 §4", move || es256().more_claim(&escaped, again()).call(), malformed()));
    }
    rows
}

/// So many claims, the five that must be there among them.
fn wide(claims: usize) -> Draft {
    (5..claims).fold(es256(), |draft, at| draft.claim(&at.to_string(), "0"))
}

fn nested(open: &str, close: &str) -> Call {
    let depth = 2000 / open.len();
    let json = format!("{}1{}", open.repeat(depth), close.repeat(depth));
    es256().claim("x", json).call()
}

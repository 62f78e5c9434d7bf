//! Time: an hour ahead at most, and a minute of skew. No row is nearer to a limit than a clock can
//! come while it is sent.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::default_layer;
use crate::draft::*;
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn times() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(default_layer, time_rows())
}

#[rustfmt::skip]
fn time_rows() -> Vec<Row> {
    let accepted = || by_key("p256");
    let expired = || refused(ExpiredAssertion);
    let long = || refused(LongLivedAssertion);
    let early = || refused(AssertionNotYetValid);
    let exp = |seconds: i64| move || es256().claim("exp", at(seconds)).call();
    let nbf = |seconds: i64| move || es256().claim("nbf", at(seconds)).call();
    let iat = |seconds: i64| move || es256().claim("iat", at(seconds)).call();
    vec![
        row("exp in a minute",                        "RFC 7519 §4.1.4",  exp(60), accepted()),
        row("exp now, within the skew",               "RFC 7519 §4.1.4",  exp(0), accepted()),
        row("exp passed, within the skew",            "RFC 7519 §4.1.4",  exp(-30), accepted()),
        row("exp passed, beyond the skew",            "RFC 7519 §4.1.4",  exp(-62), expired()),
        row("exp passed by a part of a second more",  "RFC 7519 §4.1.4",  || es256().claim("exp", at(-62) + ".999").call(), expired()),
        row("exp an hour ago",                        "RFC 7519 §4.1.4",  exp(-3600), expired()),
        row("exp a year ago",                         "RFC 7519 §4.1.4",  exp(-31_536_000), expired()),
        row("exp in an hour",                         "RFC 7523 §3",      exp(3600), accepted()),
        row("exp in an hour, within the skew",        "RFC 7523 §3",      exp(3655), accepted()),
        row("exp in an hour, beyond the skew",        "RFC 7523 §3",      exp(3700), long()),
        row("exp in two hours",                       "RFC 7523 §3",      exp(7200), long()),
        row("exp in a year",                          "RFC 7523 §3",      exp(31_536_000), long()),
        row("exp in two hours, iat in one",           "RFC 7523 §3",      || es256().claim("exp", at(7200)).claim("iat", at(3600)).call(), refused(None)),
        row("nbf now",                                "RFC 7519 §4.1.5",  nbf(0), accepted()),
        row("nbf a year ago",                         "RFC 7519 §4.1.5",  nbf(-31_536_000), accepted()),
        row("nbf ahead, within the skew",             "RFC 7519 §4.1.5",  nbf(55), accepted()),
        row("nbf ahead, beyond the skew",             "RFC 7519 §4.1.5",  nbf(100), early()),
        row("nbf after exp",                          "RFC 7519 §4.1.5",  nbf(400), early()),
        row("iat now",                                "RFC 7519 §4.1.6",  iat(0), accepted()),
        row("iat a year ago",                         "RFC 7519 §4.1.6",  iat(-31_536_000), accepted()),
        row("iat ahead, within the skew",             "RFC 7519 §4.1.6",  iat(55), accepted()),
        row("iat ahead, beyond the skew",             "RFC 7519 §4.1.6",  iat(100), early()),
        row("iat in a year",                          "RFC 7519 §4.1.6",  iat(31_536_000), early()),
        row("nbf past, iat ahead",                    "RFC 7519 §4.1.6",  || es256().claim("nbf", at(-10)).claim("iat", at(100)).call(), early()),
        row("nbf ahead, iat past",                    "RFC 7519 §4.1.5",  || es256().claim("nbf", at(100)).claim("iat", at(-10)).call(), early()),
        row("by HMAC: exp passed, within the skew",   "RFC 7519 §4.1.4",  || hs256().claim("exp", at(-30)).call(), by_secret("hmac")),
        row("by HMAC: exp passed, beyond the skew",   "RFC 7519 §4.1.4",  || hs256().claim("exp", at(-62)).call(), expired()),
        row("by HMAC: exp in two hours",              "RFC 7523 §3",      || hs256().claim("exp", at(7200)).call(), long()),
        row("by HMAC: nbf ahead",                     "RFC 7519 §4.1.5",  || hs256().claim("nbf", at(100)).call(), early()),
    ]
}

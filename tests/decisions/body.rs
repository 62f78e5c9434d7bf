//! The body: its size, its encoding, and what may not stand in it twice.

use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::*;
use crate::common::post;
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn body_of_a_request() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(over(Registry::whole()), body_rows())
}

#[rustfmt::skip]
fn body_rows() -> Vec<Row> {
    let ok = || accepted("svc", BASIC, GRANT);
    let kept = |name, value| ok().with(name, value);
    let bad_escape = || invalid_request(BadPercentEncoding);
    let not_utf8 = || invalid_request(FormNotUtf8);
    let too_large = || rejected(413, "invalid_request", BodyTooLarge);
    let cc = |more: &str| svc(form([CC, more]));
    let cc_bytes = |more: &[u8]| svc([CC.as_bytes(), b"&", more].concat());
    vec![
        // size
        row("64 KiB",                                "RFC 9110 §15.5.14", svc(padded(65_536)), ok()),
        row("64 KiB and one byte",                   "RFC 9110 §15.5.14", svc(padded(65_537)), too_large()),
        row("64 KiB and one byte by Content-Length", "RFC 9110 §15.5.14", svc(CC).add("content-length", "65537"), too_large()),
        row("a Content-Length beyond all numbers",   "RFC 9110 §15.5.14", svc(CC).add("content-length", "99999999999999999999999"), too_large()),
        row("an honest Content-Length",              "RFC 9110 §8.6",     svc(CC).add("content-length", "29"), ok()),
        row("a Content-Length of 64 KiB",            "RFC 9110 §15.5.14", svc(padded(65_536)).add("content-length", "65536"), ok()),
        // percent-encoding and UTF-8
        row("an escape of nothing",                  "RFC 6749 App. B",   cc("a=%"), bad_escape()),
        row("an escape of one digit",                "RFC 6749 App. B",   cc("a=%4"), bad_escape()),
        row("an escape of one digit, then more",     "RFC 6749 App. B",   cc("a=%4&b=1"), bad_escape()),
        row("an escape that is not hexadecimal",     "RFC 6749 App. B",   cc("a=%zz"), bad_escape()),
        row("an escape with a sign",                 "RFC 6749 App. B",   cc("a=%+1"), bad_escape()),
        row("an escape with a space",                "RFC 6749 App. B",   cc("a=% 1"), bad_escape()),
        row("a bad escape in a name",                "RFC 6749 App. B",   cc("%g0=1"), bad_escape()),
        row("a bad escape in an unused parameter",   "RFC 6749 App. B",   cc("unused=100%"), bad_escape()),
        row("a bad escape in a secret",              "RFC 6749 App. B",   body("client_id=poster&client_secret=100%"), bad_escape()),
        row("a two-percent sign",                    "RFC 6749 App. B",   cc("a=%%41"), bad_escape()),
        row("an escape that is not UTF-8",           "RFC 6749 App. B",   cc("a=%FF"), not_utf8()),
        row("an escape of half a character",         "RFC 6749 App. B",   cc("a=%C3"), not_utf8()),
        row("an escape of an overlong character",    "RFC 3629 §3",       cc("a=%C0%80"), not_utf8()),
        row("an escape of a surrogate",              "RFC 3629 §3",       cc("a=%ED%A0%80"), not_utf8()),
        row("a character split by a separator",      "RFC 6749 App. B",   cc("a=%C3&%A9=1"), not_utf8()),
        row("a name that is not UTF-8",              "RFC 6749 App. B",   cc("%FF=1"), not_utf8()),
        row("raw bytes that are not UTF-8",          "RFC 6749 App. B",   cc_bytes(b"a=caf\xE9"), not_utf8()),
        row("a raw name that is not UTF-8",          "RFC 6749 App. B",   cc_bytes(b"\xFF\xFE=1"), not_utf8()),
        row("a plus is a space",                     "RFC 6749 App. B",   cc("state=a+b"), kept("state", "a b")),
        row("an escaped plus is a plus",             "RFC 6749 App. B",   cc("state=a%2Bb"), kept("state", "a+b")),
        row("an escaped space is a space",           "RFC 6749 App. B",   cc("state=a%20b"), kept("state", "a b")),
        row("an escaped percent sign is one",        "RFC 6749 App. B",   cc("state=100%2525"), kept("state", "100%25")),
        row("an escape in lower case",               "RFC 6749 App. B",   cc("state=%c3%bc"), kept("state", "ü")),
        row("an escape in upper case",               "RFC 6749 App. B",   cc("state=%E2%82%AC"), kept("state", "€")),
        row("the example of the appendix",           "RFC 6749 App. B",   cc("state=+%25%26%2B%C2%A3%E2%82%AC"), kept("state", " %&+£€")),
        row("raw UTF-8",                             "RFC 6749 App. B",   cc("state=ü€𝄞"), kept("state", "ü€𝄞")),
        row("an escaped letter in a name",           "RFC 6749 App. B",   svc("%67rant%5Ftype=client%5Fcredentials"), ok()),
        row("an escaped separator is a value",       "RFC 6749 App. B",   cc("state=a%26b%3Dc"), kept("state", "a&b=c")),
        row("an equals sign in a value",             "RFC 6749 App. B",   cc("state=a=b="), kept("state", "a=b=")),
        row("a semicolon separates nothing",         "RFC 6749 App. B",   cc("state=a;scope=admin"), kept("state", "a;scope=admin")),
        row("separators too many",                   "RFC 6749 App. B",   svc("&&grant_type=client_credentials&&state=a&"), kept("state", "a")),
        row("a line break after the form",           "RFC 6749 App. B",   svc(format!("{CC}\r\n")), unsupported_grant()),
        row("a space before the form",               "RFC 6749 App. B",   svc(format!(" {CC}")), invalid_request(MissingGrantType)),
        row("a byte order mark before the form",     "RFC 6749 App. B",   svc(format!("\u{FEFF}{CC}")), invalid_request(MissingGrantType)),
        row("a NUL is a character like others",      "RFC 6749 App. B",   cc("state=a%00b"), kept("state", "a\0b")),
        // repetition
        row("grant_type twice",                      "RFC 6749 §3.2",     cc(CC), repeated("grant_type")),
        row("grant_type of two kinds",               "RFC 6749 §3.2",     cc("grant_type=refresh_token"), repeated("grant_type")),
        row("second client_id in body",              "RFC 6749 §3.2",     body("client_id=pub&client_id=svc"), repeated("client_id")),
        row("client_id twice the same",              "RFC 6749 §3.2",     body("client_id=pub&client_id=pub"), repeated("client_id")),
        row("client_secret twice",                   "RFC 6749 §3.2",     body("client_id=poster&client_secret=post-secret&client_secret=x"), repeated("client_secret")),
        row("client_assertion twice",                "RFC 6749 §3.2",     body(&form([JWT, ASSERTION, ASSERTION])), repeated("client_assertion")),
        row("client_assertion_type twice",           "RFC 6749 §3.2",     body(&form([JWT, JWT, ASSERTION])), repeated("client_assertion_type")),
        row("scope twice",                           "RFC 6749 §3.2",     cc("scope=read&scope=write"), repeated("scope")),
        row("code twice",                            "RFC 6749 §3.2",     svc("grant_type=authorization_code&code=a&code=b"), repeated("code")),
        row("code_verifier twice",                   "RFC 6749 §3.2",     svc("grant_type=authorization_code&code=a&code_verifier=b&code_verifier=c"), repeated("code_verifier")),
        row("redirect_uri twice",                    "RFC 6749 §3.2",     svc("grant_type=authorization_code&code=a&redirect_uri=b&redirect_uri=c"), repeated("redirect_uri")),
        row("refresh_token twice",                   "RFC 6749 §3.2",     svc("grant_type=refresh_token&refresh_token=a&refresh_token=b"), repeated("refresh_token")),
        row("an assertion of a grant twice",         "RFC 7521 §4.1",     cc("assertion=a&assertion=b"), repeated("assertion")),
        row("device_code twice",                     "RFC 8628 §3.4",     cc("device_code=a&device_code=b"), repeated("device_code")),
        row("username twice",                        "RFC 6749 §4.3.2",   cc("username=a&username=b"), repeated("username")),
        row("password twice",                        "RFC 6749 §4.3.2",   cc("password=a&password=a"), repeated("password")),
        row("actor_token twice",                     "RFC 8693 §2.1",     cc("actor_token=a&actor_token=b"), repeated("actor_token")),
        row("requested_token_type twice",            "RFC 8693 §2.1",     cc("requested_token_type=a&requested_token_type=b"), repeated("requested_token_type")),
        row("authorization_details twice",           "RFC 9396 §6",       cc("authorization_details=%5B%5D&authorization_details=%5B%5D"), repeated("authorization_details")),
        row("req_cnf twice",                         "RFC 9201 §3.1",     cc("req_cnf=a&req_cnf=b"), repeated("req_cnf")),
        row("vtr twice",                             "RFC 8485 §4.1",     cc("vtr=a&vtr=b"), repeated("vtr")),
        row("auth_req_id twice",                     "CIBA Core §10.1",   cc("auth_req_id=a&auth_req_id=b"), repeated("auth_req_id")),
        row("a parameter three times",               "RFC 6749 §3.2",     cc("scope=read&scope=read&scope=read"), repeated("scope")),
        row("repeated after others",                 "RFC 6749 §3.2",     cc("a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&code=9&j=10&k=11&l=12&code=2"), repeated("code")),
        row("repeated after what may be repeated",   "RFC 6749 §3.2",     cc("audience=a&audience=b&state=1&state=2&code=1&code=2"), repeated("code")),
        row("an unknown parameter twice",            "RFC 6749 §3.2",     cc("state=1&state=2"), kept("state", "1")),
        row("an unknown parameter, of other endpoints", "RFC 6749 §3.2",  cc("nonce=2&nonce=1&response_type=a&response_type=b"), kept("nonce", "2")),
        row("an unknown parameter three times",      "RFC 6749 §3.2",     cc("state=3&a=1&state=1&b=2&st%61te=2"), kept("state", "3")),
        row("an unknown parameter twice, first empty", "RFC 6749 §3.2",   cc("state=&state=2"), kept("state", "2")),
        row("an unknown parameter twice, no value",  "RFC 6749 §3.2",     cc("state=&state"), ok()),
        row("no name twice",                         "RFC 6749 §3.2",     cc("=2&=1"), kept("", "2")),
        row("an unknown parameter twice, bad escape", "RFC 6749 App. B",  cc("state=1&state=%zz"), bad_escape()),
        row("repeated in another encoding",          "RFC 6749 §3.2",     cc("scope=read&sc%6Fpe=read"), repeated("scope")),
        row("repeated without a value",              "RFC 6749 §3.2",     cc("scope=&scope=read"), repeated("scope")),
        row("repeated, the second without a value",  "RFC 6749 §3.2",     cc("scope=read&scope"), repeated("scope")),
        row("repeated twice without a value",        "RFC 6749 §3.2",     cc("scope=&scope="), repeated("scope")),
        row("resource twice",                        "RFC 8707 §2",       cc("resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example"), kept("resource", "https://a.example")),
        row("resource three times, two the same",    "RFC 8707 §2",       cc("resource=urn:b&resource=urn:a&resource=urn:b"), kept("resource", "urn:b")),
        row("audience twice",                        "RFC 8693 §2.1",     cc("audience=b&audience=a"), kept("audience", "b")),
        row("Scope is not scope",                    "RFC 6749 §3.2",     cc("scope=read&Scope=x"), ok().scope("read")),
        row("a name and its beginning",              "RFC 6749 §3.2",     cc("resources=1&resourc=2"), ok()),
        // no value
        row("an empty body",                         "RFC 6749 §3.2",     svc(""), invalid_request(MissingGrantType)),
        row("an empty body from nobody",             "RFC 6749 §3.2",     post(""), invalid_client(NoCredentials)),
        row("an empty scope is none",                "RFC 6749 §3.2",     cc("scope="), ok()),
        row("a bare scope is none",                  "RFC 6749 §3.2",     cc("scope"), ok()),
        row("an empty grant_type is none",           "RFC 6749 §3.2",     svc("grant_type="), invalid_request(MissingGrantType)),
        row("a bare grant_type is none",             "RFC 6749 §3.2",     svc("grant_type&scope=read"), invalid_request(MissingGrantType)),
        row("an empty code is none",                 "RFC 6749 §3.2",     svc("grant_type=authorization_code&code="), missing("code")),
        row("an empty client_id is none",            "RFC 6749 §3.2",     body("client_id="), invalid_client(NoCredentials)),
        row("an empty client_id beside Basic",       "RFC 6749 §3.2",     cc("client_id="), ok()),
        row("an empty unknown parameter is none",    "RFC 6749 §3.2",     cc("state="), ok()),
        row("an unknown parameter is ignored",       "RFC 6749 §3.2",     cc("color=green"), kept("color", "green")),
    ]
}

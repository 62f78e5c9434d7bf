//! The header: what it must say, must not say, and may say for nothing.

use std::sync::Arc;

use serde_json::json;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::{default_layer, ed25519_alone_layer, es256_alone_layer};
use crate::common::Call;
use crate::draft::*;
use crate::judge::{Layer, Table};
use crate::replays::Recorder;
use crate::row::*;
use crate::sign::*;

#[tokio::test]
async fn headers() {
    table().hold().await;
}

#[tokio::test]
async fn types_of_tokens() {
    types_table().hold().await;
}

#[tokio::test]
async fn a_server_that_takes_es256_alone() {
    es256_table().hold().await;
}

#[tokio::test]
async fn a_server_that_takes_ed25519_alone() {
    ed25519_table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(default_layer, header_rows())
}

pub(crate) fn types_table() -> Table {
    Table::new(default_layer, type_rows())
}

pub(crate) fn es256_table() -> Table {
    table_of(es256_alone_layer, |alg| alg == "ES256")
}

pub(crate) fn ed25519_table() -> Table {
    table_of(ed25519_alone_layer, |alg| {
        matches!(alg, "Ed25519" | "EdDSA")
    })
}

/// Every algorithm, at a server that takes only these.
fn table_of(layer: fn(Arc<Recorder>) -> Layer, takes: fn(&str) -> bool) -> Table {
    let row_of = |suite: &'static Suite| {
        let outcome = if takes(suite.alg) {
            by_key(suite.client)
        } else {
            refused(UnsupportedAlgorithm)
        };
        let call = || assertion(suite.client, suite.alg, suite.key).call();
        row(suite.alg, "RFC 8725 §3.1", call, outcome)
    };
    Table::new(layer, SUITES.iter().map(row_of).collect())
}

#[rustfmt::skip]
fn header_rows() -> Vec<Row> {
    let malformed = || refused(MalformedAssertion);
    let unsupported = || refused(UnsupportedAlgorithm);
    let critical = || refused(CriticalHeader);
    let accepted = || by_key("p256");
    // Its key has a `kid`.
    let named = || assertion("other-p256", "ES256", &OTHER_P256);
    let alg = |json: &'static str| move || es256().header("alg", json).call();
    let with = |name: &'static str, json: &'static str| move || es256().header(name, json).call();
    let text = |change: fn(String) -> String| move || es256().map_header(change).call();
    let unsigned = |json: &'static str| move || es256().header("alg", json).sign().signature(|_| Vec::new()).call();
    vec![
        // alg
        row("alg none",                               "RFC 8725 §2.1",    alg(r#""none""#), unsupported()),
        row("alg none, unsigned",                     "RFC 7519 §6",      unsigned(r#""none""#), unsupported()),
        row("alg None, unsigned",                     "RFC 8725 §2.1",    unsigned(r#""None""#), unsupported()),
        row("alg NONE, unsigned",                     "RFC 8725 §2.1",    unsigned(r#""NONE""#), unsupported()),
        row("alg nOnE, unsigned",                     "RFC 8725 §2.1",    unsigned(r#""nOnE""#), unsupported()),
        row("alg none in escapes, unsigned",          "RFC 8725 §2.1",    unsigned(r#""\u006eone""#), unsupported()),
        row("alg none and a space, unsigned",         "RFC 8725 §2.1",    unsigned(r#""none ""#), unsupported()),
        row("alg of no characters",                   "RFC 7515 §4.1.1",  alg(r#""""#), unsupported()),
        row("alg in another case",                    "RFC 7515 §4.1.1",  alg(r#""es256""#), unsupported()),
        row("alg and a space",                        "RFC 7515 §4.1.1",  alg(r#""ES256 ""#), unsupported()),
        row("alg and a NUL",                          "RFC 7515 §4.1.1",  alg(r#""ES256\u0000""#), unsupported()),
        row("alg in escapes",                         "RFC 8259 §8.3",    alg(r#""\u0045S256""#), accepted()),
        row("alg RS1",                                "RFC 8725 §3.2",    alg(r#""RS1""#), unsupported()),
        row("alg HS1",                                "RFC 8725 §3.2",    alg(r#""HS1""#), unsupported()),
        row("alg HS256/64",                           "RFC 8725 §3.2",    alg(r#""HS256/64""#), unsupported()),
        row("alg RSA-OAEP",                           "RFC 7518 §4.1",    alg(r#""RSA-OAEP""#), unsupported()),
        row("alg dir",                                "RFC 7518 §4.1",    alg(r#""dir""#), unsupported()),
        row("alg by the number of COSE",              "RFC 7515 §4.1.1",  alg("-7"), malformed()),
        row("alg null",                               "RFC 7515 §4.1.1",  alg("null"), malformed()),
        row("alg true",                               "RFC 7515 §4.1.1",  alg("true"), malformed()),
        row("alg in an array",                        "RFC 7515 §4.1.1",  alg(r#"["ES256"]"#), malformed()),
        row("alg in an object",                       "RFC 7515 §4.1.1",  alg(r#"{"ES256":"ES256"}"#), malformed()),
        row("no alg",                                 "RFC 7515 §4.1.1",  || es256().without_header("alg").header("typ", r#""JWT""#).call(), malformed()),
        row("no member at all",                       "RFC 7515 §4.1.1",  || es256().without_header("alg").call(), malformed()),
        row("ALG in place of alg",                    "RFC 7515 §4",      || es256().without_header("alg").header("ALG", r#""ES256""#).call(), malformed()),
        row("alg among the claims alone",             "RFC 7515 §4.1.1",  || es256().without_header("alg").claim("alg", r#""ES256""#).call(), malformed()),
        // crit, b64
        row("crit empty",                             "RFC 7515 §4.1.11", with("crit", "[]"), critical()),
        row("crit of what is understood",             "RFC 7515 §4.1.11", with("crit", r#"["alg"]"#), critical()),
        row("crit of what is unknown",                "RFC 7515 §4.1.11", || es256().header("crit", r#"["x"]"#).header("x", "1").call(), critical()),
        row("crit of exp",                            "RFC 7515 App. E",  || es256().header("crit", r#"["exp"]"#).header("exp", at(300)).call(), critical()),
        row("crit null",                              "RFC 7515 §4.1.11", with("crit", "null"), critical()),
        row("crit false",                             "RFC 7515 §4.1.11", with("crit", "false"), critical()),
        row("crit a string",                          "RFC 7515 §4.1.11", with("crit", r#""b64""#), critical()),
        row("crit in escapes",                        "RFC 7515 §4.1.11", with(r"cr\u0069t", r#"["x"]"#), critical()),
        row("b64 false and critical",                 "RFC 7797 §6",      || es256().header("b64", "false").header("crit", r#"["b64"]"#).call(), critical()),
        row("b64 true and critical",                  "RFC 7797 §6",      || es256().header("b64", "true").header("crit", r#"["b64"]"#).call(), critical()),
        row("b64 false",                              "RFC 7797 §7",      with("b64", "false"), critical()),
        row("b64 true",                               "RFC 7797 §7",      with("b64", "true"), critical()),
        row("b64 null",                               "RFC 7797 §7",      with("b64", "null"), critical()),
        row("crit among the claims",                  "RFC 7515 §4.1.11", || es256().claim("crit", r#"["x"]"#).call(), accepted()),
        // kid
        row("kid a number",                           "RFC 7515 §4.1.4",  with("kid", "1"), malformed()),
        row("kid null",                               "RFC 7515 §4.1.4",  with("kid", "null"), malformed()),
        row("kid in an array",                        "RFC 7515 §4.1.4",  with("kid", r#"["1"]"#), malformed()),
        row("kid where the key has none",             "RFC 7515 §4.1.4",  with("kid", r#""1""#), accepted()),
        row("kid of no characters, the key has none", "RFC 7515 §4.1.4",  with("kid", r#""""#), accepted()),
        row("kid of another client, the key has none", "RFC 7515 §4.1.4", with("kid", r#""of-another""#), accepted()),
        row("kid of another client, and its key",     "RFC 7515 §4.1.4",  || es256().kid("of-another").signed_with(&OTHER_P256).call(), refused(WrongSignature)),
        row("kid of the key",                         "RFC 7515 §4.1.4",  move || named().kid("of-another").call(), by_key("other-p256")),
        row("kid of no characters",                   "RFC 7515 §4.1.4",  move || named().kid("").call(), refused(UnknownKey)),
        row("kid of 4096 characters",                 "RFC 7515 §4.1.4",  move || named().kid(&"k".repeat(4096)).call(), refused(UnknownKey)),
        row("kid that is a path",                     "RFC 8725 §3.10",   move || named().kid("../../../../dev/null").call(), refused(UnknownKey)),
        row("kid that is SQL",                        "RFC 8725 §3.10",   move || named().kid("' UNION SELECT 'key' --").call(), refused(UnknownKey)),
        row("kid that is a URL",                      "RFC 8725 §3.10",   move || named().kid("https://evil.example.com/jwks").call(), refused(UnknownKey)),
        row("kid with a NUL",                         "RFC 7515 §4.1.4",  move || named().kid("\0").call(), refused(UnknownKey)),
        // what brings its own key
        row("jwk of the signer",                      "RFC 8725 §3.10",   || brings("jwk", jwk(&OTHER_P256).to_string()), refused(WrongSignature)),
        row("jwk that is the client's",               "RFC 7515 §4.1.3",  || es256().header("jwk", jwk(&P256).to_string()).call(), accepted()),
        row("jwk of another type",                    "RFC 7515 §4.1.3",  with("jwk", "1"), accepted()),
        row("jku of the signer",                      "RFC 8725 §3.10",   || brings("jku", quoted("https://evil.example.com/jwks")), refused(WrongSignature)),
        row("x5u of the signer",                      "RFC 8725 §3.10",   || brings("x5u", quoted("https://evil.example.com/x5u")), refused(WrongSignature)),
        row("x5c of the signer",                      "RFC 8725 §3.10",   || brings("x5c", json!(["MIIB"]).to_string()), refused(WrongSignature)),
        row("jku, x5u, x5c and x5t of no use",        "RFC 7515 §4.1",    || {
            let names = ["jku", "x5u", "x5c", "x5t", "x5t#S256"];
            names.into_iter().fold(es256(), |draft, name| draft.header(name, quoted("x"))).call()
        }, accepted()),
        // what is not known is ignored
        row("an unknown member",                      "RFC 7515 §4",      with("x", r#"{"a":[1,null]}"#), accepted()),
        row("cty",                                    "RFC 7515 §4.1.10", with("cty", r#""json""#), accepted()),
        row("zip, which is of encryption",            "RFC 7516 §4.1.3",  with("zip", r#""DEF""#), accepted()),
        row("enc, which is of encryption",            "RFC 7516 §4.1.2",  with("enc", r#""A256GCM""#), accepted()),
        row("claims in the header",                   "RFC 7519 §5.3",    || es256().header("iss", r#""x""#).header("aud", "1").call(), accepted()),
        row("64 members",                             "decisions",        || wide(64).call(), accepted()),
        row("65 members",                             "decisions",        || wide(65).call(), malformed()),
        row("2,000 arrays, one in the other",         "RFC 8259 §9",      || nested("[", "]"), accepted()),
        row("600 objects, one in the other",          "RFC 8259 §9",      || nested(r#"{"":"#, "}"), accepted()),
        // members twice
        row("alg twice",                              "RFC 7515 §4",      || es256().more_header("alg", r#""ES256""#).call(), malformed()),
        row("alg none before ES256",                  "RFC 7515 §4",      || es256().header("alg", r#""none""#).more_header("alg", r#""ES256""#).call(), malformed()),
        row("alg twice, once in escapes",             "RFC 7515 §4",      || es256().more_header(r"\u0061lg", r#""ES256""#).call(), malformed()),
        row("kid twice",                              "RFC 7515 §4",      || es256().kid("1").more_header("kid", r#""1""#).call(), malformed()),
        row("typ twice",                              "RFC 7515 §4",      || es256().header("typ", r#""JWT""#).more_header("typ", r#""JWT""#).call(), malformed()),
        row("an unknown member twice",                "RFC 7515 §4",      || es256().header("x", "1").more_header("x", "1").call(), malformed()),
        row("an unknown one twice, once in escapes",  "RFC 7515 §4",      || es256().header("é", "1").more_header(r"\u00E9", "1").call(), malformed()),
        row("a member of no name, twice",             "RFC 7515 §4",      || es256().header("", "1").more_header("", "2").call(), malformed()),
        row("a member of no name",                    "RFC 8259 §4",      with("", "1"), accepted()),
        // the text
        row("white space around and between",         "RFC 8259 §2",      text(|text| format!(" \t\r\n{}\n", text.replace(':', " : "))), accepted()),
        row("a byte order mark",                      "RFC 8259 §8.1",    text(|text| format!("\u{feff}{text}")), malformed()),
        row("a second object",                        "RFC 8259 §2",      text(|text| format!("{text}{{}}")), malformed()),
        row("text after the object",                  "RFC 8259 §2",      text(|text| format!("{text}x")), malformed()),
        row("a NUL after the object",                 "RFC 8259 §2",      text(|text| format!("{text}\0")), malformed()),
        row("text before the object",                 "RFC 8259 §2",      text(|text| format!("x{text}")), malformed()),
        row("a comma too many",                       "RFC 8259 §4",      text(|text| text.replace('}', ",}")), malformed()),
        row("a comment",                              "RFC 8259 §2",      text(|text| format!("{text}/**/")), malformed()),
        row("single quotes",                          "RFC 8259 §7",      text(|text| text.replace('"', "'")), malformed()),
        row("names without quotes",                   "RFC 8259 §4",      text(|text| text.replace(r#""alg""#, "alg")), malformed()),
        row("no end",                                 "RFC 8259 §4",      text(|text| text.replace('}', "")), malformed()),
        row("a line break in a string",               "RFC 8259 §7",      with("x", "\"\n\""), malformed()),
        row("an unknown escape",                      "RFC 8259 §7",      with("x", r#""\x41""#), malformed()),
        row("half of a surrogate pair in a name",     "RFC 8259 §8.2",    with(r"\ud800", "1"), malformed()),
        row("half of a surrogate pair in kid",        "RFC 8259 §8.2",    with("kid", r#""\ud800""#), malformed()),
        row("the halves in the wrong order in kid",   "RFC 8259 §8.2",    with("kid", r#""\udc00\ud800""#), malformed()),
        row("an unknown literal",                     "RFC 8259 §3",      with("x", "nil"), malformed()),
        row("NaN",                                    "RFC 8259 §6",      with("x", "NaN"), malformed()),
        row("an array",                               "RFC 7515 §5.2",    || es256().header_text(r#"["alg","ES256"]"#).call(), malformed()),
        row("an object in an array",                  "RFC 7515 §5.2",    text(|text| format!("[{text}]")), malformed()),
        row("a string",                               "RFC 7515 §5.2",    || es256().header_text(r#""ES256""#).call(), malformed()),
        row("null",                                   "RFC 7515 §5.2",    || es256().header_text("null").call(), malformed()),
        row("white space alone",                      "RFC 7515 §5.2",    || es256().header_text(" ").call(), malformed()),
        row("bytes that are not UTF-8",               "RFC 7515 §5.2",    || es256().header_text(*b"{\"alg\":\"ES256\",\"x\":\"\xff\"}").call(), malformed()),
        row("a name that is not UTF-8",               "RFC 7515 §5.2",    || es256().header_text(*b"{\"alg\":\"ES256\",\"\xc3\":1}").call(), malformed()),
        row("a surrogate as bytes",                   "RFC 3629 §3",      || es256().header_text(*b"{\"alg\":\"ES256\",\"x\":\"\xed\xa0\x80\"}").call(), malformed()),
        row("an overlong slash",                      "RFC 3629 §10",     || es256().header_text(*b"{\"alg\":\"ES256\",\"x\":\"\xc0\xaf\"}").call(), malformed()),
        row("UTF-16",                                 "RFC 8259 §8.1",    || {
            let text: Vec<u8> = r#"{"alg":"ES256"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
            es256().header_text(text).call()
        }, malformed()),
        row("CBOR",                                   "RFC 7515 §5.2",    || es256().header_text(*b"\xa1\x01\x26").call(), malformed()),
    ]
}

/// By somebody who says where the key for it is.
fn brings(name: &str, json: String) -> Call {
    es256().header(name, json).signed_with(&OTHER_P256).call()
}

/// A header of so many members, `alg` among them.
fn wide(members: usize) -> Draft {
    (1..members).fold(es256(), |draft, at| draft.header(&at.to_string(), "0"))
}

fn nested(open: &str, close: &str) -> Call {
    let depth = 2000 / open.len();
    let json = format!("{}1{}", open.repeat(depth), close.repeat(depth));
    es256().header("x", json).call()
}

#[rustfmt::skip]
fn type_rows() -> Vec<Row> {
    let sound = [
        "JWT", "jwt", "Jwt", "application/jwt", "application/JWT", "APPLICATION/jwt",
        "client-authentication+jwt", "Client-Authentication+JWT",
        "application/client-authentication+jwt",
    ];
    let wrong = [
        "", " ", "JWT ", " JWT", "JW", "JWTT", "JWS", "JOSE", "JOSE+JSON", "JWE", "at+jwt", "application/at+jwt",
        "dpop+jwt", "oauth-authz-req+jwt", "secevent+jwt", "logout+jwt", "token-introspection+jwt",
        "authentication+jwt", "client-authentication", "+jwt", "application/", "text/jwt",
        "application/application/jwt", "application/jwt;charset=utf-8", "jwt\0", "JWT,at+jwt", "\u{212a}WT",
    ];
    let typed = |typ: &'static str| move || es256().header("typ", quoted(typ)).call();
    let mut rows: Vec<_> = ["1", "null", "true", r#"["JWT"]"#, "{}"]
        .map(|json| row(format!("typ {json}"), "RFC 7515 §4.1.9", move || es256().header("typ", json).call(), refused(MalformedAssertion)))
        .into();
    rows.extend(sound.map(|typ| row(format!("typ {typ:?}"), "RFC 7515 §4.1.9", typed(typ), by_key("p256"))));
    rows.extend(wrong.map(|typ| row(format!("typ {typ:?}"), "RFC 8725 §3.11", typed(typ), refused(WrongTokenType))));
    rows.push(row("typ JWT in escapes", "RFC 7515 §4.1.9", || es256().header("typ", r#""\u004aWT""#).call(), by_key("p256")));
    rows.push(row("no typ", "RFC 7523 §3", || es256().call(), by_key("p256")));
    rows
}

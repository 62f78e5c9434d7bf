//! The three parts: how many, how long, and in which alphabet.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::cast::default_layer;
use crate::common::Call;
use crate::draft::*;
use crate::judge::Table;
use crate::row::*;
use crate::sign::*;

#[tokio::test]
async fn serialisations() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(default_layer, serialisation_rows())
}

#[rustfmt::skip]
fn serialisation_rows() -> Vec<Row> {
    let malformed = || refused(MalformedAssertion);
    let text = |change: fn(String) -> String| move || send(&change(es256().text()));
    let parts = |change: fn(Token) -> Token| move || change(es256().sign()).call();
    let mut rows = vec![
        // how many parts
        row("one part",                               "RFC 7515 §5.2",    || send("x"), malformed()),
        row("one part of JSON",                       "RFC 7515 §5.2",    || send("{}"), malformed()),
        row("two parts",                              "RFC 7515 §5.2",    || { let it = es256().sign(); send(&format!("{}.{}", it.header, it.claims)) }, malformed()),
        row("four parts",                             "RFC 7515 §5.2",    text(|it| it + ".e30"), malformed()),
        row("four parts, the last empty",             "RFC 7515 §5.2",    text(|it| it + "."), malformed()),
        row("five parts, as of encryption",           "RFC 7516 §3.1",    text(|it| it + ".e30.e30"), malformed()),
        row("an encrypted token",                     "RFC 7516 App. A.1", || send("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A.XFBoMYUZodetZdvTiFvSkQ"), malformed()),
        row("a dot before",                           "RFC 7515 §5.2",    text(|it| format!(".{it}")), malformed()),
        row("dots alone",                             "RFC 7515 §5.2",    || send(".."), malformed()),
        row("one dot",                                "RFC 7515 §5.2",    || send("."), malformed()),
        row("a thousand dots",                        "RFC 7515 §5.2",    || send(&".".repeat(1000)), malformed()),
        row("an empty header",                        "RFC 7515 §5.2",    parts(|it| Token { header: String::new(), ..it }), malformed()),
        row("no claims, as if they were detached",    "RFC 7515 App. F",  parts(|it| Token { claims: String::new(), ..it }), malformed()),
        row("JSON, flattened",                        "RFC 7515 §7.2.2",  || {
            let Token { header, claims, signature } = es256().sign();
            send(&format!(r#"{{"protected":"{header}","payload":"{claims}","signature":"{signature}"}}"#))
        }, malformed()),
        row("JSON, general",                          "RFC 7515 §7.2.1",  || {
            let Token { header, claims, signature } = es256().sign();
            send(&format!(r#"{{"payload":"{claims}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#))
        }, malformed()),
        row("after Bearer",                           "RFC 7521 §4.2",    text(|it| format!("Bearer {it}")), malformed()),
        row("in quotes",                              "RFC 7521 §4.2",    text(|it| format!("\"{it}\"")), malformed()),
        row("two, with a comma between",              "RFC 7523 §2.2",    text(|it| format!("{it},{it}")), malformed()),
        row("two, with a space between",              "RFC 7523 §2.2",    text(|it| format!("{it} {it}")), malformed()),
        row("the whole in base64url",                 "RFC 7515 §5.2",    text(base64url), malformed()),
        row("a tilde at the end, as of SD-JWT",       "RFC 7515 §5.2",    text(|it| it + "~"), malformed()),
        row("in percent-escapes twice",               "RFC 7515 §5.2",    text(|it| it.replace('.', "%2E")), malformed()),
        // white space
        row("a space before",                         "RFC 7515 §2",      text(|it| format!(" {it}")), malformed()),
        row("a space after",                          "RFC 7515 §2",      text(|it| it + " "), malformed()),
        row("a line break after",                     "RFC 7515 §2",      text(|it| it + "\n"), malformed()),
        row("CR LF after",                            "RFC 7515 §2",      text(|it| it + "\r\n"), malformed()),
        row("a NUL after",                            "RFC 7515 §2",      text(|it| it + "\0"), malformed()),
        row("spaces around the dots",                 "RFC 7515 §2",      text(|it| it.replace('.', " . ")), malformed()),
        row("a byte order mark before",               "RFC 7515 §2",      text(|it| format!("\u{feff}{it}")), malformed()),
        row("a full stop of another script",          "RFC 7515 §2",      text(|it| it.replace('.', "\u{ff0e}")), malformed()),
        row("broken into lines",                      "RFC 7515 §2",      text(|it| {
            let (first, second) = it.split_at(64);
            format!("{first}\r\n{second}")
        }), malformed()),
        // length
        row("of 16,384 characters",                   "decisions",        || of_length(16_384), by_key("p256")),
        row("of 16,385 characters",                   "decisions",        || of_length(16_385), malformed()),
        row("with three certificates of 2.4 KB in x5c", "RFC 7515 §4.1.6", || with_certificates(3, 2400), by_key("p256")),
        row("with three certificates of 4 KB in x5c", "decisions",        || with_certificates(3, 4096), malformed()),
        row("of 20,000 characters",                   "decisions",        || of_length(20_000), malformed()),
        row("of 60,000 dots",                         "decisions",        || send(&".".repeat(60_000)), malformed()),
        row("of 60,000 letters",                      "decisions",        || send(&"A".repeat(60_000)), malformed()),
        row("a signature of 8,000 characters",        "decisions",        parts(|it| Token { signature: "A".repeat(7600), ..it }), refused(WrongSignature)),
    ];
    for (part, name) in ["header", "claims", "signature"].into_iter().enumerate() {
        let bent = |change: fn(&str) -> String| move || send_bent(part, change);
        rows.extend([
            row(format!("{name}: padding"),               "RFC 7515 §2", bent(|it| format!("{it}{}", &"==="[..3 - (it.len() + 3) % 4])), malformed()),
            row(format!("{name}: one ="),                 "RFC 7515 §2", bent(|it| format!("{it}=")), malformed()),
            row(format!("{name}: percent-encoded padding"), "RFC 7515 §2", bent(|it| format!("{it}%3D")), malformed()),
            row(format!("{name}: bits left over"),        "RFC 4648 §3.5", bent(untidy), malformed()),
            row(format!("{name}: one character more"),    "RFC 4648 §3.2", bent(one_left_over), malformed()),
            row(format!("{name}: the standard alphabet"), "RFC 7515 §2", bent(|it| it.replace('-', "+").replace('_', "/")), malformed()),
            row(format!("{name}: both alphabets"),        "RFC 7515 §2", bent(|it| it.replacen('-', "+", 1).replacen('_', "/", 1)), malformed()),
            row(format!("{name}: a space within"),        "RFC 7515 §2", bent(|it| within(it, " ")), malformed()),
            row(format!("{name}: a line break within"),   "RFC 7515 §2", bent(|it| within(it, "\n")), malformed()),
            row(format!("{name}: CR LF within"),          "RFC 7515 §2", bent(|it| within(it, "\r\n")), malformed()),
            row(format!("{name}: a tab within"),          "RFC 7515 §2", bent(|it| within(it, "\t")), malformed()),
            row(format!("{name}: a NUL within"),          "RFC 7515 §2", bent(|it| within(it, "\0")), malformed()),
            row(format!("{name}: = within"),              "RFC 7515 §2", bent(|it| within(it, "=")), malformed()),
            row(format!("{name}: a comma within"),        "RFC 7515 §2", bent(|it| within(it, ",")), malformed()),
            row(format!("{name}: a letter beyond ASCII"), "RFC 7515 §2", bent(|it| within(it, "é")), malformed()),
            row(format!("{name}: a letter of full width"), "RFC 7515 §2", bent(|it| within(it, "\u{ff21}")), malformed()),
        ]);
    }
    rows
}

/// Changes one part of an assertion whose every part has `-` and `_` in it and bits that nothing
/// is encoded in.
fn send_bent(part: usize, change: fn(&str) -> String) -> Call {
    let has_all =
        |part: &str| !part.len().is_multiple_of(4) && part.contains('-') && part.contains('_');
    let draft = |pad: usize| {
        let pad = quoted(&format!("{}>>>???ÿÿÿ>>>???ÿÿÿ", "a".repeat(pad)));
        es256().header("x", pad.clone()).claim("x", pad)
    };
    for pad in 0..1000 {
        let token = draft(pad % 12).sign();
        let mut parts = [token.header, token.claims, token.signature];
        if has_all(&parts[part]) {
            let changed = change(&parts[part]);
            assert_ne!(changed, parts[part]);
            parts[part] = changed;
            return send(&parts.join("."));
        }
    }
    panic!("no such assertion");
}

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The same bytes, with the lowest bit set of those that a decoder leaves out.
fn untidy(part: &str) -> String {
    let last = part.chars().last().expect("not empty");
    let value = ALPHABET.find(last).expect("base64url");
    assert_eq!(value % 4, 0, "the encoder left a bit");
    format!(
        "{}{}",
        &part[..part.len() - 1],
        &ALPHABET[value + 1..value + 2]
    )
}

/// A length that no number of bytes has.
fn one_left_over(part: &str) -> String {
    format!("{part}{}", &"AAA"[..(5 - part.len() % 4) % 4])
}

fn within(part: &str, text: &str) -> String {
    let (first, second) = part.split_at(part.len() / 2);
    format!("{first}{text}{second}")
}

/// A sound assertion with a chain of certificates of this size (RFC 7515 §4.1.6).
fn with_certificates(count: usize, bytes: usize) -> Call {
    let certificate = quoted(&BASE64_STANDARD.encode(vec![0x30; bytes]));
    let chain = vec![certificate; count].join(",");
    es256().header("x5c", format!("[{chain}]")).call()
}

/// A sound assertion of exactly so many characters.
fn of_length(length: usize) -> Call {
    for pad in 0..8 {
        let draft = es256().header("x", quoted(&"x".repeat(pad)));
        let spare = length - draft.clone().claim("x", quoted("")).text().len();
        for more in spare * 3 / 4 - 3..spare * 3 / 4 + 3 {
            let text = draft.clone().claim("x", quoted(&"x".repeat(more))).text();
            if text.len() == length {
                return send(&text);
            }
        }
    }
    panic!("no assertion of {length} characters");
}

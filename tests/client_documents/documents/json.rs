//! The text itself, and the id in it.

use super::Expected::Field;
use super::{Holds, ID, NONE, NoDocument, Row, row, with};

/// A document of so many values: the object, its `client_id`, an array, and what is in it.
fn values(count: usize) -> String {
    let zeros = vec!["0"; count - 3].join(",");
    with(format!(r#""x":[{zeros}]"#))
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn with_byte(byte: u8) -> Vec<u8> {
    let text = with(r#""client_name":"$""#).into_bytes();
    text.into_iter()
        .map(|it| if it == b'$' { byte } else { it })
        .collect()
}

#[rustfmt::skip]
pub(super) fn rows() -> Vec<Row> {
    let id = |id: &str| format!(r#"{{"client_id":{id}}}"#);
    let sound = id(&format!("{ID:?}"));
    vec![
        // The id.
        row("a client_id alone", &*sound, NONE, "CIMD §4.1"),
        row("a client_id after other members", format!(r#"{{"client_name":"A","client_id":"{ID}"}}"#), NONE, "RFC 8259 §4"),
        row("no member", "{}", Field("client_id"), "CIMD §4.1"),
        row("no client_id", r#"{"client_name":"A","redirect_uris":["https://app.example/cb"]}"#, Field("client_id"), "CIMD §4.1"),
        row("client_id null", id("null"), Field("client_id"), "CIMD §4.1"),
        row("client_id a number", id("1"), Field("client_id"), "CIMD §4.1"),
        row("client_id a list", id(&format!(r#"["{ID}"]"#)), Field("client_id"), "CIMD §4.1"),
        row("client_id an object", id("{}"), Field("client_id"), "CIMD §4.1"),
        row("client_id empty", id(r#""""#), Field("client_id"), "CIMD §4.1"),
        row("client_id of another host", id(r#""https://other.example/client.json""#), Field("client_id"), "CIMD §4.1"),
        row("client_id with the host in capitals", id(r#""https://APP.example/client.json""#), Field("client_id"), "RFC 3986 §6.2.1"),
        row("client_id with the scheme in capitals", id(r#""HTTPS://app.example/client.json""#), Field("client_id"), "RFC 3986 §6.2.1"),
        row("client_id with the path in capitals", id(r#""https://app.example/Client.json""#), Field("client_id"), "RFC 3986 §6.2.1"),
        row("client_id with the default port", id(r#""https://app.example:443/client.json""#), Field("client_id"), "RFC 3986 §6.2.1"),
        row("client_id with a slash at its end", id(r#""https://app.example/client.json/""#), Field("client_id"), "RFC 3986 §6.2.1"),
        row("client_id with an empty query", id(r#""https://app.example/client.json?""#), Field("client_id"), "RFC 3986 §6.2.1"),
        row("client_id with a percent-encoded letter", id(r#""https://app.example/%63lient.json""#), Field("client_id"), "RFC 3986 §6.2.1"),
        row("client_id with a trailing dot", id(r#""https://app.example./client.json""#), Field("client_id"), "RFC 3986 §6.2.1"),
        row("client_id with a space at its end", id(r#""https://app.example/client.json ""#), Field("client_id"), "RFC 3986 §6.2.1"),
        row("client_id that is cut", id(r#""https://app.example/client""#), Field("client_id"), "RFC 3986 §6.2.1"),
        // An escape is a way to write the value and no part of it.
        row("client_id with escaped slashes", id(r#""https:\/\/app.example\/client.json""#), NONE, "RFC 8259 §7"),
        row("client_id with an escaped letter", id(r#""https://app.example/clien\u0074.json""#), NONE, "RFC 8259 §7"),
        row("the name client_id with an escape", format!(r#"{{"client\u005fid":"{ID}"}}"#), NONE, "RFC 8259 §8.3"),
        row("the name in capitals", format!(r#"{{"CLIENT_ID":"{ID}"}}"#), Field("client_id"), "RFC 8259 §8.3"),
        row("the id in another member", format!(r#"{{"client":{{"client_id":"{ID}"}}}}"#), Field("client_id"), "CIMD §4.1"),
        // Twice.
        row("client_id twice", with(format!(r#""client_id":"{ID}""#)), NoDocument, "RFC 8259 §4"),
        row("client_id twice, of which the last is right", format!(r#"{{"client_id":"https://other.example/x","client_id":"{ID}"}}"#), NoDocument, "RFC 8259 §4"),
        row("client_id twice, once with an escape", with(r#""client\u005fid":"https://other.example/x""#), NoDocument, "RFC 8259 §8.3"),
        row("an unknown member twice", with(r#""x":1,"x":1"#), NoDocument, "decisions"),
        row("a member of an object twice", with(r#""x":{"y":1,"y":2}"#), NoDocument, "decisions"),
        row("a member of an object in a list twice", with(r#""x":[[{"y":1,"z":0,"y":2}]]"#), NoDocument, "decisions"),
        row("a member at depth twice, once with an escape", with(r#""x":[{"a":{"y":1,"\u0079":2}}]"#), NoDocument, "decisions"),
        row("the empty name twice", with(r#""":1,"":2"#), NoDocument, "decisions"),
        row("the keys of a set twice", with(r#""jwks":{"keys":[],"keys":[]}"#), NoDocument, "decisions"),
        row("one name in two objects", with(r#""x":{"y":1},"z":{"y":1}"#), NONE, "RFC 8259 §4"),
        row("two names in different case", with(r#""x":1,"X":1"#), NONE, "RFC 8259 §8.3"),
        // Not an object.
        row("nothing", "", NoDocument, "RFC 8259 §2"),
        row("spaces", " \r\n\t", NoDocument, "RFC 8259 §2"),
        row("null", "null", NoDocument, "CIMD §4.1"),
        row("true", "true", NoDocument, "CIMD §4.1"),
        row("a number", "1", NoDocument, "CIMD §4.1"),
        row("a text", format!("{ID:?}"), NoDocument, "CIMD §4.1"),
        row("a list", "[]", NoDocument, "CIMD §4.1"),
        row("a list of a document", format!("[{sound}]"), NoDocument, "CIMD §4.1"),
        row("a page", "<!doctype html><title>Just a moment...</title>", NoDocument, "CIMD §4.1"),
        // Not one object.
        row("spaces around it", format!(" \t\r\n{sound}\r\n "), NONE, "RFC 8259 §2"),
        row("text after it", format!("{sound}x"), NoDocument, "RFC 8259 §2"),
        row("a NUL after it", format!("{sound}\0"), NoDocument, "RFC 8259 §2"),
        row("two documents", format!("{sound}{sound}"), NoDocument, "RFC 8259 §2"),
        row("two documents on two lines", format!("{sound}\n{sound}"), NoDocument, "RFC 8259 §2"),
        row("a document that is cut", &sound[..sound.len() - 1], NoDocument, "RFC 8259 §2"),
        row("a comment", with("/* x */\"x\":1"), NoDocument, "RFC 8259 §2"),
        row("a comment at the end of a line", format!("{sound}// x"), NoDocument, "RFC 8259 §2"),
        row("a comma at the end", with(r#""x":1,"#), NoDocument, "RFC 8259 §4"),
        row("single quotes", format!("{{'client_id':'{ID}'}}"), NoDocument, "RFC 8259 §7"),
        row("a name without quotes", format!("{{client_id:{ID:?}}}"), NoDocument, "RFC 8259 §4"),
        row("NaN", with(r#""x":NaN"#), NoDocument, "RFC 8259 §6"),
        row("Infinity", with(r#""x":-Infinity"#), NoDocument, "RFC 8259 §6"),
        row("a hexadecimal number", with(r#""x":0x10"#), NoDocument, "RFC 8259 §6"),
        row("a number with a zero before it", with(r#""x":01"#), NoDocument, "RFC 8259 §6"),
        row("undefined", with(r#""x":undefined"#), NoDocument, "RFC 8259 §3"),
        row("an unknown escape", with(r#""x":"\x41""#), NoDocument, "RFC 8259 §7"),
        row("a line break in a text", with("\"x\":\"\n\""), NoDocument, "RFC 8259 §7"),
        row("half of a pair of surrogates", with(r#""client_name":"\ud800""#), NoDocument, "RFC 8259 §8.2"),
        row("the prefix that keeps scripts out", format!(")]}}',\n{sound}"), NoDocument, "RFC 8259 §2"),
        // The encoding.
        row("a byte order mark", format!("\u{feff}{sound}"), NONE, "RFC 8259 §8.1"),
        row("a byte order mark alone", "\u{feff}", NoDocument, "RFC 8259 §2"),
        row("two byte order marks", format!("\u{feff}\u{feff}{sound}"), NoDocument, "RFC 8259 §8.1"),
        row("UTF-16, little-endian", utf16(&sound, u16::to_le_bytes), NoDocument, "RFC 8259 §8.1"),
        row("UTF-16, big-endian", utf16(&sound, u16::to_be_bytes), NoDocument, "RFC 8259 §8.1"),
        row("UTF-16 with a mark", utf16(&format!("\u{feff}{sound}"), u16::to_le_bytes), NoDocument, "RFC 8259 §8.1"),
        row("Latin-1", with_byte(0xe4), NoDocument, "RFC 8259 §8.1"),
        row("a byte that UTF-8 does not have", with_byte(0xff), NoDocument, "RFC 8259 §8.1"),
        row("UTF-8", with(r#""client_name":"Ä € 𝄞""#), Holds(|client| client.metadata()["client_name"] == "Ä € 𝄞"), "RFC 8259 §8.1"),
        // The size.
        row("10,000 open lists", "[".repeat(10_000), NoDocument, "RFC 8259 §9"),
        row("10,000 open objects", r#"{"x":"#.repeat(10_000), NoDocument, "RFC 8259 §9"),
        row("10,000 lists in a member", with(format!(r#""x":{}{}"#, "[".repeat(10_000), "]".repeat(10_000))), NoDocument, "RFC 8259 §9"),
        row("10,000 objects in a member", with(format!(r#""x":{}0{}"#, r#"{"y":"#.repeat(10_000), "}".repeat(10_000))), NoDocument, "RFC 8259 §9"),
        row("256 values", values(256), NONE, "RFC 8259 §9"),
        row("257 values", values(257), NoDocument, "RFC 8259 §9"),
        row("100,000 values", values(100_000), NoDocument, "RFC 8259 §9"),
    ]
}

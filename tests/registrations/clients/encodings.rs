//! One file in every encoding in which editors and shells save it.

use serde_json::json;
use tower_token_endpoint::{Client, MemoryClientStore};

use super::SECRET;

pub(crate) fn encodings() {
    let client = json!({"client_id": "a", "client_secret": SECRET, "client_name": "Ä € 𝄞"});
    let one = serde_json::to_string_pretty(&client).expect("JSON");
    let file = serde_json::to_string_pretty(&json!([client])).expect("JSON");
    for (name, encode) in ENCODINGS {
        let loaded = MemoryClientStore::from_json(&encode(&file));
        let clients = loaded.unwrap_or_else(|error| panic!("{name}: {error}"));
        let client = clients.get("a").expect("it is there");
        assert_eq!(client.metadata()["client_name"], "Ä € 𝄞", "{name}");
        assert_eq!(clients.warnings().len(), 0, "{name}");
        clients.replace_from_json(&encode(&file)).expect(name);
        Client::from_json(&encode(&one)).expect(name);
    }
    // Latin-1, as an editor of Windows saves it.
    let latin = |text: &str| -> Vec<u8> {
        let bytes = text
            .chars()
            .map(|it| u8::try_from(u32::from(it)).unwrap_or(b'?'));
        bytes.collect()
    };
    // "client_name" is the second member, after "client_id", in its line.
    let line = file
        .lines()
        .position(|line| line.contains('Ä'))
        .expect("a line")
        + 1;
    let column = file
        .lines()
        .nth(line - 1)
        .and_then(|it| it.find('Ä'))
        .expect("a column")
        + 1;
    let says = format!("it is not UTF-8 at line {line}, column {column} ");
    let error = MemoryClientStore::from_json(&latin(&file)).expect_err("Latin-1");
    assert!(error.to_string().starts_with(&says), "{error}");
    assert!(
        error.to_string().ends_with("save the file as UTF-8"),
        "{error}"
    );
    assert_eq!((error.entry(), error.field()), (None, None));
    let error = Client::from_json(&latin(&one)).expect_err("Latin-1");
    assert!(
        error.to_string().starts_with("it is not UTF-8 at line 3"),
        "{error}"
    );
}

type Encoding = (&'static str, fn(&str) -> Vec<u8>);

const ENCODINGS: [Encoding; 7] = [
    ("UTF-8", |text| text.into()),
    ("UTF-8 with a mark", |text| format!("\u{feff}{text}").into()),
    ("UTF-8 with the lines of Windows", |text| {
        text.replace('\n', "\r\n").into()
    }),
    ("UTF-16, little-endian", |text| {
        utf16(text, u16::to_le_bytes)
    }),
    ("UTF-16, big-endian", |text| utf16(text, u16::to_be_bytes)),
    ("UTF-16, little-endian with a mark", |text| {
        utf16(&format!("\u{feff}{text}"), u16::to_le_bytes)
    }),
    ("UTF-16, big-endian with a mark", |text| {
        utf16(&format!("\u{feff}{text}"), u16::to_be_bytes)
    }),
];

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

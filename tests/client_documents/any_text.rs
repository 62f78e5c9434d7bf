//! Any text: no panic, and nothing that is not what it looks like.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tower_token_endpoint::Client;
use tower_token_endpoint::client::ClientIdUrl;
use url::{Host, ParseError, Url};

use crate::documents::{ID, is_sound};

/// Parts of URLs, most of which may stand in one.
const SCHEMES: &[&str] = &[
    "https://",
    "https://",
    "https://",
    "HTTPS://",
    "http://",
    "https:/",
    "https:",
    " https://",
    "",
];
const HOSTS: &[&str] = &[
    "a.example",
    "A.Example",
    "a.example.",
    "a",
    "localhost",
    "192.0.2.1",
    "127.1",
    "0x7f.1",
    "1",
    "017.0.0.1",
    "256.1.1.1",
    "1.a",
    "[2001:db8::1]",
    "[::ffff:192.0.2.1]",
    "[::1",
    "[fe80::1%25a]",
    "[v1.a]",
    "xn--bcher-kva.example",
    "xn--a",
    "xn--",
    "bücher.example",
    "%61.example",
    "a%2eexample",
    "a..b",
    "-a",
    "a_b",
    "a!b",
    "a\\",
    "user@a.example",
    "@a.example",
    "a:b@c",
    "",
];
const PORTS: &[&str] = &[
    "", "", "", ":443", ":8443", ":", ":0", ":00443", ":65535", ":65536", ":a", ":-1",
];
const PATHS: &[&str] = &[
    "/",
    "/x",
    "/.",
    "/..",
    "/...",
    "/%2e",
    "/%2E.",
    "/.%2e",
    "/%252e",
    "/%2f",
    "/%",
    "/%4",
    "/@",
    "/:",
    "/;..",
    "/..;x",
    "//",
    "/[",
    "/{",
    "/|",
    "/^",
    "/`",
    "/'",
    "/\"",
    "/<",
    "/\\",
    "/ ",
    "/\t",
    "/\n",
    "/ü",
    "/*~!$&()+,=",
    "x",
];
const ENDS: &[&str] = &[
    "", "", "", "?", "?x", "?/../y", "?[", "?'", "?ü", "#", "#x", "?x#y", " ", "\n",
];

fn nearly_a_url() -> impl Strategy<Value = String> {
    let parts = (
        select(SCHEMES),
        select(HOSTS),
        select(PORTS),
        vec(select(PATHS), 0..4),
        select(ENDS),
    );
    parts.prop_map(|(scheme, host, port, path, end)| {
        format!("{scheme}{host}{port}{}{end}", path.concat())
    })
}

/// One character is another one, or there is one more.
fn with_a_change() -> impl Strategy<Value = String> {
    let change = (nearly_a_url(), any::<Index>(), any::<char>(), any::<bool>());
    change.prop_map(|(text, at, other, is_more)| {
        let mut text: Vec<char> = text.chars().collect();
        let at = at.index(text.len() + 1);
        match text.get_mut(at) {
            Some(own) if !is_more => *own = other,
            Some(_) | None => text.insert(at, other),
        }
        text.into_iter().collect()
    })
}

/// The path of the text: after the authority, up to the query.
fn path(text: &str) -> &str {
    let (_, rest) = text.split_once("//").expect("an authority");
    let start = rest.find('/').expect("a path");
    let end = rest.find('?').unwrap_or(rest.len());
    &rest[start..end]
}

/// Whether the last label is a number, as in `127.1`.
fn is_number(host: &str) -> bool {
    let last = host
        .trim_end_matches('.')
        .rsplit('.')
        .next()
        .unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x").or(last.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) => digits.bytes().all(|it| it.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|it| it.is_ascii_digit()),
    }
}

/// What is accepted here is the same URL for a browser: other software, such as the page of consent
/// or a proxy, must not see another host or another document.
fn check(text: &str) {
    let Ok(own) = ClientIdUrl::parse(text) else {
        return;
    };
    assert_eq!(own.as_str(), text);
    let url = match Url::parse(text) {
        // An address for a browser, in one of many spellings: it is never fetched.
        Ok(url) if is_number(own.host()) => {
            assert!(matches!(url.host(), Some(Host::Ipv4(_))), "{text:?}");
            return;
        }
        Err(ParseError::InvalidIpv4Address) if is_number(own.host()) => return,
        // RFC 3986 knows no IDNA: a name that is none cannot be fetched, and is no other name.
        Err(ParseError::IdnaError) if own.host().to_ascii_lowercase().contains("xn--") => return,
        url => url.unwrap_or_else(|error| panic!("{text:?}: {error}")),
    };
    assert_eq!(url.scheme(), "https", "{text:?}");
    assert_eq!((url.username(), url.password()), ("", None), "{text:?}");
    assert_eq!(url.fragment(), None, "{text:?}");
    assert_eq!(url.path(), path(text), "{text:?}");
    // An address of IPv6 may be written in several ways.
    let same = match url.host() {
        Some(Host::Domain(host)) => host.eq_ignore_ascii_case(own.host()),
        Some(Host::Ipv6(address)) => own.host().trim_matches(['[', ']']).parse() == Ok(address),
        Some(Host::Ipv4(_)) | None => false,
    };
    assert!(same, "{text:?}: {:?} and {:?}", own.host(), url.host());
}

/// Documents with nearly everything that a change could turn into a secret or another id.
const DOCUMENTS: [&str; 4] = [
    r#"{"client_id":"https://app.example/client.json","client_secreu":"s","client_secretr":"s","client_secret_expires_au":0}"#,
    r#"{"client_ie":"https://other.example/x","client_id":"https://app.example/client.json","token_endpoint_auth_method":"none"}"#,
    r#"{"client_id":"https://app.example/client.json","token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://app.example/jwks"}"#,
    r#"{"client_id":"https://app.example/client.json","token_endpoint_auth_methods_supported":["client_secret_basic","none","client_secret_jwt"],"token_endpoint_auth_methods":["client_secret_post"],"x":{"client_secret":"s"}}"#,
];

#[test]
fn a_document_with_one_other_byte_is_nobody_else_and_has_no_secret() {
    for document in DOCUMENTS {
        let document = document.as_bytes();
        let client = Client::from_document(ID, document).expect("a client");
        assert!(is_sound(&client), "{client:?}");
        let mut changed = document.to_vec();
        for (at, &own) in document.iter().enumerate() {
            for byte in 0..=u8::MAX {
                changed[at] = byte;
                check_document(&changed);
            }
            changed[at] = own;
        }
    }
}

fn check_document(document: &[u8]) {
    match Client::from_document(ID, document) {
        Ok(client) => {
            assert!(is_sound(&client), "{:?}", String::from_utf8_lossy(document));
            for name in [
                "client_secret",
                "client_secrets",
                "client_secret_expires_at",
            ] {
                assert!(!client.metadata().contains_key(name), "{client:?}");
            }
        }
        // Strangers write the documents, and the errors are logged.
        Err(error) => {
            for text in error.problems().map(ToString::to_string) {
                assert!(text.lines().count() == 1 && text.len() < 500, "{text:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_the_url_of_a_document_is_the_same_url_for_a_browser(text in nearly_a_url()) {
        check(&text);
    }

    #[test]
    fn what_is_nearly_a_url_is_the_same_url_or_none(text in with_a_change()) {
        check(&text);
    }

    #[test]
    fn any_text_is_a_url_or_none(text in any::<String>(), path in any::<String>()) {
        check(&text);
        check(&format!("https://a.example/{path}"));
        check(&format!("https://{path}/x"));
    }

    #[test]
    fn any_bytes_are_a_document_or_none(bytes in any::<Vec<u8>>(), start in 0_usize..5) {
        let starts: [&[u8]; 5] = [
            b"",
            b"{",
            b"\xef\xbb\xbf{\"client_id\":",
            b"{\"client_id\":\"https://app.example/client.json\",",
            b"{\"client_id\":\"https://app.example/client.json\",\"jwks\":{\"keys\":[",
        ];
        check_document(&[starts[start], &bytes].concat());
    }

    #[test]
    fn a_document_with_bytes_cut_out_or_put_in_is_nobody_else(
        document in select(&DOCUMENTS[..]), at in any::<Index>(), length in 0_usize..20, more in any::<Vec<u8>>(),
    ) {
        let mut document = document.as_bytes().to_vec();
        let at = at.index(document.len());
        let end = (at + length).min(document.len());
        document.splice(at..end, more);
        check_document(&document);
    }

    #[test]
    fn any_id_and_any_document_do_not_panic(id in any::<String>(), bytes in any::<Vec<u8>>()) {
        let _ = Client::from_document(&id, &bytes);
        let document = serde_json::json!({"client_id": id}).to_string();
        if let Ok(client) = Client::from_document(&id, document.as_bytes()) {
            prop_assert_eq!(client.client_id(), id);
        }
    }
}

//! What is a name, and what is not. Which names are the same is in the tests of registered names.

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<DistinguishedName, String> {
    let parsed = ParsedName::parse(text).map_err(|error| error.to_string());
    parsed.map(|it| it.name)
}

/// Two strings of one name, and the section that says so.
const SAME: &[(&str, &str, &str)] = &[
    ("CN=a", "cn=A", "RFC 4512 §2.5"),
    ("CN=a", "commonName=a", "RFC 4519 §2.3"),
    ("CN=a", "2.5.4.3=a", "RFC 4514 §2.3"),
    ("CN=a", "OID.2.5.4.3=a", "RFC 1779 §2.3"),
    ("CN=a,O=b", "CN=a;O=b", "RFC 2253 §4"),
    ("CN=a,O=b", "  CN  =  a  ,  O  =  b  ", "RFC 2253 §4"),
    ("CN=a+O=b", "O=b + CN=a", "RFC 4514 §2.2"),
    ("CN=a b", "CN=a    b", "RFC 4518 §2.6.1"),
    ("CN=a", "CN=\\ a\\20", "RFC 4518 §2.6.1"),
    ("CN=", "CN=\"\"", ".NET"),
    ("CN=", "CN=\\ ", "RFC 4518 §2.6.1"),
    ("CN=a\\,b", "CN=\"a,b\"", "RFC 2253 §4"),
    ("CN=a\\,b", "CN=a\\2Cb", "RFC 4514 §2.4"),
    ("CN=a\\,b", "CN=a\\2cb", "RFC 4514 §2.4"),
    ("CN=a\\\"b", "CN=\"a\"\"b\"", ".NET"),
    ("CN=a\\\"b", "CN=\"a\\\"b\"", "RFC 2253 §4"),
    ("CN=\\\"\\\"", "CN=\"\"\"\"\"\"", ".NET"),
    ("CN=a\\\\b", "CN=\"a\\\\b\"", "RFC 2253 §4"),
    ("CN=a=b#c", "CN=a\\=b\\#c", "RFC 4514 §2.4"),
    ("CN=\\#a", "CN=\"#a\"", "RFC 2253 §4"),
    ("CN=\u{e9}", "CN=\\C3\\A9", "RFC 4514 §2.4"),
    ("CN=\u{e9}", "CN=#0c02c3a9", "RFC 4514 §2.4"),
    ("CN=a", "CN=#130161", "RFC 4514 §2.4"),
    ("CN=a", "CN = #1E020061 ", "RFC 4514 §2.4"),
    ("CN=a,O=b", "CN=#130161 , O=b", "RFC 4514 §2.4"),
    ("CN=#020105", "CN=#02810105", "X.690 §8.1.3"),
    (
        "CN=Lu\\C4\\8Di\\C4\\87",
        "CN=Lu\u{10d}i\u{107}",
        "RFC 4514 §4",
    ),
    (
        "CN=Before\\0dAfter,DC=example,DC=net",
        "cn=Before\rAfter,dc=example,dc=net",
        "RFC 4514 §4",
    ),
    (
        "OU=Sales+CN=J.  Smith,DC=example,DC=net",
        "CN=J. Smith+OU=Sales,DC=example,DC=net",
        "RFC 4514 §4",
    ),
    (
        "CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net",
        "CN=\"James \\\"Jim\\\" Smith, III\",DC=example,DC=net",
        "RFC 4514 §4",
    ),
    ("S=a", "ST=a", ".NET"),
    ("E=a", "EMAILADDRESS=a", ".NET, Java"),
    ("SN=a", "SURNAME=a", ".NET, Java"),
    ("SERIALNUMBER=1", "serialNumber=1", "Java"),
    ("DNQ=1", "dnQualifier=1", "Java"),
    ("G=a", "GN=a", ".NET, OpenSSL"),
    ("T=a", "title=a", ".NET"),
    ("jurisdictionC=US", "jurisdictionCountryName=us", "OpenSSL"),
    (
        "jurisdictionC=US",
        "OID.1.3.6.1.4.1.311.60.2.1.3=US",
        ".NET",
    ),
];

#[test]
fn strings_of_one_name() {
    for (one, other, section) in SAME {
        let [parsed, other_parsed] = [one, other].map(|it| parse(it).expect(it));
        assert_eq!(parsed, other_parsed, "{one} {other} ({section})");
    }
}

/// Two strings that are not of one name.
const DIFFERENT: &[(&str, &str, &str)] = &[
    ("CN=a,O=b", "O=b,CN=a", "the order counts"),
    ("CN=a,O=b", "CN=a+O=b", "one set is not two"),
    ("CN=a", "CN=a,CN=a", "once is not twice"),
    ("CN=a+CN=a", "CN=a", "once is not twice"),
    ("CN=a", "O=a", "another type"),
    ("CN=a", "CN=ab", "another text"),
    ("CN=a b", "CN=ab", "a space is not nothing"),
    ("CN=a\\09b", "CN=a b", "a tab is not a space"),
    ("CN=a", "CN=a\\00", "NUL is a character"),
    ("CN=\u{e9}", "CN=\u{c9}", "other letters have case"),
    ("CN=\u{e9}", "CN=e\u{301}", "no normal form"),
    ("CN=\u{e9}", "CN=\\E9", "not UTF-8"),
    (
        "CN=\\#130161",
        "CN=#130161",
        "a `#` that is escaped is a letter",
    ),
    ("CN=#020105", "CN=#020106", "another number"),
    ("CN=#040161", "CN=a", "bytes are not text"),
    (
        "UID=a",
        "0.9.2342.19200300.100.1.44=a",
        "userId is not uniqueIdentifier",
    ),
];

#[test]
fn strings_of_two_names() {
    for (one, other, why) in DIFFERENT {
        assert_ne!(parse(one), parse(other), "{one} {other}: {why}");
    }
}

/// What is not a name, with the position, and a word of what to write.
const REFUSED: &[(&str, usize, &str)] = &[
    ("", 1, "CN=client"),
    ("   ", 4, "CN=client"),
    (",", 1, "CN=client"),
    ("=a", 1, "CN=client"),
    ("CN=a,", 6, "CN=client"),
    ("CN=a;", 6, "CN=client"),
    ("CN=a+", 6, "CN=client"),
    ("CN=a,,O=b", 6, "CN=client"),
    ("CN", 3, "`=`"),
    ("client.example.org", 19, "`=`"),
    ("CN a", 3, "`=`"),
    ("CN=a,b", 7, "`=`"),
    ("CN=AT&T, Inc., O=b", 14, "`\\,`"),
    ("foo=a", 1, "\"foo\""),
    ("O=a,foo=b", 5, "\"foo\""),
    ("1.2.x=a", 1, "\"1.2.x\""),
    ("1=a", 1, "\"1\""),
    ("3.1=a", 1, "\"3.1\""),
    ("2.05=a", 1, "\"2.05\""),
    ("OID.=a", 1, "\"OID.\""),
    ("uniqueIdentifier=a", 1, "object identifier"),
    ("\u{e9}=a", 1, "CN=client"),
    ("/C=DE/CN=a", 1, "the last one"),
    ("subject=CN=a", 1, "label"),
    ("DN: CN=a", 1, "label"),
    ("CN=a\\", 5, "`\\`"),
    ("CN=a\\x", 5, "`\\`"),
    ("CN=a\\1", 5, "`\\`"),
    ("CN=a\\1,O=b", 5, "`\\`"),
    ("CN=a\"b", 5, "`\\\"`"),
    ("CN=<a", 4, "`\\<`"),
    ("CN=a>", 5, "`\\>`"),
    ("CN=a\0", 5, "`\\00`"),
    ("CN=\"a\0\"", 6, "`\\00`"),
    ("CN=\"a", 4, "closing"),
    ("CN=\"a\\\"", 4, "closing"),
    ("CN=\"a\"b", 7, "`,`"),
    ("CN=\"a\" b", 8, "`,`"),
    ("CN=\"a\"#", 7, "`,`"),
    ("CN=\\FF", 4, "UTF-8"),
    ("CN=\\C3", 4, "UTF-8"),
    ("CN=\\C3,O=\\A9", 4, "UTF-8"),
    ("CN=#", 5, "hexadecimal"),
    ("CN=#1", 6, "hexadecimal"),
    ("CN=#13016", 10, "hexadecimal"),
    ("CN=#13 01 61", 8, "hexadecimal"),
    ("CN=#130161x", 11, "hexadecimal"),
    ("CN=#client", 6, "hexadecimal"),
    ("CN=#13", 4, "BER"),
    ("CN=#130261", 4, "BER"),
    ("CN=#13016162", 4, "BER"),
    ("CN=#13800000", 4, "BER"),
    // In characters.
    ("CN=\u{e9}\u{e9},x=a", 7, "\"x\""),
];

#[test]
fn what_is_not_a_name_is_refused_with_its_position() {
    for (text, position, word) in REFUSED {
        let error = parse(text).expect_err(text);
        let start = format!("at character {position}: ");
        assert!(
            error.starts_with(&start) && error.contains(word),
            "{text:?}: {error}"
        );
    }
}

#[test]
fn a_long_name_is_read_or_refused_in_one_go() {
    let longest = format!("CN={}", "a".repeat(64 * 1024 - 3));
    assert!(parse(&longest).is_ok());
    let error = parse(&format!("{longest}a")).expect_err("too long");
    assert!(error.contains("64 KiB"), "{error}");
    for part in [
        "CN=a,",
        "CN=a+",
        "CN=\\,,",
        "CN=\"\"\"\",",
        "CN=#0500+",
        "CN=      ,",
    ] {
        let count = 64 * 1024 / part.len();
        let text = part.repeat(count);
        assert!(parse(&text).is_err(), "{part}");
        let whole = parse(&text[..text.len() - 1]);
        assert!(whole.is_ok(), "{part}");
    }
}

proptest! {
    #[test]
    fn any_text(text in any::<String>(), parts in prop::collection::vec(prop::sample::select(vec![
        "CN", "O", "=", ",", ";", "+", "\"", "\\", "#", "13", "0161", "a", " ", "OID.", "2.5.4.3", "\u{e9}", "\0", "/", "<",
    ]), 0..30)) {
        for text in [text, parts.concat()] {
            match parse(&text) {
                Ok(name) => prop_assert_eq!(Ok(name), parse(&format!(" {text} "))),
                Err(error) => {
                    prop_assert!(error.lines().count() == 1 && error.len() < 400, "{}", error);
                }
            }
        }
    }

    /// Whatever the text of a value is, there are three ways to write it.
    #[test]
    fn a_value_of_any_text(text in "\\PC*|[ -~]*|[\\s\\S]{0,20}") {
        let escaped: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        let special = |c: char| " \"#+,;<=>\\".contains(c);
        let mut backslashes = String::new();
        let mut doubled = String::new();
        for c in text.chars() {
            match c {
                '\0' => backslashes.push_str("\\00"),
                c if special(c) => backslashes.extend(['\\', c]),
                c => backslashes.push(c),
            }
            match c {
                '\0' => doubled.push_str("\\00"),
                '"' => doubled.push_str("\"\""),
                '\\' => doubled.push_str("\\\\"),
                c => doubled.push(c),
            }
        }
        let expected = parse(&format!("CN={escaped},O=b"));
        prop_assert!(expected.is_ok());
        prop_assert_eq!(&parse(&format!("CN={backslashes},O=b")), &expected);
        prop_assert_eq!(&parse(&format!("CN=\"{doubled}\",O=b")), &expected);
        let is_empty = text.trim_matches(' ').is_empty();
        prop_assert_eq!(parse("CN=,O=b") == expected, is_empty);
    }
}

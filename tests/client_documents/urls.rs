//! Which texts are the URL of a document.

use tower_token_endpoint::client::ClientIdUrl;

use crate::tables::Broken;

pub(crate) struct Row {
    pub(crate) url: String,
    /// The host, or a word of the error.
    pub(crate) expected: Result<&'static str, &'static str>,
    pub(crate) section: &'static str,
}

/// It is the URL of a document on this host.
fn url(url: impl Into<String>, host: &'static str, section: &'static str) -> Row {
    let url = url.into();
    Row {
        url,
        expected: Ok(host),
        section,
    }
}

/// It is none, and the error has this word.
fn not(url: impl Into<String>, word: &'static str, section: &'static str) -> Row {
    let url = url.into();
    Row {
        url,
        expected: Err(word),
        section,
    }
}

#[test]
fn an_id_is_the_url_of_a_document_or_the_error_says_why_not() {
    let mut broken = Broken::default();
    for row in rows() {
        let found = ClientIdUrl::parse(&row.url);
        let holds = match (&found, row.expected) {
            (Ok(found), Ok(host)) => found.as_str() == row.url && found.host() == host,
            (Err(error), Err(word)) => error.to_string().contains(word),
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
        };
        if !holds {
            let error = found.as_ref().map_err(ToString::to_string);
            let start: String = row.url.chars().take(80).collect();
            broken.add(format!("{start:?} ({}): {error:?}", row.section));
        }
    }
    broken.assert_none();
}

/// A URL of so many bytes.
fn long(length: usize) -> String {
    let start = "https://a.example/";
    start.to_owned() + &"x".repeat(length - start.len())
}

#[rustfmt::skip]
pub(crate) fn rows() -> Vec<Row> {
    const SCHEME: &str = "https";
    const HOST: &str = "host";
    const PORT: &str = "port";
    const PATH: &str = "path";
    const USER: &str = "user";
    const FRAGMENT: &str = "fragment";
    const DOTS: &str = "segment";
    const GRAMMAR: &str = "RFC 3986";
    vec![
        url("https://a.example/x", "a.example", "CIMD §3"),
        url("https://claude.ai/oauth/claude-code-client-metadata", "claude.ai", "CIMD §3"),
        url("https://a.example/client.json", "a.example", "CIMD §3"),
        // The scheme.
        url("HTTPS://a.example/x", "a.example", "RFC 3986 §3.1"),
        url("hTtPs://a.example/x", "a.example", "RFC 3986 §3.1"),
        not("http://a.example/x", SCHEME, "CIMD §3"),
        not("http://localhost/x", SCHEME, "CIMD §3"),
        not("ftp://a.example/x", SCHEME, "CIMD §3"),
        not("httpss://a.example/x", SCHEME, "CIMD §3"),
        not("https+x://a.example/x", SCHEME, "CIMD §3"),
        not("urn:example:client", SCHEME, "CIMD §3"),
        not("com.example.app:/x", SCHEME, "CIMD §3"),
        not("javascript://a.example/x", SCHEME, "CIMD §3"),
        not("jane@a.example", SCHEME, "CIMD §3"),
        not("s6BhdRkqt3", SCHEME, "CIMD §3"),
        not("", SCHEME, "CIMD §3"),
        not("a.example/x", SCHEME, "CIMD §3"),
        not("//a.example/x", SCHEME, "RFC 3986 §4.2"),
        not("/x", SCHEME, "RFC 3986 §4.2"),
        not(" https://a.example/x", SCHEME, "RFC 3986 §3.1"),
        not("\thttps://a.example/x", SCHEME, "RFC 3986 §3.1"),
        not("ht\ntps://a.example/x", SCHEME, "RFC 3986 §3.1"),
        not("\u{feff}https://a.example/x", SCHEME, "RFC 3986 §3.1"),
        not("https", SCHEME, "RFC 3986 §3"),
        // Browsers read these as a URL with a host.
        not("https:", SCHEME, "RFC 9110 §4.2.2"),
        not("https:/a/b", SCHEME, "RFC 9110 §4.2.2"),
        not("https:a/b", SCHEME, "RFC 9110 §4.2.2"),
        not("https:\\\\a.example\\x", SCHEME, "RFC 3986 §3"),
        not("https://", PATH, "RFC 9110 §4.2.2"),
        not("https:///a", HOST, "RFC 9110 §4.2.2"),
        not("https:////a.example/x", HOST, "RFC 9110 §4.2.2"),
        not("https://:443/x", HOST, "RFC 9110 §4.2.2"),
        not("https://?/x", PATH, "RFC 9110 §4.2.2"),
        // The host.
        url("https://A.EXAMPLE/x", "A.EXAMPLE", "RFC 3986 §3.2.2"),
        url("https://a.example./x", "a.example.", "RFC 3986 §3.2.2"),
        url("https://localhost/x", "localhost", "CIMD §3"),
        url("https://a/x", "a", "RFC 3986 §3.2.2"),
        url("https://a_b.example/x", "a_b.example", "RFC 3986 §3.2.2"),
        url("https://a-1.b.c.d.example/x", "a-1.b.c.d.example", "RFC 3986 §3.2.2"),
        url("https://xn--bcher-kva.example/x", "xn--bcher-kva.example", "RFC 3986 §3.2.2"),
        not("https://bücher.example/x", GRAMMAR, "RFC 3986 §2"),
        not("https://ａ.example/x", GRAMMAR, "RFC 3986 §2"),
        not("https://a。example/x", GRAMMAR, "RFC 3986 §2"),
        not("https://a b.example/x", GRAMMAR, "RFC 3986 §3.2.2"),
        not("https://a\t.example/x", GRAMMAR, "RFC 3986 §3.2.2"),
        not("https://a<b.example/x", GRAMMAR, "RFC 3986 §3.2.2"),
        not("https://a\0.example/x", GRAMMAR, "RFC 3986 §3.2.2"),
        url("https://192.0.2.1/x", "192.0.2.1", "decisions"),
        url("https://127.0.0.1:8443/x", "127.0.0.1", "decisions"),
        url("https://169.254.169.254/latest", "169.254.169.254", "decisions"),
        // Names by the grammar, and addresses for browsers and resolvers (RFC 3986 §7.4). Like any address,
        // they are refused when they would be fetched.
        url("https://127.1/x", "127.1", "RFC 3986 §3.2.2"),
        url("https://2130706433/x", "2130706433", "RFC 3986 §3.2.2"),
        url("https://0x7f.0.0.1/x", "0x7f.0.0.1", "RFC 3986 §3.2.2"),
        url("https://017.0.0.1/x", "017.0.0.1", "RFC 3986 §3.2.2"),
        url("https://0x7f000001:8443/x", "0x7f000001", "RFC 3986 §3.2.2"),
        url("https://1.a.example/x", "1.a.example", "RFC 3986 §3.2.2"),
        url("https://[2001:db8::1]/x", "[2001:db8::1]", "RFC 3986 §3.2.2"),
        url("https://[2001:db8::1]:8443/x", "[2001:db8::1]", "RFC 3986 §3.2.2"),
        url("https://[::1]/x", "[::1]", "RFC 3986 §3.2.2"),
        url("https://[::ffff:192.0.2.1]/x", "[::ffff:192.0.2.1]", "RFC 3986 §3.2.2"),
        not("https://[fe80::1%25eth0]/x", HOST, "RFC 3986 §3.2.2"),
        not("https://[fe80::1%eth0]/x", HOST, "RFC 3986 §3.2.2"),
        not("https://[2001:db8::1/x", HOST, "RFC 3986 §3.2.2"),
        not("https://[]/x", HOST, "RFC 3986 §3.2.2"),
        not("https://[1:2:3]/x", HOST, "RFC 3986 §3.2.2"),
        not("https://[a.example]/x", HOST, "RFC 3986 §3.2.2"),
        not("https://[192.0.2.1]/x", HOST, "RFC 3986 §3.2.2"),
        not("https://[::1]a/x", HOST, "RFC 3986 §3.2.2"),
        not("https://2001:db8::1/x", PORT, "RFC 3986 §3.2.3"),
        // The port.
        url("https://a.example:443/x", "a.example", "CIMD §3"),
        url("https://a.example:8443/x", "a.example", "CIMD §3"),
        url("https://a.example:1/x", "a.example", "CIMD §3"),
        url("https://a.example:65535/x", "a.example", "CIMD §3"),
        // The section allows these two, but no client needs them.
        not("https://a.example:/x", GRAMMAR, "RFC 3986 §3.2.3"),
        not("https://a.example:00443/x", GRAMMAR, "RFC 3986 §3.2.3"),
        // By the grammar, it is a port like any other. That nobody listens there shows when it is fetched.
        url("https://a.example:0/x", "a.example", "RFC 3986 §3.2.3"),
        // No connection can have it (RFC 9293 §3.1).
        not("https://a.example:65536/x", PORT, "RFC 9110 §4.2.2"),
        not("https://a.example:4294967739/x", PORT, "RFC 9110 §4.2.2"),
        not("https://a.example:99999999999999999999999999/x", PORT, "RFC 9110 §4.2.2"),
        not("https://a.example:+443/x", PORT, "RFC 3986 §3.2.3"),
        not("https://a.example:-1/x", PORT, "RFC 3986 §3.2.3"),
        not("https://a.example:https/x", PORT, "RFC 3986 §3.2.3"),
        not("https://a.example:443:443/x", PORT, "RFC 3986 §3.2.3"),
        not("https://[::1]:a/x", PORT, "RFC 3986 §3.2.3"),
        // User information.
        not("https://jane@a.example/x", USER, "CIMD §3"),
        not("https://jane:secret@a.example/x", USER, "CIMD §3"),
        not("https://@a.example/x", USER, "decisions"),
        not("https://:@a.example/x", USER, "decisions"),
        not("https://a.example:443@b.example/x", USER, "CIMD §3"),
        not("https://a.example%40b@c.example/x", USER, "CIMD §3"),
        not("https://a@b@c.example/x", USER, "CIMD §3"),
        url("https://a.example/@jane/x", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/x:y@z", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/x?jane@b.example", "a.example", "RFC 3986 §3.4"),
        // The path.
        not("https://a.example", PATH, "CIMD §3"),
        not("https://a.example:443", PATH, "CIMD §3"),
        not("https://a.example/", PATH, "decisions"),
        not("https://a.example?x", PATH, "CIMD §3"),
        not("https://a.example?/x", PATH, "CIMD §3"),
        not("https://a.example?@b.example/x", PATH, "CIMD §3"),
        not("https://a.example/?x", PATH, "decisions"),
        not("https://a.example/?", PATH, "decisions"),
        not("https://[::1]", PATH, "CIMD §3"),
        url("https://a.example//", "a.example", "RFC 3986 §3.3"),
        url("https://a.example//x", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/x//y/", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/x/", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/x;a=b;c/y,z", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/~x/!$&'()*+,;=:@-._", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/%41%c3%bc%00%20", "a.example", "RFC 3986 §2.1"),
        url("https://a.example/x%2fy%2Fz", "a.example", "RFC 3986 §2.1"),
        not("https://a.example/%", GRAMMAR, "RFC 3986 §2.1"),
        not("https://a.example/%2", GRAMMAR, "RFC 3986 §2.1"),
        not("https://a.example/%zz", GRAMMAR, "RFC 3986 §2.1"),
        not("https://a.example/%2g/x", GRAMMAR, "RFC 3986 §2.1"),
        not("https://a.example/x?%", GRAMMAR, "RFC 3986 §2.1"),
        not("https://a.example/a b", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/x ", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/x\n", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/x\r\nHost: b.example", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/a\tb", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/\0", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/\u{7f}", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/ü", GRAMMAR, "RFC 3986 §2"),
        not("https://a.example/\\x", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example\\x", PATH, "RFC 3986 §3.2.2"),
        not("https://a.example\\@b.example/x", USER, "RFC 3986 §3.2.1"),
        not("https://a.example/[x]", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/{id}", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/x|y", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/x^y", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/\"x\"", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/<x>", GRAMMAR, "RFC 3986 §3.3"),
        not("https://a.example/`x`", GRAMMAR, "RFC 3986 §3.3"),
        // Segments of dots.
        not("https://a.example/.", DOTS, "CIMD §3"),
        not("https://a.example/..", DOTS, "CIMD §3"),
        not("https://a.example/./x", DOTS, "CIMD §3"),
        not("https://a.example/x/.", DOTS, "CIMD §3"),
        not("https://a.example/x/./", DOTS, "CIMD §3"),
        not("https://a.example/x/..", DOTS, "CIMD §3"),
        not("https://a.example/x/../y", DOTS, "CIMD §3"),
        not("https://a.example//../y", DOTS, "CIMD §3"),
        not("https://a.example/x/..?y", DOTS, "CIMD §3"),
        not("https://a.example/%2e", DOTS, "decisions"),
        not("https://a.example/%2E%2e", DOTS, "decisions"),
        not("https://a.example/x/.%2e/y", DOTS, "decisions"),
        not("https://a.example/x/%2E./y", DOTS, "decisions"),
        url("https://a.example/...", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/.%2e.", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/.well-known/x", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/a/.b", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/a./b..", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/x/;..", "a.example", "RFC 3986 §3.3"),
        url("https://a.example/x/..;y", "a.example", "RFC 3986 §3.3"),
        // `%25` is a percent sign, so this is not an escaped dot.
        url("https://a.example/%252e%252e/x", "a.example", "RFC 3986 §2.4"),
        // An escaped slash does not end a segment.
        url("https://a.example/x%2f..%2fy", "a.example", "RFC 3986 §2.2"),
        url("https://a.example/x?/../y", "a.example", "RFC 3986 §3.4"),
        url("https://a.example/x?a=..", "a.example", "RFC 3986 §3.4"),
        // The query.
        url("https://a.example/x?a=b&c=d", "a.example", "CIMD §3"),
        url("https://a.example/x?", "a.example", "CIMD §3"),
        url("https://a.example/x??/?", "a.example", "RFC 3986 §3.4"),
        not("https://a.example/x?a=[]", GRAMMAR, "RFC 3986 §3.4"),
        not("https://a.example/x?a b", GRAMMAR, "RFC 3986 §3.4"),
        not("https://a.example/x?{a}", GRAMMAR, "RFC 3986 §3.4"),
        not("https://a.example/x?a|b", GRAMMAR, "RFC 3986 §3.4"),
        not("https://a.example/x?\"a\"", GRAMMAR, "RFC 3986 §3.4"),
        not("https://a.example/x?a\\b", GRAMMAR, "RFC 3986 §3.4"),
        not("https://a.example/x?a^b", GRAMMAR, "RFC 3986 §3.4"),
        not("https://a.example/x?ü", GRAMMAR, "RFC 3986 §2"),
        url("https://a.example/x?https://b.example/y", "a.example", "RFC 3986 §3.4"),
        // The fragment.
        not("https://a.example/x#y", FRAGMENT, "CIMD §3"),
        not("https://a.example/x#", FRAGMENT, "decisions"),
        not("https://a.example/#/x", FRAGMENT, "CIMD §3"),
        not("https://a.example#/x", FRAGMENT, "CIMD §3"),
        not("https://a.example/x?y#z", FRAGMENT, "CIMD §3"),
        not("https://a.example#@b.example/x", FRAGMENT, "CIMD §3"),
        url("https://a.example/x%23y", "a.example", "RFC 3986 §2.1"),
        // The length.
        url(long(2048), "a.example", "decisions"),
        not(long(2049), "2048", "decisions"),
        not(long(1_000_000), "2048", "decisions"),
    ]
}

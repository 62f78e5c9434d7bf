//! Whether a URL that a client wrote is the URL of an endpoint, as URLs are compared (RFC 3986 §6.2,
//! RFC 9449 §4.3): the case of scheme and host, the default port, escapes that need not be, and dot
//! segments make no difference. Query and fragment are ignored.

use std::net::Ipv6Addr;

use super::uri;

/// Whether two http URLs are the same without query and fragment.
pub(crate) fn is_same(sent: &str, own: &str) -> bool {
    match (Target::parse(sent), Target::parse(own)) {
        (Some(sent), Some(own)) => sent == own,
        (Some(_) | None, _) => false,
    }
}

/// What is left of an http URL that is compared.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    is_https: bool,
    host: String,
    port: u16,
    path: String,
}

impl Target {
    /// `None` if it is not a URL of http or https, or if it has a user, or a dot at the end of the host.
    fn parse(url: &str) -> Option<Self> {
        if !uri::is_absolute(url) {
            return None;
        }
        let (scheme, rest) = url.split_once("://")?;
        let is_https = scheme.eq_ignore_ascii_case("https");
        if !is_https && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let rest = rest.split(['?', '#']).next()?;
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let (host, port) = split_port(authority)?;
        let default = if is_https { 443 } else { 80 };
        Some(Self {
            is_https,
            host: normal_host(host)?,
            port: port.unwrap_or(default),
            path: without_dot_segments(&unescaped(path)),
        })
    }
}

/// The host and the port. A port that is empty is as if it were not there (RFC 3986 §6.2.3).
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let host_end = match authority.strip_prefix('[') {
        Some(address) => address.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(host_end);
    match port.strip_prefix(':') {
        None if port.is_empty() => Some((host, None)),
        None => None,
        Some("") => Some((host, None)),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some((host, Some(digits.parse().ok()?)))
        }
        Some(_) => None,
    }
}

fn normal_host(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let host = unescaped(host).to_ascii_lowercase();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_sound = !host.is_empty() && !host.ends_with('.') && host.bytes().all(is_name);
    is_sound.then_some(host)
}

/// Without the escapes of characters that need none, and with the others in upper case (RFC 3986
/// §6.2.2).
fn unescaped(text: &str) -> String {
    let mut parts = text.split('%');
    let mut normal = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // Its escapes are whole, as those of every absolute URI.
        let Some((digits, rest)) = part.split_at_checked(2) else {
            continue;
        };
        match u8::from_str_radix(digits, 16).map(char::from) {
            Ok(character) if is_unreserved(character) => normal.push(character),
            Ok(_) | Err(_) => {
                normal.push('%');
                normal.push_str(&digits.to_ascii_uppercase());
            }
        }
        normal.push_str(rest);
    }
    normal
}

/// RFC 3986 §2.3.
fn is_unreserved(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~".contains(character)
}

/// RFC 3986 §5.2.4, for a path that starts with a slash.
fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    let mut normal = String::with_capacity(path.len());
    for segment in kept {
        normal.push('/');
        normal.push_str(segment);
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "https://as.example.com/oauth/token";

    #[test]
    fn what_urls_have_in_common_is_compared() {
        for same in [
            OWN,
            "HTTPS://as.example.com/oauth/token",
            "https://AS.Example.COM/oauth/token",
            "https://as.example.com:443/oauth/token",
            "https://as.example.com:/oauth/token",
            "https://as.example.com:0443/oauth/token",
            "https://%61s.example.com/oauth/token",
            "https://as.example.com/oauth/%74oken",
            "https://as.example.com/oauth/toke%6e",
            "https://as.example.com/oauth/toke%6E",
            "https://as.example.com/oauth/./token",
            "https://as.example.com/x/../oauth/token",
            "https://as.example.com/../oauth/token",
            "https://as.example.com/x/%2e%2E/oauth/token",
            "https://as.example.com/oauth/%2e/token",
            "https://as.example.com/oauth/token?",
            "https://as.example.com/oauth/token?tenant=a",
            "https://as.example.com/oauth/token#a",
            "https://as.example.com/oauth/token?a#b",
            "https://as.example.com/oauth/token?a=https://other.example/@x",
        ] {
            assert!(is_same(same, OWN), "{same}");
            assert!(is_same(same, "https://AS.example.com:443/oauth/token"));
        }
        for other in [
            "",
            "/oauth/token",
            "//as.example.com/oauth/token",
            "as.example.com/oauth/token",
            "http://as.example.com/oauth/token",
            "https://as.example.com:444/oauth/token",
            "https://as.example.com:80/oauth/token",
            "https://as.example.com:99999/oauth/token",
            "https://as.example.com:+443/oauth/token",
            "https://as.example.com/oauth/token/",
            "https://as.example.com/oauth/Token",
            "https://as.example.com//oauth/token",
            "https://as.example.com/oauth%2Ftoken",
            "https://as.example.com/oauth/token;a",
            "https://as.example.com/oauth/token/..",
            "https://as.example.com/oauth",
            "https://as.example.com",
            "https://as.example.com./oauth/token",
            "https://as.example.com%2e/oauth/token",
            "https://as.example.com.evil.example/oauth/token",
            "https://evil.example/as.example.com/oauth/token",
            "https://as.example.com@evil.example/oauth/token",
            "https://user@as.example.com/oauth/token",
            "https://user:password@as.example.com/oauth/token",
            "https://@as.example.com/oauth/token",
            " https://as.example.com/oauth/token",
            "https://as.example.com/oauth/token ",
            "https://as.example.com/oauth/token\n",
            "https://as.example.com/oauth/to%20ken",
            "https://as.example.com/oauth/tokén",
            "https://as.example.com/oauth/token?é",
            "https://as.example.com/oauth/token?a b",
            "https://as.example.com/oauth/token#a\t",
            "https://as.example.com/oauth/token?%zz",
            "https://as.example.com/oauth/token%",
            "https://as.example.com/oauth/token%zz",
            "https://as.example.com\\/oauth/token",
            "https:as.example.com/oauth/token",
            "https:/as.example.com/oauth/token",
            "https:///oauth/token",
            "https://[as.example.com]/oauth/token",
            "ftp://as.example.com/oauth/token",
            "urn:as.example.com:oauth:token",
        ] {
            assert!(!is_same(other, OWN), "{other}");
        }
    }

    #[test]
    fn addresses_and_local_servers() {
        for (sent, own, same) in [
            (
                "http://127.0.0.1:3000/token",
                "http://127.0.0.1:3000/token",
                true,
            ),
            ("http://127.0.0.1/token", "http://127.0.0.1:80/token", true),
            ("http://localhost/token", "http://127.0.0.1/token", false),
            (
                "http://[::1]:3000/token",
                "http://[0:0::1]:3000/token",
                true,
            ),
            ("http://[::1]x/token", "http://[::1]/token", false),
            ("http://[::1/token", "http://[::1]/token", false),
            ("https://as.example.com", "https://as.example.com/", true),
            ("https://as.example.com?a", "https://as.example.com/", true),
            // Escapes that are needed are the same in both cases of their digits, and stay escapes.
            ("https://a.example/%c3%b6", "https://a.example/%C3%B6", true),
            ("https://a.example/%2f", "https://a.example//", false),
            ("https://a.example/a%2Fb", "https://a.example/a/b", false),
            ("https://a.example/a//b", "https://a.example/a/b", false),
            ("https://a.example/a/./", "https://a.example/a/", true),
            ("https://a.example/a/.", "https://a.example/a/", true),
            ("https://a.example/a/b/..", "https://a.example/a/", true),
            ("https://a.example/..", "https://a.example/", true),
        ] {
            assert_eq!(is_same(sent, own), same, "{sent} {own}");
        }
    }
}

#[cfg(test)]
mod properties {
    use proptest::prelude::*;

    use super::*;

    /// The same URL with some of its characters written in another way.
    fn spelled(url: &str, choices: &[u8]) -> String {
        let choice = |at: usize| choices.get(at).copied().unwrap_or_default();
        let (scheme, rest) = url.split_once("://").expect("a URL");
        let (host, path) = rest.split_at(rest.find('/').expect("a path"));
        let mut spelled = String::new();
        let mut write = |text: &str, keeps_case: bool, from: usize| {
            for (at, character) in text.chars().enumerate() {
                match choice(from + at) % 4 {
                    1 if !keeps_case => spelled.extend(character.to_uppercase()),
                    2 if is_unreserved(character) && from > 0 => {
                        spelled.push_str(&format!("%{:02x}", character as u32));
                    }
                    3 if is_unreserved(character) && from > 0 => {
                        spelled.push_str(&format!("%{:02X}", character as u32));
                    }
                    _ => spelled.push(character),
                }
            }
        };
        write(scheme, false, 0);
        write("://", true, 0);
        write(host, false, 8);
        write(path, true, 8 + host.len());
        spelled
    }

    proptest! {
        #[test]
        fn another_spelling_is_the_same_url(
            host in "[a-z][a-z0-9-]{0,10}\\.[a-z]{2,5}",
            path in "(/[a-zA-Z0-9_~-]{1,8}){1,3}",
            choices in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let own = format!("https://{host}{path}");
            let sent = spelled(&own, &choices);
            prop_assert!(is_same(&sent, &own), "{sent}");
            let more = format!("{sent}?{path}#{host}");
            prop_assert!(is_same(&more, &own));
            let other = format!("{sent}x");
            prop_assert!(!is_same(&other, &own));
            prop_assert!(!is_same(&sent.replacen("://", "://x", 1), &own));
        }

        #[test]
        fn what_is_compared_is_read_again_as_the_same(
            rest in "[a-zA-Z0-9.:@/%?#\\[\\]~_-]{0,40}",
        ) {
            let url = format!("https://a.example{rest}");
            if let Some(target) = Target::parse(&url) {
                let Target { host, port, path, .. } = &target;
                let normal = format!("https://{host}:{port}{path}");
                let again = Target::parse(&normal);
                prop_assert_eq!(again.as_ref(), Some(&target), "{}", url);
                prop_assert!(is_same(&url, &normal));
            }
        }

        #[test]
        fn any_text_is_compared_without_a_panic(sent in ".{0,60}") {
            prop_assert!(!is_same(&sent, "https://as.example.com/token"));
        }
    }
}

//! The address that failed authentications are counted for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::HeaderValue;

/// The address as it is counted: an IPv4-mapped address as IPv4, and IPv6 without the last 64 bits,
/// of which any host has as many as it likes.
///
/// Addresses of NAT64 and 6to4 are left as they are: all hosts behind one translator count as one.
pub(crate) fn counted(address: IpAddr) -> IpAddr {
    const NETWORK: u128 = u128::MAX << 64;
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
    }
}

/// The last element of a list of addresses, which is the one that the nearest proxy added.
///
/// Each may have a port, and IPv6 may be in brackets. `None` if the element is not an address: an
/// element before it may be from anybody, so it is never used instead.
pub(crate) fn last_in(list: &HeaderValue) -> Option<IpAddr> {
    let list = list.as_bytes();
    let last = list.rsplit(|&byte| byte == b',').next()?;
    parse(std::str::from_utf8(last).ok()?.trim_matches([' ', '\t']))
}

fn parse(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let is_whole = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        let address: Ipv6Addr = address.parse().ok()?;
        return is_whole.then_some(address.into());
    }
    // IPv6 without brackets has no port: another colon belongs to the address.
    let address = match text.split_once(':') {
        Some((address, port)) if is_port(port) && address.parse::<Ipv4Addr>().is_ok() => address,
        Some(_) | None => text,
    };
    address.parse().ok()
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the list says, and the address that it ends with. `""` for none.
    const LISTS: &[(&[u8], &str)] = &[
        // one address
        (b"192.0.2.1", "192.0.2.1"),
        (b"0.0.0.0", "0.0.0.0"),
        (b"255.255.255.255", "255.255.255.255"),
        (b"2001:db8::1", "2001:db8::1"),
        (b"2001:DB8::1", "2001:db8::1"),
        (b"2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        (b"::1", "::1"),
        (b"::", "::"),
        (b"::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        // with a port
        (b"192.0.2.1:80", "192.0.2.1"),
        (b"192.0.2.1:0", "192.0.2.1"),
        (b"192.0.2.1:65535", "192.0.2.1"),
        (b"[2001:db8::1]", "2001:db8::1"),
        (b"[2001:db8::1]:443", "2001:db8::1"),
        (b"[::ffff:192.0.2.1]:443", "::ffff:192.0.2.1"),
        // no port without brackets: it would belong to the address
        (b"::1:80", "::1:80"),
        // lists
        (b"198.51.100.7, 192.0.2.1", "192.0.2.1"),
        (b"198.51.100.7,192.0.2.1", "192.0.2.1"),
        (b"192.0.2.1, 2001:db8::1", "2001:db8::1"),
        (b"192.0.2.1, [2001:db8::1]:443", "2001:db8::1"),
        (b"unknown, 192.0.2.1:80", "192.0.2.1"),
        (b"\xff, 192.0.2.1", "192.0.2.1"),
        (b"\"a, 192.0.2.1", "192.0.2.1"),
        (b",,192.0.2.1", "192.0.2.1"),
        (b"  192.0.2.1\t", "192.0.2.1"),
        (b"198.51.100.7 ,\t192.0.2.1 ", "192.0.2.1"),
        // a last element that is none: the one before it may be from anybody
        (b"192.0.2.1, ", ""),
        (b"192.0.2.1,", ""),
        (b"192.0.2.1, unknown", ""),
        (b"192.0.2.1, _hidden", ""),
        (b"192.0.2.1, -", ""),
        (b"192.0.2.1, \xff", ""),
        (b"", ""),
        (b" ", ""),
        (b",", ""),
        // what is nearly an address
        (b"192.0.2", ""),
        (b"192.0.2.1.1", ""),
        (b"192.0.2.256", ""),
        (b"010.0.0.1", ""),
        (b"0x7f.0.0.1", ""),
        (b"3221225985", ""),
        (b"192.0.2.1/32", ""),
        (b"192.0.2.1 198.51.100.7", ""),
        (b"192.0.2.1;198.51.100.7", ""),
        (b"1 92.0.2.1", ""),
        (b"[192.0.2.1]", ""),
        (b"[192.0.2.1]:80", ""),
        (b"\"192.0.2.1\"", ""),
        (b"\"[2001:db8::1]:443\"", ""),
        (b"2001:db8:::1", ""),
        (b"2001:db8::g", ""),
        (b"1:2:3:4:5:6:7:8:9", ""),
        (b"[2001:db8::1", ""),
        (b"2001:db8::1]", ""),
        (b"[[2001:db8::1]]", ""),
        (b"[]", ""),
        (b"[]:80", ""),
        // zones (RFC 4007 §11) name an interface of the proxy
        (b"fe80::1%eth0", ""),
        (b"fe80::1%1", ""),
        (b"[fe80::1%1]:80", ""),
        (b"[fe80::1%25eth0]", ""),
        // ports that are none
        (b"192.0.2.1:", ""),
        (b"192.0.2.1:65536", ""),
        (b"192.0.2.1:+80", ""),
        (b"192.0.2.1:http", ""),
        (b"192.0.2.1:80:80", ""),
        (b"[2001:db8::1]:", ""),
        (b"[2001:db8::1]443", ""),
        (b"[2001:db8::1] :443", ""),
        // names, URLs, and `Forwarded` (RFC 7239), which is another syntax
        (b"localhost", ""),
        (b"example.com", ""),
        (b"http://192.0.2.1", ""),
        (b"for=192.0.2.1", ""),
        (b"for=198.51.100.7, for=192.0.2.1;proto=https", ""),
        (b"for=\"[2001:db8::1]:443\"", ""),
    ];

    #[test]
    fn the_last_element_is_an_address_or_there_is_none() {
        for (list, expected) in LISTS {
            let value = HeaderValue::from_bytes(list).expect("a header");
            let found = last_in(&value).map(|address| address.to_string());
            let shown = String::from_utf8_lossy(list);
            assert_eq!(found.unwrap_or_default(), *expected, "{shown:?}");
        }
    }

    #[test]
    fn a_long_list_is_read_from_its_end() {
        for (end, expected) in [
            (", 192.0.2.1", Some("192.0.2.1")),
            ("9", None),
            (", 1", None),
        ] {
            let list = format!("{}{end}", "9".repeat(100_000));
            let value = HeaderValue::try_from(list).expect("a header");
            let expected: Option<IpAddr> = expected.and_then(|it| it.parse().ok());
            assert_eq!(last_in(&value), expected, "{end}");
        }
    }

    #[test]
    fn hosts_with_many_addresses_count_once() {
        for (address, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"),
            ("2001:db8:1:3::", "2001:db8:1:3::"),
            // neither is mapped: IPv4-compatible (RFC 4291 §2.5.5.1), loopback
            ("::192.0.2.1", "::"),
            ("::1", "::"),
            // translated (RFC 6052 §2.1) and 6to4 (RFC 3056 §2)
            ("64:ff9b::192.0.2.1", "64:ff9b::"),
            ("2002:c000:201:7:8::1", "2002:c000:201:7::"),
        ] {
            let parse = |text: &str| text.parse::<IpAddr>().expect("an address");
            assert_eq!(counted(parse(address)), parse(expected), "{address}");
        }
    }
}

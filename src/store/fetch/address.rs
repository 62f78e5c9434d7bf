//! Which addresses may be connected to.
//!
//! By default, all public ones.
//! IPv4: all addresses except those in IANA's registry of special-purpose addresses
//! (RFC 6890) and multicast. IPv6: only global unicast (2000::/3), with the same
//! exceptions, so that ranges that are reserved today stay refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::network::{IpNetwork, holds_v4, holds_v6};

/// Addresses of one kind: those that start with these bits.
type Range<A> = (A, u32, &'static str);

const fn v4(a: u8, b: u8, c: u8, bits: u32, kind: &'static str) -> Range<Ipv4Addr> {
    (Ipv4Addr::new(a, b, c, 0), bits, kind)
}

const REFUSED_V4: [Range<Ipv4Addr>; 16] = [
    v4(0, 0, 0, 8, "this network, RFC 791"),
    v4(10, 0, 0, 8, "private, RFC 1918"),
    v4(100, 64, 0, 10, "shared by carriers, RFC 6598"),
    v4(127, 0, 0, 8, "loopback"),
    v4(169, 254, 0, 16, "link-local, RFC 3927"),
    v4(172, 16, 0, 12, "private, RFC 1918"),
    v4(192, 0, 0, 24, "for protocols, RFC 6890"),
    v4(192, 0, 2, 24, "documentation, RFC 5737"),
    v4(192, 88, 99, 24, "6to4 relays, RFC 7526"),
    v4(192, 168, 0, 16, "private, RFC 1918"),
    v4(198, 18, 0, 15, "benchmarks, RFC 2544"),
    v4(198, 51, 100, 24, "documentation, RFC 5737"),
    v4(203, 0, 113, 24, "documentation, RFC 5737"),
    v4(224, 0, 0, 4, "multicast"),
    v4(255, 255, 255, 24, "broadcast"),
    v4(240, 0, 0, 4, "reserved, RFC 1112"),
];

const fn v6(a: u16, b: u16, c: u16, bits: u32, kind: &'static str) -> Range<Ipv6Addr> {
    (Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), bits, kind)
}

/// The first range that contains an address names its kind.
const REFUSED_V6: [Range<Ipv6Addr>; 18] = [
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified"),
    (Ipv6Addr::LOCALHOST, 128, "loopback"),
    (
        Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0),
        96,
        "IPv4-mapped, RFC 4291",
    ),
    v6(0, 0, 0, 96, "IPv4-compatible, RFC 4291"),
    v6(0x64, 0xff9b, 1, 48, "local NAT64, RFC 8215"),
    v6(0x100, 0, 0, 64, "discarded, RFC 6666"),
    v6(0x2001, 0, 0, 32, "Teredo, RFC 4380"),
    v6(0x2001, 0, 0, 23, "for protocols, RFC 2928"),
    v6(0x2001, 0xdb8, 0, 32, "documentation, RFC 3849"),
    v6(0x2002, 0, 0, 16, "6to4, RFC 7526"),
    v6(0x3fff, 0, 0, 20, "documentation, RFC 9637"),
    v6(0xfc00, 0, 0, 7, "unique-local, RFC 4193"),
    v6(0xfe80, 0, 0, 10, "link-local, RFC 4291"),
    v6(0xfec0, 0, 0, 10, "site-local, RFC 3879"),
    v6(0xff00, 0, 0, 8, "multicast"),
    // Everything outside of 2000::/3.
    v6(0, 0, 0, 3, "not given out"),
    v6(0x4000, 0, 0, 2, "not given out"),
    v6(0x8000, 0, 0, 1, "not given out"),
];

/// Addresses that lead to the IPv4 address in their last 32 bits. In a network without
/// IPv4, all IPv4 hosts of the internet have such addresses.
const NAT64: Range<Ipv6Addr> = v6(0x64, 0xff9b, 0, 96, "NAT64, RFC 6052");

/// All public addresses: a network opens a special range only if it is inside of it.
pub(super) const PUBLIC: [IpNetwork; 2] = [IpNetwork::ALL_V4, IpNetwork::ALL_V6];

/// Why the address is not in any of these networks, or not opened by it.
pub(super) fn refused(address: IpAddr, networks: &[IpNetwork]) -> Option<&'static str> {
    let address = real(address);
    let (bits, kind) = special(address).unwrap_or((0, "not in an allowed network"));
    let is_opened = |network: &IpNetwork| network.contains(address) && network.prefix() >= bits;
    (!networks.iter().any(is_opened)).then_some(kind)
}

/// The address that this one leads to.
fn real(address: IpAddr) -> IpAddr {
    let (nat64, bits, _) = NAT64;
    match address {
        IpAddr::V6(address) if holds_v6(nat64, bits, address) => {
            let [.., a, b, c, d] = address.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        IpAddr::V4(_) | IpAddr::V6(_) => address,
    }
}

/// The special range of the address: the length of its prefix, and its kind.
fn special(address: IpAddr) -> Option<(u32, &'static str)> {
    match address {
        IpAddr::V4(address) => {
            let mut ranges = REFUSED_V4.into_iter();
            let range = ranges.find(|(first, bits, _)| holds_v4(*first, *bits, address));
            range.map(|(_, bits, kind)| (bits, kind))
        }
        IpAddr::V6(address) => {
            let mut ranges = REFUSED_V6.into_iter();
            let range = ranges.find(|(first, bits, _)| holds_v6(*first, *bits, address));
            range.map(|(_, bits, kind)| (bits, kind))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(address: IpAddr) -> Option<&'static str> {
        super::refused(address, &PUBLIC)
    }

    #[test]
    fn a_network_opens_a_special_range_only_from_inside() {
        // Networks, what they open, and what they do not, each with its kind.
        let table = [
            (
                "10.0.0.0/8",
                "10.0.0.0 10.255.255.255 64:ff9b::10.0.0.1",
                "private 172.16.0.1, allowed 8.8.8.8, allowed 2606:4700::1111, loopback 127.0.0.1",
            ),
            ("10.20.0.0/16", "10.20.0.1", "private 10.21.0.1"),
            // Wider than the range.
            (
                "0.0.0.0/0",
                "8.8.8.8",
                "private 10.0.0.1, loopback 127.0.0.1, link-local 169.254.169.254, allowed 2606:4700::1111",
            ),
            ("8.0.0.0/5", "8.8.8.8", "private 10.0.0.1, allowed 1.1.1.1"),
            ("169.0.0.0/8", "169.1.1.1", "link-local 169.254.169.254"),
            (
                "172.0.0.0/8 10.0.0.0/8",
                "10.0.0.1 172.1.1.1",
                "private 172.16.0.1",
            ),
            (
                "fc00::/7",
                "fd00::1",
                "link-local fe80::1, loopback ::1, allowed 2606:4700::1111",
            ),
            ("fd12::/16", "fd12::1", "unique-local fd13::1"),
            (
                "::/0",
                "2606:4700::1111",
                "unique-local fd00::1, loopback ::1, mapped ::ffff:8.8.8.8, allowed 8.8.8.8",
            ),
            (
                "0.0.0.0/0 ::/0 10.0.0.0/8",
                "8.8.8.8 2606:4700::1111 10.0.0.1",
                "private 192.168.0.1",
            ),
            ("127.0.0.1/32", "127.0.0.1", "loopback 127.0.0.2"),
            ("203.0.113.0/24", "203.0.113.9", "documentation 192.0.2.1"),
            // An address in another form is none of the network.
            (
                "127.0.0.0/8",
                "127.0.0.1",
                "mapped ::ffff:127.0.0.1, compatible ::127.0.0.1, 6to4 2002:7f00:1::",
            ),
        ];
        for (networks, opened, closed) in table {
            let list: Vec<IpNetwork> = networks
                .split(' ')
                .map(|it| it.parse().expect(it))
                .collect();
            let refused = |address: &str| super::refused(address.parse().expect(address), &list);
            for address in opened.split(' ') {
                assert_eq!(refused(address), None, "{networks}: {address}");
            }
            for row in closed.split(", ") {
                let (kind, address) = row.split_once(' ').expect(row);
                let found = refused(address).unwrap_or("opened");
                assert!(found.contains(kind), "{networks}: {address} is {found}");
            }
        }
    }

    #[test]
    fn ranges_are_refused_from_their_first_address_to_their_last() {
        // The address before, the first, the last, the address after; `-`: there is none,
        // or it is refused for another reason.
        let table = [
            (
                "loopback",
                "126.255.255.255 127.0.0.0 127.255.255.255 128.0.0.0",
            ),
            ("private", "9.255.255.255 10.0.0.0 10.255.255.255 11.0.0.0"),
            (
                "private",
                "172.15.255.255 172.16.0.0 172.31.255.255 172.32.0.0",
            ),
            (
                "private",
                "192.167.255.255 192.168.0.0 192.168.255.255 192.169.0.0",
            ),
            (
                "link-local",
                "169.253.255.255 169.254.0.0 169.254.255.255 169.255.0.0",
            ),
            (
                "shared",
                "100.63.255.255 100.64.0.0 100.127.255.255 100.128.0.0",
            ),
            ("this network", "- 0.0.0.0 0.255.255.255 1.0.0.0"),
            (
                "protocols",
                "191.255.255.255 192.0.0.0 192.0.0.255 192.0.1.0",
            ),
            (
                "documentation",
                "192.0.1.255 192.0.2.0 192.0.2.255 192.0.3.0",
            ),
            (
                "6to4",
                "192.88.98.255 192.88.99.0 192.88.99.255 192.88.100.0",
            ),
            (
                "benchmarks",
                "198.17.255.255 198.18.0.0 198.19.255.255 198.20.0.0",
            ),
            (
                "documentation",
                "198.51.99.255 198.51.100.0 198.51.100.255 198.51.101.0",
            ),
            (
                "documentation",
                "203.0.112.255 203.0.113.0 203.0.113.255 203.0.114.0",
            ),
            ("multicast", "223.255.255.255 224.0.0.0 239.255.255.255 -"),
            ("reserved", "- 240.0.0.0 255.255.254.255 -"),
            ("broadcast", "- 255.255.255.255 255.255.255.255 -"),
            ("unspecified", "- :: :: -"),
            ("loopback", "- ::1 ::1 -"),
            ("compatible", "- ::2 ::ffff:ffff -"),
            ("compatible", "- ::127.0.0.1 ::8.8.8.8 -"),
            ("mapped", "- ::ffff:0:0 ::ffff:255.255.255.255 -"),
            ("mapped", "- ::ffff:127.0.0.1 ::ffff:8.8.8.8 -"),
            ("given out", "- ::1:0:0 ::fffe:ffff:ffff -"),
            (
                "given out",
                "- ::1:0:0:0 64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
            // NAT64 leads to the address in it.
            (
                "private",
                "64:ff9b::9.255.255.255 64:ff9b::10.0.0.0 64:ff9b::10.255.255.255 64:ff9b::11.0.0.0",
            ),
            (
                "loopback",
                "64:ff9b::126.0.0.1 64:ff9b::127.0.0.1 64:ff9b::7f00:2 64:ff9b::8.8.8.8",
            ),
            (
                "link-local",
                "64:ff9b::1.1.1.1 64:ff9b::169.254.169.254 64:ff9b::a9fe:a9fe 64:ff9b::1.0.0.1",
            ),
            (
                "given out",
                "- 64:ff9b::1:0:0 64:ff9b:0:ffff:ffff:ffff:ffff:ffff -",
            ),
            (
                "local NAT64",
                "- 64:ff9b:1:: 64:ff9b:1:ffff:ffff:ffff:ffff:ffff -",
            ),
            ("local NAT64", "- 64:ff9b:1::10.0.0.1 64:ff9b:1::8.8.8.8 -"),
            (
                "given out",
                "- 64:ff9b:2:: ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
            ("discarded", "- 100:: 100::ffff:ffff:ffff:ffff -"),
            (
                "given out",
                "- 100:0:0:1:: 1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2000::",
            ),
            (
                "Teredo",
                "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2001:: 2001:0:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
            (
                "protocols",
                "- 2001:1:: 2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff 2001:200::",
            ),
            (
                "protocols",
                "- 2001:2:: 2001:2f:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
            (
                "documentation",
                "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9::",
            ),
            (
                "6to4",
                "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2002:: 2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2003::",
            ),
            (
                "documentation",
                "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff 3fff:: 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff 3fff:1000::",
            ),
            (
                "given out",
                "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 4000:: 5fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
            (
                "given out",
                "- 5f00:: 7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
            (
                "given out",
                "- 8000:: fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
            (
                "unique-local",
                "- fc00:: fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
            (
                "given out",
                "- fe00:: fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
            (
                "link-local",
                "- fe80:: febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
            (
                "site-local",
                "- fec0:: feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
            (
                "multicast",
                "- ff00:: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -",
            ),
        ];
        for (kind, addresses) in table {
            let addresses: Vec<_> = addresses.split(' ').collect();
            let refused = |address: &str| refused(address.parse().expect(address));
            for inside in &addresses[1..3] {
                let found = refused(inside).unwrap_or("public");
                assert!(found.contains(kind), "{inside}: {found}, not {kind}");
            }
            for outside in [addresses[0], addresses[3]] {
                if outside != "-" {
                    assert_eq!(refused(outside), None, "{outside}");
                }
            }
        }
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "140.82.112.3",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2a00:1450:4001:80b::200e",
            "64:ff9b::8.8.8.8",
        ] {
            assert_eq!(refused(address.parse().expect(address)), None, "{address}");
        }
    }

    #[test]
    fn what_the_standard_library_calls_local_is_refused() {
        // Every first 16 bits, each with a few last ones.
        for high in 0..=u16::MAX {
            let [a, b] = high.to_be_bytes();
            for [c, d] in [[0, 0], [0, 1], [99, 7], [255, 255]] {
                let v4 = Ipv4Addr::new(a, b, c, d);
                let is_local = v4.is_loopback()
                    || v4.is_private()
                    || v4.is_link_local()
                    || v4.is_multicast()
                    || v4.is_broadcast()
                    || v4.is_unspecified();
                assert!(!is_local || refused(v4.into()).is_some(), "{v4}");
                let mapped = v4.to_ipv6_mapped();
                assert!(refused(mapped.into()).is_some(), "{mapped}");
            }
            for low in [0, 1, u16::MAX] {
                let v6 = Ipv6Addr::new(high, low, 0, 0, 0, 0, low, low);
                let is_local = v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_multicast()
                    || v6.is_unique_local()
                    || v6.is_unicast_link_local();
                assert!(!is_local || refused(v6.into()).is_some(), "{v6}");
            }
        }
    }
}

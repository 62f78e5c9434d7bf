//! Networks of IP addresses (CIDR, RFC 4632).

use std::{
    error::Error,
    fmt,
    net::{AddrParseError, IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// Network of IP addresses, such as `10.20.0.0/16` or `fd12:3456::/32`.
///
/// An address without a prefix length, such as `10.20.0.7`, is a network of one address.
///
/// ```
/// use tower_token_endpoint::jwks::fetch::IpNetwork;
///
/// let network: IpNetwork = "10.20.0.0/16".parse()?;
/// assert!(network.contains("10.20.30.40".parse()?));
/// assert!(!network.contains("10.21.0.0".parse()?));
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
///
/// RFC 4632 §3.1, RFC 4291 §2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IpNetwork {
    first: IpAddr,
    prefix: u32,
}

impl IpNetwork {
    /// All IPv4 addresses.
    pub(super) const ALL_V4: Self = Self {
        first: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        prefix: 0,
    };

    /// All IPv6 addresses.
    pub(super) const ALL_V6: Self = Self {
        first: IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        prefix: 0,
    };

    /// Whether the address is in the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => holds_v4(first, self.prefix, address),
            (IpAddr::V6(first), IpAddr::V6(address)) => holds_v6(first, self.prefix, address),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// The number of bits that all its addresses share.
    pub(super) const fn prefix(&self) -> u32 {
        self.prefix
    }
}

/// Whether an address starts with the same bits as this one.
pub(super) const fn holds_v4(first: Ipv4Addr, bits: u32, address: Ipv4Addr) -> bool {
    // `None`: all bits are shifted out.
    match (first.to_bits() ^ address.to_bits()).checked_shr(u32::BITS - bits) {
        Some(different) => different == 0,
        None => true,
    }
}

/// Whether an address starts with the same bits as this one.
pub(super) const fn holds_v6(first: Ipv6Addr, bits: u32, address: Ipv6Addr) -> bool {
    match (first.to_bits() ^ address.to_bits()).checked_shr(u128::BITS - bits) {
        Some(different) => different == 0,
        None => true,
    }
}

impl FromStr for IpNetwork {
    type Err = ParseIpNetworkError;

    fn from_str(text: &str) -> Result<Self, ParseIpNetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(Problem::Address)?;
        let bits = if address.is_ipv4() {
            u32::BITS
        } else {
            u128::BITS
        };
        let prefix = match prefix {
            None => bits,
            Some(prefix) => {
                let is_number = prefix.bytes().all(|byte| byte.is_ascii_digit());
                let number = prefix.parse().ok().filter(|_| is_number);
                number
                    .filter(|it| *it <= bits)
                    .ok_or(Problem::Prefix(bits))?
            }
        };
        let first = match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(u32::BITS - prefix).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(u128::BITS - prefix).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        };
        let network = Self { first, prefix };
        if first == address {
            Ok(network)
        } else {
            Err(Problem::NotFirst(network).into())
        }
    }
}

impl fmt::Display for IpNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

/// Error returned when a text is not an [`IpNetwork`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseIpNetworkError(Problem);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Address(AddrParseError),
    Prefix(u32),
    NotFirst(IpNetwork),
}

impl From<Problem> for ParseIpNetworkError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl fmt::Display for ParseIpNetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Address(_) => f.write_str(
                "not an IP network: write an address and the length of its prefix, such as \
                 10.20.0.0/16",
            ),
            Problem::Prefix(bits) => {
                write!(
                    f,
                    "the length of the prefix must be a number from 0 to {bits}"
                )
            }
            Problem::NotFirst(network) => write!(
                f,
                "the address is not the first one of its network: write {network}"
            ),
        }
    }
}

impl Error for ParseIpNetworkError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Problem::Address(error) => Some(error),
            Problem::Prefix(_) | Problem::NotFirst(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_written_as_cidr() {
        // What is written, the first and the last address, and the one before and after.
        let table = [
            (
                "10.0.0.0/8",
                "10.0.0.0 10.255.255.255",
                "9.255.255.255 11.0.0.0",
            ),
            (
                "10.20.30.64/26",
                "10.20.30.64 10.20.30.127",
                "10.20.30.63 10.20.30.128",
            ),
            ("10.20.30.40/32", "10.20.30.40", "10.20.30.39 10.20.30.41"),
            ("0.0.0.0/0", "0.0.0.0 255.255.255.255", ":: ::ffff:10.0.0.1"),
            (
                "128.0.0.0/1",
                "128.0.0.0 255.255.255.255",
                "127.255.255.255 8000::",
            ),
            (
                "fd00::/8",
                "fd00:: fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "fc00:: fe00::",
            ),
            (
                "fd12:3456::/32",
                "fd12:3456:: fd12:3456:ffff::1",
                "fd12:3455:: fd12:3457::",
            ),
            ("::1/128", "::1", ":: ::2"),
            ("::/0", ":: ffff::", "0.0.0.0 10.0.0.1"),
        ];
        for (text, inside, outside) in table {
            let network: IpNetwork = text.parse().expect(text);
            assert_eq!(network.to_string(), text);
            let contains = |address: &str| network.contains(address.parse().expect(address));
            assert!(inside.split(' ').all(contains), "{text}");
            assert!(!outside.split(' ').any(contains), "{text}");
        }
        let one = |text: &str| text.parse::<IpNetwork>().map(|it| it.to_string());
        assert_eq!(one("10.1.2.3").as_deref(), Ok("10.1.2.3/32"));
        assert_eq!(one("fd00::1").as_deref(), Ok("fd00::1/128"));
    }

    #[test]
    fn what_is_no_network_is_refused_with_what_to_write() {
        let table = [
            ("", "10.20.0.0/16"),
            ("/8", "10.20.0.0/16"),
            ("10/8", "10.20.0.0/16"),
            ("10.0.0/8", "10.20.0.0/16"),
            ("010.0.0.0/8", "10.20.0.0/16"),
            ("10.0.0.0.0/8", "10.20.0.0/16"),
            (" 10.0.0.0/8", "10.20.0.0/16"),
            ("[fd00::]/8", "10.20.0.0/16"),
            ("intranet.example", "10.20.0.0/16"),
            ("10.0.0.0/33", "from 0 to 32"),
            ("10.0.0.0/", "from 0 to 32"),
            ("10.0.0.0/+8", "from 0 to 32"),
            ("10.0.0.0/-1", "from 0 to 32"),
            ("10.0.0.0/8 ", "from 0 to 32"),
            ("10.0.0.0/255.0.0.0", "from 0 to 32"),
            ("10.0.0.0/99999999999999999999", "from 0 to 32"),
            ("fd00::/129", "from 0 to 128"),
            ("10.1.2.3/8", "write 10.0.0.0/8"),
            ("10.0.0.1/0", "write 0.0.0.0/0"),
            ("fd00::1/64", "write fd00::/64"),
        ];
        for (text, wanted) in table {
            let error = text.parse::<IpNetwork>().expect_err(text).to_string();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}

//! The types of attributes by the names that they are printed with.
//!
//! Names have no case (RFC 4512 §2.5). Most are those of RFC 4519 and X.520. The others are from what
//! prints a name:
//!
//! | name | printed by | is |
//! |---|---|---|
//! | `S` | .NET, Windows | stateOrProvinceName |
//! | `E`, `EMAIL`, `EMAILADDRESS` | .NET, Java | emailAddress |
//! | `SN` | OpenSSL, .NET | surname, as in RFC 4519 §2.32. In Bouncy Castle it is serialNumber, but that prints `SERIALNUMBER` |
//! | `UID` | OpenSSL, Java | userId (RFC 4519 §2.39). `uid` of OpenSSL is uniqueIdentifier, but names have no case |
//! | `T`, `G`, `I`, `Phone`, `POBox`, `X21Address` | .NET | title, givenName, initials, … |
//! | `DNQ`, `GENERATION` | Java | dnQualifier, generationQualifier |
//! | `jurisdictionC`, `jurisdictionST`, `jurisdictionL` | OpenSSL | the jurisdiction of EV certificates |
//!
//! `uniqueIdentifier` is not here: for OpenSSL it is 0.9.2342.19200300.100.1.44, for others 2.5.4.45.

use std::{borrow::Cow, sync::LazyLock};

/// Object identifiers and their names.
const TYPES: [(&str, &[&str]); 41] = [
    ("2.5.4.3", &["CN", "commonName"]),
    ("2.5.4.4", &["SN", "surname"]),
    ("2.5.4.5", &["serialNumber"]),
    ("2.5.4.6", &["C", "countryName"]),
    ("2.5.4.7", &["L", "localityName"]),
    ("2.5.4.8", &["ST", "S", "stateOrProvinceName"]),
    ("2.5.4.9", &["STREET", "streetAddress"]),
    ("2.5.4.10", &["O", "organizationName"]),
    ("2.5.4.11", &["OU", "organizationalUnitName"]),
    ("2.5.4.12", &["T", "title"]),
    ("2.5.4.13", &["description"]),
    ("2.5.4.15", &["businessCategory"]),
    ("2.5.4.16", &["postalAddress"]),
    ("2.5.4.17", &["postalCode"]),
    ("2.5.4.18", &["postOfficeBox", "POBox"]),
    ("2.5.4.19", &["physicalDeliveryOfficeName"]),
    ("2.5.4.20", &["telephoneNumber", "Phone"]),
    ("2.5.4.24", &["x121Address", "X21Address"]),
    ("2.5.4.41", &["name"]),
    ("2.5.4.42", &["G", "GN", "givenName"]),
    ("2.5.4.43", &["I", "initials"]),
    ("2.5.4.44", &["generationQualifier", "GENERATION"]),
    ("2.5.4.45", &["x500UniqueIdentifier"]),
    ("2.5.4.46", &["dnQualifier", "DNQ"]),
    ("2.5.4.51", &["houseIdentifier"]),
    ("2.5.4.54", &["dmdName"]),
    ("2.5.4.65", &["pseudonym"]),
    ("2.5.4.72", &["role"]),
    ("2.5.4.97", &["organizationIdentifier"]),
    ("0.9.2342.19200300.100.1.1", &["UID", "userId"]),
    ("0.9.2342.19200300.100.1.3", &["mail", "rfc822Mailbox"]),
    ("0.9.2342.19200300.100.1.25", &["DC", "domainComponent"]),
    ("1.2.840.113549.1.9.1", &["E", "EMAIL", "emailAddress"]),
    ("1.2.840.113549.1.9.2", &["unstructuredName"]),
    ("1.2.840.113549.1.9.8", &["unstructuredAddress"]),
    (
        "1.3.6.1.4.1.311.60.2.1.1",
        &[
            "jurisdictionL",
            "jurisdictionLocalityName",
            "jurisdictionOfIncorporationLocalityName",
        ],
    ),
    (
        "1.3.6.1.4.1.311.60.2.1.2",
        &[
            "jurisdictionST",
            "jurisdictionStateOrProvinceName",
            "jurisdictionOfIncorporationStateOrProvinceName",
        ],
    ),
    (
        "1.3.6.1.4.1.311.60.2.1.3",
        &[
            "jurisdictionC",
            "jurisdictionCountryName",
            "jurisdictionOfIncorporationCountryName",
        ],
    ),
    ("2.23.133.2.1", &["TPMManufacturer"]),
    ("2.23.133.2.2", &["TPMModel"]),
    ("2.23.133.2.3", &["TPMVersion"]),
];

/// The content of the object identifier that a type stands for: a name, or the numbers themselves,
/// also after `OID.`, as Java and .NET print them.
pub(super) fn oid(name: &str) -> Option<Box<[u8]>> {
    let prefix = name.get(..4);
    let numbers = match prefix.filter(|prefix| prefix.eq_ignore_ascii_case("OID.")) {
        Some(prefix) => &name[prefix.len()..],
        None if name.starts_with(|c: char| c.is_ascii_digit()) => name,
        None => {
            let has = |names: &[&str]| names.iter().any(|it| it.eq_ignore_ascii_case(name));
            let (numbers, _) = TYPES.iter().find(|(_, names)| has(names))?;
            numbers
        }
    };
    content(numbers)
}

/// The first name of each, by the content of its object identifier.
static NAMES: LazyLock<Vec<Named>> = LazyLock::new(|| {
    let named =
        |(numbers, names): &(&str, &[&'static str])| Some((content(numbers)?, *names.first()?));
    TYPES.iter().filter_map(named).collect()
});

type Named = (Box<[u8]>, &'static str);

/// A name for the content of an object identifier, or its numbers.
pub(crate) fn shown(oid: &[u8]) -> Cow<'static, str> {
    let found = NAMES.iter().find(|(own, _)| **own == *oid);
    match found {
        Some((_, name)) => Cow::Borrowed(name),
        None => Cow::Owned(dotted(oid)),
    }
}

fn dotted(oid: &[u8]) -> String {
    let mut numbers = Vec::new();
    let mut number = 0_u128;
    for byte in oid {
        // Of a number of more bits, the last ones are shown.
        number = number.wrapping_shl(7) | u128::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.push(first.to_string());
                number -= first * 40;
            }
            numbers.push(number.to_string());
            number = 0;
        }
    }
    numbers.join(".")
}

/// X.690 §8.19. Its numbers have at most 128 bits, which are as many as a UUID has.
fn content(numbers: &str) -> Option<Box<[u8]>> {
    let mut numbers = numbers.split('.').map(number);
    let (first, second) = (numbers.next()??, numbers.next()??);
    if first > 2 || (first < 2 && second > 39) {
        return None;
    }
    let mut content = Vec::new();
    // Both are in one number.
    push((first * 40).checked_add(second)?, &mut content);
    for number in numbers {
        push(number?, &mut content);
    }
    Some(content.into())
}

fn number(digits: &str) -> Option<u128> {
    // A zero in front, or a sign, is not allowed (RFC 4512 §1.4).
    let is_number = digits == "0" || digits.starts_with(|c: char| ('1'..='9').contains(&c));
    is_number.then(|| digits.parse().ok()).flatten()
}

/// Seven bits in each byte, and the highest bit in all but the last.
fn push(number: u128, content: &mut Vec<u8>) {
    let bits = u128::BITS - number.leading_zeros();
    for group in (1..bits.div_ceil(7)).rev() {
        content.push((number >> (7 * group)) as u8 | 0x80);
    }
    content.push(number as u8 & 0x7f);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> String {
        let oid = oid(name);
        oid.map_or_else(|| "none".into(), |oid| format!("{oid:02x?}"))
    }

    #[test]
    fn a_type_is_a_name_or_numbers() {
        for (name, expected) in [
            ("CN", "[55, 04, 03]"),
            ("cn", "[55, 04, 03]"),
            ("commonname", "[55, 04, 03]"),
            ("2.5.4.3", "[55, 04, 03]"),
            ("OID.2.5.4.3", "[55, 04, 03]"),
            ("oid.2.5.4.3", "[55, 04, 03]"),
            (
                "1.2.840.113549.1.9.1",
                "[2a, 86, 48, 86, f7, 0d, 01, 09, 01]",
            ),
            ("E", "[2a, 86, 48, 86, f7, 0d, 01, 09, 01]"),
            ("0.0", "[00]"),
            ("0.39", "[27]"),
            ("1.0", "[28]"),
            ("2.999", "[88, 37]"),
            ("2.47", "[7f]"),
            ("2.48", "[81, 00]"),
            ("2.5.0", "[55, 00]"),
            (
                "2.25.340282366920938463463374607431768211455",
                "[69, 83, ff, ff, ff, ff, ff, ff, ff, ff, ff, ff, ff, ff, ff, ff, ff, ff, ff, 7f]",
            ),
            ("2.25.340282366920938463463374607431768211456", "none"),
            ("2.340282366920938463463374607431768211455", "none"),
            ("0.40", "none"),
            ("3.1", "none"),
            ("2", "none"),
            ("2.", "none"),
            (".2.5", "none"),
            ("2..5", "none"),
            ("2.05", "none"),
            ("2.+5", "none"),
            ("2.5x", "none"),
            ("OID.", "none"),
            ("OID.CN", "none"),
            ("OID2.5.4.3", "none"),
            ("uniqueIdentifier", "none"),
            ("", "none"),
            ("é.é", "none"),
        ] {
            assert_eq!(shown(name), expected, "{name}");
        }
    }

    #[test]
    fn each_name_is_there_once() {
        let mut names: Vec<_> = TYPES.iter().flat_map(|(_, names)| *names).collect();
        let lower = |name: &str| name.to_ascii_lowercase();
        names.sort_by_key(|name| lower(name));
        for pair in names.windows(2) {
            assert_ne!(lower(pair[0]), lower(pair[1]));
        }
        for (numbers, names) in TYPES {
            for name in names {
                assert_eq!(oid(name), content(numbers), "{name}");
            }
        }
    }

    #[test]
    fn what_is_shown_can_be_registered() {
        for (name, expected) in [
            ("CN", "CN"),
            ("emailAddress", "E"),
            ("OID.2.5.4.97", "organizationIdentifier"),
            ("1.2.3.4", "1.2.3.4"),
            ("2.999.1", "2.999.1"),
            ("0.39", "0.39"),
        ] {
            let own = oid(name).expect("a type");
            assert_eq!(super::shown(&own), expected, "{name}");
            assert_eq!(oid(&super::shown(&own)), Some(own));
        }
    }
}

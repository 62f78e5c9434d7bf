//! Registered names (RFC 4514): any text loads or is refused in a short line, and a name that was written for
//! the subject of a certificate matches that subject, and no other one.

use serde_json::json;
use tower_token_endpoint::client::certificates::{ClientCertificate, ClientCertificates};
use tower_token_endpoint::{Client, client::ClientMetadataError};

use crate::common::{Built, builder};
use crate::holds::lines::are_short;
use crate::holds::presented;

/// `data` is the text of a name. If a line feed follows, each of the lines after it is an attribute of a subject: three
/// bytes that say its type, its kind of string and how it is written, and its value.
pub(crate) fn check(data: &[u8]) -> bool {
    let mut lines = data.split(|&byte| byte == b'\n');
    let text = str::from_utf8(lines.next().unwrap_or_default()).unwrap_or_default();
    let is_name = match registered(text) {
        Ok(client) => {
            let certificate = certificate(&[]);
            assert!(!is_accepted(client, certificate), "{text:?} of no name");
            true
        }
        Err(error) => {
            let lines = error.problems().count();
            assert!(are_short(&error.to_string(), lines), "{error}");
            false
        }
    };
    let attributes: Vec<_> = lines.filter_map(Attribute::read).take(12).collect();
    if !attributes.is_empty() {
        assert_matches_itself(&attributes);
    }
    is_name
}

fn registered(name: &str) -> Result<Client, ClientMetadataError> {
    let client = json!({
        "client_id": "app",
        "token_endpoint_auth_method": "tls_client_auth",
        "grant_types": ["client_credentials"],
        "tls_client_auth_subject_dn": name,
    });
    Client::from_json(client.to_string().as_bytes())
}

fn is_accepted(client: Client, certificate: ClientCertificate) -> bool {
    let layer = builder([client])
        .client_certificates(ClientCertificates::from_acceptor())
        .built();
    presented::is_accepted(&layer, "app", Some(certificate))
}

fn assert_matches_itself(attributes: &[Attribute<'_>]) {
    let name = written(attributes);
    let own = || registered(&name).unwrap_or_else(|error| panic!("{name:?}: {error}"));
    assert!(is_accepted(own(), certificate(attributes)), "{name:?}");
    for at in 0..attributes.len() {
        let value = format!("{}x", attributes[at].value);
        let [mut removed, mut longer, mut unknown, mut added] =
            [(); 4].map(|()| attributes.to_vec());
        removed.remove(at);
        longer[at].value = &value;
        unknown[at].oid = UNKNOWN;
        let joins = false;
        added.push(Attribute { joins, ..added[at] });
        for other in [removed, longer, unknown, added] {
            // Of two attributes in one set, one can be a copy of the other.
            let is_other = comparable(&other) != comparable(attributes);
            let is_accepted = is_accepted(own(), certificate(&other));
            assert_eq!(is_accepted, !is_other, "{name:?}: {other:?}");
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Attribute<'a> {
    oid: &'static [u8],
    name: &'static str,
    /// Whether it is in one relative name with the attribute before it.
    joins: bool,
    string: u8,
    style: u8,
    value: &'a str,
}

const UNKNOWN: &[u8] = &[0x2a, 3, 5];

/// Content of the object identifier, and two names of it.
const TYPES: [(&[u8], [&str; 2]); 6] = [
    (&[0x55, 4, 3], ["CN", "OID.2.5.4.3"]),
    (&[0x55, 4, 8], ["ST", "S"]),
    (&[0x55, 4, 5], ["serialNumber", "2.5.4.5"]),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1],
        ["emailAddress", "E"],
    ),
    (
        &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1],
        ["UID", "0.9.2342.19200300.100.1.1"],
    ),
    (&[0x2a, 3, 4], ["1.2.3.4", "oid.1.2.3.4"]),
];

impl<'a> Attribute<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let (&[kind, string, style], value) = line.split_first_chunk()?;
        let (oid, names) = TYPES[usize::from(kind) % TYPES.len()];
        Some(Self {
            oid,
            name: names[usize::from(kind >> 6 & 1)],
            joins: kind >> 7 == 1,
            string,
            style,
            value: str::from_utf8(value).ok()?,
        })
    }

    /// The value as DER, in a kind of string that can have it.
    fn der(&self) -> Vec<u8> {
        let value = self.value;
        match self.string % 5 {
            0 if value.is_ascii() => tlv(0x13, value.as_bytes()),
            1 if value.is_ascii() => tlv(0x16, value.as_bytes()),
            2 => tlv(
                0x1e,
                &value
                    .encode_utf16()
                    .flat_map(u16::to_be_bytes)
                    .collect::<Vec<_>>(),
            ),
            3 => {
                let units = value.chars().flat_map(|it| u32::from(it).to_be_bytes());
                tlv(0x1c, &units.collect::<Vec<_>>())
            }
            _ => tlv(0x0c, value.as_bytes()),
        }
    }

    fn written(&self) -> String {
        let value = match self.style % 4 {
            0 => escaped(self.value),
            1 => self
                .value
                .bytes()
                .map(|byte| format!("\\{byte:02X}"))
                .collect(),
            2 => format!("\"{}\"", quoted(self.value)),
            _ => {
                let der = self.der();
                format!(
                    "#{}",
                    der.iter()
                        .map(|byte| format!("{byte:02x}"))
                        .collect::<String>()
                )
            }
        };
        let space = ["", " "][usize::from(self.style >> 7)];
        format!("{}{space}={space}{value}", self.name)
    }
}

/// RFC 4514 §2.4, with what RFC 2253 §4 wants as well.
fn escaped(value: &str) -> String {
    let last = value.chars().count();
    let mut escaped = String::new();
    for (at, letter) in value.chars().enumerate() {
        match letter {
            '\0' => escaped.push_str("\\00"),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=' => escaped.extend(['\\', letter]),
            '#' if at == 0 => escaped.push_str("\\#"),
            ' ' if at == 0 || at + 1 == last => escaped.push_str("\\ "),
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn quoted(value: &str) -> String {
    let mut quoted = String::new();
    for letter in value.chars() {
        match letter {
            '\0' => quoted.push_str("\\00"),
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter => quoted.push(letter),
        }
    }
    quoted
}

/// The sets of the subject, each with its attributes.
fn sets<'a, 'v>(attributes: &'a [Attribute<'v>]) -> Vec<&'a [Attribute<'v>]> {
    attributes.chunk_by(|_, next| next.joins).collect()
}

/// The last set first (RFC 4514 §2.1).
fn written(attributes: &[Attribute<'_>]) -> String {
    let sets = sets(attributes);
    let sets = sets.iter().rev().map(|set| {
        let set: Vec<_> = set.iter().map(Attribute::written).collect();
        set.join("+")
    });
    sets.collect::<Vec<_>>().join(",")
}

/// What counts: sets of types and folded values, in their order.
fn comparable(attributes: &[Attribute<'_>]) -> Vec<Vec<(&'static [u8], String)>> {
    let sets = sets(attributes);
    let sets = sets.iter().map(|set| {
        let set = set.iter().map(|it| {
            let words = it.value.split(' ').filter(|word| !word.is_empty());
            let folded = words.collect::<Vec<_>>().join(" ").to_ascii_lowercase();
            (it.oid, folded)
        });
        let mut set: Vec<_> = set.collect();
        set.sort_unstable();
        set
    });
    sets.collect()
}

fn certificate(attributes: &[Attribute<'_>]) -> ClientCertificate {
    const ED25519: &[u8] = &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70];
    let sets = sets(attributes);
    let sets = sets.iter().flat_map(|set| {
        let set = set.iter().flat_map(|it| {
            let attribute = [tlv(6, it.oid), it.der()].concat();
            tlv(0x30, &attribute)
        });
        tlv(0x31, &set.collect::<Vec<_>>())
    });
    let subject = tlv(0x30, &sets.collect::<Vec<_>>());
    let validity = [tlv(0x17, b"260101000000Z"), tlv(0x18, b"21260101000000Z")].concat();
    let key = [ED25519, &tlv(3, &[0; 33])].concat();
    let to_be_signed = [
        &[0xa0, 3, 2, 1, 2, 2, 1, 1][..],
        ED25519,
        &[0x30, 0],
        &tlv(0x30, &validity),
        &subject,
        &tlv(0x30, &key),
    ];
    let parts = [
        &tlv(0x30, &to_be_signed.concat()),
        ED25519,
        &tlv(3, &[0; 65]),
    ];
    ClientCertificate::from_der(tlv(0x30, &parts.concat())).verified(true)
}

/// One value of DER with this content.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let digits = len.to_be_bytes();
    let digits = &digits[len.leading_zeros() as usize / 8..];
    let head = match len {
        0..0x80 => vec![tag, len as u8],
        _ => [&[tag, 0x80 | digits.len() as u8], digits].concat(),
    };
    [&head, content].concat()
}

//! One row for each certificate and each name of it: what matches and what does not.

use super::registered;
use crate::crypto::{
    Certificate,
    samples::{
        self, Attribute, BMP, C, CN, EMAIL, IA5, O, OU, PRINTABLE, TELETEX, UNIVERSAL, UTF8,
    },
};

/// What a certificate has.
enum Has {
    /// The certificate of this name in `tests/certificates`.
    File(&'static str),
    /// This subject.
    Subject(&'static [&'static [Attribute<'static>]]),
    /// These names, by the numbers of their kinds (RFC 5280 §4.2.1.6).
    Names(&'static [(u8, &'static [u8])]),
}

use Has::{File, Names, Subject};

impl Has {
    fn certificate(&self) -> Certificate {
        match self {
            File(name) => samples::read(name),
            Subject(sets) => samples::of(sets),
            Names(names) => samples::with_names(names),
        }
    }
}

const EMAIL_NAME: u8 = 1;
const DNS_NAME: u8 = 2;
const URI_NAME: u8 = 6;
const IP_NAME: u8 = 7;

/// What the row is about, the member after `tls_client_auth_`, the registered string, the certificate, whether it
/// matches, and who says so.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    Has,
    bool,
    &'static str,
);

const ACME: Has = Subject(&[&[(O, UTF8, b"Acme")], &[(CN, UTF8, b"Client")]]);
const SET: Has = Subject(&[
    &[(CN, UTF8, b"Client"), (OU, UTF8, b"Sales")],
    &[(O, UTF8, b"Acme")],
]);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // The subject
    ("the last one first", "subject_dn", "CN=Client,O=Acme", ACME, true, "RFC 4514 §2.1"),
    ("the first one first", "subject_dn", "O=Acme,CN=Client", ACME, false, "RFC 4514 §2.1"),
    ("other case of the name", "subject_dn", "cn=Client,o=Acme", ACME, true, "RFC 4512 §2.5"),
    ("other case of the text", "subject_dn", "CN=CLIENT,O=aCME", ACME, true, "RFC 5280 §7.1"),
    ("numbers", "subject_dn", "2.5.4.3=Client,OID.2.5.4.10=Acme", ACME, true, "RFC 4514 §2.3"),
    ("only the common name", "subject_dn", "CN=Client", ACME, false, "RFC 8705 §2.1.2"),
    ("one more", "subject_dn", "CN=Client,OU=Sales,O=Acme", ACME, false, "RFC 8705 §2.1.2"),
    ("one more in front", "subject_dn", "C=DE,CN=Client,O=Acme", ACME, false, "RFC 8705 §2.1.2"),
    ("one more at the end", "subject_dn", "CN=Client,O=Acme,C=DE", ACME, false, "RFC 8705 §2.1.2"),
    ("both in one set", "subject_dn", "CN=Client+O=Acme", ACME, false, "RFC 4514 §2.2"),
    ("changed over", "subject_dn", "CN=Acme,O=Client", ACME, false, "RFC 4514 §2.1"),
    ("a part of the text", "subject_dn", "CN=Clien,O=Acme", ACME, false, "RFC 5280 §7.1"),
    ("more than the text", "subject_dn", "CN=Client2,O=Acme", ACME, false, "RFC 5280 §7.1"),
    ("a wildcard", "subject_dn", "CN=*,O=Acme", ACME, false, "RFC 8705 §2.1.2"),
    ("a value in quotes", "subject_dn", "CN=\"Client\", O=\"Acme\"", ACME, true, "RFC 2253 §4"),
    ("`;`", "subject_dn", "CN=Client; O=Acme", ACME, true, "RFC 2253 §4"),
    ("hexadecimal, another type of string", "subject_dn", "CN=#1306436C69656E74,O=Acme", ACME, true, "RFC 4514 §2.4"),
    ("hexadecimal of bytes", "subject_dn", "CN=#0406436C69656E74,O=Acme", ACME, false, "RFC 4514 §2.4"),
    ("escaped letters", "subject_dn", "CN=\\43lient,O=Acme", ACME, true, "RFC 4514 §2.4"),
    ("a set in another order", "subject_dn", "O=Acme,CN=Client+OU=Sales", SET, true, "RFC 4514 §2.2"),
    ("a set in this order", "subject_dn", "O=Acme, OU=Sales + CN=Client", SET, true, "RFC 4514 §2.2"),
    ("a set without one", "subject_dn", "O=Acme,CN=Client", SET, false, "RFC 4514 §2.2"),
    ("a set as two", "subject_dn", "O=Acme,CN=Client,OU=Sales", SET, false, "RFC 4514 §2.2"),
    ("a set with one twice", "subject_dn", "O=Acme,CN=Client+CN=Client+OU=Sales", SET, false, "RFC 4514 §2.2"),
    ("a set, changed over", "subject_dn", "O=Acme,CN=Sales+OU=Client", SET, false, "RFC 4514 §2.2"),
    ("PrintableString", "subject_dn", "CN=Client", Subject(&[&[(CN, PRINTABLE, b"Client")]]), true, "RFC 5280 §7.1"),
    ("IA5String", "subject_dn", "CN=Client", Subject(&[&[(CN, IA5, b"Client")]]), true, "RFC 5280 §7.1"),
    ("NumericString", "subject_dn", "CN=12", Subject(&[&[(CN, 0x12, b"12")]]), true, "RFC 5280 §7.1"),
    ("VisibleString", "subject_dn", "CN=Client", Subject(&[&[(CN, 0x1a, b"Client")]]), true, "RFC 5280 §7.1"),
    ("TeletexString", "subject_dn", "CN=Zoë", Subject(&[&[(CN, TELETEX, b"Zo\xeb")]]), true, "RFC 5280 §7.1"),
    ("BMPString", "subject_dn", "CN=Zoë", Subject(&[&[(CN, BMP, b"\0Z\0o\0\xeb")]]), true, "RFC 5280 §7.1"),
    ("BMPString with a pair", "subject_dn", "CN=😀", Subject(&[&[(CN, BMP, b"\xd8\x3d\xde\x00")]]), true, "RFC 5280 §7.1"),
    ("UniversalString", "subject_dn", "CN=Zoë", Subject(&[&[(CN, UNIVERSAL, b"\0\0\0Z\0\0\0o\0\0\0\xeb")]]), true, "RFC 5280 §7.1"),
    ("UTF-8 in TeletexString", "subject_dn", "CN=Zoë", Subject(&[&[(CN, TELETEX, "Zoë".as_bytes())]]), false, "Latin-1"),
    ("UTF8String that is not UTF-8", "subject_dn", "CN=Zoë", Subject(&[&[(CN, UTF8, b"Zo\xeb")]]), false, "RFC 3629"),
    ("the same as hexadecimal", "subject_dn", "CN=#0C035A6FEB", Subject(&[&[(CN, UTF8, b"Zo\xeb")]]), true, "RFC 4514 §2.4"),
    ("Latin-1 in PrintableString", "subject_dn", "CN=Zoë", Subject(&[&[(CN, PRINTABLE, b"Zo\xeb")]]), false, "X.680 §41.4"),
    ("BMPString of half a letter", "subject_dn", "CN=Z", Subject(&[&[(CN, BMP, b"\0Z\0")]]), false, "X.680 §41"),
    ("an INTEGER", "subject_dn", "CN=5", Subject(&[&[(CN, 2, &[5])]]), false, "RFC 4514 §2.4"),
    ("an INTEGER as hexadecimal", "subject_dn", "CN=#020105", Subject(&[&[(CN, 2, &[5])]]), true, "RFC 4514 §2.4"),
    ("OCTET STRING", "subject_dn", "CN=a", Subject(&[&[(CN, 4, b"a")]]), false, "RFC 4514 §2.4"),
    ("letters without case in ASCII", "subject_dn", "CN=ZOË", Subject(&[&[(CN, UTF8, "zoë".as_bytes())]]), false, "other letters are not folded"),
    ("ASCII letters beside others", "subject_dn", "CN=ZOë", Subject(&[&[(CN, UTF8, "zoë".as_bytes())]]), true, "RFC 5280 §7.1"),
    ("the sign of kelvin is not k", "subject_dn", "CN=k", Subject(&[&[(CN, UTF8, "\u{212a}".as_bytes())]]), false, "other letters are not folded"),
    ("letter and accent", "subject_dn", "CN=e\u{301}", Subject(&[&[(CN, UTF8, "é".as_bytes())]]), false, "no normal form"),
    ("a soft hyphen", "subject_dn", "CN=ab", Subject(&[&[(CN, UTF8, "a\u{ad}b".as_bytes())]]), false, "no mapping"),
    ("many spaces", "subject_dn", "CN=a b", Subject(&[&[(CN, UTF8, b"  a    b ")]]), true, "RFC 4518 §2.6.1"),
    ("many spaces in the string", "subject_dn", "CN=\\  a  b\\ ", Subject(&[&[(CN, UTF8, b"a b")]]), true, "RFC 4518 §2.6.1"),
    ("no space", "subject_dn", "CN=ab", Subject(&[&[(CN, UTF8, b"a b")]]), false, "RFC 4518 §2.6.1"),
    ("a tab", "subject_dn", "CN=a b", Subject(&[&[(CN, UTF8, b"a\tb")]]), false, "only spaces"),
    ("no-break space", "subject_dn", "CN=a b", Subject(&[&[(CN, UTF8, "a\u{a0}b".as_bytes())]]), false, "only spaces"),
    ("a NUL and more", "subject_dn", "CN=client.example.org", Subject(&[&[(CN, UTF8, b"client.example.org\0.evil.example")]]), false, "NUL is a character"),
    ("a NUL at the end", "subject_dn", "CN=client", Subject(&[&[(CN, UTF8, b"client\0")]]), false, "NUL is a character"),
    ("a NUL, escaped", "subject_dn", "CN=client\\00", Subject(&[&[(CN, UTF8, b"client\0")]]), true, "RFC 4514 §2.4"),
    ("what looks like two", "subject_dn", "CN=a,O=b", Subject(&[&[(CN, UTF8, b"a,O=b")]]), false, "RFC 4514 §2.4"),
    ("what looks like two, escaped", "subject_dn", "CN=a\\,O=b", Subject(&[&[(CN, UTF8, b"a,O=b")]]), true, "RFC 4514 §2.4"),
    ("what looks like a set", "subject_dn", "CN=a+O=b", Subject(&[&[(CN, UTF8, b"a+O=b")]]), false, "RFC 4514 §2.4"),
    ("what looks like hexadecimal", "subject_dn", "CN=#130161", Subject(&[&[(CN, UTF8, b"#130161")]]), false, "RFC 4514 §2.4"),
    ("an empty subject", "subject_dn", "CN=", Subject(&[]), false, "RFC 5280 §4.1.2.6"),
    ("an empty text", "subject_dn", "CN=", Subject(&[&[(CN, UTF8, b"")]]), true, "RFC 4514 §3"),
    ("a unit twice, in order", "subject_dn", "OU=b,OU=a", Subject(&[&[(OU, UTF8, b"a")], &[(OU, UTF8, b"b")]]), true, "RFC 4514 §2.1"),
    ("a unit twice, the other way", "subject_dn", "OU=a,OU=b", Subject(&[&[(OU, UTF8, b"a")], &[(OU, UTF8, b"b")]]), false, "RFC 4514 §2.1"),
    ("emailAddress by E", "subject_dn", "E=a@b.example", Subject(&[&[(EMAIL, IA5, b"a@b.example")]]), true, ".NET"),
    ("emailAddress is not mail", "subject_dn", "mail=a@b.example", Subject(&[&[(EMAIL, IA5, b"a@b.example")]]), false, "RFC 4524 §2.16"),
    ("a type of many bits", "subject_dn", "2.25.340282366920938463463374607431768211455=a", Subject(&[&[(&[0x69, 0x83, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], UTF8, b"a")]]), true, "X.667 §6.3"),
    ("a set that is not sorted", "subject_dn", "CN=Client+C=DE", Subject(&[&[(CN, UTF8, b"Client"), (C, PRINTABLE, b"DE")]]), true, "X.690 §11.6"),
    ("another certificate", "subject_dn", "CN=Client,O=Acme", File("plain"), false, "RFC 8705 §2.1"),
    ("an alternative name is no subject", "subject_dn", "CN=client.example.org", File("plain"), false, "RFC 8705 §2.1.2"),
    // DNS
    ("exact", "san_dns", "client.example.org", File("plain"), true, "RFC 8705 §2.1.2"),
    ("the second one", "san_dns", "other.example.org", File("plain"), true, "RFC 8705 §2.1.2"),
    ("other case", "san_dns", "CLIENT.example.ORG", File("plain"), true, "RFC 5280 §7.2"),
    ("a name below", "san_dns", "a.client.example.org", File("plain"), false, "RFC 8705 §2.1.2"),
    ("a name above", "san_dns", "example.org", File("plain"), false, "RFC 8705 §2.1.2"),
    ("a dot at the end", "san_dns", "client.example.org.", File("plain"), false, "another name"),
    ("a dot at the end of the certificate's", "san_dns", "a.example", Names(&[(DNS_NAME, b"a.example.")]), false, "another name"),
    ("a wildcard of the certificate", "san_dns", "a.wild.example.org", File("plain"), false, "no wildcards"),
    ("a registered wildcard", "san_dns", "*.example.org", File("plain"), false, "no wildcards"),
    ("the same wildcard", "san_dns", "*.wild.example.org", File("plain"), true, "exact"),
    ("never the common name", "san_dns", "bank.example.org", File("company"), false, "RFC 8705 §2.1.2"),
    ("a NUL and more", "san_dns", "a.example", Names(&[(DNS_NAME, b"a.example\0.evil.example")]), false, "NUL is a character"),
    ("a space", "san_dns", "a.example", Names(&[(DNS_NAME, b" a.example")]), false, "exact"),
    ("an email address", "san_dns", "a.example", Names(&[(EMAIL_NAME, b"a.example")]), false, "another kind"),
    ("a URI", "san_dns", "a.example", Names(&[(URI_NAME, b"a.example")]), false, "another kind"),
    ("octets that are letters", "san_dns", "abcd", Names(&[(IP_NAME, b"abcd")]), false, "another kind"),
    ("no names", "san_dns", "a.example", Names(&[]), false, "RFC 8705 §2.1.2"),
    // URI
    ("exact", "san_uri", "spiffe://example.org/client", File("plain"), true, "RFC 8705 §2.1.2"),
    ("the second one", "san_uri", "https://Client.example.org/a?b=c", File("plain"), true, "RFC 8705 §2.1.2"),
    ("the host in other case", "san_uri", "https://client.example.org/a?b=c", File("plain"), false, "byte for byte"),
    ("the scheme in other case", "san_uri", "SPIFFE://example.org/client", File("plain"), false, "byte for byte"),
    ("a slash more", "san_uri", "spiffe://example.org/client/", File("plain"), false, "byte for byte"),
    ("the default port", "san_uri", "https://Client.example.org:443/a?b=c", File("plain"), false, "byte for byte"),
    ("an escaped letter", "san_uri", "spiffe://example.org/%63lient", File("plain"), false, "byte for byte"),
    ("the beginning", "san_uri", "spiffe://example.org/", File("plain"), false, "byte for byte"),
    ("a URN", "san_uri", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", Names(&[(URI_NAME, b"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6")]), true, "RFC 8705 §2.1.2"),
    ("as a DNS name", "san_uri", "spiffe://a.example/b", Names(&[(DNS_NAME, b"spiffe://a.example/b")]), false, "another kind"),
    // IP
    ("IPv4", "san_ip", "192.0.2.1", File("plain"), true, "RFC 8705 §2.1.2"),
    ("another address", "san_ip", "192.0.2.2", File("plain"), false, "RFC 8705 §2.1.2"),
    ("IPv6", "san_ip", "2001:db8::1", File("plain"), true, "RFC 8705 §2.1.2"),
    ("IPv6 in other case", "san_ip", "2001:DB8::1", File("plain"), true, "RFC 5952 §2.3"),
    ("IPv6 with zeros", "san_ip", "2001:0db8:0:0:0:0:0:1", File("plain"), true, "RFC 5952 §2.1"),
    ("IPv6, shortened elsewhere", "san_ip", "2001:db8:0::1", File("plain"), true, "RFC 5952 §2.2"),
    ("IPv6 with IPv4 in it", "san_ip", "2001:db8::0.0.0.1", File("plain"), true, "RFC 4291 §2.2"),
    ("IPv4 as IPv6", "san_ip", "::ffff:192.0.2.1", File("plain"), false, "by octets"),
    ("IPv6 as IPv4", "san_ip", "192.0.2.1", Names(&[(IP_NAME, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1])]), false, "by octets"),
    ("IPv6 that is IPv4", "san_ip", "::ffff:192.0.2.1", Names(&[(IP_NAME, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1])]), true, "by octets"),
    ("a network", "san_ip", "192.0.2.1", Names(&[(IP_NAME, &[192, 0, 2, 1, 255, 255, 255, 255])]), false, "RFC 5280 §4.2.1.6"),
    ("three octets", "san_ip", "192.0.2.1", Names(&[(IP_NAME, &[192, 0, 2])]), false, "RFC 5280 §4.2.1.6"),
    ("an address as a DNS name", "san_ip", "192.0.2.1", Names(&[(DNS_NAME, b"192.0.2.1")]), false, "another kind"),
    // Email
    ("exact", "san_email", "Client@Example.org", File("plain"), true, "RFC 8705 §2.1.2"),
    ("the domain in other case", "san_email", "Client@eXAMPLE.ORG", File("plain"), true, "RFC 5280 §7.5"),
    ("the local part in other case", "san_email", "client@Example.org", File("plain"), false, "RFC 5280 §7.5"),
    ("another domain", "san_email", "Client@a.example.org", File("plain"), false, "RFC 5280 §7.5"),
    ("a dot at the end", "san_email", "Client@Example.org.", File("plain"), false, "RFC 5280 §7.5"),
    ("a tag", "san_email", "Client+a@Example.org", File("plain"), false, "RFC 5280 §7.5"),
    ("in the subject as well", "san_email", "jane@example.org", File("person"), true, "RFC 8705 §2.1.2"),
    ("in the subject only", "san_email", "a@b.example", Subject(&[&[(EMAIL, IA5, b"a@b.example")]]), false, "never `emailAddress`"),
    ("an `@` in quotes", "san_email", "\"a@b\"@C.example", Names(&[(EMAIL_NAME, b"\"a@b\"@c.example")]), true, "RFC 5321 §4.1.2"),
    ("a host", "san_email", "a@b.example", Names(&[(EMAIL_NAME, b"b.example")]), false, "RFC 5280 §4.2.1.6"),
    ("a NUL and more", "san_email", "a@b.example", Names(&[(EMAIL_NAME, b"a@b.example\0.evil.example")]), false, "NUL is a character"),
    ("as a DNS name", "san_email", "a@b.example", Names(&[(DNS_NAME, b"a@b.example")]), false, "another kind"),
];

#[test]
fn a_certificate_has_the_registered_name_or_not() {
    assert!(ROWS.len() >= 110, "{}", ROWS.len());
    let mut wrong = Vec::new();
    for (row, member, text, has, expected, section) in ROWS {
        let name = registered(&format!("tls_client_auth_{member}"), text);
        if name.is_of(&has.certificate()) != *expected {
            wrong.push(format!("{member} {row}: {text:?} ({section})"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

//! What is read from certificates, and which bytes are none.

mod any_bytes;
pub(crate) mod samples;

use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};

use samples::{
    CN, O, Parts, UNIVERSAL, UTF8, alt_name_extension, alt_names, extensions, name, read, tlv,
};

use super::{
    Certificate,
    fields::{InvalidCertificate, NameKind},
};
use crate::crypto::AttributeValue;

fn error(der: &[u8]) -> Option<InvalidCertificate> {
    Certificate::read(der.to_vec()).err()
}

#[test]
fn fields_of_a_certificate_of_openssl() {
    let certificate = read("plain");
    let texts = |kind| certificate.texts(kind).collect::<Vec<_>>();
    let addresses = ["192.0.2.1", "2001:db8::1"].map(|it| it.parse::<IpAddr>().expect("one"));
    let dns = [
        "client.example.org",
        "Other.Example.ORG",
        "*.wild.example.org",
    ];
    let uris = [
        "spiffe://example.org/client",
        "https://Client.example.org/a?b=c",
    ];
    assert_eq!(texts(NameKind::Dns), dns);
    assert_eq!(texts(NameKind::Uri), uris);
    assert_eq!(texts(NameKind::Email), ["Client@Example.org"]);
    assert_eq!(certificate.addresses().collect::<Vec<_>>(), addresses);
    let time = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    // 2026-01-01 and 2126-01-01
    assert_eq!(certificate.not_before(), time(1_767_225_600));
    assert_eq!(certificate.not_after(), time(4_922_899_200));
    for (seconds, expected) in [
        (1_767_225_599, false),
        (1_767_225_600, true),
        (4_922_899_200, true),
        (4_922_899_201, false),
    ] {
        assert_eq!(
            certificate.is_valid_at(time(seconds)),
            expected,
            "{seconds}"
        );
    }
    let attributes: Vec<_> = certificate.subject().flatten().collect();
    assert_eq!(*attributes[0].oid, [0x55, 4, 6]);
    assert_eq!(
        attributes[3].value,
        AttributeValue::Text("Example GmbH".into())
    );
    // openssl x509 -in plain.der -outform DER | openssl dgst -sha256 -binary | basenc --base64url
    assert_eq!(certificate.thumbprint(), PLAIN);
}

/// RFC 5280 §4.1.2.5.1: the years of UTCTime are 1950 to 2049.
#[test]
fn times_are_read_to_the_second_and_none_is_before_1970() {
    let utc = |text: &[u8]| tlv(0x17, &[text]);
    let general = |text: &[u8]| tlv(0x18, &[text]);
    for (row, time, expected) in [
        ("2049", utc(b"491231235959Z"), Some(2_524_607_999)),
        ("2050", general(b"20500101000000Z"), Some(2_524_608_000)),
        (
            "2000, a leap year",
            utc(b"000229000000Z"),
            Some(951_782_400),
        ),
        ("1970", utc(b"700101000001Z"), Some(1)),
        ("1969", utc(b"691231235959Z"), Some(0)),
        ("1960, a leap year", utc(b"600229000000Z"), Some(0)),
        ("1950", utc(b"500101000000Z"), Some(0)),
        ("1949", general(b"19491231235959Z"), Some(0)),
        ("the year 0", general(b"00000101000000Z"), Some(0)),
        ("a 13th month of 1969", utc(b"691301000000Z"), None),
        ("a 13th month of 1949", general(b"19491301000000Z"), None),
        ("a sign for a digit", utc(b"+90101000000Z"), None),
        ("a letter for a digit", general(b"196x0101000000Z"), None),
        ("no Z", utc(b"6901010000000"), None),
        ("nothing", utc(b""), None),
        (
            "a fraction (RFC 5280 §4.1.2.5.2)",
            general(b"19690101000000.5Z"),
            None,
        ),
        ("four digits in UTCTime", utc(b"19690101000000Z"), None),
        (
            "two digits in GeneralizedTime",
            general(b"690101000000Z"),
            None,
        ),
        ("another type", tlv(0x0c, &[b"690101000000Z"]), None),
    ] {
        let parts = Parts {
            validity: tlv(0x30, &[&time, &general(b"21260101000000Z")]),
            ..Parts::default()
        };
        let read = Certificate::read(parts.der()).ok();
        let since_1970 = read.map(|it| it.not_before().duration_since(SystemTime::UNIX_EPOCH));
        let seconds = since_1970.map(|it| it.expect("not before 1970").as_secs());
        assert_eq!(seconds, expected, "{row}");
    }
}

const PLAIN: &str = "XkQJRNHGnvRz8EM9njrLU_OY8ysB0kdWJu72d9ZO-Ts";

#[test]
fn a_thumbprint_has_43_characters() {
    for name in [
        "plain",
        "printable",
        "company",
        "person",
        "special",
        "teletex",
        "bmp",
    ] {
        assert_eq!(read(name).thumbprint().len(), 43, "{name}");
    }
}

#[test]
fn bytes_that_are_not_one_certificate_are_refused() {
    use InvalidCertificate::{Malformed, TooLong, TrailingBytes};
    let good = Parts::default().der();
    assert_eq!(error(&good), None);
    let with = |change: fn(&mut Parts)| {
        let mut parts = Parts::default();
        change(&mut parts);
        parts.der()
    };
    let mut longer = good.clone();
    longer.push(0);
    let twice = [good.clone(), good.clone()].concat();
    let mut indefinite = vec![0x30, 0x80];
    indefinite.extend(&good[3..]);
    indefinite.extend([0, 0]);
    let mut padded_length = vec![0x30, 0x82, 0];
    padded_length.extend(&good[2..]);
    let rows: Vec<(&str, Vec<u8>, _)> = vec![
        ("nothing", vec![], Some(Malformed)),
        (
            "PEM",
            b"-----BEGIN CERTIFICATE-----".to_vec(),
            Some(Malformed),
        ),
        ("cut off", good[..good.len() - 1].to_vec(), Some(Malformed)),
        ("a byte more", longer, Some(TrailingBytes)),
        ("two certificates", twice, Some(TrailingBytes)),
        ("over 16 KiB", vec![0x30; 16 * 1024 + 1], Some(TooLong)),
        ("16 KiB of nothing", vec![0x30; 16 * 1024], Some(Malformed)),
        (
            "indefinite length (X.690 §10.1)",
            indefinite,
            Some(Malformed),
        ),
        (
            "length with a zero in front (X.690 §10.1)",
            padded_length,
            Some(Malformed),
        ),
        ("an empty sequence", vec![0x30, 0], Some(Malformed)),
        ("a set", [&[0x31], &good[1..]].concat(), Some(Malformed)),
        (
            "version 1, no extensions",
            with(|it| it.version.clear()),
            None,
        ),
        (
            "a version that is a string",
            with(|it| it.version = vec![0xa0, 3, 4, 1, 2]),
            Some(Malformed),
        ),
        (
            "two versions in one",
            with(|it| it.version = vec![0xa0, 6, 2, 1, 2, 2, 1, 2]),
            Some(Malformed),
        ),
        (
            "version 4",
            with(|it| it.version = vec![0xa0, 3, 2, 1, 3]),
            Some(Malformed),
        ),
        (
            "an empty serial number",
            with(|it| it.serial = vec![2, 0]),
            Some(Malformed),
        ),
        (
            "a serial number with a zero in front (X.690 §8.3.2)",
            with(|it| it.serial = vec![2, 2, 0, 1]),
            Some(Malformed),
        ),
        (
            "a negative serial number",
            with(|it| it.serial = vec![2, 1, 0xff]),
            None,
        ),
        (
            "a critical extension by another byte (X.690 §11.1)",
            with(|it| it.rest = extensions(&[tlv(0x30, &[&[6, 1, 1], &[1, 1, 5], &[4, 0]])])),
            Some(Malformed),
        ),
        (
            "FALSE, which is the default",
            with(|it| it.rest = extensions(&[tlv(0x30, &[&[6, 1, 1], &[1, 1, 0], &[4, 0]])])),
            None,
        ),
        (
            "no serial number",
            with(|it| it.serial.clear()),
            Some(Malformed),
        ),
        (
            "an issuer of an unknown type of string",
            with(|it| it.issuer = name(&[&[(O, UNIVERSAL, b"\0\0\0a")]])),
            None,
        ),
        ("no subject", with(|it| it.subject.clear()), Some(Malformed)),
        (
            "an empty subject (RFC 5280 §4.1.2.6)",
            with(|it| it.subject = vec![0x30, 0]),
            None,
        ),
        (
            "an empty relative name",
            with(|it| it.subject = vec![0x30, 2, 0x31, 0]),
            Some(Malformed),
        ),
        (
            "a relative name that is a sequence",
            with(|it| it.subject = vec![0x30, 2, 0x30, 0]),
            Some(Malformed),
        ),
        (
            "an attribute without a value",
            with(|it| it.subject = tlv(0x30, &[&tlv(0x31, &[&tlv(0x30, &[&tlv(6, &[CN])])])])),
            Some(Malformed),
        ),
        (
            "an attribute with two values",
            with(|it| {
                it.subject = tlv(
                    0x30,
                    &[&tlv(0x31, &[&tlv(0x30, &[&tlv(6, &[CN]), &[5, 0, 5, 0]])])],
                )
            }),
            Some(Malformed),
        ),
        (
            "a time without seconds",
            with(|it| {
                it.validity = tlv(
                    0x30,
                    &[&tlv(0x17, &[b"2601010000Z"]), &tlv(0x17, &[b"2601010000Z"])],
                )
            }),
            Some(Malformed),
        ),
        (
            "a time with an offset",
            with(|it| {
                it.validity = tlv(
                    0x30,
                    &[
                        &tlv(0x17, &[b"260101000000+0100"]),
                        &tlv(0x17, &[b"260101000000Z"]),
                    ],
                )
            }),
            Some(Malformed),
        ),
        (
            "a 13th month",
            with(|it| {
                it.validity = tlv(
                    0x30,
                    &[
                        &tlv(0x17, &[b"261301000000Z"]),
                        &tlv(0x17, &[b"261301000000Z"]),
                    ],
                )
            }),
            Some(Malformed),
        ),
        (
            "the 29th of February 2026",
            with(|it| {
                it.validity = tlv(
                    0x30,
                    &[
                        &tlv(0x17, &[b"260229000000Z"]),
                        &tlv(0x17, &[b"270101000000Z"]),
                    ],
                )
            }),
            Some(Malformed),
        ),
        (
            "no end (RFC 5280 §4.1.2.5)",
            with(|it| {
                it.validity = tlv(
                    0x30,
                    &[
                        &tlv(0x17, &[b"260101000000Z"]),
                        &tlv(0x18, &[b"99991231235959Z"]),
                    ],
                )
            }),
            None,
        ),
        (
            "one time",
            with(|it| it.validity = tlv(0x30, &[&tlv(0x17, &[b"260101000000Z"])])),
            Some(Malformed),
        ),
        (
            "three times",
            with(|it| it.validity = tlv(0x30, &[&tlv(0x17, &[b"260101000000Z"]).repeat(3)])),
            Some(Malformed),
        ),
        (
            "an unknown key",
            with(|it| it.key = tlv(0x30, &[&[0x30, 3, 6, 1, 1], &[3, 1, 0]])),
            None,
        ),
        ("no key", with(|it| it.key.clear()), Some(Malformed)),
        (
            "a key that is a set",
            with(|it| it.key = vec![0x31, 0]),
            Some(Malformed),
        ),
        (
            "something after the extensions",
            with(|it| it.rest = [alt_names(&[]), vec![5, 0]].concat()),
            Some(Malformed),
        ),
        (
            "unique ids of version 2",
            with(|it| it.rest = [&[0x81, 2, 0, 1][..], &[0x82, 2, 0, 1], &alt_names(&[])].concat()),
            None,
        ),
        (
            "unique ids in the wrong order",
            with(|it| it.rest = vec![0x82, 2, 0, 1, 0x81, 2, 0, 1]),
            Some(Malformed),
        ),
        (
            "names twice (RFC 5280 §4.2)",
            with(|it| {
                it.rest = extensions(&[
                    alt_name_extension(&[0x30, 0]),
                    alt_name_extension(&[0x30, 0]),
                ])
            }),
            Some(Malformed),
        ),
        (
            "names that are a set",
            with(|it| it.rest = extensions(&[alt_name_extension(&[0x31, 0])])),
            Some(Malformed),
        ),
        (
            "names and a byte more",
            with(|it| it.rest = extensions(&[alt_name_extension(&[0x30, 0, 5, 0])])),
            Some(Malformed),
        ),
        (
            "a name that is a string",
            with(|it| {
                it.rest = extensions(&[alt_name_extension(&tlv(0x30, &[&tlv(UTF8, &[b"a"])]))])
            }),
            Some(Malformed),
        ),
        (
            "an extension without a value",
            with(|it| it.rest = extensions(&[vec![0x30, 5, 6, 3, 0x55, 0x1d, 0x11]])),
            Some(Malformed),
        ),
        (
            "a critical extension that nobody knows",
            with(|it| it.rest = extensions(&[tlv(0x30, &[&[6, 1, 1], &[1, 1, 0xff], &[4, 1, 9]])])),
            None,
        ),
    ];
    for (row, der, expected) in rows {
        assert_eq!(error(&der), expected, "{row}");
    }
}

#[test]
fn names_of_other_kinds_and_broken_names_are_left_out() {
    let other = tlv(0xa0, &[&[6, 1, 1], &[0xa0, 2, 5, 0]]);
    let directory = tlv(0xa4, &[&name(&[&[(CN, UTF8, b"a")]])]);
    let names = [
        other,
        directory,
        tlv(0x82, &["ü.example".as_bytes()]),
        tlv(0x82, &[b"\xff"]),
        tlv(0x82, &[b"a\0b"]),
        tlv(0x87, &[&[192, 0, 2]]),
        tlv(0x87, &[&[192, 0, 2, 1, 255, 255, 255, 0]]),
        tlv(0x87, &[&[192, 0, 2, 1]]),
        tlv(0x88, &[&[1]]),
        tlv(0xa2, &[&tlv(0x16, &[b"constructed"])]),
    ];
    let rest = extensions(&[alt_name_extension(&tlv(0x30, &[&names.concat()]))]);
    let parts = Parts {
        rest,
        ..Parts::default()
    };
    let certificate = Certificate::read(parts.der()).expect("a certificate");
    let texts = |kind| certificate.texts(kind).collect::<Vec<_>>();
    assert_eq!(texts(NameKind::Dns), ["a\0b"]);
    assert_eq!(
        certificate.addresses().collect::<Vec<_>>(),
        [IpAddr::from([192, 0, 2, 1])]
    );
    assert!(texts(NameKind::Uri).is_empty() && texts(NameKind::Email).is_empty());
}

/// Each of the accepted ones has as many parts as 16 KiB can hold.
#[test]
fn many_or_long_names_are_read_or_refused() {
    let many = |count| {
        let set: &[samples::Attribute<'_>] = &[(CN, UTF8, b"a")];
        Parts {
            subject: name(&vec![set; count]),
            ..Parts::default()
        }
        .der()
    };
    let dns = |count| {
        let names: Vec<(u8, &[u8])> = vec![(2, b"a"); count];
        Parts {
            rest: alt_names(&names),
            ..Parts::default()
        }
        .der()
    };
    let all: Vec<Vec<u8>> = vec![tlv(0x30, &[&[6, 1, 1], &[4, 0]]); 2000];
    assert_eq!(
        error(&vec![0x30; 1024 * 1024]),
        Some(InvalidCertificate::TooLong)
    );
    assert_eq!(error(&many(10_000)), Some(InvalidCertificate::TooLong));
    assert_eq!(error(&dns(10_000)), Some(InvalidCertificate::TooLong));
    let long = vec![b'a'; 64 * 1024];
    let subject = name(&[&[(CN, UTF8, &long)]]);
    let der = Parts {
        subject,
        ..Parts::default()
    }
    .der();
    assert_eq!(error(&der), Some(InvalidCertificate::TooLong));
    assert_eq!(error(&many(1_200)), None);
    assert_eq!(error(&dns(5_000)), None);
    assert_eq!(
        error(
            &Parts {
                rest: extensions(&all),
                ..Parts::default()
            }
            .der()
        ),
        None
    );
    // Sequences in sequences.
    let nested = (0..4000).fold(vec![5, 0], |inner, _| tlv(0x30, &[&inner]));
    assert_eq!(error(&nested), Some(InvalidCertificate::Malformed));
}

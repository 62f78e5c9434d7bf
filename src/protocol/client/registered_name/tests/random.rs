//! Certificates with any subject: what OpenSSL prints of it matches, and no other subject does.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use proptest::prelude::*;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, KeyPair, PKCS_ED25519,
    string::{BmpString, Ia5String, PrintableString, TeletexString, UniversalString},
};

use super::registered;
use crate::crypto::Certificate;

/// The object identifiers of some types. Each is at most once in a subject of rcgen.
const TYPES: [&[u64]; 9] = [
    &[2, 5, 4, 3],
    &[2, 5, 4, 6],
    &[2, 5, 4, 8],
    &[2, 5, 4, 10],
    &[2, 5, 4, 5],
    &[1, 2, 840, 113_549, 1, 9, 1],
    &[1, 3, 6, 1, 4, 1, 311, 60, 2, 1, 3],
    &[0, 9, 2342, 19_200_300, 100, 1, 25],
    &[1, 2, 3, 4_294_967_296],
];

type Attribute = (usize, u8, String);

fn value(kind: u8, text: &str) -> DnValue {
    let utf8 = || DnValue::Utf8String(text.to_owned());
    match kind {
        0 => PrintableString::try_from(text).map_or_else(|_| utf8(), DnValue::PrintableString),
        1 => Ia5String::try_from(text).map_or_else(|_| utf8(), DnValue::Ia5String),
        2 => TeletexString::try_from(text).map_or_else(|_| utf8(), DnValue::TeletexString),
        3 => BmpString::try_from(text).map_or_else(|_| utf8(), DnValue::BmpString),
        4 => UniversalString::try_from(text).map_or_else(|_| utf8(), DnValue::UniversalString),
        _ => utf8(),
    }
}

fn certificate(attributes: &[Attribute]) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (number, kind, text) in attributes {
        let oid = DnType::CustomDnType(TYPES[*number].to_vec());
        params.distinguished_name.push(oid, value(*kind, text));
    }
    let key = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    certificate.der().to_vec()
}

fn read(attributes: &[Attribute]) -> Certificate {
    Certificate::read(certificate(attributes)).expect("a certificate")
}

/// What OpenSSL prints. `None` if it is not installed, which in CI is a failure.
fn printed(der: &[u8], form: &str) -> Option<String> {
    let arguments = [
        "x509", "-inform", "DER", "-noout", "-subject", "-nameopt", form,
    ];
    let mut openssl = Command::new("openssl");
    openssl
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let Ok(mut openssl) = openssl.spawn() else {
        assert!(std::env::var_os("CI").is_none(), "openssl is not installed");
        return None;
    };
    let mut stdin = openssl.stdin.take().expect("is piped");
    stdin.write_all(der).expect("openssl reads it");
    drop(stdin);
    let output = openssl.wait_with_output().expect("openssl ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let text = text.strip_prefix("subject=").expect("a label");
    Some(text.strip_suffix('\n').expect("a line").to_owned())
}

/// As it is written in only hexadecimal digits.
fn escaped(attributes: &[Attribute]) -> String {
    let attributes = attributes.iter().rev().map(|(number, _, text)| {
        let numbers: Vec<_> = TYPES[*number].iter().map(ToString::to_string).collect();
        let value: String = text.bytes().map(|byte| format!("\\{byte:02X}")).collect();
        format!("{}={value}", numbers.join("."))
    });
    attributes.collect::<Vec<_>>().join(",")
}

/// Texts that mean something else when they are folded: a letter of its own is in each.
fn subject() -> impl Strategy<Value = Vec<Attribute>> {
    let text = "[a-zA-Z0-9 ,+\"\\\\<>;=#/é日@*-]{0,12}x";
    let attribute = (0..TYPES.len(), 0..6_u8, text);
    prop::collection::vec(attribute, 1..6).prop_map(|mut attributes| {
        let mut seen = Vec::new();
        attributes.retain(|(number, _, _)| {
            let is_new = !seen.contains(number);
            seen.push(*number);
            is_new
        });
        attributes
    })
}

const SUBJECT_DN: &str = "tls_client_auth_subject_dn";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_openssl_prints_of_any_subject_matches(attributes in subject()) {
        let der = certificate(&attributes);
        let certificate = Certificate::read(der.clone()).expect("a certificate");
        for form in ["RFC2253", "oneline,dn_rev,utf8,-esc_msb", "RFC2253,oid,-esc_msb"] {
            let Some(text) = printed(&der, form) else {
                return Ok(());
            };
            let name = registered(SUBJECT_DN, &text);
            prop_assert!(name.is_of(&certificate), "{}: {}", form, text);
        }
    }
}

proptest! {
    #[test]
    fn a_subject_in_other_types_of_strings_and_with_more_spaces_matches(
        attributes in subject(),
        kinds in prop::collection::vec(0..6_u8, 6),
        is_upper in any::<bool>(),
    ) {
        let name = registered(SUBJECT_DN, &escaped(&attributes));
        prop_assert!(name.is_of(&read(&attributes)));
        let mut changed = attributes;
        for ((_, kind, text), other) in changed.iter_mut().zip(kinds) {
            *kind = other;
            *text = format!("  {} ", text.replace(' ', "   "));
            *text = match is_upper {
                true => text.to_ascii_uppercase(),
                false => text.to_ascii_lowercase(),
            };
        }
        prop_assert!(name.is_of(&read(&changed)));
    }

    #[test]
    fn changing_one_attribute_never_matches(
        attributes in subject(),
        index in any::<prop::sample::Index>(),
        change in 0..6,
    ) {
        let name = registered(SUBJECT_DN, &escaped(&attributes));
        let mut changed = attributes.clone();
        let at = index.index(changed.len());
        match change {
            0 => changed[at].2.push('y'),
            1 => changed[at].2.insert(0, 'y'),
            2 => {
                changed[at].2.pop();
                changed[at].2.push('z');
            }
            3 => {
                changed.remove(at);
            }
            4 => {
                let other = (0..TYPES.len()).find(|it| attributes.iter().all(|(own, _, _)| own != it));
                changed[at].0 = other.expect("there are more types than attributes");
            }
            _ => {
                prop_assume!(changed.len() > 1);
                let other = (at + 1) % changed.len();
                changed.swap(at, other);
            }
        }
        prop_assert!(!name.is_of(&read(&changed)), "{:?}", changed);
    }
}

//! Certificates, names and headers that are nearly right.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::holds::{certificate, certificate_header, distinguished_name};

const CERTIFICATES: [&[u8]; 4] = [
    include_bytes!("../certificates/plain.der"),
    include_bytes!("../certificates/person.der"),
    include_bytes!("../certificates/teletex.der"),
    include_bytes!("../certificates/company.der"),
];

/// The bytes with a few others, or cut.
fn changed(bytes: &[u8], changes: &[(Index, u8, u8)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, byte, kind) in changes {
        let at = at.index(bytes.len());
        match kind {
            0 => bytes.insert(at, *byte),
            1 if bytes.len() > 1 => drop(bytes.remove(at)),
            _ => bytes[at] = *byte,
        }
    }
    bytes
}

type Check = fn(&[u8]) -> bool;

/// A target, and a file of its corpus.
fn header() -> impl Strategy<Value = (Check, Vec<u8>)> {
    let targets: [(&str, Check); 6] = [
        ("aws_alb", certificate_header::aws_alb),
        ("envoy", certificate_header::envoy),
        ("haproxy", certificate_header::haproxy),
        ("nginx", certificate_header::nginx),
        ("rfc9440", certificate_header::rfc9440),
        ("traefik", certificate_header::traefik),
    ];
    let files = targets.into_iter().flat_map(|(name, check)| {
        let folder = format!("fuzz/corpus/certificate_header_{name}");
        let files = std::fs::read_dir(folder).expect("a corpus");
        files.map(move |file| {
            let file = std::fs::read(file.expect("a file").path());
            (check, file.expect("a file that reads"))
        })
    });
    prop::sample::select(files.collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn whoever_is_accepted_has_the_name_or_the_key_in_its_certificate(
        certificate in prop::sample::select(&CERTIFICATES[..]),
        changes in vec((any::<Index>(), any::<u8>(), 0..8_u8), 0..4),
    ) {
        certificate::check(&changed(certificate, &changes));
    }

    #[test]
    fn what_is_read_of_a_header_is_a_certificate_in_it(
        (check, value) in header(),
        changes in vec((any::<Index>(), any::<u8>(), 0..8_u8), 0..4),
    ) {
        check(&changed(&value, &changes));
    }

    #[test]
    fn a_name_matches_the_subject_that_it_was_written_for(
        attributes in vec(("[a-f\u{0}-\u{ff}]{3}", "[ -~]{0,12}|\\PC{0,8}|[ a\u{0}é😀]{0,8}"), 1..5),
    ) {
        let lines = attributes.iter().map(|(kinds, value)| {
            let kinds = kinds.chars().map(|kind| kind as u8).filter(|&kind| kind != b'\n');
            let value = value.bytes().filter(|&byte| byte != b'\n');
            kinds.chain(value).collect::<Vec<_>>()
        });
        let data = [vec![b"CN=a".to_vec()], lines.collect()].concat().join(&b'\n');
        prop_assert!(distinguished_name::check(&data));
    }
}

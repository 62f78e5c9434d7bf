//! Whatever the bytes are: reading them never panics, and what is read is within its bounds.

use proptest::prelude::*;

use super::samples::{Parts, der, name};
use crate::crypto::{AttributeValue, Certificate};

fn check(bytes: &[u8]) {
    match Certificate::read(bytes.to_vec()) {
        Ok(certificate) => {
            assert!(bytes.len() <= 16 * 1024);
            assert_eq!(certificate.thumbprint().len(), 43);
        }
        Err(error) => assert!(error.to_string().len() < 80, "{error}"),
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        check(&bytes);
        AttributeValue::from_ber(&bytes);
    }

    #[test]
    fn a_certificate_with_any_bytes_changed(
        file in prop::sample::select(vec!["plain", "printable", "company", "person", "special", "teletex", "bmp"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = der(file);
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        check(&bytes);
    }

    #[test]
    fn any_part_and_any_value(
        part in 0..6_usize,
        bytes in prop::collection::vec(any::<u8>(), 0..80),
        tag in any::<u8>(),
    ) {
        let mut parts = Parts::default();
        let subject = name(&[&[(&bytes, tag, &bytes)]]);
        for changed in [&bytes, &subject] {
            match part {
                0 => parts.version = changed.clone(),
                1 => parts.serial = changed.clone(),
                2 => parts.validity = changed.clone(),
                3 => parts.subject = changed.clone(),
                4 => parts.key = changed.clone(),
                _ => parts.rest = changed.clone(),
            }
            check(&parts.der());
        }
    }
}

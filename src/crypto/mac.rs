//! HMAC-SHA256 (RFC 2104) with a key of 32 bytes.
//!
//! It is written here, since it is ten lines over SHA-256, and no other crate is needed for it.

use std::{array::from_fn, iter};

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::{Zeroize as _, Zeroizing, optimization_barrier};

use super::random::random;

/// Key, which is wiped when it is dropped.
pub(crate) struct MacKey(Box<Pads>);

/// The hashes that have read the key in its two forms: so no MAC reads it again.
struct Pads {
    inner: Sha256,
    outer: Sha256,
}

const KEY_BYTES: usize = 32;
/// A block of SHA-256.
const BLOCK_BYTES: usize = 64;

/// A MAC, as words: four words are compared faster than 32 bytes. It is wiped when it is dropped.
#[derive(Default)]
pub(crate) struct Mac([u64; 4]);

impl MacKey {
    /// Makes a key of 256 random bits. `None` if the system has none.
    pub(crate) fn random() -> Option<Self> {
        random().map(|key| Self::new(&Zeroizing::new(key)))
    }

    pub(crate) fn new(key: &[u8; KEY_BYTES]) -> Self {
        let padded = |pad: u8| {
            let mut block = Zeroizing::new([pad; BLOCK_BYTES]);
            for (byte, key) in iter::zip(&mut *block, key) {
                *byte ^= key;
            }
            Sha256::new().chain_update(*block)
        };
        Self(Box::new(Pads {
            inner: padded(0x36),
            outer: padded(0x5c),
        }))
    }

    /// The MAC of these parts, with the lengths of all in front.
    pub(crate) fn mac<const N: usize>(&self, parts: [&[u8]; N]) -> Mac {
        let lengths = parts.map(|part| (part.len() as u64).to_be_bytes());
        let mut hash = self.0.inner.clone();
        hash.update(lengths.as_flattened());
        for part in parts {
            hash.update(part);
        }
        self.end(hash)
    }

    /// The MAC of a message. Neither of them is secret.
    pub(crate) fn public_mac(&self, message: &[u8]) -> [u8; 32] {
        let inner = self.0.inner.clone().chain_update(message).finalize();
        self.0.outer.clone().chain_update(inner).finalize().into()
    }

    fn end(&self, inner: Sha256) -> Mac {
        let mut inner = inner.finalize();
        let outer = self.0.outer.clone().chain_update(inner);
        inner.fill(0);
        optimization_barrier(&inner);
        Mac::of(&outer.finalize().into())
    }
}

impl Mac {
    fn of(bytes: &[u8; 32]) -> Self {
        let (words, _) = bytes.as_chunks();
        Self(from_fn(|word| u64::from_ne_bytes(words[word])))
    }

    pub(crate) fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl Drop for Mac {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Drop for Pads {
    fn drop(&mut self) {
        self.inner = Sha256::new();
        self.outer = Sha256::new();
        optimization_barrier(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HMAC pads a shorter key with zeros.
    fn key(bytes: &[u8]) -> MacKey {
        let mut key = [0; KEY_BYTES];
        key[..bytes.len()].copy_from_slice(bytes);
        MacKey::new(&key)
    }

    fn hex(mac: &Mac) -> String {
        let bytes = mac.0.iter().flat_map(|word| word.to_ne_bytes());
        bytes.map(|byte| format!("{byte:02x}")).collect()
    }

    /// RFC 4231 §4.2, §4.3 and §4.5, whose keys are not longer than ours.
    #[test]
    fn it_is_the_hmac_of_rfc_4231() {
        let counting: Vec<u8> = (1..=25).collect();
        for (bytes, text, expected) in [
            (
                &[0x0b; 20][..],
                &b"Hi There"[..],
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &counting,
                &[0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
        ] {
            let key = key(bytes);
            let inner = key.0.inner.clone().chain_update(text);
            assert_eq!(hex(&key.end(inner)), expected);
            assert_eq!(hex(&Mac::of(&key.public_mac(text))), expected);
        }
    }

    /// The expected text is that of the module `hmac` of Python.
    #[test]
    fn the_lengths_of_all_parts_are_in_front() {
        assert_eq!(
            hex(&key(&[7; KEY_BYTES]).mac([b"a".as_slice(), b"bc"])),
            "e60d0598 52e10487 106fea39 2bad88b8 bc22c1d5 e244c8d7 b48aca8f 50a5fd27"
                .replace(' ', "")
        );
    }

    #[test]
    fn what_one_part_loses_another_does_not_gain() {
        let key = key(&[7; KEY_BYTES]);
        let macs = [("ab", "c"), ("a", "bc"), ("", "abc"), ("abc", "")]
            .map(|(one, other)| hex(&key.mac([one.as_bytes(), other.as_bytes()])));
        for (index, mac) in macs.iter().enumerate() {
            assert_eq!(macs.iter().position(|other| other == mac), Some(index));
        }
    }

    #[test]
    fn two_keys_differ() {
        let [one, other] = [MacKey::random(), MacKey::random()];
        let mac = |key: Option<MacKey>| hex(&key.expect("random bytes").mac([b"a"]));
        assert_ne!(mac(one), mac(other));
    }
}

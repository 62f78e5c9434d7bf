//! Memory that held a secret is overwritten before it is freed.

use std::{
    mem,
    ops::{Deref, DerefMut},
};

/// Bytes that are overwritten when they are dropped.
pub(crate) struct WipedBytes(Vec<u8>);

impl WipedBytes {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// The text of these bytes. They are wiped if they are not UTF-8.
    pub(crate) fn into_text(mut self) -> Option<WipedText> {
        match String::from_utf8(mem::take(&mut self.0)) {
            Ok(text) => Some(WipedText(text)),
            Err(error) => {
                self.0 = error.into_bytes();
                None
            }
        }
    }
}

impl From<&[u8]> for WipedBytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

/// A text that is overwritten when it is dropped.
pub(crate) struct WipedText(String);

impl From<String> for WipedText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Overwrites all of it at one stroke, also the spare room: a longer text may have
/// been there. `zeroize` goes through a `Vec` byte by byte, and through one without
/// memory at an address that is not mapped, which is slow.
fn wipe_bytes(bytes: &mut Vec<u8>) {
    if bytes.capacity() == 0 {
        return;
    }
    bytes.clear();
    bytes.resize(bytes.capacity(), 0);
    zeroize::optimization_barrier(bytes.as_slice());
}

impl Drop for WipedBytes {
    fn drop(&mut self) {
        wipe_bytes(&mut self.0);
    }
}

impl Drop for WipedText {
    fn drop(&mut self) {
        wipe_bytes(&mut mem::take(&mut self.0).into_bytes());
    }
}

impl Deref for WipedBytes {
    type Target = Vec<u8>;

    #[inline]
    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for WipedBytes {
    #[inline]
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl Deref for WipedText {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        &self.0
    }
}

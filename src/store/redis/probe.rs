//! Keys and values with which a store tests a server.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::error::{Problem, RedisStoreError};
use crate::crypto;

/// So many random keys hit a slot of another node, if the server is a node of a cluster.
pub(super) const KEYS: usize = 16;

/// A key that nobody else uses.
pub(super) fn key() -> Result<String, RedisStoreError> {
    let random = URL_SAFE_NO_PAD.encode(random()?);
    Ok(format!("token-endpoint:probe:{random}"))
}

pub(super) fn random() -> Result<[u8; 16], RedisStoreError> {
    crypto::random().ok_or_else(|| Problem::NoRandomness.into())
}

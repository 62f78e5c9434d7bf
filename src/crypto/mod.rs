//! Signatures, MACs and password hashes: the algorithms, and the only place that uses the
//! libraries for them. It knows nothing about tokens, clients or requests.

mod algorithm;
#[cfg(feature = "jwt")]
mod aws_lc;
mod comparable_key;
mod ed25519;
mod mac;
mod password_hash;
mod public_numbers;
mod random;
#[cfg(feature = "redis")]
mod sha1;
#[cfg(not(feature = "jwt"))]
mod without;
mod x509;

pub(crate) use self::algorithm::{Family, SigningAlgorithms};
pub use self::algorithm::{ParseSigningAlgorithmError, SigningAlgorithm};
#[cfg(feature = "jwt")]
pub(crate) use self::aws_lc::{PublicKey, prepare_decoys, verify, verify_hmac};
#[cfg(all(test, feature = "jwt"))]
pub(crate) use self::aws_lc::{parses, verifications};
pub(crate) use self::comparable_key::ComparableKey;
pub(crate) use self::mac::{Mac, MacKey};
pub(crate) use self::password_hash::PasswordHash;
pub use self::password_hash::{error::ParseSecretHashError, limits::HashLimits};
pub(crate) use self::public_numbers::{
    Curve, DEFAULT_RSA_BITS, MAX_RSA_BITS, MIN_RSA_BITS, PublicNumbers,
};
pub(crate) use self::random::random;
#[cfg(feature = "redis")]
pub(crate) use self::sha1::sha1_hex;
#[cfg(not(feature = "jwt"))]
pub(crate) use self::without::{PublicKey, verify, verify_hmac};
#[cfg(all(test, feature = "mtls"))]
pub(crate) use self::x509::tests::samples;
pub(crate) use self::x509::{
    Certificate, MAX_LEN as MAX_CERTIFICATE_LEN,
    fields::{Attribute, InvalidCertificate, NameKind},
    value::AttributeValue,
};

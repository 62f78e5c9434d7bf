//! The registered keys of a client, which are checked and parsed once (RFC 7591 §2,
//! OpenID Connect Registration §2).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::error::ClientMetadataError;
use crate::{
    crypto::{self, DEFAULT_RSA_BITS, Family, MIN_RSA_BITS, SigningAlgorithm},
    protocol::{
        auth_method::{AuthMethod, AuthMethods},
        client_secret::ClientSecret,
        jwt::key_set::KeySet,
        uri,
    },
};

/// Where the public keys of a client are.
#[derive(Clone, Debug)]
pub(crate) enum ClientKeys {
    /// The client has no keys, or none of its methods needs them.
    None,
    /// `jwks`
    Registered(Arc<KeySet>),
    /// `jwks_uri`
    At(Box<str>),
}

pub(super) const JWKS: &str = "jwks";
pub(super) const JWKS_URI: &str = "jwks_uri";
const SIGNING_ALG: &str = "token_endpoint_auth_signing_alg";
/// An extension of this crate.
pub(super) const MAX_RSA_BITS: &str = "max_rsa_bits";

impl ClientKeys {
    pub(super) fn read(
        methods: AuthMethods,
        metadata: &Map<String, Value>,
        algorithm: Option<SigningAlgorithm>,
    ) -> Result<Self, ClientMetadataError> {
        let max_rsa_bits = max_rsa_bits(metadata)?;
        if methods.contains(AuthMethod::SelfSignedTlsClientAuth) {
            check_certificates(metadata)?;
        }
        if !methods.contains(AuthMethod::PrivateKeyJwt) {
            return Ok(Self::None);
        }
        match (member(metadata, JWKS), member(metadata, JWKS_URI)) {
            (Some(_), Some(_)) => Err(ClientMetadataError::new(
                JWKS,
                "`jwks_uri` is also set: keep one of the two (RFC 7591 §2)",
            )),
            (Some(jwks), None) => {
                let keys = KeySet::registered(jwks, max_rsa_bits)
                    .map_err(|error| ClientMetadataError::new(JWKS, error.to_string()))?;
                match algorithm {
                    Some(algorithm) if !keys.has_key_for(algorithm) => {
                        Err(ClientMetadataError::new(
                            SIGNING_ALG,
                            format!(
                                "no key of `jwks` is for {algorithm}: add one, or change the algorithm"
                            ),
                        ))
                    }
                    Some(_) | None => Ok(Self::Registered(Arc::new(keys))),
                }
            }
            (None, Some(jwks_uri)) => match jwks_uri.as_str() {
                Some(jwks_uri) if uri::is_https_or_local(jwks_uri) => Ok(Self::At(jwks_uri.into())),
                Some(_) | None => Err(ClientMetadataError::new(
                    JWKS_URI,
                    "it must be a URL such as https://client.example.org/jwks.json: without https, \
                     anybody on the network path could replace the keys",
                )),
            },
            // This was refused before: every method needs its credential.
            (None, None) => Ok(Self::None),
        }
    }
}

/// The size of the largest RSA key that the client may register.
fn max_rsa_bits(metadata: &Map<String, Value>) -> Result<usize, ClientMetadataError> {
    let Some(registered) = member(metadata, MAX_RSA_BITS) else {
        return Ok(DEFAULT_RSA_BITS);
    };
    let bits = registered.as_u64().and_then(|bits| bits.try_into().ok());
    bits.filter(|bits| (MIN_RSA_BITS..=crypto::MAX_RSA_BITS).contains(bits))
        .ok_or_else(|| {
            let problem = "it must be a number of bits from 2048 to 8192";
            ClientMetadataError::new(MAX_RSA_BITS, problem)
        })
}

/// Checks that there are certificates (RFC 8705 §2.2.2), which are not read so far.
fn check_certificates(metadata: &Map<String, Value>) -> Result<(), ClientMetadataError> {
    let keys = member(metadata, JWKS).map(|jwks| jwks.get("keys").and_then(Value::as_array));
    if keys.is_some_and(|keys| keys.is_none_or(Vec::is_empty)) {
        return Err(ClientMetadataError::new(
            JWKS,
            "it must be an object with an array `keys` of at least one key",
        ));
    }
    let jwks_uri = member(metadata, JWKS_URI).map(Value::as_str);
    if jwks_uri.is_some_and(|jwks_uri| !jwks_uri.is_some_and(uri::is_absolute)) {
        return Err(ClientMetadataError::new(JWKS_URI, "it must be a URL"));
    }
    Ok(())
}

/// The one algorithm of the client's assertions, if it registered one.
pub(super) fn signing_algorithm(
    methods: AuthMethods,
    metadata: &Map<String, Value>,
) -> Result<Option<SigningAlgorithm>, ClientMetadataError> {
    let Some(registered) = member(metadata, SIGNING_ALG) else {
        return Ok(None);
    };
    let Some(name) = registered.as_str() else {
        return Err(ClientMetadataError::new(SIGNING_ALG, "it must be a string"));
    };
    let algorithm: SigningAlgorithm = name
        .parse()
        .map_err(|error| ClientMetadataError::new(SIGNING_ALG, format!("{name:?}: {error}")))?;
    let method = AuthMethod::of_assertion(algorithm);
    let mut takes_assertions = methods.iter().filter(|method| method.is_assertion());
    if takes_assertions.next().is_some() && !methods.contains(method) {
        return Err(ClientMetadataError::new(
            SIGNING_ALG,
            format!("{algorithm} is for `{method}`, which is not a method of the client"),
        ));
    }
    Ok(Some(algorithm))
}

/// RFC 7518 §3.2: the key of an HMAC is at least as long as the hash.
pub(super) fn check_hmac_secrets(
    secrets: &[ClientSecret],
    algorithm: Option<SigningAlgorithm>,
) -> Result<(), ClientMetadataError> {
    const FIELD: &str = "client_secret";
    let algorithm = algorithm.unwrap_or(SigningAlgorithm::HS256);
    let Family::Hmac { secret_len } = algorithm.family() else {
        return Ok(());
    };
    let mut plain = secrets.iter().filter_map(ClientSecret::as_plain).peekable();
    if plain.peek().is_none() {
        return Err(ClientMetadataError::new(
            FIELD,
            "`client_secret_jwt` needs the secret itself, which is the key of an HMAC: \
             pass it as `ClientSecret::plain`",
        ));
    }
    match plain.find(|secret| secret.expose_secret().len() < secret_len) {
        Some(_) => Err(ClientMetadataError::new(
            FIELD,
            format!("it is too short: {algorithm} needs {secret_len} bytes (RFC 7518 §3.2)"),
        )),
        None => Ok(()),
    }
}

/// `null` counts as absent (RFC 7592 §2.2).
pub(super) fn member<'m>(metadata: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    metadata.get(name).filter(|value| !value.is_null())
}

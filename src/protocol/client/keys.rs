//! The registered keys of a client, which are checked and parsed once (RFC 7591 §2,
//! OpenID Connect Registration §2).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    members::{CLIENT_SECRETS, is_omitted},
    problem::{Found, kind},
};
use crate::{
    crypto::{self, DEFAULT_RSA_BITS, Family, MIN_RSA_BITS, SigningAlgorithm},
    protocol::{
        auth_method::{AuthMethod, AuthMethods},
        client_secret::ClientSecret,
        jwt::key_set::{self, KeySet, KeySetError},
        quoted::Quoted,
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
pub(super) const SIGNING_ALG: &str = "token_endpoint_auth_signing_alg";
/// An extension of this crate.
pub(super) const MAX_RSA_BITS_MEMBER: &str = "max_rsa_bits";

impl ClientKeys {
    pub(super) fn read(
        methods: AuthMethods,
        metadata: &Map<String, Value>,
        algorithm: Option<SigningAlgorithm>,
        found: &mut Found,
    ) -> Self {
        let max_rsa_bits = max_rsa_bits(metadata, found);
        let (jwks, jwks_uri) = (member(metadata, JWKS), member(metadata, JWKS_URI));
        if jwks.is_some() && jwks_uri.is_some() {
            found.problem(
                JWKS,
                "`jwks_uri` is also set: keep one of the two (RFC 7591 §2)",
            );
            return Self::None;
        }
        let signs = methods.contains(AuthMethod::PrivateKeyJwt);
        if !signs && !methods.contains(AuthMethod::SelfSignedTlsClientAuth) {
            return Self::None;
        }
        match (jwks, jwks_uri) {
            (Some(jwks), _) if signs => registered(jwks, max_rsa_bits, algorithm, found),
            (Some(jwks), _) => of_certificates(jwks, found),
            (None, Some(jwks_uri)) => match jwks_uri.as_str() {
                Some(jwks_uri) if uri::is_https_or_local(jwks_uri) => Self::At(jwks_uri.into()),
                Some(_) => {
                    found.problem(
                        JWKS_URI,
                        "it must be a URL such as https://client.example.org/jwks.json: without \
                         https, anybody on the network path could replace the keys",
                    );
                    Self::None
                }
                None => {
                    let text = format!("it is {}: write a URL as a string", kind(jwks_uri));
                    found.problem(JWKS_URI, text);
                    Self::None
                }
            },
            // That is a problem of its own: every method needs its credential.
            (None, None) => Self::None,
        }
    }
}

/// The size of the largest RSA key that the client may register.
fn max_rsa_bits(metadata: &Map<String, Value>, found: &mut Found) -> usize {
    let Some(registered) = member(metadata, MAX_RSA_BITS_MEMBER) else {
        return DEFAULT_RSA_BITS;
    };
    let bits = registered.as_u64().and_then(|bits| bits.try_into().ok());
    let bits = bits.filter(|bits| (MIN_RSA_BITS..=crypto::MAX_RSA_BITS).contains(bits));
    bits.unwrap_or_else(|| {
        found.problem(
            MAX_RSA_BITS_MEMBER,
            "it must be a number of bits from 2048 to 8192",
        );
        // So that no key is refused for it as well.
        crypto::MAX_RSA_BITS
    })
}

/// Reads `jwks`.
fn registered(
    jwks: &Value,
    max_rsa_bits: usize,
    algorithm: Option<SigningAlgorithm>,
    found: &mut Found,
) -> ClientKeys {
    let keys = match KeySet::registered(jwks, max_rsa_bits) {
        Ok(keys) => keys,
        Err(KeySetError::NotASet(problem)) => {
            found.problem(JWKS, problem);
            return ClientKeys::None;
        }
        Err(KeySetError::NoKey(skipped) | KeySetError::NoCertifiedKey(skipped)) => {
            for key in skipped {
                found.key_problem(JWKS, key);
            }
            return ClientKeys::None;
        }
    };
    for key in keys.skipped() {
        found.key_warning(JWKS, key.clone());
    }
    for key in key_set::private_keys(jwks) {
        found.key_warning(JWKS, key);
    }
    match algorithm {
        Some(algorithm) if !keys.has_key_for(algorithm) => found.problem(
            SIGNING_ALG,
            format!("no key of `jwks` is for {algorithm}: add one, or change the algorithm"),
        ),
        Some(_) | None => match keys.never_chosen(algorithm) {
            Ok(never) => {
                for key in never {
                    found.key_warning(JWKS, key);
                }
            }
            Err(never) => {
                for key in never {
                    found.key_problem(JWKS, key);
                }
            }
        },
    }
    ClientKeys::Registered(Arc::new(keys))
}

/// Reads `jwks` of a client that has keys for its certificates only (RFC 8705 §2.2.2).
fn of_certificates(jwks: &Value, found: &mut Found) -> ClientKeys {
    match KeySet::of_certificates(jwks) {
        Ok(keys) => {
            for key in keys.skipped() {
                found.key_warning(JWKS, key.clone());
            }
            for key in key_set::private_keys(jwks) {
                found.key_warning(JWKS, key);
            }
            ClientKeys::Registered(Arc::new(keys))
        }
        Err(KeySetError::NotASet(problem)) => {
            found.problem(JWKS, problem);
            ClientKeys::None
        }
        Err(KeySetError::NoKey(skipped) | KeySetError::NoCertifiedKey(skipped)) => {
            if skipped.is_empty() {
                found.problem(
                    JWKS,
                    "none of its keys can be that of a certificate: add a key with its numbers, \
                     `x5c` or `x5t#S256` (RFC 8705 §2.2.2)",
                );
            }
            for key in skipped {
                found.key_problem(JWKS, key);
            }
            ClientKeys::None
        }
    }
}

/// The one algorithm of the client's assertions, if it registered one.
pub(super) fn signing_algorithm(
    methods: AuthMethods,
    metadata: &Map<String, Value>,
    found: &mut Found,
) -> Option<SigningAlgorithm> {
    let registered = member(metadata, SIGNING_ALG)?;
    let Some(name) = registered.as_str() else {
        let text = format!(
            "it is {}: write one algorithm as a string, such as \"ES256\"",
            kind(registered)
        );
        found.problem(SIGNING_ALG, text);
        return None;
    };
    let algorithm: SigningAlgorithm = match name.parse() {
        Ok(algorithm) => algorithm,
        Err(error) => {
            found.problem(SIGNING_ALG, format!("{}: {error}", Quoted(name)));
            return None;
        }
    };
    let method = AuthMethod::of_assertion(algorithm);
    let mut takes_assertions = methods.iter().filter(|method| method.is_assertion());
    if takes_assertions.next().is_some() && !methods.contains(method) {
        let text = format!("{algorithm} is for `{method}`, which is not a method of the client");
        found.problem(SIGNING_ALG, text);
    }
    Some(algorithm)
}

/// RFC 7518 §3.2: the key of an HMAC is at least as long as the hash.
pub(super) fn check_hmac_secrets(
    secrets: &[ClientSecret],
    algorithm: Option<SigningAlgorithm>,
    found: &mut Found,
) {
    const FIELD: &str = "client_secret";
    let algorithm = algorithm.unwrap_or(SigningAlgorithm::HS256);
    let Family::Hmac { secret_len } = algorithm.family() else {
        return;
    };
    let mut plain = secrets.iter().filter_map(ClientSecret::as_plain).peekable();
    if found.names(FIELD) || found.names(CLIENT_SECRETS) {
        // It was called missing or wrong before.
    } else if plain.peek().is_none() {
        found.problem(
            FIELD,
            "`client_secret_jwt` needs the secret itself, which is the key of an HMAC: \
             write it as `client_secret`, or as `secret` in `client_secrets`, or pass it as \
             `ClientSecret::plain`",
        );
    } else if plain.any(|secret| secret.expose_secret().len() < secret_len) {
        let text = format!(
            "it is too short, or one of `client_secrets` is: {algorithm} needs {secret_len} bytes (RFC 7518 §3.2)"
        );
        found.problem(FIELD, text);
    }
}

/// The member, if it counts as there.
pub(super) fn member<'m>(metadata: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    metadata.get(name).filter(|value| !is_omitted(value))
}

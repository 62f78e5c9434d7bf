//! `private_key_jwt` and `client_secret_jwt`: a client assertion in the body
//! (RFC 7521 §4.2).
//!
//! It is seen, counts as a mechanism, and is refused: this build verifies none.

use crate::protocol::{
    rejection::{Reason, Rejection},
    secret::Secret,
};

pub(crate) const CLIENT_ASSERTION: &str = "client_assertion";
pub(crate) const CLIENT_ASSERTION_TYPE: &str = "client_assertion_type";

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(super) fn check(
    assertion: Option<&Secret>,
    assertion_type: Option<&str>,
) -> Result<(), Rejection> {
    match (assertion, assertion_type) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(Rejection::naming(
            Reason::MissingClientAssertionType,
            CLIENT_ASSERTION_TYPE,
        )),
        (None, Some(_)) => Err(Rejection::naming(
            Reason::MissingClientAssertion,
            CLIENT_ASSERTION,
        )),
        (Some(_), Some(JWT_BEARER)) => Err(Reason::MethodNotVerifiable.into()),
        (Some(_), Some(_)) => Err(Reason::UnknownAssertionType.into()),
    }
}

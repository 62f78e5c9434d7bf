//! `client_secret_post`: id and secret in the body (RFC 6749 §2.3.1).

use super::readings::{Reading, Readings};
use crate::protocol::{
    incoming::form::CLIENT_ID, reason::RejectionReason, rejection::Rejection, secret::Secret,
};

pub(super) fn readings(client_id: Option<&str>, secret: &Secret) -> Result<Readings, Rejection> {
    let client_id =
        client_id.ok_or_else(|| Rejection::naming(RejectionReason::MissingClientId, CLIENT_ID))?;
    let reading = Reading::new(client_id, secret.expose_secret());
    Ok(Readings::one(reading))
}

//! `client_secret_post`: id and secret in the body (RFC 6749 §2.3.1).

use super::{Credentials, Reading, none};
use crate::protocol::{
    auth_method::AuthMethod, reason::Reason, rejection::Rejection, secret::Secret,
};

pub(crate) const CLIENT_SECRET: &str = "client_secret";

pub(super) fn credentials(
    client_id: Option<&str>,
    secret: Secret,
) -> Result<Credentials, Rejection> {
    let client_id =
        client_id.ok_or_else(|| Rejection::naming(Reason::MissingClientId, none::CLIENT_ID))?;
    Ok(Credentials::new(
        AuthMethod::ClientSecretPost,
        Reading::new(client_id, secret.expose()),
    ))
}

//! `client_secret_post`: id and secret in the body (RFC 6749 §2.3.1).

use std::borrow::Cow;

use super::{Credentials, Reading, none};
use crate::protocol::{
    auth_method::AuthMethod,
    rejection::{Reason, Rejection},
    secret::Secret,
};

pub(crate) const CLIENT_SECRET: &str = "client_secret";

pub(super) fn credentials(
    client_id: Option<&str>,
    secret: Cow<'_, str>,
) -> Result<Credentials, Rejection> {
    let secret = Secret::new(secret);
    let client_id =
        client_id.ok_or_else(|| Rejection::naming(Reason::MissingClientId, none::CLIENT_ID))?;
    Ok(Credentials::new(
        AuthMethod::ClientSecretPost,
        Reading::new(client_id, secret.expose()),
    ))
}

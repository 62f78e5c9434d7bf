//! `none`: a public client says who it is (RFC 6749 §3.2.1).

use super::{Credentials, Reading};
use crate::protocol::auth_method::AuthMethod;

pub(crate) const CLIENT_ID: &str = "client_id";

pub(super) fn credentials(client_id: &str) -> Credentials {
    Credentials::new(AuthMethod::None, Reading::new(client_id, ""))
}

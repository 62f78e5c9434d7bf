use std::sync::Arc;

use http::request::Parts;
use tower_token_endpoint::{Client, store::ClientStore};

#[cfg(fixed)]
use tower_token_endpoint::BoxError as Error;

#[cfg(not(fixed))]
struct Error;

struct Clients;

impl ClientStore for Clients {
    type Error = Error;

    async fn find(&self, _: &str, _: &Parts) -> Result<Option<Arc<Client>>, Error> {
        Ok(None)
    }
}

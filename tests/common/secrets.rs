//! Secrets of registered clients.

use tower_token_endpoint::client::ClientSecret;

/// What a client is registered with in one word: a text as its SHA-256, or the secret itself.
pub(crate) trait Registered {
    fn registered(self) -> ClientSecret;
}

impl Registered for &str {
    fn registered(self) -> ClientSecret {
        ClientSecret::sha256_of(self)
    }
}

impl Registered for ClientSecret {
    fn registered(self) -> ClientSecret {
        self
    }
}

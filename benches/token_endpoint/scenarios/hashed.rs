//! Clients whose secrets are hashes as long as those of Argon2. They are computed once, before the
//! clock starts, so it does not matter how.

use std::sync::Arc;

use tower_token_endpoint::client::{ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::hashing::RememberedSecrets;
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::requests::{ISSUER, TOKEN_PATH, client_id, secret};

#[derive(Debug)]
struct Hash {
    secret: Secret,
    stored: String,
}

impl SecretHash for Hash {
    fn kind(&self) -> &str {
        "argon2id,m=19456,t=2,p=1"
    }

    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
        SecretCheck::blocking(move || self.secret.matches(presented.expose_secret()))
    }

    fn stored(&self) -> Option<&[u8]> {
        Some(self.stored.as_bytes())
    }
}

/// The layer, which remembers, with so many such clients.
pub(super) fn remembering(clients: usize) -> TokenEndpointLayer<MemoryClientStore> {
    let clients = (0..clients).map(|n| {
        let hash = Hash {
            secret: Secret::new(secret(n)),
            stored: format!("$argon2id$v=19$m=19456,t=2,p=1${}${n:043}", secret(n)),
        };
        Client::builder(client_id(n))
            .secret(ClientSecret::hashed(Arc::new(hash)))
            .grant_types([GrantType::ClientCredentials, GrantType::RefreshToken])
            .scope("read write profile")
            .build()
            .expect("a client")
    });
    TokenEndpointLayer::builder(
        MemoryClientStore::new(clients).expect("no id twice"),
        ISSUER,
    )
    .path(TOKEN_PATH)
    .remember_verified_secrets(RememberedSecrets::new())
    .build()
    .expect("settings that agree")
}

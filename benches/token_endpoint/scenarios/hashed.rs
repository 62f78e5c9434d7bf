//! Clients whose secrets are hashes of Argon2. Each is computed once, before the clock starts, so
//! they are as small as they can be.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tower_token_endpoint::client::ClientSecret;
use tower_token_endpoint::client::hashing::RememberedSecrets;
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::requests::{ISSUER, TOKEN_PATH, client_id, secret};

/// The PHC string of a secret.
fn hash(n: usize) -> String {
    let params = Params::new(8, 1, 1, None).expect("the least that Argon2 allows");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = format!("{n:016}");
    let mut output = [0; 32];
    argon2
        .hash_password_into(secret(n).as_bytes(), salt.as_bytes(), &mut output)
        .expect("a salt of 16 bytes");
    let [salt, output] = [salt.as_bytes(), &output].map(|it| STANDARD_NO_PAD.encode(it));
    format!("$argon2id$v=19$m=8,t=1,p=1${salt}${output}")
}

/// The layer, which remembers, with so many such clients.
pub(super) fn remembering(clients: usize) -> TokenEndpointLayer<MemoryClientStore> {
    let clients = (0..clients).map(|n| {
        Client::builder(client_id(n))
            .secret(ClientSecret::from_hash(&hash(n)).expect("a PHC string"))
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

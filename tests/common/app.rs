//! The clients `app` and `spa`, which both composition crates register.

use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::{Client, GrantType, MemoryClientStore};

/// What `app` asks for.
pub(crate) const CC_READ: &str = "grant_type=client_credentials&scope=read";

/// Clients `app` (confidential, secret `s3cret`) and `spa` (public).
pub(crate) fn clients() -> MemoryClientStore {
    let app = Client::builder("app")
        .secret(ClientSecret::sha256_of("s3cret"))
        .auth_methods([AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost])
        .grant_types([
            GrantType::ClientCredentials,
            GrantType::AuthorizationCode,
            GrantType::DeviceCode,
            GrantType::Ciba,
        ])
        .scope("read write")
        .build()
        .expect("a valid client");
    let spa = Client::builder("spa")
        .auth_method(AuthMethod::None)
        .build()
        .expect("a valid client");
    MemoryClientStore::new([app, spa]).expect("two different ids")
}

#[cfg(fixed)]
use tower_token_endpoint::MemoryClientStore;
use tower_token_endpoint::{BoxError, Client, TokenEndpointLayer};

pub fn run(clients: Vec<Client>) -> Result<(), BoxError> {
    #[cfg(fixed)]
    let clients = MemoryClientStore::new(clients)?;
    let layer = TokenEndpointLayer::builder(clients, "https://as.example.com").build()?;
    Ok(())
}

use tower_token_endpoint::{BoxError, MemoryClientStore, TokenEndpointLayer};

pub fn run() -> Result<(), BoxError> {
    let clients = MemoryClientStore::from_json(b"[]");
    #[cfg(fixed)]
    let clients = clients?;
    let layer = TokenEndpointLayer::builder(clients, "https://as.example.com").build()?;
    Ok(())
}

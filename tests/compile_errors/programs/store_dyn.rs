#[cfg(fixed)]
use tower_token_endpoint::store::BoxClientStore;
use tower_token_endpoint::{BoxError, TokenEndpointLayer, store::ClientStore};

#[cfg(not(fixed))]
type Clients = std::sync::Arc<dyn ClientStore<Error = BoxError>>;
#[cfg(fixed)]
type Clients = BoxClientStore;

pub fn run(clients: Clients) -> Result<(), BoxError> {
    let layer = TokenEndpointLayer::builder(clients, "https://as.example.com").build()?;
    Ok(())
}

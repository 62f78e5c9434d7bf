//! What is kept elsewhere and may be shared by many machines.

mod client_store;
mod memory_clients;

pub use self::{
    client_store::ClientStore,
    memory_clients::{LoadError, MemoryClients},
};

/// The error of a store, of whatever type.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

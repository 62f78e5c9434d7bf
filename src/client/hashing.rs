//! Where slow hashes run, and which secrets matched one before.
//!
//! A [`SecretHash`] that computes a hash takes milliseconds, on purpose, and anybody can make
//! the server compute one. So hashes do not run on the task that serves the request:
//!
//! 1. The layer looks up the client and lists the hashes that it has to compute. The list has the
//!    same length for every client, and for a client that does not exist.
//! 2. If the layer [remembers](RememberedSecrets) that one of them matched the same secret
//!    before, the client is accepted at once.
//! 3. Otherwise, each hash waits for a permit of the [`HashPool`] and then runs on a blocking
//!    thread of the tokio runtime. It holds the permit until it has ended, even if the client
//!    goes away. When a hash matches and the client is accepted, no other hash is
//!    computed.
//! 4. A request that waits for permits for too long, or behind too many others, gets a 503
//!    with [`HashingOverloaded`](crate::rejection::RejectionReason::HashingOverloaded).
//!
//! If a hash panics, the panic goes on in the task of the request, so that a layer outside
//! can catch it. Outside of a tokio runtime, hashes are computed in place. Work of
//! [`SecretCheck::future`](crate::client::SecretCheck::future), such as a question to a vault,
//! does not use the pool.
//!
//! ```
//! use tower_token_endpoint::{
//!     MemoryClientStore, TokenEndpointLayer,
//!     client::hashing::{HashPool, RememberedSecrets},
//! };
//!
//! # let clients = MemoryClientStore::from_json(b"[]")?;
//! let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
//!     .hash_pool(HashPool::new().queue(40))
//!     .remember_verified_secrets(RememberedSecrets::new())
//!     .build()?;
//! # Ok::<_, tower_token_endpoint::BoxError>(())
//! ```
//!
//! [`SecretHash`]: crate::client::SecretHash

pub use crate::{service::hash_pool::HashPool, store::memory::remembered::RememberedSecrets};

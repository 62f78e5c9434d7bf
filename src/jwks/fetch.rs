//! Fetches URLs that a client chose, over https: key sets, and the documents of clients.
//!
//! A client chooses a URI, such as its `jwks_uri` or its `client_id`, and the server fetches from there, from inside
//! its own network. A [`GuardedFetch`] keeps the client from reaching into that network, and has
//! the settings of the fetch:
//!
//! ```no_run
//! use tower_token_endpoint::jwks::{HttpJwksSource, fetch::GuardedFetch};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let fetch = GuardedFetch::for_internal_networks()
//!     .networks(["10.20.0.0/16".parse()?])
//!     .build()?;
//! let source = HttpJwksSource::with_fetch(fetch);
//! # Ok(())
//! # }
//! ```

pub use crate::store::fetch::{
    GuardedFetch,
    error::FetchError,
    internal::GuardedFetchBuilder,
    network::{IpNetwork, ParseIpNetworkError},
    resolve::HostResolver,
};

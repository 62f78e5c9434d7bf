//! The whole exchange, published vectors, and values at the edges of what is valid.

#[cfg(feature = "jwt")]
mod edge_values;
mod exchange;
#[cfg(feature = "jwt")]
mod vectors;

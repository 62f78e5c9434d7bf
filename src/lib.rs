//! A tower middleware for the OAuth 2.0 token endpoint.
#![forbid(unsafe_code)]

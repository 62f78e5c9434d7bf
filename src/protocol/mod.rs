//! The decisions: pure steps from the bytes of a request to an accepted one or
//! a rejection. No I/O, no clock, no runtime; [`exchange`] is the chain.

pub(crate) mod answer;
pub(crate) mod auth_method;
pub(crate) mod client;
pub(crate) mod credentials;
pub(crate) mod endpoint;
pub(crate) mod error;
pub(crate) mod exchange;
pub(crate) mod form;
pub(crate) mod grant;
pub(crate) mod head;
pub(crate) mod jwt;
pub(crate) mod parameters;
pub(crate) mod proof;
pub(crate) mod rejection;
pub(crate) mod replay;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod scope;
pub(crate) mod secret;
pub(crate) mod token_response;
pub(crate) mod uri;

//! Responses: the error codes, the bodies, and how a rejection becomes a response.

pub(crate) mod error_code;
pub(crate) mod error_response;
pub(crate) mod headers;
pub(crate) mod json;
pub(crate) mod respond;
pub(crate) mod token_error;
pub(crate) mod token_response;

//! Errors with a description.

use tower_token_endpoint::{ErrorCode, TokenError};

pub(crate) fn refuse<T>(code: ErrorCode, description: &'static str) -> Result<T, TokenError> {
    Err(TokenError::new(code).description(description))
}

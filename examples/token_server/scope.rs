//! Which scope a client gets.

use std::sync::Arc;

use tower_token_endpoint::{Client, ErrorCode, TokenError, grant::Scope};

/// The longest scope that is kept, in bytes.
const LIMIT: usize = 4096;

/// The scope to grant. If the client asks for none, it is its registered one. A client
/// that registered no scope has none.
pub(crate) fn granted(
    client: &Client,
    asked: Option<Scope<'_>>,
) -> Result<Option<Arc<str>>, TokenError> {
    let registered = client.scope().filter(|scope| !scope.as_str().is_empty());
    if let Some(asked) = asked
        && !registered.is_some_and(|registered| registered.includes(asked))
    {
        return invalid_scope(
            "the scope is beyond the registered one of the client: leave it out or register it",
        );
    }
    asked.or(registered).map(bounded).transpose()
}

/// The scope to keep, or an error if it is too long to be kept for many tokens.
fn bounded(scope: Scope<'_>) -> Result<Arc<str>, TokenError> {
    if scope.as_str().len() > LIMIT {
        return invalid_scope("the scope is too long: ask for less");
    }
    Ok(scope.as_str().into())
}

/// The scope of a refresh (RFC 6749 §6), which is at most what was granted.
pub(crate) fn narrowed(asked: Scope<'_>, granted: Option<&str>) -> Result<Arc<str>, TokenError> {
    let granted = granted.and_then(|granted| Scope::parse(granted).ok());
    if !granted.is_some_and(|granted| granted.includes(asked)) {
        return invalid_scope(
            "the scope is wider than what was granted: ask for less or leave it out",
        );
    }
    bounded(asked)
}

fn invalid_scope<T>(description: &'static str) -> Result<T, TokenError> {
    Err(TokenError::new(ErrorCode::InvalidScope).description(description))
}

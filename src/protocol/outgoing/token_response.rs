//! The answer of an inner service that issues a token (RFC 6749 §5.1).

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Map, Value};

use super::json;

/// A successful answer of the token endpoint, with the headers and the JSON
/// body of [RFC 6749 §5.1].
///
/// With feature `axum` it is an `IntoResponse`; elsewhere [`into_http`] makes
/// an [`http::Response`] of it.
///
/// ```
/// use std::time::Duration;
/// use bytes::Bytes;
/// use tower_token_endpoint::TokenResponse;
///
/// let answer = TokenResponse::bearer("2YotnFZFEjr1zCsicMWpAA")
///     .expires_in(Duration::from_secs(3600))
///     .scope("read write")
///     .into_http::<Bytes>();
///
/// assert_eq!(answer.headers()["cache-control"], "no-store");
/// let body: serde_json::Value = serde_json::from_slice(answer.body())?;
/// assert_eq!(body["token_type"], "Bearer");
/// assert_eq!(body["expires_in"], 3600);
/// # Ok::<_, serde_json::Error>(())
/// ```
///
/// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
/// [`into_http`]: Self::into_http
#[derive(Clone)]
pub struct TokenResponse(Map<String, Value>);

impl TokenResponse {
    /// An answer with an access token of type `Bearer` (RFC 6750).
    #[must_use]
    pub fn bearer(access_token: impl Into<String>) -> Self {
        Self(Map::new())
            .parameter("access_token", access_token.into())
            .token_type("Bearer")
    }

    /// Sets `token_type`, such as `DPoP` (RFC 9449 §5). **Default: `Bearer`.**
    #[must_use]
    pub fn token_type(self, token_type: impl Into<String>) -> Self {
        self.parameter("token_type", token_type.into())
    }

    /// Sets `expires_in`, the lifetime of the access token, in whole seconds
    /// rounded down. **Default: none**, though RFC 6749 §5.1 recommends it.
    #[must_use]
    pub fn expires_in(self, lifetime: Duration) -> Self {
        self.parameter("expires_in", lifetime.as_secs())
    }

    /// Sets `refresh_token` (RFC 6749 §6). **Default: none.**
    #[must_use]
    pub fn refresh_token(self, refresh_token: impl Into<String>) -> Self {
        self.parameter("refresh_token", refresh_token.into())
    }

    /// Sets `scope`, needed where it is not what the client asked for
    /// (RFC 6749 §5.1). **Default: none.**
    #[must_use]
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.parameter("scope", scope.into())
    }

    /// Sets `id_token` (OpenID Connect Core §3.1.3.3). **Default: none.**
    #[must_use]
    pub fn id_token(self, id_token: impl Into<String>) -> Self {
        self.parameter("id_token", id_token.into())
    }

    /// Sets `issued_token_type`, needed in a token exchange (RFC 8693 §2.2.1).
    /// **Default: none.**
    #[must_use]
    pub fn issued_token_type(self, token_type: impl Into<String>) -> Self {
        self.parameter("issued_token_type", token_type.into())
    }

    /// Sets any other member (RFC 6749 §8.2). **Default: none.**
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Renders the answer.
    #[must_use]
    pub fn into_http<B: From<Bytes>>(self) -> Response<B> {
        let body = Value::Object(self.0).to_string();
        json::response(StatusCode::OK, HeaderMap::new(), body.into()).map(B::from)
    }
}

impl From<TokenResponse> for Response<Bytes> {
    fn from(response: TokenResponse) -> Self {
        response.into_http()
    }
}

/// Shows the names of the members: most of the values are secrets.
impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenResponse ")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_of_rfc_6749_5_1() {
        let response = TokenResponse::bearer("2YotnFZFEjr1zCsicMWpAA")
            .expires_in(Duration::from_millis(3_600_999))
            .refresh_token("tGzv3JOkF0XG5Qx2TlKWIA")
            .parameter("example_parameter", "example_value");
        assert!(!format!("{response:?}").contains("tGzv3JOkF0XG5Qx2TlKWIA"));

        let answer = response.into_http::<Bytes>();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["pragma"], "no-cache");
        let body: Value = serde_json::from_slice(answer.body()).expect("JSON");
        assert_eq!(
            body,
            serde_json::json!({
                "access_token": "2YotnFZFEjr1zCsicMWpAA",
                "token_type": "Bearer",
                "expires_in": 3600,
                "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
                "example_parameter": "example_value",
            })
        );
    }
}

//! The response of an inner service that issues a token (RFC 6749 §5.1).

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Map, Value};

use super::json;

/// Successful response of the token endpoint, with the headers and the JSON body of
/// [RFC 6749 §5.1].
///
/// With feature `axum`, it implements `IntoResponse`, so a handler can return it. Without
/// axum, [`into_http`] returns an [`http::Response`].
///
/// ```
/// use std::time::Duration;
/// use bytes::Bytes;
/// use tower_token_endpoint::TokenResponse;
///
/// let response = TokenResponse::bearer("2YotnFZFEjr1zCsicMWpAA")
///     .expires_in(Duration::from_secs(3600))
///     .scope("read write")
///     .into_http::<Bytes>();
///
/// assert_eq!(response.headers()["cache-control"], "no-store");
/// let body: serde_json::Value = serde_json::from_slice(response.body())?;
/// assert_eq!(body["token_type"], "Bearer");
/// assert_eq!(body["expires_in"], 3600);
/// # Ok::<_, serde_json::Error>(())
/// ```
///
/// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
/// [`into_http`]: Self::into_http
/// [`http::Response`]: https://docs.rs/http/1/http/response/struct.Response.html
#[derive(Clone)]
#[must_use = "a response does nothing until it is returned"]
pub struct TokenResponse(Map<String, Value>);

impl TokenResponse {
    /// Makes a response with an access token of type `Bearer` (RFC 6750).
    pub fn bearer(access_token: impl Into<String>) -> Self {
        Self(Map::new())
            .parameter("access_token", access_token.into())
            .token_type("Bearer")
    }

    /// Makes a response with an access token of type `DPoP`, which is bound to a key: see
    /// [`dpop_thumbprint`](crate::TokenRequest::dpop_thumbprint)
    /// ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)).
    ///
    /// ```
    /// use tower_token_endpoint::{TokenRequest, TokenResponse};
    ///
    /// fn issue(request: &TokenRequest, access_token: String) -> TokenResponse {
    ///     match request.dpop_thumbprint() {
    ///         Some(_jkt) => TokenResponse::dpop(access_token), // and the token has it in `cnf`
    ///         None => TokenResponse::bearer(access_token),
    ///     }
    /// }
    /// ```
    pub fn dpop(access_token: impl Into<String>) -> Self {
        Self::bearer(access_token).token_type("DPoP")
    }

    /// Sets `token_type`, such as `N_A` (RFC 8693 §2.2.1).
    ///
    /// **Default: `Bearer`.**
    ///
    /// RFC 6749 §7.1.
    pub fn token_type(self, token_type: impl Into<String>) -> Self {
        self.parameter("token_type", token_type.into())
    }

    /// Sets `expires_in`, the lifetime of the access token. It is rounded down to whole
    /// seconds.
    ///
    /// **Default: none.** RFC 6749 §5.1 recommends it.
    pub fn expires_in(self, lifetime: Duration) -> Self {
        self.parameter("expires_in", lifetime.as_secs())
    }

    /// Sets `refresh_token`.
    ///
    /// **Default: none.**
    ///
    /// RFC 6749 §6.
    pub fn refresh_token(self, refresh_token: impl Into<String>) -> Self {
        self.parameter("refresh_token", refresh_token.into())
    }

    /// Sets `scope`. It is required if it is not the scope that the client asked for.
    ///
    /// **Default: none.**
    ///
    /// RFC 6749 §5.1.
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.parameter("scope", scope.into())
    }

    /// Sets `id_token`.
    ///
    /// **Default: none.**
    ///
    /// OpenID Connect Core §3.1.3.3.
    pub fn id_token(self, id_token: impl Into<String>) -> Self {
        self.parameter("id_token", id_token.into())
    }

    /// Sets `issued_token_type`, which a token exchange requires.
    ///
    /// **Default: none.**
    ///
    /// RFC 8693 §2.2.1.
    pub fn issued_token_type(self, token_type: impl Into<String>) -> Self {
        self.parameter("issued_token_type", token_type.into())
    }

    /// Sets another member of the JSON body, with any JSON value.
    ///
    /// **Default: none.** If the name is that of another member, such as `access_token`, the
    /// value replaces it.
    ///
    /// RFC 6749 §8.2.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Converts this into an HTTP response with the status 200.
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

/// Shows only the names of the members, since most of the values are secrets.
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
        let shown = format!("{response:?}");
        assert!(shown.contains("refresh_token"), "{shown}");
        assert!(!shown.contains("tGzv3JOkF0XG5Qx2TlKWIA"), "{shown}");

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

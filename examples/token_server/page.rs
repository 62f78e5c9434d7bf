//! The pages of `GET /authorize`, if the request must not be redirected.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// How many characters of the text are shown. Strangers write documents, and texts quote them.
const LIMIT: usize = 2000;
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// Plain text for whoever develops the client.
pub(crate) struct Page {
    status: StatusCode,
    text: String,
}

impl Page {
    pub(crate) fn new(status: StatusCode, text: &str) -> Self {
        let plain = |char: char| char == '\n' || !char.is_control();
        let text = text.chars().filter(|char| plain(*char)).take(LIMIT);
        Self {
            status,
            text: text.collect(),
        }
    }

    /// There is no redirect URI that is known to belong to the client.
    pub(crate) fn no_target() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "This request names no client and redirect URI that are registered together, \
             or the URI is neither https nor on the user's own machine.\n",
        )
    }

    /// The same request may get a redirect later.
    pub(crate) fn later(text: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, text)
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers = [
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        let mut response = (self.status, headers, self.text).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

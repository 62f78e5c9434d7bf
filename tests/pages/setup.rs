//! The pages that the tests ask for, and what came.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use tower_token_endpoint::{ErrorCode, rejection::pages::ErrorPages};

pub(crate) const ISSUER: &str = "https://as.example.com";

pub(crate) fn pages() -> ErrorPages {
    ErrorPages::new(ISSUER).contact("mailto:help@as.example.com")
}

pub(crate) fn path_of(code: ErrorCode) -> String {
    format!("/errors/{code}")
}

/// One of each kind of page, and every code.
pub(crate) fn all_paths() -> Vec<String> {
    let others = [
        "/errors/",
        "/errors/?q=0190-trace.ID_1",
        "/errors/?q=secret",
        "/errors/?q=two+words",
        "/errors/unknown",
    ];
    let codes = ErrorCode::ALL.iter().map(|&code| path_of(code));
    others.map(str::to_owned).into_iter().chain(codes).collect()
}

/// A response whose body was read.
pub(crate) struct Served {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Served {
    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        let values: Vec<_> = self.headers.get_all(&name).iter().collect();
        assert_eq!(values.len(), 1, "{name}: {values:?}");
        values[0].to_str().expect("a text")
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header(header::CONTENT_TYPE), "application/json");
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

pub(crate) async fn send(pages: ErrorPages, method: Method, path: &str, accept: &str) -> Served {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::ACCEPT, accept)
        .body(())
        .expect("a request");
    let Ok(response) = pages.oneshot(request).await;
    let (parts, body) = response.into_parts();
    let Ok(body) = body.collect().await;
    Served {
        status: parts.status,
        headers: parts.headers,
        body: body.to_bytes(),
    }
}

pub(crate) async fn html(path: &str) -> Served {
    send(pages(), Method::GET, path, "text/html").await
}

pub(crate) async fn json(path: &str) -> Served {
    send(pages(), Method::GET, path, "application/json").await
}

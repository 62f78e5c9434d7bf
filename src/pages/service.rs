//! The service that serves the pages.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use tower::Service;

use super::{accept::Format, body::PageBody, html, json, route::Page, site::Site};

/// Service with a page for each [`ErrorCode`](crate::ErrorCode), and an index of them.
///
/// A value is the service, and the builder of it: the methods set what the pages say. The module has
/// an [example](crate::rejection::pages#example).
///
/// | request | response |
/// |---|---|
/// | `GET {base}/` | the index |
/// | `GET {base}/?q=…` | 303 to the page of a code or to the place of a reason; a page for a trace id; or 404 |
/// | `GET {base}/{code}` | the page of the code |
/// | `GET` of anything else | 404 |
/// | any other method | 405 |
///
/// `HEAD` gets the head of the same response. If `Accept` prefers `application/json`, the page is JSON.
#[derive(Clone, Debug)]
#[must_use = "the pages do nothing until they are served"]
pub struct ErrorPages {
    site: Arc<Site>,
}

impl ErrorPages {
    /// Makes the pages of the server with this issuer. The pages show it as the name of the server.
    pub fn new(issuer: impl Into<String>) -> Self {
        Self {
            site: Arc::new(Site::new(issuer.into())),
        }
    }

    /// Sets the path of the index, as a browser sees it. The pages are below it.
    ///
    /// **Default: `/errors`.**
    ///
    /// The links of the pages have this path. The service itself accepts a path with or without this
    /// prefix, or with the end of it. So it can be behind a router or a proxy that takes a prefix away,
    /// such as axum's `nest_service`. Characters that a URI cannot have are percent-encoded. A query is
    /// not part of a path: `?` and `#` are left out.
    pub fn base_path(mut self, path: impl AsRef<str>) -> Self {
        self.site_mut().set_base(path.as_ref());
        self
    }

    /// Sets the URL of the token endpoint, which the example requests show.
    ///
    /// **Default: the issuer, followed by `/token`.**
    pub fn token_endpoint(mut self, url: impl Into<String>) -> Self {
        self.site_mut().token_endpoint = Some(url.into());
        self
    }

    /// Sets how to reach the operator. It is shown on every page.
    ///
    /// **Default: none.** A URL that starts with `https:` or `mailto:` becomes a link. Any other text
    /// is shown as it is.
    pub fn contact(mut self, contact: impl Into<String>) -> Self {
        self.site_mut().contact = Some(contact.into());
        self
    }

    fn site_mut(&mut self) -> &mut Site {
        Arc::make_mut(&mut self.site)
    }

    fn respond<B>(&self, request: &Request<B>) -> Response<PageBody> {
        let site = &*self.site;
        let format = Format::accepted_by(request.headers());
        let is_head = request.method() == Method::HEAD;
        if !is_head && request.method() != Method::GET {
            let body = match format {
                Format::Html => html::wrong_method(site),
                Format::Json => json::wrong_method(site).to_string(),
            };
            let mut response = respond(StatusCode::METHOD_NOT_ALLOWED, format, body, false);
            let allowed = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(header::ALLOW, allowed);
            return response;
        }

        let page = Page::at(site, request.uri().path(), request.uri().query());
        let status = match page {
            Page::Index | Page::Code(_) | Page::TraceId(_) => StatusCode::OK,
            Page::Elsewhere(_) => StatusCode::SEE_OTHER,
            Page::Nothing(_) | Page::NotFound => StatusCode::NOT_FOUND,
        };
        let body = match format {
            Format::Html => html::page(site, &page),
            Format::Json => json::page(site, &page).to_string(),
        };
        let mut response = respond(status, format, body, is_head);
        let headers = response.headers_mut();
        match &page {
            // What is the same for everybody.
            Page::Index | Page::Code(_) => {
                let an_hour = HeaderValue::from_static("public, max-age=3600");
                headers.insert(header::CACHE_CONTROL, an_hour);
            }
            Page::Elsewhere(place) => {
                // A place is made of the base path and names, which a header can have.
                if let Ok(place) = HeaderValue::from_str(place) {
                    headers.insert(header::LOCATION, place);
                }
            }
            Page::TraceId(_) | Page::Nothing(_) | Page::NotFound => {}
        }
        response
    }
}

/// A response that is not cached.
fn respond(status: StatusCode, format: Format, body: String, is_head: bool) -> Response<PageBody> {
    let content_type = match format {
        Format::Html => "text/html; charset=utf-8",
        Format::Json => "application/json",
    };
    let length = body.len();
    // No body (RFC 9110 §9.3.2), but the length that it would have (§8.6).
    let body = if is_head {
        PageBody::default()
    } else {
        PageBody::new(body)
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        html::CONTENT_SECURITY_POLICY.clone(),
    );
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::VARY, "Accept"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_LENGTH, length.into());
    response
}

impl<B> Service<Request<B>> for ErrorPages {
    type Response = Response<PageBody>;
    type Error = Infallible;
    type Future = Ready<Result<Response<PageBody>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.respond(&request)))
    }
}

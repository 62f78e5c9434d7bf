//! Pages about the error codes, for whoever gets one of them (feature `pages`).
//!
//! An error response can have an address in
//! [`error_uri`](crate::layer::TokenEndpointLayerBuilder::error_uri), which a developer opens in a browser.
//! [`ErrorPages`] is what is there: a page for each [`ErrorCode`](crate::ErrorCode), with every cause
//! that there is, what to do about it, and a request as it should look. A cause is a
//! [`RejectionReason`](crate::rejection::RejectionReason), with the name that it has in the log.
//!
//! 1. A page is for everybody, so it tells nobody which cause theirs is. The page of `invalid_client`
//!    lists all of them.
//! 2. The look-up field takes a code, a reason or a trace id. The service knows no requests: the page of
//!    a trace id is the same, whether or not the id exists. A text that is like a name also gets the
//!    names that are like it.
//! 3. The pages have no script and load nothing. `Content-Security-Policy` allows their style by its
//!    hash, their form, and nothing else. What comes from a request is bounded, and is escaped.
//! 4. The texts come from the enums of the codes and the reasons. A code or a reason without its text does
//!    not compile.
//!
//! # Example
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::Router;
//! use tower_token_endpoint::{
//!     MemoryClientStore, TokenEndpointLayer, rejection::pages::ErrorPages,
//! };
//!
//! # let clients = MemoryClientStore::from_json(b"[]")?;
//! let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
//!     .path("/token")
//!     .error_uri_base("https://as.example.com/errors") // each error leads to its page
//!     .build()?;
//! let pages = ErrorPages::new("https://as.example.com").contact("mailto:help@as.example.com");
//! let app: Router = Router::new().nest_service("/errors", pages).layer(layer);
//! # }
//! # Ok::<_, tower_token_endpoint::BoxError>(())
//! ```
//!
//! If the pages are not at `/errors`, also call [`base_path`](ErrorPages::base_path).
//!
//! Without axum, it is a tower service like any other:
//!
//! ```
//! use http::Request;
//! use tower::ServiceExt;
//! use tower_token_endpoint::rejection::pages::ErrorPages;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let pages = ErrorPages::new("https://as.example.com");
//! let request = Request::get("/errors/invalid_client")
//!     .header("accept", "application/json")
//!     .body(())?;
//! let response = pages.oneshot(request).await?;
//!
//! assert_eq!(response.status(), 200);
//! assert_eq!(response.headers()["content-type"], "application/json");
//! # Ok(())
//! # }
//! ```
//!
//! # JSON
//!
//! If `Accept` prefers `application/json` to `text/html`, a page of a code is an object with these
//! members. Text between backticks is code.
//!
//! | member | value |
//! |---|---|
//! | `code`, `status`, `title`, `meaning` | the code, its usual status, and what it says |
//! | `sent_by` | `layer`, or `service` if only the service behind the layer sends the code |
//! | `client`, `operator` | what to do, for the client's developer and for the operator |
//! | `causes` | an array: `reason`, `status`, `step`, `meaning`, `tell` (how to tell it apart), `client`, `operator`, `rfc`, `url` |
//! | `requests` | an array: `caption`, `curl` |
//! | `rfc` | an array: `section`, `url` |
//! | `issuer`, `contact`, `url` | the server, how to reach its operator (or `null`), and the path of this page |
//!
//! The index has `issuer`, `contact` and `codes`, an array of `code`, `status`, `title`, `reasons` and
//! `url`.

pub use crate::pages::{body::PageBody, service::ErrorPages};

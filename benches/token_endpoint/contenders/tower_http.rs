//! A layer of tower-http that does next to nothing.

use std::future::{Ready, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower_http::auth::AsyncAuthorizeRequest;

/// The cheapest use that tower-http's asynchronous authorization layer has: every request passes
/// and the answer is there at once.
#[derive(Clone, Copy)]
pub(crate) struct PassAll;

impl<B> AsyncAuthorizeRequest<B> for PassAll {
    type RequestBody = B;
    type ResponseBody = Full<Bytes>;
    type Future = Ready<Result<Request<B>, Response<Self::ResponseBody>>>;

    fn authorize(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(request))
    }
}

//! One request, and its response of limited size.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt as _, Empty};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connect, HttpConnector, proxy::Tunnel},
    },
    rt::TokioExecutor,
};
use rustls::ClientConfig;

use super::{cache_control, error::Cause, internal::Proxy, resolve::Addresses, target::Target};
use crate::{error::BoxError, store::jwks::FetchedKeys};

/// For the head of the response.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// How to fetch.
pub(super) struct Limits {
    pub(super) connect_timeout: Duration,
    pub(super) max_bytes: usize,
}

/// Fetches from one of these addresses.
pub(super) async fn direct(
    target: &Target,
    addresses: Addresses,
    tls: &Arc<ClientConfig>,
    limits: &Limits,
) -> Result<FetchedKeys, Cause> {
    fetch(target, tcp(addresses, limits), tls, limits).await
}

/// Fetches through a tunnel of the proxy, which has one of these addresses.
pub(super) async fn tunnelled(
    target: &Target,
    proxy: &Proxy,
    addresses: Addresses,
    tls: &Arc<ClientConfig>,
    limits: &Limits,
) -> Result<FetchedKeys, Cause> {
    let mut tunnel = Tunnel::new(proxy.uri.clone(), tcp(addresses, limits));
    if let Some(authorization) = &proxy.authorization {
        tunnel = tunnel.with_auth(authorization.clone());
    }
    fetch(target, tunnel, tls, limits).await
}

fn tcp(addresses: Addresses, limits: &Limits) -> HttpConnector<Addresses> {
    let mut tcp = HttpConnector::new_with_resolver(addresses);
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(limits.connect_timeout));
    tcp
}

/// Follows no redirect and reads no variable for a proxy: this HTTP client can do
/// neither.
async fn fetch<C>(
    target: &Target,
    connector: C,
    tls: &Arc<ClientConfig>,
    limits: &Limits,
) -> Result<FetchedKeys, Cause>
where
    HttpsConnector<C>: Connect + Clone + Send + Sync + 'static,
{
    let connector = HttpsConnector::from((connector, Arc::clone(tls)));
    // A new client for each request: an old connection was checked long ago.
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .retry_canceled_requests(false)
        .http1_max_buf_size(MAX_HEAD_BYTES)
        .build(connector);

    let answer = client
        .request(request(target))
        .await
        .map_err(Cause::Request)?;
    read(answer, limits.max_bytes).await
}

fn request(target: &Target) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = target.uri().clone();
    let fields = [
        // RFC 7517 §8.5
        (header::ACCEPT, "application/jwk-set+json, application/json"),
        (header::ACCEPT_ENCODING, "identity"),
        (header::CONNECTION, "close"),
        (
            header::USER_AGENT,
            concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
        ),
    ];
    for (name, value) in fields {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    request
}

async fn read<B>(response: Response<B>, max_bytes: usize) -> Result<FetchedKeys, Cause>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    let (head, mut body) = response.into_parts();
    let with_age = |keys: FetchedKeys| match cache_control::freshness(&head.headers) {
        Some(max_age) => keys.max_age(max_age),
        None => keys,
    };
    match head.status {
        StatusCode::OK => {}
        // The source is up, and says that it has no set. The body is for people.
        StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(with_age(FetchedKeys::gone())),
        status => return Err(Cause::Status(status)),
    }
    if head.headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Cause::Encoded);
    }
    // `Content-Length`, before anything is read.
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(Cause::TooLong(max_bytes));
    }
    // Copied, since a slice would keep the whole buffer that it was read into.
    let mut json = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Cause::Cut(error.into()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.len() > max_bytes - json.len() {
            return Err(Cause::TooLong(max_bytes));
        }
        json.extend_from_slice(&data);
    }
    Ok(with_age(FetchedKeys::new(json)))
}

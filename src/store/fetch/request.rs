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

use super::{
    cache_control,
    error::Cause,
    internal::Proxy,
    resolve::Addresses,
    target::Target,
    wanted::{Content, Fetched, Wanted},
};
use crate::error::BoxError;

/// For the head of the response.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Connects to one of these addresses.
pub(super) fn direct(addresses: Addresses, connect_timeout: Duration) -> HttpConnector<Addresses> {
    let mut tcp = HttpConnector::new_with_resolver(addresses);
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(connect_timeout));
    tcp
}

/// Connects through a tunnel of the proxy, which has one of these addresses.
pub(super) fn tunnelled(
    proxy: &Proxy,
    addresses: Addresses,
    connect_timeout: Duration,
) -> Tunnel<HttpConnector<Addresses>> {
    let tunnel = Tunnel::new(proxy.uri.clone(), direct(addresses, connect_timeout));
    match &proxy.authorization {
        Some(authorization) => tunnel.with_auth(authorization.clone()),
        None => tunnel,
    }
}

/// Follows no redirect and reads no variable for a proxy: this HTTP client can do
/// neither.
pub(super) async fn get<C>(
    target: &Target,
    connector: C,
    tls: &Arc<ClientConfig>,
    wanted: &Wanted,
) -> Result<Fetched, Cause>
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
        .request(request(target, wanted))
        .await
        .map_err(Cause::Request)?;
    read(answer, wanted).await
}

fn request(target: &Target, wanted: &Wanted) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = target.uri().clone();
    let fields = [
        (header::ACCEPT, wanted.accept),
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

async fn read<B>(response: Response<B>, wanted: &Wanted) -> Result<Fetched, Cause>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    let (mut head, mut body) = response.into_parts();
    let fresh_for = cache_control::freshness(&head.headers);
    if wanted.gone.contains(&head.status) {
        // The body is for people.
        return Ok(Fetched::Gone { fresh_for });
    }
    if head.status != StatusCode::OK {
        return Err(Cause::Status(head.status));
    }
    // What hyper does not decode would be read as it is.
    let mut codings = head.headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_coded = codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
    if is_coded || head.headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Cause::Encoded);
    }
    let max_bytes = wanted.max_bytes;
    // `Content-Length`, before anything is read.
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(Cause::TooLong(max_bytes));
    }
    // Copied, since a slice would keep the whole buffer that it was read into.
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Cause::Cut(error.into()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.len() > max_bytes - bytes.len() {
            return Err(Cause::TooLong(max_bytes));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Fetched::Content(Content {
        content_type: head.headers.remove(header::CONTENT_TYPE),
        body: bytes,
        fresh_for,
    }))
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;
    use crate::store::fetch::wanted::Subject;

    const WANTED: Wanted = Wanted {
        accept: "application/json",
        gone: &[StatusCode::GONE],
        max_bytes: 2,
        subject: &Subject {
            member: "client_id",
            content: "client metadata document",
        },
    };

    async fn read(status: u16, headers: &[(&'static str, &'static str)]) -> Result<Fetched, Cause> {
        let mut response = Response::new(Full::from("{}"));
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        for &(name, value) in headers {
            let value = HeaderValue::from_static(value);
            response.headers_mut().append(name, value);
        }
        super::read(response, &WANTED).await
    }

    #[tokio::test]
    async fn the_type_of_the_content_comes_as_it_was_sent() {
        for (sent, wanted) in [
            (&[][..], None),
            (&[("content-type", "Text/HTML; a")], Some("Text/HTML; a")),
        ] {
            let Ok(Fetched::Content(content)) = read(200, sent).await else {
                panic!("{sent:?}");
            };
            assert_eq!(content.body, b"{}", "{sent:?}");
            let content_type = content.content_type;
            let content_type = content_type.as_ref().and_then(|it| it.to_str().ok());
            assert_eq!(content_type, wanted, "{sent:?}");
        }
    }

    #[tokio::test]
    async fn the_user_says_which_statuses_mean_that_there_is_nothing() {
        let gone = read(410, &[("cache-control", "max-age=90")]).await;
        let Ok(Fetched::Gone { fresh_for }) = gone else {
            panic!("{gone:?}");
        };
        assert_eq!(fresh_for, Some(Duration::from_secs(90)));
        for (status, wanted) in [
            (404, "404 instead of 200"),
            (301, "use the URI of the client metadata document itself"),
        ] {
            let failed = read(status, &[]).await.expect_err(wanted);
            let error = failed.at("client.example", WANTED.subject);
            assert!(!error.is_refused(), "{error}");
            let text = error.to_string();
            assert!(
                text.starts_with(r#"`client_id` at "client.example": "#),
                "{text}"
            );
            assert!(text.ends_with(wanted), "{text}");
        }
    }
}

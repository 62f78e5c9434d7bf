//! A reverse proxy with the layer, in front of an authorization server that somebody else wrote. The
//! proxy authenticates the clients, and tells the upstream server which client it was. So the upstream
//! server needs no secret of any client.
//!
//! ```text
//! echo '[{"client_id": "demo", "client_secret": "demo-secret", "grant_types": ["client_credentials"]}]' > clients.json
//! export PROXY_SECRET=$(openssl rand -hex 32)
//! pip install authlib flask
//! python3 examples/proxy/upstream.py 8080 &
//! cargo run --example proxy -- --upstream http://127.0.0.1:8080 --clients clients.json &
//! curl -u demo:demo-secret -d grant_type=client_credentials http://127.0.0.1:3000/token
//! ```
//!
//! | request | what reaches the upstream server |
//! |---|---|
//! | one that the layer accepted | a new form of the checked parameters, with the `client_id` and without credentials; few headers; `x-verified-client`, `x-verified-method` and `x-proxy-proof` |
//! | one that the layer refused | nothing |
//! | a path of `--pass` | the request, without headers that the proxy sets or that name another path or method |
//! | a CORS preflight (`OPTIONS`) of `/token`, if `--pass` lists it | the same |
//! | any other path, so also another spelling of `/token` | nothing: 404 |
//!
//! The upstream server must accept `x-verified-client` only if `x-proxy-proof` is right: see
//! `proxy/upstream.py`. Nobody but the proxy should be able to connect to it. If the way to it is a
//! network that others can read, use `--sign`, or a TLS tunnel, since codes and tokens are also readable.

#[path = "proxy/headers.rs"]
mod headers;
#[path = "proxy/options.rs"]
mod options;
mod serve;

use std::{
    convert::Infallible,
    env, fs,
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_lc_rs::hmac;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri, header, request::Parts,
    uri::Authority,
};
use http_body_util::{BodyExt as _, Full, Limited, combinators::UnsyncBoxBody};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;
use tower::{ServiceBuilder, service_fn};
use tower_token_endpoint::{
    BoxError, Endpoint, ErrorCode, MemoryClientStore, TokenEndpointLayer, TokenError,
    jwks::HttpJwksSource, replay::MemoryReplayStore, request::AuthenticatedRequest,
};

use crate::{
    headers::{is_forged, is_json, join_cookies, remove_hop_by_hop},
    options::{Options, USAGE},
};

/// How long the upstream server may take to accept a connection.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);
/// How long it may take to respond. For an endpoint of the layer, that is with the body.
const DEADLINE: Duration = Duration::from_secs(15);
/// How large a response of an endpoint of the layer may be, in bytes.
const RESPONSE_LIMIT: usize = 1024 * 1024;
/// Less than most servers keep an idle connection open, so that a request does not meet its end.
const IDLE: Duration = Duration::from_secs(3);
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The headers of an accepted request that are passed on.
const CHECKED: [&str; 8] = [
    "accept",
    "accept-language",
    "dpop",
    "origin",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-request-id",
];

type Body = UnsyncBoxBody<Bytes, BoxError>;

#[tokio::main]
async fn main() -> ExitCode {
    // Log lines go to stderr.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("proxy: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<(), BoxError> {
    let Some(options) = Options::parse(env::args().skip(1))? else {
        print!("{USAGE}");
        return Ok(());
    };
    let clients = fs::read(&options.clients)
        .map_err(|error| format!("--clients {:?}: {error}", options.clients))?;
    let clients = MemoryClientStore::from_json(&clients)?;
    let listener = serve::listen(&options.listen)
        .await
        .map_err(|error| format!("--listen {:?}: {error}", options.listen))?;
    let base = format!("http://{}", listener.local_addr()?);

    let issuer = options.issuer.as_ref().unwrap_or(&base);
    let [token, introspection, revocation] = &options.endpoints;
    let token = TokenEndpointLayer::builder(clients, issuer)
        .path(token)
        .client_assertions(MemoryReplayStore::new())
        .jwks_source(HttpJwksSource::new()?)
        .build()?;
    let introspection = token.for_endpoint(Endpoint::Introspection, introspection)?;
    let revocation = token.for_endpoint(Endpoint::Revocation, revocation)?;
    let proxy = Arc::new(Proxy::new(&issuer.parse()?, options)?);
    let service = ServiceBuilder::new()
        .layer(token)
        .layer(introspection)
        .layer(revocation)
        .service(service_fn(move |request| {
            answer(Arc::clone(&proxy), request)
        }));

    let told_to_end = serve::signals()?;
    println!("listening on {base}");
    serve::serve(listener, service, told_to_end).await;
    Ok(())
}

/// Gets the requests that a layer accepted, and those that none of them is for.
async fn answer<B>(proxy: Arc<Proxy>, request: Request<B>) -> Result<Response<Body>, Infallible>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let (head, body) = request.into_parts();
    let response = match AuthenticatedRequest::from_extensions(&head.extensions) {
        Some(accepted) => proxy.send_checked(accepted, &head).await,
        None if proxy.passes(head.uri.path()) => proxy.pass(head, body).await,
        None => {
            let error = TokenError::new(ErrorCode::InvalidRequest).status(StatusCode::NOT_FOUND);
            return Ok(own_response(error.description("this path does not exist")));
        }
    };
    Ok(response.unwrap_or_else(|reason| {
        tracing::error!(reason, "the upstream server did not serve a request");
        let error = TokenError::new(ErrorCode::TemporarilyUnavailable).retry_after(RETRY_AFTER);
        own_response(error.description("the server is not available: try again later"))
    }))
}

struct Proxy {
    upstream: Authority,
    /// What clients see, as the values of `Host` and `X-Forwarded-Proto`.
    host: HeaderValue,
    scheme: HeaderValue,
    client: Client<HttpConnector, Body>,
    pass: Vec<String>,
    header: HeaderName,
    secret: String,
    sign: bool,
}

impl Proxy {
    fn new(issuer: &Uri, options: Options) -> Result<Self, BoxError> {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_DEADLINE));
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        let host = issuer.authority().map_or("", Authority::as_str);
        Ok(Self {
            upstream: options.upstream,
            host: HeaderValue::from_str(host)?,
            scheme: HeaderValue::from_str(issuer.scheme_str().unwrap_or("https"))?,
            client,
            pass: options.pass,
            header: options.header,
            secret: options.secret,
            sign: options.sign,
        })
    }

    /// Byte for byte, since the upstream server may read `/Token`, `//token` or `/x/../token` as `/token`.
    fn passes(&self, path: &str) -> bool {
        let passes = |listed: &String| {
            let below = path.strip_prefix(listed).filter(|_| listed.ends_with('/'));
            path == listed || below.is_some_and(is_plain)
        };
        self.pass.iter().any(passes)
    }

    /// Sends a new request. Of the one that came, it has a few headers, and not the query.
    async fn send_checked(
        &self,
        accepted: &AuthenticatedRequest,
        head: &Parts,
    ) -> Result<Response<Body>, String> {
        let form = form(accepted);
        let client_id: String =
            form_urlencoded::byte_serialize(accepted.client().client_id().as_bytes()).collect();
        let path = head.uri.path();
        let method = accepted.method().as_str();
        let mut headers = HeaderMap::new();
        for name in CHECKED.map(HeaderName::from_static) {
            if let Some(value) = head.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        let content_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, content_type);
        let proof = match self.sign {
            true => self.signature(&[path, &client_id, method, &form]),
            false => self.secret.clone(),
        };
        for (name, value) in [
            (HeaderName::from_static("x-verified-client"), client_id),
            (
                HeaderName::from_static("x-verified-method"),
                method.to_owned(),
            ),
            (self.header.clone(), proof),
        ] {
            let value = HeaderValue::try_from(value);
            let mut value = value.map_err(|error| error.to_string())?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let request = self.request(path, headers, head, boxed(Full::from(form)))?;

        let response = timeout(DEADLINE, async {
            let (head, body) = self.client.request(request).await?.into_parts();
            let body = Limited::new(body, RESPONSE_LIMIT).collect().await?;
            Ok::<_, BoxError>((head, boxed(Full::from(body.to_bytes()))))
        });
        let (mut head, body) = response
            .await
            .map_err(|late| late.to_string())?
            .map_err(|error| chain(&*error))?;
        remove_hop_by_hop(&mut head.headers);
        // The client sent the right secret. After a 401, it could throw its registration away.
        if head.status == StatusCode::UNAUTHORIZED
            || head.status.is_server_error() && !is_json(&head.headers)
        {
            return Err(head.status.to_string());
        }
        Ok(Response::from_parts(head, body))
    }

    /// `t=` the time, `v1=` the HMAC-SHA-256 over it and the lines.
    fn signature(&self, lines: &[&str]) -> String {
        let time = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let time = time.as_secs().to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let signed = format!("{time}\n{}", lines.join("\n"));
        let tag = hmac::sign(&key, signed.as_bytes());
        let hex: String = tag.as_ref().iter().map(|it| format!("{it:02x}")).collect();
        format!("t={time},v1={hex}")
    }

    async fn pass<B>(&self, mut head: Parts, body: B) -> Result<Response<Body>, String>
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let mut headers = std::mem::take(&mut head.headers);
        remove_hop_by_hop(&mut headers);
        let forged: Vec<_> = headers
            .keys()
            .filter(|name| is_forged(name) || **name == self.header)
            .cloned()
            .collect();
        for name in forged {
            headers.remove(name);
        }
        join_cookies(&mut headers)?;
        let path = head.uri.path_and_query().map_or("/", |it| it.as_str());
        let request = self.request(path, headers, &head, boxed(body))?;
        let response = timeout(DEADLINE, self.client.request(request));
        let response = response
            .await
            .map_err(|late| late.to_string())?
            .map_err(|error| chain(&error))?;
        let (mut head, body) = response.into_parts();
        remove_hop_by_hop(&mut head.headers);
        Ok(Response::from_parts(head, boxed(body)))
    }

    /// The upstream server sees the public address, whatever the `Host` of the client was.
    fn request(
        &self,
        path: &str,
        mut headers: HeaderMap,
        head: &Parts,
        body: Body,
    ) -> Result<Request<Body>, String> {
        headers.insert(header::HOST, self.host.clone());
        headers.insert("x-forwarded-host", self.host.clone());
        headers.insert("x-forwarded-proto", self.scheme.clone());
        if let Some(peer) = head.extensions.get::<SocketAddr>()
            && let Ok(peer) = HeaderValue::try_from(peer.ip().to_string())
        {
            headers.insert("x-forwarded-for", peer);
        }
        let uri = format!("http://{}{path}", self.upstream);
        let request = Request::builder().method(head.method.clone()).uri(uri);
        let mut request = request.body(body).map_err(|error| error.to_string())?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// Has only what the layer checked, in names that no server reads as another name: some read
/// `client.id` or `Client_Id` as `client_id`.
fn form(accepted: &AuthenticatedRequest) -> String {
    let is_plain = |name: &str| {
        let mut bytes = name.bytes();
        bytes.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"_-".contains(&it))
    };
    let parameters = accepted.parameters().iter();
    form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", accepted.client().client_id())
        .extend_pairs(parameters.filter(|(name, _)| *name != "client_id" && is_plain(name)))
        .finish()
}

/// Whether every server reads this end of a path in the same way.
fn is_plain(path: &str) -> bool {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-._~".contains(&it);
    path.split('/')
        .all(|segment| !["", ".", ".."].contains(&segment) && segment.bytes().all(is_plain))
}

fn own_response(error: TokenError) -> Response<Body> {
    error
        .into_http::<Bytes>()
        .map(|body| boxed(Full::from(body)))
}

fn boxed<B>(body: B) -> Body
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    body.map_err(Into::into).boxed_unsync()
}

/// The error with its causes.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

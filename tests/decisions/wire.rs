//! Every row over real connections: bare hyper and axum, HTTP/1.1 and HTTP/2.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::any;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, Version, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn;
use tower::util::MapResponseLayer;
use tower::{BoxError, ServiceBuilder, service_fn};
use tower_token_endpoint::TokenEndpointLayer;
use tower_token_endpoint::rejection::Rejection;

use crate::cast::Registry;
use crate::common::{Broken, Call, Exchange, ISSUED, http1, http2, listen, serve};
use crate::judge::judge;
use crate::row::Row;
use crate::tables;

#[tokio::test]
async fn every_row_holds_for_bare_hyper_over_http_1() {
    every_row_holds(Server::Hyper, Version::HTTP_11, 2).await;
}

#[tokio::test]
async fn every_row_holds_for_bare_hyper_over_http_2() {
    every_row_holds(Server::Hyper, Version::HTTP_2, 3).await;
}

#[tokio::test]
async fn every_row_holds_for_axum_over_http_1() {
    every_row_holds(Server::Axum, Version::HTTP_11, 2).await;
}

#[tokio::test]
async fn every_row_holds_for_axum_over_http_2() {
    every_row_holds(Server::Axum, Version::HTTP_2, 3).await;
}

/// Sends every row but those that cannot be, which must be so many.
async fn every_row_holds(server: Server, version: Version, not_sent: usize) {
    let mut broken = Broken::default();
    let mut unsendable = 0;
    for table in tables() {
        let mut wire = Wire::open(server, version, table.layer).await;
        for row in table.rows {
            if is_unsendable(&row.call, version) {
                unsendable += 1;
                continue;
            }
            let answer = wire.send(&row.call).await;
            if catch_unwind(AssertUnwindSafe(|| judge_answer(&row, answer))).is_err() {
                broken.add(row);
            }
        }
    }
    broken.assert_none();
    assert_eq!(unsendable, not_sent, "rows that were not sent");
}

/// Whether hyper cannot send this. Its client fails at a `Content-Length` that is not the body's.
/// Over HTTP/2, `OPTIONS *` would need a path.
fn is_unsendable(call: &Call, version: Version) -> bool {
    let length = call.headers.get(header::CONTENT_LENGTH);
    let lies = length.is_some_and(|length| *length != call.body.len().to_string());
    lies || (call.uri == "*" && version == Version::HTTP_2)
}

fn judge_answer(row: &Row, answer: hyper::Result<Exchange>) {
    let exchange = answer.unwrap_or_else(|error| panic!("no answer: {error:?}"));
    if row.call.method == Method::HEAD {
        // That of the answer to GET (RFC 9110 §8.6).
        let length = exchange.header(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.parse::<usize>().ok());
        assert!(length.is_some_and(|length| length > 0), "{length:?}");
    }
    judge(row, &exchange);
}

// ---- the server -----------------------------------------------------------------------------

#[derive(Clone, Copy)]
enum Server {
    Hyper,
    /// `axum::serve` around a `Router` that has the layer.
    Axum,
}

/// What the server saw of a request, and of its answer what is not sent.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Noted>>);

#[derive(Default)]
struct Noted {
    inner: Vec<Request<Bytes>>,
    rejection: Option<Rejection>,
}

impl Notes {
    /// The inner service.
    async fn issue<B>(self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(Into::into);
        let body = body.expect("a body that reads").to_bytes();
        let request = Request::from_parts(parts, body);
        self.0.lock().expect("no panic before").inner.push(request);
        Response::new(Full::from(ISSUED))
    }

    /// The layer outside.
    fn answer<B>(&self, response: Response<B>) -> Response<B> {
        let rejection = response.extensions().get().cloned();
        self.0.lock().expect("no panic before").rejection = rejection;
        response
    }

    fn take(&self) -> Noted {
        std::mem::take(&mut *self.0.lock().expect("no panic before"))
    }
}

async fn start(server: Server, layer: TokenEndpointLayer<Registry>, notes: &Notes) -> SocketAddr {
    let (inner, outer) = (notes.clone(), notes.clone());
    match server {
        Server::Hyper => {
            let service = ServiceBuilder::new()
                .map_response(move |response| outer.answer(response))
                .layer(layer)
                .service(service_fn(move |request| {
                    let answer = inner.clone().issue(request);
                    async { Ok::<_, Infallible>(answer.await) }
                }));
            serve(service).await
        }
        Server::Axum => {
            let issue = move |request: axum::extract::Request| inner.clone().issue(request);
            let app: Router = Router::new()
                .route("/token", any(issue.clone()))
                .fallback(issue)
                .layer(layer)
                .layer(MapResponseLayer::new(move |response| {
                    outer.answer::<axum::body::Body>(response)
                }));
            let (listener, address) = listen().await;
            tokio::spawn(async { axum::serve(listener, app).await });
            address
        }
    }
}

// ---- the client -----------------------------------------------------------------------------

/// A server with one table's layer, and a connection that is used as long as it is kept.
struct Wire {
    version: Version,
    address: SocketAddr,
    connection: Connection,
    notes: Notes,
}

enum Connection {
    Http1(conn::http1::SendRequest<Full<Bytes>>),
    Http2(conn::http2::SendRequest<Full<Bytes>>),
}

impl Wire {
    async fn open(server: Server, version: Version, layer: TokenEndpointLayer<Registry>) -> Self {
        let notes = Notes::default();
        let address = start(server, layer, &notes).await;
        Self {
            version,
            address,
            connection: Connection::open(address, version).await,
            notes,
        }
    }

    /// Sends the call, and undoes what the connection adds on both sides.
    async fn send(&mut self, call: &Call) -> hyper::Result<Exchange> {
        let response = match self.connection.send(call).await {
            Ok(response) => response,
            // The server closed the connection after the request before, whose body it refused
            // to read.
            Err(_) => {
                self.connection = Connection::open(self.address, self.version).await;
                self.connection.send(call).await?
            }
        };
        assert_eq!(response.version(), self.version);
        let (mut parts, body) = response.into_parts();
        let body = body.collect().await?;
        for name in [header::DATE, header::CONNECTION] {
            parts.headers.remove(name);
        }
        if call.method != Method::HEAD {
            parts.headers.remove(header::CONTENT_LENGTH);
        }
        let Noted { inner, rejection } = self.notes.take();
        if let Some(rejection) = rejection {
            parts.extensions.insert(rejection);
        }
        Ok(Exchange {
            response: Response::from_parts(parts, body.to_bytes()),
            inner: inner.into_iter().map(|seen| as_sent(seen, call)).collect(),
        })
    }
}

impl Connection {
    async fn open(address: SocketAddr, version: Version) -> Self {
        if version == Version::HTTP_2 {
            Self::Http2(http2(address).await)
        } else {
            Self::Http1(http1(address).await)
        }
    }

    async fn send(&mut self, call: &Call) -> hyper::Result<Response<Incoming>> {
        let mut request = call.request();
        match self {
            Self::Http1(sender) => {
                let host = HeaderValue::from_static(HOST);
                request.headers_mut().insert(header::HOST, host);
                sender.ready().await?;
                sender.send_request(request).await
            }
            Self::Http2(sender) => {
                if request.uri().authority().is_none() {
                    let uri = format!("http://{HOST}{}", call.uri);
                    *request.uri_mut() = uri.parse().expect("a URI");
                }
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }
}

const HOST: &str = "as.example.com";

/// What the inner service saw, less what the connection added to it.
fn as_sent(mut seen: Request<Bytes>, sent: &Call) -> Request<Bytes> {
    for name in [header::HOST, header::CONTENT_LENGTH] {
        if !sent.headers.contains_key(&name) {
            seen.headers_mut().remove(name);
        }
    }
    if sent.request().uri().authority().is_none() {
        let path = seen.uri().path_and_query().cloned();
        *seen.uri_mut() = path.expect("a path").into();
    }
    seen
}

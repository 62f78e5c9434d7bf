//! What the examples that listen have in common: a loop that accepts connections, over
//! HTTP/1.1 and HTTP/2.
//!
//! `axum::serve` would be shorter, but it waits for a request without a limit of time. A
//! stranger who opens connections and sends nothing then takes every file descriptor. And
//! clients that were there before wait behind all strangers who come at once (see `turns.rs`).

#![allow(dead_code, reason = "an example may serve over TLS only")]

mod turns;
mod write_deadline;

use std::{
    error::Error,
    io::{self, ErrorKind},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use http::{Extensions, HeaderValue, Request, Response, StatusCode, Version, header};
use http_body::Body;
use hyper::{
    body::Incoming,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream, lookup_host},
    sync::{Notify, watch},
    time::{Instant, sleep, timeout, timeout_at},
};
use tower::Service;

use turns::{Standing, Turns};
use write_deadline::WriteDeadline;

/// How long the header of a request may take, and what comes before it. The deadline of the layer covers
/// the body.
const HEADER_DEADLINE: Duration = Duration::from_secs(10);
/// How long a client may read nothing of what is written.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);
/// The longest header of a request over HTTP/2, in bytes. A certificate of 16 KiB in PEM, with its escapes, has about 25 KB.
const MAX_HEADER: u32 = 64 * 1024;
/// How long to wait after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(250);
/// How many connections may wait to be accepted. `TcpListener::bind` says 128: when more clients come at
/// once, the others try again after a second.
const BACKLOG: u32 = 4096;
/// How long requests in flight may take after the server was told to end.
const GRACE: Duration = Duration::from_secs(5);

/// Listens on the first of the addresses that can be bound.
pub(crate) async fn listen(address: &str) -> io::Result<TcpListener> {
    let mut failed = None;
    for address in lookup_host(address).await? {
        let listening = socket(address).and_then(|socket| socket.listen(BACKLOG));
        match listening {
            Ok(listener) => return Ok(listener),
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.unwrap_or_else(|| io::Error::other("the name has no address")))
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // As the standard library does: on Unix, a server that starts again need not wait a minute.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// What a connection does before HTTP begins.
pub(crate) trait Transport: Clone + Send + 'static {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Returns what HTTP is spoken on, and what every request gets into its extensions.
    fn accept(
        &self,
        stream: TcpStream,
    ) -> impl Future<Output = io::Result<(Self::Stream, Extensions)>> + Send;
}

/// HTTP begins at once.
#[derive(Clone)]
struct Plain;

impl Transport for Plain {
    type Stream = TcpStream;

    async fn accept(&self, stream: TcpStream) -> io::Result<(TcpStream, Extensions)> {
        Ok((stream, Extensions::new()))
    }
}

/// Serves plain HTTP until it is told to end. Then it waits for the requests in flight, for
/// [`GRACE`] at most.
pub(crate) async fn serve<S, B>(
    listener: TcpListener,
    service: S,
    told_to_end: impl Future<Output = ()>,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    serve_over(Plain, listener, service, told_to_end).await;
}

/// The same over another transport.
pub(crate) async fn serve_over<T, S, B>(
    transport: T,
    listener: TcpListener,
    service: S,
    told_to_end: impl Future<Output = ()>,
) where
    T: Transport,
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let connections = GracefulShutdown::new();
    let (ends, ending) = watch::channel(());
    let turns = Turns::new();
    let mut told_to_end = pin!(told_to_end);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut told_to_end => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let standing = Standing::default();
                let connection = connection(
                    transport.clone(),
                    stream,
                    peer,
                    service.clone(),
                    connections.watcher(),
                    ending.clone(),
                    standing.clone(),
                );
                turns.start(connection, standing);
            }
            // The client was faster to go away.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            // Mostly, the process has no file descriptor left. It gets some back when
            // connections end. Without a pause, this loop would take a whole processor.
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop((listener, ends));
    let _ = timeout(GRACE, connections.shutdown()).await;
}

/// Every request gets the address of the peer as an extension.
async fn connection<T, S, B>(
    transport: T,
    stream: TcpStream,
    peer: SocketAddr,
    service: S,
    watcher: Watcher,
    mut ending: watch::Receiver<()>,
    standing: Standing,
) where
    T: Transport,
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    // HTTP/2 writes header and body separately. With Nagle's algorithm, the body waits
    // for the client's delayed acknowledgement, which takes about 40 ms.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let deadline = Instant::now() + HEADER_DEADLINE;
    let accepted = timeout_at(deadline, transport.accept(stream));
    let accepted = tokio::select! {
        accepted = accepted => accepted,
        // A client without a handshake has no request in flight.
        _ = ending.changed() => return,
    };
    let (stream, extensions) = match accepted {
        Ok(Ok(accepted)) => accepted,
        Ok(Err(error)) => return tracing::debug!(%error, "handshake"),
        Err(_) => return tracing::debug!("connection without a handshake"),
    };
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_DEADLINE);
    // HTTP/2 has no such limit. But a client that is in the middle of a header cannot
    // respond to a ping.
    server
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(MAX_HEADER)
        .keep_alive_interval(HEADER_DEADLINE / 2)
        .keep_alive_timeout(HEADER_DEADLINE / 2);

    // Both begin only when hyper knows which version the client speaks, so the first
    // request has a deadline of its own.
    let arrived = Arc::new(Notify::new());
    let service = TowerToHyperService::new(service);
    let service = service_fn({
        let arrived = Arc::clone(&arrived);
        move |mut request: Request<Incoming>| {
            arrived.notify_one();
            request.extensions_mut().insert(peer);
            request.extensions_mut().extend(extensions.clone());
            let (standing, version) = (standing.clone(), request.version());
            let response = service.call(request);
            async move {
                let mut response = response.await?;
                standing.note(response.status());
                if is_refused_by_load(response.status()) && version <= Version::HTTP_11 {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(header::CONNECTION, close);
                }
                Ok::<_, S::Error>(response)
            }
        }
    });
    let stream = WriteDeadline::new(stream, WRITE_DEADLINE);
    let connection = server.serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        ended = watcher.watch(connection) => if let Err(error) = ended {
            tracing::debug!(error, "connection");
        },
        Err(_) = timeout_at(deadline, arrived.notified()) => {
            tracing::debug!("connection without a request");
        }
    }
}

/// Then the connection ends as well, since each costs about 20 KB.
fn is_refused_by_load(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    )
}

/// Resolves on Ctrl-C or SIGTERM. Both are caught from now on.
#[cfg(unix)]
pub(crate) fn signals() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    })
}

/// Resolves on Ctrl-C.
#[cfg(windows)]
pub(crate) fn signals() -> io::Result<impl Future<Output = ()>> {
    let mut ctrl_c = tokio::signal::windows::ctrl_c()?;
    Ok(async move { drop(ctrl_c.recv().await) })
}
